"""Enters the units, people, squads and investors a ledger file names, and finds them by name."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from rapidfuzz import fuzz, process
from sqlalchemy import func, literal, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from models.i18n import enumerated
from models.i18n import gettext as _
from models.ledger.organisation import Person, Squad, Unit, UnitAlias
from models.ledger.project import Investor
from models.office_files.cells import BadCell
from models.office_files.columns import PEOPLE_SHEET, UNIT_SHEET, simplified
from models.office_files.names.likeness import person_key
from models.office_files.names.names import Piece, clean_name, name_key, pieces
from models.office_files.rows import Effect, LedgerFile, PersonRow, Problem, UnitRow
from models.words import Role, UnitKind
from tasks.database import coming_from, transaction
from tasks.imports.entering.cell_days import Cell, FileAge, keep_days_of, newer_cells
from tasks.imports.entering.identify import MatchedProject

NEW_INVESTORS = text(
    "INSERT INTO investor (name, registered_in) "
    "SELECT * FROM unnest(CAST(:names AS text[]), CAST(:places AS text[])) "
    "ON CONFLICT (name) DO NOTHING RETURNING name, id"
)

MAX_SUGGESTIONS, MIN_SCORE = 5, 50.0
BETWEEN = "·"  # stands between a unit and its person; a person's name may hold it too
PERSON_CELLS = ("role", "channels", "looks_after")
PLACE = ("registered_in",)
NO_UNITS = "无"  # the inspector looks after no units of their own any more
NAMES_SHOWN = 30  # of more units only the most similar are listed


@dataclass(frozen=True)
class UnitBook:
    ids: Mapping[str, int]
    names: Sequence[str]  # without aliases
    changed: int = 0  # how many the file's own sheet has added or changed
    unknown: set[str] = field(default_factory=set)  # what was looked for in vain

    def find(self, cell: str) -> list[int]:
        """The units a cell names, the responsible one first.

        Raises:
            BadCell: if a unit is unknown; it lists the known ones.
        """
        units: dict[int, None] = {}
        for piece, is_quoted in [Piece(cell)] if self._id(clean_name(cell)) else pieces(cell):
            words = [piece] if is_quoted or self._id(clean_name(piece)) else piece.split()
            units |= dict.fromkeys(self._one(clean_name(word)) for word in words)
        if cell and not units:  # nothing but separators
            self._one(cell)
        return list(units)

    def _id(self, name: str) -> int | None:
        return self.ids.get(name) or self.ids.get(name_key(name))

    def _one(self, name: str) -> int:
        if known := self._id(name) or self._id(simplified(name)):
            return known
        near = process.extract(
            simplified(name), self.names, scorer=fuzz.ratio, limit=MAX_SUGGESTIONS, score_cutoff=MIN_SCORE
        )
        likely = [known for known, *_score in near]
        shown = likely if len(self.names) > NAMES_SHOWN else self.names
        self.unknown.add(name)
        raise BadCell(
            _(
                "The ledger knows no unit “%(name)s”; it knows %(names)s. Correct it, or add it: at the desk, or on a "
                "sheet called 单位 of this workbook, with the columns 名称, 类型 and 别名."
            )
            % {"name": name, "names": enumerated(shown) or "—"},
            suggestion=likely[0] if likely else "",
        )


def unit_names() -> set[str]:
    """The names of the ledger's units, aliases included."""
    with transaction() as session:
        return {*session.scalars(select(Unit.name)), *session.scalars(select(UnitAlias.name))}


