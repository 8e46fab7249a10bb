"""A bulletin's tables, as page, document and workbook all show them."""

from models.bulletin.figures import Figures
from models.i18n import gettext as _
from tasks.bulletin.facts import facts
from tasks.bulletin.goals import goal_rows
from tasks.bulletin.slow import slow_table
from tasks.bulletin.table import Column, Table
from tasks.bulletin.words import due, matter, notice, project, who


def goals(figures: Figures) -> Table:
    """The targets, and how far they are against the time gone."""
    columns = (
        Column("name", _("Target"), 38, is_text=True),
        Column("goal", _("Goal"), 24),
        Column("reached", _("Reached"), 28),
        Column("done", _("Share of the goal"), 16),
        Column("state", _("Against the time gone"), 26),
        Column("detail", _("Who is behind; by leader"), 46, is_text=True),
    )
    return Table("targets", columns, goal_rows(figures))


def units(figures: Figures) -> Table:
    """What each county's projects did in the week and in the year."""
    steps = (
        ("signed", _("Signings")),
        ("started", _("Begun")),
        ("completed", _("Completed")),
        ("landed", _("Landings")),
    )
    both = _("%(step)s: week / year")
    columns = [Column("name", _("County or unit"), 26, is_text=True)]
    columns += [Column(key, both % {"step": head}, 24) for key, head in steps]
    rows = [
        {"name": unit.name} | {key: f"{getattr(unit.week, key)} / {getattr(unit.year, key)}" for key, _head in steps}
        for unit in figures.units
    ]
    return Table("units", columns, rows)


def ranking(figures: Figures) -> Table:
    """The counties ranked by landing rate, with their traffic lights."""
    columns = (
        Column("rank", _("Rank"), 12),
        Column("name", _("County"), 34, is_text=True),
        Column("rate", _("Landing rate (landed/signed)"), 34),
        Column("open", _("Open projects"), 18),
        Column("red", _("Red"), 12),
        Column("yellow", _("Yellow"), 12),
        Column("green", _("Green"), 12),
    )
    rows = [
        {
            "rank": unit.rank,
            "name": unit.name,
            "rate": unit.cohort,
            **{key: getattr(unit, key) for key in ("open", "red", "yellow", "green")},
        }
        for unit in figures.counties
    ]
    return Table("ranking", columns, rows)


def work(figures: Figures) -> Table:
    """What falls due next week, and by whom it is owed."""
    columns = (
        Column("no", _("No."), 10),
        Column("day", _("Due"), 22),
        Column("project", _("Project"), 42, is_text=True),
        Column("matter", _("What is owed"), 42, is_text=True),
        Column("unit", _("Unit"), 24),
        Column("who", _("By whom"), 24),
    )
    rows = [
        {
            "no": number,
            "day": each.due_on,
            "project": project(each),
            "matter": matter(each),
            "unit": each.unit,
            "who": who(each),
        }
        for number, each in enumerate(figures.work.shown, start=1)
    ]
    return Table("work", columns, rows)


def agenda(figures: Figures) -> Table:
    """What the weekly meeting takes up, the matters that need coordination first."""
    columns = (
        Column("no", _("No."), 12),
        Column("concern", _("Why"), 36),
        Column("project", _("Project"), 34, is_text=True),
        Column("matter", _("What is owed"), 30, is_text=True),
        Column("unit", _("Unit"), 20),
        Column("leader", _("Responsible leader"), 18),
        Column("due", _("Due"), 26),
        Column("solution", _("Proposed solution"), 28, is_text=True),
    )
    rows = [
        {
            "no": number,
            "concern": "\n".join(filter(None, (each.concern.label, notice(each)))),
            "project": project(each.matter),
            "matter": matter(each.matter),
            "unit": each.matter.unit,
            "leader": each.matter.leader,
            "due": due(each),
            "solution": each.solution,
        }
        for number, each in enumerate(figures.agenda.shown, start=1)
    ]
    return Table("agenda", columns, rows)


def tables(figures: Figures) -> dict[str, Table]:
    """All of them by name."""
    made = (facts, goals, units, ranking, slow_table, work, agenda)
    return {table.key: table for table in (make(figures) for make in made)}
