"""Amounts as their cells show them: the number format may name a unit, a sign, or a scale."""

from decimal import Decimal

from models.i18n import gettext as _
from models.office_files.amounts.currencies import DOLLARS, YUAN_WORDS
from models.office_files.amounts.number_formats import NOBODYS
from models.office_files.cells import Amount, AmountUnit, BadCell, amount_unit_of, parse_amount, plain
from models.office_files.sheets.sheet import Shown
from models.words import Currency

# Name the currency, and leave the size of the unit to header and title.
CURRENCY_SIGNS = {
    **dict.fromkeys(("¥", "CN¥", "CNY", "RMB", "人民币"), Currency.CNY),
    **dict.fromkeys(("$", "US$", "USD"), Currency.USD),
}
SIZES = {1: "", 1000: "千", 10**4: "万", 10**8: "亿"}
CURRENCIES = {Currency.CNY: "元", Currency.USD: "美元"}


def shown_amount(cell: Shown, unit: AmountUnit) -> Amount:
    """The amount that whoever reads the sheet sees, unrounded; raises `BadCell`.

    A unit that the cell shows counts, if header and title (`unit`) name no other one.
    """
    shown = cell.appearance
    if not cell:
        return parse_amount(0.0, unit)
    if shown is None:
        raise BadCell(_("The number format of this cell hides what it holds: show it, or empty the cell."))
    if shown.is_percent:
        raise BadCell(_("This cell shows a percentage: write the amount."))
    words = plain(shown.words)
    if shown.scaled is None:
        return parse_amount(shown.text, unit)
    if NOBODYS in words:  # some other country's money
        return parse_amount(NOBODYS + shown.text, unit)
    if not words:
        return parse_amount(float(shown.scaled), unit)
    if words.upper() in CURRENCY_SIGNS:
        return _with_sign(shown.scaled, CURRENCY_SIGNS[words.upper()], unit)
    own = amount_unit_of(words)
    if own.size is None:
        return parse_amount(shown.text, unit)  # 约5000, or 120亩, which is none
    if not DOLLARS.search(words) and not YUAN_WORDS.search(words) and not own.other:
        own = own._replace(currency=unit.currency, is_either=unit.is_either, other=unit.other)
    amount = parse_amount(shown.text, own)
    if unit.size is not None and (own.size, own.currency) != (unit.size, unit.currency):
        raise _disagreeing(plain(shown.text))
    return amount


def _with_sign(figure: Decimal, currency: Currency, unit: AmountUnit) -> Amount:
    if unit.size is None and currency is Currency.USD and not unit.is_either:
        # Without a suggestion: the cells around it are perhaps of yuan
        raise BadCell(
            _("Neither cell, header nor title says the unit: write it like 5000万元, or name it in the header.")
        )
    if unit.size is None or currency is unit.currency:
        return parse_amount(float(figure), unit if unit.is_either else unit._replace(currency=currency))
    raise _disagreeing(f"{figure.normalize():f}{SIZES.get(int(unit.size), '')}{CURRENCIES[currency]}")


def _disagreeing(suggestion: str) -> BadCell:
    reason = _(
        "The cell shows another unit than its header or the title names: write the amount with its unit as text, "
        "or give the cell a number format without a unit."
    )
    return BadCell(reason, suggestion)
