"""Days as people write them in cells, read exactly or refused."""

import calendar
import re
from collections.abc import Mapping
from datetime import date, timedelta

from models.i18n import gettext as _
from models.office_files.cells import BadCell, is_short, plain
from models.office_files.days.day_order import SHORT_DAY, DayOrder, whole_year

FIRST_YEAR, LAST_YEAR = 1980, 2099
FIRST_MINGUO_YEAR = 1911  # 民国102年, as investors from Taiwan write, is 2013
SERIAL_EPOCH = date(1899, 12, 30)  # Excel counts days from here
DAYS_TO_1904 = 1462  # Excel for Macintosh counted them from 1904-01-01
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


def parse_day(value: object, *, month_is_its_last_day: bool = False, order: DayOrder | None = None) -> date:
    """The day in a cell, from 1980 to 2099; 13/6/9 is read in the `order` of its column.

    A month without a day raises `BadCell`: nobody may invent the day a contract was signed. For
    plans and due dates (`month_is_its_last_day`) 2013年6月 means "before June is over".
    """
    if isinstance(value, date):
        return _checked(value.year, value.month, value.day)
    if isinstance(value, float) and re.fullmatch(r"\d{4}\.1", repr(value)):
        raise BadCell(_("Excel may have cut October to January here: write the date like 2013-10-09."))
    text = plain(value) if is_short(value) else ""
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


def written_day(text: str) -> date:
    """The day somebody writes into a form, by whatever notation is a day alone.

    No column around it says how 6/9/13 is meant, and nobody writes 45000. Raises `BadCell`.
    """
    if SERIAL.fullmatch(plain(text)):
        raise BadCell(_("This is not a date: write it like 2013-06-09."))
    order = DayOrder(list, is_chinese=False)
    if SHORT_DAY.fullmatch(plain(text)) and len(days := order.days(plain(text))) > 1:
        reason = _("This can be %(days)s: write the date like 2013-06-09.")
        raise BadCell(reason % {"days": " / ".join(map(str, days))})
    return parse_day(text, order=order)


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
