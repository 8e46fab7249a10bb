"""Whom a revisit campaign asks, by unit: the page beside the run that opened it, Markdown."""

from collections.abc import Sequence

from prefect.artifacts import create_markdown_artifact

from models.i18n import gettext as _
from tasks.documents.markdown import cell, table
from tasks.revisits.open import ACTOR, OpenedCampaign
from tasks.revisits.visits import Line


def show(opened: OpenedCampaign, filters: str) -> None:
    """Put the numbers by unit beside the run."""
    key = f"{ACTOR}-dry-run" if opened.is_dry_run else ACTOR
    create_markdown_artifact(report(opened, filters), key=key, description=_("Whom the campaign asks, by unit"))


def counted(opened: OpenedCampaign) -> str:
    """How many the campaign asks, in one line."""
    counts = {"projects": opened.total.projects, "investors": opened.total.investors, "day": opened.due_on}
    if opened.is_dry_run:
        return (
            _("Dry run, nothing was changed: %(projects)s projects and %(investors)s investors would be asked.")
            % counts
        )
    return _("%(projects)s projects and %(investors)s investors are asked by %(day)s.") % counts


def report(opened: OpenedCampaign, filters: str) -> str:
    """The page, Markdown."""
    terms = opened.terms
    facts = [
        filters,
        _("Visits are due by **%(day)s**.") % {"day": opened.due_on},
        _("Squad: %(name)s") % {"name": cell(terms.squad)} if terms.squad else "",
        _next_step(opened),
        "" if opened.is_new else _("The campaign was there already: only who is new to it is counted here."),
    ]
    shown = [table(heads, rows) for heads, rows in (_projects(opened), _investors(opened)) if rows]
    return "\n\n".join(
        [f"# {cell(terms.name)}", *filter(None, facts), *(shown or [_("Nobody is new to it.")]), *_remarks(opened)]
    )


def _next_step(opened: OpenedCampaign) -> str:
    if opened.is_dry_run:
        return _("Dry run: nothing was changed. If the numbers are right, start it again without “Dry run”.")
    return _("Each visit waits with its form among the runs, under its unit's tag; a bar shows how far they are.")


Table = tuple[tuple[str, ...], list[tuple[str, ...]]]


def _projects(opened: OpenedCampaign) -> Table:
    """The units and the visits to their projects."""
    heads = (_("Responsible unit"), _("Projects asked"), *_how(), _("on hold"))
    lines = [line for line in (*opened.lines, opened.total) if line.projects]
    return heads, [
        _row(
            line,
            *(line.projects, line.projects_opened, line.projects_brought_forward, line.projects_due_before),
            line.projects_on_hold,
        )
        for line in lines
    ]


def _investors(opened: OpenedCampaign) -> Table:
    """The units and the visits to investors they look after."""
    heads = (_("Responsible unit"), _("Investors asked"), *_how())
    lines = [line for line in (*opened.lines, opened.total) if line.investors]
    return heads, [
        _row(line, line.investors, line.investors_opened, line.investors_brought_forward, line.investors_due_before)
        for line in lines
    ]


def _how() -> tuple[str, ...]:
    return _("of these opened"), _("brought forward"), _("due before already")


def _row(line: Line, *counts: int) -> tuple[str, ...]:
    return line.unit or _("Total"), *map(str, counts)


def _remarks(opened: OpenedCampaign) -> Sequence[str]:
    remarks = {
        _("%(count)s projects are on hold: their deadlines stand until they are resumed."): (
            opened.total.projects_on_hold
        ),
        _("%(count)s selected projects have landed or exited: they are not asked again."): opened.passed.ended,
        _("%(count)s selected projects name no investor."): opened.passed.without_investor,
    }
    return [f"- {line % {'count': count}}" for line, count in remarks.items() if count]
