"""Undoes a sweep: withdraws what it fired, unless somebody has acted on it since."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, Text, bindparam, cast, exists, func, select, text, union_all
from sqlalchemy.orm import Session, aliased

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.notice import Notice
from models.escalation.withdrawn import UndoneSweep, VoidNumber
from models.i18n import gettext as _
from models.i18n import written
from models.ledger.history import Change, SweepLog
from models.ledger.project import Investor, Project
from models.refusal import Refused
from models.words import Step
from tasks.database import snapshot, transaction
from tasks.documents.text import moment
from tasks.events.outbox import announce
from tasks.items.campaign_numbers import has_campaign_numbers, running_campaigns
from tasks.items.next_steps import keep_items, set_next_steps
from tasks.items.statements import change_items
from tasks.ledger.document_numbers import notices_of
from tasks.ledger.questions import ESCALATION, overtake

ACTOR = "undo-sweep"
SWEEPS_OFFERED = 50

WITHDRAW = """
INSERT INTO withdrawn_escalation (id, sweep_id, item_id, round, step, recipient_id, on_behalf_of_id, policy_id,
    former_step, former_on, raised_on, due_on, document_no, raised_at, withdrawn_by, reason)
SELECT id, sweep_id, item_id, round, step, recipient_id, on_behalf_of_id, policy_id,
    former_step, former_on, raised_on, due_on, document_no, recorded_at, :who, :why
FROM escalation WHERE id = ANY(:ids)
"""
LOCK_NOTICES = "SELECT id FROM notice WHERE escalation_id = ANY(:ids) ORDER BY id FOR UPDATE"

# A message that is under way this moment is locked by who sends it, or leased: it counts as sent.
LOCK_MESSAGES = """
SELECT d.id FROM delivery d
WHERE d.id IN (SELECT delivery_id FROM notice WHERE escalation_id = ANY(:ids))
  AND d.delivered_at IS NULL AND d.refused_at IS NULL AND d.dropped_at IS NULL
  AND (d.lease_until IS NULL OR d.lease_until < now())
FOR UPDATE SKIP LOCKED
"""

# A message that failed may have arrived all the same.
WITHDRAW_NOTICES = """
WITH gone AS (
    DELETE FROM notice WHERE escalation_id = ANY(:ids)
    RETURNING id, escalation_id, recipient_id, occasion, text, delivery_id
)
INSERT INTO withdrawn_notice (id, escalation_id, recipient_id, occasion, text, delivery_id, was_sent)
SELECT g.id, g.escalation_id, g.recipient_id, g.occasion, g.text, g.delivery_id,
    d.id IS NOT NULL AND d.dropped_at IS NULL AND (d.attempts > 0 OR d.id <> ALL(:held))
FROM gone g LEFT JOIN delivery d ON d.id = g.delivery_id
"""

# What else the messages held goes into the next ones.
DROP_MESSAGES = "UPDATE delivery SET dropped_at = now() WHERE id = ANY(:held)"
FREE_OTHERS = "UPDATE notice SET delivery_id = NULL WHERE delivery_id = ANY(:held)"

RESTORE = """
UPDATE action_item i SET fired_step = e.former_step, fired_on = e.former_on
FROM escalation e WHERE e.id = ANY(:ids) AND i.id = e.item_id
"""
FORGET = "DELETE FROM escalation WHERE id = ANY(:ids)"

# Nobody could be told since that day: true no more, unless another sweep has found the same.
FORGET_UNHEARD = """
UPDATE action_item SET unheard_since = NULL
FROM sweep_log s WHERE s.id = :sweep AND unheard_since = s.as_of
  AND NOT EXISTS (SELECT FROM sweep_log other WHERE other.id <> s.id AND other.as_of >= s.as_of)
