"""A revisit campaign's report as a workbook: a summary, and every list as a sheet of its own."""

from collections.abc import Sequence
from pathlib import Path

from models.i18n import gettext as _
from tasks.documents.excel import Book, put, writing
from tasks.documents.excel_tables import A4, begin, height, print_across, write_block, write_sheet
from tasks.documents.table import DAY_WIDTH, Cell, Column, Kind, Row, Table
from tasks.documents.text import text_of
from tasks.revisits.facts import Asked, Problem
from tasks.revisits.figures import Report
from tasks.revisits.tables import coverage, grouped, outcomes, solved_rates, terms, without_visit

WIDTHS = (26, 20, 20, 18)  # the columns of the summary, in characters of Excel


def write_book(report: Report, path: Path) -> None:
    with writing(path) as book:
        _summary(book, report)
        _sheet(book, report, _("Visits to projects"), _visit_columns(), report.projects)
        _sheet(book, report, _("Visits to investors"), _visit_columns()[1:], report.investors)
        _sheet(book, report, _("Open problems"), _open_columns(report), report.open_problems)
        _sheet(book, report, _("Solved in its time"), _solved_columns(report), report.solved)
        _sheet(book, report, _("Nobody answered for"), _silent_columns(report), report.unanswered)


def _sheet(book: Book, report: Report, title: str, columns: Sequence[Column[Row]], rows: Sequence[Row]) -> None:
    number: Column[Row] = Column("no", _("No."), 5, Kind.NUMBER)
    remark = _("As of %(day)s") % {"day": report.as_of}
    write_sheet(
        book,
        title,
        Table([number, *columns], rows),
        _("%(title)s: %(value)s") % {"title": report.name, "value": title},
        remark,
    )


def _summary(book: Book, report: Report) -> None:
    sheet = book.sheet(_("Summary"))
    begin(book, sheet, report.name, WIDTHS)
    known = (*terms(report), *without_visit(report), *solved_rates(report))
    facts = [(name, text_of(value)) for name, value in known if value != ""]
    row = 0
    for row, (name, value) in enumerate(facts, start=1):
        sheet.set_row(row, height(value, sum(WIDTHS[1:])))
        put(sheet, row, 0, name, book, book.text)
        sheet.merge_range(row, 1, row, len(WIDTHS) - 1, "", book.text)
        put(sheet, row, 1, value, book, book.text)
    row = write_block(book, sheet, row + 2, coverage(report), WIDTHS)
    row = write_block(book, sheet, row + 2, outcomes(report), WIDTHS)
    for name, groups in (
        (_("Open problems by category"), report.by_category),
        (_("Open problems by the unit that must solve them"), report.by_recipient),
        (_("Open problems by age"), report.by_age),
    ):
        row = write_block(book, sheet, row + 2, grouped(name, groups), WIDTHS)
    print_across(sheet, A4)


def _visit_columns() -> list[Column[Asked]]:
    return [
        Column("code", _("Project code"), 13, value=lambda visit: visit.code),
        Column("name", _("Project or investor"), 22, value=lambda visit: visit.name),
        Column("unit", _("Unit"), 12, value=lambda visit: visit.unit),
        Column("officer", _("Assigned officer"), value=lambda visit: visit.officer),
        Column("leader", _("Responsible leader"), value=lambda visit: visit.leader),
        Column("due_on", _("Due"), DAY_WIDTH, value=lambda visit: visit.due_on),
        Column("visited_on", _("Visited on"), DAY_WIDTH, value=lambda visit: visit.visited_on),
        Column("outcome", _("Outcome"), value=lambda visit: visit.outcome),
        Column("progress", _("Latest progress"), 30, value=lambda visit: visit.latest),
        Column("latest_on", _("Said on"), DAY_WIDTH, value=lambda visit: visit.latest_on),
        Column("filled_in_by", _("Filled in by"), value=lambda visit: visit.filled_in_by),
        Column("result", _("State"), value=_state),
    ]


def _state(visit: Asked) -> Cell:
    return visit.result or (_("on hold") if visit.is_paused else _("Open"))


def _problem_columns() -> list[Column[Problem]]:
    return [
        Column("code", _("Project code"), 13, value=lambda problem: problem.code),
        Column("name", _("Project name"), 22, value=lambda problem: problem.name),
        Column("unit", _("Responsible unit"), 12, value=lambda problem: problem.unit),
        Column("category", _("Category"), 11, value=lambda problem: problem.category),
        Column("recipient", _("Unit that must solve it"), 14, value=lambda problem: problem.recipient),
        Column("problem", _("What the problem is"), 30, value=lambda problem: problem.description),
    ]


def _open_columns(report: Report) -> list[Column[Problem]]:
    return [
        *_problem_columns(),
        Column("solution", _("Proposed solution"), 26, value=lambda problem: problem.proposed_solution),
        Column("opened_on", _("Opened on"), DAY_WIDTH, value=lambda problem: problem.opened_on),
        Column("age", _("Age in days"), value=report.age),
        Column("due_on", _("Due"), DAY_WIDTH, value=lambda problem: problem.due_on),
        Column("why", _("Why it is not solved"), value=report.why),
        Column("step", _("How far it was raised"), value=lambda problem: problem.step),
    ]


def _solved_columns(report: Report) -> list[Column[Problem]]:
    return [
        *_problem_columns(),
        Column("solution", _("How it was resolved"), 26, value=lambda problem: problem.resolution),
        Column("opened_on", _("Opened on"), DAY_WIDTH, value=lambda problem: problem.opened_on),
        Column("due_on", _("Due"), DAY_WIDTH, value=lambda problem: problem.due_on),
        Column("closed_on", _("Solved on"), DAY_WIDTH, value=lambda problem: problem.closed_on),
        Column("age", _("After days"), value=report.age),
    ]


def _silent_columns(report: Report) -> list[Column[Asked]]:
    return [
        *_visit_columns()[:6],
        Column(
            "late",
            _("Working days overdue"),
            value=lambda visit: _("on hold") if visit.is_paused else report.late(visit.due_on),
        ),
        Column("step", _("How far it was raised"), value=lambda visit: visit.step),
    ]
