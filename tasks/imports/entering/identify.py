"""Which project each row of a file speaks of: by code, else by name, investor and unit."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import attrgetter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.ledger.project import Investor, Project
from models.office_files.cells import BadCell
from models.office_files.columns import LEDGER
from models.office_files.rows import Effect, LedgerFile, LedgerRow, Placed, Problem, merged

NEEDED = ("name", "units", "amount", "signed_on")
"""What a project that is new to the ledger must say."""
OF_LUODI = re.compile(r"LD-\d{4}-\d{3,}")
"""A code that was given to a project whose office gave none."""


def row_words() -> str:
    """How a row of a file is named."""
    return _("row %(rows)s")


@dataclass(eq=False)
class Entry:
    """One project: as the ledger knows it, or new; and the rows of the file that speak of it."""

    code: str
    name: str
    unit_id: int | None
    investor: str
    project_id: int | None = None
    rows: list[Placed] = field(default_factory=list)
    """In the file's order, once all are found."""
    former_code: str = ""
    """The code it had until its office gave it one."""

    @property
    def is_new(self) -> bool:
        """Whether the ledger does not have it yet."""
        return self.project_id is None

    @cached_property
    def row(self) -> LedgerRow:
        """All its rows as one; read it when they are complete."""
        whole = self.rows[0][0]
        for row, _units in self.rows[1:]:
            whole = merged(whole, row)
        return whole

    @cached_property
    def units(self) -> list[int]:
        """The units its rows name, the last row's before the others'; read it when they are complete."""
        return next((units for _row, units in reversed(self.rows) if units), [])

    def is_another(self, row: LedgerRow, unit_id: int | None) -> bool:
        """Whether a row with this code speaks of another project: name and unit both differ.

        Counties that number their own ledgers from 1 must not write into each other's projects.
        """
        names, units = {self.name, row.name} - {""}, {self.unit_id, unit_id} - {None}
        return len(names) == 2 and len(units) == 2

    def places(self, told: str = "") -> str:
        """Where its rows stand, as history tells: sheet and rows, by the words for a row if they are at hand."""
        told = told or row_words()
        sheets: dict[str, list[str]] = {}
        for row, _units in self.rows:
            sheets.setdefault(row.sheet, []).append(str(row.number))
        return "; ".join(f"{sheet} · {told % {'rows': ', '.join(rows)}}" for sheet, rows in sheets.items())


class Directory:
    """The projects a file may speak of, found by code or by name."""

    def __init__(self, known: Iterable[Entry], codes: Collection[str]) -> None:
        self._codes = codes
        """Of the file."""
        self._entries: list[Entry] = []
        self._by_code: dict[str, Entry] = {}
        self._by_name: dict[tuple[str, int | None], list[Entry]] = {}
        for entry in known:
            self._add(entry)

    def _add(self, entry: Entry) -> Entry:
        self._entries.append(entry)
        if entry.code:
            self._by_code[entry.code] = entry
        if entry.name and entry.unit_id:
            self._by_name.setdefault((entry.name, entry.unit_id), []).append(entry)
        return entry

    def entry_for(self, row: LedgerRow, units: Sequence[int]) -> Entry:
        """The project a row speaks of, a new one if there is none.

        Raises:
            BadCell: when it could be one of several, or its code is another project's.
        """
        unit_id = units[0] if units else None
        if row.code:
            found = [self._by_code[row.code]] if row.code in self._by_code else self._renumbered(row, unit_id)
            if found and found[0].is_another(row, unit_id):
                raise BadCell(_("This is the code of “%(name)s”: correct it.") % {"name": found[0].name})
        else:
            found = _alike(self._by_name.get((row.name, unit_id), []), row.investor)
        if len(found) > 1:
            codes = ", ".join(entry.code or entry.places() for entry in sorted(found, key=attrgetter("code")))
            raise BadCell(_("This could be any of %(codes)s: give the project's code.") % {"codes": codes})
        return found[0] if found else self._add(Entry(row.code, row.name, unit_id, row.investor))

    def _renumbered(self, row: LedgerRow, unit_id: int | None) -> list[Entry]:
        """The known project a row with a new code speaks of, where Luodi gave one of the two codes.

        Its office's code is the one it has from then on.
        """
        found = [
            entry
            for entry in self._by_name.get((row.name, unit_id), [])
            if entry.project_id
            and entry.investor == row.investor
            and entry.code not in self._codes
            and bool(OF_LUODI.fullmatch(entry.code)) is not bool(OF_LUODI.fullmatch(row.code))
        ]
        if len(found) != 1:
            return []
        (entry,) = found
        if OF_LUODI.fullmatch(entry.code):
            entry.former_code, entry.code = entry.code, row.code
        self._by_code[row.code] = entry
        return found

    def spoken_of(self) -> list[Entry]:
        """The projects the file speaks of."""
        return [entry for entry in self._entries if entry.rows]


