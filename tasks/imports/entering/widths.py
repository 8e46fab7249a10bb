"""Names in full- or half-width forms become those the ledger has, or the first of the file.

Most names are the ledger's own; only the others are looked for in other widths.
"""

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
    investors = _other_spellings(session, Investor.name, [row.investor for row in file.rows])
    squads = _other_spellings(session, Squad.name, [*file.squads, *[row.squad for row in file.rows]])
    names = [name for row in file.units for name in (row.name, *row.aliases)]
    units, aliases = (_other_spellings(session, column, names) for column in (Unit.name, UnitAlias.name))

    def ledger_row(row: LedgerRow) -> LedgerRow:
        if row.investor not in investors and row.squad not in squads:
            return row
        return _spelled(row, investor=investors.get(row.investor, row.investor), squad=squads.get(row.squad, row.squad))

    def unit_row(row: UnitRow) -> UnitRow:
        other = tuple(aliases.get(alias, alias) for alias in row.aliases)
        return replace(row, name=units.get(row.name, row.name), aliases=other)

    if investors or squads:
        squads_named = tuple(dict.fromkeys(squads.get(name, name) for name in file.squads))
        file = replace(file, rows=tuple(map(ledger_row, file.rows)), squads=squads_named)
    return replace(file, units=tuple(map(unit_row, file.units))) if units or aliases else file


def in_known_names(session: Session, placed: Sequence[Placed], strangers: Collection[str]) -> Sequence[Placed]:
    """Rows with the names of their projects as the ledger spells them, by code, else by unit.

    `strangers` are the names of those that are no known project as they stand. If none of them is
    spelled otherwise, the rows are the given ones.
    """
    keys = _keys(strangers)
    if not keys:
        return placed
    known = select(Project.code, Project.name, Project.unit_id).where(_has_key(Project.name, keys))
    projects = session.execute(known.order_by(Project.id)).all()
    by_code = {code: name for code, name, _unit in projects}
    by_unit = Spellings((name, unit) for _code, name, unit in projects)
    spelled = [
        _with_name(row, units, by_code, by_unit) if row.name in strangers else (row, units) for row, units in placed
    ]
    is_same = all(row is given for (row, _units), (given, _given_units) in zip(spelled, placed, strict=True))
    return placed if is_same else spelled


def _with_name(row: LedgerRow, units: list[int], by_code: Mapping[str, str], by_unit: Spellings) -> Placed:
    name = by_code.get(row.code, "")
    if not name or not may_have_widths(row.name) or name_key(name) != name_key(row.name):
        name = by_unit.of(row.name, units[0] if units else None)
    return (row if name == row.name else _spelled(row, name=name)), units


def _spelled(row: LedgerRow, **names: str) -> LedgerRow:
    spelled = copy(row)
    for field, name in names.items():
        setattr(spelled, field, name)
    return spelled


def _other_spellings(session: Session, column: InstrumentedAttribute[str], names: Iterable[str]) -> dict[str, str]:
    """What names are spelled as that are spelled otherwise, in the ledger or first in the file."""
    foldable = [name for name in dict.fromkeys(names) if may_have_widths(name)]
    own = set(session.scalars(select(column).where(column == func.any(foldable)))) if foldable else set()
    strangers = [name for name in foldable if name not in own]
    if not strangers:
        return {}
    known = session.scalars(select(column).where(_has_key(column, _keys(strangers))).order_by(column))
    spellings = Spellings((name, None) for name in known)
    spelled = {name: spellings.of(name) for name in strangers}
    return {name: other for name, other in spelled.items() if other != name}


def _keys(names: Iterable[str]) -> set[str]:
    """The keys of the names that can be written in another width, without spaces."""
    return {name_key(name).replace(" ", "") for name in names if may_have_widths(name)}


def _has_key(column: InstrumentedAttribute[str], keys: Collection[str]) -> ColumnElement[bool]:
    """Whether a name may have one of the keys; a space more or less makes no difference here."""
    folded = func.replace(func.normalize(column, literal_column("NFKC")), " ", "")
    return folded.op("=", is_comparison=True)(func.any(list(keys)))
