"""The steps of a delivery as people see them on the page of its run."""

from collections.abc import Iterator, Sequence
from datetime import date

from prefect import task
from prefect.futures import as_completed

from models.i18n import mark
from tasks.notices import blocks, digest, withdrawals
from tasks.notices.delivery import Channel, NotDelivered
from tasks.steps import PLAIN, called, raise_unfinished, retried

PAUSES = [1.0, 3.0, 8.0]  # seconds before a channel is tried again; then the hourly run does


@task(task_run_name=called(mark("Take over channels that were typed in")), **PLAIN)
def take_over_channels() -> None:
    raise_unfinished(blocks.take_over())


@task(task_run_name=called(mark("Gather what everybody must know")), **PLAIN)
def gather(day: date) -> None:
    raise_unfinished([*digest.gather(day), *withdrawals.gather_withdrawals()])


def _heals(fault: BaseException) -> bool:
    return isinstance(fault, NotDelivered) and fault.heals


@task(task_run_name=called(mark("Deliver: %(channel)s")), **PLAIN, **retried(_heals, PAUSES))
def deliver(channel: Channel) -> None:
    channel.deliver()


def serve(channels: Sequence[Channel]) -> Iterator[Channel]:
    """Let each channel deliver by a task of its own; gives it back once it is done."""
    by_future = dict(zip(deliver.map(list(channels)), channels, strict=True))
    for future in as_completed(list(by_future)):
        outcome: object = future.result(raise_on_failure=False)
        if isinstance(outcome, BaseException) and not isinstance(outcome, NotDelivered):
            raise outcome
        yield by_future[future]
