"""What cells of office ledgers say: amounts and days as people write them, read exactly or refused."""

import calendar
import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from models.i18n import gettext as _
from models.words import Currency

FIRST_YEAR, LAST_YEAR = 1980, 2099
SERIAL_EPOCH = date(1899, 12, 30)
"""Excel counts days from here."""
LARGEST_AMOUNT = Decimal(10**12)
"""A project of a trillion has its unit wrong: no province signs one."""
CENT = Decimal("0.01")

SIZES = {"": 1, "千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
DOLLARS = re.compile(r"美元|美金|USD|US\$|\$", re.IGNORECASE)
YUAN_WORDS = re.compile(r"人民币|CNY|RMB|¥|元", re.IGNORECASE)
FIGURE = re.compile(r"约?(?P<figure>\d+(?:\.\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?)(?P<size>百万|千万|[千万亿]?)")
RANGE = re.compile(r"\d\D*?[-~—–至到]\D*?\d")

TIME_OF_DAY = re.compile(r"[\sT]+\d{1,2}:\d{2}.*$")
DAYS = (
    re.compile(r"(?P<year>\d{4})[-./年](?P<month>\d{1,2})[-./月](?P<day>\d{1,2})[日号]?"),
    re.compile(r"(?P<year>\d{2})年(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]?"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"),
    re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}|\d{2})"),
)
MONTHS = (
    re.compile(r"(?P<year>\d{4})[-./年](?P<month>\d{1,2})(?:月份?)?"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})"),
)
SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")

BLANKS = {"", "无", "暂无", "没有", "/", "\\", "-", "--", "—", "——"}
YES = {"是", "有", "√", "✓", "✔", "y", "yes", "true", "1", "中小", "中小企业"}
NO = {"否", "不是", "×", "✗", "n", "no", "false", "0", "大型", "大型企业"}
INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")


class BadCell(ValueError):
    """A cell that cannot be read; its text tells the operator what is wrong and what to write instead."""


class AmountUnit(NamedTuple):
    """What a plain number stands for: `size` yuan (or dollars) each."""

    size: Decimal
    currency: Currency


YUAN = AmountUnit(Decimal(1), Currency.CNY)


def plain(value: object) -> str:
    """A cell as one line of text with half-width figures and signs; a whole number without its “.0”."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(unicodedata.normalize("NFKC", INVISIBLE.sub("", str(value))).split())


def is_blank(value: object) -> bool:
    """Whether a cell says nothing: empty, or one of the signs people write for nothing (无, /, —)."""
    return value is None or plain(value).rstrip("。.") in BLANKS


def amount_unit_of(header: str) -> AmountUnit:
    """The unit a column's header names: 总投资（万元）, 合同外资（万美元）; yuan when it names none."""
    text = plain(header)
    size = re.search(r"百万|千万|[千万亿](?=元|美元|\W|$)", text)
    is_dollars = DOLLARS.search(text) and not re.search(r"(?<!美)元", text)
    return AmountUnit(Decimal(SIZES[size[0]] if size else 1), Currency.USD if is_dollars else Currency.CNY)


def parse_amount(value: object, unit: AmountUnit = YUAN) -> tuple[Decimal, Currency]:
    """An amount in whole units of its currency, to the cent (half a cent rounds up).

    Size and currency written in the cell (5000万元, 1.2亿美元) win over the header's `unit`; 约 is dropped.

    Raises:
        BadCell: for ranges, negative or impossible figures, other currencies and whatever is no figure.
    """
    text = _digits(value)
    if RANGE.search(text) and not isinstance(value, date):
        raise BadCell(_("An amount is one figure, not a range: write the amount that was signed."))
    in_dollars, in_yuan = DOLLARS.search(text), YUAN_WORDS.search(DOLLARS.sub("", text))
    found = FIGURE.fullmatch(YUAN_WORDS.sub("", DOLLARS.sub("", text)))
    if found is None:
        raise BadCell(_("This is not an amount in yuan or US dollars: write it like 5000万元, 1.2亿元 or 1.2亿美元."))
    size = Decimal(SIZES[found["size"]]) if found["size"] or in_dollars or in_yuan else unit.size
    amount = Decimal(found["figure"].replace(",", "")) * size
    if amount >= LARGEST_AMOUNT:
        raise BadCell(_("No project is that large: check the unit, yuan, ten thousand or hundred million."))
    currency = Currency.USD if in_dollars else Currency.CNY if in_yuan else unit.currency
    return amount.quantize(CENT, ROUND_HALF_UP), currency


def _digits(value: object) -> str:
    """What an amount's cell says without spaces; big and small figures without an exponent."""
    text = repr(value) if isinstance(value, float) else plain(value).replace(" ", "")
    return f"{Decimal(text):f}" if re.fullmatch(r"[\d.]+E[+-]?\d{1,3}", text, re.IGNORECASE) else text


def parse_day(value: object, *, month_is_its_last_day: bool = False) -> date:
    """The day a cell names, whichever way it is written; 6/9/13 is Excel's month/day/year.

    A month without a day is refused for what has happened: nobody may invent the day a contract was signed.
    For what is due or planned (`month_is_its_last_day`) who writes 2013年6月 means "before June is over".

    Raises:
        BadCell: for anything that is not one day between 1980 and 2099.
    """
    if isinstance(value, date):
        return _checked(value.year, value.month, value.day)
    if isinstance(value, float) and re.fullmatch(r"\d{4}\.1", repr(value)):
        raise BadCell(_("Excel may have cut October to January here: write the date like 2013-10-09."))
    text = TIME_OF_DAY.sub("", plain(value)).replace(" ", "").rstrip(".。")
    for pattern in DAYS:
        if found := pattern.fullmatch(text):
            return _checked(int(found["year"]), int(found["month"]), int(found["day"]))
    if found := SERIAL.fullmatch(text):
        day = SERIAL_EPOCH + timedelta(int(found[1]))
        return _checked(day.year, day.month, day.day)
    return _end_of_month(text, month_is_its_last_day)


def _end_of_month(text: str, is_wanted: bool) -> date:
    found = next((match for pattern in MONTHS if (match := pattern.fullmatch(text))), None)
    if found is None:
        raise BadCell(_("This is not a date: write it like 2013-06-09."))
    if not is_wanted:
        raise BadCell(_("Only a month is given: write the day too, like 2013-06-09."))
    year, month = int(found["year"]), int(found["month"])
    return _checked(year, month, calendar.monthrange(year, month)[1] if 1 <= month <= 12 and year else 1)


def _checked(year: int, month: int, day: int) -> date:
    year += 2000 if year < 100 else 0
    try:
        found = date(year, month, day)
    except ValueError:
        raise BadCell(_("There is no such day: write the date like 2013-06-09.")) from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadCell(_("The year %(year)s cannot be right: write the date like 2013-06-09.") % {"year": year})
    return found


def parse_yes(value: object) -> bool:
    """Whether a cell says yes.

    Raises:
        BadCell: when it says neither yes nor no.
    """
    text = plain(value).casefold()
    if text not in YES | NO:
        raise BadCell(_("This says neither yes nor no: write 是 or 否."))
    return text in YES
