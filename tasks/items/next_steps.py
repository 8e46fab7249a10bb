"""Keeps each open item's next step true by the one rule of `models/escalation/ladder.py`, for one item and for many."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.calendar import Calendar
from models.escalation.ladder import Firing, firings, next_firing
from models.escalation.policy import Policy
from models.words import ItemKind, Step
from tasks.items.open_items import current_policy
from tasks.ledger.workdays import calendar_around

RUNNING = (ActionItem.closed_on.is_(None), ActionItem.is_paused.is_(False))

WIND = """
UPDATE action_item i SET next_step = n.next_step, next_fires_on = n.next_fires_on
FROM unnest(CAST(:kinds AS text[]), CAST(:dues AS date[]), CAST(:promises AS date[]), CAST(:entries AS text[]),
            CAST(:fired AS text[]), CAST(:fired_days AS date[]), CAST(:resumed AS text[]), CAST(:steps AS text[]),
            CAST(:days AS date[]))
     AS n (kind, due_on, promised_on, entry_step, fired_step, fired_on, resumed_step, next_step, next_fires_on)
WHERE i.closed_on IS NULL AND NOT i.is_paused AND i.kind = n.kind AND i.due_on = n.due_on
  AND (i.promised_on, i.entry_step, i.fired_step, i.fired_on, i.resumed_step)
      IS NOT DISTINCT FROM (n.promised_on, n.entry_step, n.fired_step, n.fired_on, n.resumed_step)
  AND (i.next_step, i.next_fires_on) IS DISTINCT FROM (n.next_step, n.next_fires_on)
  AND (CAST(:projects AS int[]) IS NULL OR i.project_id = ANY(:projects))
  AND (CAST(:items AS int[]) IS NULL OR i.id = ANY(:items))
"""

STAGED_CLOCK = """
CREATE TEMPORARY TABLE staged_clock (
    kind text, due_on date, next_step text, next_fires_on date, PRIMARY KEY (kind, due_on)
) ON COMMIT DROP
"""


class Ticks(NamedTuple):
    """Everything the ladder's rule looks at: items that share it share their next step. Bulk work is done by these."""

    kind: ItemKind
    due_on: date
    promised_on: date | None
    entry_step: Step | None
    fired_step: Step | None
    fired_on: date | None
    resumed_step: Step | None


TICKS = tuple(getattr(ActionItem, name) for name in Ticks._fields)


def wind(session: Session, *items: ActionItem) -> None:
    """Set the next step of items whose clock was moved; of closed and paused ones there is none."""
    with session.no_autoflush:  # an item's state and its next step are written together
        for item in items:
            policy, day = current_policy(session, item.kind), item.promised_on or item.due_on
            firing = next_firing(item, policy, calendar_around(session, day, item.fired_on or day))
            item.next_step, item.next_fires_on = (firing.step, firing.day) if firing else (None, None)


def wind_all(session: Session, projects: Sequence[int] | None = None, items: Sequence[int] | None = None) -> int:
    """Set the next step of every running item, or of those named, where it is not true; returns how many.

    Call it when many items, the policy or the calendar have changed.
    """
    wanted = select(*TICKS).where(*RUNNING).distinct()
    if projects is not None:
        wanted = wanted.where(ActionItem.project_id == func.any(list(projects)))
    if items is not None:
        wanted = wanted.where(ActionItem.id == func.any(list(items)))
    ticks = read_ticks(session, wanted)
    following = next_of(ticks, policies(session), calendar_of(session, ticks))
    steps = [firing.step.value if firing else None for firing in following]
    days = [firing.day if firing else None for firing in following]
    if not ticks:
        return 0
    given = {
        "projects": None if projects is None else list(projects),
        "items": None if items is None else list(items),
        "steps": steps,
        "days": days,
    }
    names = ("kinds", "dues", "promises", "entries", "fired", "fired_days", "resumed")
    columns = {name: list(column) for name, column in zip(names, zip(*ticks, strict=True), strict=True)}
    return session.execute(text(WIND), given | columns).rowcount  # type: ignore[attr-defined, no-any-return]


def stage_clocks(session: Session, fresh: Collection[tuple[ItemKind, date]]) -> None:
    """Write down, by kind and due date, the first step of items yet to be opened, into the table `staged_clock`.

    It is gone with the transaction. Items opened by a join with it need no winding.
    """
    ticks = [Ticks(kind, day, None, None, None, None, None) for kind, day in fresh]
    following = next_of(ticks, policies(session), calendar_of(session, ticks))
    session.execute(text(STAGED_CLOCK))
    rows = [
        {"kind": tick.kind, "due_on": tick.due_on, "step": firing.step, "day": firing.day}
        for tick, firing in zip(ticks, following, strict=True)
        if firing
    ]
    if rows:
        session.execute(text("INSERT INTO staged_clock VALUES (:kind, :due_on, :step, :day)"), rows)
    session.execute(text("ANALYZE staged_clock"))


def share_numbers(session: Session) -> None:
    """Keep policy and calendar as they are until this transaction, which opens items on new projects, has ended."""
    session.execute(text("SELECT pg_advisory_xact_lock_shared(hashtext('luodi.policy'))"))


def hold_all(session: Session) -> None:
    """Keep everything as it is for a change of policy or calendar: no clock may be wound by the former one."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('luodi.policy'))"))
    # Whoever moves a clock locks its project's or investor's row first, and so the table's lock for rows: we wait for
    # all of them, and they for us. Reading goes on.
    session.execute(text("LOCK TABLE project, investor IN EXCLUSIVE MODE"))
    session.info.pop("calendars", None)


def read_ticks(session: Session, wanted: Select[*tuple[object, ...]]) -> list[Ticks]:
    """The rows of a query for `TICKS`."""
    return [Ticks._make(row) for row in session.execute(wanted)]


def policies(session: Session) -> dict[ItemKind, Policy]:
    """The numbers that apply to each kind of item now, as `current_policy` finds them for one."""
    versions = select(Policy).where(Policy.campaign_id.is_(None)).order_by(Policy.version)
    newest = {policy.kind: policy for policy in session.scalars(versions)}
    own = {kind: policy for kind, policy in newest.items() if not policy.follows_general}
    return {kind: own.get(kind) or newest[None] for kind in ItemKind}


def calendar_of(session: Session, ticks: Collection[Ticks], *days: date) -> Calendar:
    """The working days around everything those items may fire on."""
    known = [day for each in ticks for day in (each.due_on, each.promised_on, each.fired_on) if day]
    return calendar_around(session, *known, *days) if known or days else Calendar(())


def next_of(ticks: Sequence[Ticks], numbers: Mapping[ItemKind, Policy], calendar: Calendar) -> list[Firing | None]:
    """The next step of each."""
    return [next(firings(each, numbers[each.kind], calendar), None) for each in ticks]
