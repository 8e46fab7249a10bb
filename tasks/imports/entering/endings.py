"""Ends the projects a ledger calls landed or exited, if the rules are met, and closes their items."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, selectinload

from models.campaigns.campaign import Campaign
from models.i18n import gettext as _
from models.ledger.facts import landed_on, landing_definition
from models.ledger.project import Project
from models.office_files.rows import Effect, LedgerFile, LedgerRow, Problem
from models.refusal import Refused
from models.words import Exit, Stage, VisitOutcome
from tasks.imports.entering.changed_since import no_news
from tasks.imports.entering.identify import MatchedProject
from tasks.imports.entering.write import Changes
from tasks.ledger.lookups import campaigns

ENDS = (VisitOutcome.LANDED, VisitOutcome.TERMINATED, VisitOutcome.LOST)

NUMBERS = "SELECT row_no, project_id FROM staged_project WHERE row_no = ANY(:rows)"

# Only a person takes an end back; a file never opens a project again.
TAKEN_BACK = """
SELECT CAST(row_id AS int), old ->> 0 FROM (
    SELECT row_id, jsonb_build_array(old) AS old FROM change
    WHERE table_name = 'project' AND column_name = 'stage' AND row_id = ANY (:ids)
) c
"""

# What people have changed of an end: an old file does not bring it back.
CORRECTED = """
SELECT CAST(row_id AS int), column_name, old #>> '{}', actor, recorded_at FROM change
WHERE table_name = 'project' AND column_name IN ('exit', 'exit_reason', 'ended_on') AND row_id = ANY (:ids)
  AND actor <> 'ledger-import'
ORDER BY recorded_at
"""

END = """
UPDATE project p SET stage = n.stage, exit = n.exit, exit_reason = n.exit_reason, ended_on = n.ended_on
FROM unnest(CAST(:ids AS int[]), CAST(:stages AS text[]), CAST(:exits AS text[]), CAST(:reasons AS text[]),
            CAST(:days AS date[])) AS n (id, stage, exit, exit_reason, ended_on)
WHERE p.id = n.id
RETURNING p.id
"""

CLOSE_ITEMS = """
UPDATE action_item i
SET closed_on = :as_of, result = 'project_ended', is_paused = false, next_step = NULL, next_fires_on = NULL
FROM project p JOIN staged_project s ON s.project_id = p.id
WHERE i.project_id = p.id AND p.stage IN ('landed', 'exited') AND i.closed_on IS NULL
RETURNING i.project_id
"""


@dataclass(frozen=True)
class Ending:
    """How and when a project ends."""

    project_id: int
    stage: Stage
    ended_on: date
    exit: Exit | None = None
    reason: str = ""


def end_projects(changes: Changes, file: LedgerFile, matches: Sequence[MatchedProject], as_of: date) -> list[Problem]:
    """End the projects the file calls landed or exited; a problem for each the rules do not let end."""
    all_campaigns = campaigns(changes.session)
    endings: list[Ending] = []
    problems: list[Problem] = []
    claims = list(_claims(changes.session, matches))
    ids = [str(project.id) for _row, project in claims]
    taken_back = set(changes.session.execute(text(TAKEN_BACK), {"ids": ids}))
    corrected = changes.session.execute(text(CORRECTED), {"ids": ids}).all()
    by_people = {(number, name, old): no_news(actor, moment) for number, name, old, actor, moment in corrected}
    for row, project in claims:
        if project.is_open and (project.id, _stage(row)) in taken_back:
            problems.append(file.problem(row, "claim", row.claim_cell, _taken_back(), Effect.NOTE))
            continue
        if project.stage is _stage(row) is Stage.EXITED:
            correction, notes = _corrected(file, row, project, by_people)
            problems += notes
            endings += [correction] if correction else []
            continue
        try:
            endings += _endings(row, project, all_campaigns, as_of, is_moved=project.id in changes.milestones)
        except Refused as refusal:
            if project.stage is _stage(row):
                continue  # it landed by another definition
            problems.append(file.problem(row, "claim", row.claim_cell, str(refusal), Effect.CELL_LEFT_OUT))
    changes.run(
        END,
        ids=[ending.project_id for ending in endings],
        stages=[ending.stage.value for ending in endings],
        exits=[ending.exit and ending.exit.value for ending in endings],
        reasons=[ending.reason for ending in endings],
        days=[ending.ended_on for ending in endings],
    )
    changes.run(CLOSE_ITEMS, as_of=as_of)
    return problems


def _stage(row: LedgerRow) -> Stage:
    return Stage.LANDED if row.claim is VisitOutcome.LANDED else Stage.EXITED


def _taken_back() -> str:
    return _("Somebody has taken this back since: the project stays open. If it is true again, use `record-fact`.")


def _claims(session: Session, matches: Sequence[MatchedProject]) -> Iterator[tuple[LedgerRow, Project]]:
    claiming = {row_no: match.row for row_no, match in enumerate(matches) if match.row.claim in ENDS}
    numbers = session.execute(text(NUMBERS), {"rows": list(claiming)})
    rows = {project_id: claiming[row_no] for row_no, project_id in numbers}
    projects = select(Project).where(Project.id == func.any(list(rows))).options(selectinload(Project.milestones))
    for project in session.scalars(projects.order_by(Project.id)):
        yield rows[project.id], project


def _endings(
    row: LedgerRow, project: Project, all_campaigns: list[Campaign], as_of: date, *, is_moved: bool
) -> Iterator[Ending]:
    """The ending the row claims, unless the ledger has it; `is_moved`: a milestone has changed since.

    Raises:
        Refused: if the rules do not accept it.
    """
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
    """The ending of an exited project, if the row corrects it; and a note for each cell that is skipped."""
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
