"""A revisit campaign's report as a page, Markdown. Long lists are cut; the workbook has them whole."""

from collections.abc import Sequence
from datetime import date

from models.i18n import gettext as _
from tasks.documents.markdown import cell, lines, table
from tasks.revisits.facts import Asked, Problem
from tasks.revisits.figures import Coverage, Group, Report

ROWS_SHOWN = 50
"""Of each list; the page is read by people."""
Row = tuple[str, ...]


def page_of(report: Report, link: str) -> str:
    """The page; `link` leads to the workbook, Markdown."""
    parts = [
        f"# {cell(report.name)}",
        lines(_head(report)),
        link,
        *_coverage(report),
        *_list(_("Latest progress"), _progress_heads(), list(map(_progress, report.projects + report.investors))),
        *_blockers(report),
        *_list(_("Solved in its time"), _solved_heads(), [_solved(report, problem) for problem in report.solved]),
        *_list(_("Not solved, and why"), _open_heads(), [_open(report, problem) for problem in report.open_problems]),
        *_list(_("Nobody answered for"), _silent_heads(), [_silent(report, visit) for visit in report.unanswered]),
    ]
    return "\n\n".join(part for part in parts if part)


def terms_of(report: Report) -> Sequence[tuple[str, object]]:
    """What the campaign is, and what becomes of it: the head of page and workbook."""
    return (
        (_("As of"), report.as_of),
        (_("Campaign opened on"), report.opened_on),
        (_("Visits due by"), report.due_on),
        (_("Whom it asks"), report.filters),
        (_("Squad"), report.squad),
        (_("What becomes of it"), report.ending),
    )


def _head(report: Report) -> Sequence[tuple[str, object]]:
    return (
        *terms_of(report),
        (_("Projects visited"), report.whole.projects.text),
        (_("Investors visited"), report.whole.investors.text),
        (_("Closed without a visit"), len(report.closed_otherwise)),
        (_("Nobody answered for"), len(report.unanswered)),
    )


def _coverage(report: Report) -> list[str]:
    title = _("Coverage by unit")
    heads = (_("Responsible unit"), _("Projects visited"), _("Investors visited"))
    rows = [_covered(coverage) for coverage in (*report.coverage, report.whole)]
    outcomes = [(name, str(count)) for name, count in report.outcomes]
    concluded = [table((_("What visits concluded"), _("Number")), outcomes)] if outcomes else []
    return [f"## {title}", table(heads, rows), *concluded]


def _covered(coverage: Coverage) -> Row:
    return coverage.unit, coverage.projects.text, coverage.investors.text


def _list(title: str, heads: Row, rows: Sequence[Row]) -> list[str]:
    if not rows:
        return [f"## {title}", _("Nothing.")]
    counted = _("%(title)s (%(count)s)") % {"title": title, "count": len(rows)}
    cut = _("The first %(shown)s of %(all)s; the workbook has all.") % {"shown": ROWS_SHOWN, "all": len(rows)}
    return [f"## {counted}", table(heads, rows[:ROWS_SHOWN]), cut if len(rows) > ROWS_SHOWN else ""]


def _progress_heads() -> Row:
    return _("Project or investor"), _("Unit"), _("Visited on"), _("Latest progress")


def _progress(visit: Asked) -> Row:
    progress = " ".join(filter(None, (str(visit.latest_on or ""), visit.latest)))
    return visit.title, visit.unit, str(visit.visited_on or "–"), progress or "–"


def _blockers(report: Report) -> list[str]:
    title = _("Open problems")
    counted = _("%(title)s (%(count)s)") % {"title": title, "count": len(report.open_problems)}
    rates = (
        (_("Solved, of all that were open in its time"), report.solved_rate.text),
        (_("Solved by their dates, of those solved"), report.solved_in_time.text),
    )
    groups = (
        (_("Category"), report.by_category),
        (_("Unit that must solve it"), report.by_recipient),
        (_("Open for"), report.by_age),
    )
    return [f"## {counted}", lines(rates), *(grouped(name, problems) for name, problems in groups if problems)]


def grouped(name: str, groups: Sequence[Group]) -> str:
    """Groups of open problems as a table."""
    rows = [(group.name, str(group.count), str(group.overdue), str(group.age)) for group in groups]
    return table((name, _("Number"), _("Overdue"), _("Mean age in days")), rows)


def _solved_heads() -> Row:
    return _("Project"), _("Problem"), _("How it was resolved"), _("Solved on")


def _solved(report: Report, problem: Problem) -> Row:
    when = _("%(day)s, after %(count)s days") % {"day": problem.closed_on, "count": report.age(problem)}
    return problem.title, _problem(problem), problem.resolution, when


def _problem(problem: Problem) -> str:
    return _("%(kind)s: %(what)s") % {"kind": problem.category.label, "what": problem.description}


def _open_heads() -> Row:
    return _("Project"), _("Problem and proposed solution"), _("Who must solve it by when"), _("Why it is not solved")


def _open(report: Report, problem: Problem) -> Row:
    wanted = _("%(who)s by %(day)s") % {"who": problem.recipient, "day": problem.due_on}
    return (
        problem.title,
        "。".join(filter(None, (_problem(problem), problem.proposed_solution))),
        _("; ").join(filter(None, (wanted, _late(report, problem.due_on, is_paused=bool(problem.hold_reason))))),
        _("; ").join(filter(None, (report.why(problem), problem.step.label if problem.step else ""))),
    )


def _silent_heads() -> Row:
    return _("Project or investor"), _("Unit"), _("Officer and leader"), _("Due"), _("How far it was raised")


def _silent(report: Report, visit: Asked) -> Row:
    late = _late(report, visit.due_on, is_paused=visit.is_paused)
    return (
        visit.title,
        visit.unit,
        "、".join(filter(None, (visit.officer, visit.leader))) or "–",
        _("; ").join(filter(None, (str(visit.due_on), late))),
        visit.step.label if visit.step else "–",
    )


def _late(report: Report, due_on: date, *, is_paused: bool) -> str:
    """How an open item stands; empty while it is on time."""
    if is_paused:
        return _("on hold")
    late = report.late(due_on)
    return _("%(count)s working days overdue") % {"count": late} if late else ""
