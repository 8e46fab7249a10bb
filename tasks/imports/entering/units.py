"""Enters the units of a ledger file, and finds them by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz, process
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.i18n import enumerated
from models.i18n import gettext as _
from models.ledger.organisation import Unit, UnitAlias
from models.office_files.cells import BadCell
from models.office_files.columns import UNIT_SHEET, simplified
from models.office_files.names.names import Piece, clean_name, name_key, pieces
from models.office_files.rows import LedgerFile, Problem, UnitRow
from tasks.database import coming_from, transaction
from tasks.imports.entering.cell_days import FileAge, keep_days_of, newer_cells

MAX_SUGGESTIONS, MIN_SCORE = 5, 50.0
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
