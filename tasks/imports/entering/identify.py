"""Which project each row of a file is about: by code, else by name, investor and unit."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from operator import attrgetter

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.ledger.project import Investor, Project
from models.office_files.cells import BadCell
from models.office_files.columns import LEDGER
from models.office_files.rows import Effect, LedgerFile, LedgerRow, Placed, Problem, merged

NEEDED = ("name", "units", "amount", "signed_on")  # the fields of a new project that may not be empty
OF_LUODI = re.compile(r"LD-\d{4}-\d{3,}")  # a code Luodi gave to a project whose office gave none
TAKE_NUMBERS = text(
    "INSERT INTO counter (name, value) VALUES (:name, :used + :count) "
    "ON CONFLICT (name) DO UPDATE SET value = greatest(counter.value, :used) + :count RETURNING value"
)


def row_words() -> str:
    return _("row %(rows)s")


@dataclass(eq=False)
class MatchedProject:
    """A project the ledger knows, or a new one, with the rows of the file about it."""

    code: str
    name: str
    unit_id: int | None
    investor: str
    ledger_id: int | None = None  # None: the ledger does not have it
    rows: list[Placed] = field(default_factory=list)  # in the file's order
    former_code: str = ""  # the code of Luodi's that its office's replaces
    project_id: int = 0  # the `ledger_id`, or the id that a new project gets; 0 until it is staged

    @property
    def is_new(self) -> bool:
        return self.ledger_id is None

    @cached_property
    def row(self) -> LedgerRow:
        """Its rows merged; cached, so read it when they are complete."""
        whole = self.rows[0][0]
        for row, _units in self.rows[1:]:
            whole = merged(whole, row)
        return whole

    @cached_property
    def units(self) -> list[int]:
        """The units of its last row that names any; cached, too."""
        return next((units for _row, units in reversed(self.rows) if units), [])

    def is_another(self, row: LedgerRow, unit_id: int | None) -> bool:
        """Whether name and unit of a row both differ: counties number their own ledgers from 1."""
        names, units = {self.name, row.name} - {""}, {self.unit_id, unit_id} - {None}
        return len(names) == 2 and len(units) == 2

    def places(self, words: str = "") -> str:
        """Sheets and rows, as history shows them; give the `row_words` if it is called often."""
        words = words or row_words()
        sheets: dict[str, list[str]] = {}
        for row, _units in self.rows:
            sheets.setdefault(row.sheet, []).append(str(row.number))
        return "; ".join(f"{sheet} · {words % {'rows': ', '.join(rows)}}" for sheet, rows in sheets.items())


class LedgerKeys:
    def __init__(self, known: Iterable[MatchedProject], codes_of_file: Collection[str]) -> None:
        self._codes_of_file = codes_of_file
        self.projects: list[MatchedProject] = []
        self._by_code: dict[str, MatchedProject] = {}
        self._by_name: dict[tuple[str, int | None], list[MatchedProject]] = {}
        for project in known:
            self._add(project)

    def _add(self, project: MatchedProject) -> MatchedProject:
        self.projects.append(project)
        if project.code:
            self._by_code[project.code] = project
        if project.name and project.unit_id:
            self._by_name.setdefault((project.name, project.unit_id), []).append(project)
        return project

    def project_of(self, row: LedgerRow, units: Sequence[int]) -> MatchedProject:
        """The project of a row, a new one if there is none.

        Raises:
            BadCell: when it could be one of several, or its code is another project's.
        """
        unit_id = units[0] if units else None
        if row.code:
            projects = [self._by_code[row.code]] if row.code in self._by_code else self._renumbered(row, unit_id)
            if projects and projects[0].is_another(row, unit_id):
                raise BadCell(_("This is the code of “%(name)s”: correct it.") % {"name": projects[0].name})
        else:
            projects = _of_investor(self._by_name.get((row.name, unit_id), []), row.investor)
        if len(projects) > 1:
            by_code = sorted(projects, key=attrgetter("code"))
            codes = ", ".join(project.code or project.places() for project in by_code)
            raise BadCell(_("This could be any of %(codes)s: give the project's code.") % {"codes": codes})
        return projects[0] if projects else self._add(MatchedProject(row.code, row.name, unit_id, row.investor))

    def _renumbered(self, row: LedgerRow, unit_id: int | None) -> list[MatchedProject]:
        """The known project that changes to or from a code of Luodi's: it keeps its office's."""
        projects = [
            project
            for project in self._by_name.get((row.name, unit_id), [])
            if project.ledger_id
            and project.investor == row.investor
            and project.code not in self._codes_of_file
            and bool(OF_LUODI.fullmatch(project.code)) is not bool(OF_LUODI.fullmatch(row.code))
        ]
        if len(projects) != 1:
            return []
        (project,) = projects
        if OF_LUODI.fullmatch(project.code):
            project.former_code, project.code = project.code, row.code
        self._by_code[row.code] = project
        return projects


def _of_investor(projects: Sequence[MatchedProject], investor: str) -> list[MatchedProject]:
    exact = [project for project in projects if project.investor == investor]
    return exact or [project for project in projects if not (project.investor and investor)]


def identify(
    session: Session, file: LedgerFile, placed: Sequence[Placed], problems: list[Problem]
) -> list[MatchedProject]:
    """The projects that can go in, in the file's order, with codes; a problem per other row."""
    rows = [row for row, _units in placed]
    keys = LedgerKeys(_known_projects(session, rows), {row.code for row in rows})
    for row, units in sorted(placed, key=lambda pair: not pair[0].code):  # a row without a code may mean one with it
        try:
            keys.project_of(row, units).rows.append((row, units))
        except BadCell as problem:
            name, value = ("code", row.code) if row.code else ("name", row.name)
            problems.append(file.problem(row, name, value, str(problem), Effect.ROW_LEFT_OUT, problem.suggestion))
    matches = _in_order([project for project in keys.projects if project.rows], placed)
    for match in matches:
        if len(match.rows) > 1:
            problems += _doubled(file, match)
        if match.is_new:
            problems += _incomplete(file, match)
        if match.former_code:
            problems.append(_renumbered(file, match))
    matches = [match for match in matches if not (match.is_new and _missing(match.row))]
    _give_codes(session, matches)
    return matches


