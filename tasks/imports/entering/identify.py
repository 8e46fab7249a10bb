"""Which project each row of a file is about: by code, else by name, investor and unit."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import groupby
from operator import attrgetter

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from models.i18n import clauses, enumerated
from models.i18n import gettext as _
from models.ledger.project import Investor, Project
from models.office_files.cells import BadCell
from models.office_files.columns import LEDGER, bare, is_official
from models.office_files.names.codes import OF_LUODI, codes_among, counts_rows, is_code
from models.office_files.names.likeness import is_same_name
from models.office_files.rows import Effect, LedgerFile, LedgerRow, Placed, Problem, merged

NEEDED = ("name", "units", "amount", "signed_on")  # the fields of a new project that may not be empty
TAKE_NUMBERS = text(
    "INSERT INTO counter (name, value) VALUES (:name, :used + :count) "
    "ON CONFLICT (name) DO UPDATE SET value = greatest(counter.value, :used) + :count RETURNING value"
)
# Former codes, names, units and investors of the projects that have one of these names, or had it.
FORMER = text("""
SELECT p.id, c.column_name, coalesce(i.name, c.old #>> '{}')
FROM change c JOIN project p ON p.id::text = c.row_id
LEFT JOIN investor i ON c.column_name = 'investor_id' AND i.id::text = c.old #>> '{}'
WHERE c.table_name = 'project' AND c.column_name IN ('code', 'name', 'unit_id', 'investor_id') AND p.id IN (
    SELECT id FROM project WHERE name = ANY (:names)
    UNION
    SELECT row_id::int FROM change
    WHERE table_name = 'project' AND column_name = 'name' AND old #>> '{}' = ANY (:names)
)
""")


def row_words() -> str:
    return _("row %(rows)s")


@dataclass
class Former:
    """What a project was called before, whose it was, and who invested in it."""

    codes: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    units: set[int] = field(default_factory=set)
    investors: set[str] = field(default_factory=set)

    def add(self, column: str, value: str) -> None:
        """Add the former value of one of the project's columns, an investor by name."""
        if column == "unit_id":
            self.units.add(int(value))
        else:
            {"code": self.codes, "name": self.names, "investor_id": self.investors}[column].add(value or "")


@dataclass(eq=False)
class MatchedProject:
    """A project the ledger knows, or a new one, with the rows of the file about it."""

    code: str
    name: str
    unit_id: int | None
    investor: str
    signed_on: date | None = None
    ledger_id: int | None = None  # None: the ledger does not have it
    rows: list[Placed] = field(default_factory=list)  # in the file's order
    former_code: str = ""  # the code that the file's replaces
    former: Former | None = None
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

    def is_called(self, name: str) -> bool:
        """Whether it has that name, or gets it from this file."""
        return name == self.name or any(name == row.name for row, _units in self.rows)

    def was_called(self, name: str) -> bool:
        return bool(self.former and name in self.former.names)

    def had_code(self, code: str) -> bool:
        return bool(self.former and code in self.former.codes)

    def is_another(self, row: LedgerRow, unit_id: int | None) -> bool:
        """Whether unit or investor of a row differ from all it has and had."""
        former = self.former or Former()
        units, investors = {self.unit_id, *former.units}, {self.investor, *former.investors}
        is_elsewhere = unit_id is not None and self.unit_id is not None and unit_id not in units
        return is_elsewhere or bool(row.investor and self.investor and row.investor not in investors)

    def places(self, words: str = "") -> str:
        """Sheets and rows, as history shows them; give the `row_words` if it is called often."""
        words = words or row_words()
        sheets: dict[str, list[str]] = {}
        for row, _units in self.rows:
            sheets.setdefault(row.sheet, []).append(str(row.number))
        return clauses(f"{sheet} · {words % {'rows': enumerated(rows)}}" for sheet, rows in sheets.items())


class Codes:
    """The codes of a file's rows; running numbers, which only count rows, are none."""

    def __init__(self, file: LedgerFile) -> None:
        columns: dict[str, list[tuple[int, str]]] = {}
        for row in file.rows:
            if row.code:
                columns.setdefault(row.sheet, []).append((row.number, row.code))
        self._official = {sheet for sheet, heading in file.headings.items() if is_official(heading.texts)}
        self._by_sheet = {sheet: self._codes_among(sheet, column) for sheet, column in columns.items()}

    def _codes_among(self, sheet: str, column: Sequence[tuple[int, str]]) -> set[str]:
        if counts_rows(column):
            return set()
        texts = {text for _row, text in column}
        return texts if sheet in self._official else codes_among(texts)

    def of(self, row: LedgerRow) -> str:
        return row.code if row.code and row.code in self._by_sheet[row.sheet] else ""

    def of_new(self, row: LedgerRow) -> str:
        """The code that a new project keeps if no other has it: whatever Luodi itself wrote."""
        return row.code if row.sheet in self._official else ""


class LedgerKeys:
    def __init__(self, known: Iterable[MatchedProject], codes: Codes, placed: Collection[Placed]) -> None:
        self._code_of = codes.of
        self._rows_by_code = {codes.of(row): row for row, _units in placed}
        self._rows_by_name = {(row.name, units[0] if units else None): row for row, units in placed}
        self._rows_named = {(row.name, units[0] if units else None, row.investor) for row, units in placed}
        self.projects: list[MatchedProject] = []
        self._by_code: dict[str, MatchedProject] = {}
        self._by_name: dict[tuple[str, int | None], list[MatchedProject]] = {}
        self._by_former_name: dict[tuple[str, int | None], list[MatchedProject]] = {}
        for project in known:
            self._add(project)

    def _add(self, project: MatchedProject) -> MatchedProject:
        self.projects.append(project)
        if project.code:
            self._by_code[project.code] = project
        if project.name and project.unit_id:
            self._by_name.setdefault((project.name, project.unit_id), []).append(project)
        if former := project.former:
            for name in {project.name, *former.names}:
                for unit_id in {project.unit_id, *former.units}:
                    self._by_former_name.setdefault((name, unit_id), []).append(project)
        return project

    def project_of(self, row: LedgerRow, units: Sequence[int]) -> MatchedProject:
        """The project of a row, a new one if there is none.

        Raises:
            BadCell: when it could be one of several, or its code is another project's.
        """
        unit_id, code = units[0] if units else None, self._code_of(row)
        project = self._of_code(row, code, unit_id) if code else self._of_name(row, unit_id)
        if project is None:
            self._check_namesakes(row, code, unit_id)
        return project or self._add(MatchedProject(code, row.name, unit_id, row.investor, row.signed_on))

    def _check_namesakes(self, row: LedgerRow, code: str, unit_id: int | None) -> None:
        """Raise `BadCell` if a new project could be a known one of its unit with the same name.

        It is another one if the office gave it a code of its own, or the file has a row for each.
        """
        for other in self._by_name.get((row.name, unit_id), ()):
            has_row = other.code in self._rows_by_code or (other.name, unit_id, other.investor) in self._rows_named
            if other.ledger_id and other.signed_on and not has_row and not _is_told_apart(row, code, other):
                raise BadCell(_namesake_reason(other, is_of_office(code)), other.code)

    def _of_code(self, row: LedgerRow, code: str, unit_id: int | None) -> MatchedProject | None:
        project = self._by_code.get(code)
        if project is None:
            return self._of_another_code(row, code, unit_id)
        project.name = project.name or row.name
        if row.name and not project.is_called(row.name):
            self._check_new_name(project, row, unit_id)
        return project

    def _check_new_name(self, project: MatchedProject, row: LedgerRow, unit_id: int | None) -> None:
        """Raise `BadCell` unless the project of a row's code can have got the row's name."""
        others = (other for other in self._by_name.get((row.name, unit_id), ()) if other.ledger_id)
        if other := next(others, None):
            reason = _(
                "This is the code of “%(name)s”, and the ledger has “%(other)s” as %(code)s: correct one of them."
            )
            words = {"name": project.name, "other": other.name, "code": other.code}
            raise BadCell(reason % words, other.code)
        namesake = self._rows_by_name.get((project.name, project.unit_id))
        if namesake and namesake.code != row.code:
            reason = _("This is the code of “%(name)s”, which stands in row %(row)s: correct the code or the name.")
            raise BadCell(reason % {"name": project.name, "row": namesake.number})
        if project.was_called(row.name) or is_same_name(project.name, row.name):
            return
        if namesake or project.rows or project.is_another(row, unit_id):
            reason = _(
                "This is the code of “%(name)s”: correct it. If that project has changed so much, enter what is new "
                "by the flow `correction` first."
            )
            raise BadCell(reason % {"name": project.name})

    def _of_another_code(self, row: LedgerRow, code: str, unit_id: int | None) -> MatchedProject | None:
        """The known project of a row whose code the ledger does not have.

        The file's code replaces the project's, unless the project had it before, or Luodi gave it.
        """
        named = [project for project in self._named(row, unit_id) if project.ledger_id]
        if not named:
            return None
        projects = [project for project in named if _is_renumbered(project, row, code)]
        for project in projects:
            other = self._rows_by_code.get(project.code)
            if other and not project.is_called(other.name or project.name):
                reason = _(
                    "The ledger has “%(name)s” as %(code)s, a code that row %(row)s gives to “%(other)s”: correct one."
                )
                words = {"name": row.name, "code": project.code, "row": other.number, "other": other.name}
                raise BadCell(reason % words, project.code)
        projects = [project for project in projects if project.code not in self._rows_by_code]
        if len(projects) != 1:
            return None
        (project,) = projects
        if not project.had_code(code) and not OF_LUODI.fullmatch(code):
            project.former_code, project.code = project.code, code
        self._by_code[code] = project
        return project

    def _of_name(self, row: LedgerRow, unit_id: int | None) -> MatchedProject | None:
        if row.code and not row.name:
            raise BadCell(_("This number counts rows, it is no code: write the project's name beside it, or its code."))
        projects = self._named(row, unit_id)
        if len(projects) > 1:
            projects = [project for project in projects if row.code and project.code == row.code] or projects
        if len(projects) > 1:
            by_code = sorted(projects, key=attrgetter("code"))
            codes = enumerated(project.code or project.places() for project in by_code)
            raise BadCell(_("This could be any of %(codes)s: give the project's code.") % {"codes": codes})
        for project in projects:
            for other, _units in project.rows:
                if None not in (row.signed_on, other.signed_on) and row.signed_on != other.signed_on:
                    reason = _(
                        "Row %(row)s of “%(sheet)s” has a project of this name, signed on %(day)s. If these are two, "
                        "give both a code or a name of their own; else correct the day."
                    )
                    raise BadCell(reason % {"row": other.number, "sheet": other.sheet, "day": other.signed_on})
        return projects[0] if projects else None

    def _named(self, row: LedgerRow, unit_id: int | None) -> list[MatchedProject]:
        """The projects with name, investor and unit of a row, else those that had them once."""
        key = row.name, unit_id
        projects = _of_investor(self._by_name[key], row.investor) if key in self._by_name else []
        if projects or key not in self._by_former_name:
            return projects
        return [
            project
            for project in self._by_former_name[key]
            if not project.is_another(row, unit_id) and row.signed_on in (None, project.signed_on)
        ]


def is_of_office(code: str) -> bool:
    return is_code(code) and not OF_LUODI.fullmatch(code)


def _is_told_apart(row: LedgerRow, code: str, other: MatchedProject) -> bool:
    """Whether a new code of the office makes a row another project than its known namesake.

    Not if the office gave no code to that, and its investor may only be worded in another way.
    """
    if not is_of_office(code):
        return False
    investors = bare(row.investor), bare(other.investor)
    is_one_investor = is_same_name(*investors) or any(one in two for one, two in (investors, investors[::-1]))
    return is_of_office(other.code) or not is_one_investor


def _namesake_reason(other: MatchedProject, has_code: bool) -> str:
    words = {"investor": other.investor or _("an unknown investor"), "day": other.signed_on}
    if has_code:
        reason = _(
            "The ledger has a project of this name in this unit, of %(investor)s, signed on %(day)s. If it is the "
            "same, write its code here; if it is another one, give it a name of its own."
        )
    else:
        reason = _(
            "The ledger has a project of this name in this unit, of %(investor)s, signed on %(day)s. If it is the "
            "same, write its code here; if it is another one, give it a code or a name of its own."
        )
    return reason % words


def _is_renumbered(project: MatchedProject, row: LedgerRow, code: str) -> bool:
    """Whether a row with a project's name is it, under another code: signed on its day, too.

    The day may differ if its investor does not, and one of the two codes is no office's.
    """
    of_office = [other for other in (code, project.code) if is_of_office(other)]
    is_same_day = row.signed_on in (None, project.signed_on)
    return is_same_day or (len(of_office) < 2 and row.investor == project.investor)


def _of_investor(projects: Sequence[MatchedProject], investor: str) -> list[MatchedProject]:
    exact = [project for project in projects if project.investor == investor]
    return exact or [project for project in projects if not (project.investor and investor)]


def identify(
    session: Session, file: LedgerFile, placed: Sequence[Placed], problems: list[Problem]
) -> list[MatchedProject]:
    """The projects that can go in, in the file's order, with codes; a problem per other row."""
    codes = Codes(file)
    keys = LedgerKeys(_known_projects(session, codes, placed), codes, placed)
    for row, units in sorted(
        placed, key=lambda pair: not codes.of(pair[0])
    ):  # a row without a code may mean one with it
        try:
            keys.project_of(row, units).rows.append((row, units))
        except BadCell as problem:
            name, value = ("code", row.code) if codes.of(row) or not row.name else ("name", row.name)
            problems.append(file.problem(row, name, value, str(problem), Effect.ROW_LEFT_OUT, problem.suggestion))
    matches = _in_order([project for project in keys.projects if project.rows], placed)
    for match in matches:
        if len(match.rows) > 1:
            problems += _doubled(file, match)
        if match.is_new:
            problems += _incomplete(file, match)
        if match.former_code:
            problems.append(_renumbered(file, match))
    problems += _running_numbers(file, codes)
    matches = [match for match in matches if not (match.is_new and _missing(match.row))]
    _keep_codes(session, codes, matches)
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


def _known_projects(session: Session, codes: Codes, placed: Sequence[Placed]) -> list[MatchedProject]:
    """The ledger's projects with a code or name of the rows, or with a former name of theirs."""
    rows = [row for row, _units in placed]
    by_code, by_name = {codes.of(row) for row in rows} - {""}, {row.name for row in rows} - {""}
    is_wanted = (Project.code == func.any(list(by_code))) | (Project.name == func.any(list(by_name)))
    known = {project.ledger_id: project for project in _projects(session, is_wanted)}
    names = _strangers(known.values(), codes, placed)
    former = session.execute(FORMER, {"names": names}).all() if names else []
    absent = {project_id for project_id, *_change in former} - known.keys()
    if absent:
        known |= {project.ledger_id: project for project in _projects(session, Project.id == func.any(list(absent)))}
    for project_id, column, value in former:
        project = known[project_id]
        project.former = project.former or Former()
        project.former.add(column, value)
    return list(known.values())


def _projects(session: Session, is_wanted: ColumnElement[bool]) -> list[MatchedProject]:
    columns = (Project.code, Project.name, Project.unit_id, func.coalesce(Investor.name, ""))
    projects = select(*columns, Project.signed_on, Project.id).outerjoin(Investor, Project.investor_id == Investor.id)
    return [MatchedProject(*row) for row in session.execute(projects.where(is_wanted))]


def _strangers(known: Iterable[MatchedProject], codes: Codes, placed: Sequence[Placed]) -> list[str]:
    """The names of the rows that are no known project as it is now."""
    by_code = {(project.code, project.name) for project in known}
    by_name = {(project.name, project.unit_id, project.investor) for project in known}

    def is_known(row: LedgerRow, units: Sequence[int]) -> bool:
        if code := codes.of(row):
            return (code, row.name) in by_code
        return (row.name, units[0] if units else None, row.investor) in by_name

    return list({row.name: None for row, units in placed if row.name and not is_known(row, units)})


def _keep_codes(session: Session, codes: Codes, matches: Sequence[MatchedProject]) -> None:
    kept = {code: match for match in reversed(matches) if not match.code and (code := codes.of_new(match.rows[0][0]))}
    if kept:
        taken = {match.code for match in matches}
        taken |= set(session.scalars(select(Project.code).where(Project.code == func.any(list(kept)))))
        for code in kept.keys() - taken:
            kept[code].code = code


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
    reason = _("The ledger had this project as %(code)s: from now on it has this code.") % {"code": match.former_code}
    row = next(row for row, _units in match.rows if row.code == match.code)
    return file.problem(row, "code", match.code, reason, Effect.NOTE)


def _running_numbers(file: LedgerFile, codes: Codes) -> Iterator[Problem]:
    """A note if codes of the file were not taken for codes, at the first one."""
    numbers = [row for row in file.rows if row.code and not codes.of(row)]
    if numbers:
        reason = _(
            "A number that counts rows is no code: %(count)s codes of this file were not taken, and their projects "
            "were found by name, investor and unit. If they are codes, LUODI_CODE_PATTERN has to say how a code looks."
        )
        words = {"count": len(numbers)}
        yield file.problem(numbers[0], "code", numbers[0].code, reason % words, Effect.NOTE)


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
    given = [row.code for row in rows], [row.name for row in rows]
    known = _projects(session, (Project.code == func.any(given[0])) | (Project.name == func.any(given[1])))
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
