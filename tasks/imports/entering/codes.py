"""Codes for projects whose office gives none: LD-2013-001, numbered within the year of signing, without gaps."""

import re
from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models.ledger.project import Project
from tasks.imports.entering.identify import Entry

TAKE_NUMBERS = text(
    "INSERT INTO counter (name, value) VALUES (:name, :used + :count) "
    "ON CONFLICT (name) DO UPDATE SET value = greatest(counter.value, :used) + :count RETURNING value"
)


def give_codes(session: Session, entries: Sequence[Entry]) -> None:
    """Number the new projects that came without a code, in the file's order."""
    nameless = [entry for entry in entries if not entry.code]
    for year, group in groupby(sorted(nameless, key=_year), key=_year):
        these = list(group)
        used = _highest(session, entries, f"LD-{year}-")
        asked = {"name": f"project-code-{year}", "used": used, "count": len(these)}
        last = session.execute(TAKE_NUMBERS, asked).scalar_one()
        for number, entry in enumerate(these, start=last - len(these) + 1):
            entry.code = f"LD-{year}-{number:03}"


def _year(entry: Entry) -> int:
    return entry.row.signed_on.year if entry.row.signed_on else 0


def _highest(session: Session, entries: Sequence[Entry], prefix: str) -> int:
    """The highest number of the year in use: a ledger exported elsewhere brings such codes along."""
    codes = [entry.code for entry in entries]
    codes += session.scalars(select(Project.code).where(Project.code.startswith(prefix)))
    numbers = (re.fullmatch(rf"{prefix}(\d{{1,8}})", code) for code in codes)
    return max((int(number[1]) for number in numbers if number), default=0)
