"""Names in full- or half-width forms become those the ledger has, or the first of the file."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.ledger.organisation import Squad, Unit, UnitAlias
from models.ledger.project import Investor, Project
from models.office_files.names.names import may_have_widths, name_key
from models.office_files.rows import LedgerFile, LedgerRow, Placed, UnitRow


class Spellings:
    """One spelling for each name: the ledger's own, else the first that was asked for."""

    def __init__(self, known: Iterable[tuple[str, object]] = ()) -> None:
        self._known = dict.fromkeys(known)
        self._first: dict[tuple[str, object], str] = {}
        for name, place in self._known:
            self._first.setdefault((name_key(name), place), name)

    def of(self, name: str, place: object = None) -> str:
        """The spelling of a name; `place` tells apart what has the same name elsewhere."""
        if not may_have_widths(name) or (name, place) in self._known:
            return name
        return self._first.setdefault((name_key(name), place), name)


def in_known_widths(session: Session, file: LedgerFile) -> LedgerFile:
    """The file with its investors, squads and units spelled as the ledger spells them."""
    investors = _spellings(session, Investor.name, (row.investor for row in file.rows))
    squads = _spellings(session, Squad.name, [*file.squads, *(row.squad for row in file.rows)])
    names = [name for row in file.units for name in (row.name, *row.aliases)]
    units, aliases = (_spellings(session, column, names) for column in (Unit.name, UnitAlias.name))

    def unit_row(row: UnitRow) -> UnitRow:
        return replace(row, name=units.of(row.name), aliases=tuple(map(aliases.of, row.aliases)))

    return replace(
        file,
        rows=tuple(_spelled(row, investor=investors.of(row.investor), squad=squads.of(row.squad)) for row in file.rows),
        squads=tuple(dict.fromkeys(map(squads.of, file.squads))),
        units=tuple(map(unit_row, file.units)),
    )


def in_known_names(session: Session, placed: Collection[Placed]) -> list[Placed]:
    """Rows with the names of their projects as the ledger spells them, by code, else by unit."""
    wanted = _foldable(row.name for row, _units in placed)
    if not wanted:
        return list(placed)
    known = select(Project.code, Project.name, Project.unit_id).where(_has_key(Project.name, wanted))
    projects = session.execute(known.order_by(Project.id)).all()
    by_code = {code: name for code, name, _unit in projects}
    by_unit = Spellings((name, unit) for _code, name, unit in projects)
    return [(_spelled(row, name=_name_of(row, units, by_code, by_unit)), units) for row, units in placed]


def _name_of(row: LedgerRow, units: Sequence[int], by_code: Mapping[str, str], by_unit: Spellings) -> str:
    name = by_code.get(row.code, "")
    if name and may_have_widths(row.name) and name_key(name) == name_key(row.name):
        return name
    return by_unit.of(row.name, units[0] if units else None)


def _spelled(row: LedgerRow, **names: str) -> LedgerRow:
    if all(getattr(row, field) == name for field, name in names.items()):
        return row
    spelled = copy(row)
    for field, name in names.items():
        setattr(spelled, field, name)
    return spelled


def _spellings(session: Session, column: InstrumentedAttribute[str], names: Iterable[str]) -> Spellings:
    wanted = _foldable(names)
    known = session.scalars(select(column).where(_has_key(column, wanted)).order_by(column)) if wanted else ()
    return Spellings((name, None) for name in known)


def _foldable(names: Iterable[str]) -> set[str]:
    """The keys of the names that can be written in another width, without spaces."""
    return {name_key(name).replace(" ", "") for name in names if may_have_widths(name)}


def _has_key(column: InstrumentedAttribute[str], keys: Collection[str]) -> ColumnElement[bool]:
    """Whether a name may have one of the keys; a space more or less makes no difference here."""
    folded = func.replace(func.normalize(column, literal_column("NFKC")), " ", "")
    return folded.op("=", is_comparison=True)(func.any(list(keys)))
