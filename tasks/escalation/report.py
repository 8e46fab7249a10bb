"""A sweep's report: what fired and for whom, what the office has, and projects without a leader."""

from collections.abc import Sequence
from datetime import date

from prefect.artifacts import create_markdown_artifact
from sqlalchemy import ColumnElement, Select, Text, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, joinedload

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.i18n import clauses, enumerated, written
from models.i18n import gettext as _
from models.ledger.history import Change, SweepLog
from models.ledger.organisation import Unit
from models.ledger.project import Project
from models.words import AT_OFFICE, OPEN_STAGES, RAISED, Step
from tasks.database import transaction
from tasks.documents.markdown import table
from tasks.documents.text import listed
from tasks.escalation.unheard import unheard_items
from tasks.items.counting import NEW_CALENDAR, uncounted, why_due
from tasks.items.standing import standing
from tasks.items.wording import document_name, named, owed, recipient_names, reply, step_name

ROWS_SHOWN, CODES_SHOWN = 300, 20  # longer lists are cut, with a note
Line = tuple[str, ...]


def show_sweep(as_of: date) -> None:
    """Write the report of the whole day as an artifact: a sweep that was killed runs again."""
    with transaction() as session:
        page = report(session, as_of)
    create_markdown_artifact(
        page, key="escalation-sweep", description=_("What the sweep of %(day)s fired") % {"day": as_of}
    )


def reached_nobody() -> str:
    """What nobody could be told of, and what to do about it; empty when there is nothing."""
    with transaction() as session:
        names = [named(item) for item in unheard_items(session)]
    if not names:
        return ""
    shown = clauses(names[:CODES_SHOWN]) + (" …" if len(names) > CODES_SHOWN else "")
    message = _(
        "%(count)s matters reach nobody: %(names)s. Name responsible leaders and an inspector in the ledger; "
        "the next sweep tells them."
    )
    return message % {"count": len(names), "names": shown}


def report(session: Session, as_of: date) -> str:
    title, matter = _("Sweep of %(day)s") % {"day": written(as_of)}, _("Project or investor, and what is owed")
    unheard_heads = (matter, _("Unit"), _("Due"), _("Nobody could be told of it since"))
    office_heads = (_("Supervision notice"), matter, _("Unit"), _("Since"), _("Due"), _("Last reply"))
    leaderless_heads = (_("Unit"), _("Projects"), _("Codes"))
    counts, at_office, leaderless = _counts(session, as_of), _at_office(session, as_of), _leaderless(session)
    unheard = _unheard(session, as_of)
    projects = sum(int(count) for _unit, count, _codes in leaderless)
    parts = [
        f"# {title}",
        _summary(counts),
        *_section(_("What fired"), _fired_heads(), _fired(session, as_of), sum(counts.values())),
        *(_section(_("What reaches nobody"), unheard_heads, unheard, len(unheard)) if unheard else ()),
        *_section(_("Open at the inspection office"), office_heads, at_office, len(at_office)),
        *_section(_("Projects without a responsible leader"), leaderless_heads, leaderless, projects),
        *_moved(session, as_of),
    ]
    return "\n\n".join(parts)


def fired_sections(session: Session, as_of: date, ids: Sequence[int]) -> list[str]:
    """What those escalations of the day are, as the report says it."""
    counts = _counts(session, as_of, ids)
    return [_summary(counts), *_section(_("What would fire"), _fired_heads(), _fired(session, as_of, ids), len(ids))]


def _fired_heads() -> Line:
    return _("Step"), _("Project or investor, and what is owed"), _("Unit"), _("Due"), _("To")


def _section(title: str, heads: Line, rows: Sequence[Line], total: int) -> list[str]:
    if not rows:
        return [f"## {title}", _("Nothing.")]
    cut = _("The first %(shown)s of %(all)s.") % {"shown": ROWS_SHOWN, "all": total}
    counted = _("%(title)s (%(count)s)") % {"title": title, "count": total}
    return [f"## {counted}", table(heads, rows[:ROWS_SHOWN]), *([cut] if len(rows) > ROWS_SHOWN else [])]


def _counts(session: Session, as_of: date, ids: Sequence[int] | None = None) -> dict[Step, int]:
    counted = select(Escalation.step, func.count()).where(*_raised(as_of, ids)).group_by(Escalation.step)
    return dict(session.execute(counted).all())


def _raised(as_of: date, ids: Sequence[int] | None) -> list[ColumnElement[bool]]:
    """The escalations of the day; only those with these ids, if any are given."""
    return [Escalation.raised_on == as_of, *([] if ids is None else [Escalation.id == func.any(list(ids))])]


def _summary(counts: dict[Step, int]) -> str:
    rows = [(step.label, str(counts[step])) for step in Step if step in counts]
    return table((_("Step"), _("Number")), rows) if rows else _("Nothing was due.")


def _fired(session: Session, as_of: date, ids: Sequence[int] | None = None) -> list[Line]:
    """The highest steps first, then the longest overdue."""
    height = func.array_position([step.value for step in reversed(Step)], cast(Escalation.step, Text))
    fired = _with_items().where(*_raised(as_of, ids)).order_by(height, Escalation.due_on, Escalation.id)
    return [
        (
            step_name(escalation),
            owed(escalation.item),
            escalation.item.unit.name,
            _due(session, escalation.item, escalation.due_on, as_of),
            recipient_names(escalation),
        )
        for escalation in session.scalars(fired.limit(ROWS_SHOWN + 1))
    ]


def _unheard(session: Session, as_of: date) -> list[Line]:
    """What is due and nobody could be told of, the longest overdue first."""
    return [
        (
            owed(item),
            item.unit.name,
            _due(session, item, item.due_on, as_of),
            written(item.unheard_since) if item.unheard_since else "",
        )
        for item in unheard_items(session)
    ]


