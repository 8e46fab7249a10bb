"""The steps of an export as people see them on the page of its run."""

from prefect import task

from models.i18n import mark
from tasks.exports.export import Export
from tasks.steps import PLAIN, called


@task(task_run_name=called(mark("Write the official ledger")), **PLAIN)
def write_ledger(export: Export) -> None:
    export.write_ledger()


@task(task_run_name=called(mark("Write the dossiers")), **PLAIN)
def write_dossiers(export: Export) -> None:
    export.write_dossiers()
