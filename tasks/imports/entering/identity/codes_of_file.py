"""Which cells of a file are codes of projects, and which codes new projects get."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.ledger.project import Project
from models.office_files.columns import is_official
from models.office_files.names.codes import OF_LUODI, codes_among, counts_rows, is_code
from models.office_files.rows import Effect, LedgerFile, LedgerRow, Problem
from tasks.imports.entering.identity.matched_project import MatchedProject

TAKE_NUMBERS = text(
    "INSERT INTO counter (name, value) VALUES (:name, :used + :count) "
    "ON CONFLICT (name) DO UPDATE SET value = greatest(counter.value, :used) + :count RETURNING value"
)


class Codes:
    """The codes of a file's rows; running numbers, which only count rows, are none."""

    def __init__(self, file: LedgerFile) -> None:
        columns: dict[str, list[tuple[int, str]]] = {}
        for row in _in_order(file):
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


def _in_order(file: LedgerFile) -> Sequence[LedgerRow]:
    """Every row, also those that cannot go in: they count, too."""
    return sorted((*file.rows, *file.rejected), key=attrgetter("number")) if file.rejected else file.rows


def is_of_office(code: str) -> bool:
    return is_code(code) and not OF_LUODI.fullmatch(code)


def keep_codes(session: Session, codes: Codes, matches: Sequence[MatchedProject]) -> None:
    kept = {code: match for match in reversed(matches) if not match.code and (code := codes.of_new(match.rows[0][0]))}
    if kept:
        taken = {match.code for match in matches}
        taken |= set(session.scalars(select(Project.code).where(Project.code == func.any(list(kept)))))
        for code in kept.keys() - taken:
            kept[code].code = code


def give_codes(session: Session, matches: Sequence[MatchedProject]) -> None:
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


def running_numbers(file: LedgerFile, codes: Codes) -> Iterator[Problem]:
    """A note if codes of the file were not taken for codes, at the first one."""
    numbers = [row for row in file.rows if row.code and not codes.of(row)]
    if numbers:
        reason = _(
            "A number that counts rows is no code: %(count)s codes of this file were not taken, and their projects "
            "were found by name, investor and unit. If they are codes, LUODI_CODE_PATTERN has to say how a code looks."
        )
        words = {"count": len(numbers)}
        yield file.problem(numbers[0], "code", numbers[0].code, reason % words, Effect.NOTE)
