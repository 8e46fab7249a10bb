"""Keeps each open item's next step true by the one rule of `models/escalation/ladder.py`, for one item and for many."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Date, FromClause, Select, Text, column, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from models.escalation.action_item import ActionItem
from models.escalation.calendar import Calendar
from models.escalation.ladder import Firing, firings, next_firing
from models.escalation.policy import Policy
from models.words import ItemKind, Step
from tasks.items.open_items import current_policy, policies
from tasks.items.statements import change_items
from tasks.ledger.locks import keep_off, one_at_a_time
from tasks.ledger.workdays import calendar_around

RUNNING = (ActionItem.closed_on.is_(None), ActionItem.is_paused.is_(False))

SET_NEXT_STEPS = """
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


class Ticks(NamedTuple):
    """Everything the ladder's rule reads: items with the same ticks have the same next step."""

    kind: ItemKind
    due_on: date
    promised_on: date | None
    entry_step: Step | None
    fired_step: Step | None
    fired_on: date | None
    resumed_step: Step | None

    @classmethod
    def of(cls, item: ActionItem) -> "Ticks":
        """The ticks of a loaded item."""
        return cls(*(getattr(item, name) for name in cls._fields))


TICKS = tuple(getattr(ActionItem, name) for name in Ticks._fields)


def set_next_step(session: Session, *items: ActionItem) -> None:
    """Set the next step of items whose clock was moved; of closed and paused ones there is none."""
    with session.no_autoflush:  # an item's state and its next step are written together
        for item in items:
            policy, day = current_policy(session, item.kind), item.promised_on or item.due_on
            firing = next_firing(item, policy, calendar_around(session, day, item.fired_on or day))
            item.next_step, item.next_fires_on = (firing.step, firing.day) if firing else (None, None)


def set_next_steps(session: Session, projects: Sequence[int] | None = None, items: Sequence[int] | None = None) -> int:
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
    given: dict[str, object] = {
        "projects": None if projects is None else list(projects),
        "items": None if items is None else list(items),
        "steps": steps,
        "days": days,
    }
    names = ("kinds", "dues", "promises", "entries", "fired", "fired_days", "resumed")
    columns = {name: list(column) for name, column in zip(names, zip(*ticks, strict=True), strict=True)}
    return change_items(session, text(SET_NEXT_STEPS), given | columns).rowcount


def first_steps(session: Session, days: Collection[tuple[ItemKind, date]]) -> FromClause:
    """The first step of items yet to be opened, by `kind` and `due_on`: `next_step` and `next_fires_on`."""
    ticks = [Ticks(kind, day, None, None, None, None, None) for kind, day in days]
    following = next_of(ticks, policies(session), calendar_of(session, ticks))
    first = [(*tick[:2], firing.step, firing.day) for tick, firing in zip(ticks, following, strict=True) if firing]
    types: dict[str, TypeEngine[Any]] = {"kind": Text(), "due_on": Date(), "next_step": Text(), "next_fires_on": Date()}
    arrays = (literal([row[at] for row in first], ARRAY(kind)) for at, kind in enumerate(types.values()))
    rows = func.unnest(*arrays).table_valued(*(column(name, kind) for name, kind in types.items()), name="first_step")
    return rows.render_derived()


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
    known = [day for each in ticks for day in (each.due_on, each.promised_on, each.fired_on) if day]
    return calendar_around(session, *known, *days) if known or days else Calendar(())


def next_of(ticks: Sequence[Ticks], numbers: Mapping[ItemKind, Policy], calendar: Calendar) -> list[Firing | None]:
    """The next step of each."""
    return [next(firings(each, numbers[each.kind], calendar), None) for each in ticks]
