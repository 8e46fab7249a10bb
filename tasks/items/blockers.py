"""Opens, extends and resolves blockers."""

from datetime import date, datetime

from sqlalchemy import literal
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Blocker, Extension, Pause
from models.i18n import gettext as _
from models.ledger.facts import FoundBlocker
from models.ledger.project import Progress, Project
from models.refusal import Refused
from models.words import AT_OFFICE, ItemKind, ItemResult, Occasion, Step
from tasks.items.campaign_numbers import current_policy
from tasks.items.moving import move_item, pull_visit_forward
from tasks.items.open_items import last_raised
from tasks.items.opening import counted, open_item
from tasks.items.raising import raise_to_leader
from tasks.items.requests import asks_coordination
from tasks.items.second_key import ask_verification
from tasks.items.telling import tell
from tasks.ledger.lookups import unit_named
from tasks.ledger.office_time import beginning_of
from tasks.ledger.questions import ESCALATION, overtake_projects
from tasks.ledger.workdays import calendar_around


def open_blocker(
    session: Session, project: Project, problem: FoundBlocker, as_of: date, hold: Pause | None = None
) -> ActionItem:
    """Open a blocker: one recipient unit owes its solution by a date.

    `Refused` when its due date is over, or its recipient unit is unknown.
    """
    policy = current_policy(session, ItemKind.BLOCKER, project.id)
    within = None if problem.due_on else policy.blocker_within
    due_on = problem.due_on or calendar_around(session, as_of).add(as_of, policy.blocker_within)
    if due_on < as_of:
        raise Refused(_("The blocker's due date %(day)s is over already.") % {"day": due_on})
    recipient = unit_named(session, problem.recipient_unit)
    columns = counted(as_of, within) | {"unit_id": literal(recipient.id)}
    item = open_item(session, ItemKind.BLOCKER, project, due_on, as_of, hold, **columns)
    item.blocker = Blocker(
        category=problem.category,
        recipient_unit=recipient,
        description=problem.description,
        proposed_solution=problem.proposed_solution,
    )
    return item


def resolve_blocker(session: Session, item: ActionItem, resolution: str, reported_by: str, as_of: date) -> None:
    """Close a blocker; after the project's last one, the next visit is pulled forward."""
    blocker, project = _blocker_of(item)
    blocker.resolution = resolution
    item.close(as_of, ItemResult.RESOLVED)
    text = _("Resolved: %(problem)s. %(resolution)s") % {"problem": blocker.description, "resolution": resolution}
    session.add(Progress(project_id=project.id, happened_on=as_of, text=text, reported_by=reported_by))
    session.flush()
    pull_visit_forward(session, project, as_of)
    ask_verification(session, [project.id], as_of)
    overtake_projects(session, [project.id])


def extend(session: Session, item: ActionItem, due_on: date, reason: str, granted_by: str, as_of: date) -> None:
    """Move a blocker's due date back, for a reason somebody granted it for.

    `Refused` when it is asked too late, says too little, or the new date is no later one.
    """
    _blocker, project = _blocker_of(item)
    raised = last_raised(session, item.id)
    if raised and raised.step in AT_OFFICE:
        problem = _("The inspection office has it since %(day)s: only it moves the date.")
        raise Refused(problem % {"day": raised.raised_on})
    notice = current_policy(session, item.kind, project.id).extension_notice
    last_day = calendar_around(session, item.due_on).add(item.due_on, -notice) if notice else item.due_on
    if as_of > last_day:
        problem = _("An extension had to be asked for by %(day)s. Choose “%(other)s” instead.")
        raise Refused(problem % {"day": last_day, "other": _("Needs coordination from above")})
    if not (reason and granted_by):
        raise Refused(_("An extension needs its reason and the name of the leader who granted it."))
    if due_on <= item.due_on:
        raise Refused(_("The new due date must be after %(day)s.") % {"day": item.due_on})
    move_due_date(session, item, Extension(due_on=due_on, reason=reason, granted_by=granted_by), as_of)
    overtake_projects(session, [project.id], (ESCALATION,))


def move_due_date(
    session: Session, item: ActionItem, extension: Extension, as_of: date, entry: Step | None = None
) -> None:
    """Let an item be due on another day, from which the ladder counts; `entry` is its next step."""
    if extension.due_on > item.due_on:
        extension.item_id, extension.former_due_on = item.id, item.due_on
        session.add(extension)
    move_item(session, item, extension.due_on, as_of, entry)


def ask_coordination(
    session: Session, item: ActionItem, reason: str, reported_by: str, as_of: date, at: datetime | None = None
) -> None:
    """Note that the recipient cannot solve a blocker alone; its leader hears at once, and why.

    `at` is when it was asked (aware); None: before all else on that day.

    `Refused` when it does not say what is needed.
    """
    blocker, project = _blocker_of(item)
    if not reason:
        raise Refused(_("Say what needs to be coordinated, and with whom."))
    is_waiting = asks_coordination(session, item)
    is_news = reason != blocker.coordination_reason or not is_waiting
    if item.is_paused or not is_waiting:  # on hold the leader hears later
        blocker.coordination_asked_on, blocker.coordination_asked_at = as_of, at or beginning_of(as_of)
    blocker.coordination_reason = reason
    raise_to_leader(session, [item], as_of)
    if is_news:
        _tell_request(session, item, reason)
    text = _("Needs coordination: %(problem)s. %(reason)s") % {"problem": blocker.description, "reason": reason}
    session.add(Progress(project_id=project.id, happened_on=as_of, text=text, reported_by=reported_by))
    overtake_projects(session, [project.id], (ESCALATION,))


def _tell_request(session: Session, item: ActionItem, reason: str) -> None:
    """Whoever has the item, leader or office, gets its notice again, with the reason."""
    session.flush()
    raised = last_raised(session, item.id)
    if raised and raised.recipient_id and raised.round == item.round and not item.is_paused:
        tell(session, [raised.recipient_id], raised, Occasion.RAISED, reason)


def _blocker_of(item: ActionItem) -> tuple[Blocker, Project]:
    if item.closed_on is not None or item.blocker is None or item.project is None:
        raise Refused(_("This blocker is closed already."))
    return item.blocker, item.project
