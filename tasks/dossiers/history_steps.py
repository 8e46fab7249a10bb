"""Puts the rows of history together into steps: what one transaction did to one thing, with its cells in order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from models.i18n import mark
from models.ledger.history import DERIVED
from tasks.dossiers.history_labels import FIELDS, UNTOLD
from tasks.ledger.history import RecordedChange

OF_AN_ITEM = ("action_item", "blocker", "visit")
"""Tables whose rows are one thing to a reader; they share their key."""
AT_FIRST = {"is_paused": False, "round": 1}
"""What every new item says of itself."""
Subject = tuple[str, str]
"""The table and the key of the thing."""
Cell = tuple[str, str, Any, Any]
"""Table, column, old and new value."""


@dataclass
class Step:
    """What one transaction did to one thing."""

    first: RecordedChange
    subject: Subject
    verb: str
    """What happened to all of it; empty when only some of its cells changed."""
    cells: list[Cell] = field(default_factory=list)


def steps_of(entries: Iterable[RecordedChange]) -> list[Step]:
    """The steps, in the order they began."""
    steps: dict[tuple[object, ...], Step] = {}
    for entry in entries:
        subject, verb = _subject(entry), _verb(entry)
        key = (entry.recorded_at, entry.actor, entry.source, subject, verb)
        steps.setdefault(key, Step(entry, subject, verb)).cells.extend(_cells(entry))
    return list(steps.values())


def _subject(entry: RecordedChange) -> Subject:
    return ("item" if entry.table in OF_AN_ITEM else entry.table), entry.row_id


def _verb(entry: RecordedChange) -> str:
    if entry.column:
        return ""
    return mark("Entered") if entry.old is None else mark("Removed")


def _cells(entry: RecordedChange) -> Iterator[Cell]:
    """The columns an entry tells of."""
    if entry.column:
        cells: Iterable[tuple[str, Any, Any]] = [(entry.column, entry.old, entry.new)]
    else:
        old, new = entry.old or {}, entry.new or {}
        cells = [(column, old.get(column), new.get(column)) for column in {**old, **new}]
    untold = (UNTOLD | {*DERIVED.get(entry.table, ())}) - FIELDS[entry.table].keys()
    for column, before, after in cells:
        is_as_ever = entry.old is None and not entry.column and AT_FIRST.get(column) == after is not None
        if column not in untold and not is_as_ever:
            yield entry.table, column, before, after


def place(cell: Cell) -> tuple[int, int]:
    """Where a field stands in the office's order; unknown ones come last."""
    table, column = cell[:2]
    known = list(FIELDS[table])
    return list(FIELDS).index(table), known.index(column) if column in known else len(known)
