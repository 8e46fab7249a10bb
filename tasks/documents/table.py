"""A table as data: typed columns that read cells from rows. The modules beside it print it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum, auto
from operator import itemgetter, methodcaller
from typing import Generic, TypeVar

from tasks.documents.text import Readable, text_of

DAY_WIDTH = 15  # characters of Excel that a day takes: 2013年12月29日
Plain = str | float | Decimal | date | None  # a bool is among them
Cell = Plain | Readable  # and a Word
Cells = Mapping[str, Cell]  # a row by the keys of its columns
Texts = tuple[str, ...]
Row = TypeVar("Row")


class Kind(Enum):
    """What a column holds, and so where its cells stand."""

    TEXT = auto()  # running text, on the left
    SHORT = auto()  # words and figures, in the middle
    FIGURE = auto()  # on the right, amounts in words too
    SHARE = auto()  # a fraction of 1, in per cent
    NUMBER = auto()  # the row's number, counted by the table
    OWN = auto()  # an office's own column: values are shown as Excel shows them


@dataclass(frozen=True)
class Column(Generic[Row]):
    key: str  # of its cells in a row, and in a document's template
    head: str
    width: float = 16  # characters of Excel, of which a Chinese one takes two; in documents a share of the page
    kind: Kind = Kind.TEXT
    value: Callable[[Row], Cell] | None = None  # how a cell is read from a row; None: the row's item of that key
    is_computed: bool = False  # worked out from others; an import takes nothing from it

    @property
    def read(self) -> Callable[[Row], Cell]:
        """How a cell is read from a row; numbers of rows are counted by the table."""
        return self.value or methodcaller("get", self.key)


@dataclass(frozen=True)
class Table(Generic[Row]):
    """Rows below a header. Rows that are an iterator are printed once, and never all in memory."""

    columns: Sequence[Column[Row]]
    rows: Iterable[Row]

    def __post_init__(self) -> None:
        check_keys(self.columns)

    @property
    def heads(self) -> Texts:
        return tuple(column.head for column in self.columns)

    @property
    def cells(self) -> Iterator[tuple[Cell, ...]]:
        readers = [None if column.kind is Kind.NUMBER else column.read for column in self.columns]
        for number, row in enumerate(self.rows, start=1):
            yield tuple(read(row) if read else number for read in readers)

    @property
    def texts(self) -> list[Texts]:
        return [tuple(map(text_of, row)) for row in self.cells]

    def only(self, *keys: str) -> "Table[Row]":
        columns = {column.key: column for column in self.columns}
        return replace(self, columns=[columns[key] for key in keys])


def check_keys(columns: Sequence[Column[Row]]) -> None:
    """Raise `ValueError` if two columns have one key: one's cells would stand in the other, too."""
    keys = Counter(column.key for column in columns)
    if repeated := [key for key, count in keys.items() if count > 1]:
        raise ValueError(f"several columns have the key {', '.join(repeated)}")


def positional(heads: Sequence[str], rows: Iterable[Sequence[Cell]], widths: Sequence[float]) -> Table[Sequence[Cell]]:
    """A table of rows whose cells stand in the order of the columns."""
    columns = enumerate(zip(heads, widths, strict=True))
    return Table([Column(str(index), head, width, value=itemgetter(index)) for index, (head, width) in columns], rows)
