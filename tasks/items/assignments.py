"""Changes who is responsible for a project and who acts for its leader; puts it on hold."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Pause
from models.escalation.ladder import resumed
from models.i18n import gettext as _
from models.ledger.organisation import Person, Squad
from models.ledger.project import Project
from models.refusal import Refused
from models.words import Clock, ItemKind, Occasion
from tasks.items.holds import pause_items
from tasks.items.next_steps import set_next_steps
from tasks.items.open_items import last_raised, open_items
from tasks.items.raising import raise_to_leader
from tasks.items.recipients import staff_on
from tasks.items.requests import asks_coordination
from tasks.items.statements import change_items
from tasks.items.telling import in_charge, tell
from tasks.ledger.questions import overtake_projects
from tasks.ledger.workdays import calendar_around


@dataclass(frozen=True)
class Assignment:
    """The people of a project; None for nobody."""

    officer: Person | None
    leader: Person | None
    squad: Squad | None


def reassign(session: Session, project: Project, assignment: Assignment, as_of: date) -> None:
    """Put others in charge of a project and its items; they are told of those that were raised."""
    officer_id, leader_id = project.officer_id, project.leader_id
    project.officer, project.leader, project.squad = assignment.officer, assignment.leader, assignment.squad
    session.flush()
    staff = staff_on(session, as_of)
    for item in open_items(session, project.id):
        before = in_charge(staff, item)
        if item.kind is not ItemKind.VERIFY:  # the office's own; a hand-over stays
            item.owner_id = project.officer_id if item.owner_id == officer_id else item.owner_id
            item.leader_id = project.leader_id if item.leader_id == leader_id else item.leader_id
        if escalation := last_raised(session, item.id):
            tell(session, in_charge(staff, item) - before, escalation, Occasion.HANDED_OVER, "")
    overtake_projects(session, [project.id])


def delegate(project: Project, person: Person | None, *, first_on: date, last_on: date) -> None:
    """Let somebody act for the leader of the project, in all the leader's projects; None: nobody.

    Both days belong to it. `Refused` when there is no leader, the delegate is the leader, or the
    days are in the wrong order.
    """
    leader = project.leader
    if leader is None:
        raise Refused(_("The project has no responsible leader to act for: choose one first."))
    if person is None:
        leader.delegate = leader.delegate_from = leader.delegate_until = None
        return
    if person.id == leader.id:
        raise Refused(_("A leader cannot be their own delegate."))
    if first_on > last_on:
        problem = _("The delegate acts from %(first)s until %(last)s: the first day must come first.")
        raise Refused(problem % {"first": first_on, "last": last_on})
    leader.delegate, leader.delegate_from, leader.delegate_until = person, first_on, last_on


def turn_clock(session: Session, project: Project, clock: Clock, reason: str, granted_by: str, as_of: date) -> None:
    """Pause or resume a project's items; a resume adds the pause's working days to their dates.

    `Refused` if the reason or the name of who granted it is missing, or no item is to be paused or
    resumed.
    """
    if clock is Clock.KEEP:
        return
    if not project.is_open:
        raise Refused(_("The project is closed: %(stage)s.") % {"stage": project.stage.label})
    if not (reason and granted_by):
        raise Refused(_("Putting a project on hold or resuming it needs a reason and the name of who granted it."))
    stopped = clock is Clock.HOLD
    items = [item for item in open_items(session, project.id) if item.is_paused is not stopped]
    if not items:
        raise Refused(_("The project is on hold already.") if stopped else _("The project is not on hold."))
    if stopped:
        pause_items(session, [project.id], as_of, Pause(reason=reason, granted_by=granted_by))
    else:
        for item in items:
            _resume(session, item, as_of)
        set_next_steps(session, items=[item.id for item in items])
        raise_to_leader(session, [item for item in items if _asked_meanwhile(session, item)], as_of)
    overtake_projects(session, [project.id])


def _asked_meanwhile(session: Session, item: ActionItem) -> bool:
    """Whether the unit asked for its leader during the pause, and the leader has not heard."""
    asked_on = item.blocker.coordination_asked_on if item.blocker else None
    if asked_on is None or not asks_coordination(session, item):
        return False
    *former, last = item.pauses
    began_on = last.from_on
    for pause in reversed(former):  # a date set on hold has begun another row
        if pause.until_on != began_on:
            break
        began_on = pause.from_on
    heard = last_raised(session, item.id)
    return asked_on >= began_on and not (heard and heard.raised_on >= asked_on)


def _resume(session: Session, item: ActionItem, as_of: date) -> None:
    """End the item's pause, and add its working days since the date was last set."""
    pause = session.scalars(select(Pause).where(Pause.item_id == item.id, Pause.until_on.is_(None))).one()
    pause.until_on = as_of
    promised_on, begins_on = item.promised_on, item.begins_on
    calendar = calendar_around(session, pause.from_on, item.due_on, as_of, promised_on or as_of)
    if stood := calendar.between(pause.from_on, as_of) - calendar.is_working(as_of):
        item.counted_from, item.counted_days = item.counted_from or item.due_on, (item.counted_days or 0) + stood
        item.due_on = calendar.add(item.due_on, stood)
        promised_on = promised_on and calendar.add(promised_on, stood)
        begins_on = begins_on and calendar.add(begins_on, stood)
    item.is_paused = False
    change_items(session, update(ActionItem).where(ActionItem.id == item.id).values(**resumed(promised_on, begins_on)))
