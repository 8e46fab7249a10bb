"""What there is to be seen of a project on a visit, and what the ledger makes of it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from deployments.replay.city.course import EVIDENCE, Course
from deployments.replay.city.entering import name_blocker
from deployments.replay.city.world import Today
from deployments.replay.output.journal import Deed
from models.escalation.action_item import ActionItem, Blocker
from models.ledger.facts import Facts, FoundBlocker, MilestoneReached, landing_definition
from models.ledger.project import Project
from models.words import VisitOutcome
from tasks.ledger.lookups import campaigns


def seen(session: Session, today: Today, project: Project, course: Course, by: str) -> Facts:
    """Everything a visit finds; landed, once whatever defines it is proven."""
    if course.is_lost:
        reason = "问题久拖不决，投资方决定撤回投资"
        return Facts(today.day, by, VisitOutcome.LOST, "投资方已撤资。", reason)
    reached, problems = fresh(project, course), unreported(course)
    proven = {milestone.kind for milestone in project.milestones if milestone.is_proven} | {
        milestone.kind for milestone in reached
    }
    definition = landing_definition(project, campaigns(session), today.day)
    outcome = VisitOutcome.LANDED if proven.issuperset(definition) else VisitOutcome.CONTINUE
    milestones = "、".join(milestone.kind.label for milestone in reached) or "项目前期工作推进中"
    progress = f"发现问题：{problems[0].description}。" if problems else f"本次回访：{milestones}。"
    return Facts(today.day, by, outcome, progress, "", reached, problems)


def unreported(course: Course) -> tuple[FoundBlocker, ...]:
    """The problems that hold a project and are no blockers in the ledger yet."""
    return tuple(
        FoundBlocker(problem.category, problem.recipient, problem.description, problem.solution, None)
        for problem in course.standing
        if problem.item_id is None
    )


def fresh(project: Project, course: Course) -> tuple[MilestoneReached, ...]:
    """The milestones a project has come to that the ledger does not know."""
    known = {milestone.kind for milestone in project.milestones if milestone.is_proven}
    return tuple(
        MilestoneReached(kind, day, EVIDENCE[kind]) for kind, day in course.reached.items() if kind not in known
    )


def learn_blockers(session: Session, today: Today, project_id: int, count: int, by: str) -> None:
    """Let the project's course know its newest blockers, so many of them."""
    session.flush()
    opened = select(ActionItem.id, Blocker.description).join(Blocker).where(ActionItem.project_id == project_id)
    newest = session.execute(opened.order_by(ActionItem.id.desc()).limit(count)).all()
    for item_id, description in reversed(newest):
        name_blocker(today.world, project_id, item_id, description)
        today.note(Deed.OPENED, by, item_id)
