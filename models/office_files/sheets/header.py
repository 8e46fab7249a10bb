"""What the cells of a header, in one row or two, name: columns, and the units of amounts."""

import re
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property

from models.office_files.amounts.amounts import AmountUnit, amount_unit_of
from models.office_files.cells import plain
from models.office_files.columns import LONGEST_HEADER, Column, bare, by_header, usualness
from models.office_files.names.names import clean_name
from models.office_files.sheets.sheet import Cell, Sheet

LATIN, WIDE = re.compile(r"[A-Za-z][A-Za-z .']*"), re.compile(r"[^\x00-\x7f]+")
# What an upper header says of the columns below it: 投资额（万元）, but not 亿元以上项目.
UNIT_BESIDE = re.compile(r"\(([^()]*)\)|[单單]位:(\S+)")
Mapped = Mapping[str, Column | None]  # columns by header, whole or bare; None: the column is only kept


@dataclass(frozen=True)
class Header:
    """A table's header: the index of its last row, its texts, and the columns they name."""

    row_index: int
    texts: tuple[str, ...]
    columns: tuple[Column | None, ...]  # None: the column is kept, but not understood
    written: tuple[str, ...] = ()  # its texts, whatever is known of them
    is_remembered: bool = False  # read by a mapping that a person gave an earlier file
    beside: tuple[Column | None, ...] = ()  # the columns whose field another one has

    @cached_property
    def by_field(self) -> dict[str, str]:
        return {column.field: text for column, text in zip(self.columns, self.texts, strict=True) if column}

    @cached_property
    def amounts(self) -> list[int]:
        """The indexes of the columns of amounts."""
        return [index for index, column in enumerate(self.columns) if column and column.has_unit]

    def unit(self, index: int) -> AmountUnit:
        """The unit that a column's header names, or what stands above it: 投资额（万元） over
        总投资.
        """
        own = amount_unit_of(self.texts[index])
        if own.is_given or not self.written:
            return own
        return amount_unit_of(" ".join(map("".join, UNIT_BESIDE.findall(plain(self.written[index])))))

    def missing(self, columns: Sequence[Column]) -> list[Column]:
        return [column for column in columns if column.is_required and column.field not in self.by_field]


def fitted(row: list[Cell], width: int) -> list[Cell]:
    return row if len(row) >= width else [*row, *[""] * (width - len(row))]


def header_text(cell: Cell) -> str:
    """A header as its column is called: without the star that says it must be filled in."""
    text = clean_name(cell)
    return text.strip("*＊ ") or text


def header_texts(row: list[Cell], width: int) -> list[str]:
    return [header_text(cell) if cell != "" else "" for cell in fitted(row, width)]


class Headers:
    """What headers name: first what `mapping` says, then the headers of `columns`.

    A table whose header a person has mapped before is read by that mapping, unless `mapping` names
    a column of it.
    """

    def __init__(
        self, columns: tuple[Column, ...], mapping: Mapped, remembered: Mapping[str, Mapped] | None = None
    ) -> None:
        self._mapping, self._known, self.remembered = mapping, by_header(columns), remembered or {}

    def remembering(self, header: Header, digest: str) -> "Headers":
        """These headers with what is remembered of that header."""
        former = self.remembered.get(digest)
        if former is None or any(map(self.is_mapped, header.texts)):
            return self
        known = copy(self)
        known._mapping = former
        return known

    def is_known(self, text: str) -> bool:
        return self.is_mapped(text) or bare(text) in self._known

    def is_mapped(self, text: str) -> bool:
        return bool(self._mapping) and (text in self._mapping or bare(text) in self._mapping)

    def named(self, cell: str) -> Column | None:
        """The column that a cell names, if it is a header's."""
        text = header_text(cell)
        return self.mapped(text) if self.is_mapped(text) else self.column(text) or self._once_mapped.get(text)

    @cached_property
    def _once_mapped(self) -> Mapped:
        return {text: column for mapping in self.remembered.values() for text, column in mapping.items()}

    def mapped(self, text: str) -> Column | None:
        return self._mapping[text] if text in self._mapping else self._mapping[bare(text)]

    def column(self, text: str) -> Column | None:
        """The column of a header, even if it is in two languages: 項目名稱 Project name."""
        if (header := bare(text)) in self._known:
            return self._known[header]
        if text.isascii() or len(text) > LONGEST_HEADER or not LATIN.search(text):
            return None
        chinese, english = self._known.get(bare(LATIN.sub("", text))), self._known.get(bare(WIDE.sub("", text)))
        return chinese if chinese is english else None


def paired(sheet: Sheet, index: int, width: int) -> list[tuple[str, ...]]:
    """The names a column of a header in two rows may have: both texts, or the only one."""
    lower = header_texts(sheet.rows[index], width)
    return [
        (over + under, under + over, under) if over and under else (over or under,)
        for over, under in zip(_spread(sheet, index - 1, lower, width), lower, strict=True)
    ]


def _spread(sheet: Sheet, index: int, lower: Sequence[str], width: int) -> list[str]:
    """The upper row of a header, each text repeated over the columns it is merged across."""
    upper = header_texts(sheet.rows[index], width)
    if sheet.merged:
        across = sheet.across(sheet.numbers[index])
        return [upper[across.get(column, column)] for column in range(width)]
    for column in range(1, width):  # text files tell no merged cells
        if not upper[column] and lower[column] and lower[column - 1]:
            upper[column] = upper[column - 1]
    return upper


def header_of(row_index: int, names: Sequence[tuple[str, ...]], known: Headers) -> Header:
    """A header of these texts; of two columns for one field the more usual name has it."""
    texts = tuple(next(filter(known.is_known, choices), choices[0]) for choices in names)
    owners: dict[str, tuple[int, int]] = {}  # rank and index of the column that has a field
    columns: list[Column | None] = []
    for index, text in enumerate(texts):
        is_mapped = bool(text) and known.is_mapped(text)
        column = (known.mapped(text) if is_mapped else known.column(text)) if text else None
        columns.append(column)
        if column:
            rank = -1 if is_mapped else usualness(column, text)
            owners[column.field] = min(owners.get(column.field, (rank, index)), (rank, index))
    is_own = [column is not None and owners[column.field][1] == at for at, column in enumerate(columns)]
    own, beside = (
        tuple(column if is_it is wanted else None for column, is_it in zip(columns, is_own, strict=True))
        for wanted in (True, False)
    )
    return Header(row_index, texts, own, tuple(choices[0] for choices in names), beside=beside)
