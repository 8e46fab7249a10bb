"""After the ledger has changed: open the runs it lacks, wake those whose question is out of date."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.logging import get_logger
from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.notice import Delivery, Notice
from models.escalation.question import Run
from models.ledger.project import Project
from models.ledger.subject import Subject
from models.words import OPEN_STAGES, RAISED, ItemKind
from tasks.database import transaction
from tasks.dialogues.blocker import Resolution
from tasks.dialogues.escalation import Raised
from tasks.dialogues.investor_visit import InvestorVisits
from tasks.dialogues.visit import Visits
from tasks.revisits.progress import move_bars
from tasks.runs.dialogue import Dialogue, drain
from tasks.runs.opening import Opening, RunsNotOpened, nudge_overtaken, open_runs
from tasks.runs.prefect_api import live_runs, start_run

UNDER_WAY = (StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
CUT_SHORT = (StateType.FAILED, StateType.CRASHED, StateType.CANCELLED)
"""How a run ends by a fault or by hand, perhaps with an answer nobody has judged."""
LATELY = timedelta(days=30)
"""For so long a run that was cut short is looked at: reconciliation replaces it as soon as a worker starts."""
KINDS: tuple[type[Dialogue[Any]], ...] = (Visits, Resolution, InvestorVisits, Raised)
STANDING = tuple(kind.flow for kind in KINDS)


def dialogues(*, without_run: bool = False, subject: Subject | None = None) -> list[Dialogue[Any]]:
    """What every open project, blocker and visit to an investor, and every item that was raised, has to be asked.

    Only of those without a run, if `without_run`; only on one project, or one investor with its projects, if `subject`
    says which.
    """
    with transaction() as session:
        return [
            dialogue(subject_id)
            for dialogue, subjects in _subjects(subject)
            for subject_id in session.scalars(_served_by_none(subjects, dialogue.flow) if without_run else subjects)
        ]


def _subjects(subject: Subject | None) -> Iterator[tuple[type[Dialogue[Any]], Select[int]]]:
    projects = select(Project.id).where(Project.stage.in_(OPEN_STAGES)).order_by(Project.id)
    items = select(ActionItem.id).order_by(ActionItem.id)
    if subject is not None:
        projects, items = projects.where(_is_project_of(subject)), items.where(_is_owed_on(subject))
    is_open = ActionItem.closed_on.is_(None)
    verifications = select(ActionItem.verifies_id).where(is_open, ActionItem.verifies_id.is_not(None))
    raised = select(Escalation.item_id).where(Escalation.step.in_(RAISED))
    yield Visits, projects
    yield Resolution, items.where(ActionItem.kind == ItemKind.BLOCKER, is_open)
    yield InvestorVisits, items.where(ActionItem.kind == ItemKind.VISIT, ActionItem.investor_id.is_not(None), is_open)
    yield Raised, items.where(ActionItem.id.in_(raised), is_open | ActionItem.id.in_(verifications))


def _is_project_of(subject: Subject) -> ColumnElement[bool]:
    if subject.investor_id is not None:
        return Project.investor_id == subject.investor_id
    return Project.id == subject.project_id


def _is_owed_on(subject: Subject) -> ColumnElement[bool]:
    if subject.investor_id is not None:
        theirs = select(Project.id).where(_is_project_of(subject))
        return or_(ActionItem.investor_id == subject.investor_id, ActionItem.project_id.in_(theirs))
    return ActionItem.project_id == subject.project_id


def _served_by_none(subjects: Select[int], flow: str) -> Select[int]:
    theirs = Run.subject_id == subjects.selected_columns[0]
    return subjects.where(~exists().where(Run.flow == flow, theirs, Run.flow_run_id.is_not(None)))


def open_missing_runs(as_of: str = "", subject: Subject | None = None) -> int:
    """Give everything without a run one, or only what `dialogues` finds of one subject; returns how many."""
    missing = [Opening(each) for each in dialogues(without_run=True, subject=subject)]
    with get_client(sync_client=True) as client:
        return len(open_runs(client, missing, as_of))


def enter_answers(as_of: str = "") -> list[str]:
    """Enter what was answered and no run has entered yet; returns what could not be entered, and why."""
    with get_client(sync_client=True) as client:
        flows, lately = list(STANDING), datetime.now(UTC) - LATELY
        runs = [*live_runs(client, flows, UNDER_WAY), *live_runs(client, flows, CUT_SHORT, lately)]
        answered = [run.id for run in runs]
        with transaction() as session:
            served = session.scalars(select(Run).where(Run.flow_run_id == func.any(answered))).all()
        failed = []
        for run in served:
            dialogue = next(each for each in KINDS if each.flow == run.flow)
            try:
                drain(client, dialogue(run.subject_id), run.flow_run_id, as_of)
            except Exception as fault:  # keeps only this answer back
                get_logger().exception("an answer could not be entered")
                failed.append(f"{run.flow} {run.subject_id}: {fault}")
    return failed


def catch_up(subject: Subject | None = None, as_of: str = "") -> None:
    """Bring the runs in step with a ledger that has just changed: on a project, on an investor, or anywhere."""
    try:
        open_missing_runs(as_of, subject)
    finally:  # whoever is told finds the form, where its run could be opened
        with get_client(sync_client=True) as client:
            nudge_overtaken(client)
            _start_delivery(client)
        move_bars(subject)


def try_catch_up(as_of: str = "") -> str:
    """As `catch_up`, on anything; returns why some runs could not be opened or woken: all else is done nevertheless."""
    try:
        catch_up(as_of=as_of)
    except RunsNotOpened as problem:
        return str(problem)
    except Exception as fault:  # of Prefect's server
        get_logger().exception("the runs could not be opened or woken")
        return f"{type(fault).__name__}: {fault}"
    return ""


def _start_delivery(client: SyncPrefectClient) -> None:
    """Let notices that wait be delivered now; all that wait at the same time go in one run."""
    waiting = select(func.max(Notice.id)).where(Notice.delivery_id.is_(None), Notice.dropped_at.is_(None))
    with transaction() as session:
        newest, last = session.scalar(waiting), session.scalar(select(func.max(Delivery.id)))
    if newest:
        start_run(client, "notice-delivery", f"notice-delivery of {newest} after {last}")