def _alike(entries: Sequence[Entry], investor: str) -> list[Entry]:
    exact = [entry for entry in entries if entry.investor == investor]
    return exact or [entry for entry in entries if not (entry.investor and investor)]


def identify(session: Session, file: LedgerFile, placed: Sequence[Placed], problems: list[Problem]) -> list[Entry]:
    """The projects that can go in, in the file's order; rows that cannot become problems."""
    rows = [row for row, _units in placed]
    directory = Directory(_known_projects(session, rows), {row.code for row in rows})
    for row, units in sorted(placed, key=lambda each: not each[0].code):  # who has no code may mean one who has
        try:
            directory.entry_for(row, units).rows.append((row, units))
        except BadCell as problem:
            name, value = ("code", row.code) if row.code else ("name", row.name)
            problems.append(file.problem(row, name, value, str(problem), Effect.ROW_LEFT_OUT, problem.suggestion))
    entries = _in_order(directory.spoken_of(), placed)
    for entry in entries:
        if len(entry.rows) > 1:
            problems += _doubled(file, entry)
        if not entry.project_id:
            problems += _incomplete(file, entry)
        if entry.former_code:
            problems.append(_renumbered(file, entry))
    return [entry for entry in entries if entry.project_id or not _missing(entry.row)]


def _in_order(entries: Sequence[Entry], placed: Sequence[Placed]) -> list[Entry]:
    """The entries in the order of their first rows, and the rows of each in theirs."""
    order = {id(row): at for at, (row, _units) in enumerate(placed)}

    def place(each: Placed) -> int:
        return order[id(each[0])]

    for entry in entries:
        if len(entry.rows) > 1:
            entry.rows.sort(key=place)
    return sorted(entries, key=lambda entry: place(entry.rows[0]))


def _known_projects(session: Session, rows: Sequence[LedgerRow]) -> Iterator[Entry]:
    """The projects with the rows' codes, and those with the names of rows whose code says nothing to the ledger."""
    asked = select(Project.code, Project.name, Project.unit_id, func.coalesce(Investor.name, ""), Project.id).outerjoin(
        Investor, Project.investor_id == Investor.id
    )
    by_code = asked.where(Project.code == func.any([row.code for row in rows if row.code]))
    known = [Entry(*said) for said in session.execute(by_code)]
    codes = {entry.code for entry in known}
    yield from known
    names = {row.name for row in rows if row.name and row.code not in codes}
    by_name = asked.where(Project.name == func.any(list(names)))
    yield from (Entry(*said) for said in session.execute(by_name) if said[0] not in codes)


def _renumbered(file: LedgerFile, entry: Entry) -> Problem:
    reason = _("The ledger had this project as %(code)s, a code that Luodi gave it: from now on it has its office's.")
    row = next(row for row, _units in entry.rows if row.code == entry.code)
    return file.problem(row, "code", entry.code, reason % {"code": entry.former_code}, Effect.NOTE)


def _doubled(file: LedgerFile, entry: Entry) -> Iterator[Problem]:
    first = entry.rows[0][0]
    where = {"row": first.number, "sheet": first.sheet}
    for row, _units in entry.rows[1:]:
        if replace(row, number=first.number, sheet=first.sheet) == first:
            reason = _("This repeats row %(row)s of “%(sheet)s” word for word.")
        else:
            reason = _("Row %(row)s of “%(sheet)s” speaks of the same project: where the two differ, this row holds.")
        yield file.problem(row, "code", entry.code or entry.name, reason % where, Effect.NOTE)


def _missing(row: LedgerRow) -> list[str]:
    return [name for name in NEEDED if getattr(row, name) in ("", None)]


def _incomplete(file: LedgerFile, entry: Entry) -> Iterator[Problem]:
    for name in _missing(entry.row):
        for row, _units in entry.rows:
            yield file.problem(row, name, "", _why_needed(file, row, name), Effect.ROW_LEFT_OUT)


def _why_needed(file: LedgerFile, row: LedgerRow, name: str) -> str:
    if name in file.headers.get(row.sheet, {}):
        return _("This cell is empty: a project that is new to the ledger needs it.")
    column = next(column.headers[0] for column in LEDGER if column.field == name)
    return _("There is no column %(column)s: a project that is new to the ledger needs it.") % {"column": column}
