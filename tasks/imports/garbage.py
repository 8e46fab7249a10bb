"""Python's search for unused cycles, put off while rows are handled by the hundred thousand."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_blocks = 0


@contextmanager
def no_search_for_cycles() -> Iterator[None]:
    """Inside the block, of however many threads, Python looks for no cycles.

    Rows of a file hold none, and every search goes through all of them: a quarter of an import's time.
    """
    global _blocks
    with _lock:
        _blocks += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _blocks -= 1
            if not _blocks:
                gc.enable()
