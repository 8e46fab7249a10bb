"""Cells as people write them: their text, whether they are empty, and why one cannot be read."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from functools import cache

from models.i18n import gettext as _
from models.i18n import in_any_locale, mark
from models.office_files.sheets.sheet import Shown

NEVER_BLANK = {bool, int, float, date, datetime, time, timedelta}  # a number that is `Shown` may be
MAX_LENGTH = 200  # characters of an amount or a day; patterns would take seconds on longer text
BLANKS = {"", "无", "暂无", "没有", "/", "\\", "-", "--", "—", "——"}
LONGEST_BLANK = 3  # characters, full stop included
# Begins a cell that only informs, such as a shortened text: an import takes it for empty.
FOR_READING = mark("〔For reading only〕")
YES = {"是", "有", "√", "✓", "✔", "y", "yes", "true", "1", "中小", "中小企业"}
NO = {"否", "不是", "×", "✗", "n", "no", "false", "0", "大型", "大型企业"}
# Control and formatting characters, left by systems that export; PostgreSQL takes no NUL.
INVISIBLE = re.compile(
    "[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)


class BadCell(ValueError):
    """A cell that cannot be read: what is wrong and what to write instead; shown in logs."""

    def __init__(self, reason: str, suggestion: str = "") -> None:
        super().__init__(reason)
        self.suggestion = suggestion  # what was probably meant, or ''


def plain(value: object) -> str:
    """A cell as one line of half-width text, as it shows it; a whole number without its “.0”."""
    if type(value) is str and value.isascii() and value.isprintable() and " " not in value:
        return value  # as most codes and dates are
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, Shown):
        value = shown.text if (shown := value.appearance) else float(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(unicodedata.normalize("NFKC", INVISIBLE.sub("", str(value))).split())


def is_blank(value: object) -> bool:
    """Whether a cell is empty, for reading only, or a sign for nothing (无, /, —)."""
    if type(value) is str and len(value.strip()) > LONGEST_BLANK:
        if value.startswith(FOR_READING[0]):
            return is_for_reading(value)
        if value.isprintable():
            return False
    return type(value) not in NEVER_BLANK and (value is None or plain(value).rstrip("。.") in BLANKS)


def is_for_reading(value: object) -> bool:
    """Whether a cell only informs: its value stands elsewhere, and is not empty."""
    return isinstance(value, str) and value.startswith(_for_reading())


@cache
def _for_reading() -> tuple[str, ...]:
    return tuple(in_any_locale(FOR_READING))


def is_short(value: object) -> bool:
    return not isinstance(value, str) or len(value) <= MAX_LENGTH


def parse_yes(value: object) -> bool:
    """Raise `BadCell` if the cell says neither yes nor no."""
    text = plain(value).casefold()
    if text not in YES | NO:
        raise BadCell(_("This says neither yes nor no: write 是 or 否."))
    return text in YES
