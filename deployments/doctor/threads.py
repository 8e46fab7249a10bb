from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def begin(function: Callable[[], T]) -> Future[T]:
    """Call a function in a thread of its own, with our settings and language.

    Not in a pool: Python waits for a pool's threads before it ends, and one that hangs never does.
    """
    result: Future[T] = Future()

    def call() -> None:
        try:
            result.set_result(function())
        except Exception as fault:
            result.set_exception(fault)

    Thread(target=copy_context().run, args=(call,), daemon=True).start()
    return result
