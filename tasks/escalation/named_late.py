"""Raises what waited only for somebody to be named: requests of units, and steps nobody heard."""

import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Row, exists, func, literal, select, text
from sqlalchemy.orm import Session, aliased

from models.escalation.action_item import ActionItem, Blocker
from models.escalation.escalation import Escalation
from models.escalation.notice import Notice
from models.escalation.recipients import Recipient, StaffOnDay
from models.words import Occasion, Step
from tasks.escalation.unheard import ASKED
from tasks.items.next_steps import RUNNING, set_next_steps
from tasks.items.raising import is_raised, raise_to_leader
from tasks.items.recipients import IN_CHARGE, staff_on
from tasks.items.statements import change_items
from tasks.items.telling import tell_all

REQUESTED = select(ActionItem).join(Blocker, Blocker.item_id == ActionItem.id).where(*ASKED).order_by(ActionItem.id)

_STEPS = (
    select(Escalation.id, Escalation.item_id, Escalation.step, ActionItem.kind, *IN_CHARGE)
    .join(ActionItem, ActionItem.id == Escalation.item_id)
    .where(Escalation.round == ActionItem.round, *RUNNING)
)
# Steps that former versions fired though nobody heard them.
FIRED_UNHEARD = _STEPS.where(Escalation.recipient_id.is_(None), Escalation.step == ActionItem.fired_step)
_LEADERS = aliased(Escalation)
# What came to the inspection office without any leader: only the owner got a copy.
PASSED_OVER = _STEPS.where(
    Escalation.document_no.is_not(None),
    ~exists().where(
        _LEADERS.item_id == ActionItem.id,
        _LEADERS.round == ActionItem.round,
        _LEADERS.step == Step.LEADER,
        _LEADERS.recipient_id.is_not(None),  # former versions fired it though nobody heard
    ),
    ~exists().where(
        Notice.escalation_id == Escalation.id,
        Notice.occasion.in_((Occasion.COPY, Occasion.HANDED_OVER)),
        Notice.recipient_id.is_distinct_from(ActionItem.owner_id),
    ),
)

# The days to reply count from now on. A supervision notice keeps the day of its number.
ADDRESS = """
WITH reached AS (
    SELECT * FROM json_to_recordset(CAST(:reached AS json)) AS r (
        escalation_id int, item_id int, recipient_id int, on_behalf_of_id int, others int[])
), addressed AS (
    UPDATE escalation e SET recipient_id = r.recipient_id, on_behalf_of_id = r.on_behalf_of_id, sweep_id = :sweep,
        raised_on = CASE WHEN e.document_no IS NULL THEN :day ELSE e.raised_on END
    FROM reached r WHERE e.id = r.escalation_id
), heard AS (
    UPDATE action_item i SET fired_on = :day FROM reached r WHERE i.id = r.item_id
)
INSERT INTO notice (escalation_id, recipient_id, occasion)
SELECT r.escalation_id, n.recipient_id, 'raised' FROM reached r
CROSS JOIN LATERAL unnest(r.recipient_id || coalesce(r.others, '{}')) AS n (recipient_id)
ON CONFLICT (escalation_id, recipient_id, occasion) DO NOTHING
"""


class Heard(NamedTuple):
    """What is raised now that somebody is known."""

    escalations: Sequence[int]  # the new ones
    items: Collection[int]  # nothing else of them fires on the same day


class _Waiting:
    """What waits and could be heard; only those items, if any are given."""

    def __init__(self, session: Session, as_of: date, items: Sequence[int] | None = None) -> None:
        which = () if items is None else (ActionItem.id == func.any(list(items)),)
        asked = session.scalars(REQUESTED.where(*which).execution_options(populate_existing=True)).all()
        passed, unheard = (
            session.connection().execute(query.where(*which)).all() for query in (PASSED_OVER, FIRED_UNHEARD)
        )
        staff = staff_on(session, as_of) if asked or passed or unheard else StaffOnDay((), as_of)
        self.asked = [item for item in asked if staff.responsible_leader(item) and not is_raised(session, item)]
        self.passed = [
            (row, leader)
            for row in passed
            if (leader := staff.responsible_leader(row)) and leader.person_id != row.owner_id  # the owner has a copy
        ]
        self.unheard = [(row, people) for row in unheard if (people := staff.addressees(row.step, row))]


def heard_by_now(session: Session, as_of: date) -> list[int]:
    """The items that waited for somebody who is known by now."""
    waiting = _Waiting(session, as_of)
    rows = [row for row, _people in (*waiting.passed, *waiting.unheard)]
    return [*(item.id for item in waiting.asked), *(row.item_id for row in rows)]


def would_be_heard(session: Session, as_of: date) -> tuple[int, list[int]]:
    """How many requests a sweep would raise, and the items of which nothing else would fire."""
    waiting = _Waiting(session, as_of)
    return len(waiting.asked), [
        *(item.id for item in waiting.asked),
        *(row.item_id for row, _people in waiting.unheard),
    ]


def raise_named_late(session: Session, items: Sequence[int], as_of: date, sweep_id: int) -> Heard:
    """Raise those items, which the caller has locked; the days of all who hear count from now on.

    A leader who is named once the inspection office has the matter gets a copy.
    """
    asked = _Waiting(session, as_of, items).asked
    raised = raise_to_leader(session, asked, as_of, sweep_id)
    waiting = _Waiting(session, as_of, items)  # a step below the one just raised needs nobody any more
    for row, leader in waiting.passed:
        tell_all(session, [leader.person_id], select(literal(row.id)), Occasion.COPY)
    addressed = [row.item_id for row, _people in waiting.unheard]
    if addressed:
        reached = [_reached(row, people) for row, people in waiting.unheard]
        change_items(session, text(ADDRESS), {"reached": json.dumps(reached), "day": as_of, "sweep": sweep_id})
        set_next_steps(session, items=addressed)
    return Heard(raised, frozenset([*(item.id for item in asked), *addressed]))


def _reached(row: Row[*tuple[Any, ...]], addressees: Sequence[Recipient]) -> dict[str, object]:
    return {
        "escalation_id": row.id,
        "item_id": row.item_id,
        "recipient_id": addressees[0].person_id,
        "on_behalf_of_id": addressees[0].on_behalf_of_id,
        "others": [other.person_id for other in addressees[1:]],
    }
