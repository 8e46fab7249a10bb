"""Puts projects on hold that a ledger calls stopped, and names what it says without proof."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Text, func, select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Pause
from models.i18n import gettext as _
from models.ledger.history import Change
from models.ledger.project import Milestone, Project
from models.office_files.columns import LEDGER
from models.office_files.rows import Effect, LedgerFile, LedgerRow, Problem
from models.words import Clock, MilestoneKind, Stage
from tasks.imports.entering.cell_days import Cell, FileAge, newer_cells
from tasks.imports.entering.identity.matched_project import MatchedProject
from tasks.imports.entering.write import Changes
from tasks.items.assignments import turn_clock
from tasks.items.holds import pause_items

# Who has reached a later one of these has reached those before it.
BUILDING = (
    MilestoneKind.CONSTRUCTION_STARTED,
    MilestoneKind.COMPLETED,
    MilestoneKind.IN_PRODUCTION,
    MilestoneKind.AT_CAPACITY,
)


@dataclass
class Hold:
    """The pause a project is on, and the reasons of those that are over."""

    open: Pause | None = None
    is_of_file: bool = False
    former: set[str] = field(default_factory=set)


def settle_standings(
    changes: Changes, file: LedgerFile, matches: Sequence[MatchedProject], age: FileAge
) -> list[Problem]:
    """Hold and resume projects as their rows say; a problem for each that cannot be believed."""
    rows = {match.project_id: match.row for match in matches if match.row.clock or match.row.reached}
    if not rows:
        return []
    session, problems = changes.session, []
    reached, holds = _reached(session, list(rows)), _holds(session, list(rows))
    stopped: dict[str, list[int]] = {}  # projects by reason
    newer = newer_cells(session, Project.__tablename__, list(rows), ("claim",), age)
    projects = select(Project).where(Project.id == func.any(list(rows))).order_by(Project.id)
    for project in session.scalars(projects.execution_options(populate_existing=True)):
        row, hold = rows[project.id], holds.get(project.id, Hold())
        if day := newer.get(Cell(project.id, "claim")):
            age.kept.append((row, "claim", day))
        elif note := _why_not(row, project, hold):
            problems.append(file.problem(row, "claim", row.claim_cell, note, Effect.NOTE))
        elif fault := _what_is_missing(row, project, reached.get(project.id, set()), hold):
            problems.append(file.problem(row, "claim", row.claim_cell, fault, Effect.CELL_LEFT_OUT))
        elif row.clock is Clock.HOLD and project.is_open and not hold.open:
            stopped.setdefault(_reason(row), []).append(project.id)
        elif row.clock is Clock.RESUME and hold.open:
            turn_clock(session, project, Clock.RESUME, row.claim_cell, file.name, age.today)
            changes.projects.add(project.id)
    for reason, held in stopped.items():
        pause_items(session, held, age.today, Pause(reason=reason, granted_by=file.name))
        changes.projects.update(held)
    return problems


def _why_not(row: LedgerRow, project: Project, hold: Hold) -> str:
    """Why the ledger stays as it is though the row says something else; empty if it need not."""
    if project.stage is Stage.EXITED or (not project.is_open and row.clock is Clock.HOLD):
        reason = _(
            "The ledger has this project as “%(stage)s”, and no file opens it again. If it goes on, take the end back "
            "by the flow `correction`."
        )
        return reason % {"stage": project.stage.label}
    if hold.open and row.clock in (Clock.RESUME, Clock.KEEP) and not (hold.is_of_file and row.clock is Clock.RESUME):
        reason = _(
            "The ledger has this project on hold since %(day)s (%(who)s: %(reason)s), and so it stays. If it goes on, "
            "resume it by the flow `change-assignment`; what a file stopped, a file resumes by 已复工."
        )
        return reason % {"day": hold.open.from_on, "who": hold.open.granted_by, "reason": hold.open.reason}
    if not hold.open and row.clock is Clock.HOLD and _reason(row) in hold.former:
        return _(
            "This stop is over: the project was resumed since, and so it stays. If it has stopped again, write the new "
            "reason, or use the flow `change-assignment`."
        )
    return ""


def _what_is_missing(row: LedgerRow, project: Project, reached: set[MilestoneKind], hold: Hold) -> str:
    """What the row must say, too, to be believed; empty if nothing."""
    if not project.is_open:
        return ""
    if row.clock is Clock.HOLD and not hold.open and not _reason(row):
        return _("A stop needs its reason: write it in brackets behind the word, or fill in the column 终止原因.")
    if row.reached and reached.isdisjoint(_proofs(row.reached)):
        column = next(column.headers for column in LEDGER if column.field == f"{row.reached}.done_on")[0]
        reason = _(
            "The ledger knows no day of “%(milestone)s”: write it into the column %(column)s, or in brackets behind "
            "the word, like 已开工（2013-05-02）."
        )
        return reason % {"milestone": row.reached.label, "column": column}
    return ""


def _proofs(kind: MilestoneKind) -> set[MilestoneKind]:
    return set(BUILDING[BUILDING.index(kind) :]) if kind in BUILDING else {kind}


def _reason(row: LedgerRow) -> str:
    """Why a project has stopped: its own column, else the problems of its row."""
    return row.exit_reason or "\n".join(cells.description for cells in row.blockers)


def _reached(session: Session, projects: Sequence[int]) -> dict[int, set[MilestoneKind]]:
    done = select(Milestone.project_id, Milestone.kind).where(Milestone.done_on.is_not(None))
    reached: dict[int, set[MilestoneKind]] = {}
    for project_id, kind in session.execute(done.where(Milestone.project_id == func.any(list(projects)))):
        reached.setdefault(project_id, set()).add(kind)
    return reached


def _holds(session: Session, projects: Sequence[int]) -> dict[int, Hold]:
    by_file = (
        select(Change.id)
        .where(Change.table_name == Pause.__tablename__, Change.row_id == Pause.id.cast(Text))
        .where(Change.column_name.is_(None), Change.actor == "ledger-import")
        .where(func.starts_with(Change.source, Pause.granted_by))
        .exists()
    )
    pauses = select(Project.id, Pause, by_file).join(ActionItem, ActionItem.id == Pause.item_id)
    pauses = pauses.join(Project, Project.id == ActionItem.project_id).order_by(Pause.id)
    holds: dict[int, Hold] = {}
    for project_id, pause, is_of_file in session.execute(pauses.where(Project.id == func.any(list(projects)))):
        hold = holds.setdefault(project_id, Hold())
        hold.is_of_file |= is_of_file
        if pause.until_on is None:
            hold.open = pause
        else:
            hold.former.add(pause.reason)
    return holds
