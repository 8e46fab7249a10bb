"""The steps of a bulletin as people see them on the page of its run."""

from datetime import date

from prefect import task

from models.i18n import mark
from tasks.bulletin import delivery, files, issue
from tasks.bulletin.issue import numbered
from tasks.steps import PLAIN, called


@task(task_run_name=called(mark("Freeze the figures of the week from %(monday)s")), **PLAIN)
def freeze(monday: date, day: date) -> tuple[int, int, bool]:
    """The bulletin's year and number, and whether it was issued just now."""
    issued = issue.issue(monday, day, issue.known_at(day))
    return issued.year, issued.number, issued.is_new


@task(task_run_name=called(mark("Write document and workbook of No. %(number)s")), **PLAIN)
def render(year: int, number: int, is_new: bool) -> str:
    """Write and show the bulletin; returns what is wrong with the template, or ''."""
    issued = numbered(year, number)._replace(is_new=is_new)
    _paths, problem = files.write_files(issued)
    delivery.show_bulletin(issued)
    return problem


@task(task_run_name=called(mark("Send No. %(number)s")), **PLAIN)
def send_bulletin(year: int, number: int) -> int:
    """Send the bulletin to those who have not got it; returns how many that are."""
    return delivery.send_now(numbered(year, number))
