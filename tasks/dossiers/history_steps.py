"""Groups the rows of history into steps: what one transaction did to one thing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from models.i18n import mark
from models.tables import Base
from tasks.ledger.history import RecordedChange

OF_AN_ITEM = ("action_item", "visit", "blocker")  # tables whose rows are one thing to a reader; they share their key
AT_FIRST = {"is_paused": False, "round": 1}  # true of every new item
Subject = tuple[str, str]  # the table and the key of the thing


class Cell(NamedTuple):
    table: str
    column: str
    old: object
    new: object

    @property
    def label(self) -> str:
        """What offices call the column, in English; a former column goes by its name."""
        column = Base.metadata.tables[self.table].columns.get(self.column)
        return self.column if column is None else str(column.info.get("label", ""))

    @property
    def place(self) -> tuple[int, int]:
        """Where the column stands in the office's order; former ones come last."""
        columns = list(Base.metadata.tables[self.table].columns.keys())
        table = OF_AN_ITEM.index(self.table) if self.table in OF_AN_ITEM else 0
        return table, columns.index(self.column) if self.column in columns else len(columns)


@dataclass
class HistoryStep:
    first: RecordedChange
    subject: Subject
    verb: str  # what happened to all of it; empty if only some of its cells changed
    cells: list[Cell] = field(default_factory=list)


def steps_of(entries: Iterable[RecordedChange]) -> list[HistoryStep]:
    """The steps, in the order they began."""
    steps: dict[tuple[object, ...], HistoryStep] = {}
    for entry in entries:
        subject = ("item" if entry.table in OF_AN_ITEM else entry.table), entry.row_id
        verb = "" if entry.column else mark("Entered") if entry.old is None else mark("Removed")
        key = (entry.recorded_at, entry.actor, entry.source, subject, verb)
        steps.setdefault(key, HistoryStep(entry, subject, verb)).cells.extend(_cells(entry))
    return list(steps.values())


def _cells(entry: RecordedChange) -> Iterator[Cell]:
    if entry.column:
        cells = [Cell(entry.table, entry.column, entry.old, entry.new)]
    else:
        old, new = entry.old or {}, entry.new or {}
        cells = [Cell(entry.table, column, old.get(column), new.get(column)) for column in {**old, **new}]
    is_new = entry.old is None and not entry.column
    for cell in cells:
        if cell.label and not (is_new and AT_FIRST.get(cell.column) == cell.new is not None):
            yield cell
