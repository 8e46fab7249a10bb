"""What nobody hears: it is noted, reported, and raised once somebody is named."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, literal, or_, select, text, update
from sqlalchemy.orm import Session, aliased, joinedload

from models.escalation.action_item import ActionItem, Blocker
from models.escalation.escalation import Escalation
from models.escalation.notice import Notice
from models.escalation.recipients import Recipient, StaffOnDay
from models.ledger.project import Investor, Project, Subject
from models.words import RAISED, Occasion, Step
from tasks.database import transaction
from tasks.items.next_steps import RUNNING, set_next_steps
from tasks.items.raising import raise_to_leader
from tasks.items.recipients import staff_on
from tasks.items.requests import is_unanswered
from tasks.items.statements import change_items
from tasks.items.telling import tell_all

ACTOR = "escalation-sweep"

# A sweep found nobody to tell of it; a reminder of the owner does not end that.
WAS_UNHEARD: ColumnElement[bool] = and_(
    ActionItem.unheard_since.is_not(None),
    or_(
        ActionItem.fired_step.is_(None),
        ActionItem.fired_step.not_in(RAISED),
        ActionItem.fired_on < ActionItem.unheard_since,
    ),
).label("was_unheard")

# A unit asked for its leader, and nobody has heard or answered since.
ASKED = (
    *RUNNING,
    is_unanswered(Blocker.item_id, Blocker.coordination_asked_at),
    ActionItem.fired_step.is_(None) | ActionItem.fired_step.not_in(RAISED),
    ActionItem.promised_on.is_(None),
    ~exists().where(
        Escalation.item_id == ActionItem.id,
        Escalation.step.in_(RAISED),
        Escalation.raised_on >= Blocker.coordination_asked_on,
    ),
)

# Steps that former versions fired though nobody heard them, and who is in charge of their items.
FIRED_UNHEARD = (
    select(
        Escalation.id,
        Escalation.item_id,
        Escalation.step,
        ActionItem.project_id,
        ActionItem.investor_id,
        ActionItem.kind,
        ActionItem.owner_id,
        ActionItem.leader_id,
        ActionItem.unit_id,
    )
    .join(ActionItem, ActionItem.id == Escalation.item_id)
    .where(Escalation.recipient_id.is_(None), *RUNNING)
    .where(Escalation.round == ActionItem.round, Escalation.step == ActionItem.fired_step)
)

_LEADERS = aliased(Escalation)
# What came to the inspection office past an empty leader's step: only the owner got a copy.
PASSED_OVER = (
    select(
        Escalation.id,
        ActionItem.project_id,
        ActionItem.investor_id,
        ActionItem.kind,
        ActionItem.owner_id,
        ActionItem.leader_id,
        ActionItem.unit_id,
    )
    .join(ActionItem, ActionItem.id == Escalation.item_id)
    .where(Escalation.document_no.is_not(None), Escalation.round == ActionItem.round, *RUNNING)
    .where(
        ~exists().where(
            _LEADERS.item_id == ActionItem.id, _LEADERS.round == ActionItem.round, _LEADERS.step == Step.LEADER
        ),
        ~exists().where(
            Notice.escalation_id == Escalation.id,
            Notice.occasion.in_((Occasion.COPY, Occasion.HANDED_OVER)),
            Notice.recipient_id.is_distinct_from(ActionItem.owner_id),
        ),
    )
)

# The days to reply count from now on. A supervision notice keeps the day of its number.
ADDRESS = """
WITH reached AS (
    SELECT * FROM json_to_recordset(CAST(:reached AS json)) AS r (
        escalation_id int, item_id int, recipient_id int, on_behalf_of_id int, others int[])
), addressed AS (
    UPDATE escalation e SET recipient_id = r.recipient_id, on_behalf_of_id = r.on_behalf_of_id,
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


def note_unheard(session: Session, items: Sequence[int], as_of: date) -> None:
    """Note that nobody hears of these items since that day."""
    if items:
        change_items(
            session, update(ActionItem).where(ActionItem.id == func.any(list(items))).values(unheard_since=as_of)
        )


def unheard_items(session: Session) -> list[ActionItem]:
    """What is due with nobody on any rung, and what waits for a leader whom its unit asked for."""
    asked = select(Blocker.item_id).where(Blocker.item_id == ActionItem.id)
    waits_for_leader = exists(asked.where(*ASKED))
    loaded = (joinedload(part) for part in (ActionItem.project, ActionItem.investor, ActionItem.unit))
    fired = exists().where(
        Escalation.item_id == ActionItem.id,
        Escalation.recipient_id.is_(None),
        Escalation.round == ActionItem.round,
        Escalation.step == ActionItem.fired_step,
    )
    waiting = select(ActionItem).where(*RUNNING, or_(WAS_UNHEARD, waits_for_leader, fired))
    return list(session.scalars(waiting.order_by(ActionItem.due_on, ActionItem.id).options(*loaded)))


def raise_unheard(as_of: date) -> None:
    """Raise what waited only for somebody to be named; its days count from now on.

    A leader who is named once the inspection office has the matter gets a copy.
    """
    with transaction(ACTOR, f"{ACTOR} {as_of}") as session:
        staff = staff_on(session, as_of)
        _raise_asked(session, staff, as_of)
        _copy_leaders(session, staff)
        if reachable := _reachable(session, staff):
            locked = {_subject(row) for row in reachable}
            _lock_subjects(session, locked)
            still = [row for row in _reachable(session, staff) if _subject(row) in locked]
            items = sorted(int(str(row["item_id"])) for row in still)
            _lock(session, ActionItem, items)
            change_items(session, text(ADDRESS), {"reached": json.dumps(still), "day": as_of})
            set_next_steps(session, items=items)


def _raise_asked(session: Session, staff: StaffOnDay, as_of: date) -> None:
    asked = select(ActionItem).join(Blocker, Blocker.item_id == ActionItem.id)
    asked = asked.where(*ASKED).order_by(ActionItem.id)
    if items := _with_leader(session, asked, staff):
        _lock_subjects(session, {item.subject for item in items})
        known = asked.where(ActionItem.id.in_([item.id for item in items]))
        again = known.execution_options(populate_existing=True)
        raise_to_leader(session, _with_leader(session, again, staff), as_of)


def _with_leader(session: Session, items: Select[ActionItem], staff: StaffOnDay) -> list[ActionItem]:
    return [item for item in session.scalars(items) if staff.responsible_leader(item)]


def _copy_leaders(session: Session, staff: StaffOnDay) -> None:
    if passed := _with_leaders(session, staff):
        locked = {Subject(row.project_id, row.investor_id) for row, _leader in passed}
        _lock_subjects(session, locked)
        for row, leader in _with_leaders(session, staff):
            if Subject(row.project_id, row.investor_id) in locked:
                tell_all(session, [leader.person_id], select(literal(row.id)), Occasion.COPY)


def _with_leaders(session: Session, staff: StaffOnDay) -> list[tuple[Row[*tuple[Any, ...]], Recipient]]:
    with_leaders: list[tuple[Row[*tuple[Any, ...]], Recipient]] = []
    for row in session.connection().execute(PASSED_OVER):
        leader = staff.responsible_leader(row)
        if leader and leader.person_id != row.owner_id:  # the owner has a copy
            with_leaders.append((row, leader))
    return with_leaders


def _subject(row: Mapping[str, object]) -> Subject:
    return Subject(row["project_id"], row["investor_id"])  # type: ignore[arg-type]


def _lock_subjects(session: Session, subjects: Iterable[Subject]) -> None:
    locked = list(subjects)
    _lock(session, Project, {subject.project_id for subject in locked})
    _lock(session, Investor, {subject.investor_id for subject in locked})


def _lock(session: Session, table: type[Project | Investor | ActionItem], ids: Iterable[int | None]) -> None:
    if numbers := [number for number in ids if number is not None]:
        rows = select(table.id).where(table.id == func.any(numbers)).order_by(table.id)
        session.execute(rows.with_for_update(key_share=True))


def _reachable(session: Session, staff: StaffOnDay) -> list[dict[str, object]]:
    rows = session.connection().execute(FIRED_UNHEARD)
    reached = ((row, staff.addressees(row.step, row)) for row in rows)
    return [
        {
            "escalation_id": row.id,
            "item_id": row.item_id,
            "project_id": row.project_id,
            "investor_id": row.investor_id,
            "recipient_id": addressees[0].person_id,
            "on_behalf_of_id": addressees[0].on_behalf_of_id,
            "others": [other.person_id for other in addressees[1:]],
        }
        for row, addressees in reached
        if addressees
    ]
