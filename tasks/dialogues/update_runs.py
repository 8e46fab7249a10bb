"""Updates the runs after the ledger has changed: opens missing ones, wakes overtaken ones."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.logging import get_logger
from sqlalchemy import ColumnElement, Select, exists, func, select, true
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.notice import Delivery, Notice
from models.escalation.question import Run
from models.escalation.withdrawn import WithdrawnNotice
from models.i18n import clauses, sentences
from models.i18n import gettext as _
from models.ledger.project import Project, Subject
from models.refusal import Refused
from models.words import OPEN_STAGES, RAISED, ItemKind
from tasks.database import transaction
from tasks.dialogues.blocker import BlockerDialogue
from tasks.dialogues.escalation import EscalationDialogue
from tasks.dialogues.investor_visit import InvestorVisitDialogue
from tasks.dialogues.visit import VisitDialogue
from tasks.notices.digest import ACTOR as NOTICE_DELIVERY
from tasks.notices.withdrawals import WAITING as WITHDRAWN
from tasks.revisits.progress import move_bars
from tasks.runs.dialogue import Dialogue, drain
from tasks.runs.opening import Opening, RunsNotOpened, open_runs, wake_overtaken_runs
from tasks.runs.prefect_api import live_runs, start_run

UNDER_WAY = (StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
CUT_SHORT = (StateType.FAILED, StateType.CRASHED, StateType.CANCELLED)  # perhaps with an answer nobody has judged
CUT_SHORT_SINCE = timedelta(days=30)  # reconciliation replaces such a run as soon as a worker starts
KINDS: tuple[type[Dialogue[Any]], ...] = (VisitDialogue, BlockerDialogue, InvestorVisitDialogue, EscalationDialogue)
STANDING = tuple(kind.flow for kind in KINDS)


def dialogues(*, without_run: bool = False, subject: Subject | None = None) -> list[Dialogue[Any]]:
    """The dialogues of all open projects, blockers, visits to investors and raised items.

    `without_run` leaves out those with a run; `subject` takes only one project, or one investor
    with its projects.
    """
    with transaction() as session:
        return [
            dialogue(subject_id)
            for dialogue, subjects in _subjects(subject)
            for subject_id in session.scalars(_served_by_none(subjects, dialogue.flow) if without_run else subjects)
        ]


def count_open_subjects(session: Session) -> dict[str, int]:
    """How many runs of each flow ought to wait for an answer."""
    return {
        dialogue.flow: session.scalar(select(func.count()).select_from(subjects.order_by(None).subquery())) or 0
        for dialogue, subjects in _subjects(None)
    }


def _subjects(subject: Subject | None) -> Iterator[tuple[type[Dialogue[Any]], Select[int]]]:
    theirs, is_owed = _concern(subject)
    projects = select(Project.id).where(theirs, Project.stage.in_(OPEN_STAGES)).order_by(Project.id)
    items = select(ActionItem.id).where(is_owed).order_by(ActionItem.id)
    is_open = ActionItem.closed_on.is_(None)
    verifications = select(ActionItem.verifies_id).where(is_open, ActionItem.verifies_id.is_not(None))
    raised = select(Escalation.item_id).where(Escalation.step.in_(RAISED))
    yield VisitDialogue, projects
    yield BlockerDialogue, items.where(ActionItem.kind == ItemKind.BLOCKER, is_open)
    visits = items.where(ActionItem.kind == ItemKind.VISIT, is_open)
    yield InvestorVisitDialogue, visits.where(ActionItem.investor_id.is_not(None))
    yield EscalationDialogue, items.where(ActionItem.id.in_(raised), is_open | ActionItem.id.in_(verifications))


def _concern(subject: Subject | None) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Which projects are the subject's, and which items are owed on it or on them; None: all."""
    if subject is None:
        return true(), true()
    if subject.investor_id is None:
        return Project.id == subject.project_id, ActionItem.project_id == subject.project_id
    theirs = Project.investor_id == subject.investor_id
    on_projects = ActionItem.project_id.in_(select(Project.id).where(theirs))
    return theirs, on_projects | (ActionItem.investor_id == subject.investor_id)


