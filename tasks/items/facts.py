"""Enters milestones, capital and the ends of projects."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from models.escalation.action_item import Pause
from models.i18n import gettext as _
from models.ledger.facts import (
    CapitalReported,
    Facts,
    MilestoneReached,
    check_day,
    check_days,
    check_exit,
    landed_on,
    landing_definition,
)
from models.ledger.project import CapitalEvent, Milestone, Progress, Project
from models.refusal import Refused
from models.words import Exit, ItemResult, Stage, VisitOutcome
from tasks.items.open_items import open_items
from tasks.items.reported_problems import report_problems
from tasks.items.second_key import ask_verification
from tasks.ledger.lookups import campaigns
from tasks.ledger.questions import ESCALATION, overtake_projects


def record_facts(session: Session, project: Project, facts: Facts, as_of: date, hold: Pause | None = None) -> list[str]:
    """Enter everything a report says; the question that waits on the project is out of date then.

    `hold` is as in `pause_items`. Returns for which of its problems no blocker was opened, and why.

    `Refused` with the reason, when a rule does not accept the report.
    """
    if not project.is_open:
        raise Refused(_("The project is closed: %(stage)s.") % {"stage": project.stage.label})
    check_days(facts, project, as_of)
    check_exit(facts)
    for reached in facts.milestones:
        _reach(session, project, reached, as_of)
    if facts.progress:
        entry = Progress(
            project_id=project.id, happened_on=facts.happened_on, text=facts.progress, reported_by=facts.reported_by
        )
        session.add(entry)
    remarks = report_problems(session, project, facts.blockers, as_of, hold)
    _conclude(session, project, facts, as_of)
    ask_verification(session, [project.id], as_of, hold)
    overtake_projects(session, [project.id], (ESCALATION,))
    return remarks


def end_project(session: Session, project: Project, stage: Stage, on: date, as_of: date) -> None:
    """Close the project and, with it, all that is owed on it."""
    project.stage, project.ended_on = stage, on
    session.flush()
    for item in open_items(session, project.id):
        item.close(as_of, ItemResult.PROJECT_ENDED)
    overtake_projects(session, [project.id])


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
    milestone = next((known for known in project.milestones if known.kind is reached.kind), None)
    if milestone is None:
        milestone = Milestone(project_id=project.id, kind=reached.kind)
        project.milestones.append(milestone)
    milestone.done_on, milestone.evidence = reached.done_on, reached.evidence
    session.flush()
    for item in open_items(session, project.id):
        if item.milestone_id == milestone.id:
            item.close(as_of, ItemResult.DONE)


def record_capital(session: Session, project: Project, reports: Iterable[CapitalReported], as_of: date) -> None:
    """Enter each report as an event of the project's capital, also after it has landed.

    `Refused` when the project has exited, a sum is nothing, or a day is before the signing or still
    to come.
    """
    if project.stage is Stage.EXITED:
        raise Refused(_("The project is closed: %(stage)s.") % {"stage": project.stage.label})
    for report in reports:
        check_day(report.happened_on, project, as_of)
        if not report.amount:
            raise Refused(_("“%(kind)s” needs a sum above 0.") % {"kind": report.kind.label})
        session.add(
            CapitalEvent(
                project_id=project.id,
                kind=report.kind,
                happened_on=report.happened_on,
                amount=report.amount,
                currency=report.currency,
                evidence=report.evidence,
            )
        )
