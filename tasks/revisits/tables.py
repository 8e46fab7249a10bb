"""What page and workbook of a revisit campaign's report both show."""

from collections.abc import Sequence

from models.i18n import gettext as _
from tasks.documents.table import Column, Kind, Table
from tasks.revisits.figures import Coverage, Group, Report

Facts = Sequence[tuple[str, object]]


def terms(report: Report) -> Facts:
    return (
        (_("As of"), report.as_of),
        (_("Campaign opened on"), report.opened_on),
        (_("Visits due by"), report.due_on),
        (_("Whom it asks"), report.filters),
        (_("Squad"), report.squad),
        (_("What becomes of it"), report.ending),
    )


def without_visit(report: Report) -> Facts:
    return (
        (_("Closed without a visit"), len(report.closed_otherwise)),
        (_("Nobody answered for"), len(report.unanswered)),
    )


def solved_rates(report: Report) -> Facts:
    return (
        (_("Solved, of all that were open in its time"), report.solved_rate.text),
        (_("Solved by their dates, of those solved"), report.solved_in_time.text),
    )


def coverage(report: Report) -> Table[Coverage]:
    return Table(
        [
            Column("unit", _("Responsible unit"), value=lambda line: line.unit),
            Column("projects", _("Projects visited"), kind=Kind.SHORT, value=lambda line: line.projects),
            Column("investors", _("Investors visited"), kind=Kind.SHORT, value=lambda line: line.investors),
        ],
        [*report.coverage, report.whole],
    )


def outcomes(report: Report) -> Table[tuple[str, int]]:
    return Table(
        [
            Column("outcome", _("What visits concluded"), value=lambda outcome: outcome[0]),
            Column("count", _("Number"), kind=Kind.FIGURE, value=lambda outcome: outcome[1]),
        ],
        report.outcomes,
    )


def grouped(name: str, groups: Sequence[Group]) -> Table[Group]:
    """Groups of open problems; `name` says what they are grouped by."""
    return Table(
        [
            Column("name", name, value=lambda group: group.name),
            Column("count", _("Number"), kind=Kind.FIGURE, value=lambda group: group.count),
            Column("overdue", _("Overdue"), kind=Kind.FIGURE, value=lambda group: group.overdue),
            Column("age", _("Mean age in days"), kind=Kind.SHORT, value=lambda group: group.age),
        ],
        groups,
    )
