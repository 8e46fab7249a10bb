"""The slow landing analysis as a page, Markdown: what is behind by which rule, where the days go, each project."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.campaigns.slow_landing import Hands, Limit, SlowLanding, SlowProject, Spent, step_label
from models.i18n import gettext as _
from tasks.documents.characters import shortened
from tasks.documents.markdown import cell, table
from tasks.documents.text import cut_note

Line = tuple[str, ...]
MAX_TEXT_LENGTH = 60  # in a table; the workbook has all of it


def page(analysis: SlowLanding, scope: str = "") -> str:
    """The page; `scope` names the units it is confined to."""
    title = _("Slow landing as of %(day)s") % {"day": analysis.cohort.day}
    days, projects = _("Where the days go"), _("Projects behind, the longest first")
    parts = [f"# {title}", scope, summary(analysis)]
    if analysis.projects:
        parts += [f"## {days}", *_totals(analysis), f"## {projects}", *_projects(analysis)]
    return "\n\n".join(part for part in parts if part)


def summary(analysis: SlowLanding) -> str:
    """How many projects are behind, and by which rule."""
    sentence = _(
        "Of %(count)s projects of “%(campaign)s”, %(open)s are still open; %(behind)s of them are behind, "
        "%(silent)s without any open blocker."
    )
    figures = {
        "count": analysis.cohort.count,
        "campaign": cell(analysis.campaign),
        "open": analysis.cohort.open,
        "behind": len(analysis.cohort.ids),
        "silent": analysis.without_blocker,
    }
    return f"{sentence % figures}\n\n{rule_line(analysis.cohort.limit)}"


def rule_line(limit: Limit) -> str:
    """The rule by which a project is behind, with the figures it has here."""
    if limit.working_days is not None:
        sentence = _(
            "Behind is what is open and was signed more than %(days)s working days ago: half of the %(landed)s "
            "projects that have landed took no longer."
        )
        return sentence % {"days": limit.working_days, "landed": limit.landed}
    sentence = _(
        "Behind is what is open and was signed before %(day)s: only %(landed)s projects have landed, too few to say "
        "how long one takes."
    )
    return sentence % {"day": limit.signed_before, "landed": limit.landed}


def _totals(analysis: SlowLanding) -> Iterable[str]:
    for title, heads, rows in totals(analysis):
        if rows:
            yield f"### {title}"
            yield table(heads, [tuple(map(str, row)) for row in rows])


def totals(analysis: SlowLanding) -> Iterable[tuple[str, Line, Sequence[tuple[Any, ...]]]]:
    """The tables over all projects: title, header, rows."""
    days = (_("Working days"), _("On average"))
    yield (
        _("By step, from the signing on"),
        (_("Leads to"), _("Projects"), *days, _("In it now")),
        _rows({step_label(step): spent for step, spent in analysis.by_step.items()}),
    )
    yield (
        _("By whom they lay with"),
        (_("With whom"), _("Projects"), *days, _("With them now")),
        _rows({hands.label: spent for hands, spent in analysis.by_hands.items()}),
    )
    yield (
        _("By kind of blocker"),
        (_("Category"), _("Blockers"), *days, _("Open now")),
        _rows({category.label: spent for category, spent in analysis.by_category.items()}),
    )
    yield (
        _("In whose court open blockers lie"),
        (_("Unit that must solve it"), _("Blockers"), *days, _("Open now")),
        _rows(analysis.by_recipient),
    )


def _rows(spent: Mapping[str, Spent]) -> list[tuple[Any, ...]]:
    return [
        (name, days.count, days.total, days.mean, days.now) for name, days in spent.items() if days.count or days.now
    ]


def _projects(analysis: SlowLanding) -> Iterable[str]:
    heads = (
        *(_("Project"), _("Responsible"), _("Working days since signing"), _("What holds it")),
        *(_("In whose court"), _("Solution and date")),
    )
    yield table(heads, [_line(project) for project in analysis.projects])
    if cut := cut_note(len(analysis.projects), len(analysis.cohort.ids)):
        yield cut


def _line(project: SlowProject) -> Line:
    solutions = [held.solution for held in project.blockers if held.solution]
    return (
        f"{project.code} {project.name}",
        f"{project.unit} · {project.leader or _('(nobody)')}",
        "；".join([str(project.days), *_steps(project), *_hands(project)]),
        shortened("；".join(held_in_words(project)), MAX_TEXT_LENGTH) or _("no blocker named"),
        "、".join(project.court),
        "；".join([*([shortened("；".join(solutions), MAX_TEXT_LENGTH)] if solutions else []), *due_in_words(project)]),
    )


def _steps(project: SlowProject) -> Iterable[str]:
    """The working days of each step; the last one still runs."""
    done, running = _("%(step)s: %(days)s"), _("%(step)s: %(days)s, since %(since)s and still")
    for piece in project.steps:
        figures = {"step": step_label(piece.step), "days": piece.days, "since": piece.since}
        if piece.days or piece.is_pending:
            yield (running if piece.is_pending else done) % figures


def _hands(project: SlowProject) -> Iterable[str]:
    """The working days it lay elsewhere than with its officer."""
    text = _("%(step)s: %(days)s")
    return [
        text % {"step": hands.label, "days": days}
        for hands, days in project.hands.items()
        if days and hands is not Hands.OWNER
    ]


def due_in_words(project: SlowProject) -> Sequence[str]:
    """When its blockers are to be solved; without any, the day something else is owed on it."""
    if project.blockers:
        return [str(held.due_on) for held in project.blockers]
    return [str(project.due_on)] if project.due_on else []


def held_in_words(project: SlowProject) -> Iterable[str]:
    """Its open blockers: category, since when, and what it is."""
    text = _("%(category)s since %(day)s: %(what)s")
    return [
        text % {"category": held.category.label, "day": held.opened_on, "what": held.description}
        for held in project.blockers
    ]
