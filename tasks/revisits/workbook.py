"""A revisit campaign's report as a workbook: a summary, and every list as a sheet of its own."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from xlsxwriter.worksheet import Worksheet

from models.i18n import gettext as _
from tasks.documents.excel import A3, A4, NUMBER, Book, Head, Table, frame, height, print_across, put, writing
from tasks.revisits.facts import Asked, Problem
from tasks.revisits.figures import Group, Report
from tasks.revisits.page import terms_of

WIDTHS = (26, 20, 20, 18)
"""The columns of the summary, in characters of Excel."""
Rows = Iterable[Mapping[str, Any]]


def write_book(report: Report, path: Path) -> None:
    """Write the workbook to `path` (.xlsx)."""
    with writing(path) as book:
        _summary(book, report)
        _sheet(book, report, _("Visits to projects"), _visit_heads(), map(_visit, report.projects))
        _sheet(book, report, _("Visits to investors"), _visit_heads()[1:], map(_visit, report.investors))
        _sheet(book, report, _("Open problems"), _open_heads(), (_open(report, row) for row in report.open_problems))
        _sheet(book, report, _("Solved in its time"), _solved_heads(), (_solved(report, row) for row in report.solved))
        unanswered = (_silent(report, row) for row in report.unanswered)
        _sheet(book, report, _("Nobody answered for"), _silent_heads(), unanswered)


def _sheet(book: Book, report: Report, title: str, heads: Sequence[Head], rows: Rows) -> None:
    remark = _("As of %(day)s") % {"day": report.as_of}
    number = Head(NUMBER, _("No."))
    table = Table(book, title, [number, *heads], f"{report.name}：{title}", remark)
    for count, row in enumerate(rows, start=1):
        table.add({NUMBER: count, **row})
    table.finish(A3)


def _summary(book: Book, report: Report) -> None:
    sheet = book.sheet(_("Summary"))
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 26)
    put(sheet, 0, 0, report.name, book, book.title)
    row = 1
    for row, (name, value) in enumerate(_head(report), start=1):
        sheet.set_row(row, height(value, sum(WIDTHS[1:])))
        put(sheet, row, 0, name, book, book.text)
        sheet.merge_range(row, 1, row, len(WIDTHS) - 1, "", book.text)
        put(sheet, row, 1, value, book, book.text)
    covered = [(unit.unit, unit.projects.text, unit.investors.text) for unit in (*report.coverage, report.whole)]
    units = (_("Responsible unit"), _("Projects visited"), _("Investors visited"))
    row = _block(book, sheet, row + 2, units, covered)
    row = _block(book, sheet, row + 2, (_("What visits concluded"), _("Number")), report.outcomes)
    for name, groups in (
        (_("Open problems by category"), report.by_category),
        (_("Open problems by the unit that must solve them"), report.by_recipient),
        (_("Open problems by age"), report.by_age),
    ):
        heads = (name, _("Number"), _("Overdue"), _("Mean age in days"))
        row = _block(book, sheet, row + 2, heads, list(map(_grouped, groups)))
    print_across(sheet, A4)


def _head(report: Report) -> Sequence[tuple[str, Any]]:
    return [
        (name, str(value))
        for name, value in (
            *terms_of(report),
            (_("Closed without a visit"), len(report.closed_otherwise)),
            (_("Nobody answered for"), len(report.unanswered)),
            (_("Solved, of all that were open in its time"), report.solved_rate.text),
            (_("Solved by their dates, of those solved"), report.solved_in_time.text),
        )
        if value != ""
    ]


def _block(book: Book, sheet: Worksheet, row: int, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Write rows below their header; returns the last one's row."""
    sheet.set_row(row, 32)
    for column, head in enumerate(heads):
        put(sheet, row, column, head, book, book.head)
    for row_index, cells in enumerate(rows, start=row + 1):
        for column, value in enumerate(cells):
            put(sheet, row_index, column, value, book, book.centred if column and isinstance(value, str) else None)
    frame(book, sheet, row, row + max(len(rows), 1), len(heads))
    return row + max(len(rows), 1)


def _grouped(group: Group) -> tuple[Any, ...]:
    return group.name, group.count, group.overdue, str(group.age)


def _visit_heads() -> list[Head]:
    return [
        Head("code", _("Project code")),
        Head("name", _("Project or investor")),
        Head("units", _("Unit")),
        Head("officer", _("Assigned officer")),
        Head("leader", _("Responsible leader")),
        Head("due_on", _("Due")),
        Head("visited_on", _("Visited on")),
        Head("outcome", _("Outcome")),
        Head("progress", _("Latest progress")),
        Head("latest_on", _("Said on")),
        Head("filled_in_by", _("Filled in by")),
        Head("result", _("State")),
    ]


def _visit(visit: Asked) -> dict[str, Any]:
    return {
        "code": visit.code,
        "name": visit.name,
        "units": visit.unit,
        "officer": visit.officer,
        "leader": visit.leader,
        "due_on": visit.due_on,
        "visited_on": visit.visited_on,
        "outcome": visit.outcome and visit.outcome.label,
        "progress": visit.latest,
        "latest_on": visit.latest_on,
        "filled_in_by": visit.filled_in_by,
        "result": visit.result.label if visit.result else _("on hold") if visit.is_paused else _("Open"),
    }


def _problem_heads() -> list[Head]:
    return [
        Head("code", _("Project code")),
        Head("name", _("Project name")),
        Head("units", _("Responsible unit")),
        Head("category", _("Category")),
        Head("recipient", _("Unit that must solve it")),
        Head("problem", _("What the problem is")),
    ]


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "name": problem.name,
        "units": problem.unit,
        "category": problem.category.label,
        "recipient": problem.recipient,
        "problem": problem.description,
        "solution": problem.proposed_solution,
        "opened_on": problem.opened_on,
        "due_on": problem.due_on,
        "step": problem.step.label if problem.step else "",
    }


def _open_heads() -> list[Head]:
    return [
        *_problem_heads(),
        Head("solution", _("Proposed solution")),
        Head("opened_on", _("Opened on")),
        Head("age", _("Age in days")),
        Head("due_on", _("Due")),
        Head("why", _("Why it is not solved")),
        Head("step", _("How far it was raised")),
    ]


def _open(report: Report, problem: Problem) -> dict[str, Any]:
    return {**_problem(problem), "age": report.age(problem), "why": report.why(problem)}


def _solved_heads() -> list[Head]:
    return [
        *_problem_heads(),
        Head("solution", _("How it was resolved")),
        Head("opened_on", _("Opened on")),
        Head("due_on", _("Due")),
        Head("closed_on", _("Solved on")),
        Head("age", _("After days")),
    ]


def _solved(report: Report, problem: Problem) -> dict[str, Any]:
    solved = {"solution": problem.resolution, "closed_on": problem.closed_on, "age": report.age(problem)}
    return {**_problem(problem), **solved}


def _silent_heads() -> list[Head]:
    return [*_visit_heads()[:6], Head("late", _("Working days overdue")), Head("step", _("How far it was raised"))]


def _silent(report: Report, visit: Asked) -> dict[str, Any]:
    late: object = _("on hold") if visit.is_paused else report.late(visit.due_on)
    return {**_visit(visit), "late": late, "step": visit.step.label if visit.step else ""}
