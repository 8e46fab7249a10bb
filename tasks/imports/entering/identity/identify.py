"""Which project each row of a file is about: by code, else by name, investor and unit."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.office_files.cells import BadCell
from models.office_files.rows import Effect, LedgerFile, Placed, Problem
from tasks.imports.entering.identity.codes_of_file import Codes, give_codes, keep_codes, running_numbers
from tasks.imports.entering.identity.keys import LedgerKeys
from tasks.imports.entering.identity.known_projects import known_projects
from tasks.imports.entering.identity.matched_project import MatchedProject
from tasks.imports.entering.identity.needed_cells import incomplete, missing


def identify(
    session: Session, file: LedgerFile, placed: Sequence[Placed], left_out: Sequence[Placed], problems: list[Problem]
) -> list[MatchedProject]:
    """The projects that can go in, in the file's order, with codes; a problem per other row.

    Rows that are `left_out` go in nowhere, but no other row may be taken for their projects.
    """
    codes = Codes(file)
    known, placed = known_projects(session, codes, placed)
    keys = LedgerKeys(known, codes, placed, left_out)
    # A row without a code may mean one with it
    for row, units in sorted(placed, key=lambda pair: not codes.of(pair[0])):
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
            problems += incomplete(file, match)
        if match.former_code:
            problems.append(_renumbered(file, match))
    problems += running_numbers(file, codes)
    matches = [match for match in matches if not (match.is_new and missing(match.row))]
    keep_codes(session, codes, matches)
    give_codes(session, matches)
    return matches


def _in_order(matches: Sequence[MatchedProject], placed: Sequence[Placed]) -> list[MatchedProject]:
    order = {id(row): index for index, (row, _units) in enumerate(placed)}

    def index_of(pair: Placed) -> int:
        return order[id(pair[0])]

    for match in matches:
        if len(match.rows) > 1:
            match.rows.sort(key=index_of)
    return sorted(matches, key=lambda match: index_of(match.rows[0]))


def _renumbered(file: LedgerFile, match: MatchedProject) -> Problem:
    reason = _("The ledger had this project as %(code)s: from now on it has this code.") % {"code": match.former_code}
    row = next(row for row, _units in match.rows if row.code == match.code)
    return file.problem(row, "code", match.code, reason, Effect.NOTE)


def _doubled(file: LedgerFile, match: MatchedProject) -> Iterator[Problem]:
    first = match.rows[0][0]
    where = {"row": first.number, "sheet": first.sheet}
    for row, _units in match.rows[1:]:
        if replace(row, number=first.number, sheet=first.sheet) == first:
            reason = _("This repeats row %(row)s of “%(sheet)s” word for word.")
        else:
            reason = _("Row %(row)s of “%(sheet)s” speaks of the same project: where the two differ, this row holds.")
        yield file.problem(row, "code", match.code or match.name, reason % where, Effect.NOTE)