def enter_units(session: Session, file: LedgerFile, problems: list[Problem], age: FileAge) -> UnitBook:
    aliases = dict(session.execute(select(UnitAlias.name, UnitAlias.unit_id)).all())
    rows = {row.name: row for row in file.units if row.name not in aliases}
    _leave_kinds(session, rows, age)
    former = dict(session.execute(select(Unit.name, Unit.kind)).all()) if rows else {}
    new = insert(Unit)
    update_kind = new.on_conflict_do_update(
        index_elements=[Unit.name], set_={"kind": new.excluded.kind}, where=Unit.kind != new.excluded.kind
    )
    with coming_from(session, f"{file.name} · {UNIT_SHEET}"):
        for is_given, statement in ((True, update_kind), (False, new.on_conflict_do_nothing())):
            values = [{"name": row.name, "kind": row.kind} for row in rows.values() if row.is_kind_given is is_given]
            if values:
                session.execute(statement, values)
        ids = dict(session.execute(select(Unit.name, Unit.id).order_by(Unit.id)).all())
        added = _enter_aliases(session, file, aliases | ids, problems)
    with_new_alias = {row.name for row in file.units if not added.keys().isdisjoint(row.aliases)}
    changed = with_new_alias.union(
        row.name
        for row in rows.values()
        if row.name not in former or (row.is_kind_given and row.kind is not former[row.name])
    )
    kinds = {ids[row.name]: ("kind",) for row in rows.values() if row.is_kind_given}
    keep_days_of(session, Unit.__tablename__, kinds, age.day)
    known = {clean_name(name): unit for name, unit in (aliases | ids | added).items()}
    return UnitBook({name_key(name): unit for name, unit in known.items()} | known, list(ids), len(changed))


def _leave_kinds(session: Session, rows: dict[str, UnitRow], age: FileAge) -> None:
    """Leave out kinds that a newer file gave."""
    if not age.is_late or not rows:
        return
    names = dict(session.execute(select(Unit.id, Unit.name).where(Unit.name.in_(rows))).all())
    for cell in newer_cells(session, Unit.__tablename__, names, ("kind",), age):
        rows[names[cell.row_id]] = replace(rows[names[cell.row_id]], is_kind_given=False)


def _enter_aliases(
    session: Session, file: LedgerFile, known: Mapping[str, int], problems: list[Problem]
) -> dict[str, int]:
    added: dict[str, int] = {}
    for row in file.units:
        for alias in row.aliases:
            owner = known.get(alias) or added.setdefault(alias, known[row.name])
            if owner != known[row.name]:
                reason = _("“%(name)s” is a name of another unit already: a name belongs to one unit.")
                header = file.header(UNIT_SHEET, "aliases", "别名")
                problems.append(Problem(UNIT_SHEET, row.number, header, alias, reason % {"name": alias}))
    if added:
        session.execute(insert(UnitAlias), [{"name": name, "unit_id": unit} for name, unit in added.items()])
    return added


def with_unit(unit: str, name: str) -> str:
    """A person's name with their unit, for names that could mean somebody else: 市商务局·张三."""
    return f"{unit}{BETWEEN}{name}"


class KnownPerson(NamedTuple):
    name: str
    person_id: int