"""
END_SWEEP = """
WITH gone AS (DELETE FROM sweep_log WHERE id = :sweep RETURNING *)
INSERT INTO undone_sweep (id, as_of, finished_at, fired, confirmed_by, undone_by, reason)
SELECT id, as_of, finished_at, fired, confirmed_by, :who, :why FROM gone
"""

_LATER = aliased(Escalation)
_SINCE = (Change.column_name == "coordination_asked_at", Change.recorded_at > Escalation.recorded_at)
# What a sweep fired, with what became of it and of its items.
FIRED = (
    select(
        *(Escalation.id, Escalation.item_id, Escalation.round, Escalation.step, Escalation.raised_on),
        *(Escalation.due_on, Escalation.document_no, Escalation.replied_at, Escalation.replied_by),
        *(Escalation.acknowledged_at, Escalation.acknowledged_by),
        *(ActionItem.closed_on, ActionItem.fired_step, ActionItem.fired_on, ActionItem.round.label("item_round")),
        func.coalesce(ActionItem.promised_on, ActionItem.due_on).label("item_due_on"),
        select(_LATER.step)
        .where(_LATER.item_id == Escalation.item_id, _LATER.id > Escalation.id)
        .order_by(_LATER.id)
        .limit(1)
        .scalar_subquery()
        .label("later"),
        exists()
        .where(Change.table_name == "blocker", Change.row_id == cast(Escalation.item_id, Text), *_SINCE)
        .label("is_coordinated"),
    )
    .join(ActionItem, ActionItem.id == Escalation.item_id)
    .where(Escalation.sweep_id == bindparam("sweep"))
    .order_by(Escalation.id)
)


@dataclass(frozen=True)
class Kept:
    """A step that is not undone, because somebody has acted on it."""

    item_id: int
    step: Step
    why: str


@dataclass(frozen=True)
class Undoing:
    """What undoing a sweep withdraws, and what it leaves."""

    name: str
    steps: Mapping[Step, int]
    void: Sequence[tuple[int, int]]  # year and number of supervision notices
    kept: Sequence[Kept]
    recipients: int  # people whose notices are withdrawn

    @property
    def count(self) -> int:
        return sum(self.steps.values())


def sweep_names(session: Session) -> list[str]:
    """The sweeps that can be undone, the newest first, as a form offers them."""
    return [_name(row) for row in session.execute(_sweeps().limit(SWEEPS_OFFERED))]


def _sweeps() -> Select[*tuple[Any, ...]]:
    """The sweeps whose steps stand, also those undone in part; and the last one, as no day before
    its own is swept.
    """
    done = select(SweepLog.id, SweepLog.as_of, SweepLog.finished_at)
    undone = select(UndoneSweep.id, UndoneSweep.as_of, UndoneSweep.finished_at)
    swept = union_all(done, undone).subquery()
    standing = Escalation.sweep_id == swept.c.id
    count = select(func.count()).where(standing).scalar_subquery().label("steps")
    is_last = swept.c.id == select(func.max(SweepLog.id)).scalar_subquery()
    return select(*swept.c, count).where(is_last | exists().where(standing)).order_by(swept.c.id.desc())


def _name(row: Row[*tuple[Any, ...]]) -> str:
    steps = _("%(count)s steps") % {"count": row.steps}
    return f"{row.id} · {written(row.as_of)} · {moment(row.finished_at)} · {steps}"


def sweep_number(name: str) -> int:
    """The number at the head of a sweep's name; `Refused` when there is none."""
    head = re.match(r"\s*([0-9]{1,9})(\s|$)", name)
    if head is None:
        raise Refused(_("“%(name)s” is no sweep: choose one of the list.") % {"name": name})
    return int(head[1])


def would_undo(sweep_id: int) -> Undoing:
    """What undoing the sweep would withdraw; `Refused` where there is nothing to undo."""
    with snapshot() as session:
        return _look(session, sweep_id)[0]


def undo(sweep_id: int, who: str, why: str) -> Undoing:
    """Withdraw the steps the sweep fired, in one transaction; those acted on since stay.

    Done twice, or at once with a sweep or an answer, it withdraws nothing twice: all of them lock
    projects first, then investors, then items. `Refused` where there is nothing to undo.
    """
    with transaction(who, f"{ACTOR} {sweep_id}: {why}") as session:
        concerns_all = _changes_numbers(session, sweep_id)
        if concerns_all:
            keep_items(session)
        _lock(session, sweep_id)
        undoing, ids, items = _look(session, sweep_id)
        change_items(session, text(FORGET_UNHEARD), {"sweep": sweep_id})
        session.execute(text(END_SWEEP), {"sweep": sweep_id, "who": who, "why": why})
        if ids:
            _withdraw(session, ids, who, why)
        set_next_steps(session, items=None if concerns_all else items)
        overtake(session, (ESCALATION,), select(ActionItem.id).where(ActionItem.id == func.any(items)))
        announce(session, "luodi.sweep.undone", sweep_id=sweep_id, withdrawn=undoing.count, kept=len(undoing.kept))
    return undoing


