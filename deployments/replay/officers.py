"""The assigned officers: they visit their projects sooner or later, and report what they find."""

from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from deployments.replay.cast import Diligence
from deployments.replay.course import EVIDENCE, Course
from deployments.replay.entering import name_blocker
from deployments.replay.failures import ReplayFailed
from deployments.replay.journal import Deed
from deployments.replay.matters import Matter, matters
from deployments.replay.world import Today, acting
from models.action_item import ActionItem, Blocker, Visit
from models.facts import Facts, FoundBlocker, MilestoneReached, landing_definition
from models.i18n import gettext as _
from models.project import Project
from models.refusal import Refused
from models.words import ItemKind, VisitOutcome
from tasks.database import transaction
from tasks.ledger import LIFECYCLE, campaigns, lock_project
from tasks.reports import record_facts, record_visit

GOES = {
    Diligence.PROMPT: (0.25, 0.8, 0.95),
    Diligence.AVERAGE: (0.08, 0.3, 0.4),
    Diligence.SLOW: (0.02, 0.06, 0.1),
    Diligence.SILENT: (0.0, 0.0, 0.0),
}
"""How likely a visit is made on a working day: in the week before it is due, on the day, and when it is late."""
PRESSED = (0.0, 0.1, 0.3)
"""How much more likely it gets by the pressure from above; of that the silent ones heed only the highest."""
NEXT = {Diligence.PROMPT: (8, 12), Diligence.AVERAGE: (12, 20), Diligence.SLOW: (18, 20), Diligence.SILENT: (20, 20)}
"""In how many working days they plan their next visit."""
ON_A_DAY_OFF = 0.1
TOO_EAGER = 0.03
"""How often a landing is claimed that nobody could prove."""
UNASKED = {Diligence.PROMPT: 0.3, Diligence.AVERAGE: 0.1}
"""How likely a milestone that was reached is reported on a working day before the visit."""


def act(today: Today) -> None:
    """Every officer does, or does not do, what is owed today."""
    dice = today.dice("officers")
    with transaction() as session:
        owed = matters(session, ItemKind.VISIT, ItemKind.MILESTONE)
    for matter in owed:
        if matter.kind is ItemKind.VISIT and _goes(today, dice, matter):
            _visit(today, dice, matter)
        elif matter.kind is ItemKind.MILESTONE and today.is_working:
            _report_milestone(today, dice, matter)


def _goes(today: Today, dice: Random, matter: Matter) -> bool:
    diligence, late = today.world.diligence(matter.owner_id), today.late(matter.day)
    before, due, after = GOES[diligence]
    odds = after if late > 0 else due if late == 0 else before if late >= -5 else 0.0
    heeds = diligence is not Diligence.SILENT or matter.pressure == len(PRESSED) - 1
    odds += PRESSED[matter.pressure] if heeds and late > -5 else 0.0
    return dice.random() < odds * (1 if today.is_working else ON_A_DAY_OFF)


def _visit(today: Today, dice: Random, matter: Matter) -> None:
    course = today.world.courses.get(matter.project_id)
    if course is None:  # it ended today
        return
    if dice.random() < TOO_EAGER:
        _claim_landing(today, matter)
    by, diligence = today.world.names[matter.owner_id or 0], today.world.diligence(matter.owner_id)
    next_on = today.after(dice.randint(*NEXT[diligence]))
    with acting(by, LIFECYCLE) as session:
        project = lock_project(session, matter.project_id)
        item = session.get_one(ActionItem, matter.item_id)
        facts = _found(session, today, project, course, by)
        visit = Visit(
            item_id=item.id,
            visited_on=today.day,
            outcome=facts.outcome,
            progress=facts.progress,
            topics={},
            filled_in_by=by,
        )
        record_visit(session, item, visit, facts, next_on, today.day)
        _learn_blockers(session, today, project, facts, by)
    today.note(Deed.VISITED, by, matter.project_id)
    _conclude(today, matter.project_id, facts.outcome, by)


def _found(session: Session, today: Today, project: Project, course: Course, by: str) -> Facts:
    """What there is to be seen on a visit."""
    found = tuple(
        FoundBlocker(each.category, each.recipient, each.description, each.solution, None)
        for each in course.standing
        if each.item_id is None and not course.is_lost
    )
    fresh = _fresh(project, course)
    proven = {each.kind for each in project.milestones if each.is_proven} | {each.kind for each in fresh}
    definition = landing_definition(project, campaigns(session), today.day)
    outcome = VisitOutcome.LANDED if proven.issuperset(definition) else VisitOutcome.CONTINUE
    if course.is_lost:
        outcome, fresh = VisitOutcome.LOST, ()
    told = "、".join(each.kind.label for each in fresh)
    progress = f"本次回访：{told or '项目前期工作推进中'}。" if not found else f"发现问题：{found[0].description}。"
    reason = "问题久拖不决，投资方决定撤回投资" if course.is_lost else ""
    return Facts(today.day, by, outcome, progress, reason, fresh, found)


def _fresh(project: Project, course: Course) -> tuple[MilestoneReached, ...]:
    known = {each.kind for each in project.milestones if each.is_proven}
    return tuple(
        MilestoneReached(kind, day, EVIDENCE[kind]) for kind, day in course.reached.items() if kind not in known
    )


def _learn_blockers(session: Session, today: Today, project: Project, facts: Facts, by: str) -> None:
    session.flush()
    opened = select(ActionItem.id, Blocker.description).join(Blocker).where(ActionItem.project_id == project.id)
    newest = session.execute(opened.order_by(ActionItem.id.desc()).limit(len(facts.blockers))).tuples().all()
    for item_id, description in reversed(newest):
        name_blocker(today.world, project.id, item_id, description)
        today.note(Deed.OPENED, by, item_id)


def _conclude(today: Today, project_id: int, outcome: VisitOutcome, by: str) -> None:
    if outcome is not VisitOutcome.CONTINUE:
        del today.world.courses[project_id]
        today.note(Deed.LANDED if outcome is VisitOutcome.LANDED else Deed.LOST, by, project_id)


def _report_milestone(today: Today, dice: Random, matter: Matter) -> None:
    """Report a planned milestone that was reached, without a visit."""
    course = today.world.courses.get(matter.project_id)
    odds = UNASKED.get(today.world.diligence(matter.owner_id), 0.0)
    if course is None or dice.random() >= odds:
        return
    by = today.world.names[matter.owner_id or 0]
    with acting(by, "record-fact") as session:
        project = lock_project(session, matter.project_id)
        if fresh := _fresh(project, course):
            told = "、".join(each.kind.label for each in fresh)
            facts = Facts(today.day, by, VisitOutcome.CONTINUE, f"{told}。", "", fresh)
            record_facts(session, project, facts, today.day)


def _claim_landing(today: Today, matter: Matter) -> None:
    """Call a project landed that has nothing to show for it: the ledger must refuse that, and change nothing."""
    by = today.world.names[matter.owner_id or 0]
    try:
        with acting(by, "record-fact") as session:
            project = lock_project(session, matter.project_id)
            definition = landing_definition(project, campaigns(session), today.day)
            if {each.kind for each in project.milestones if each.is_proven}.issuperset(definition):
                return
            record_facts(session, project, Facts(today.day, by, VisitOutcome.LANDED), today.day)
    except Refused:
        today.note(Deed.REFUSED, by, matter.project_id)
        return
    accepted = _("The ledger took a landing without evidence, of project number %(id)s.")
    raise ReplayFailed(today.day, [accepted % {"id": matter.project_id}])
