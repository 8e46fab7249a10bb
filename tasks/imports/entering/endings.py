"""Projects a ledger calls landed or ended: believed when the rules are met, and then nothing is owed on them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

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
from tasks.imports.entering.identify import Entry
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

# What people changed of an end since: an old file does not bring it back.
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


def end_projects(changes: Changes, file: LedgerFile, entries: Sequence[Entry], as_of: date) -> list[Problem]:
    """End the projects the file calls landed or ended; where the rules are not met they stay open, with a problem."""
    standing = campaigns(changes.session)
    endings: list[Ending] = []
    problems: list[Problem] = []
    claims = list(_claims(changes.session, entries))
    ids = [str(project.id) for _row, project in claims]
    taken_back = set(changes.session.execute(text(TAKEN_BACK), {"ids": ids}))
    corrected = changes.session.execute(text(CORRECTED), {"ids": ids}).all()
    by_people = {(number, name, old): no_news(actor, moment) for number, name, old, actor, moment in corrected}
    for row, project in claims:
        if project.is_open and (project.id, _stage(row)) in taken_back:
            problems.append(file.problem(row, "claim", row.claim_cell, _no_news(), Effect.NOTE))
            continue
        if project.stage is _stage(row) is Stage.EXITED:
            said, notes = _said_anew(file, row, project, by_people)
            problems += notes
            endings += said
            continue
        try:
            endings += _endings(row, project, standing, as_of, is_moved=project.id in changes.milestones)
        except Refused as refusal:
            if project.stage is _stage(row):
                continue  # it landed by another definition
            problems.append(file.problem(row, "claim", row.claim_cell, str(refusal), Effect.CELL_LEFT_OUT))
    changes.run(
        END,
        ids=[each.project_id for each in endings],
        stages=[each.stage.value for each in endings],
        exits=[each.exit and each.exit.value for each in endings],
        reasons=[each.reason for each in endings],
        days=[each.ended_on for each in endings],
    )
    changes.run(CLOSE_ITEMS, as_of=as_of)
    return problems


def _stage(row: LedgerRow) -> Stage:
    return Stage.LANDED if row.claim is VisitOutcome.LANDED else Stage.EXITED


def _no_news() -> str:
    return _("Somebody has taken this back since: the project stays open. If it is true again, use `record-fact`.")


def _claims(session: Session, entries: Sequence[Entry]) -> Iterator[tuple[LedgerRow, Project]]:
    claiming = {at: entry.row for at, entry in enumerate(entries) if entry.row.claim in ENDS}
    numbers = session.execute(text(NUMBERS), {"rows": list(claiming)})
    rows = {project_id: claiming[row_no] for row_no, project_id in numbers}
    asked = select(Project).where(Project.id == func.any(list(rows))).options(selectinload(Project.milestones))
    for project in session.scalars(asked.order_by(Project.id)):
        yield rows[project.id], project


def _endings(
    row: LedgerRow, project: Project, standing: list[Campaign], as_of: date, *, is_moved: bool
) -> Iterator[Ending]:
    """The ending the row claims; none when the ledger has it already, on the day its milestones say (`is_moved`).

    Raises:
        Refused: when the rules do not accept it.
    """
    stage = _stage(row)
    if project.stage is stage and not is_moved:
        return
    if project.stage is not stage and not project.is_open:
        reason = _("The ledger has this project as “%(stage)s”: take that back by the flow `correction` first.")
        raise Refused(reason % {"stage": project.stage.label})
    if stage is Stage.LANDED:
        definition = landing_definition(project, standing, as_of)
        day = landed_on(project.milestones, definition)
        if day != project.ended_on:
            yield Ending(project.id, stage, day)
        return
    if not row.exit_reason:
        raise Refused(_("An ending needs its reason: fill in the column 终止原因."))
    yield Ending(project.id, stage, row.ended_on or as_of, _way(row), row.exit_reason)


def _way(row: LedgerRow) -> Exit:
    return Exit.LOST if row.claim is VisitOutcome.LOST else Exit.TERMINATED


def _said_anew(
    file: LedgerFile, row: LedgerRow, project: Project, by_people: Mapping[tuple[int, str, str], str]
) -> tuple[list[Ending], list[Problem]]:
    """How an exited project ended, where the row corrects it; and a note for each cell that is no news."""
    cells: dict[str, Any] = {"exit": _way(row), "exit_reason": row.exit_reason, "ended_on": row.ended_on}
    new = {name: cell for name, cell in cells.items() if cell and cell != getattr(project, name)}
    old = {name: why for name, cell in new.items() if (why := by_people.get((project.id, name, str(cell))))}
    fields = {"exit": ("claim", row.claim_cell)}
    notes = [
        file.problem(row, *fields.get(name, (name, str(cells[name]))), why, Effect.NOTE) for name, why in old.items()
    ]
    holds = {name: new[name] if name in new.keys() - old.keys() else getattr(project, name) for name in cells}
    ending = Ending(project.id, Stage.EXITED, holds["ended_on"], holds["exit"], holds["exit_reason"])
    return [ending] * bool(new.keys() - old.keys()), notes
