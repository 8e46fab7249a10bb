"""Amounts as people write them in cells, read exactly or refused."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from models.i18n import gettext as _
from models.office_files.amounts.chinese_numbers import in_figures
from models.office_files.amounts.currencies import DOLLARS, YUAN_WORDS, Money, money_in, other_currency
from models.office_files.cells import BadCell, is_short, plain
from models.office_files.vocabulary import SIZE_WORDS, SIZES
from models.words import Currency

LARGEST_AMOUNT = Decimal(10**12)  # larger ones have a wrong unit
CENT = Decimal("0.01")
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
    text = _digits(value) if is_short(value) else ""
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


def _digits(value: object) -> str:
    """An amount's cell without spaces, its figure without an exponent."""
    if isinstance(value, float):
        text = repr(value)
    else:
        text = in_figures(WHOLE.sub("", plain(value).replace(" ", "").rstrip("。")))
    text = IN_BRACKETS.sub(r"\1", text)
    text = TWO_SIZES.sub(lambda match: str(Decimal(match[1]) * 10**4 + Decimal(match[2])), text.replace("个", ""))
    return f"{Decimal(text):f}" if re.fullmatch(r"[\d.]+E[+-]?\d{1,3}", text, re.IGNORECASE) else text
