"""A revisit campaign's report as a page. Long lists are cut; the workbook has all of them."""

from collections.abc import Sequence
from datetime import date

from models.i18n import clauses, enumerated, written
from models.i18n import gettext as _
from tasks.documents.markdown import cell, lines, table, table_of
from tasks.revisits.facts import Asked, Problem
from tasks.revisits.figures import Report
from tasks.revisits.tables import coverage, grouped, outcomes, solved_rates, terms, without_visit

ROWS_SHOWN = 50  # of each list; the page is read by people
Row = tuple[object, ...]


def page_of(report: Report, link: str) -> str:
    """The page; `link` leads to the workbook, Markdown."""
    visited = (
        (_("Projects visited"), report.whole.projects.text),
        (_("Investors visited"), report.whole.investors.text),
    )
    parts = [
        f"# {cell(report.name)}",
        lines([*terms(report), *visited, *without_visit(report)]),
        link,
        *_coverage(report),
        *_progress(report),
        *_blockers(report),
        *_solved(report),
        *_open(report),
        *_silent(report),
    ]
    return "\n\n".join(part for part in parts if part)


def _coverage(report: Report) -> list[str]:
    title = _("Coverage by unit")
    return [f"## {title}", table_of(coverage(report)), table_of(outcomes(report)) if report.outcomes else ""]


def _list(title: str, heads: tuple[str, ...], rows: Sequence[Row]) -> list[str]:
    if not rows:
        return [f"## {title}", _("Nothing.")]
    counted = _("%(title)s (%(count)s)") % {"title": title, "count": len(rows)}
    cut = _("The first %(shown)s of %(all)s; the workbook has all.") % {"shown": ROWS_SHOWN, "all": len(rows)}
    return [f"## {counted}", table(heads, rows[:ROWS_SHOWN]), cut if len(rows) > ROWS_SHOWN else ""]


def _progress(report: Report) -> list[str]:
    def row(visit: Asked) -> Row:
        progress = " ".join(filter(None, (written(visit.latest_on) if visit.latest_on else "", visit.latest)))
        return visit.title, visit.unit, visit.visited_on or "–", progress or "–"

    heads = (_("Project or investor"), _("Unit"), _("Visited on"), _("Latest progress"))
    return _list(_("Latest progress"), heads, list(map(row, report.projects + report.investors)))


def _blockers(report: Report) -> list[str]:
    title = _("Open problems")
    counted = _("%(title)s (%(count)s)") % {"title": title, "count": len(report.open_problems)}
    groups = (
        (_("Category"), report.by_category),
        (_("Unit that must solve it"), report.by_recipient),
        (_("Open for"), report.by_age),
    )
    tables = [table_of(grouped(name, problems)) for name, problems in groups if problems]
    return [f"## {counted}", lines(solved_rates(report)), *tables]


def _solved(report: Report) -> list[str]:
    def row(problem: Problem) -> Row:
        when = _("%(day)s, after %(count)s days") % {"day": problem.closed_on, "count": report.age(problem)}
        return problem.title, _problem(problem), problem.resolution, when

    heads = (_("Project"), _("Problem"), _("How it was resolved"), _("Solved on"))
    return _list(_("Solved in its time"), heads, list(map(row, report.solved)))


def _problem(problem: Problem) -> str:
    return _("%(kind)s: %(what)s") % {"kind": problem.category.label, "what": problem.description}


def _open(report: Report) -> list[str]:
    def row(problem: Problem) -> Row:
        wanted = _("%(who)s by %(day)s") % {"who": problem.recipient, "day": problem.due_on}
        return (
            problem.title,
            _joined(_problem(problem), problem.proposed_solution),
            _joined(wanted, _late(report, problem.due_on, is_paused=bool(problem.hold_reason))),
            _joined(report.why(problem), problem.step.label if problem.step else ""),
        )

    heads = _("Project"), _("Problem and proposed solution"), _("Who must solve it by when"), _("Why it is not solved")
    return _list(_("Not solved, and why"), heads, list(map(row, report.open_problems)))


def _silent(report: Report) -> list[str]:
    def row(visit: Asked) -> Row:
        return (
            visit.title,
            visit.unit,
            enumerated(filter(None, (visit.officer, visit.leader))) or "–",
            _joined(written(visit.due_on), _late(report, visit.due_on, is_paused=visit.is_paused)),
            visit.step.label if visit.step else "–",
        )

    heads = (_("Project or investor"), _("Unit"), _("Officer and leader"), _("Due"), _("How far it was raised"))
    return _list(_("Nobody answered for"), heads, list(map(row, report.unanswered)))


def _late(report: Report, due_on: date, *, is_paused: bool) -> str:
    """How an open item stands; empty while it is on time."""
    if is_paused:
        return _("on hold")
    late = report.late(due_on)
    return _("%(count)s working days overdue") % {"count": late} if late else ""


def _joined(*parts: str) -> str:
    return clauses(parts)
