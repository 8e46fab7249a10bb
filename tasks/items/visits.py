from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Visit
from models.i18n import gettext as _
from models.ledger.facts import Facts, FoundBlocker, check_past
from models.ledger.project import Project
from models.refusal import Refused
from models.words import ItemResult, Stage, VisitOutcome
from tasks.items.facts import record_facts
from tasks.items.holds import current_hold
from tasks.items.opening import plan_visit
from tasks.items.reported_problems import report_problems
from tasks.items.second_key import ask_investor_verification
from tasks.ledger.questions import ESCALATION, overtake_investor, overtake_projects


def record_visit(
    session: Session, item: ActionItem, visit: Visit, facts: Facts, next_on: date, as_of: date
) -> list[str]:
    """Enter a visit with its facts, and plan the next while the project stays open.

    Returns for which of its problems no blocker was opened, and why.

    `Refused` with the reason, when a rule does not accept it.
    """
    project = item.project
    if project is None or item.closed_on is not None:
        raise Refused(_("This visit is closed already."))
    if facts.outcome is VisitOutcome.CONTINUE and next_on <= as_of:
        raise Refused(_("The next visit must be after today: %(day)s is not.") % {"day": next_on})
    hold = current_hold(session, project.id)
    item.close(as_of, ItemResult.DONE)
    session.flush()
    remarks = record_facts(session, project, facts, as_of, hold)
    session.add(visit)
    if project.is_open:
        if project.stage is not Stage.FOLLOW_UP:
            project.stage = Stage.FOLLOW_UP
            overtake_projects(session, [project.id])  # its runs are found by the stage
        plan_visit(session, project, next_on, as_of, hold)
    return remarks


def record_investor_visit(
    session: Session, item: ActionItem, visit: Visit, problems: Sequence[tuple[Project, FoundBlocker]], as_of: date
) -> list[str]:
    """Enter a visit to an investor, and each problem as a blocker on the project it concerns.

    What the investor says is not yet the projects' progress. No next visit is planned. Returns for
    which problems no blocker was opened, and why.

    `Refused` with the reason, when a rule does not accept it.
    """
    if item.closed_on is not None or item.investor_id is None:
        raise Refused(_("This visit is closed already."))
    check_past(visit.visited_on, as_of)
    remarks = []
    for project in dict.fromkeys(project for project, _problem in problems):
        if not project.is_open:
            raise Refused(_("The project is closed: %(stage)s.") % {"stage": project.stage.label})
        theirs = [problem for its, problem in problems if its is project]
        remarks += report_problems(session, project, theirs, as_of)
        overtake_projects(session, [project.id], (ESCALATION,))
    item.close(as_of, ItemResult.DONE)
    session.add(visit)
    session.flush()
    ask_investor_verification(session, item.investor_id, as_of)
    overtake_investor(session, item.investor_id)
    return remarks
