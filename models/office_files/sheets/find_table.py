"""Finds a table by its header: the row, or the two rows, that name most columns."""

import operator
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from models.office_files.cells import plain
from models.office_files.columns import Column
from models.office_files.rows import CAPITAL_PARTS
from models.office_files.sheets.header import Header, Headers, Mapped, header_of, header_texts, paired
from models.office_files.sheets.sheet import Sheet
from models.office_files.sheets.table import LedgerSheet
from models.words import CapitalKind

TITLE_ROWS = 30  # a header is looked for in the first rows that are not empty
# What a row below the header says of its columns: （万元）, （年月日）.
MEASURE = re.compile(r"\((?!\d+\)).{1,12}\)|[千百万亿萬億]*(?:元|美元)|亩|畝|平方米|m2|个|人|%")
UNCOUNTED = {"栏次", "序号", "甲", "乙", "丙", "丁"}  # columns without a number in a row that counts them


def find_table(sheet: Sheet, columns: tuple[Column, ...], mapping: Mapped) -> LedgerSheet | None:
    """The table whose header names most columns, `mapping` first.

    None if no row names two columns, or one if no more are required.
    """
    width = max(map(len, sheet.rows), default=0)
    return table_of(sheet, columns, Headers(columns, mapping), width)


def table_of(
    sheet: Sheet, columns: tuple[Column, ...], known: Headers, width: int, rows: int = TITLE_ROWS
) -> LedgerSheet | None:
    """The table whose header is among the first rows of a sheet or a part of one."""
    candidates = list(_headers(sheet, known, width, rows))
    if known.remembered:
        for header in (_whole(sheet, candidate, known, width) for candidate in candidates):
            own = known.remembering(header, LedgerSheet(sheet, header).digest)
            if own is not known:
                return LedgerSheet(sheet, replace(_named_anew(header, own), is_remembered=True))
    best = max(candidates, key=lambda header: len(header.by_field), default=None)
    if best is None or len(best.by_field) < min(2, sum(column.is_required for column in columns)):
        return None
    return LedgerSheet(sheet, _whole(sheet, best, known, width))


def _whole(sheet: Sheet, header: Header, known: Headers, width: int) -> Header:
    """A header with the rows below that belong to it."""
    divided = _with_row_below(sheet, _with_whole_capital(header), known, width)  # 到位资金 over 市内 and 市外
    return _with_whole_capital(_with_small_print(sheet, divided))


def _named_anew(header: Header, known: Headers) -> Header:
    """The same header, its columns named by other words."""
    named = header_of(header.row_index, list(zip(header.texts, header.written, strict=True)), known)
    return _with_whole_capital(replace(header, texts=named.texts, columns=named.columns, beside=named.beside))


def _with_whole_capital(header: Header) -> Header:
    """A header that only keeps a column of capital if its amount or its day has none."""
    fields = header.by_field.keys()
    incomplete = {kind for kind in CapitalKind if not {f"{kind}.amount", f"{kind}.happened_on"} <= fields}
    lonely = {f"{kind}.{part}" for kind in incomplete for part in CAPITAL_PARTS}
    if lonely.isdisjoint(fields):
        return header
    columns = tuple(None if column and column.field in lonely else column for column in header.columns)
    return replace(header, columns=columns)


def _headers(sheet: Sheet, known: Headers, width: int, rows: int) -> Iterator[Header]:
    """The candidates: each row alone, then each with the row below it."""
    top = min(rows, len(sheet.rows))
    for index in range(top):
        yield header_of(index, [(text,) for text in header_texts(sheet.rows[index], width)], known)
    for index in range(1, top):
        yield header_of(index, paired(sheet, index, width), known)


def _with_row_below(sheet: Sheet, header: Header, known: Headers, width: int) -> Header:
    """A header with the row below it, if that only divides merged columns."""
    index = header.row_index + 1
    lower = header_texts(sheet.row(index), width)
    across = sheet.across(sheet.numbers[header.row_index])
    divides = [column in across for column, text in enumerate(lower) if text]
    if not divides or not all(divides):
        return header
    both = header_of(index, paired(sheet, index, width), known)
    return both if len(both.by_field) >= len(header.by_field) else header


def _with_small_print(sheet: Sheet, header: Header) -> Header:
    """A header with the rows below it that give its columns units and numbers."""
    index = header.row_index + 1
    lower = [plain(text) for text in header_texts(sheet.row(index), len(header.texts))]
    filled = [text for text in lower if text]
    if filled and all(map(MEASURE.fullmatch, filled)):
        remarks = [text if text[:1] in ("", "(") else f"({text})" for text in lower]
        texts = tuple(map(operator.add, header.texts, remarks))
        written = tuple(map(operator.add, header.written, remarks))
        return _with_small_print(sheet, replace(header, row_index=index, texts=texts, written=written))
    return replace(header, row_index=index) if _are_numbers(filled) else header


def _are_numbers(texts: Sequence[str]) -> bool:
    numbers = [text.strip("()") for text in texts if text not in UNCOUNTED]
    return len(numbers) > 2 and numbers == [str(number) for number in range(1, len(numbers) + 1)]
