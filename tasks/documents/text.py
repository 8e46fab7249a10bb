"""Texts of values in documents: days, moments, spans, lists, running text."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import islice

from babel.dates import format_date

from models.i18n import current_locale
from models.i18n import gettext as _
from models.office_files.cells import FOR_READING
from models.office_files.columns import LONGEST_HEADER
from models.office_files.names import clean_text
from tasks.ledger.office_time import office_zone

NOTHING = "—"
"""What stands where nothing is known."""


def written(value: object) -> str:
    """A value as it is printed; a dash for none."""
    return NOTHING if value in (None, "") else str(value)


def yes_or_no(value: bool) -> str:
    """是 or 否."""
    return _("Yes") if value else _("No")


def span(first: date | None, last: date | None) -> str:
    """From one day until another; the last one may be open."""
    return _("%(first)s to %(last)s") % {"first": written(first), "last": last or _("today")}


def moment(at: datetime) -> str:
    """A moment in the office's time zone, to the minute."""
    return f"{at.astimezone(office_zone()):%Y-%m-%d %H:%M}"


def day_in_words(day: date) -> str:
    """A date as documents write it: 2013年6月9日."""
    return format_date(day, "long", current_locale())


LONGEST = 32767
"""Characters a cell of Excel holds, in units of UTF-16."""


def running(text: str) -> str:
    """Running text; only for reading where it does not fit its cell, or an import would take it for another."""
    return text if _length(text) <= LONGEST and clean_text(text) == text else for_reading(text)


def for_reading(text: str) -> str:
    """A text that an import does not take, cut to what a cell surely holds."""
    return f"{_(FOR_READING)}{text}"[: LONGEST // 2]


def _length(text: str) -> int:
    """Its length as Excel counts: rare characters twice."""
    return len(text.encode("utf-16-le")) // 2


MOST_LISTED = 40
"""Names a message lists; what has more columns or sheets is no ledger that somebody reads."""


def listed(names: Iterable[str]) -> str:
    """Names in a message, as many as anybody reads."""
    some = [name[:LONGEST_HEADER] for name in islice(names, MOST_LISTED + 1)]
    return ", ".join(some if len(some) <= MOST_LISTED else [*some[:MOST_LISTED], "…"])
