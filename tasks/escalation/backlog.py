"""The rung and the day on which what was long overdue when a file brought it begins."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from prefect.artifacts import create_markdown_artifact
from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.notice import Notice
from models.i18n import enumerated, written
from models.i18n import gettext as _
from models.ledger.project import Project
from models.refusal import Refused
from models.words import FirstRung, Occasion, Step
from tasks.database import transaction
from tasks.documents.markdown import cell, table
from tasks.escalation.sweep import sweep_in
from tasks.escalation.trial import keep_for_sweeps, trying
from tasks.items.holds import restart_pause
from tasks.items.next_steps import set_next_steps
from tasks.items.statements import change_items
from tasks.items.wording import recipient_names
from tasks.ledger.lookups import unit_named
from tasks.ledger.workdays import calendar_around

DEPLOYMENT = "begin-backlog"
# Nobody above the owner has heard of it.
WAITING = (
    ActionItem.begins_on.is_not(None),
    ActionItem.closed_on.is_(None),
    ActionItem.fired_step.is_(None) | (ActionItem.fired_step == Step.REMINDER_AFTER),
)


@dataclass(frozen=True)
class Beginning:
    """Where the ladder begins for the backlog; of those units only, if any are named."""

    rung: FirstRung
    day: date  # a working day
    units: Sequence[str]
    chosen_on: date


@dataclass(frozen=True)
class Begun:
    """What begins, and who would hear of it in the first sweep."""

    count: int
    on_hold: int
    reached: Mapping[str, int]  # items by who hears
    unheard: int = 0  # items of which nobody would hear


def beginning(rung: FirstRung, day: date | None, units: Sequence[str], as_of: date) -> Beginning:
    """The answer of the form; without a day the next working day.

    `Refused` for a day before `as_of`.
    """
    with transaction() as session:
        calendar = calendar_around(session, as_of, day or as_of)
        first = calendar.add(day, 0) if day else calendar.add(as_of, 1)
    if first < as_of:
        raise Refused(_("%(day)s is over: choose a day to come.") % {"day": day})
    return Beginning(rung, first, tuple(units), as_of)


def begin(who: str, wanted: Beginning, *, dry_run: bool = False) -> Begun:
    """Let what waits begin there; what a leader or the office has heard of stays as it is.

    A dry run also sweeps the day, to see who hears, and takes everything back.
    """
    with trying(who, DEPLOYMENT) if dry_run else transaction(who, DEPLOYMENT) as session:
        waiting = _waiting(session, wanted)
        if dry_run:
            known = list(session.scalars(waiting))
            keep_for_sweeps(session, wanted.day, known)
            waiting = waiting.where(ActionItem.id == func.any(known))
        ids = list(session.scalars(waiting.with_for_update(of=(Project, ActionItem))))
        on_hold = _move(session, ids, wanted)
        if not dry_run:
            return Begun(len(ids), on_hold, {})
        reached = _who_hears(session, ids, wanted.day)
        unheard = select(func.count()).where(ActionItem.id == func.any(ids), ActionItem.unheard_since.is_not(None))
        return Begun(len(ids), on_hold, reached, session.scalar(unheard) or 0)


def _waiting(session: Session, wanted: Beginning) -> Select[int]:
    """The items that wait, in the order in which they are locked."""
    waiting = select(ActionItem.id).join(Project, Project.id == ActionItem.project_id).where(*WAITING)
    if wanted.units:
        waiting = waiting.where(Project.unit_id.in_([unit_named(session, name).id for name in wanted.units]))
    return waiting.order_by(Project.id, ActionItem.id)


def _move(session: Session, ids: Sequence[int], wanted: Beginning) -> int:
    """Let those items begin where it is wanted; returns how many of them are on hold.

    What is on hold is moved from there by what the clock stands from now on.
    """
    entry, theirs = wanted.rung.entry_step, ActionItem.id == func.any(list(ids))
    is_new = (ActionItem.begins_on != wanted.day) | ActionItem.entry_step.is_distinct_from(entry)
    for item in session.scalars(select(ActionItem).where(theirs, is_new, ActionItem.is_paused)).all():
        restart_pause(session, item, wanted.chosen_on)
    moved = update(ActionItem).where(theirs, is_new)
    change_items(session, moved.values(begins_on=wanted.day, entry_step=entry, unheard_since=None))
    set_next_steps(session, items=ids)
    return session.scalar(select(func.count()).where(theirs, ActionItem.is_paused)) or 0


def _who_hears(session: Session, ids: Sequence[int], day: date) -> dict[str, int]:
    """Who hears of how many of them, most first, if the day is swept."""
    sweep_in(session, day, day)
    people = func.array_agg(aggregate_order_by(Notice.recipient_id, Notice.recipient_id.asc()))
    raised = (
        select(Escalation.id, Escalation.recipient_id, Escalation.on_behalf_of_id, people.label("people"))
        .outerjoin(Notice, (Notice.escalation_id == Escalation.id) & (Notice.occasion == Occasion.RAISED))
        .where(Escalation.item_id == func.any(list(ids)), Escalation.raised_on == day)
        .group_by(Escalation.id)
        .subquery()
        .c
    )
    alike = (raised.recipient_id, raised.on_behalf_of_id, raised.people)  # they have the same names
    names = Counter[str]()
    for escalation_id, count in session.execute(select(func.min(raised.id), func.count()).group_by(*alike)):
        names[recipient_names(session.get_one(Escalation, escalation_id))] += count
    return dict(names.most_common())


def show_beginning(wanted: Beginning, begun: Begun) -> None:
    create_markdown_artifact(page(wanted, begun), key=DEPLOYMENT, description=_("Where the backlog begins"))


def page(wanted: Beginning, begun: Begun) -> str:
    title, hears = _("Where the backlog begins"), _("Who would hear")
    facts = [
        (_("Begins with"), wanted.rung.label),
        (_("On"), written(wanted.day)),
        (_("Units"), cell(enumerated(wanted.units)) or _("(all)")),
        (_("Items"), str(begun.count)),
        (_("Of them on hold"), str(begun.on_hold)),
    ]
    reached = [(name, str(count)) for name, count in begun.reached.items()]
    if begun.unheard:
        reached.append((_("(nobody: name in the ledger who is responsible)"), str(begun.unheard)))
    parts = [f"# {title}", table((_("What"), _("Chosen")), facts)]
    if reached:
        parts += [f"## {hears}", table((_("To"), _("Items")), reached)]
    return "\n\n".join(parts)
