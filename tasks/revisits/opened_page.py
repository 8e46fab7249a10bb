"""Whom a revisit campaign asks, by unit: the page beside the run that opened it, Markdown."""

from collections.abc import Iterable

from prefect.artifacts import create_markdown_artifact

from models.i18n import gettext as _
from tasks.documents.markdown import cell, table_of
from tasks.documents.table import Column, Table
from tasks.revisits.open import ACTOR, OpenedCampaign
from tasks.revisits.visits import Line


def show(opened: OpenedCampaign, filters: str) -> None:
    key = f"{ACTOR}-dry-run" if opened.is_dry_run else ACTOR
    create_markdown_artifact(report(opened, filters), key=key, description=_("Whom the campaign asks, by unit"))


def counted(opened: OpenedCampaign) -> str:
    counts = {"projects": opened.total.projects, "investors": opened.total.investors, "day": opened.due_on}
    if opened.is_dry_run:
        sentence = _("Dry run, nothing was changed: %(projects)s projects and %(investors)s investors would be asked.")
        return sentence % counts
    return _("%(projects)s projects and %(investors)s investors are asked by %(day)s.") % counts


def report(opened: OpenedCampaign, filters: str) -> str:
    terms, total = opened.terms, opened.total
    parts = [
        f"# {cell(terms.name)}",
        filters,
        _("Visits are due by **%(day)s**.") % {"day": opened.due_on},
        _("Squad: %(name)s") % {"name": cell(terms.squad)} if terms.squad else "",
        _next_step(opened),
        "" if opened.is_new else _("The campaign was there already: only who is new to it is counted here."),
        table_of(_projects(opened)) if total.projects else "",
        table_of(_investors(opened)) if total.investors else "",
        "" if opened.lines else _("Nobody is new to it."),
        *_remarks(opened),
    ]
    return "\n\n".join(filter(None, parts))


def _next_step(opened: OpenedCampaign) -> str:
    if opened.is_dry_run:
        return _("Dry run: nothing was changed. If the numbers are right, start it again without “Dry run”.")
    return _("Each visit waits with its form among the runs, under its unit's tag; a bar shows how far they are.")


def _projects(opened: OpenedCampaign) -> Table[Line]:
    return Table(
        [
            Column("unit", _("Responsible unit"), value=lambda line: line.unit or _("Total")),
            Column("asked", _("Projects asked"), value=lambda line: line.projects),
            Column("opened", _("of these opened"), value=lambda line: line.projects_opened),
            Column("forward", _("brought forward"), value=lambda line: line.projects_brought_forward),
            Column("before", _("due before already"), value=lambda line: line.projects_due_before),
            Column("on_hold", _("on hold"), value=lambda line: line.projects_on_hold),
        ],
        [line for line in (*opened.lines, opened.total) if line.projects],
    )


def _investors(opened: OpenedCampaign) -> Table[Line]:
    return Table(
        [
            Column("unit", _("Responsible unit"), value=lambda line: line.unit or _("Total")),
            Column("asked", _("Investors asked"), value=lambda line: line.investors),
            Column("opened", _("of these opened"), value=lambda line: line.investors_opened),
            Column("forward", _("brought forward"), value=lambda line: line.investors_brought_forward),
            Column("before", _("due before already"), value=lambda line: line.investors_due_before),
        ],
        [line for line in (*opened.lines, opened.total) if line.investors],
    )


def _remarks(opened: OpenedCampaign) -> Iterable[str]:
    counts = (
        (
            _("%(count)s projects are on hold: their deadlines stand until they are resumed."),
            opened.total.projects_on_hold,
        ),
        (_("%(count)s selected projects have landed or exited: they are not asked again."), opened.passed.ended),
        (_("%(count)s selected projects name no investor."), opened.passed.without_investor),
    )
    return [f"- {remark % {'count': count}}" for remark, count in counts if count]
