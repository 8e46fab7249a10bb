"""The sweep: fires what is due, in one transaction; its cost follows what is due."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Row, Select, bindparam, case, func, null, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.ladder import Ticks, due_step
from models.escalation.policy import Policies
from models.escalation.recipients import StaffOnDay
from models.i18n import gettext as _
from models.ledger.history import SweepLog
from models.ledger.project import Investor, Project
from models.refusal import Refused
from models.words import ItemKind, Step
from tasks.database import transaction
from tasks.escalation.named_late import Heard, heard_by_now, raise_named_late, would_be_heard
from tasks.escalation.unheard import WAS_UNHEARD, note_unheard
from tasks.items.campaign_numbers import campaigns_of, followed_campaign, policies
from tasks.items.next_steps import TICKS, begin_sweep, calendar_of
from tasks.items.raising import DueStep, fire, row_to_fire, step_now
from tasks.items.recipients import IN_CHARGE, staff_on
from tasks.ledger.document_numbers import notices_of, take_numbers
from tasks.ledger.office_time import check_has_come
from tasks.ledger.questions import overtake_one_off
from tasks.ledger.workdays import calendar_around

ACTOR = "escalation-sweep"

ANYBODY = 1
# Whether somebody is in charge, not who: `StaffOnDay.manned` asks for no more.
IN_CHARGE_ALIKE = (
    case((ActionItem.owner_id.is_not(None), ANYBODY)).label("owner_id"),
    case((ActionItem.leader_id.is_not(None), ANYBODY)).label("leader_id"),
    case((ActionItem.leader_id.is_(None), ActionItem.unit_id), else_=0).label("unit_id"),
    WAS_UNHEARD,
)
_IS_DUE = ActionItem.next_fires_on <= bindparam("as_of")
_ITEMS = bindparam("items", type_=ARRAY(Integer))


def _in_order(which: ColumnElement[bool]) -> Sequence[Select[*tuple[Any, ...]]]:
    """Open items on projects, on investors, and on neither: in the order of all who lock."""
    columns = (ActionItem.id, _IS_DUE.label("is_due"), *IN_CHARGE, WAS_UNHEARD, *TICKS)
    items = select(*columns).where(ActionItem.closed_on.is_(None), which)
    return (
        items.join(Project, Project.id == ActionItem.project_id)
        .order_by(Project.id, ActionItem.id)
        .with_for_update(of=(Project, ActionItem)),
        items.join(Investor, Investor.id == ActionItem.investor_id)
        .order_by(Investor.id, ActionItem.id)
        .with_for_update(of=(Investor, ActionItem), key_share=True),
        items.where(ActionItem.project_id.is_(None), ActionItem.investor_id.is_(None))
        .order_by(ActionItem.id)
        .with_for_update(),
    )


DUE = _in_order(_IS_DUE)
DUE_OR_NAMED = _in_order(_IS_DUE | (ActionItem.id == func.any(_ITEMS)))

# PostgreSQL takes a look-up by index for a turn of a disk, and would rather read every project.
BY_INDEX = "SET LOCAL random_page_cost = 1.1"


class DueItem(NamedTuple):
    """An item whose step is due: who is in charge of it, and what the ladder reads."""

    id: int
    owner_id: int | None
    leader_id: int | None
    unit_id: int
    inspected_unit_id: int
    was_unheard: bool
    ticks: Ticks

    @property
    def kind(self) -> ItemKind:
        return self.ticks.kind


class Rung(NamedTuple):
    """Items with the same have the same step due."""

    ticks: Ticks
    manned: frozenset[Step]
    was_unheard: bool

    @classmethod
    def of(cls, item: DueItem, staff: StaffOnDay) -> "Rung":
        return cls(item.ticks, staff.manned(item), item.was_unheard)


def sweep(as_of: date, today: date | None = None) -> list[int]:
    """Fire the highest due step of every open item once; returns the ids of the new escalations.

    What waited only for somebody to be named is raised first.

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
    named = heard_by_now(session, as_of)
    rows = lock_due(session, as_of, named)
    heard = raise_named_late(session, named, as_of, log_id) if named else Heard((), frozenset())
    due = [row for row in rows if row.is_due and row.id not in heard.items]
    raised = [*heard.escalations, *(_fire(session, due, as_of, log_id) if due else [])]
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
    requests, heard = would_be_heard(session, as_of)
    due = (ActionItem.closed_on.is_(None), ActionItem.next_fires_on <= as_of, ActionItem.id != func.all(heard))
    rungs = count_rungs(session, as_of, campaign, *due)
    counts = Counter[Step]({Step.LEADER: requests})
    for rung, step in _due_steps(session, numbers, rungs, as_of).items():
        if step:
            counts[step.step] += rungs[rung]
    return {step: counts[step] for step in Step if counts[step]}


