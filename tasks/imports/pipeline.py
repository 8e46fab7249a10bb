"""The steps of an import as people see them on the page of its run."""

from prefect import task

from models.i18n import mark
from tasks.imports import inbox
from tasks.imports.inbox import Arrival, Intake
from tasks.steps import PLAIN, called


@task(task_run_name=called(mark("Look for new files")), **PLAIN)
def look_for_files(path: str) -> list[Arrival]:
    return inbox.arrivals(path)


@task(task_run_name=called(mark("Read %(intake)s")), **PLAIN)
def read_file(intake: Intake) -> None:
    intake.read()


@task(task_run_name=called(mark("Enter the rows of %(intake)s")), **PLAIN)
def enter_rows(intake: Intake) -> None:
    intake.enter()


@task(task_run_name=called(mark("Write what is to be corrected in %(intake)s, and the report")), **PLAIN)
def write_rejects(intake: Intake) -> None:
    intake.report()


STEPS = (read_file, enter_rows, write_rejects)
