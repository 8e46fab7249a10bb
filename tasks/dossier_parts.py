"""What a dossier is made of before it is laid out: sections of tables, cards and sentences, all of it plain text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from babel.dates import format_date

from models.i18n import current_locale
from models.i18n import gettext as _
from tasks.ledger import office_zone

Row = tuple[str, ...]
NOTHING = "—"
"""What stands where nothing is known."""


class Fact(NamedTuple):
    """What it is, and its value; running text is `wide` and takes a line of its own."""

    name: str
    value: str
    is_wide: bool = False


@dataclass(frozen=True)
class Grid:
    """A table with a row of heads; `widths` are the columns' shares of the page, in millimetres of its 170."""

    heads: Row
    widths: tuple[int, ...]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Card:
    """Facts about one thing, side by side; a long one takes the whole line."""

    facts: Sequence[Fact]
    title: str = ""


Block = Grid | Card | str


@dataclass(frozen=True)
class Section:
    """A numbered part of the dossier; `nothing` is said where it holds no block."""

    title: str
    nothing: str
    blocks: Sequence[Block]
    is_apart: bool = False
    """Begins on a page of its own, as an appendix does."""


def grid(heads: Row, widths: tuple[int, ...], rows: Iterable[Row]) -> list[Block]:
    """A table, or nothing at all when it has no rows."""
    found = list(rows)
    return [Grid(heads, widths, found)] if found else []


def known(*facts: tuple[str, object], is_wide: bool = False) -> list[Fact]:
    """The facts that have a value."""
    return [Fact(name, str(value), is_wide) for name, value in facts if value not in (None, "")]


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
