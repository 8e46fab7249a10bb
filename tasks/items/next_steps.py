"""Keeps each open item's next step true by the rule of `models/escalation/ladder.py`."""

from collections.abc import Collection, Sequence
from datetime import date
from itertools import product

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    column,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.calendar import Calendar
from models.escalation.ladder import Ticks, firings
from models.escalation.policy import Policies
from models.ledger.history import SweepLog
from models.words import ItemKind
from tasks.items.campaign_numbers import (
    ANY_HAS_NUMBERS,
    LAST_SWEPT,
    followed_campaign,
    policies,
    running_campaigns,
)
from tasks.items.long_overdue import Backlog
from tasks.items.statements import change_items
from tasks.ledger.locks import keep_off, one_at_a_time
from tasks.ledger.workdays import calendar_around

RUNNING = (ActionItem.closed_on.is_(None), ActionItem.is_paused.is_(False))


TICKS = tuple(getattr(ActionItem, name) for name in Ticks._fields[:-1])  # without the campaign
NEW = (ActionItem.next_step, ActionItem.next_fires_on)
FOLLOWING = (
    *(column(tick.key, tick.type) for tick in TICKS),
    column("campaign_id", Integer()),
    *(column(new.key, new.type) for new in NEW),
)


def set_next_steps(session: Session, projects: Sequence[int] | None = None, items: Sequence[int] | None = None) -> int:
    """Set the next step of running items, all or those named, where it is wrong; returns how many.

    Call it when items, the policy or the calendar have changed.
    """
    which: list[ColumnElement[bool]] = [*RUNNING]
    if projects is not None:
        which.append(ActionItem.project_id == func.any(list(projects)))
    if items is not None:
        which.append(ActionItem.id == func.any(list(items)))
    numbers = policies(session)
    campaign = followed_campaign(ActionItem.project_id) if numbers.has_campaigns else null()
    ticks = [Ticks._make(row) for row in session.execute(select(*TICKS, campaign).where(*which).distinct())]
    if not ticks:
        return 0
    n = _next_steps(ticks, numbers, calendar_of(session, ticks)).c
    are_alike = [
        ActionItem.kind == n.kind,  # these two by equality: PostgreSQL joins by them
        ActionItem.due_on == n.due_on,
        *(tick.is_not_distinct_from(n[tick.key]) for tick in TICKS[2:]),
    ]
    if numbers.has_campaigns:  # else PostgreSQL would expect two rows, and loop over all items for each
        are_alike.append(campaign.is_not_distinct_from(n.campaign_id))
    new = {cell.key: n[cell.key] for cell in NEW}
    differ = or_(*(cell.is_distinct_from(n[cell.key]) for cell in NEW))
    return change_items(session, update(ActionItem).where(*which, *are_alike, differ).values(new)).rowcount


def first_steps(
    session: Session, days: Collection[tuple[ItemKind, date]], backlog: Backlog | None = None
) -> FromClause:
    """The next step of items yet to be opened, by `kind`, `due_on` and `campaign_id`.

    `backlog` says which of them are long overdue, and when they begin.
    """
    numbers = policies(session)
    ticks = []
    for (kind, day), campaign_id in product(days, numbers.campaigns):
        begins_on = backlog.begins(kind, day, campaign_id) if backlog else None
        ticks.append(Ticks.new(kind, day, begins_on=begins_on, campaign_id=campaign_id))
    return _next_steps(ticks, numbers, calendar_of(session, ticks))


def _next_steps(ticks: Sequence[Ticks], numbers: Policies, calendar: Calendar) -> FromClause:
    """The ticks and the step that follows each, as rows of a query."""
    rows: list[tuple[object, ...]] = []
    for tick in ticks:
        firing = next(firings(tick, numbers.of(tick.campaign_id, tick.kind), calendar), None)
        rows.append((*tick, firing.step, firing.day) if firing else (*tick, None, None))
    arrays = (literal([row[at] for row in rows], ARRAY(column.type)) for at, column in enumerate(FOLLOWING))
    return func.unnest(*arrays).table_valued(*FOLLOWING, name="following").render_derived()


def begin_sweep(session: Session, as_of: date, confirmed_by: str = "") -> tuple[int, date | None]:
    """Note that the day is swept, which starts and ends campaigns' numbers.

    Returns the note's id, and the day that was swept before.
    """
    log = insert(SweepLog).values(as_of=as_of, finished_at=func.now(), fired=0, confirmed_by=confirmed_by)
    noted = log.returning(SweepLog.id, ANY_HAS_NUMBERS, LAST_SWEPT.correlate(None))  # without this note
    log_id, has_numbers, former = session.connection().execute(noted).one()
    if has_numbers and running_campaigns(session, former) != running_campaigns(session, as_of):
        keep_items(session)
        set_next_steps(session)
    return int(log_id), former


def keep_policy(session: Session) -> None:
    """Keep policy and calendar as they are until this transaction ends; it opens items."""
    keep_off(session, "policy")


def keep_items(session: Session) -> None:
    """Keep all items as they are while policy or calendar change."""
    one_at_a_time(session, "policy")
    # A transaction that changes an item locks a row of these tables first: this lock waits for all
    # of them, and they wait for it. Reading goes on.
    session.execute(text("LOCK TABLE project, investor IN EXCLUSIVE MODE"))
    session.info.pop("calendars", None)


def calendar_of(session: Session, ticks: Collection[Ticks], *days: date) -> Calendar:
    """The working days around everything those items may fire on."""
    read = ((tick.due_on, tick.promised_on, tick.begins_on, tick.fired_on) for tick in ticks)
    known = [day for days_read in read for day in days_read if day]
    return calendar_around(session, *known, *days) if known or days else Calendar(())