class Roster:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._ids: dict[tuple[str, int], int] = {}
        self._above: dict[str, list[int]] = {}
        self._by_key: dict[tuple[str, int], list[KnownPerson]] = {}
        self._left_out: set[tuple[str, int]] = set()
        self._units = dict(session.execute(select(UnitAlias.name, UnitAlias.unit_id)).all())
        self._units |= dict(session.execute(select(Unit.name, Unit.id)).all())
        kinds = dict(session.execute(select(Unit.id, Unit.kind)).all())
        self._units_above = {unit_id for unit_id, kind in kinds.items() if kind is not UnitKind.COUNTY}
        for name, unit_id, person_id in session.execute(select(Person.name, Person.unit_id, Person.id)):
            self._add(name, unit_id, person_id)
            if unit_id in self._units_above:
                self._above.setdefault(name, []).append(person_id)

    def _add(self, name: str, unit_id: int, person_id: int) -> None:
        self._ids[name, unit_id] = person_id
        self._by_key.setdefault((person_key(name), unit_id), []).append(KnownPerson(name, person_id))

    def find(self, name: str, unit_id: int) -> int | None:
        """The person named `with_unit`, else the unit's, else the city's only one of that name.

        Nobody else has the name: one with a post, or in traditional characters, is the same.
        """
        if not name:
            return None
        person = self.placed(name, unit_id)
        above = self._above.get(name, []) if person == (name, unit_id) else []
        return self._ids.get(person) or (above[0] if len(above) == 1 else self._likened(*person))

    def _likened(self, name: str, unit_id: int) -> int | None:
        people = self._by_key.get((person_key(name), unit_id), [])
        return people[0].person_id if len(people) == 1 else None

    def known_name(self, name: str, unit_id: int) -> str:
        """The name by which the ledger knows a unit's person."""
        people = self._by_key.get((person_key(name), unit_id), [])
        return people[0].name if len(people) == 1 and (name, unit_id) not in self._ids else name

    def newcomers(self, people: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
        """Name and unit of those that the ledger does not have, each once."""
        new = (self.placed(name, unit) for name, unit in people if self.find(name, unit) is None)
        return list(dict.fromkeys(new))

    def names_by_unit(self) -> dict[int, list[str]]:
        names: dict[int, list[str]] = {}
        for name, unit_id in self._ids:
            names.setdefault(unit_id, []).append(name)
        return names

    def serves_every_county(self, unit_id: int) -> bool:
        return unit_id in self._units_above

    def leave_out(self, name: str, unit_id: int) -> None:
        """Enter nobody of that name."""
        self._left_out.add((name, unit_id))

    def placed(self, name: str, unit_id: int) -> tuple[str, int]:
        """A person's name and unit; a known name is not split."""
        if BETWEEN not in name or (name, unit_id) in self._ids or name in self._above:
            return name, unit_id
        words = name.split(BETWEEN)
        parts = ((BETWEEN.join(words[:at]), BETWEEN.join(words[at:])) for at in range(1, len(words)))
        of_units = ((own, self._units[unit]) for unit, own in parts if unit in self._units and own)
        return next(of_units, (name, unit_id))

    def enter(self, people: Iterable[tuple[str, int, Role]]) -> None:
        new: dict[tuple[str, int], tuple[str, Role]] = {}
        for name, unit, role in dict.fromkeys(people):  # each is named by many projects
            if self.find(name, unit) is None and (person := self.placed(name, unit)) not in self._left_out:
                key = person_key(person[0]), person[1]
                new[key] = new[key][0] if key in new else person[0], role
        if new:
            rows = [{"name": name, "unit_id": unit, "role": role} for (_key, unit), (name, role) in new.items()]
            added = self._session.execute(insert(Person).returning(Person.name, Person.unit_id, Person.id), rows)
            for name, unit_id, person_id in added:
                self._add(name, unit_id, person_id)


def enter_people(
    session: Session, file: LedgerFile, book: UnitBook, problems: list[Problem], age: FileAge
) -> tuple[Roster, int]:
    """Enter the sheet of people; what it gives of them replaces what the ledger has.

    Returns all people, and how many are new or have changed.
    """
    rows: dict[Placed, PersonRow] = {}
    roster = Roster(session)
    for row in file.people:
        try:
            unit_id = book.find(row.unit)[0]
            rows[roster.known_name(row.name, unit_id), unit_id] = row
        except BadCell as problem:
            header, why = file.header(PEOPLE_SHEET, "unit", "单位"), Effect.ROW_LEFT_OUT
            problems.append(Problem(PEOPLE_SHEET, row.number, header, row.unit, str(problem), why, problem.suggestion))
    if not rows:
        return roster, 0
    former, newer = _former_people(session), _newer_cells(session, rows, age)
    given = {place: _as_entered(row, former.get(place), newer.get(place, ())) for place, row in rows.items()}
    changed = {place: cells for place, cells in given.items() if former.get(place) != cells}
    problems += (
        _changed_channels(file, rows[place], former[place].channels)
        for place, cells in changed.items()
        if place in former and cells.channels != former[place].channels
    )
    with coming_from(session, f"{file.name} · {PEOPLE_SHEET}"):
        _enter_changed(session, changed)
        looked_after = {
            place: row
            for place, row in rows.items()
            if row.looks_after is not None and "looks_after" not in newer.get(place, ())
        }
        moved = _enter_looked_after(session, file, book, looked_after, problems)
    known = _known_people(session, rows)
    cells_given = {person.id: tuple(_cells_given(rows[place])) for place, person in known.items()}
    keep_days_of(session, Person.__tablename__, cells_given, age.day)
    return Roster(session), len(changed.keys() | moved)


Placed = tuple[str, int]  # a person's name, and the id of the unit


class PersonCells(NamedTuple):
    role: Role
    channels: list[str]


def _former_people(session: Session) -> dict[Placed, PersonCells]:
    people = select(Person.name, Person.unit_id, Person.role, Person.channels)
    return {(name, unit_id): PersonCells(role, channels) for name, unit_id, role, channels in session.execute(people)}


def _as_entered(row: PersonRow, former: PersonCells | None, newer: Collection[str]) -> PersonCells:
    """What the ledger will say of a person: an empty cell changes nothing, nor an older one."""
    cells = PersonCells(row.role, list(row.channels) or (former.channels if former else []))
    return cells._replace(**{name: getattr(former, name) for name in cells._fields if former and name in newer})


def _enter_changed(session: Session, changed: Mapping[Placed, PersonCells]) -> None:
    new = insert(Person)
    statement = new.on_conflict_do_update(
        index_elements=[Person.name, Person.unit_id],
        set_={"role": new.excluded.role, "channels": new.excluded.channels},
    )
    if changed:
        values = [{"name": name, "unit_id": unit, **cells._asdict()} for (name, unit), cells in changed.items()]
        session.execute(statement, values)


def _changed_channels(file: LedgerFile, row: PersonRow, former: Sequence[str]) -> Problem:
    reason = _("Notices to %(name)s now go by these channels; before, by %(former)s.")
    words = {"name": row.name, "former": enumerated(former) or _("the inbox alone")}
    header = file.header(PEOPLE_SHEET, "channels", "通知渠道")
    return Problem(PEOPLE_SHEET, row.number, header, enumerated(row.channels), reason % words, Effect.NOTE)


def _cells_given(row: PersonRow) -> Iterator[str]:
    yield "role"
    if row.channels:
        yield "channels"
    if row.looks_after is not None:
        yield "looks_after"


def _known_people(session: Session, places: Collection[Placed]) -> dict[Placed, Person]:
    named = select(Person).where(Person.name.in_({name for name, _unit in places}))
    people = session.scalars(named.execution_options(populate_existing=True))
    return {(person.name, person.unit_id): person for person in people if (person.name, person.unit_id) in places}


def _newer_cells(session: Session, places: Collection[Placed], age: FileAge) -> dict[Placed, set[str]]:
    """The cells of people that the ledger has from a newer file or from somebody."""
    known = {person.id: place for place, person in _known_people(session, places).items()} if age.is_late else {}
    newer: dict[Placed, set[str]] = {}
    for cell in newer_cells(session, Person.__tablename__, known, PERSON_CELLS, age):
        newer.setdefault(known[cell.row_id], set()).add(cell.column)
    return newer


def _enter_looked_after(
    session: Session, file: LedgerFile, book: UnitBook, rows: Mapping[Placed, PersonRow], problems: list[Problem]
) -> set[Placed]:
    """Enter the units that inspectors look after; returns whose have changed."""
    changed = set()
    for (name, unit), row in rows.items():
        units = _looked_after(file, book, row, problems)
        if units is not None:
            person = update(Person).where(Person.name == name, Person.unit_id == unit)
            others = person.where(Person.looks_after != literal(units, JSONB)).values(looks_after=units)
            if session.execute(others.returning(Person.id)).all():
                changed.add((name, unit))
    return changed


def _looked_after(file: LedgerFile, book: UnitBook, row: PersonRow, problems: list[Problem]) -> list[int] | None:
    """The units the cell names, but for unknown ones; None if nothing of it can be taken."""
    names, header = row.looks_after or (), file.header(PEOPLE_SHEET, "looks_after", "联系单位")
    if row.role is not Role.INSPECTOR:
        why = _("Only inspectors look after units: notices of their supervision go to them.")
        problems.append(Problem(PEOPLE_SHEET, row.number, header, enumerated(names), why, Effect.NOTE))
        return None
    if names == (NO_UNITS,):
        return []
    units: dict[int, None] = {}
    for name in names:
        try:
            units |= dict.fromkeys(book.find(name))
        except BadCell as problem:
            problems.append(
                Problem(PEOPLE_SHEET, row.number, header, name, str(problem), suggestion=problem.suggestion)
            )
    return sorted(units) or None


def enter_squads(session: Session, file: LedgerFile, matches: Iterable[MatchedProject]) -> dict[str, int]:
    """Enter the squads of the sheet and of the projects; returns all by name."""
    names = dict.fromkeys([*file.squads, *(match.row.squad for match in matches if match.row.squad)])
    if names:
        session.execute(insert(Squad).on_conflict_do_nothing(), [{"name": name} for name in names])
    return dict(session.execute(select(Squad.name, Squad.id)).all())


class Move(NamedTuple):
    """An investor's new place of registration, and the rows that give it."""

    investor_id: int
    place: str
    source: str


def enter_investors(
    session: Session, file: LedgerFile, matches: Iterable[MatchedProject], age: FileAge
) -> tuple[dict[str, int], list[Move]]:
    """Enter the projects' investors; returns them by name, and those registered elsewhere."""
    where: dict[str, MatchedProject] = {}
    places: dict[str, str] = {}
    for match in matches:
        row = match.row
        if row.investor and (row.registered_in or row.investor not in places):
            places[row.investor], where[row.investor] = row.registered_in, match
    known = _investors(session, places)
    new = {name: place for name, place in places.items() if name not in known}
    added = session.execute(NEW_INVESTORS, {"names": list(new), "places": list(new.values())})
    known |= {name: (number, new[name]) for name, number in added}
    known |= _investors(session, new.keys() - known.keys())  # a form has entered them at the same moment
    moved = [
        Move(known[name][0], place, f"{file.name} · {where[name].places()}")
        for name, place in places.items()
        if place and known[name][1] != place
    ]
    newer = newer_cells(session, Investor.__tablename__, [move.investor_id for move in moved], PLACE, age)
    by_id = {known[name][0]: match for name, match in where.items()} if newer else {}
    age.kept += [(by_id[cell.row_id].row, "registered_in", day) for cell, day in newer.items()]
    moved = [move for move in moved if Cell(move.investor_id, *PLACE) not in newer]
    given = {known[name][0]: PLACE for name, place in places.items() if place}
    keep_days_of(session, Investor.__tablename__, given, age.day)
    return {name: number for name, (number, _place) in known.items()}, sorted(moved)


def _investors(session: Session, names: Iterable[str]) -> dict[str, tuple[int, str]]:
    known = select(Investor.name, Investor.id, Investor.registered_in).where(Investor.name == func.any(list(names)))
    return {name: (number, place) for name, number, place in session.execute(known)}


def move_investors(session: Session, moved: Collection[Move]) -> set[int]:
    """Store places of registration; lock the projects first. Returns the investors' ids."""
    for move in moved:
        with coming_from(session, move.source):
            mine = update(Investor).where(Investor.id == move.investor_id)
            session.execute(mine.values(registered_in=move.place))
    return {move.investor_id for move in moved}
