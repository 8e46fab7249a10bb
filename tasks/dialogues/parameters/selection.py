"""The filters of a form that starts a run, and the selection they mean."""

from collections.abc import Iterable
from decimal import Decimal

from models.ledger.project import TEN_THOUSAND
from models.words import Sector, Stage
from tasks.dialogues.parameters.fields import SIGNED_FROM, SIGNED_UNTIL, day_under, word_of
from tasks.ledger.selection import Selection


def selection_of(
    units: Iterable[str],
    sectors: Iterable[str],
    stages: Iterable[str],
    signed: tuple[str, str],
    amounts: tuple[float, float],
) -> Selection:
    """The filters as typed values; amounts in ten thousand yuan, 0 and an empty day for none.

    Raises:
        Refused: naming the word or the day that is none.
    """
    return Selection(
        units=tuple(units),
        sectors=tuple(word_of(Sector, name) for name in sectors),
        stages=tuple(word_of(Stage, name) for name in stages),
        signed_from=day_under(signed[0], SIGNED_FROM),
        signed_until=day_under(signed[1], SIGNED_UNTIL),
        amount_from=_yuan(amounts[0]),
        amount_until=_yuan(amounts[1]),
    )


def _yuan(figure: float) -> Decimal | None:
    return Decimal(str(figure)) * TEN_THOUSAND if figure else None