def _in_order(matches: Sequence[MatchedProject], placed: Sequence[Placed]) -> list[MatchedProject]:
    order = {id(row): index for index, (row, _units) in enumerate(placed)}

    def index_of(pair: Placed) -> int:
        return order[id(pair[0])]

    for match in matches:
        if len(match.rows) > 1:
            match.rows.sort(key=index_of)
    return sorted(matches, key=lambda match: index_of(match.rows[0]))


def _known_projects(session: Session, rows: Sequence[LedgerRow]) -> list[MatchedProject]:
    """The ledger's projects with a code or name of the rows."""
    codes, names = {row.code for row in rows} - {""}, {row.name for row in rows} - {""}
    projects = (
        select(Project.code, Project.name, Project.unit_id, func.coalesce(Investor.name, ""), Project.id)
        .outerjoin(Investor, Project.investor_id == Investor.id)
        .where((Project.code == func.any(list(codes))) | (Project.name == func.any(list(names))))
    )
    return [MatchedProject(*columns) for columns in session.execute(projects)]


def _give_codes(session: Session, matches: Sequence[MatchedProject]) -> None:
    """Number projects without a code by year of signing, in the file's order: LD-2013-001."""
    for year, group in groupby(sorted((match for match in matches if not match.code), key=_year), key=_year):
        projects = list(group)
        used = _highest_number(session, matches, f"LD-{year}-")
        bound = {"name": f"project-code-{year}", "used": used, "count": len(projects)}
        last = session.execute(TAKE_NUMBERS, bound).scalar_one()
        for number, project in enumerate(projects, start=last - len(projects) + 1):
            project.code = f"LD-{year}-{number:03}"


def _year(match: MatchedProject) -> int:
    return match.row.signed_on.year if match.row.signed_on else 0


def _highest_number(session: Session, matches: Sequence[MatchedProject], prefix: str) -> int:
    """The highest number in use: a ledger exported elsewhere brings such codes along."""
    codes = [match.code for match in matches]
    codes += session.scalars(select(Project.code).where(Project.code.startswith(prefix)))
    numbers = (re.fullmatch(rf"{prefix}(\d{{1,8}})", code) for code in codes)
    return max((int(number[1]) for number in numbers if number), default=0)


def _renumbered(file: LedgerFile, match: MatchedProject) -> Problem:
    reason = _("The ledger had this project as %(code)s, a code that Luodi gave it: from now on it has its office's.")
    row = next(row for row, _units in match.rows if row.code == match.code)
    return file.problem(row, "code", match.code, reason % {"code": match.former_code}, Effect.NOTE)


def _doubled(file: LedgerFile, match: MatchedProject) -> Iterator[Problem]:
    first = match.rows[0][0]
    where = {"row": first.number, "sheet": first.sheet}
    for row, _units in match.rows[1:]:
        if replace(row, number=first.number, sheet=first.sheet) == first:
            reason = _("This repeats row %(row)s of “%(sheet)s” word for word.")
        else:
            reason = _("Row %(row)s of “%(sheet)s” speaks of the same project: where the two differ, this row holds.")
        yield file.problem(row, "code", match.code or match.name, reason % where, Effect.NOTE)


def _missing(row: LedgerRow) -> list[str]:
    return [name for name in NEEDED if getattr(row, name) in ("", None)]


def empty_cells(
    session: Session, file: LedgerFile, rows: Sequence[LedgerRow], problems: Sequence[Problem]
) -> list[Problem]:
    """What rows that are left out anyway also lack: whoever mends them need not come twice."""
    if not rows:
        return []
    known = _known_projects(session, rows)
    codes, names = {project.code for project in known}, {project.name for project in known}
    bad = {(problem.sheet, problem.row, problem.column) for problem in problems if problem.is_fault}
    return [
        file.problem(row, name, "", _why_needed(file, row, name), Effect.ROW_LEFT_OUT)
        for row in rows
        if row.code not in codes and row.name not in names and not _has_bad(file, row, "code", bad)
        for name in _missing(row)
        if not _has_bad(file, row, name, bad)
    ]


def _has_bad(file: LedgerFile, row: LedgerRow, name: str, bad: Collection[tuple[str, int, str]]) -> bool:
    header = file.headers_of(row).get(name)
    return header is not None and (row.sheet, row.number, header) in bad


def _incomplete(file: LedgerFile, match: MatchedProject) -> Iterator[Problem]:
    for name in _missing(match.row):
        for row, _units in match.rows:
            yield file.problem(row, name, "", _why_needed(file, row, name), Effect.ROW_LEFT_OUT)


def _why_needed(file: LedgerFile, row: LedgerRow, name: str) -> str:
    if name in file.headers_of(row):
        return _("This cell is empty: a project that is new to the ledger needs it.")
    column = next(column.headers[0] for column in LEDGER if column.field == name)
    return _("There is no column %(column)s: a project that is new to the ledger needs it.") % {"column": column}
