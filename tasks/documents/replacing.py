"""Writes a file aside and then puts it in its place, so that a reader finds it whole or not at all."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write the file that takes the place of `path` at the end; nothing is left of it after an error."""
    scratch = path.with_name(f".{secrets.token_hex(8)}{path.suffix}")
    try:
        yield scratch
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
