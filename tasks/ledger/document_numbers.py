"""Numbers documents without gaps: a failed transaction gives its numbers back."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

TAKE = """
INSERT INTO counter AS c (name, value) VALUES (:name, :count)
ON CONFLICT (name) DO UPDATE SET value = c.value + excluded.value
RETURNING value
"""


def notices_of(year: int) -> str:
    """The counter of a year's supervision notices."""
    return f"supervision notice {year}"


def take_numbers(session: Session, name: str, count: int) -> Sequence[int]:
    """The next `count` numbers of that kind of document; the first is 1."""
    last: int = session.scalars(text(TAKE), {"name": name, "count": count}).one()
    return range(last - count + 1, last + 1)
