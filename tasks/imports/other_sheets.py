"""Names the unread sheets that hold data, so that nobody believes they were imported."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice

from models.i18n import gettext as _
from models.i18n import in_any_locale, mark
from models.office_files.cells import plain
from models.office_files.columns import LEDGER
from models.office_files.rows import Effect, Problem
from models.office_files.sheets.find_table import TITLE_ROWS, find_table
from models.office_files.sheets.sheet import Sheet
from models.office_files.sheets.table import nameless, titles_of

# Stands above sheets that repeat rows of another, as the official ledger's sheets of units do.
SHEET_FOR_READING = mark("For reading only: what is corrected here is not imported")
TO_CORRECT = mark("To correct")  # the sheet of a rejects workbook that lists its marks
FEWEST_ROWS, FEWEST_CELLS = 2, 2  # sheets with fewer than two rows of two cells are notes, not tables


def is_for_reading(titles: Iterable[str]) -> bool:
    signs = [plain(sign) for sign in in_any_locale(SHEET_FOR_READING)]
    return any(sign in title for title in titles for sign in signs)


def sheets_with_data(sheets: Mapping[str, Sheet], read: Collection[str]) -> tuple[str, ...]:
    """Names of visible sheets with a table that were not read, without those Luodi adds."""
    others = (sheet for name, sheet in sheets.items() if name not in read and not sheet.is_hidden)
    return tuple(sheet.name for sheet in others if _holds_table(sheet) and not _is_ours(sheet))


def _holds_table(sheet: Sheet) -> bool:
    rows = (row for row in sheet.rows if sum(cell != "" for cell in row) >= FEWEST_CELLS)
    return sum(1 for _row in islice(rows, FEWEST_ROWS)) == FEWEST_ROWS


def _is_ours(sheet: Sheet) -> bool:
    is_list = sheet.name.rstrip("0123456789") in in_any_locale(TO_CORRECT)  # a second one is numbered
    return is_list or is_for_reading(titles_of(sheet.rows[:TITLE_ROWS]))


def notes_on_ledgers(sheets: Mapping[str, Sheet], read: Collection[str]) -> Iterator[Problem]:
    reason = _("This sheet also looks like a ledger and was not read: import it by its name in `sheet`.")
    others = (find_table(sheet, LEDGER, {}) for title, sheet in sheets.items() if title not in read)
    for table in others:
        if table and not nameless(table) and not is_for_reading(table.titles):
            yield Problem(table.sheet.name, table.heading.row, "", "", reason, Effect.NOTE)
