"""Raises what cannot wait for the sweep: the unit itself asks for its leader."""

from datetime import date

from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.notice import Notice
from models.words import AT_OFFICE, RAISED, Occasion, Step
from tasks.items.next_steps import set_next_step
from tasks.items.open_items import current_policy, last_raised
from tasks.items.recipients import directory


def raise_to_leader(session: Session, item: ActionItem, as_of: date) -> None:
    """Fire the leader's step now, unless the leader or the inspection office has it, or the clock stands still."""
    former = last_raised(session, item.id)
    is_known = item.fired_step in RAISED or item.promised_on or (former and former.step in AT_OFFICE)
    if is_known or item.is_paused:
        return
    who = directory(session, as_of)
    leader, owner = who.addressee(Step.LEADER, item), who.copies(Step.LEADER, item, is_first_at_office=False)
    item.fired_step, item.fired_on = Step.LEADER, as_of
    set_next_step(session, item)
    raised = Escalation(
        item_id=item.id,
        round=item.round,
        step=Step.LEADER,
        recipient_id=leader and leader.person_id,
        on_behalf_of_id=leader and leader.on_behalf_of_id,
        policy_id=current_policy(session, item.kind).id,
        raised_on=as_of,
        due_on=item.promised_on or item.due_on,
    )
    session.add(raised)
    session.flush()
    told = {owner.person_id: Occasion.COPY} if owner else {}
    told |= {leader.person_id: Occasion.RAISED} if leader else {}
    session.add_all(
        Notice(escalation_id=raised.id, recipient_id=person_id, occasion=occasion)
        for person_id, occasion in told.items()
    )
