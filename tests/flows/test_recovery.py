"""Prefect's database is lost: the ledger brings every run back where it was."""

from typing import Any

from sqlalchemy import Select, select

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.question import Ask
from models.ledger.project import Project
from models.words import OPEN_STAGES, RAISED, BlockerOutcome, ItemKind, ItemResult, Verdict, VisitOutcome
from support.office import Office
from support.office.days import working_day
from tasks.database import transaction
from tasks.ledger.questions import ESCALATION, INVESTOR_VISIT, LIFECYCLE, RESOLUTION


def open_subjects() -> set[tuple[str, int]]:
    """Every open project, blocker and visit to an investor of the ledger, other tests' ones
    included.
    """
    with transaction() as session:
        is_visit = (ActionItem.kind == ItemKind.VISIT) & ActionItem.investor_id.is_not(None)
        visits = session.scalars(select(ActionItem.id).where(is_visit, ActionItem.closed_on.is_(None)))
        projects = session.scalars(select(Project.id).where(Project.stage.in_(OPEN_STAGES)))
        blockers = select(ActionItem.id).where(ActionItem.kind == ItemKind.BLOCKER, ActionItem.closed_on.is_(None))
        raised = select(Escalation.item_id).join(ActionItem, ActionItem.id == Escalation.item_id)
        answerable = ActionItem.closed_on.is_(None) | ActionItem.id.in_(owed_verifications())
        items = session.scalars(raised.where(Escalation.step.in_(RAISED), answerable))
        return {
            *((LIFECYCLE, each) for each in projects),
            *((RESOLUTION, each) for each in session.scalars(blockers)),
            *((INVESTOR_VISIT, each) for each in visits),
            *((ESCALATION, each) for each in items),
        }


def owed_verifications() -> Select[int | None]:
    """The items the inspection office has to verify."""
    return select(ActionItem.verifies_id).where(ActionItem.kind == ItemKind.VERIFY, ActionItem.closed_on.is_(None))


def open_questions() -> set[tuple[str, int, str, str]]:
    """Flow, subject, run and number of every question that waits in the ledger."""
    with transaction() as session:
        asks = session.scalars(select(Ask).where(Ask.verdict.is_(None), Ask.is_standing)).all()
    return {(ask.flow, ask.subject_id, str(ask.flow_run_id), str(ask.id)) for ask in asks}


def suspended_runs(office: Office) -> set[tuple[str, int, str, str]]:
    """Flow, subject and id of every living run, and the number of the question it is suspended
    on.
    """
    return {
        (flow, subject_of(run), run["id"], run["state"]["state_details"]["pause_key"])
        for flow in (LIFECYCLE, RESOLUTION, INVESTOR_VISIT, ESCALATION)
        for run in office.runs(flow, live=True)
    }


def subject_of(run: dict[str, Any]) -> int:
    """The project or item a run was started for."""
    return int(next(value for name, value in run["parameters"].items() if name != "as_of"))


def test_prefects_database_thrown_away_costs_nothing(office: Office) -> None:
    signed, visited, blocked, exited = office.sign(count=2) + office.sign(count=2, blockers=1)
    office.open_runs()
    first = office.visit_asked(visited)
    assert office.visit(first, progress="丢失之前的回访").is_accepted
    before = office.visit_asked(visited, first)
    ended = office.visit_asked(exited)
    assert office.visit(ended, outcome=VisitOutcome.TERMINATED.label, reason="丢失之前已终止").is_accepted
    assert office.finished(ended.flow_run_id)["state_type"] == "COMPLETED"
    (problem,) = office.items(blocked, ItemKind.BLOCKER)
    untouched = office.visit_asked(signed)
    to_investor, _projects = office.owe_investor_visit(working_day(9))
    office.kill_worker()

    office.lose_prefect()
    assert suspended_runs(office) == set()
    office.start_worker()

    restored = suspended_runs(office)
    assert sorted((flow, subject) for flow, subject, _run, _key in restored) == sorted(open_subjects())
    assert restored == open_questions()
    assert (LIFECYCLE, exited) not in open_subjects()
    again = office.visit_asked(visited, before)
    assert "丢失之前的回访" in again.brief
    assert again.item_id == before.item_id
    assert office.investor_asked(to_investor).item_id == to_investor
    assert office.visit_asked(signed, untouched).item_id == untouched.item_id
    assert office.verdicts(LIFECYCLE, visited) == [Verdict.APPLIED, Verdict.SUPERSEDED, None]

    assert office.visit(again, progress="恢复之后的回访").is_accepted
    question = office.blocker_asked(problem.id)
    assert office.answer(question, outcome=BlockerOutcome.RESOLVED.label, result="已解决").is_accepted

    office.visit_asked(visited, again)
    assert [visit.progress for visit in office.visits(visited)] == ["丢失之前的回访", "恢复之后的回访"]
    assert office.finished(question.flow_run_id)["state_type"] == "COMPLETED"
    assert office.items(blocked, ItemKind.BLOCKER)[0].result is ItemResult.RESOLVED


def test_a_second_reconciliation_finds_nothing_to_mend(office: Office) -> None:
    office.reconcile()
    before = questions()
    office.reconcile()
    assert questions() == before


def questions() -> int:
    """How many questions were ever asked."""
    with transaction() as session:
        return len(session.scalars(select(Ask.id)).all())
