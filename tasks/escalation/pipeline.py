"""The steps of a sweep, of what undoes it and of what sets it, as the pages of their runs show."""

from datetime import date

from prefect import task

from models.escalation.policy import PolicyNumbers, Scope
from models.i18n import mark
from tasks.escalation import backlog, policy, report, sweep, trial, undo
from tasks.escalation.backlog import Beginning, Begun
from tasks.escalation.undo import Undoing
from tasks.steps import PLAIN, called


@task(task_run_name=called(mark("Fire what is due on %(day)s")), **PLAIN)
def fire_due_steps(day: date, today: date | None = None) -> int:
    return len(sweep.sweep(day, today))


@task(task_run_name=called(mark("Report on the sweep of %(day)s")), **PLAIN)
def report_sweep(day: date) -> None:
    report.show_sweep(day)


@task(task_run_name=called(mark("Try what the sweep of %(day)s would fire")), **PLAIN)
def try_sweep(day: date) -> int:
    tried = trial.try_sweep(day)
    trial.show_trial(tried)
    return tried.fires


@task(task_run_name=called(mark("Look what undoing would withdraw")), **PLAIN)
def look_at_sweep(number: int) -> Undoing:
    return undo.would_undo(number)


@task(task_run_name=called(mark("Withdraw steps, notices and numbers")), **PLAIN)
def withdraw_sweep(number: int, who: str, why: str) -> Undoing:
    return undo.undo(number, who, why)


@task(task_run_name=called(mark("Look who would hear")), **PLAIN)
def try_backlog(who: str, wanted: Beginning) -> Begun:
    return backlog.begin(who, wanted, dry_run=True)


@task(task_run_name=called(mark("Let the backlog begin there")), **PLAIN)
def let_backlog_begin(who: str, wanted: Beginning) -> Begun:
    return backlog.begin(who, wanted)


@task(task_run_name=called(mark("Compare what would fire by the present and the new numbers")), **PLAIN)
def compare_numbers(numbers: PolicyNumbers, scope: Scope, day: date) -> None:
    policy.show_comparison(numbers, scope, day)


@task(task_run_name=called(mark("Let the new numbers apply")), **PLAIN)
def adopt_numbers(who: str, numbers: PolicyNumbers, scope: Scope) -> int:
    return policy.adopt_numbers(who, numbers, scope)
