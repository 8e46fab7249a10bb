"""The steps of a revisit campaign as people see them on the pages of its runs."""

from datetime import date

from prefect import task

from models.i18n import mark
from models.words import RevisitEnd
from tasks.ledger.selection import described
from tasks.revisits import close, opened_page, progress, report
from tasks.revisits import open as opening
from tasks.revisits.open import OpenedCampaign
from tasks.revisits.terms import Terms
from tasks.steps import PLAIN, called


@task(task_run_name=called(mark("Look whom it would ask")), **PLAIN)
def try_campaign(terms: Terms, day: date, who: str) -> OpenedCampaign:
    return _opened(terms, day, who, dry_run=True)


@task(task_run_name=called(mark("Ask for the visits")), **PLAIN)
def open_campaign(terms: Terms, day: date, who: str) -> OpenedCampaign:
    return _opened(terms, day, who)


def _opened(terms: Terms, day: date, who: str, *, dry_run: bool = False) -> OpenedCampaign:
    opened = opening.open_campaign(terms, day, who, dry_run=dry_run)
    opened_page.show(opened, described(terms.selection))
    return opened


@task(task_run_name=called(mark("Draw how far the campaigns are")), **PLAIN)
def move_bars() -> None:
    progress.move_bars()


@task(task_run_name=called(mark("Write the report on “%(name)s”")), **PLAIN)
def write_report(name: str, day: date, ending: str = "") -> None:
    report.write_report(name, day, ending)


@task(task_run_name=called(mark("End the campaign “%(name)s”")), **PLAIN)
def end_campaign(name: str, outcome: RevisitEnd, day: date, who: str) -> None:
    finish = close.cancel_campaign if outcome is RevisitEnd.CANCEL else close.close_campaign
    finish(name, day, who)


@task(task_run_name=called(mark("Close the campaigns all of whose visits are made")), **PLAIN)
def close_finished(day: date) -> None:
    close.close_finished(day)
