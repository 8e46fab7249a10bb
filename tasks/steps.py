"""What the runs and tasks have in common: a name in the office's language; no task stores anything.

No task has a `timeout_seconds`: in a worker's thread Prefect's can interrupt no system call, and
warns so in the log of every run. What may hang has a deadline of its own: the receiver of a
message, the process that reads a file, the run as a whole.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypedDict, cast

from prefect import Task
from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import flow_run
from prefect.tasks import TaskRunNameCallbackWithParameters

from models.i18n import clauses
from models.i18n import gettext as _


class TaskOptions(TypedDict):
    cache_policy: CachePolicy
    persist_result: bool


class Retries(TypedDict):
    retries: int
    retry_delay_seconds: list[float]
    retry_condition_fn: Callable[[Task[..., Any], TaskRun, State[Any]], bool]


PLAIN: Final[TaskOptions] = {"cache_policy": NO_CACHE, "persist_result": False}


def called(text: str) -> TaskRunNameCallbackWithParameters:
    """A task's run name: the text in the office's language, with the task's arguments put in."""

    def name(parameters: dict[str, Any]) -> str:
        return _(text) % parameters

    return cast(TaskRunNameCallbackWithParameters, name)


def begun(text: str) -> Callable[[], str]:
    """A flow's run name, with the run's parameters put in."""

    def name() -> str:
        return _(text) % cast(dict[str, Any], flow_run.parameters)

    return name


def retried(heals: Callable[[BaseException], bool], pauses: list[float]) -> Retries:
    """Options of a task that is tried again after each pause, as long as its fault can heal."""

    def is_worth_it(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
        return isinstance(state.data, BaseException) and heals(state.data)

    return {"retries": len(pauses), "retry_delay_seconds": pauses, "retry_condition_fn": is_worth_it}


class Unfinished(RuntimeError):
    """A step that could not do everything: its run goes on, and says so at its end."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(clauses(problems))
        self.problems = list(problems)


def raise_unfinished(problems: Sequence[str]) -> None:
    if problems:
        raise Unfinished(problems)


def problems_of(step: Callable[[], object]) -> list[str]:
    """Take a step; returns what it could not do."""
    try:
        step()
    except Unfinished as unfinished:
        return unfinished.problems
    return []


def try_to(step: Callable[[], object], failure: str) -> str:
    """Take a step whose failure ends nothing else; returns `failure` with its reason, if any."""
    try:
        step()
    except Exception as fault:  # the task's own log has it
        return failure % {"why": f"{type(fault).__name__}: {fault}"}
    return ""
