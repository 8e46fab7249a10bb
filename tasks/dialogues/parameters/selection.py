"""The filters of a form that starts a run, as the operator writes them, and the selection they mean."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TypeVar

from models.i18n import gettext as _
from models.ledger.project import TEN_THOUSAND
from models.office_files.cells import BadCell, parse_day
from models.refusal import Refused
from models.words import Sector, Stage, Word
from tasks.ledger.selection import Selection

W = TypeVar("W", bound=Word)


def selection_of(
    units: Iterable[str],
    sectors: Iterable[str],
    stages: Iterable[str],
    signed: tuple[str, str],
    amounts: tuple[float, float],
) -> Selection:
    """The filters as typed values; amounts are given in ten thousand yuan, 0 is no limit, an empty day none.

    Raises:
        Refused: naming the word or the day that is none.
    """
    return Selection(
        units=tuple(units),
        sectors=tuple(word_of(Sector, name) for name in sectors),
        stages=tuple(word_of(Stage, name) for name in stages),
        signed_from=day_or_none(signed[0]),
        signed_until=day_or_none(signed[1]),
        amount_from=_yuan(amounts[0]),
        amount_until=_yuan(amounts[1]),
    )


def word_of(kind: type[W], name: str) -> W:
    """The word a choice names, by its value or its label.

    Raises:
        Refused: with the choices there are.
    """
    try:
        return kind(name)
    except ValueError:
        choices = ", ".join(word.label for word in kind)
        raise Refused(_("“%(name)s” is none of: %(choices)s") % {"name": name, "choices": choices}) from None


def day_or_none(said: str) -> date | None:
    """The day a text names, in any of the notations of a ledger; None of an empty one.

    Raises:
        Refused: when it is no day.
    """
    if not said.strip():
        return None
    try:
        return parse_day(said)
    except BadCell as problem:
        told = _("“%(value)s”: %(why)s")
        raise Refused(told % {"value": said, "why": str(problem)}) from problem


def _yuan(figure: float) -> Decimal | None:
    """A limit in whole yuan; None where there is none."""
    return Decimal(str(figure)) * TEN_THOUSAND if figure else None