def _served_by_none(subjects: Select[int], flow: str) -> Select[int]:
    theirs = Run.subject_id == subjects.selected_columns[0]
    return subjects.where(~exists().where(Run.flow == flow, theirs, Run.flow_run_id.is_not(None)))


def open_missing_runs(as_of: str = "", subject: Subject | None = None) -> int:
    """Open a run for every dialogue without one, or those of one subject; returns how many."""
    missing = [Opening(dialogue) for dialogue in dialogues(without_run=True, subject=subject)]
    with get_client(sync_client=True) as client:
        return len(open_runs(client, missing, as_of))


def enter_answers(as_of: str = "") -> list[str]:
    """Enter the answers no run has entered yet; returns which could not be, and why."""
    with get_client(sync_client=True) as client:
        flows, since = list(STANDING), datetime.now(UTC) - CUT_SHORT_SINCE
        runs = [*live_runs(client, flows, UNDER_WAY), *live_runs(client, flows, CUT_SHORT, since)]
        answered = [run.id for run in runs]
        with transaction() as session:
            served = session.scalars(select(Run).where(Run.flow_run_id == func.any(answered))).all()
        failed = []
        for run in served:
            dialogue = next(kind for kind in KINDS if kind.flow == run.flow)
            try:
                drain(client, dialogue(run.subject_id), run.flow_run_id, as_of)
            except Exception as fault:  # keeps only this answer back
                get_logger().exception("an answer could not be entered")
                failed.append(f"{run.flow} {run.subject_id}: {fault}")
    return failed


def enter_answers_or_refuse() -> None:
    """Enter what was answered, before something is undone that unentered answers rest on.

    `Refused` naming the answers that could not be entered.
    """
    if lost := enter_answers():
        problem = answers_lost(lost), _("Cancelled now, they would be lost: try again later.")
        raise Refused(sentences(problem))


def answers_lost(lost: Sequence[str]) -> str:
    """That answers could not be entered, and why; empty where all were."""
    return _("Answers could not be entered: %(why)s") % {"why": clauses(lost)} if lost else ""


def update_runs(subject: Subject | None = None, as_of: str = "") -> None:
    """Bring the runs in step with a changed ledger: all, or those of one subject."""
    try:
        open_missing_runs(as_of, subject)
    finally:  # a notice links to its form, so its run is opened first
        with get_client(sync_client=True) as client:
            wake_overtaken_runs(client)
            _start_delivery(client)
        move_bars(subject)


def try_to_update_runs(as_of: str = "", update: Callable[..., object] = update_runs) -> str:
    """Update all runs; returns why some could not be opened or woken, if any."""
    try:
        update(as_of=as_of)
    except RunsNotOpened as problem:
        why = str(problem)
    except Exception as fault:  # of Prefect's server
        get_logger().exception("the runs could not be opened or woken")
        why = f"{type(fault).__name__}: {fault}"
    else:
        return ""
    return _("Runs are missing, reconciliation opens them: %(why)s") % {"why": why}


def _start_delivery(client: SyncPrefectClient) -> None:
    """Start the delivery of waiting notices; the same notices are never delivered by two runs."""
    waiting = select(func.max(Notice.id)).where(Notice.delivery_id.is_(None), Notice.dropped_at.is_(None))
    with transaction() as session:
        newest, last = session.scalar(waiting), session.scalar(select(func.max(Delivery.id)))
        withdrawn = session.scalar(select(func.max(WithdrawnNotice.id)).where(*WITHDRAWN))
    if newest or withdrawn:
        start_run(client, NOTICE_DELIVERY, f"{NOTICE_DELIVERY} of {newest or 0} and {withdrawn or 0} after {last}")
