"""Enters the units, people, squads and investors a ledger file names, and finds them by name."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rapidfuzz import fuzz, process
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.ledger.organisation import Person, Squad, Unit, UnitAlias
from models.ledger.project import Investor
from models.office_files.cells import BadCell
from models.office_files.columns import PEOPLE_SHEET, UNIT_SHEET, simplified
from models.office_files.names import Piece, clean_name, pieces
from models.office_files.rows import Effect, LedgerFile, PersonRow, Problem
from models.words import Role, UnitKind
from tasks.database import coming_from, transaction
from tasks.imports.entering.identify import MatchedProject

NEW_INVESTORS = text(
    "INSERT INTO investor (name, registered_in) "
    "SELECT * FROM unnest(CAST(:names AS text[]), CAST(:places AS text[])) "
    "ON CONFLICT (name) DO NOTHING RETURNING name, id"
)

MAX_SUGGESTIONS, MIN_SCORE = 5, 50.0
BETWEEN = "·"  # stands between a unit and its person; a person's name may hold it too
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
        for piece, is_quoted in [Piece(cell)] if clean_name(cell) in self.ids else pieces(cell):
            words = [piece] if is_quoted or clean_name(piece) in self.ids else piece.split()
            units |= dict.fromkeys(self._one(clean_name(word)) for word in words)
        if cell and not units:  # nothing but separators
            self._one(cell)
        return list(units)

    def _one(self, name: str) -> int:
        for known in (name, simplified(name)):
            if known in self.ids:
                return self.ids[known]
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
            % {"name": name, "names": ", ".join(shown) or "—"},
            suggestion=likely[0] if likely else "",
        )


def unit_names() -> set[str]:
    """The names of the ledger's units, aliases included."""
    with transaction() as session:
        return {*session.scalars(select(Unit.name)), *session.scalars(select(UnitAlias.name))}


def enter_units(session: Session, file: LedgerFile, problems: list[Problem]) -> UnitBook:
    aliases = dict(session.execute(select(UnitAlias.name, UnitAlias.unit_id)).all())
    rows = {row.name: row for row in file.units if row.name not in aliases}
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
    by_name = {clean_name(name): unit for name, unit in (aliases | ids | added).items()}
    return UnitBook(by_name, list(ids), len(changed))


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


class Roster:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._ids: dict[tuple[str, int], int] = {}
        self._above: dict[str, list[int]] = {}
        self._units = dict(session.execute(select(UnitAlias.name, UnitAlias.unit_id)).all())
        self._units |= dict(session.execute(select(Unit.name, Unit.id)).all())
        rows = select(Person.name, Person.unit_id, Person.id, Unit.kind).join(Unit, Person.unit_id == Unit.id)
        for name, unit_id, person_id, kind in session.execute(rows):
            self._ids[name, unit_id] = person_id
            if kind is not UnitKind.COUNTY:
                self._above.setdefault(name, []).append(person_id)

    def find(self, name: str, unit_id: int) -> int | None:
        """The person named `with_unit`, else the unit's, else the city's only one of that name."""
        person = self._placed(name, unit_id)
        above = self._above.get(name, []) if person == (name, unit_id) else []
        return self._ids.get(person) or (above[0] if len(above) == 1 else None)

    def _placed(self, name: str, unit_id: int) -> tuple[str, int]:
        """A person's name and unit; a known name is not split."""
        if BETWEEN not in name or (name, unit_id) in self._ids or name in self._above:
            return name, unit_id
        words = name.split(BETWEEN)
        parts = ((BETWEEN.join(words[:at]), BETWEEN.join(words[at:])) for at in range(1, len(words)))
        of_units = ((own, self._units[unit]) for unit, own in parts if unit in self._units and own)
        return next(of_units, (name, unit_id))

    def enter(self, people: Iterable[tuple[str, int, Role]]) -> None:
        new = {self._placed(name, unit): role for name, unit, role in people if self.find(name, unit) is None}
        if new:
            rows = [{"name": name, "unit_id": unit, "role": role} for (name, unit), role in new.items()]
            added = self._session.execute(insert(Person).returning(Person.name, Person.unit_id, Person.id), rows)
            self._ids |= {(name, unit_id): person_id for name, unit_id, person_id in added}


def enter_people(session: Session, file: LedgerFile, book: UnitBook, problems: list[Problem]) -> tuple[Roster, int]:
    """Enter the sheet of people; roles and channels it gives replace those of the ledger.

    Returns all people, and how many are new or have changed.
    """
    rows: dict[tuple[str, int], PersonRow] = {}
    for row in file.people:
        try:
            rows[row.name, book.find(row.unit)[0]] = row
        except BadCell as problem:
            header, why = file.header(PEOPLE_SHEET, "unit", "单位"), Effect.ROW_LEFT_OUT
            problems.append(Problem(PEOPLE_SHEET, row.number, header, row.unit, str(problem), why, problem.suggestion))
    former = _former_people(session) if rows else {}
    changed = {key: row for key, row in rows.items() if former.get(key) != _as_entered(row, former.get(key))}
    problems += (
        _changed_channels(file, row, former[key][1])
        for key, row in changed.items()
        if key in former and row.channels and list(row.channels) != former[key][1]
    )
    new = insert(Person)
    statement = new.on_conflict_do_update(
        index_elements=[Person.name, Person.unit_id],
        set_={"role": new.excluded.role, "channels": new.excluded.channels},
    )
    if changed:
        values = [
            dict(zip(("name", "unit_id", "role", "channels"), (*key, *_as_entered(row, former.get(key))), strict=True))
            for key, row in changed.items()
        ]
        with coming_from(session, f"{file.name} · {PEOPLE_SHEET}"):
            session.execute(statement, values)
    return Roster(session), len(changed)


RoleAndChannels = tuple[Role, list[str]]


def _former_people(session: Session) -> dict[tuple[str, int], RoleAndChannels]:
    people = select(Person.name, Person.unit_id, Person.role, Person.channels)
    return {(name, unit_id): (role, channels) for name, unit_id, role, channels in session.execute(people)}


def _as_entered(row: PersonRow, former: RoleAndChannels | None) -> RoleAndChannels:
    """What the ledger will say of a person; a row without channels leaves them as they are."""
    return row.role, list(row.channels) or (former[1] if former else [])


def _changed_channels(file: LedgerFile, row: PersonRow, former: Sequence[str]) -> Problem:
    reason = _("Notices to %(name)s now go by these channels; before, by %(former)s.")
    words = {"name": row.name, "former": "、".join(former) or _("the inbox alone")}
    header = file.header(PEOPLE_SHEET, "channels", "通知渠道")
    return Problem(PEOPLE_SHEET, row.number, header, "、".join(row.channels), reason % words, Effect.NOTE)


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
    session: Session, file: LedgerFile, matches: Iterable[MatchedProject]
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
