"""The slow landing analysis as a workbook: every project that is behind, and where the days go."""

from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from models.campaigns.slow_landing import FIRST_VISIT, Hands, SlowLanding, SlowProject, step_label
from models.i18n import enumerated, written
from models.i18n import gettext as _
from models.words import MilestoneKind
from tasks.documents.excel import writing
from tasks.documents.excel_tables import A4, write_sheet
from tasks.documents.table import DAY_WIDTH, Column, Kind, Table
from tasks.documents.text import running
from tasks.slow_landing.analysis import slow_projects
from tasks.slow_landing.page import held_in_words, rule_lines, totals

STEPS = (FIRST_VISIT, *(kind.value for kind in MilestoneKind))


def write_slow_landing(session: Session, analysis: SlowLanding, path: Path, scope: str = "") -> None:
    """Write all projects behind to `path` (.xlsx); `session` is the analysis's snapshot."""
    title = _("Slow landing as of %(day)s") % {"day": analysis.cohort.day}
    remark = " · ".join(part for part in (analysis.campaign, scope, *rule_lines(analysis.cohort)) if part)
    with writing(path) as book:
        projects = slow_projects(session, analysis.cohort, analysis.cohort.ids)
        write_sheet(book, _("Slow projects"), Table(_columns(), projects), title, remark)
        for name, table in totals(analysis).items():
            write_sheet(book, name, table, name, remark, A4)


def _columns() -> list[Column[SlowProject]]:
    return [
        Column("no", _("No."), 5, Kind.NUMBER),
        Column("code", _("Project code"), 13, value=lambda project: project.code),
        Column("name", _("Project"), 22, value=lambda project: project.name),
        Column("unit", _("Responsible unit"), 12, value=lambda project: project.unit),
        Column("officer", _("Assigned officer"), value=lambda project: project.officer),
        Column("leader", _("Responsible leader"), value=lambda project: project.leader),
        Column("signed_on", _("Signed on"), DAY_WIDTH, value=lambda project: project.signed_on),
        Column("days", _("Working days"), value=lambda project: project.days),
        Column("waits_for", _("Waits for"), value=lambda project: step_label(project.waits_for.step)),
        Column("since_on", _("In this step since"), DAY_WIDTH, value=lambda project: project.waits_for.since),
        *map(_step, STEPS),
        *map(_hands, Hands),
        Column("problem", _("What holds it"), 30, value=lambda project: running("\n".join(held_in_words(project)))),
        Column("court", _("In whose court"), 14, value=lambda project: enumerated(project.court)),
        Column("solution", _("Proposed solution"), 26, value=_solutions),
        Column("due", _("Due"), DAY_WIDTH, value=_due),
    ]


def _step(step: str) -> Column[SlowProject]:
    head = _("To: %(step)s") % {"step": step_label(step)}
    return Column(
        f"to_{step}", head, value=lambda project: {piece.step: piece.days for piece in project.steps}.get(step)
    )


def _hands(hands: Hands) -> Column[SlowProject]:
    return Column(f"with_{hands}", hands.label, value=lambda project: project.hands.get(hands))


def _due(project: SlowProject) -> date | str | None:
    """One day as a day, several as text."""
    days = [held.due_on for held in project.blockers] or ([project.due_on] if project.due_on else [])
    return days[0] if len(set(days)) == 1 else "\n".join(map(written, days))


def _solutions(project: SlowProject) -> str:
    return running("\n".join(held.solution for held in project.blockers if held.solution))
