"""The currencies a cell or a header names: the two that the ledger holds, and all others."""

import re
from typing import NamedTuple

from models.words import Currency

# A sign or a name of the currency alone leaves the size to header and title.
DOLLAR_SIGNS, YUAN_SIGNS = r"US\$|USD|\$", r"人民[币幣]|CN¥|CNY|RMB|¥"
DOLLARS = re.compile(rf"美元|美金|US ?dollars?|{DOLLAR_SIGNS}|dollars?", re.IGNORECASE)
YUAN_WORDS = re.compile(rf"{YUAN_SIGNS}|yuan|元|圆|圓", re.IGNORECASE)
SIGNS = re.compile(rf"{DOLLAR_SIGNS}|{YUAN_SIGNS}", re.IGNORECASE)
_AFTER_A_WORD = r"(?:^|(?<=[\d\s千百万萬亿億(/、,:;]))"  # 高新元件 holds no Singapore dollars
OTHER_CURRENCY = re.compile(
    r"[€£₩₽₹฿₫₱₺円]|JP¥"
    r"|(?<![A-Z])(?:HKD?|NTD?|TWD?|A(?:UD?)?|C(?:AD?)?|SG?D?|NZD?|MOP|BR|R|MX)\s?\$|\$\s?(?:HK|NT)(?![A-Z])"
    r"|(?<![A-Z])(?:HKD|NTD|TWD|JPY|EUR|GBP|KRW|AUD|CAD|SGD|NZD|MOP|RUB|CHF|THB|INR|MYR|VND|IDR|PHP|BRL)(?![A-Z])"
    r"|港[元币幣圆圓]|[台臺][币幣]|[日韩韓欧歐]元|[日韩韓]圆|日[币幣]|[韩韓][币幣]|[欧歐][币幣]|英[镑鎊]|卢布|盧布|法郎"
    r"|澳(?:大利亚|大利亞|门|門)?[元币幣]|加拿大元|加[币幣]|新加坡[元币幣]|坡[币幣]|新西[兰蘭][元币幣]|[纽紐]元"
    r"|泰[铢銖]|卢比|盧比|林吉特|越南盾|印尼盾|比索|雷亚尔|雷亞爾|兰特|克朗|迪拉姆|里亚尔|葡[币幣]"
    rf"|{_AFTER_A_WORD}(?:新元|新[币幣]|加元)"
    r"|(?:HK|Hong ?Kong|(?:New ?)?Taiwan|NT|Austral(?:ian?)|Canad(?:a|ian)|Singapore|New ?Zealand) ?dollars?"
    r"|(?<![A-Z])(?:euros?|(?:pounds? )?sterling|pounds?|yen|(?:Korean )?won|rou?bles?|rubles?|francs?|baht|rupees?"
    r"|ringgit)(?![A-Z])",
    re.IGNORECASE,
)


def other_currency(text: str) -> str:
    """The currency in a text that is neither yuan nor US dollars, as written; empty if none."""
    named = OTHER_CURRENCY.search(text)
    return named[0].strip() if named else ""


class Money(NamedTuple):
    """What a text says of its currency."""

    currency: Currency | None  # None if it names none
    is_either: bool  # yuan and dollars are both named
    is_sign: bool  # ￥5000: only the currency is named, no unit of its money, as 元
    rest: str  # the text without it


def money_in(text: str) -> Money:
    without_dollars, dollars = DOLLARS.subn("", text)
    rest, yuan = YUAN_WORDS.subn("", without_dollars)
    if not dollars and not yuan:
        return Money(None, is_either=False, is_sign=False, rest=text)
    is_sign = SIGNS.sub("", text) == rest
    return Money(Currency.USD if dollars else Currency.CNY, bool(dollars and yuan), is_sign, rest)


def is_yuan_sign(text: str) -> bool:
    """Whether a text is a sign of yuan and nothing else."""
    return money_in(text) == Money(Currency.CNY, is_either=False, is_sign=True, rest="")
