"""Finds the project of a row: by code, else by name, investor and unit."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from operator import attrgetter

from models.i18n import enumerated
from models.i18n import gettext as _
from models.office_files.cells import BadCell
from models.office_files.columns import bare
from models.office_files.names.codes import OF_LUODI
from models.office_files.names.likeness import is_same_name
from models.office_files.rows import LedgerRow, Placed
from tasks.imports.entering.identity.codes_of_file import Codes, is_of_office
from tasks.imports.entering.identity.matched_project import MatchedProject


class LedgerKeys:
    def __init__(
        self, known: Iterable[MatchedProject], codes: Codes, placed: Collection[Placed], left_out: Collection[Placed]
    ) -> None:
        self._code_of = codes.of
        self._placed, self._left_out = [*left_out, *placed] if left_out else placed, left_out
        self.projects: list[MatchedProject] = []
        self._by_code: dict[str, MatchedProject] = {}
        self._by_name: dict[tuple[str, int | None], list[MatchedProject]] = {}
        self._by_former_name: dict[tuple[str, int | None], list[MatchedProject]] = {}
        for project in known:
            self._add(project)

    @cached_property
    def _rows_by_code(self) -> dict[str, LedgerRow]:
        """The last row of each code; asked for rarely, as the next ones are."""
        return {self._code_of(row): row for row, _units in self._placed}

    @cached_property
    def _rows_by_name(self) -> dict[tuple[str, int | None], LedgerRow]:
        """The last row of each name and unit."""
        return {(row.name, units[0] if units else None): row for row, units in self._placed}

    @cached_property
    def _rows_named(self) -> set[tuple[str, int | None, str]]:
        return {(row.name, units[0] if units else None, row.investor) for row, units in self._placed}

    @cached_property
    def _rows_signed(self) -> set[tuple[str, int | None, date | None]]:
        return {(row.name, units[0] if units else None, row.signed_on) for row, units in self._placed}

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
            is_elsewhere = row.signed_on != other.signed_on and other.investor not in ("", row.investor)
            its_key = (other.name, unit_id, other.investor)
            has_row = other.code in self._rows_by_code or (is_elsewhere and its_key in self._rows_named)
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
        projects = [project for project in named if self._is_renumbered(project, row, code, unit_id)]
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

    def _is_renumbered(self, project: MatchedProject, row: LedgerRow, code: str, unit_id: int | None) -> bool:
        """Whether a row with a project's name is it, under another code: signed on its day, too.

        The day may differ if its investor does not, and one of the two codes is no office's.
        """
        of_office = [other for other in (code, project.code) if is_of_office(other)]
        return project.may_be_signed_on(row.signed_on) or (
            len(of_office) < 2 and self._is_of_its_investor(row, project, unit_id)
        )

    def _is_of_its_investor(self, row: LedgerRow, project: MatchedProject, unit_id: int | None) -> bool:
        """Whether a row has a project's investor, and no row its name and its day."""
        is_same = project.investor != "" and row.investor == project.investor
        return is_same and (project.name, unit_id, project.signed_on) not in self._rows_signed

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
            for other in (*(row for row, _units in project.rows), *self._left_out_of(project)):
                if None not in (row.signed_on, other.signed_on) and row.signed_on != other.signed_on:
                    reason = _(
                        "Row %(row)s of “%(sheet)s” has a project of this name, signed on %(day)s. If these are two, "
                        "give both a code or a name of their own; else correct the day."
                    )
                    raise BadCell(reason % {"row": other.number, "sheet": other.sheet, "day": other.signed_on})
            if not (project.may_be_signed_on(row.signed_on) or self._is_of_its_investor(row, project, unit_id)):
                raise BadCell(_namesake_reason(project, has_code=False), project.code)
        return projects[0] if projects else None

    def _left_out_of(self, project: MatchedProject) -> Iterator[LedgerRow]:
        """The rows that cannot go in and are about a project; their unit may be what is wrong."""
        of_unit, of_no_unit = (self._left_out_by_name.get((project.name, unit)) for unit in (project.unit_id, None))
        for row in (*(of_unit or ()), *(of_no_unit or ())):
            if self._code_of(row) in ("", project.code) and row.investor in ("", project.investor):
                yield row

    @cached_property
    def _left_out_by_name(self) -> dict[tuple[str, int | None], list[LedgerRow]]:
        named: dict[tuple[str, int | None], list[LedgerRow]] = {}
        for row, units in self._left_out:
            named.setdefault((row.name, units[0] if units else None), []).append(row)
        return named

    def _named(self, row: LedgerRow, unit_id: int | None) -> list[MatchedProject]:
        """The projects with name, investor and unit of a row, else those that had them once."""
        key = row.name, unit_id
        projects = _of_investor(self._by_name[key], row.investor) if key in self._by_name else []
        if projects or key not in self._by_former_name:
            return projects
        return [
            project
            for project in self._by_former_name[key]
            if not project.is_another(row, unit_id) and project.may_be_signed_on(row.signed_on)
        ]


def _is_told_apart(row: LedgerRow, code: str, other: MatchedProject) -> bool:
    """Whether a new code of the office makes a row another project than its known namesake.

    Not if the office gave no code to that, and it was signed on the same day, or its investor may
    only be worded in another way.
    """
    if not is_of_office(code):
        return False
    if is_of_office(other.code):
        return True
    if row.signed_on in (None, other.signed_on):
        return False
    investors = bare(row.investor), bare(other.investor)
    is_one_investor = is_same_name(*investors) or any(one in two for one, two in (investors, investors[::-1]))
    return not is_one_investor


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


def _of_investor(projects: Sequence[MatchedProject], investor: str) -> list[MatchedProject]:
    exact = [project for project in projects if project.investor == investor]
    return exact or [project for project in projects if not (project.investor and investor)]
