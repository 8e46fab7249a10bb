"""Applies what was reported of a project to the ledger: facts, visits, resolutions. One transaction is the caller's."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Blocker, Extension, Pause, Visit
from models.escalation.ladder import restart
from models.i18n import gettext as _
from models.ledger.facts import (
    Facts,
    FoundBlocker,
    MilestoneReached,
    check_days,
    check_exit,
    landed_on,
    landing_definition,
)
from models.ledger.project import Milestone, Progress, Project
from models.refusal import Refused
from models.words import AT_OFFICE, Exit, ItemKind, ItemResult, Stage, Step, VisitOutcome
from tasks.clocks import wind
from tasks.ledger import (
    calendar_around,
    campaigns,
    current_policy,
    last_raised,
    open_items,
    open_visit,
    overtake_all,
    overtake_project,
    unit_named,
)
from tasks.raising import raise_to_leader
from tasks.verification import ask_verification


def record_facts(session: Session, project: Project, facts: Facts, as_of: date, hold: Pause | None = None) -> None:
    """Enter everything a report says; the question that waits on the project is out of date afterwards.

    `hold` is why the project's clock stood still before its last open item was closed, if it did.

    Raises:
        Refused: with the reason, when a rule does not accept the report.
    """
    if not project.is_open:
        raise Refused(_("The project is closed: %(stage)s.") % {"stage": project.stage.label})
    check_days(facts, project, as_of)
    check_exit(facts)
    for reached in facts.milestones:
        _reach(session, project, reached, as_of)
    if facts.progress:
        entry = Progress(
            project_id=project.id,
            happened_on=facts.happened_on,
            text=facts.progress,
            reported_by=facts.reported_by,
        )
        session.add(entry)
    for found in facts.blockers:
        open_blocker(session, project, found, as_of, hold)
    _conclude(session, project, facts, as_of)
    _ask_verification(session, project, as_of, hold)
    overtake_project(session, project.id)


def record_visit(session: Session, item: ActionItem, visit: Visit, facts: Facts, next_on: date, as_of: date) -> None:
    """Enter a visit: its facts, its register entry, and the next visit while the project stays open.

    Raises:
        Refused: with the reason, when a rule does not accept it.
    """
    project = item.project
    if project is None or item.closed_on is not None:
        raise Refused(_("This visit is closed already."))
    if facts.outcome is VisitOutcome.CONTINUE and next_on <= as_of:
        raise Refused(_("The next visit must be after today: %(day)s is not.") % {"day": next_on})
    hold = current_hold(session, project.id)
    item.close(as_of, ItemResult.DONE)
    session.flush()
    record_facts(session, project, facts, as_of, hold)
    session.add(visit)
    if project.is_open:
        if project.stage is not Stage.FOLLOW_UP:
            project.stage = Stage.FOLLOW_UP
            overtake_all(session, project.id)  # its runs are found by the stage
        put_on_hold(session, plan_visit(session, project, next_on, as_of), hold, as_of)


def current_hold(session: Session, project_id: int | None) -> Pause | None:
    """Why the clock of the project stands still, if it does; without a project it never does."""
    if project_id is None:
        return None
    standing = select(Pause).join(ActionItem, ActionItem.id == Pause.item_id).where(Pause.until_on.is_(None))
    owed = standing.where(ActionItem.project_id == project_id, ActionItem.closed_on.is_(None))
    return session.scalars(owed.limit(1)).one_or_none()


def put_on_hold(session: Session, item: ActionItem, hold: Pause | None, as_of: date) -> None:
    """Let an item that is opened on a project on hold wait with the others."""
    if hold is not None:
        session.flush()
        item.is_paused = True
        wind(session, item)
        session.add(Pause(item_id=item.id, from_on=as_of, reason=hold.reason, granted_by=hold.granted_by))


def count_hold_from(session: Session, item: ActionItem, as_of: date) -> None:
    """Let an item's pause count from today: who sets a date while the clock stands knows what went before."""
    if not item.is_paused:
        return
    former = session.scalars(select(Pause).where(Pause.item_id == item.id, Pause.until_on.is_(None))).one()
    former.until_on = as_of
    session.add(Pause(item_id=item.id, from_on=as_of, reason=former.reason, granted_by=former.granted_by))


