"""The blank ledger an office fills in: the columns an import knows, with choices and comments."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from models.i18n import gettext as _
from models.i18n import mark
from models.office_files.columns import LEDGER, SIDE_SHEETS
from models.office_files.days.days import FIRST_YEAR, LAST_YEAR
from models.words import BlockerCategory, Exit, Role, Sector, Stage, UnitKind, Word
from tasks.documents.excel import Book, writing
from tasks.documents.excel_tables import A3, FIRST, HEADER, SheetWriter
from tasks.documents.table import Cells
from tasks.exports.columns import COMPUTED, NUMBER, ORDER, PRINTED, columns_of
from tasks.exports.registers import write_register

BLANK_ROWS = 2000  # rows with choices and formats; an import reads on below them
PRINTED_ROWS = 30
MAX_LIST_LENGTH = 255  # characters of a list of choices that Excel takes
_NAMED = mark("One person; with the unit where a name is not enough, like 市商务局·张三.")
HELP = {  # comments at headers
    "code": mark("May be left empty: Luodi then gives one. It says which project a row speaks of."),
    "units": mark("The responsible unit first, then those that share the work, separated by 、"),
    "amount": mark("A plain figure is in ten thousand yuan; dollars are written out, like 1.2亿美元."),
    "signed_on": mark("Like 2013-06-09; the day is needed."),
    "officer": _NAMED,
    "leader": _NAMED,
    "claim": mark(
        "Empty: the project is open. An exit and a stop need their reason, a landing its milestones with evidence."
    ),
    "progress": mark("What is new; it is added to what the ledger has."),
    "increase.amount": mark("The increment alone, with its day beside it; several are numbered 1、 2、."),
    "paid_in.amount": mark("All that was paid in by the day beside it, not only what came last."),
    "problem": mark("Several are numbered 1、 2、 and what is said of each beside it is numbered alike."),
    "due_on": mark("By when the problem is to be solved."),
    "evidence": mark("For milestones that are reached and have no evidence of their own."),
}


def write_template(path: Path) -> None:
    fields = [field for field in ORDER if field == NUMBER or field not in COMPUTED]
    needed = {column.field for column in LEDGER if column.is_required}
    columns = [
        replace(column, head=f"*{column.head}") if column.key in needed else column for column in columns_of(fields)
    ]  # an import ignores the mark
    remark = _("Columns with * are needed. Empty cells change nothing. Columns of your own are kept.")
    register_remark = _("Only names that are new to the ledger are needed here.")
    with writing(path, is_exchanged=True) as book:
        writer = SheetWriter(book, _("Ledger"), columns, _("Ledger of signed projects"), remark)
        _prepare(book, writer)
        writer.finish(A3, sum(column.key in PRINTED for column in columns), PRINTED_ROWS)
        for title in SIDE_SHEETS:
            _prepare(book, write_register(book, title, (), register_remark, PRINTED_ROWS))


def _labels(*words: type[Word]) -> list[str]:
    return [word.label for kind in words for word in kind]


def _prepare(book: Book, writer: SheetWriter[Cells]) -> None:
    """Give the empty rows their choices and formats, and the headers their comments."""
    choices = {
        "sector": _labels(Sector),
        "claim": [
            *(label for label in _labels(Stage, Exit) if label != Stage.EXITED.label),
            *(_("Stopped"), _("Resumed")),  # an import puts the project on hold and ends that
        ],
        "category": _labels(BlockerCategory),
        "is_sme": [_("Yes"), _("No")],
        "kind": _labels(UnitKind),
        "role": _labels(Role),
    }
    advice = {
        "error_type": "warning",  # Excel takes other words all the same: an import knows more of them
        "error_title": _("Please check"),
        "error_message": _("This is none of the choices, or no day like 2013-06-09."),
    }
    for index, column in enumerate(writer.columns):
        is_day = column.key.endswith("_on")
        writer.sheet.set_column(index, index, column.width, book.day if is_day else book.text)
        allowed = _listed(choices[column.key]) if column.key in choices else DAYS if is_day else None
        if allowed:
            writer.sheet.data_validation(FIRST, index, FIRST + BLANK_ROWS - 1, index, allowed | advice)
        if column.key in HELP:
            writer.sheet.write_comment(HEADER, index, _(HELP[column.key]), {"x_scale": 1.6, "font_size": 10})


DAYS: dict[str, object] = {
    "validate": "date",
    "criteria": "between",
    "minimum": date(FIRST_YEAR, 1, 1),
    "maximum": date(LAST_YEAR, 12, 31),
}


def _listed(words: Sequence[str]) -> dict[str, object]:
    """A list to choose from; none if it is longer than Excel takes."""
    fits = len(",".join(words)) <= MAX_LIST_LENGTH and not any("," in word for word in words)
    return {"validate": "list", "source": list(words)} if fits else {"validate": "any"}