def count_rungs(
    session: Session, as_of: date, campaign: ColumnElement[Any], *which: ColumnElement[bool]
) -> dict[Rung, int]:
    """How many of these items have the same step due on that day."""
    staff = staff_on(session, as_of)
    items = select(*IN_CHARGE_ALIKE, *TICKS, campaign.label("campaign_id")).where(*which).subquery().c
    counts = Counter[Rung]()
    for row in session.execute(select(*items, func.count()).group_by(*items)):
        owner_id, leader_id, unit_id, was_unheard, *ticks, number = row
        item = DueItem(0, owner_id, leader_id, unit_id, unit_id, was_unheard, Ticks._make(ticks))
        counts[Rung.of(item, staff)] += number
    return counts


def is_day_off(day: date) -> bool:
    with transaction() as session:
        return not calendar_around(session, day).is_working(day)


def lock_due(session: Session, as_of: date, items: Sequence[int] = ()) -> list[Row[*tuple[Any, ...]]]:
    """What is due, and those items: locked after their projects or investors, in one order."""
    connection = session.connection()  # past the ORM: there may be many
    connection.execute(text(BY_INDEX))
    values = {"as_of": as_of, **({"items": list(items)} if items else {})}
    return [row for query in (DUE_OR_NAMED if items else DUE) for row in connection.execute(query, values).all()]


def _fire(session: Session, due: Sequence[Row[*tuple[Any, ...]]], as_of: date, sweep_id: int) -> list[int]:
    staff, numbers = staff_on(session, as_of), policies(session)
    campaigns = campaigns_of(session, numbers, [row.id for row in due])
    items = [
        DueItem(
            row.id,
            row.owner_id,
            row.leader_id,
            row.unit_id,
            row.inspected_unit_id,
            row.was_unheard,
            Ticks.of(row, campaigns.get(row.id)),
        )
        for row in due
    ]
    rungs = [Rung.of(item, staff) for item in items]
    steps = _due_steps(session, numbers, set(rungs), as_of)
    fired = [
        (step, row_to_fire(staff, item.id, item, step))
        for item, rung in zip(items, rungs, strict=True)
        if (step := steps[rung])
    ]
    if len(fired) < len(items):
        silent = _silent(session, numbers, [rung for rung in set(rungs) if not steps[rung]], as_of)
        unheard = [item.id for item, rung in zip(items, rungs, strict=True) if rung in silent and not item.was_unheard]
        note_unheard(session, unheard, as_of)
    _number(session, [row for step, row in fired if step.is_first_at_office], as_of)
    return fire(session, [row for _step, row in fired], as_of, sweep_id)


def _due_steps(session: Session, numbers: Policies, rungs: Collection[Rung], as_of: date) -> dict[Rung, DueStep | None]:
    """The step each group of items fires; None where there is none that somebody hears."""
    calendar = calendar_of(session, [rung.ticks for rung in rungs], as_of)
    steps: dict[Rung, DueStep | None] = {}
    for rung in rungs:
        ticks, policy = rung.ticks, numbers.of(rung.ticks.campaign_id, rung.ticks.kind)
        firing = due_step(ticks, policy, calendar, as_of, rung.manned, was_unheard=rung.was_unheard)
        steps[rung] = step_now(ticks, firing.step, policy, calendar, as_of) if firing else None
    return steps


def _silent(session: Session, numbers: Policies, rungs: Collection[Rung], as_of: date) -> set[Rung]:
    """Those of which no step can be heard: something is late, or nobody at all is there."""
    calendar = calendar_of(session, [rung.ticks for rung in rungs], as_of)
    steps = {
        rung: due_step(rung.ticks, numbers.of(rung.ticks.campaign_id, rung.ticks.kind), calendar, as_of)
        for rung in rungs
    }
    return {rung for rung, due in steps.items() if due and (due.step is not Step.REMINDER_BEFORE or not rung.manned)}


def _number(session: Session, rows: Sequence[dict[str, object]], as_of: date) -> None:
    """Number the notices of items that reach the inspection office, without gaps in the year."""
    if rows:
        numbers = take_numbers(session, notices_of(as_of.year), len(rows))
        for row, number in zip(rows, numbers, strict=True):
            row["document_no"] = number
