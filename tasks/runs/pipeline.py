"""The steps of a reconciliation as people see them on the page of its run."""

import uuid

from prefect import task

from models.i18n import mark
from tasks.runs.reconciliation import Step
from tasks.steps import PLAIN, called


@task(task_run_name=called(mark("Mend: %(step)s")), **PLAIN)
def mend(step: Step) -> list[uuid.UUID]:
    return step.take()
