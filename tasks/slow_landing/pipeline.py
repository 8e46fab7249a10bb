"""The step of a slow landing report as people see it on the page of its run."""

from datetime import date

from prefect import task

from models.i18n import mark
from tasks.slow_landing import report
from tasks.steps import PLAIN, called


@task(task_run_name=called(mark("Find what is behind on %(day)s, and what holds it")), **PLAIN)
def report_slow_landing(units: tuple[str, ...], day: date) -> int:
    return report.report_slow_landing(units, day)