def plan_visit(session: Session, project: Project, due_on: date, as_of: date) -> ActionItem:
    """Open the visit the project owes next, due on `due_on` or the working day after it."""
    item = ActionItem(
        kind=ItemKind.VISIT,
        project=project,
        unit_id=project.unit_id,
        owner_id=project.officer_id,
        leader_id=project.leader_id,
        opened_on=as_of,
        due_on=calendar_around(session, due_on).add(due_on, 0),
    )
    wind(session, item)
    session.add(item)
    return item


def open_blocker(
    session: Session, project: Project, found: FoundBlocker, as_of: date, hold: Pause | None = None
) -> ActionItem:
    """Open a blocker: one recipient unit owes its solution by a date.

    Raises:
        Refused: when its due date is over, or its recipient unit is unknown.
    """
    policy = current_policy(session, ItemKind.BLOCKER)
    due_on = found.due_on or calendar_around(session, as_of).add(as_of, policy.blocker_within)
    if due_on < as_of:
        raise Refused(_("The blocker's due date %(day)s is over already.") % {"day": due_on})
    recipient = unit_named(session, found.recipient_unit)
    item = ActionItem(
        kind=ItemKind.BLOCKER,
        project=project,
        unit_id=recipient.id,
        owner_id=project.officer_id,
        leader_id=project.leader_id,
        opened_on=as_of,
        due_on=due_on,
    )
    item.blocker = Blocker(
        category=found.category,
        recipient_unit=recipient,
        description=found.description,
        proposed_solution=found.proposed_solution,
    )
    wind(session, item)
    session.add(item)
    put_on_hold(session, item, hold or current_hold(session, project.id), as_of)
    return item


def resolve_blocker(session: Session, item: ActionItem, resolution: str, reported_by: str, as_of: date) -> None:
    """Close a blocker; when it was the project's last one, the next visit is pulled forward."""
    blocker, project = _blocker_of(item)
    blocker.resolution = resolution
    item.close(as_of, ItemResult.RESOLVED)
    text = _("Resolved: %(problem)s. %(resolution)s") % {
        "problem": blocker.description,
        "resolution": resolution,
    }
    session.add(Progress(project_id=project.id, happened_on=as_of, text=text, reported_by=reported_by))
    session.flush()
    pull_visit_forward(session, project, as_of)
    _ask_verification(session, project, as_of)
    overtake_all(session, project.id)


def _ask_verification(session: Session, project: Project, as_of: date, hold: Pause | None = None) -> None:
    for verification in ask_verification(session, [project.id], as_of):
        put_on_hold(session, verification, hold or current_hold(session, project.id), as_of)


def pull_visit_forward(session: Session, project: Project, as_of: date) -> None:
    """Let the next visit come soon once the project's last blocker is closed."""
    visit = open_visit(session, project.id)
    blockers = [each for each in open_items(session, project.id) if each.kind is ItemKind.BLOCKER]
    if visit and not blockers:
        within = current_policy(session, ItemKind.VISIT).visit_after_resolution
        soon = calendar_around(session, as_of).add(as_of, within)
        if soon < visit.due_on:
            visit.due_on = soon
            count_hold_from(session, visit, as_of)
            wind(session, visit)


