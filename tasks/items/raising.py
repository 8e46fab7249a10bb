"""Fires steps of the ladder: one when a unit asks for its leader, many in a sweep."""

import json
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.calendar import Calendar
from models.escalation.escalation import Escalation
from models.escalation.ladder import Ticks, firings
from models.escalation.policy import Policy
from models.escalation.recipients import InCharge, StaffOnDay
from models.words import AT_OFFICE, RAISED, Step
from tasks.items.campaign_numbers import campaigns_of, policies
from tasks.items.next_steps import calendar_of
from tasks.items.open_items import last_raised
from tasks.items.recipients import staff_on
from tasks.items.statements import change_items
from tasks.ledger.questions import ESCALATION, overtake

# The unique keys of both tables hold each step and each notice once.
FIRE = """
WITH fired AS (
    SELECT * FROM json_to_recordset(CAST(:fired AS json)) AS f (
        item_id int, step text, next_step text, next_fires_on date, policy_id int, document_no int,
        recipient_id int, on_behalf_of_id int, others int[], copy_id int, former_step text, former_on date)
), moved_on AS (
    UPDATE action_item i
    SET fired_step = f.step, fired_on = :day, next_step = f.next_step, next_fires_on = f.next_fires_on
    FROM fired f WHERE i.id = f.item_id
    RETURNING f.*, i.round, coalesce(i.promised_on, i.due_on) AS due_on
), raised AS (
    INSERT INTO escalation (item_id, round, step, recipient_id, on_behalf_of_id, policy_id, due_on, document_no,
                            former_step, former_on, sweep_id, raised_on)
    SELECT item_id, round, step, recipient_id, on_behalf_of_id, policy_id, due_on, document_no,
           former_step, former_on, CAST(:sweep AS int), CAST(:day AS date)
    FROM moved_on
    ON CONFLICT (item_id, round, step) DO NOTHING
    RETURNING id, item_id
), notices AS (
    INSERT INTO notice (escalation_id, recipient_id, occasion)
    SELECT r.id, n.recipient_id, n.occasion
    FROM raised r JOIN fired f USING (item_id)
    CROSS JOIN LATERAL (
        VALUES (f.recipient_id, 'raised'), (f.copy_id, 'copy') UNION ALL SELECT unnest(f.others), 'raised'
    ) AS n (recipient_id, occasion)
    WHERE n.recipient_id IS NOT NULL
)
SELECT id FROM raised ORDER BY id
"""


class DueStep(NamedTuple):
    """The step that fires for items with the same ticks."""

    step: Step
    is_first_at_office: bool  # the inspection office has not heard of these items in this round
    columns: dict[str, object]  # what `FIRE` reads of it and of the step that follows


def step_now(ticks: Ticks, step: Step, policy: Policy, calendar: Calendar, as_of: date) -> DueStep:
    """Let that step fire on `as_of`, also before its day."""
    columns: dict[str, object] = {"step": step, "policy_id": policy.id}
    if ticks.fired_step and ticks.fired_on:
        columns |= {"former_step": ticks.fired_step, "former_on": ticks.fired_on.isoformat()}
    if following := next(firings(ticks._replace(fired_step=step, fired_on=as_of), policy, calendar), None):
        columns |= {"next_step": following.step, "next_fires_on": following.day.isoformat()}
    return DueStep(step, step in AT_OFFICE and ticks.fired_step not in AT_OFFICE, columns)


def row_to_fire(staff: StaffOnDay, item_id: int, item: InCharge, due: DueStep) -> dict[str, object]:
    """What `FIRE` reads of an item, without the columns that are empty; nobody gets two notices."""
    row = {"item_id": item_id, **due.columns}
    addressees = staff.addressees(due.step, item)
    if addressees:
        row["recipient_id"], row["on_behalf_of_id"] = addressees[0].person_id, addressees[0].on_behalf_of_id
    if others := [other.person_id for other in addressees[1:]]:
        row["others"] = others
    copy = staff.copies(due.step, item, is_first_at_office=due.is_first_at_office)
    if copy and all(addressee.person_id != copy.person_id for addressee in addressees):
        row["copy_id"] = copy.person_id
    return row


def fire(session: Session, rows: Sequence[dict[str, object]], as_of: date, sweep_id: int | None = None) -> list[int]:
    """Fire the steps of `row_to_fire` and notify their recipients; returns the escalations' ids.

    `sweep_id` is the sweep that fires them, if one does.
    """
    values = {"day": as_of, "fired": json.dumps(rows), "sweep": sweep_id}
    raised: list[int] = list(change_items(session, text(FIRE), values).scalars())
    overtake(session, (ESCALATION,), select(Escalation.item_id).where(Escalation.id == func.any(raised)))
    return raised


def raise_to_leader(
    session: Session, items: Sequence[ActionItem], as_of: date, sweep_id: int | None = None
) -> list[int]:
    """Fire the leader's step now, unless the leader or the office has the item, or it is paused.

    Where no leader is known, nothing fires: the sweep does it once somebody is named. Returns the
    escalations' ids.
    """
    waiting = [item for item in items if not (item.is_paused or is_raised(session, item))]
    if not waiting:
        return []
    session.flush()
    staff, numbers = staff_on(session, as_of), policies(session)
    waiting = [item for item in waiting if staff.responsible_leader(item)]
    if not waiting:
        return []
    campaigns = campaigns_of(session, numbers, [item.id for item in waiting])
    ticks = [Ticks.of(item, campaigns.get(item.id)) for item in waiting]
    calendar = calendar_of(session, ticks, as_of)
    steps = (step_now(tick, Step.LEADER, numbers.of(tick.campaign_id, tick.kind), calendar, as_of) for tick in ticks)
    rows = [row_to_fire(staff, item.id, item, step) for item, step in zip(waiting, steps, strict=True)]
    return fire(session, rows, as_of, sweep_id)


def is_raised(session: Session, item: ActionItem) -> bool:
    """Whether the leader or the office has it already, or a promise stands."""
    former = last_raised(session, item.id)
    return bool(item.fired_step in RAISED or item.promised_on or (former and former.step in AT_OFFICE))
