"""The sweep: fires what is due, in one transaction; its cost follows what is due."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, func, null, select, text, update
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.ladder import Ticks, due_step
from models.escalation.policy import Policies
from models.escalation.recipients import StaffOnDay
from models.i18n import gettext as _
from models.ledger.history import SweepLog
from models.ledger.project import Investor, Project, Subject
from models.refusal import Refused
from models.words import ItemKind, Step
from tasks.database import transaction
from tasks.items.campaign_numbers import campaigns_of, followed_campaign, policies
from tasks.items.next_steps import TICKS, begin_sweep, calendar_of
from tasks.items.raising import DueStep, fire, row_to_fire, step_now
from tasks.items.recipients import staff_on
from tasks.ledger.document_numbers import notices_of, take_numbers
from tasks.ledger.office_time import check_has_come
from tasks.ledger.questions import overtake_one_off
from tasks.ledger.workdays import calendar_around

ACTOR = "escalation-sweep"

_DUE = select(ActionItem.id, ActionItem.owner_id, ActionItem.leader_id, ActionItem.unit_id, *TICKS).where(
    ActionItem.closed_on.is_(None), ActionItem.next_fires_on <= bindparam("as_of")
)
# Items on projects, on investors, and on neither: in the order in which rows are locked.
DUE = (
    _DUE.join(Project, Project.id == ActionItem.project_id)
    .order_by(Project.id, ActionItem.id)
    .with_for_update(of=(Project, ActionItem)),
    _DUE.join(Investor, Investor.id == ActionItem.investor_id)
    .order_by(Investor.id, ActionItem.id)
    .with_for_update(of=(Investor, ActionItem), key_share=True),
    _DUE.where(ActionItem.project_id.is_(None), ActionItem.investor_id.is_(None))
    .order_by(ActionItem.id)
    .with_for_update(),
)

# PostgreSQL takes a look-up by index for a turn of a disk, and would rather read every project.
BY_INDEX = "SET LOCAL random_page_cost = 1.1"

# The current steps that have reached nobody, and who is in charge of their items.
UNHEARD = (
    select(
        Escalation.id,
        Escalation.step,
        ActionItem.project_id,
        ActionItem.investor_id,
        ActionItem.kind,
        ActionItem.owner_id,
        ActionItem.leader_id,
        ActionItem.unit_id,
    )
    .join(ActionItem, ActionItem.id == Escalation.item_id)
    .where(Escalation.recipient_id.is_(None), ActionItem.closed_on.is_(None), ActionItem.is_paused.is_(False))
    .where(Escalation.round == ActionItem.round, Escalation.step == ActionItem.fired_step)
)

ADDRESS = """
WITH reached AS (
    SELECT * FROM json_to_recordset(CAST(:reached AS json)) AS r (
        escalation_id int, recipient_id int, on_behalf_of_id int)
), addressed AS (
    UPDATE escalation e SET recipient_id = r.recipient_id, on_behalf_of_id = r.on_behalf_of_id
    FROM reached r WHERE e.id = r.escalation_id
)
INSERT INTO notice (escalation_id, recipient_id, occasion)
SELECT escalation_id, recipient_id, 'raised' FROM reached
ON CONFLICT (escalation_id, recipient_id, occasion) DO NOTHING
"""


class DueItem(NamedTuple):
    """An item whose step is due: who is in charge of it, and what the ladder reads."""

    id: int
    owner_id: int | None
    leader_id: int | None
    unit_id: int
    ticks: Ticks

    @property
    def kind(self) -> ItemKind:
        return self.ticks.kind


def sweep(as_of: date, today: date | None = None) -> list[int]:
    """Fire the highest due step of every open item once; returns the ids of the new escalations.

    Late, repeated, or run by two workers at once it fires nothing twice: closing an item or firing
    its step takes the same locks, those of projects first, then those of investors.

    `Refused`, with nothing fired, for a day that has not come (`today` is the clock, the office's
    unless given), and for one before the last that was swept.
    """
    with transaction(ACTOR, f"{ACTOR} {as_of}") as session:
        return sweep_in(session, as_of, today)


def sweep_in(session: Session, as_of: date, today: date | None = None, confirmed_by: str = "") -> list[int]:
    """As `sweep`, in a transaction that locks nothing yet; who confirmed the day is noted."""
    check_has_come(as_of, today)
    log_id, former = begin_sweep(session, as_of, confirmed_by)
    check_goes_on(former, as_of)
    due = _due(session, as_of)
    raised = _fire(session, due, as_of, log_id) if due else []
    overtake_one_off(session, ACTOR)  # whether the clock is right need not be asked any more
    finished = update(SweepLog).where(SweepLog.id == log_id)
    session.connection().execute(finished.values(finished_at=datetime.now(UTC), fired=len(raised)))
    return raised


def check_goes_on(former: date | None, as_of: date) -> None:
    """Raise `Refused` for a day before the last that was swept.

    Fired then, a step would take days from those who must reply to it.
    """
    if former and as_of < former:
        message = _(
            "%(day)s lies before the last sweep, of %(former)s, and is not swept again. If %(former)s has not come, "
            "mend the clock and undo that sweep with `undo-sweep`; else start the sweep without a day."
        )
        raise Refused(message % {"day": as_of, "former": former})


def would_fire(session: Session, as_of: date) -> dict[Step, int]:
    """How many items would fire each step, were that day swept now by the numbers in force."""
    numbers = policies(session)
    campaign = followed_campaign(ActionItem.project_id) if numbers.has_campaigns else null()
    due = select(*TICKS, campaign.label("campaign_id")).where(
        ActionItem.closed_on.is_(None), ActionItem.next_fires_on <= as_of
    )
    grouped = due.subquery().c
    rows = session.execute(select(*grouped, func.count()).group_by(*grouped)).all()
    ticks = {Ticks._make(row[:-1]): row[-1] for row in rows}
    counts = Counter[Step]()
    for tick, step in _due_steps(session, numbers, ticks, as_of).items():
        if step:
            counts[step.step] += ticks[tick]
    return {step: counts[step] for step in Step if counts[step]}


def is_day_off(day: date) -> bool:
    with transaction() as session:
        return not calendar_around(session, day).is_working(day)


def unheard(session: Session) -> int:
    """How many current steps have reached nobody."""
    return session.scalar(select(func.count()).select_from(UNHEARD.subquery())) or 0


def address_unheard(as_of: date) -> None:
    with transaction(ACTOR, f"{ACTOR} {as_of}") as session:
        staff = staff_on(session, as_of)
        if reachable := _reachable(session, staff):
            locked = {_subject(row) for row in reachable}
            _lock(session, Project, {subject.project_id for subject in locked})
            _lock(session, Investor, {subject.investor_id for subject in locked})
            still = [row for row in _reachable(session, staff) if _subject(row) in locked]
            session.execute(text(ADDRESS), {"reached": json.dumps(still)})


def _subject(row: Mapping[str, int | None]) -> Subject:
    return Subject(row["project_id"], row["investor_id"])


def _lock(session: Session, table: type[Project] | type[Investor], ids: Iterable[int | None]) -> None:
    if numbers := [number for number in ids if number is not None]:
        rows = select(table.id).where(table.id == func.any(numbers)).order_by(table.id)
        session.execute(rows.with_for_update(key_share=True))


def _reachable(session: Session, staff: StaffOnDay) -> list[dict[str, int | None]]:
    rows = session.connection().execute(UNHEARD)
    reached = ((row, staff.addressee(row.step, row)) for row in rows)
    return [
        {
            "escalation_id": row.id,
            "project_id": row.project_id,
            "investor_id": row.investor_id,
            "recipient_id": addressee.person_id,
            "on_behalf_of_id": addressee.on_behalf_of_id,
        }
        for row, addressee in reached
        if addressee
    ]


def lock_due(session: Session, as_of: date) -> None:
    """Lock what any sweep through that day fires, in the order of all who lock."""
    _due(session, as_of)


def _due(session: Session, as_of: date) -> list[Row[*tuple[Any, ...]]]:
    """The due items, locked after their projects or investors."""
    connection = session.connection()  # past the ORM: there may be many
    connection.execute(text(BY_INDEX))
    return [row for query in DUE for row in connection.execute(query, {"as_of": as_of}).all()]


def _fire(session: Session, due: Sequence[Row[*tuple[Any, ...]]], as_of: date, sweep_id: int) -> list[int]:
    staff, numbers = staff_on(session, as_of), policies(session)
    campaigns = campaigns_of(session, numbers, [row.id for row in due])
    items = [
        DueItem(row.id, row.owner_id, row.leader_id, row.unit_id, Ticks.of(row, campaigns.get(row.id))) for row in due
    ]
    steps = _due_steps(session, numbers, {item.ticks for item in items}, as_of)
    fired = [(step, row_to_fire(staff, item.id, item, step)) for item in items if (step := steps[item.ticks])]
    _number(session, [row for step, row in fired if step.is_first_at_office], as_of)
    return fire(session, [row for _step, row in fired], as_of, sweep_id)


def _due_steps(
    session: Session, numbers: Policies, ticks: Collection[Ticks], as_of: date
) -> dict[Ticks, DueStep | None]:
    """The step each group of identical items fires; None where the current policy fires none."""
    calendar = calendar_of(session, ticks, as_of)
    steps: dict[Ticks, DueStep | None] = {}
    for tick in ticks:
        policy = numbers.of(tick.campaign_id, tick.kind)
        firing = due_step(tick, policy, calendar, as_of)
        steps[tick] = step_now(tick, firing.step, policy, calendar, as_of) if firing else None
    return steps


def _number(session: Session, rows: Sequence[dict[str, object]], as_of: date) -> None:
    """Number the notices of items that reach the inspection office, without gaps in the year."""
    if rows:
        numbers = take_numbers(session, notices_of(as_of.year), len(rows))
        for row, number in zip(rows, numbers, strict=True):
            row["document_no"] = number
