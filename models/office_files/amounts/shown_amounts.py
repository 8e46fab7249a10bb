"""Amounts as their cells show them: the number format may name a unit, a sign, or a scale."""

from decimal import Decimal

from models.i18n import gettext as _
from models.office_files.amounts.amounts import Amount, AmountUnit, amount_unit_of, parse_amount
from models.office_files.amounts.currencies import money_in
from models.office_files.amounts.number_formats import NOBODYS
from models.office_files.cells import BadCell, plain
from models.office_files.sheets.sheet import Shown


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
    money = money_in(words)
    if money.is_sign and not money.rest:
        return parse_amount(f"{words}{shown.scaled:f}", unit)
    own = amount_unit_of(words)
    if own.size is None:
        return parse_amount(shown.text, unit)  # 约5000, or 120亩, which is none
    if not money.currency and not own.other:
        own = own._replace(currency=unit.currency, is_either=unit.is_either, other=unit.other)
    amount = parse_amount(shown.text, own._replace(size=Decimal(1)))  # the text has the size
    if unit.size is not None and not _agree(own, unit, cell, shown.scaled):
        reason = _(
            "The cell shows another unit than its header or the title names: write the amount with its unit as text, "
            "or give the cell a number format without a unit."
        )
        raise BadCell(reason, plain(shown.text))
    return amount


def _agree(own: AmountUnit, unit: AmountUnit, cell: Shown, figure: Decimal) -> bool:
    """Whether a cell shows the unit, or by another one the same amount: 50000000 元 as 5000万."""
    if own.currency is not unit.currency or own.size is None or unit.size is None:
        return False
    return own.size == unit.size or figure * own.size == Decimal(repr(float(cell))) * unit.size
