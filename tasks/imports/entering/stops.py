"""Names the open projects whose latest progress says that they have ended or stopped."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Pause
from models.i18n import gettext as _
from models.ledger.project import Progress, Project, latest_progress_first
from models.office_files.rows import Effect, LedgerFile, LedgerRow, Problem
from models.words import OPEN_STAGES, Clock
from tasks.imports.entering.identity.matched_project import MatchedProject


def name_stops(session: Session, file: LedgerFile, matches: Sequence[MatchedProject]) -> list[Problem]:
    """A fault for each; a row whose own column of status says the same is judged by that column."""
    rows = {match.project_id: match.row for match in matches if match.row.stop and not _says_itself(match.row)}
    if not rows:
        return []
    latest = (
        select(Progress.project_id, Progress.text)
        .join(Project, Project.id == Progress.project_id)
        .where(Progress.project_id == func.any(list(rows)), Project.stage.in_(OPEN_STAGES))
        .ext(distinct_on(Progress.project_id))
        .order_by(Progress.project_id, *latest_progress_first())
    )
    on_hold = (
        select(ActionItem.project_id)
        .join(Pause, Pause.item_id == ActionItem.id)
        .where(ActionItem.project_id == func.any(list(rows)), Pause.until_on.is_(None))
    )
    held = set(session.scalars(on_hold))
    return [
        file.problem(rows[project_id], "progress", progress, _what_to_do(rows[project_id]), Effect.TO_SETTLE)
        for project_id, progress in session.execute(latest)
        if progress == rows[project_id].progress[-1]
        and not (project_id in held and rows[project_id].stop is Clock.HOLD)
    ]


def _says_itself(row: LedgerRow) -> bool:
    return row.claim is not None or row.clock is row.stop


def _what_to_do(row: LedgerRow) -> str:
    if row.stop is Clock.HOLD:
        return _(
            "This says that the project has stopped, but its deadlines still run. If it has, write 停工 and the reason "
            "into the column 项目状态, like 停工（资金未到位）, or use the flow `change-assignment`; if not, write how "
            "it goes on."
        )
    return _(
        "This says that the project has ended, but the ledger has it open. If it has, write 终止 or 撤资 and the "
        "reason into the column 项目状态, like 终止（土地未批）, or use the flow `record-fact`; if not, write how it "
        "goes on."
    )
