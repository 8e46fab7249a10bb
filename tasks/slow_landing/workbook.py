"""The slow landing analysis as a workbook: every project that is behind, and where the days go."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from models.campaigns.slow_landing import FIRST_VISIT, Hands, SlowLanding, SlowProject, step_label
from models.i18n import gettext as _
from models.words import MilestoneKind
from tasks.documents.excel import A3, A4, NUMBER, Book, Head, Table, writing
from tasks.documents.text import running
from tasks.slow_landing.analysis import slow_projects
from tasks.slow_landing.page import due_in_words, held_in_words, rule_line, totals

STEPS = (FIRST_VISIT, *(kind.value for kind in MilestoneKind))


def write_slow_landing(session: Session, analysis: SlowLanding, path: Path, scope: str = "") -> None:
    """Write all projects that are behind to `path` (.xlsx); `session` is the snapshot they were found in."""
    title = _("Slow landing as of %(day)s") % {"day": analysis.cohort.day}
    remark = " · ".join(part for part in (analysis.campaign, scope, rule_line(analysis.cohort.limit)) if part)
    with writing(path) as book:
        table = Table(book, _("Slow projects"), _heads(), title, remark)
        for number, project in enumerate(slow_projects(session, analysis.cohort, analysis.cohort.ids), start=1):
            table.add({NUMBER: number, **_cells(project)})
        table.finish(A3)
        _write_totals(book, analysis, remark)


def _heads() -> list[Head]:
    return [
        Head(NUMBER, _("No.")),
        Head("code", _("Project code")),
        Head("name", _("Project")),
        Head("units", _("Responsible unit")),
        Head("officer", _("Assigned officer")),
        Head("leader", _("Responsible leader")),
        Head("signed_on", _("Signed on")),
        Head("days", _("Working days")),
        Head("waits_for", _("Waits for")),
        Head("since_on", _("In this step since")),
        *(Head(step, _("To: %(step)s") % {"step": step_label(step)}) for step in STEPS),
        *(Head(hands.value, hands.label) for hands in Hands),
        Head("problem", _("What holds it")),
        Head("recipient", _("In whose court")),
        Head("solution", _("Proposed solution")),
        Head("due", _("Due")),
    ]


def _cells(project: SlowProject) -> Mapping[str, Any]:
    return {
        "code": project.code,
        "name": project.name,
        "units": project.unit,
        "officer": project.officer,
        "leader": project.leader,
        "signed_on": project.signed_on,
        "days": project.days,
        "waits_for": step_label(project.waits_for.step),
        "since_on": project.waits_for.since,
        **{piece.step: piece.days for piece in project.steps},
        **{hands.value: days for hands, days in project.hands.items()},
        "problem": running("\n".join(held_in_words(project))),
        "recipient": "、".join(project.court),
        "solution": running("\n".join(held.solution for held in project.blockers if held.solution)),
        "due": "\n".join(due_in_words(project)),
    }


def _write_totals(book: Book, analysis: SlowLanding, remark: str) -> None:
    for title, texts, rows in totals(analysis):
        fields = ("units", "count", "total", "mean", "now")
        heads = [Head(field, text) for field, text in zip(fields, texts, strict=True)]
        table = Table(book, title, heads, title, remark)
        for row in rows:
            table.add(dict(zip(fields, row, strict=True)))
        table.finish(A4)