def _at_office(session: Session, as_of: date) -> list[Line]:
    """Items raised to the office that are open, or done and not verified: the oldest first."""
    open_ones = select(ActionItem).where(ActionItem.closed_on.is_(None), ActionItem.verifies_id.is_not(None))
    verifications = {verification.verifies_id: verification for verification in session.scalars(open_ones)}
    raised = _with_items().join(ActionItem, ActionItem.id == Escalation.item_id)
    there = select(Escalation.item_id).where(Escalation.step.in_(AT_OFFICE))
    is_open = ActionItem.closed_on.is_(None) | (ActionItem.id == func.any(list(verifications)))
    at_office = raised.where(is_open, Escalation.step.in_(RAISED), Escalation.item_id.in_(there))
    by_item: dict[int, list[Escalation]] = {}
    for escalation in session.scalars(at_office.order_by(Escalation.id)):
        by_item.setdefault(escalation.item_id, []).append(escalation)
    histories = sorted(by_item.values(), key=_since)
    return [_office_line(session, history, verifications.get(history[0].item_id), as_of) for history in histories]


def _since(history: Sequence[Escalation]) -> tuple[date, int]:
    """Since when the office has it, and the number of its first notice."""
    first = next(escalation for escalation in history if escalation.step in AT_OFFICE)
    return first.raised_on, first.document_no or 0


def _office_line(session: Session, history: Sequence[Escalation], verification: ActionItem | None, as_of: date) -> Line:
    item, (since, _number) = history[0].item, _since(history)
    numbered = [escalation for escalation in history if escalation.document_no]
    done = _("reported done on %(day)s, to be verified") % {"day": item.closed_on} if verification else ""
    return (
        document_name(numbered[-1] if numbered else None),
        " · ".join(filter(None, (owed(item), done))),
        item.unit.name,
        written(since),
        _due(session, verification or item, (verification or item).due_on, as_of),
        _last_reply(history),
    )


def _last_reply(history: Sequence[Escalation]) -> str:
    replied = [escalation for escalation in history if escalation.replied_at]
    if not replied:
        return _("no reply")
    return reply(max(replied, key=lambda escalation: escalation.replied_at or escalation.recorded_at))


def _leaderless(session: Session) -> list[Line]:
    without = (Project.stage.in_(OPEN_STAGES), Project.leader_id.is_(None))
    codes = func.array_agg(aggregate_order_by(Project.code, Project.code.asc()))
    by_unit = select(Unit.name, func.count(), codes).join(Project, Project.unit_id == Unit.id).where(*without)
    rows = session.execute(by_unit.group_by(Unit.id).order_by(Unit.id))
    return [
        (unit, str(count), enumerated(listed[:CODES_SHOWN]) + (" …" if count > CODES_SHOWN else ""))
        for unit, count, listed in rows
    ]


def _moved(session: Session, as_of: date) -> list[str]:
    """What a new calendar has moved since the sweep before: which, from, to, and why."""
    former = select(SweepLog.finished_at).where(SweepLog.as_of < as_of).order_by(SweepLog.id.desc()).limit(1)
    since = session.scalar(former)
    moves = (
        select(Change)
        .where(Change.table_name == "action_item", Change.column_name == "due_on")
        .where(Change.source.startswith(NEW_CALENDAR), *([Change.recorded_at > since] if since else []))
    )
    changes = session.scalars(moves.order_by(Change.id)).all()
    if not changes:
        return []
    shown = changes[:ROWS_SHOWN]
    parts = (ActionItem.project, ActionItem.investor, ActionItem.unit, ActionItem.blocker, ActionItem.verifies)
    moved = select(ActionItem).where(ActionItem.id.in_([int(change.row_id) for change in shown]))
    items = {str(item.id): item for item in session.scalars(moved.options(*map(joinedload, parts)))}
    reasons = why_due(session, list(items.values()))
    rows = [
        (owed(item), item.unit.name, _written(change.old), _written(change.new), reasons.get(item.id, ""))
        for change in shown
        if (item := items.get(change.row_id))
    ]
    heads = (_("Project or investor, and what is owed"), _("Unit"), _("Former date"), _("New date"), _("Counted"))
    days = [day for change in changes for day in change.source.split()[1:]]
    changed = _("Days off or worked that are new in the calendar: %(days)s") % {"days": listed(sorted(set(days)))}
    title, *table_below = _section(_("Due dates that a new calendar has moved"), heads, rows, len(changes))
    stay = _("%(count)s open matters of a former version keep their dates: nobody knows whether these were counted.")
    count = uncounted(session)
    return [title, changed, *table_below, *([stay % {"count": count}] if count else [])]


def _written(recorded: object) -> str:
    """A day of history, as people write it."""
    return written(date.fromisoformat(str(recorded)))


def _due(session: Session, item: ActionItem, due_on: date, as_of: date) -> str:
    how = standing(session, item, due_on, as_of) if due_on < as_of else ""
    return _("%(day)s (%(state)s)") % {"day": due_on, "state": how} if how else written(due_on)


def _with_items() -> Select[Escalation]:
    item = joinedload(Escalation.item)
    return select(Escalation).options(
        item.joinedload(ActionItem.project),
        item.joinedload(ActionItem.investor),
        item.joinedload(ActionItem.unit),
        item.joinedload(ActionItem.blocker),
        item.joinedload(ActionItem.milestone),
        item.joinedload(ActionItem.verifies),
        joinedload(Escalation.recipient),
        joinedload(Escalation.on_behalf_of),
    )
