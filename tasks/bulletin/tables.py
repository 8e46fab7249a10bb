"""A bulletin's tables, as page, document and workbook all show them."""

from collections.abc import Callable
from typing import Any

from models.bulletin.figures import AgendaItem, Figures, Issue, UnitLine
from models.campaigns.slow_landing import Hands, Spent, step_label
from models.i18n import gettext as _
from models.words import BlockerCategory
from tasks.bulletin.facts import facts
from tasks.bulletin.goals import goals
from tasks.bulletin.words import concern, due, matter, project, who
from tasks.documents.table import Column, Kind, Table

BulletinTable = Table[Any]  # whatever its rows are


def tables(figures: Figures) -> dict[str, BulletinTable]:
    """All of them, by the names they have in the document's template."""
    return {
        "facts": facts(figures),
        "targets": goals(figures),
        "ranking": ranking(figures),
        "units": units(figures),
        "slow": slow(figures),
        "work": work(figures),
        "agenda": agenda(figures),
    }


def ranking(figures: Figures) -> Table[UnitLine]:
    def light(name: str) -> Callable[[UnitLine], int | None]:
        return lambda unit: None if figures.is_unreported else getattr(unit, name)

    return Table(
        [
            Column("rank", _("Rank"), 12, Kind.SHORT, lambda unit: unit.rank),
            Column("name", _("County"), 34, value=lambda unit: unit.name),
            Column("rate", _("Landing rate (landed/signed)"), 34, Kind.SHORT, lambda unit: unit.cohort),
            Column("open", _("Open projects"), 18, Kind.SHORT, lambda unit: unit.open),
            Column("red", _("Red"), 12, Kind.SHORT, light("red")),
            Column("yellow", _("Yellow"), 12, Kind.SHORT, light("yellow")),
            Column("green", _("Green"), 12, Kind.SHORT, light("green")),
        ],
        figures.counties,
    )


def units(figures: Figures) -> Table[UnitLine]:
    steps = {"signed": _("Signings"), "started": _("Begun"), "completed": _("Completed"), "landed": _("Landings")}
    columns = [Column[UnitLine]("name", _("County or unit"), 26, value=lambda unit: unit.name)]
    return Table([*columns, *(_step(key, name) for key, name in steps.items())], figures.units)


def _step(key: str, name: str) -> Column[UnitLine]:
    def both(unit: UnitLine) -> str:
        return f"{getattr(unit.week, key)} / {getattr(unit.year, key)}"

    return Column(key, _("%(step)s: week / year") % {"step": name}, 24, Kind.SHORT, both)


def slow(figures: Figures) -> Table[tuple[str, str, Spent]]:
    landing = figures.slow
    return Table(
        [
            Column("where", _("Where the days go"), 30, Kind.SHORT, lambda row: row[0]),
            Column("what", _("Step, hands or problem"), 46, value=lambda row: row[1]),
            Column("count", _("Times"), 18, Kind.SHORT, lambda row: row[2].count),
            Column("total", _("Working days in all"), 26, Kind.SHORT, lambda row: row[2].total),
            Column("mean", _("On average"), 22, Kind.SHORT, lambda row: row[2].mean),
            Column("now", _("In it now"), 18, Kind.SHORT, lambda row: row[2].now),
        ],
        [
            *((_("Step"), step_label(gone.name), gone.spent) for gone in landing.steps),
            *((_("In whose hands"), Hands(gone.name).label, gone.spent) for gone in landing.hands),
            *((_("Problem"), BlockerCategory(gone.name).label, gone.spent) for gone in landing.categories),
        ],
    )


def work(figures: Figures) -> Table[AgendaItem]:
    return Table(
        [
            Column("no", _("No."), 10, Kind.NUMBER),
            Column("day", _("Due"), 22, Kind.SHORT, lambda item: item.due_on),
            Column("project", _("Project"), 42, value=project),
            Column("matter", _("What is owed"), 42, value=matter),
            Column("unit", _("Unit"), 24, Kind.SHORT, lambda item: item.unit),
            Column("who", _("By whom"), 24, Kind.SHORT, who),
        ],
        figures.work.shown,
    )


def agenda(figures: Figures) -> Table[Issue]:
    return Table(
        [
            Column("no", _("No."), 12, Kind.NUMBER),
            Column("concern", _("Why"), 36, Kind.SHORT, concern),
            Column("project", _("Project"), 34, value=lambda issue: project(issue.matter)),
            Column("matter", _("What is owed"), 30, value=lambda issue: matter(issue.matter)),
            Column("unit", _("Unit"), 20, Kind.SHORT, lambda issue: issue.matter.unit),
            Column("leader", _("Responsible leader"), 18, Kind.SHORT, lambda issue: issue.matter.leader),
            Column("due", _("Due"), 26, Kind.SHORT, due),
            Column("solution", _("Proposed solution"), 28, value=lambda issue: issue.solution),
        ],
        figures.agenda.shown,
    )
