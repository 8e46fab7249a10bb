from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from models.i18n import gettext as _
from models.refusal import Refused
from models.settings import settings


def office_zone() -> ZoneInfo:
    return settings().timezone


def office_day(moment: datetime) -> date:
    """The office's calendar day at an aware moment."""
    return moment.astimezone(office_zone()).date()


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
    """The day `as_of` names (ISO text), or today in the office's time zone when it is empty.

    `Refused` when it is no date.
    """
    if not as_of:
        return datetime.now(office_zone()).date()
    try:
        return date.fromisoformat(as_of)
    except ValueError as problem:
        raise Refused(_("as_of “%(value)s” is not a date: write it like 2026-06-09.") % {"value": as_of}) from problem
