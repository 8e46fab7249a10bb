"""The assigned officers: they visit their projects sooner or later, and report what they find."""

from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from deployments.replay.city.course import EVIDENCE, Course
from deployments.replay.city.world import Deed, ReplayFailed, Today, acting
from deployments.replay.people.cast import Diligence
from deployments.replay.people.matters import Matter, matters
from models.escalation.action_item import ActionItem, Blocker, Visit
from models.i18n import gettext as _
from models.ledger.facts import Facts, FoundBlocker, MilestoneReached, landing_definition
from models.ledger.project import Project
from models.refusal import Refused
from models.words import ItemKind, MilestoneKind, VisitOutcome
from tasks.items.facts import record_facts
from tasks.items.visits import record_investor_visit, record_visit
from tasks.ledger.locks import lock_investor, lock_project, lock_projects_of
from tasks.ledger.lookups import campaigns
from tasks.ledger.questions import INVESTOR_VISIT, LIFECYCLE

# How likely a visit is made on a working day: in the week before it is due, on the day, after it
GOES = {
    Diligence.PROMPT: (0.25, 0.8, 0.95),
    Diligence.AVERAGE: (0.08, 0.3, 0.4),
    Diligence.SLOW: (0.02, 0.06, 0.1),
    Diligence.SILENT: (0.0, 0.0, 0.0),
}
# How much more likely it gets by the pressure from above; the silent ones heed only the highest
PRESSED = (0.0, 0.1, 0.3)
# In how many working days they plan their next visit
NEXT = {Diligence.PROMPT: (8, 12), Diligence.AVERAGE: (12, 20), Diligence.SLOW: (18, 20), Diligence.SILENT: (20, 20)}
ON_A_DAY_OFF = 0.1
TOO_EAGER = 0.03  # how often a landing is claimed that nobody could prove
# How likely a milestone that was reached is reported on a working day before the visit
UNASKED = {Diligence.PROMPT: 0.3, Diligence.AVERAGE: 0.1}


def act(today: Today) -> None:
    dice = today.dice("officers")
    for matter in matters(ItemKind.VISIT, ItemKind.MILESTONE):
        if matter.kind is ItemKind.VISIT:
            if matter.owner_id and _goes(today, dice, matter):
                _visit_investor(today, matter) if matter.investor_id else _visit(today, dice, matter)
        elif today.is_working:
            _report_milestone(today, dice, matter)


def _goes(today: Today, dice: Random, matter: Matter) -> bool:
    diligence, late = today.world.diligence(matter.owner_id), today.late(matter.day)
    before, due, after = GOES[diligence]
    odds = after if late > 0 else due if late == 0 else before if late >= -5 else 0.0
    heeds = diligence is not Diligence.SILENT or matter.pressure == len(PRESSED) - 1
    odds += PRESSED[matter.pressure] if heeds and late > -5 else 0.0
    return dice.random() < odds * (1 if today.is_working else ON_A_DAY_OFF)


def _visit(today: Today, dice: Random, matter: Matter) -> None:
    world, project_id = today.world, matter.project_id or 0
    course = world.courses.get(project_id)
    if course is None:  # it ended today
        return
    by = world.names[matter.owner_id or 0]
    if dice.random() < TOO_EAGER:
        _claim_landing(today, project_id, by)
    next_on = today.after(dice.randint(*NEXT[world.diligence(matter.owner_id)]))
    with acting(by, LIFECYCLE) as session:
        project = lock_project(session, project_id)
        item = session.get_one(ActionItem, matter.item_id)
        facts = _seen(session, today, project, course, by)
        record_visit(session, item, _entry(today, item, facts.outcome, facts.progress, by), facts, next_on, today.day)
        _learn_blockers(session, today, project_id, len(facts.blockers))
    today.note(Deed.VISITED, matter.item_id)
    if facts.outcome is not VisitOutcome.CONTINUE:
        del world.courses[project_id]
        today.note(Deed.LANDED if facts.outcome is VisitOutcome.LANDED else Deed.LOST, project_id)


