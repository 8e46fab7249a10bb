import json
from collections.abc import Iterable
from datetime import date, datetime
from itertools import islice
from typing import Protocol, runtime_checkable

from models.i18n import enumerated, written
from models.i18n import gettext as _
from models.office_files.cells import FOR_READING
from models.office_files.columns import LONGEST_HEADER
from models.office_files.names.names import clean_text
from models.words import Word
from tasks.documents.characters import length
from tasks.ledger.office_time import office_zone

NOTHING = "—"  # where nothing is known
MAX_CELL_LENGTH = 32767  # characters a cell of Excel holds, in units of UTF-16
MAX_LISTED = 40  # names in a message


@runtime_checkable
class Readable(Protocol):
    """A value that says itself how people read it, as a rate does."""

    @property
    def text(self) -> str:
        """As people read it."""


def text_of(value: object) -> str:
    """A value as people read it; a dash for none."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, Word):
        return value.label
    if isinstance(value, date):
        return written(value)
    return value.text if isinstance(value, Readable) else str(value)


def entered(value: object) -> str:
    """A value out of JSON as a person entered it."""
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a whole number out of a workbook
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def yes_or_no(value: bool) -> str:
    return _("Yes") if value else _("No")


def span(first: date | None, last: date | None) -> str:
    return _("%(first)s to %(last)s") % {"first": text_of(first), "last": last or _("today")}


def moment(at: datetime) -> str:
    """A moment in the office's time zone, to the minute."""
    here = at.astimezone(office_zone())
    return f"{written(here.date())} {here:%H:%M}"


def running(text: str) -> str:
    """Running text, marked as for reading if it is too long or an import would change it."""
    return text if length(text) <= MAX_CELL_LENGTH and clean_text(text) == text else for_reading(text)


def for_reading(text: str) -> str:
    """A text that an import does not take, cut to what a cell surely holds."""
    return f"{_(FOR_READING)}{text}"[: MAX_CELL_LENGTH // 2]


def listed(names: Iterable[str]) -> str:
    some = [name[:LONGEST_HEADER] for name in islice(names, MAX_LISTED + 1)]
    return enumerated(some if len(some) <= MAX_LISTED else [*some[:MAX_LISTED], "…"])


def cut_note(shown: int, total: int) -> str:
    """A note that the list is shortened, or ''."""
    return _("The first %(shown)s of %(all)s.") % {"shown": shown, "all": total} if total > shown else ""
