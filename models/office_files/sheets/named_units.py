"""The unit that a text on a sheet gives the amounts around it: 单位：万元."""

import re

from models.office_files.amounts.amounts import UNKNOWN_UNIT, AmountUnit, amount_unit_of
from models.office_files.cells import plain
from models.office_files.names.names import clean_name

LONGEST_TITLE = 500  # characters read of a cell above the header
UNITS = ("元", "万元", "百万元", "亿元", "美元", "万美元", "百万美元", "亿美元")  # that a mapping may give
ONLY_UNIT = re.compile(
    r"\(?((?:人民[币幣])?(?:[千百]?[万萬]|[亿億千])?(?:[美港欧歐日韩韓澳加]?元|[港台臺日][币幣]|英[镑鎊]))\)?"
)
REMARKED_UNIT = re.compile(
    r"(?:[备備]?[注註]|[说說]明|notes?)\s*[:：]\s*(?=(?:以上|本表|表中|金额|投资额?|均)*[单單]位|unit)", re.IGNORECASE
)
SHEET_UNIT = re.compile(r"(?:[单單]位|unit)\s*[:(]\s*(.+?)(?:[;。]|,(?!\d)|[汇匯]率|$)", re.IGNORECASE)


def unit_word(unit: AmountUnit) -> str:
    """How a mapping writes a unit; "" if it has no word for it."""
    return next((word for word in UNITS if amount_unit_of(word) == unit), "")


def unit_in_words(unit: AmountUnit | None) -> str:
    return f"{unit.size} {unit.currency} {unit.is_either}" if unit else ""


def unit_named(text: str) -> AmountUnit | None:
    """The unit that a title gives the figures of its sheet: 单位：万元, or (万元) and nothing
    else.
    """
    title = clean_name(plain(text))
    match = ONLY_UNIT.fullmatch(title) or SHEET_UNIT.search(title)
    unit = amount_unit_of(match[1]) if match else UNKNOWN_UNIT
    return unit if unit.is_given else None
