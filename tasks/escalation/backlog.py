"""The rung and the day on which what was long overdue when a file brought it begins."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from prefect.artifacts import create_markdown_artifact
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.i18n import enumerated, written
from models.i18n import gettext as _
from models.ledger.project import Project
from models.refusal import Refused
from models.words import FirstRung
from tasks.database import transaction
from tasks.documents.markdown import cell, table
from tasks.escalation.sweep import sweep_in
from tasks.items.next_steps import keep_items, set_next_steps
from tasks.items.statements import change_items
from tasks.items.wording import recipient_names
from tasks.ledger.lookups import unit_named
from tasks.ledger.workdays import calendar_around

DEPLOYMENT = "begin-backlog"
WAITING = (ActionItem.begins_on.is_not(None), ActionItem.closed_on.is_(None), ActionItem.fired_step.is_(None))


@dataclass(frozen=True)
class Beginning:
    """Where the ladder begins for the backlog; of those units only, if any are named."""

    rung: FirstRung
    day: date  # a working day
    units: Sequence[str] = ()


@dataclass(frozen=True)
class Begun:
    """What begins, and who would hear of it in the first sweep."""

    count: int
    on_hold: int
    reached: Mapping[str, int]  # items by who hears


def beginning(rung: FirstRung, day: date | None, units: Sequence[str], as_of: date) -> Beginning:
    """The answer of the form; without a day the next working day.

    `Refused` for a day before `as_of`.
    """
    with transaction() as session:
        calendar = calendar_around(session, as_of, day or as_of)
        first = calendar.add(day, 0) if day else calendar.add(as_of, 1)
    if first < as_of:
        raise Refused(_("%(day)s is over: choose a day to come.") % {"day": day})
    return Beginning(rung, first, tuple(units))


def begin(who: str, wanted: Beginning, *, dry_run: bool = False) -> Begun:
    """Let what waits begin there; what has fired since it came stays as it is.

    A dry run also sweeps the day, to see who hears, and takes everything back.
    """
    with transaction(who, DEPLOYMENT) as session:
        if dry_run:
            keep_items(session)  # or the sweep would lock out of order
        ids = _lock(session, [unit_named(session, name).id for name in wanted.units])
        entry = wanted.rung.entry_step
        moved = update(ActionItem).where(ActionItem.id == func.any(ids))
        is_new = (ActionItem.begins_on != wanted.day) | ActionItem.entry_step.is_distinct_from(entry)
        change_items(session, moved.where(is_new).values(begins_on=wanted.day, entry_step=entry))
        set_next_steps(session, items=ids)
        on_hold = session.scalar(select(func.count()).where(ActionItem.id == func.any(ids), ActionItem.is_paused))
        begun = Begun(len(ids), on_hold or 0, _who_hears(session, ids, wanted.day) if dry_run else {})
        if dry_run:
            session.rollback()
    return begun


def _lock(session: Session, units: Sequence[int]) -> list[int]:
    """The items that wait, locked after their projects."""
    waiting = select(ActionItem.id).join(Project, Project.id == ActionItem.project_id).where(*WAITING)
    if units:
        waiting = waiting.where(Project.unit_id.in_(units))
    return list(session.scalars(waiting.order_by(Project.id, ActionItem.id).with_for_update(of=(Project, ActionItem))))


def _who_hears(session: Session, ids: Sequence[int], day: date) -> dict[str, int]:
    """Who hears of how many of them, most first, if the day is swept."""
    sweep_in(session, day, day)
    raised = select(Escalation).where(Escalation.item_id == func.any(list(ids)), Escalation.raised_on == day)
    names = Counter(recipient_names(escalation) for escalation in session.scalars(raised))
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
    parts = [f"# {title}", table((_("What"), _("Chosen")), facts)]
    if reached:
        parts += [f"## {hears}", table((_("To"), _("Items")), reached)]
    return "\n\n".join(parts)