def extend(session: Session, item: ActionItem, due_on: date, reason: str, granted_by: str, as_of: date) -> None:
    """Move an item's due date back, for a reason somebody granted it for.

    Raises:
        Refused: when it is asked too late, says too little, or the new date is no later one.
    """
    _blocker, project = _blocker_of(item)
    raised = last_raised(session, item.id)
    if raised and raised.step in AT_OFFICE:
        raise Refused(
            _("The inspection office has it since %(day)s: only it moves the date.") % {"day": raised.raised_on}
        )
    notice = current_policy(session, item.kind).extension_notice
    last_day = calendar_around(session, item.due_on).add(item.due_on, -notice) if notice else item.due_on
    if as_of > last_day:
        raise Refused(
            _("An extension had to be asked for by %(day)s. Choose “%(other)s” instead.")
            % {"day": last_day, "other": _("Needs coordination from above")}
        )
    if not (reason and granted_by):
        raise Refused(_("An extension needs its reason and the name of the leader who granted it."))
    if due_on <= item.due_on:
        raise Refused(_("The new due date must be after %(day)s.") % {"day": item.due_on})
    move_due_date(session, item, Extension(due_on=due_on, reason=reason, granted_by=granted_by), as_of)
    overtake_project(session, project.id)


def move_due_date(
    session: Session, item: ActionItem, extension: Extension, as_of: date, entry: Step | None = None
) -> None:
    """Let an item be due on another day; the ladder counts from it, with `entry` as its first rung after it."""
    if extension.due_on > item.due_on:
        extension.item_id, extension.former_due_on = item.id, item.due_on
        session.add(extension)
    item.due_on = extension.due_on
    count_hold_from(session, item, as_of)
    restart(item, entry=entry)
    wind(session, item)


def ask_coordination(session: Session, item: ActionItem, reason: str, reported_by: str, as_of: date) -> None:
    """Note that the recipient cannot solve a blocker alone; its responsible leader hears at once.

    Raises:
        Refused: when it does not say what is needed.
    """
    blocker, project = _blocker_of(item)
    if not reason:
        raise Refused(_("Say what needs to be coordinated, and with whom."))
    if item.is_paused or not blocker.coordination_asked_on:  # on hold the leader hears of it when the clock goes on
        blocker.coordination_asked_on = as_of
    raise_to_leader(session, item, as_of)
    text = _("Needs coordination: %(problem)s. %(reason)s") % {
        "problem": blocker.description,
        "reason": reason,
    }
    session.add(Progress(project_id=project.id, happened_on=as_of, text=text, reported_by=reported_by))
    overtake_project(session, project.id)


def end_project(session: Session, project: Project, stage: Stage, on: date, as_of: date) -> None:
    """Close the project and, with it, all that is owed on it; the questions of its runs are out of date."""
    project.stage, project.ended_on = stage, on
    session.flush()
    for item in open_items(session, project.id):
        item.close(as_of, ItemResult.PROJECT_ENDED)
    overtake_all(session, project.id)


def _conclude(session: Session, project: Project, facts: Facts, as_of: date) -> None:
    session.flush()
    session.refresh(project, ["milestones"])
    match facts.outcome:
        case VisitOutcome.LANDED:
            definition = landing_definition(project, campaigns(session), as_of)
            end_project(session, project, Stage.LANDED, landed_on(project.milestones, definition), as_of)
        case VisitOutcome.TERMINATED | VisitOutcome.LOST:
            project.exit, project.exit_reason = Exit(facts.outcome.value), facts.reason
            end_project(session, project, Stage.EXITED, facts.happened_on, as_of)


def _reach(session: Session, project: Project, reached: MilestoneReached, as_of: date) -> None:
    if not reached.evidence:
        raise Refused(_("“%(milestone)s” needs its evidence.") % {"milestone": reached.kind.label})
    milestone = next((each for each in project.milestones if each.kind is reached.kind), None)
    if milestone is None:
        milestone = Milestone(project_id=project.id, kind=reached.kind)
        project.milestones.append(milestone)
    milestone.done_on, milestone.evidence = reached.done_on, reached.evidence
    session.flush()
    for item in open_items(session, project.id):
        if item.milestone_id == milestone.id:
            item.close(as_of, ItemResult.DONE)


def _blocker_of(item: ActionItem) -> tuple[Blocker, Project]:
    if item.closed_on is not None or item.blocker is None or item.project is None:
        raise Refused(_("This blocker is closed already."))
    return item.blocker, item.project
