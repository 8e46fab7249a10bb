"""What nobody hears: it is noted and reported, until somebody hears."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from models.escalation.action_item import ActionItem, Blocker
from models.escalation.escalation import Escalation
from models.words import RAISED
from tasks.items.campaign_numbers import LAST_SWEPT
from tasks.items.next_steps import RUNNING
from tasks.items.requests import is_unanswered
from tasks.items.statements import change_items

# A sweep found nobody to tell of it; a reminder of the owner does not end that: whoever leads is
# still to have his days.
WAS_UNHEARD: ColumnElement[bool] = and_(
    ActionItem.unheard_since.is_not(None),
    or_(
        ActionItem.fired_step.is_(None),
        ActionItem.fired_step.not_in(RAISED),
        ActionItem.fired_on < ActionItem.unheard_since,
    ),
).label("was_unheard")

# Somebody has been reminded since, and what comes next is not due.
_IS_HEARD_FOR_NOW = and_(ActionItem.fired_on >= ActionItem.unheard_since, ActionItem.next_fires_on > LAST_SWEPT)

# A unit asked for its leader, and nobody has heard or answered since.
ASKED = (
    *RUNNING,
    is_unanswered(Blocker.item_id, Blocker.coordination_asked_at),
    ActionItem.fired_step.is_(None) | ActionItem.fired_step.not_in(RAISED),
    ActionItem.promised_on.is_(None),
    Blocker.coordination_asked_on.is_not(None),
    ~exists().where(
        Escalation.item_id == ActionItem.id,
        Escalation.step.in_(RAISED),
        Escalation.raised_on >= Blocker.coordination_asked_on,
    ),
)


def note_unheard(session: Session, items: Sequence[int], as_of: date) -> None:
    """Note that nobody hears of these items since that day."""
    if items:
        change_items(
            session, update(ActionItem).where(ActionItem.id == func.any(list(items))).values(unheard_since=as_of)
        )


def unheard_items(session: Session) -> list[ActionItem]:
    """What is due with nobody on any rung, and what waits for a leader whom its unit asked for."""
    waits_for_leader = exists().where(Blocker.item_id == ActionItem.id, *ASKED)
    loaded = (joinedload(part) for part in (ActionItem.project, ActionItem.investor, ActionItem.unit))
    fired = exists().where(
        Escalation.item_id == ActionItem.id,
        Escalation.recipient_id.is_(None),
        Escalation.round == ActionItem.round,
        Escalation.step == ActionItem.fired_step,
    )
    is_unheard = and_(WAS_UNHEARD, func.coalesce(~_IS_HEARD_FOR_NOW, True))
    waiting = select(ActionItem).where(*RUNNING, or_(is_unheard, waits_for_leader, fired))
    return list(session.scalars(waiting.order_by(ActionItem.due_on, ActionItem.id).options(*loaded)))
