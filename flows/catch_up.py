"""After the ledger has changed: open the runs it lacks, wake those whose question is out of date."""

from collections.abc import Sequence
from typing import Any

from prefect import get_client
from sqlalchemy import select

from flows.blocker_form import Resolution
from flows.visit_form import Visits
from models.action_item import ActionItem
from models.ask import Run
from models.project import Project
from models.words import OPEN_STAGES, ItemKind
from tasks.database import transaction
from tasks.dialogue import Dialogue
from tasks.runs import Opening, nudge_overtaken, open_runs

STANDING = (Visits.flow, Resolution.flow)


def dialogues(*, without_run: bool = False, project_id: int | None = None) -> list[Dialogue[Any]]:
    """What every open project and every open blocker has to be asked.

    Only of those without a run, if `without_run`; only on one project, if `project_id` says which.
    """
    projects = select(Project.id).where(Project.stage.in_(OPEN_STAGES)).order_by(Project.id)
    blockers = select(ActionItem.id).where(ActionItem.kind == ItemKind.BLOCKER, ActionItem.closed_on.is_(None))
    if without_run:
        served = select(Run.subject_id).where(Run.flow_run_id.is_not(None))
        projects = projects.where(Project.id.not_in(served.where(Run.flow == Visits.flow)))
        blockers = blockers.where(ActionItem.id.not_in(served.where(Run.flow == Resolution.flow)))
    if project_id is not None:
        projects, blockers = (
            projects.where(Project.id == project_id),
            blockers.where(ActionItem.project_id == project_id),
        )
    with transaction() as session:
        visits: Sequence[Dialogue[Any]] = [Visits(each) for each in session.scalars(projects)]
        return [*visits, *(Resolution(each) for each in session.scalars(blockers.order_by(ActionItem.id)))]


def open_missing_runs(as_of: str = "", project_id: int | None = None) -> int:
    """Give every open project and blocker without a run one, or only those of one project; returns how many."""
    missing = [Opening(each) for each in dialogues(without_run=True, project_id=project_id)]
    with get_client(sync_client=True) as client:
        return len(open_runs(client, missing, as_of))


def catch_up(project_id: int | None = None, as_of: str = "") -> None:
    """Bring the runs in step with a ledger that has just changed, on one project or on many."""
    open_missing_runs(as_of, project_id)
    with get_client(sync_client=True) as client:
        nudge_overtaken(client)
