"""By the operator: the ladder's numbers, prefilled with those that apply; a dry run shows what they would change."""

from dataclasses import asdict
from typing import Annotated, Any

from prefect import flow, get_client
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from models.i18n import gettext as _
from models.i18n import in_any_locale
from models.refusal import Refused
from models.words import ItemKind
from tasks.database import transaction
from tasks.escalation.policy import EVERY_KIND, Numbers, _comparison, adopt, present, would_fire
from tasks.ledger.office_time import day_of
from tasks.runs.execution import refused
from tasks.runs.prefect_api import prefill

DEPLOYMENT = "ladder-policy"
Days = Annotated[int, Field(ge=0, le=250)]
Some = Annotated[int, Field(ge=1, le=250)]


@flow(name=DEPLOYMENT)
def ladder_policy(
    filled_in_by: Annotated[str, Field(min_length=1)],
    reminder_before: Some,
    reminder_after: Some,
    leader_after: Some,
    acknowledge_within: Some,
    reply_within: Some,
    office_after: Some,
    office_repeat_every: Some,
    verify_within: Some,
    first_visit_within: Some,
    visit_every: Some,
    visit_after_resolution: Some,
    blocker_within: Some,
    extension_notice: Days,
    kind: str = "",
    dry_run: bool = True,
    as_of: str = "",
) -> State[Any]:
    """Change the office's numbers, all in working days; with `dry_run` only show what would fire next.

    `kind` names the kind of item the numbers are for (left out: every kind without numbers of its own); given the
    general numbers, it follows those again. `as_of` (ISO date; empty: today in the office's time zone) is the day
    before the one that is compared.
    """
    numbers = Numbers(
        reminder_before,
        reminder_after,
        leader_after,
        acknowledge_within,
        reply_within,
        office_after,
        office_repeat_every,
        verify_within,
        first_visit_within,
        visit_every,
        visit_after_resolution,
        blocker_within,
        extension_notice,
    )
    return refused(lambda: _change(filled_in_by, numbers, kind, as_of, dry_run=dry_run))


def _change(who: str, numbers: Numbers, kind: str, as_of: str, *, dry_run: bool) -> State[Any]:
    only = _kind(kind)
    with transaction(who, DEPLOYMENT) as session:
        page = _comparison(numbers, only, present(session, only), would_fire(session, numbers, only, day_of(as_of)))
        version = None if dry_run else adopt(session, numbers, only)
        everywhere = present(session, None)
    create_markdown_artifact(page, key=DEPLOYMENT, description=_("The present numbers and these"))
    if version is None:
        return Completed(
            message=_("Dry run: nothing was changed. The artifact shows what would fire on the next working day.")
        )
    with get_client(sync_client=True) as client:
        prefill(client, DEPLOYMENT, asdict(everywhere))
    return Completed(message=_("Version %(version)s of the numbers applies from now on.") % {"version": version})


def _kind(name: str) -> ItemKind | None:
    if not name.strip() or name in in_any_locale(EVERY_KIND):
        return None
    try:
        return ItemKind(name)
    except ValueError:
        choices = ", ".join((_(EVERY_KIND), *(each.label for each in ItemKind)))
        told = _("“%(name)s” is no kind of item. Choose one of: %(choices)s")
        raise Refused(told % {"name": name, "choices": choices}) from None
