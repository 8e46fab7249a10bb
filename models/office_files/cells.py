"""Amounts and days as people write them in cells, read exactly or refused."""

import calendar
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import NamedTuple

from models.i18n import gettext as _
from models.i18n import in_any_locale, mark
from models.office_files.amounts.chinese_numbers import in_figures
from models.office_files.amounts.currencies import DOLLARS, YUAN_WORDS, Money, money_in, other_currency
from models.office_files.days.day_order import SHORT_DAY, DayOrder, whole_year
from models.office_files.sheets.sheet import Shown
from models.office_files.vocabulary import SIZE_WORDS, SIZES
from models.words import Currency

FIRST_YEAR, LAST_YEAR = 1980, 2099
FIRST_MINGUO_YEAR = 1911  # 民国102年, as investors from Taiwan write, is 2013
SERIAL_EPOCH = date(1899, 12, 30)  # Excel counts days from here
DAYS_TO_1904 = 1462  # Excel for Macintosh counted them from 1904-01-01
LARGEST_AMOUNT = Decimal(10**12)  # larger ones have a wrong unit
CENT = Decimal("0.01")
MAX_LENGTH = 200  # characters of an amount or a day; patterns would take seconds on longer text

CHINESE_SIZE = re.compile(
    r"百[万萬]|千[万萬]|[千万萬亿億](?=元|圆|圓|美[元金]|人民[币幣]|RMB|CNY|yuan|US|\W|$)", re.IGNORECASE
)
ENGLISH_SIZE = re.compile(
    r"(?<![a-z\d])(10,?000|10k|tenthousand|thousand|(?:100|hundred)million|million|mn|billion|bn)", re.IGNORECASE
)
FIGURE = re.compile(
    r"约?(?P<figure>\d+(?:\.\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?)(?P<size>百[万萬]|千[万萬]|[千万萬亿億]|[a-z]*)",
    re.IGNORECASE,
)
# A remark at a figure: the figure is probably meant.
REMARK = re.compile(
    r"^(?:[约近超逾]|大约|超过|不足|不低于|不少于|至少)(?=\d)|\(.*$"
    r"|(?<=[\d千百万萬亿億])[多余餘来來](?=[千百万萬亿億元圆圓美]|$)|(?:左右|上下|以上|以下|以内|以內|许)$"
)
TWO_SIZES = re.compile(r"(\d+(?:\.\d+)?)[亿億](\d+(?:\.\d+)?)(?=[万萬])")  # 1亿2000万元
# A unit and nothing else behind a figure: 5000（万元）.
IN_BRACKETS = re.compile(
    rf"(?<=[\d千百万萬亿億])\((?!\))((?:[千百]?[万萬]|[千亿億])?(?:{DOLLARS.pattern}|{YUAN_WORDS.pattern})?)\)$",
    re.IGNORECASE,
)
WHOLE = re.compile(r"(?<=[元圆圓])[整正]$")  # as contracts write: 壹亿元整
RANGE = re.compile(r"\d\D*?[-~—–至到]\D*?\d")

