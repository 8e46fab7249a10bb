"""Ends the projects a ledger calls landed or exited, if the rules allow, and closes their items."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, selectinload

from models.campaigns.campaign import Campaign
from models.i18n import gettext as _
from models.ledger.facts import landed_on, landing_definition
from models.ledger.history import Change
from models.ledger.project import Project
from models.office_files.rows import Effect, LedgerFile, LedgerRow, Problem
from models.refusal import Refused
from models.words import Exit, Stage, VisitOutcome
from tasks.imports.entering.cell_days import FileAge, newer_cells
from tasks.imports.entering.changed_since import no_news
from tasks.imports.entering.identity.matched_project import MatchedProject
from tasks.imports.entering.write import Changes
from tasks.ledger.lookups import campaigns

END = """
UPDATE project p SET stage = n.stage, exit = n.exit, exit_reason = n.reason, ended_on = n.ended_on
FROM jsonb_to_recordset(CAST(:endings AS jsonb))
     AS n (project_id int, stage text, ended_on date, exit text, reason text)
WHERE p.id = n.project_id
RETURNING p.id
"""

# A file or a visit that is newer and goes on about a project shows that it has not ended.
GOING_ON = """
SELECT p.id, max(n.day)
FROM project p
CROSS JOIN LATERAL (
    SELECT d.latest_on AS day FROM row_days r JOIN cell_days d ON d.id = r.cell_days_id
    WHERE r.row_id = p.id AND r.table_name = 'project'
    UNION ALL
    SELECT v.visited_on FROM visit v JOIN action_item i ON i.id = v.item_id WHERE i.project_id = p.id
) n
WHERE p.id = ANY (:ids) AND n.day > :day
GROUP BY p.id
"""

CLOSE_ITEMS = """
UPDATE action_item i
SET closed_on = :as_of, result = 'project_ended', is_paused = false, next_step = NULL, next_fires_on = NULL
FROM project p JOIN staged_project s ON s.project_id = p.id
WHERE i.project_id = p.id AND p.stage IN ('landed', 'exited') AND i.closed_on IS NULL
RETURNING i.project_id
"""


END_CELLS = ("exit", "exit_reason", "ended_on")


@dataclass(frozen=True)
class Ending:
    project_id: int
    stage: Stage
    ended_on: date
    exit: Exit | None = None
    reason: str = ""


def end_projects(changes: Changes, file: LedgerFile, matches: Sequence[MatchedProject], age: FileAge) -> list[Problem]:
    all_campaigns = campaigns(changes.session)
    endings: list[Ending] = []
    problems: list[Problem] = []
    claims = list(_claims(changes.session, matches))
    changed = _changed_ends(changes.session, [project for _row, project in claims])
    by_people = {key: no_news(change.actor, change.recorded_at) for key, change in changed.items()}
    newer = NewerEnds(changes.session, [project for _row, project in claims], age)
    for row, project in claims:
        if day := newer.contradicts(row, project):
            age.kept.append((row, "claim", day))
            continue
        # Only a person takes an end back; a file never opens a project again.
        if project.is_open and (project.id, "stage", _stage(row)) in by_people:
            reason = _(
                "Somebody has taken this back since: the project stays open. If it is true again, use `record-fact`."
            )
            problems.append(file.problem(row, "claim", row.claim_cell, reason, Effect.NOTE))
            continue
        if project.stage is _stage(row) is Stage.EXITED:
            correction, notes = _corrected(file, row, project, by_people)
            problems += notes
            endings += [correction] if correction else []
            continue
        try:
            endings += _endings(row, project, all_campaigns, age.today, is_moved=project.id in changes.milestones)
        except Refused as refusal:
            if project.stage is _stage(row):
                continue  # it landed by another definition
            problems.append(file.problem(row, "claim", row.claim_cell, str(refusal), Effect.CELL_LEFT_OUT))
    former = {project.id: project.stage for _row, project in claims}
    changes.ended = Counter(ending.stage for ending in endings if former[ending.project_id] is not ending.stage)
    changes.run(END, endings=json.dumps([asdict(ending) for ending in endings], default=str))
    changes.run(CLOSE_ITEMS, as_of=age.today)
    return problems


class NewerEnds:
    """What is known of projects that is newer than the file, and of their ends."""

    def __init__(self, session: Session, projects: Sequence[Project], age: FileAge) -> None:
        ids = [project.id for project in projects] if age.is_late else []
        self._going_on: dict[int, date] = {}
        if ids:
            rows = session.execute(text(GOING_ON), {"ids": ids, "day": age.day})
            self._going_on = dict(rows.all())
        ends = newer_cells(session, "project", ids, ("claim", *END_CELLS), age)
        self._ends: dict[int, date] = {}
        for cell, day in ends.items():
            self._ends[cell.row_id] = max(day, self._ends.get(cell.row_id, day))

    def contradicts(self, row: LedgerRow, project: Project) -> date | None:
        """The day of what is newer and does not have the end that the row claims; None: nothing."""
        ends_on = self._ends.get(project.id)
        if project.stage is _stage(row):
            is_same = project.stage is Stage.LANDED or _is_same_exit(row, project)
            return None if is_same else ends_on
        if not project.is_open or _stage(row) is Stage.LANDED:
            return ends_on
        return ends_on or self._going_on.get(project.id)


def _is_same_exit(row: LedgerRow, project: Project) -> bool:
    given = {"exit": _way(row), "exit_reason": row.exit_reason, "ended_on": row.ended_on}
    return all(value in (None, "", getattr(project, name)) for name, value in given.items())


def _changed_ends(session: Session, projects: Iterable[Project]) -> dict[tuple[int, str, str], Change]:
    """What people changed of ends, by project, column and old value: no file brings it back."""
    by_people = (
        select(Change)
        .where(Change.table_name == "project", Change.row_id == func.any([str(project.id) for project in projects]))
        .where(Change.column_name.in_(("stage", *END_CELLS)), Change.actor != "ledger-import")
        .order_by(Change.recorded_at)
    )
    changed = session.scalars(by_people)
    return {(int(change.row_id), str(change.column_name), str(change.old)): change for change in changed}


def _stage(row: LedgerRow) -> Stage:
    return Stage.LANDED if row.claim is VisitOutcome.LANDED else Stage.EXITED


def _claims(session: Session, matches: Sequence[MatchedProject]) -> Iterator[tuple[LedgerRow, Project]]:
    rows = {match.project_id: match.row for match in matches if match.row.claim}
    projects = select(Project).where(Project.id == func.any(list(rows))).options(selectinload(Project.milestones))
    for project in session.scalars(projects.order_by(Project.id)):
        yield rows[project.id], project


def _endings(
    row: LedgerRow, project: Project, all_campaigns: list[Campaign], as_of: date, *, is_moved: bool
) -> Iterator[Ending]:
    """The ending the row claims, unless the ledger has it; `Refused` if it is not allowed."""
    stage = _stage(row)
    if project.stage is stage and not is_moved:
        return
    if project.stage is not stage and not project.is_open:
        reason = _("The ledger has this project as “%(stage)s”: take that back by the flow `correction` first.")
        raise Refused(reason % {"stage": project.stage.label})
    if stage is Stage.LANDED:
        definition = landing_definition(project, all_campaigns, as_of)
        day = landed_on(project.milestones, definition)
        if day != project.ended_on:
            yield Ending(project.id, stage, day)
        return
    if not row.exit_reason:
        raise Refused(_("An ending needs its reason: fill in the column 终止原因."))
    yield Ending(project.id, stage, row.ended_on or as_of, _way(row), row.exit_reason)


def _way(row: LedgerRow) -> Exit:
    return Exit.LOST if row.claim is VisitOutcome.LOST else Exit.TERMINATED


def _corrected(
    file: LedgerFile, row: LedgerRow, project: Project, by_people: Mapping[tuple[int, str, str], str]
) -> tuple[Ending | None, list[Problem]]:
    """The ending of an exited project, if the row corrects it; a note for each skipped cell."""
    exit_ = _way(row)
    cells: dict[str, str | date | None] = {"exit": exit_, "exit_reason": row.exit_reason, "ended_on": row.ended_on}
    differing = {name: cell for name, cell in cells.items() if cell and cell != getattr(project, name)}
    skipped = {name: why for name, cell in differing.items() if (why := by_people.get((project.id, name, str(cell))))}
    shown = {name: (name, str(cell)) for name, cell in cells.items()} | {"exit": ("claim", row.claim_cell)}
    notes = [file.problem(row, *shown[name], why, Effect.NOTE) for name, why in skipped.items()]
    taken = differing.keys() - skipped.keys()
    if not taken or project.ended_on is None:
        return None, notes
    ending = Ending(
        project.id,
        Stage.EXITED,
        ended_on=row.ended_on if row.ended_on and "ended_on" in taken else project.ended_on,
        exit=exit_ if "exit" in taken else project.exit,
        reason=row.exit_reason if "exit_reason" in taken else project.exit_reason,
    )
    return ending, notes
