"""Keeps each open item's next step true by the one rule of `models/escalation/ladder.py`, for one item and for many."""

from collections.abc import Collection, Sequence
from datetime import date
from itertools import product
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    Text,
    column,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from models.escalation.action_item import ActionItem
from models.escalation.calendar import Calendar
from models.escalation.ladder import Firing, Ticks, firings, next_firing
from models.escalation.policy import Policies
from models.ledger.history import SweepLog
from models.words import ItemKind
from tasks.items.campaign_numbers import changes_with, current_policy, followed_campaign, policies
from tasks.items.statements import change_items
from tasks.ledger.locks import keep_off, one_at_a_time
from tasks.ledger.workdays import calendar_around

RUNNING = (ActionItem.closed_on.is_(None), ActionItem.is_paused.is_(False))


ITEM_TICKS = tuple(getattr(ActionItem, name) for name in Ticks._fields[:-1])
CAMPAIGN = followed_campaign(ActionItem.project_id)
TICKS = (*ITEM_TICKS, CAMPAIGN.label("campaign_id"))
TYPES: dict[str, TypeEngine[Any]] = {
    "kind": Text(),
    "due_on": Date(),
    "promised_on": Date(),
    "entry_step": Text(),
    "fired_step": Text(),
    "fired_on": Date(),
    "resumed_step": Text(),
    "campaign_id": Integer(),
    "next_step": Text(),
    "next_fires_on": Date(),
}


def set_next_step(session: Session, *items: ActionItem) -> None:
    """Set the next step of items whose clock was moved; of closed and paused ones there is none."""
    with session.no_autoflush:  # an item's state and its next step are written together
        for item in items:
            policy, day = current_policy(session, item.kind, item.project_id), item.promised_on or item.due_on
            firing = next_firing(item, policy, calendar_around(session, day, item.fired_on or day))
            item.next_step, item.next_fires_on = (firing.step, firing.day) if firing else (None, None)


def set_next_steps(session: Session, projects: Sequence[int] | None = None, items: Sequence[int] | None = None) -> int:
    """Set the next step of every running item, or of those named, where it is not true; returns how many.

    Call it when many items, the policy or the calendar have changed.
    """
    which: list[ColumnElement[bool]] = [*RUNNING]
    if projects is not None:
        which.append(ActionItem.project_id == func.any(list(projects)))
    if items is not None:
        which.append(ActionItem.id == func.any(list(items)))
    ticks = read_ticks(session, select(*TICKS).where(*which).distinct())
    if not ticks:
        return 0
    following = next_of(ticks, policies(session), calendar_of(session, ticks))
    n = _table(ticks, following, "next_step").c
    may_be_empty = (name for name in Ticks._fields if name not in ("kind", "due_on", "campaign_id"))
    are_alike = (
        ActionItem.kind == n.kind,
        ActionItem.due_on == n.due_on,
        *(getattr(ActionItem, name).is_not_distinct_from(n[name]) for name in may_be_empty),
        CAMPAIGN.is_not_distinct_from(n.campaign_id),
    )
    new = {name: n[name] for name in ("next_step", "next_fires_on")}
    differ = or_(*(getattr(ActionItem, name).is_distinct_from(value) for name, value in new.items()))
    return change_items(session, update(ActionItem).where(*which, *are_alike, differ).values(new)).rowcount


def first_steps(session: Session, days: Collection[tuple[ItemKind, date]]) -> FromClause:
    """The first step of items yet to be opened: `next_step` and `next_fires_on` by `kind`, `due_on`, `campaign_id`."""
    numbers = policies(session)
    pairs = product(days, numbers.campaigns)
    ticks = [Ticks(kind, day, None, None, None, None, None, campaign_id) for (kind, day), campaign_id in pairs]
    following = next_of(ticks, numbers, calendar_of(session, ticks))
    return _table(ticks, following, "first_step")


def _table(ticks: Sequence[Ticks], following: Sequence[Firing | None], name: str) -> FromClause:
    """Ticks and the step that follows, as rows of a query."""
    steps = ((firing.step, firing.day) if firing else (None, None) for firing in following)
    rows = [(*tick, *step) for tick, step in zip(ticks, steps, strict=True)]
    arrays = (literal([row[at] for row in rows], ARRAY(kind)) for at, kind in enumerate(TYPES.values()))
    columns = (column(title, kind) for title, kind in TYPES.items())
    return func.unnest(*arrays).table_valued(*columns, name=name).render_derived()


def begin_sweep(session: Session, as_of: date) -> int:
    """Note that the day is swept, and return the note's id.

    Where a campaign has begun or ended since the last sweep, its numbers come into force, or go.
    """
    changes = changes_with(session, as_of)
    if changes:
        keep_items(session)
    log = insert(SweepLog).values(as_of=as_of, finished_at=func.now(), fired=0).returning(SweepLog.id)
    log_id = session.scalars(log).one()
    if changes:
        set_next_steps(session)
    return log_id


def keep_policy(session: Session) -> None:
    """Keep policy and calendar as they are until this transaction ends, which opens items on new projects."""
    keep_off(session, "policy")


def keep_items(session: Session) -> None:
    """Keep all items as they are while policy or calendar change: no step may be set by the former ones."""
    one_at_a_time(session, "policy")
    # A transaction that changes an item locks the row of its project or investor first, and by that the table for rows:
    # this lock waits for all of them, and they wait for it. Reading goes on.
    session.execute(text("LOCK TABLE project, investor IN EXCLUSIVE MODE"))
    session.info.pop("calendars", None)


def read_ticks(session: Session, wanted: Select[*tuple[object, ...]]) -> list[Ticks]:
    """The rows of a query for `TICKS`."""
    return [Ticks._make(row) for row in session.execute(wanted)]


def calendar_of(session: Session, ticks: Collection[Ticks], *days: date) -> Calendar:
    """The working days around everything those items may fire on."""
    known = [day for tick in ticks for day in (tick.due_on, tick.promised_on, tick.fired_on) if day]
    return calendar_around(session, *known, *days) if known or days else Calendar(())


def next_of(ticks: Sequence[Ticks], numbers: Policies, calendar: Calendar) -> list[Firing | None]:
    """The next step of each."""
    return [next(firings(tick, numbers.of(tick.campaign_id, tick.kind), calendar), None) for tick in ticks]
