"""Parameters that several flows take, with the titles and descriptions forms show."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import Field

from models.i18n import enumerated, in_any_locale, mark
from models.i18n import gettext as _
from models.ledger.project import TEN_THOUSAND
from models.refusal import Refused
from models.words import Sector, Stage, Word
from tasks.ledger.office_time import AS_OF, day_in
from tasks.ledger.selection import Selection
from tasks.runs.forms import choice_of, one_of
from tasks.runs.parameters import DRY_RUN, FILLED_IN, STARTED_BY_LUODI, UNLESS_SCHEDULED

W = TypeVar("W", bound=Word)

AsOf = Annotated[str, Field(title=AS_OF, description=mark("Leave empty for today, or write a day like 2026-06-09"))]
FilledInBy = Annotated[
    str, Field(title=mark("Filled in by"), description=mark("Your name and post. It goes into the ledger's history."))
]
Signature = Annotated[FilledInBy, FILLED_IN]
DryRun = Annotated[bool, Field(title=DRY_RUN, description=mark("Only show what would change"))]
# On when a person opens the form; a program or schedule that leaves it out does the real thing
TrialFirst = Annotated[
    bool,
    Field(
        title=DRY_RUN,
        description=mark("On: only show what would happen. Off: do it, as every run of a schedule does"),
        json_schema_extra={"default": True},
    ),
    UNLESS_SCHEDULED,
]
ProjectCode = Annotated[
    str, FILLED_IN, Field(title=mark("Project code"), description=mark("As in the ledger, for example PY-2026-001"))
]
LedgerNumber = Annotated[
    int,
    STARTED_BY_LUODI,
    Field(description=mark("The ledger's own number; these runs are started by Luodi itself")),
]
ProjectNumber = Annotated[LedgerNumber, Field(title=mark("Project number"))]
BlockerNumber = Annotated[LedgerNumber, Field(title=mark("Blocker number"))]
ItemNumber = Annotated[LedgerNumber, Field(title=mark("Item number"))]

SIGNED_FROM, SIGNED_UNTIL = mark("Signed from"), mark("Signed until")
A_DAY = mark("A day like 2026-06-09, or empty")
NO_LIMIT = mark("Dollar projects: in ten thousand dollars. 0: no limit")
UnitName = Annotated[str, Field(json_schema_extra=choice_of("units"))]
Units = Annotated[
    tuple[UnitName, ...], Field(title=mark("Units"), description=mark("Also projects a unit shares. Empty: all units"))
]
Sectors = Annotated[
    tuple[Annotated[str, Field(json_schema_extra=one_of(Sector))], ...],
    Field(title=mark("Sectors"), description=mark("Empty: all sectors")),
]
Stages = Annotated[
    tuple[Annotated[str, Field(json_schema_extra=one_of(Stage))], ...],
    Field(title=mark("Stages"), description=mark("Empty: all stages")),
]
SignedFrom = Annotated[str, Field(title=SIGNED_FROM, description=A_DAY)]
SignedUntil = Annotated[str, Field(title=SIGNED_UNTIL, description=A_DAY)]
AmountFrom = Annotated[float, Field(title=mark("Amount from (ten thousand yuan)"), description=NO_LIMIT)]
AmountUntil = Annotated[float, Field(title=mark("Amount up to (ten thousand yuan)"), description=NO_LIMIT)]


def day_under(text: str, title: str) -> date | None:
    """The day entered under that title, in any notation of a ledger; None when it is empty.

    `Refused` when it is no date, or could be several.
    """
    return day_in(text, title) if text.strip() else None


def word_of(kind: type[W], name: str) -> W:
    """The word a choice names, by its value or its label; `Refused` with the choices there are."""
    try:
        return kind(name)
    except ValueError:
        choices = enumerated(word.label for word in kind)
        raise Refused(_("“%(name)s” is none of: %(choices)s") % {"name": name, "choices": choices}) from None


def is_left_out(text: str, *choices_for_none: str) -> bool:
    """Whether a field names nothing: it is empty, or says so in one of our languages."""
    return not text.strip() or any(text.strip() in in_any_locale(choice) for choice in choices_for_none)


def selection_of(
    units: Iterable[str],
    sectors: Iterable[str],
    stages: Iterable[str],
    signed: tuple[str, str],
    amounts: tuple[float, float],
) -> Selection:
    """The filters as typed values; amounts in ten thousand yuan, 0 and an empty day for none.

    `Refused` naming the word or the day that is none.
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
