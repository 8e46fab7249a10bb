"""A bulletin's tables, as page, document and workbook all show them."""

from models.bulletin.figures import Figures
from models.i18n import gettext as _
from tasks.bulletin.facts import facts
from tasks.bulletin.goals import goal_rows
from tasks.bulletin.slow import slow_table
from tasks.bulletin.words import due, matter, notice, project, who
from tasks.documents.table import Cells, Column, Kind, Table

BulletinTable = Table[Cells]


def tables(figures: Figures) -> dict[str, BulletinTable]:
    """All of them, by the names they have in the document's template."""
    return {
        "facts": facts(figures),
        "targets": goals(figures),
        "units": units(figures),
        "ranking": ranking(figures),
        "slow": slow_table(figures),
        "work": work(figures),
        "agenda": agenda(figures),
    }


def goals(figures: Figures) -> BulletinTable:
    """The targets, and how far they are against the time gone."""
    columns: list[Column[Cells]] = [
        Column("name", _("Target"), 38),
        Column("goal", _("Goal"), 24, Kind.SHORT),
        Column("reached", _("Reached"), 28, Kind.SHORT),
        Column("done", _("Share of the goal"), 16, Kind.SHORT),
        Column("state", _("Against the time gone"), 26, Kind.SHORT),
        Column("detail", _("Who is behind; by leader"), 46),
    ]
    return Table(columns, goal_rows(figures))


def units(figures: Figures) -> BulletinTable:
    """What each county's projects did in the week and in the year."""
    steps = {"signed": _("Signings"), "started": _("Begun"), "completed": _("Completed"), "landed": _("Landings")}
    both = _("%(step)s: week / year")
    columns: list[Column[Cells]] = [Column("name", _("County or unit"), 26)]
    columns += [Column(key, both % {"step": head}, 24, Kind.SHORT) for key, head in steps.items()]
    rows = [
        {"name": unit.name, **{key: f"{getattr(unit.week, key)} / {getattr(unit.year, key)}" for key in steps}}
        for unit in figures.units
    ]
    return Table(columns, rows)


def ranking(figures: Figures) -> BulletinTable:
    """The counties ranked by landing rate, with their traffic lights."""
    columns: list[Column[Cells]] = [
        Column("rank", _("Rank"), 12, Kind.SHORT),
        Column("name", _("County"), 34),
        Column("rate", _("Landing rate (landed/signed)"), 34, Kind.SHORT),
        Column("open", _("Open projects"), 18, Kind.SHORT),
        Column("red", _("Red"), 12, Kind.SHORT),
        Column("yellow", _("Yellow"), 12, Kind.SHORT),
        Column("green", _("Green"), 12, Kind.SHORT),
    ]
    counts = ("open", "red", "yellow", "green")
    rows: list[Cells] = [
        {"rank": unit.rank, "name": unit.name, "rate": unit.cohort, **{key: getattr(unit, key) for key in counts}}
        for unit in figures.counties
    ]
    return Table(columns, rows)


def work(figures: Figures) -> BulletinTable:
    """What falls due next week, and who owes it."""
    columns: list[Column[Cells]] = [
        Column("no", _("No."), 10, Kind.NUMBER),
        Column("day", _("Due"), 22, Kind.SHORT),
        Column("project", _("Project"), 42),
        Column("matter", _("What is owed"), 42),
        Column("unit", _("Unit"), 24, Kind.SHORT),
        Column("who", _("By whom"), 24, Kind.SHORT),
    ]
    rows: list[Cells] = [
        {"day": item.due_on, "project": project(item), "matter": matter(item), "unit": item.unit, "who": who(item)}
        for item in figures.work.shown
    ]
    return Table(columns, rows)


def agenda(figures: Figures) -> BulletinTable:
    """What the weekly meeting takes up, the items that need coordination first."""
    columns: list[Column[Cells]] = [
        Column("no", _("No."), 12, Kind.NUMBER),
        Column("concern", _("Why"), 36, Kind.SHORT),
        Column("project", _("Project"), 34),
        Column("matter", _("What is owed"), 30),
        Column("unit", _("Unit"), 20, Kind.SHORT),
        Column("leader", _("Responsible leader"), 18, Kind.SHORT),
        Column("due", _("Due"), 26, Kind.SHORT),
        Column("solution", _("Proposed solution"), 28),
    ]
    rows: list[Cells] = [
        {
            "concern": "\n".join(filter(None, (issue.concern.label, notice(issue)))),
            "project": project(issue.matter),
            "matter": matter(issue.matter),
            "unit": issue.matter.unit,
            "leader": issue.matter.leader,
            "due": due(issue),
            "solution": issue.solution,
        }
        for issue in figures.agenda.shown
    ]
    return Table(columns, rows)