def _visit_investor(today: Today, matter: Matter) -> None:
    """Hear an investor, who tells of every problem of their projects that nobody has reported."""
    by, investor_id = today.world.names[matter.owner_id or 0], matter.investor_id or 0
    with acting(by, INVESTOR_VISIT) as session:
        projects = lock_projects_of(session, investor_id)  # before the investor, as everybody does
        lock_investor(session, investor_id)
        item = session.get_one(ActionItem, matter.item_id)
        courses = [(project, today.world.courses.get(project.id)) for project in projects]
        heard = [(project, _unreported(course)) for project, course in courses if course]
        entry = _entry(today, item, VisitOutcome.CONTINUE, "投资方介绍了项目进展和诉求。", by)
        blockers = [(project, problem) for project, problems in heard for problem in problems]
        record_investor_visit(session, item, entry, blockers, today.day)
        for project, problems in heard:
            _learn_blockers(session, today, project.id, len(problems))
    today.note(Deed.VISITED, matter.item_id)


def _entry(today: Today, item: ActionItem, outcome: VisitOutcome, progress: str, by: str) -> Visit:
    return Visit(item_id=item.id, visited_on=today.day, outcome=outcome, progress=progress, topics={}, filled_in_by=by)


def _report_milestone(today: Today, dice: Random, matter: Matter) -> None:
    """Report a planned milestone that was reached, without a visit."""
    course = today.world.courses.get(matter.project_id or 0)
    if course is None or dice.random() >= UNASKED.get(today.world.diligence(matter.owner_id), 0.0):
        return
    by = today.world.names[matter.owner_id or 0]
    with acting(by, "record-fact") as session:
        project = lock_project(session, matter.project_id or 0)
        if reached := _fresh(project, course):
            labels = "、".join(milestone.kind.label for milestone in reached)
            facts = Facts(today.day, by, VisitOutcome.CONTINUE, f"{labels}。", "", reached)
            record_facts(session, project, facts, today.day)


def _claim_landing(today: Today, project_id: int, by: str) -> None:
    """Call a project landed that has nothing to show for it: the ledger must refuse that."""
    try:
        with acting(by, "record-fact") as session:
            project = lock_project(session, project_id)
            if _proven(project).issuperset(landing_definition(project, campaigns(session), today.day)):
                return
            record_facts(session, project, Facts(today.day, by, VisitOutcome.LANDED), today.day)
    except Refused:
        today.note(Deed.REFUSED, project_id)
        return
    accepted = _("The ledger took a landing without evidence, of project number %(id)s.")
    raise ReplayFailed(today.day, [accepted % {"id": project_id}])


def _seen(session: Session, today: Today, project: Project, course: Course, by: str) -> Facts:
    """Everything a visit finds; landed, once whatever defines it is proven."""
    if course.patience <= 0:
        reason = "问题久拖不决，投资方决定撤回投资"
        return Facts(today.day, by, VisitOutcome.LOST, "投资方已撤资。", reason)
    reached, problems = _fresh(project, course), _unreported(course)
    missing = {*landing_definition(project, campaigns(session), today.day)} - _proven(project)
    is_landed = missing.issubset(milestone.kind for milestone in reached)
    outcome = VisitOutcome.LANDED if is_landed else VisitOutcome.CONTINUE
    milestones = "、".join(milestone.kind.label for milestone in reached) or "项目前期工作推进中"
    progress = f"发现问题：{problems[0].description}。" if problems else f"本次回访：{milestones}。"
    return Facts(today.day, by, outcome, progress, "", reached, problems)


def _unreported(course: Course) -> tuple[FoundBlocker, ...]:
    """The problems that hold a project and are no blockers in the ledger yet."""
    return tuple(
        FoundBlocker(problem.category, problem.recipient, problem.description, problem.solution, None)
        for problem in course.standing
        if problem.item_id is None
    )


def _fresh(project: Project, course: Course) -> tuple[MilestoneReached, ...]:
    """The milestones a project has come to that the ledger does not know."""
    new = course.reached.keys() - _proven(project)
    return tuple(MilestoneReached(kind, day, EVIDENCE[kind]) for kind, day in course.reached.items() if kind in new)


def _proven(project: Project) -> set[MilestoneKind]:
    return {milestone.kind for milestone in project.milestones if milestone.is_proven}


def _learn_blockers(session: Session, today: Today, project_id: int, count: int) -> None:
    """Let the project's course know its newest blockers."""
    session.flush()
    opened = select(ActionItem.id, Blocker.description).join(Blocker).where(ActionItem.project_id == project_id)
    newest = session.execute(opened.order_by(ActionItem.id.desc()).limit(count)).all()
    for item_id, description in reversed(newest):
        today.world.name_blocker(project_id, item_id, description)
        today.note(Deed.OPENED, item_id)
