"""Gapless numbers for documents: a transaction that fails gives its numbers back, and the next one waits for it."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

TAKE = """
INSERT INTO counter AS c (name, value) VALUES (:name, :count)
ON CONFLICT (name) DO UPDATE SET value = c.value + excluded.value
RETURNING value
"""


def take_numbers(session: Session, name: str, count: int) -> Sequence[int]:
    """The next so many numbers of a kind of document, from 1."""
    last: int = session.scalars(text(TAKE), {"name": name, "count": count}).one()
    return range(last - count + 1, last + 1)
