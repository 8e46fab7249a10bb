"""Channels that deliver side by side without Prefect, each once."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from contextvars import copy_context

from tasks.notices.delivery import Channel, NotDelivered
from tasks.notices.turns import AT_ONCE


def serve(channels: Sequence[Channel]) -> Iterator[Channel]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        delivering = {pool.submit(copy_context().run, channel.deliver): channel for channel in channels}
        for done in as_completed(delivering):
            with suppress(NotDelivered):
                done.result()
            yield delivering[done]
