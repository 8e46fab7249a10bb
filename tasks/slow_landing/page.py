"""The slow landing analysis as a page: what is behind by which rule, where the days go."""

from collections.abc import Iterable, Mapping, Sequence

from models.campaigns.slow_landing import Cohort, Hands, Limit, SlowLanding, SlowProject, Spent, step_label
from models.escalation.calendar import FIRST_LISTED_YEAR
from models.i18n import clauses, enumerated, written
from models.i18n import gettext as _
from tasks.documents.characters import shortened
from tasks.documents.markdown import cell, table, table_of
from tasks.documents.table import Column, Table
from tasks.documents.text import cut_note

MAX_TEXT_LENGTH = 60  # in a table; the workbook has all of it


def page(analysis: SlowLanding, scope: str = "") -> str:
    """The page; `scope` names the units it is confined to."""
    title = _("Slow landing as of %(day)s") % {"day": analysis.cohort.day}
    days, projects = _("Where the days go"), _("Projects behind, the longest first")
    parts = [f"# {title}", scope, summary(analysis)]
    if analysis.projects:
        tables = [f"### {name}\n\n{table_of(listed)}" for name, listed in totals(analysis).items() if listed.rows]
        parts += [f"## {days}", *tables, f"## {projects}", *_projects(analysis)]
    return "\n\n".join(part for part in parts if part)


def summary(analysis: SlowLanding) -> str:
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
    return "\n\n".join([sentence % figures, *rule_lines(analysis.cohort)])


def rule_lines(cohort: Cohort) -> Iterable[str]:
    """By which rule projects are behind, and how their working days are counted."""
    yield _rule(cohort.limit)
    if cohort.counts_weekdays:
        yield weekdays_note()


def weekdays_note() -> str:
    note = _("No days off were listed before %(year)s: until then Monday to Friday count as working days.")
    return note % {"year": FIRST_LISTED_YEAR}


def _rule(limit: Limit) -> str:
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


def totals(analysis: SlowLanding) -> dict[str, Table[tuple[str, Spent]]]:
    steps = {step_label(step): spent for step, spent in analysis.by_step.items()}
    hands = {hands.label: spent for hands, spent in analysis.by_hands.items()}
    categories = {category.label: spent for category, spent in analysis.by_category.items()}
    blockers, open_now = _("Blockers"), _("Open now")
    return {
        _("By step, from the signing on"): _table(_("Leads to"), _("Projects"), _("In it now"), steps),
        _("By whom they lay with"): _table(_("With whom"), _("Projects"), _("With them now"), hands),
        _("By kind of blocker"): _table(_("Category"), blockers, open_now, categories),
        _("In whose court open blockers lie"): _table(
            _("Unit that must solve it"), blockers, open_now, analysis.by_recipient
        ),
    }


def _table(what: str, count: str, now: str, spent: Mapping[str, Spent]) -> Table[tuple[str, Spent]]:
    return Table(
        [
            Column("what", what, 12, value=lambda row: row[0]),
            Column("count", count, value=lambda row: row[1].count),
            Column("total", _("Working days"), value=lambda row: row[1].total),
            Column("mean", _("On average"), value=lambda row: row[1].mean),
            Column("now", now, value=lambda row: row[1].now),
        ],
        [(name, days) for name, days in spent.items() if days.count or days.now],
    )


def _projects(analysis: SlowLanding) -> Iterable[str]:
    heads = (
        _("Project"),
        _("Responsible"),
        _("Working days since signing"),
        _("What holds it"),
        _("In whose court"),
        _("Solution and date"),
    )
    yield table(heads, list(map(_line, analysis.projects)))
    yield cut_note(len(analysis.projects), len(analysis.cohort.ids))


def _line(project: SlowProject) -> tuple[str, ...]:
    solutions = shortened(clauses(held.solution for held in project.blockers), MAX_TEXT_LENGTH)
    return (
        f"{project.code} {project.name}",
        f"{project.unit} · {project.leader or _('(nobody)')}",
        clauses([str(project.days), *_steps(project), *_hands(project)]),
        shortened(clauses(held_in_words(project)), MAX_TEXT_LENGTH) or _("no blocker named"),
        enumerated(project.court),
        clauses((solutions, *due_in_words(project))),
    )


def _steps(project: SlowProject) -> Iterable[str]:
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
        return [written(held.due_on) for held in project.blockers]
    return [written(project.due_on)] if project.due_on else []


def held_in_words(project: SlowProject) -> Iterable[str]:
    text = _("%(category)s since %(day)s: %(what)s")
    return [
        text % {"category": held.category.label, "day": held.opened_on, "what": held.description}
        for held in project.blockers
    ]