def _changes_numbers(session: Session, sweep_id: int) -> bool:
    """Whether other campaigns' numbers apply once the sweep is not the last one any more."""
    newest = session.execute(select(SweepLog.id, SweepLog.as_of).order_by(SweepLog.id.desc()).limit(2)).all()
    if not newest or newest[0].id != sweep_id or not has_campaign_numbers(session):
        return False
    former = newest[1].as_of if len(newest) > 1 else None
    return running_campaigns(session, newest[0].as_of) != running_campaigns(session, former)


def _lock(session: Session, sweep_id: int) -> None:
    """Lock what the sweep has changed, in its order."""
    fired = select(Escalation.item_id).where(Escalation.sweep_id == sweep_id)
    day = select(SweepLog.as_of).where(SweepLog.id == sweep_id).scalar_subquery()
    changed = select(ActionItem.id).where(ActionItem.id.in_(fired) | (ActionItem.unheard_since == day))
    for table, key, is_shared in ((Project, ActionItem.project_id, False), (Investor, ActionItem.investor_id, True)):
        subjects = select(table.id).where(table.id.in_(changed.with_only_columns(key)))
        session.execute(subjects.order_by(table.id).with_for_update(key_share=is_shared)).all()
    session.execute(changed.order_by(ActionItem.id).with_for_update()).all()


def _look(session: Session, sweep_id: int) -> tuple[Undoing, list[int], list[int]]:
    """What undoing withdraws, with the numbers of those escalations and of their items."""
    sweeps = _sweeps()
    sweep = session.execute(sweeps.where(sweeps.selected_columns.id == sweep_id)).one_or_none()
    if sweep is None:
        raise Refused(
            _("Nothing that the sweep No. %(id)s fired stands: it was undone, or fired nothing.") % {"id": sweep_id}
        )
    rows = session.execute(FIRED, {"sweep": sweep_id}).all()
    reasons = {row.id: why for row in rows if (why := _acted_on(row))}
    gone = [row for row in rows if row.id not in reasons]
    counts = Counter(row.step for row in gone)
    heard = select(func.count(Notice.recipient_id.distinct())).where(
        Notice.escalation_id == func.any([row.id for row in gone])
    )
    undoing = Undoing(
        name=_name(sweep),
        steps={step: counts[step] for step in Step if counts[step]},
        void=[(row.raised_on.year, row.document_no) for row in gone if row.document_no],
        kept=[Kept(row.item_id, row.step, reasons[row.id]) for row in rows if row.id in reasons],
        recipients=session.scalar(heard) or 0,
    )
    return undoing, [row.id for row in gone], [row.item_id for row in gone]


def _acted_on(row: Row[*tuple[Any, ...]]) -> str:
    """What was done about the step since it fired; empty when nothing was."""
    if row.closed_on:
        return _("closed on %(day)s") % {"day": row.closed_on}
    if row.replied_at:
        return _("answered by %(who)s") % {"who": row.replied_by}
    if row.acknowledged_at:
        return _("acknowledged by %(who)s") % {"who": row.acknowledged_by}
    if row.later:
        return _("the next step fired: %(step)s") % {"step": row.later.label}
    if (row.round, row.step, row.raised_on) != (row.item_round, row.fired_step, row.fired_on):
        return _("its deadlines count anew")
    if row.due_on != row.item_due_on:
        return _("its date was moved to %(day)s") % {"day": row.item_due_on}
    return _("coordination was asked for") if row.is_coordinated else ""


def _withdraw(session: Session, ids: Sequence[int], who: str, why: str) -> None:
    values = {"ids": list(ids), "who": who, "why": why}
    for statement in (WITHDRAW, LOCK_NOTICES):
        session.execute(text(statement), values)
    held = list(session.scalars(text(LOCK_MESSAGES), values))
    session.execute(text(WITHDRAW_NOTICES), values | {"held": held})
    for statement in (DROP_MESSAGES, FREE_OTHERS):
        session.execute(text(statement), {"held": held})
    numbered = select(Escalation).where(Escalation.id == func.any(list(ids)), Escalation.document_no.is_not(None))
    for escalation in session.scalars(numbered.order_by(Escalation.id)):
        counter, number = notices_of(escalation.raised_on.year), escalation.document_no
        session.add(VoidNumber(counter=counter, number=number, escalation_id=escalation.id, voided_by=who, reason=why))
    change_items(session, text(RESTORE), values)
    session.execute(text(FORGET), values)
