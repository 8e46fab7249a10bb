from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from models.i18n import gettext as _
from models.i18n import mark, written
from models.office_files.cells import BadCell, plain
from models.office_files.days.day_order import SHORT_DAY
from models.office_files.days.days import written_day
from models.refusal import Refused
from models.settings import settings

AS_OF = mark("As of")


def office_zone() -> ZoneInfo:
    return settings().timezone


def office_day(moment: datetime) -> date:
    """The office's calendar day at an aware moment."""
    return moment.astimezone(office_zone()).date()


def day_in_words(as_of: object) -> str:
    """The day that a parameter names, as the language writes it; what is no day, as it is."""
    try:
        return written(day_of(str(as_of or "")))
    except Refused:
        return str(as_of)


def beginning_of(day: date) -> datetime:
    """The moment at which the office's day begins."""
    return datetime.combine(day, time(), office_zone())


def check_has_come(day: date, today: date | None = None) -> date:
    """The day, unless it lies after `today` (None: the office's clock): then `Refused`."""
    today = today or day_of("")
    if day > today:
        message = _("%(day)s has not come: today is %(today)s. Nothing is entered for a day to come.")
        raise Refused(message % {"day": day, "today": today})
    return day


def day_of(as_of: str) -> date:
    """The day `as_of` names, in any notation of a ledger, or today in the office's time zone.

    `Refused` when it is no date, or could be several.
    """
    if not as_of.strip():
        return datetime.now(office_zone()).date()
    return day_in(as_of, AS_OF)


def day_in(text: str, title: str) -> date:
    """The day entered under that title; `Refused` when it is no date, or could be several."""
    try:
        return written_day(text)
    except BadCell:
        problem = (
            _("“%(value)s” under “%(field)s” can be several days: write it like 2026-06-09.")
            if SHORT_DAY.fullmatch(plain(text))
            else _("“%(value)s” under “%(field)s” is not a date: write it like 2026-06-09.")
        )
        raise Refused(problem % {"value": text, "field": _(title)}) from None