GAP = re.compile(r"(?<!\d) | (?!\d)")  # between figures a space separates: 2013 1 2 is not 201312
TIME_OF_DAY = re.compile(r"(?:[\sT]+(?:[上下]午)?\s*\d{1,2}:\d{2}.*|\s*[上下]午)$")
NUMERALS = "〇一二三四五六七八九"
# Numbers as documents write days: 二〇一三年六月二十九日.
CHINESE_NUMBER = re.compile(rf"(?:[一二三]?十[一二三四五六七八九]?|[○零{NUMERALS}]+)(?=[年月日号號])")
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ENGLISH_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
ENGLISH_MONTH = (
    r"(?P<name>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
DAYS = (
    re.compile(r"(?P<year>\d{4})[-–—·./年](?P<month>\d{1,2})[-–—·./月](?P<day>\d{1,2})[日号號]?"),
    re.compile(r"(?P<year>1[3-9]|[2-9]\d)\.(?P<month>\d{1,2})\.(?P<day>\d{1,2})"),
    re.compile(r"(?P<year>\d{2})年(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号號]?"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"),
    re.compile(rf"{ENGLISH_DAY}[-./]?{ENGLISH_MONTH}[-./,]?(?P<year>\d{{4}}|\d{{2}})", re.IGNORECASE),
    re.compile(rf"{ENGLISH_MONTH}[-./]?{ENGLISH_DAY}[-./, ](?P<year>\d{{4}})", re.IGNORECASE),
    re.compile(rf"(?P<year>\d{{4}})[-./]?{ENGLISH_MONTH}[-./]?{ENGLISH_DAY}", re.IGNORECASE),
    re.compile(r"民[国國](?P<minguo>\d{2,3})[-./年](?P<month>\d{1,2})[-./月](?P<day>\d{1,2})[日号號]?"),
)
MONTHS = (
    re.compile(r"(?P<year>\d{4})[-./年](?P<month>\d{1,2})(?:月份?)?"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})"),
)
PARTS_OF_MONTH = {"上旬": 10, "中旬": 20, "初": 10}
# How people write when something is due; the last day of the period is meant.
PERIODS = re.compile(
    r"(?P<year>\d{4})年(?:(?P<month>\d{1,2})月(?P<part>上旬|中旬|下旬|初|底|末)|第?(?P<quarter>[1-4一二三四])季度"
    r"|(?P<half>上半年|下半年)|(?P<end>底|末|内|年底))"
)
YEARLESS = re.compile(r"\d{1,2}[-./月]\d{1,2}[日号]?")
WEEKDAY = re.compile(r"\(?(?:星期|周|礼拜)[一二三四五六日天]\)?$")
SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
SERIAL_IN_TEXT = re.compile(r"(?<!\d)\d{5}(?!\d)")

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


class NoUnit(BadCell):
    """Nobody says what this figure counts: ten thousands or hundred millions."""

    def __init__(self, figure: Decimal, currency: Currency) -> None:
        reason = _("Neither cell, header nor title says the unit: write it like 5000万元, or name it in the header.")
        super().__init__(reason)
        self.figure, self.currency = figure, currency  # yuan, if nothing names a currency


class TwoSizes(BadCell):
    """6.5万 in a column of 万元: the cell's size may replace the column's, or count it."""

    def __init__(self, amount: Decimal, size: Decimal, currency: Currency) -> None:
        reason = _(
            "In this column it can mean %(small)s or %(large)s (%(currency)s): write the unit whole, like 6.5万元 or "
            "6.5亿元."
        )
        small, large = (f"{figure.normalize():,f}" for figure in (amount, amount * size))
        super().__init__(reason % {"small": small, "large": large, "currency": currency.label})
        self.amount = amount


class AmountUnit(NamedTuple):
    """What a plain number stands for: `size` yuan or dollars; None if no unit is given."""

    size: Decimal | None
    currency: Currency
    is_either: bool = False  # yuan and dollars are both named, so each cell must say which
    other: str = ""  # another currency, which the ledger does not hold

    @property
    def is_given(self) -> bool:
        return self.size is not None or self.is_either or bool(self.other)


class Amount(NamedTuple):
    """An amount in whole yuan or dollars, to the cent."""

    figure: Decimal
    currency: Currency


YUAN = AmountUnit(Decimal(1), Currency.CNY)
UNKNOWN_UNIT = AmountUnit(None, Currency.CNY)
MONEY_WORDS = {Currency.CNY: "元", Currency.USD: "美元"}
SURELY_YUAN = Decimal(10**6)  # a smaller amount hardly is a project's: another size is meant


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
    return value is None or plain(value).rstrip("。.") in BLANKS


def is_for_reading(value: object) -> bool:
    """Whether a cell only informs: its value stands elsewhere, and is not empty."""
    return isinstance(value, str) and value.startswith(_for_reading())


@cache
def _for_reading() -> tuple[str, ...]:
    return tuple(in_any_locale(FOR_READING))


def amount_unit_of(header: str) -> AmountUnit:
    """The unit in a header: 总投资（万元）, 外资（万美元）, Amount (10k yuan); or
    `UNKNOWN_UNIT`.
    """
    if other := other_currency(plain(header)):
        return UNKNOWN_UNIT._replace(other=other)
    text = plain(header).replace(" ", "")
    size_word, money = CHINESE_SIZE.search(text) or ENGLISH_SIZE.search(text), money_in(text)
    if money.is_either:
        return UNKNOWN_UNIT._replace(is_either=True)
    if not size_word and not money.currency:
        return UNKNOWN_UNIT
    size = SIZES[size_word[0].casefold()] if size_word else 1
    return AmountUnit(Decimal(size), money.currency or Currency.CNY)


def in_words(figure: Decimal, size: Decimal, currency: Currency) -> str:
    """An amount as offices write it: 5000万元; empty if its size has no word."""
    word = SIZE_WORDS.get(int(size), "" if size == 1 else None)
    return "" if word is None else f"{figure.normalize():f}{word}{MONEY_WORDS[currency]}"


def parse_amount(value: object, unit: AmountUnit = YUAN) -> Amount:
    """An amount to the cent (half a cent rounds up), without 约; raises `BadCell`.

    Size and currency in the cell (5000万元, 1.2亿美元) win over the header's `unit`.
    """
    if type(value) is float and value.is_integer() and 0 <= value < SURELY_YUAN and unit.size:
        quick = Decimal(int(value)) * unit.size
        if quick < LARGEST_AMOUNT:
            return Amount(quick, unit.currency)  # as most are
    text = _digits(value) if _is_short(value) else ""
    if RANGE.search(text) and not isinstance(value, date):
        raise BadCell(_("An amount is one figure, not a range: write the amount that was signed."))
    money = money_in(text)
    match = None if money.is_either else FIGURE.fullmatch(money.rest)
    size_word = match["size"].casefold() if match else ""
    if match is None or size_word not in {"", *SIZES}:
        raise _no_amount(text, unit)
    figure = Decimal(match["figure"].replace(",", ""))
    amount = figure * _size(figure, Decimal(SIZES[size_word]) if size_word else None, money, unit)
    if amount >= LARGEST_AMOUNT:
        raise BadCell(_("No project is that large: check the unit, yuan, ten thousand or hundred million."))
    return Amount(amount.quantize(CENT, ROUND_HALF_UP), money.currency or unit.currency)


def _no_amount(text: str, unit: AmountUnit) -> BadCell:
    if currency := other_currency(text):
        return _in_other_currency(currency)
    reason = _("This is not an amount in yuan or US dollars: write it like 5000万元, 1.2亿元 or 1.2亿美元.")
    figure = REMARK.sub("", text)
    if figure == text:
        return BadCell(reason)
    try:
        amount = parse_amount(figure, unit)
    except BadCell:
        return BadCell(reason)
    if not figure[-1].isdecimal():
        return BadCell(reason, figure)
    size = unit.size or Decimal(1)
    is_likely = amount.figure >= SURELY_YUAN
    return BadCell(reason, in_words(amount.figure / size, size, amount.currency) if is_likely else "")


def _size(figure: Decimal, own: Decimal | None, money: Money, unit: AmountUnit) -> Decimal:
    """How many yuan or dollars a figure counts, by its cell's `own` size or by the `unit`."""
    if money.currency is None:
        _check_currency(unit)
    elif not money.is_sign:
        return own or Decimal(1)
    currency = money.currency or unit.currency
    if own and (unit.size or 1) > 1 and figure * own < SURELY_YUAN:
        if currency is not unit.currency:
            raise _in_unlike_currency()
        raise TwoSizes(figure * own, unit.size or own, currency)
    if own or not figure:
        return own or Decimal(1)
    if money.currency:
        return _size_behind_sign(figure, money.currency, unit)
    if unit.size is None and figure < LARGEST_AMOUNT:
        raise NoUnit(figure, currency)
    return unit.size or Decimal(1)


def _size_behind_sign(figure: Decimal, currency: Currency, unit: AmountUnit) -> Decimal:
    """The size of a figure of which the cell names the currency alone: ￥5000, USD 500."""
    if unit.size is None:
        if figure >= SURELY_YUAN:
            return Decimal(1)
        _check_currency(unit)
        no_unit = NoUnit(figure, currency)
        # Without a suggestion for dollars: the cells around are perhaps of yuan
        raise no_unit if currency is Currency.CNY else BadCell(str(no_unit))
    if currency is not unit.currency:
        size = unit.size if figure < SURELY_YUAN else Decimal(1)
        raise _in_unlike_currency(in_words(figure, size, currency))
    if unit.size > 1 and figure >= SURELY_YUAN:
        raise TwoSizes(figure, unit.size, currency)
    return unit.size


def _in_unlike_currency(suggestion: str = "") -> BadCell:
    reason = _(
        "The cell names another currency than its header or the title: write the amount with its unit, like "
        "500万元 or 500万美元."
    )
    return BadCell(reason, suggestion)


def _check_currency(unit: AmountUnit) -> None:
    """Raise `BadCell` if a figure in this unit must say its currency itself."""
    if unit.is_either:
        raise BadCell(_("The header names yuan and dollars: write which, like 3亿元 or 1.2亿美元."))
    if unit.other:
        raise _in_other_currency(unit.other)


def _in_other_currency(currency: str) -> BadCell:
    reason = _("This is in %(currency)s, neither in yuan nor in US dollars: write it like 5000万元 or 1.2亿美元.")
    return BadCell(reason % {"currency": currency})


def _is_short(value: object) -> bool:
    return not isinstance(value, str) or len(value) <= MAX_LENGTH


def _digits(value: object) -> str:
    """An amount's cell without spaces, its figure without an exponent."""
    if isinstance(value, float):
        text = repr(value)
    else:
        text = in_figures(WHOLE.sub("", plain(value).replace(" ", "").rstrip("。")))
    text = IN_BRACKETS.sub(r"\1", text)
    text = TWO_SIZES.sub(lambda match: str(Decimal(match[1]) * 10**4 + Decimal(match[2])), text.replace("个", ""))
    return f"{Decimal(text):f}" if re.fullmatch(r"[\d.]+E[+-]?\d{1,3}", text, re.IGNORECASE) else text


def parse_day(value: object, *, month_is_its_last_day: bool = False, order: DayOrder | None = None) -> date:
    """The day in a cell, from 1980 to 2099; 13/6/9 is read in the `order` of its column.

    A month without a day raises `BadCell`: nobody may invent the day a contract was signed. For
    plans and due dates (`month_is_its_last_day`) 2013年6月 means "before June is over".
    """
    if isinstance(value, date):
        return _checked(value.year, value.month, value.day)
    if isinstance(value, float) and re.fullmatch(r"\d{4}\.1", repr(value)):
        raise BadCell(_("Excel may have cut October to January here: write the date like 2013-10-09."))
    text = plain(value) if _is_short(value) else ""
    text = WEEKDAY.sub("", GAP.sub("", TIME_OF_DAY.sub("", text)).rstrip(".。"))
    text = CHINESE_NUMBER.sub(_in_figures, text)
    if month_is_its_last_day:
        text = re.sub(r"(?:之|以)?前$", "", text)
    for pattern in DAYS:
        if match := pattern.fullmatch(text):
            return _day_of(match.groupdict())
    if SHORT_DAY.fullmatch(text):
        return _in_order(text, order or DayOrder(lambda: [text], is_chinese=True))
    if match := SERIAL.fullmatch(text):
        day = SERIAL_EPOCH + timedelta(int(match[1]))
        return _checked(day.year, day.month, day.day)
    if month_is_its_last_day and (match := PERIODS.fullmatch(text)):
        return _end_of_period(match)
    return _end_of_month(text, month_is_its_last_day)


def _in_order(text: str, order: DayOrder) -> date:
    days = order.days(text)
    if len(days) > 1:
        reason = _("This can be %(days)s, and nothing around it says which: write it like 2013-06-09.")
        raise BadCell(reason % {"days": " / ".join(map(str, days))})
    return _checked(days[0].year, days[0].month, days[0].day) if days else _checked(FIRST_YEAR, 0, 0)


def serial_since_1900(value: object) -> object:
    """A cell of a workbook that counts days from 1904; `BadCell` if a text holds such a count."""
    if isinstance(value, int | float) and SERIAL.fullmatch(plain(value)):
        return float(value) + DAYS_TO_1904
    if isinstance(value, str) and SERIAL_IN_TEXT.search(value):
        raise BadCell(_("This workbook counts days from 1904, others from 1900: write the date like 2013-06-09."))
    return value


def _day_of(parts: Mapping[str, str]) -> date:
    year = int(parts["minguo"]) + FIRST_MINGUO_YEAR if "minguo" in parts else int(parts["year"])
    month = MONTH_NAMES.index(parts["name"][:3].casefold()) + 1 if "name" in parts else int(parts["month"])
    return _checked(year, month, int(parts["day"]))


def _in_figures(match: re.Match[str]) -> str:
    """A Chinese number in figures: 二〇一三 is 2013, 二十九 is 29, 十 is 10."""
    digits = match[0].translate(str.maketrans("○零", "〇〇"))
    if "十" not in digits:
        return "".join(str(NUMERALS.index(digit)) for digit in digits)
    tens, _ten, ones = digits.partition("十")
    return str((NUMERALS.index(tens) if tens else 1) * 10 + (NUMERALS.index(ones) if ones else 0))


def _end_of_period(match: re.Match[str]) -> date:
    year, part = int(match["year"]), match["part"]
    month = int(match["month"] or 12)
    if match["quarter"]:
        month = 3 * ("一二三四".find(match["quarter"]) + 1 or int(match["quarter"]))
    elif match["half"] == "上半年":
        month = 6
    last = calendar.monthrange(year, month)[1] if 1 <= month <= 12 else 1
    return _checked(year, month, PARTS_OF_MONTH.get(part, last))


def _end_of_month(text: str, is_wanted: bool) -> date:
    month_match = next((match for pattern in MONTHS if (match := pattern.fullmatch(text))), None)
    if month_match is None and YEARLESS.fullmatch(text):
        raise BadCell(_("The year is missing: write the date like 2013-06-09."))
    if month_match is None:
        raise BadCell(_("This is not a date: write it like 2013-06-09."))
    if not is_wanted:
        raise BadCell(_("Only a month is given: write the day too, like 2013-06-09."))
    year, month = int(month_match["year"]), int(month_match["month"])
    return _checked(year, month, calendar.monthrange(year, month)[1] if 1 <= month <= 12 and year else 1)


def _checked(year: int, month: int, day: int) -> date:
    year = whole_year(year)
    try:
        checked = date(year, month, day)
    except ValueError:
        raise BadCell(_("There is no such day: write the date like 2013-06-09.")) from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadCell(_("The year %(year)s cannot be right: write the date like 2013-06-09.") % {"year": year})
    return checked


def parse_yes(value: object) -> bool:
    """Raise `BadCell` if the cell says neither yes nor no."""
    text = plain(value).casefold()
    if text not in YES | NO:
        raise BadCell(_("This says neither yes nor no: write 是 or 否."))
    return text in YES
