"""Writes a file aside, then moves it into place: readers find it whole or not at all."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write a file that replaces `path` at the end; after an error nothing is left."""
    scratch = path.with_name(f".{secrets.token_hex(8)}{path.suffix}")
    try:
        yield scratch
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
