"""The form that changes the ladder's numbers, prefilled with those that apply."""

from typing import Annotated, Any, cast

from pydantic import Field
from sqlalchemy.orm import Session

from models.escalation.policy import PolicyNumbers, Scope
from models.i18n import mark
from models.words import ItemKind
from tasks.database import snapshot
from tasks.dialogues.parameters.fields import is_left_out, word_of
from tasks.dialogues.parameters.offers import EVERY_CAMPAIGN, EVERY_KIND
from tasks.escalation.policy import DEPLOYMENT, campaign_named, present
from tasks.runs.forms import choice_of
from tasks.runs.prefect_api import prefill

Numbers = Annotated[
    PolicyNumbers,
    Field(title=mark("Numbers"), description=mark("The ladder's steps and the visits' deadlines, all in working days")),
]
NO_NUMBERS = cast(PolicyNumbers, {})  # read as such, each number is refused as missing
Kind = Annotated[
    str,
    Field(
        title=mark("For"),
        description=mark(
            "The kind of item all these numbers are for; given the numbers for every kind, it follows those again"
        ),
        json_schema_extra=choice_of("kinds"),
    ),
]


CampaignName = Annotated[
    str,
    Field(
        title=mark("Campaign"),
        description=mark(
            "While it runs, the numbers apply to its projects instead of the general ones; given those, it follows them"
        ),
        json_schema_extra=choice_of("campaigns"),
    ),
]


def scope_of(campaign: str, kind: str) -> Scope:
    """Whose numbers: `Refused` when there is no such campaign, or it is no kind of item."""
    return (
        None if is_left_out(campaign, EVERY_CAMPAIGN) else campaign_named(" ".join(campaign.split())),
        None if is_left_out(kind, EVERY_KIND) else word_of(ItemKind, kind),
    )


def present_parameters(session: Session) -> dict[str, Any]:
    """The numbers that apply to every kind, as the form shows them."""
    return {"numbers": present(session).model_dump()}


def prefill_numbers() -> None:
    with snapshot() as session:
        parameters = present_parameters(session)
    prefill(DEPLOYMENT, parameters)
