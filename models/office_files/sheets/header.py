"""Finds the table on a sheet: its header, in one row or two, and the rows below it."""

import hashlib
import operator
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

from models.i18n import gettext as _
from models.office_files.amounts.amounts import UNKNOWN_UNIT, AmountUnit, amount_unit_of
from models.office_files.cells import is_blank, plain
from models.office_files.columns import LEDGER, LONGEST_HEADER, Column, bare, by_header, is_ignored, usualness
from models.office_files.names.names import clean_name
from models.office_files.rows import CAPITAL_PARTS, Effect, Heading, Problem
from models.office_files.sheets.sheet import Broken, Cell, Disputed, PartlyStruck, Row, Shared, Sheet, Struck
from models.words import CapitalKind

LONGEST_TITLE = 500  # characters read of a cell above the header
KEYS = ("name", "units", "investor")  # what tells projects apart that have no code
UNITS = ("元", "万元", "百万元", "亿元", "美元", "万美元", "百万美元", "亿美元")  # that a mapping may give
MOST_TITLES = 3  # filled cells of a row that is a title: 签约项目, 单位：亿元, 2013年6月
TITLE_ROWS = 30  # a header is looked for in the first rows that are not empty
SUBTOTAL = re.compile(
    r"其中[:：]?.{0,12}|.{0,12}?(小计|合计|总计|累计|小計|合計|總計|(sub)?total)(?![a-z]).{0,4}[\d个個项項目共计計家:：、,，()（）.]*",
    re.IGNORECASE,
)
REMARK = re.compile(
    r"(注|备注|備註|说明|說明|填报说明|填表人|填报人|制表人?|制表|审核人?|负责人|联系人|联系电话|单位负责人|填报单位|填报时间|填报日期|notes?)\s*[:：].*",
    re.IGNORECASE | re.DOTALL,
)
# In anything a row of a project hardly ever begins with; only such rows are looked at closely.
UNUSUAL = re.compile(
    r"其中|[计計注说說填]|[total]{5}|备|備|制表|审核|负责|联系|单位|note|^\W*[一二三四五六七八九十]", re.IGNORECASE
)
# What a row below the header says of its columns: （万元）, （年月日）.
MEASURE = re.compile(r"\((?!\d+\)).{1,12}\)|[千百万亿萬億]*(?:元|美元)|亩|畝|平方米|m2|个|人|%")
UNCOUNTED = {"栏次", "序号", "甲", "乙", "丙", "丁"}  # columns without a number in a row that counts them
ODD = (Broken, Struck, PartlyStruck, Shared, Disputed)  # a cell that is named for another reason
LATIN, WIDE = re.compile(r"[A-Za-z][A-Za-z .']*"), re.compile(r"[^\x00-\x7f]+")
SECTION = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[)）]?[、.．].*")
ONLY_UNIT = re.compile(
    r"\(?((?:人民[币幣])?(?:[千百]?[万萬]|[亿億千])?(?:[美港欧歐日韩韓澳加]?元|[港台臺日][币幣]|英[镑鎊]))\)?"
)
# What an upper header says of the columns below it: 投资额（万元）, but not 亿元以上项目.
UNIT_BESIDE = re.compile(r"\(([^()]*)\)|[单單]位:(\S+)")
REMARKED_UNIT = re.compile(
    r"(?:[备備]?[注註]|[说說]明|notes?)\s*[:：]\s*(?=(?:以上|本表|表中|金额|投资额?|均)*[单單]位|unit)", re.IGNORECASE
)
SHEET_UNIT = re.compile(r"(?:[单單]位|unit)\s*[:(]\s*(.+?)(?:[;。]|,(?!\d)|[汇匯]率|$)", re.IGNORECASE)


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


@dataclass(frozen=True)
class Body:
    numbers: list[int]
    rows: list[list[Cell]]
    notes: list[Problem]
    units: dict[int, AmountUnit]  # that rows without data name, by the row's number


@dataclass(frozen=True)
class LedgerSheet:
    """A table on a sheet, with the sheet's rows from its titles to its last row."""

    sheet: Sheet
    header: Header
    unit_of_sheet: AmountUnit | None = None  # above the first table, if this one's amounts have the same headers
    repeated: frozenset[int] = frozenset()  # numbers of rows that repeat the header
    unit_name: str = ""  # the unit that its sheet is called after, and that rows without one belong to

    @property
    def heading(self) -> Heading:
        """Its header, as the rejects workbook and the reports need it."""
        numbers = self.sheet.numbers
        return Heading(numbers[self.header.row_index], self.header.texts, self.header.by_field, numbers[0])

    @cached_property
    def titles(self) -> tuple[str, ...]:
        return titles_of(self.sheet.rows[: self.header.row_index])

    @cached_property
    def digest(self) -> str:
        """What tells its header from others: names and units of the columns, and the unit above."""
        names = [f"{bare(text)} {_in_words(amount_unit_of(text))}" for text in self.header.written]
        width = max((index for index, text in enumerate(self.header.written, 1) if text), default=0)
        return hashlib.sha256("\n".join([*names[:width], _in_words(self.unit_above)]).encode()).hexdigest()

    @cached_property
    def unit_above(self) -> AmountUnit | None:
        """The unit that stands above the header: 单位：万元."""
        return next(filter(None, map(unit_named, self.titles)), None)

    def unit(self, body: Body) -> AmountUnit:
        """The unit of figures whose column names none: 单位：万元 above the header or below it."""
        units = self.units_named(body)
        # Of two units one is wrong for some figures, ten thousand times too large
        return units.pop() if len(units) == 1 and units.issuperset(body.units.values()) else UNKNOWN_UNIT

    def units_named(self, body: Body) -> set[AmountUnit]:
        """What stands above the header, below it, or below the last row; not what begins a
        section.
        """
        above = self.unit_above or self.unit_of_sheet
        around = {unit for number, unit in body.units.items() if not _is_within(number, body)}
        return around | ({above} if above else set())

    def unit_of_column(self, index: int, otherwise: AmountUnit) -> AmountUnit:
        """The unit of a column of amounts: a person's, that in its header, or `otherwise`."""
        column, own = self.header.columns[index], self.header.unit(index)
        given = column.unit if column else None
        # 钱（万元） that a person mapped as 万元 says nothing of 钱（亿元）
        is_other = own.is_given and column and column.given_for != self.header.texts[index]
        if given and not (is_other and column and amount_unit_of(column.given_for) == given):
            return given
        return own if own.is_given else otherwise

    def contradicted(self, body: Body) -> set[AmountUnit]:
        """The units around the table if none of its columns of amounts is read in one of them."""
        units = {self.unit_of_column(index, UNKNOWN_UNIT) for index in self.header.amounts}
        around = self.units_named(body)
        return around if units and UNKNOWN_UNIT not in units and around.isdisjoint(units) else set()

    def body(self) -> Body:
        """Every row of data below the header, merged cells filled in."""
        body = Body([], [], [], {})
        first, width = self.header.row_index + 1, len(self.header.texts)
        filled = self.sheet.filled(self.sheet.numbers[self.header.row_index])
        texts, has_amounts = set(self.header.texts), bool(self.header.amounts)
        again = _("The header is repeated here: the row was skipped.")
        for number, cells in zip(self.sheet.numbers[first:], self.sheet.rows[first:], strict=True):
            row = _fitted(filled.get(number, cells), width)
            # What stands in the row itself tells a subtotal, not what is merged down into it
            start = _start(cells)
            if number in filled and (start == "" or start not in row):
                start = _start(row)
            if start == "":
                continue
            if number in self.repeated:
                body.notes.append(Problem(self.sheet.name, number, "", clean_name(start)[:60], again, Effect.NOTE))
                continue
            blanks = row.count("")
            is_alone = blanks >= width - 1
            if is_alone and plain(start).isdigit() and is_ignored(self.header.texts[row.index(start)]):
                continue  # rows numbered beforehand and left empty
            is_sparse = has_amounts and blanks >= width - MOST_TITLES
            is_odd = isinstance(start, str) and (
                is_alone or is_sparse or UNUSUAL.search(start) or clean_name(start) in texts
            )
            if is_odd and (reason := self._why_skipped(row, plain(start))):
                if has_amounts and (unit := self._unit_of_row(row)):
                    body.units[number] = unit
                body.notes.append(Problem(self.sheet.name, number, "", clean_name(start)[:60], reason, Effect.NOTE))
            else:
                body.numbers.append(number)
                body.rows.append(row)
        self._mark_shared(body)
        self._mark_disputed(body)
        return body

    def _mark_shared(self, body: Body) -> None:
        """Mark figures merged over several projects: nobody can say whose they are."""
        amounts = set(self.header.amounts)
        places = {column.field: place for place, column in enumerate(self.header.columns) if column}
        keys = [places[field] for field in KEYS if field in places]
        reached: dict[int, int] = {}  # by column; overlapping ranges are looked at once
        for top, left, bottom, _right in sorted(area for area in self.sheet.merged if area[1] in amounts):
            first = bisect_left(body.numbers, max(top, reached.get(left, 0)))
            last = bisect_right(body.numbers, bottom)
            reached[left] = max(reached.get(left, 0), bottom + 1)
            rows = body.rows[first:last]
            if len(rows) < 2 or is_blank(rows[0][left]):
                continue
            codes = {clean_name(row[places["code"]]) for row in rows} if "code" in places else {""}
            names = [{clean_name(row[place]) for row in rows} - {""} for place in keys]
            is_one = len(codes) == 1 and codes != {""}
            if len(codes - {""}) > 1 or (not is_one and any(len(texts) > 1 for texts in names)):
                body.rows[first:last] = [[*row[:left], Shared(plain(rows[0][left])), *row[left + 1 :]] for row in rows]

    def _mark_disputed(self, body: Body) -> None:
        """Mark figures for which the sheet and the header, or the mapping, name different units."""
        for index in self.header.amounts:
            if reason := self._dispute(index, body):
                body.rows[:] = [_disputed(row, index, reason, None) for row in body.rows]
        sections = [number for number in sorted(body.units) if _is_within(number, body)]
        if not sections:
            return
        table_unit = self.unit(body)
        units = {index: self.unit_of_column(index, table_unit) for index in self.header.amounts}
        for number, end in zip(sections, [*sections[1:], body.numbers[-1] + 1], strict=True):
            unit = body.units[number]
            if unit in units.values():
                continue
            first, last = bisect_right(body.numbers, number), bisect_left(body.numbers, end)
            reason = _(
                "Row %(row)s says %(unit)s, and the header does not: write the unit into the cell, or repeat the "
                "header with this unit above these rows."
            )
            reason %= {"row": number, "unit": unit_word(unit) or _("another unit")}
            for index in (index for index, own in units.items() if own.is_given):
                body.rows[first:last] = [_disputed(row, index, reason, unit) for row in body.rows[first:last]]

    def _dispute(self, index: int, body: Body) -> str:
        """Why nobody can say in which unit a column stands that a person gave one; or ""."""
        column, own = self.header.columns[index], self.header.unit(index)
        if not column or not column.unit or self.unit_of_column(index, UNKNOWN_UNIT) != column.unit:
            return ""
        is_whole = column.given_for == self.header.texts[index]
        other = {own} - {column.unit} if own.is_given and not is_whole else set()
        if not own.is_given:
            other = self.contradicted(body)
        if not other:
            return ""
        words = {"given": unit_word(column.unit), "unit": " / ".join(map(unit_word, other)) or _("another unit")}
        reason = _(
            "`mapping` says %(given)s, the sheet %(unit)s: leave the unit out of `mapping`, or write the right one "
            "into the column's header."
        )
        return reason % words

    def _unit_of_row(self, row: Row) -> AmountUnit | None:
        """The unit that a row without data names: 市级项目（单位：亿元）, 注：单位：亿元."""
        texts = [plain(cell[:LONGEST_TITLE]) for cell in row if isinstance(cell, str) and cell != ""]
        if REMARK.fullmatch(texts[0]):
            texts = [REMARKED_UNIT.sub("", text) for text in texts if REMARKED_UNIT.match(text)]
        return next(filter(None, map(unit_named, texts)), None) or self._unit_of_header_in(row)

    def _unit_of_header_in(self, row: Row) -> AmountUnit | None:
        """The unit in a header of amounts that stands again below itself: 总投资（亿元）."""
        cells = ((row[index], self.header.texts[index]) for index in self.header.amounts)
        again = (amount_unit_of(cell) for cell, text in cells if isinstance(cell, str) and bare(cell) == bare(text))
        return next((unit for unit in again if unit.is_given), None)

    def _why_skipped(self, row: Row, start: str) -> str:
        """Why a row is no data; empty if it is."""
        if self._is_header_again(start, row):
            return _("The header is repeated here: the row was skipped.")
        if self._is_complete(row):
            return ""
        if SUBTOTAL.fullmatch(start.replace(" ", "")):
            return _("This is a subtotal, not a project: it was skipped.")
        is_alone = sum(cell != "" for cell in row) == 1
        if REMARK.fullmatch(start) or (is_alone and self._is_heading(row, start)) or self._is_unit(row):
            return _("This is a remark or a heading, not a project: it was skipped.")
        return ""

    def _is_complete(self, row: Row) -> bool:
        """Whether a row has all required cells, as no subtotal has: 合计大厦 is a project."""
        needed = [cell for cell, column in zip(row, self.header.columns, strict=True) if column and column.is_required]
        return len(needed) > 1 and not any(map(is_blank, needed))

    def _is_unit(self, row: Row) -> bool:
        """Whether a row says little but the unit of the rows below it."""
        filled = {index: cell for index, cell in enumerate(row) if cell != "" and not is_blank(cell)}
        if not 0 < len(filled) <= MOST_TITLES or not all(isinstance(cell, str) for cell in filled.values()):
            return False
        units = {index for index, cell in filled.items() if unit_named(str(cell))}
        named = {index for index, column in enumerate(self.header.columns) if column and column.field in KEYS[:2]}
        if not units and self._unit_of_header_in(row):
            return not named <= filled.keys()
        return bool(units) and (not named <= filled.keys() or not units.isdisjoint(named))

    def _is_header_again(self, start: str, row: Row) -> bool:
        """Whether the row repeats the header, as offices do on each page."""
        if bare(start) not in self._bare_texts:
            return False
        same = sum(clean_name(cell) == text for cell, text in zip(row, self.header.texts, strict=True) if text)
        return same > len(self.header.by_field) // 2

    @cached_property
    def _bare_texts(self) -> set[str]:
        return {bare(text) for text in self.header.texts}

    def _is_heading(self, row: Row, first: str) -> bool:
        """Whether a row's only cell is the heading of a section; not on a sheet of one column."""
        column = next(column for cell, column in zip(row, self.header.columns, strict=True) if cell != "")
        is_list = len(self.header.by_field) < 2
        is_section = bool(SECTION.fullmatch(first)) or unit_named(first) is not None
        return not is_list and (column is None or not column.is_required or is_section)


def _is_within(number: int, body: Body) -> bool:
    """Whether a row stands between two rows of data."""
    return bool(body.numbers) and body.numbers[0] < number < body.numbers[-1]


def _disputed(row: list[Cell], index: int, reason: str, unit: AmountUnit | None) -> list[Cell]:
    """A row with its figure marked, if the cell itself names no unit."""
    cell = row[index]
    if is_blank(cell) or isinstance(cell, ODD) or (isinstance(cell, str) and amount_unit_of(cell).is_given):
        return row
    figure = plain(cell)
    word = unit_word(unit) if unit and figure[-1].isdecimal() else ""
    return [*row[:index], Disputed(figure, reason, figure + word if word else ""), *row[index + 1 :]]


def unit_word(unit: AmountUnit) -> str:
    """How a mapping writes a unit; "" if it has no word for it."""
    return next((word for word in UNITS if amount_unit_of(word) == unit), "")


def _in_words(unit: AmountUnit | None) -> str:
    return f"{unit.size} {unit.currency} {unit.is_either}" if unit else ""


def unit_named(text: str) -> AmountUnit | None:
    """The unit that a title gives the figures of its sheet: 单位：万元, or (万元) and nothing
    else.
    """
    title = clean_name(plain(text))
    match = ONLY_UNIT.fullmatch(title) or SHEET_UNIT.search(title)
    unit = amount_unit_of(match[1]) if match else UNKNOWN_UNIT
    return unit if unit.is_given else None


def nameless(table: LedgerSheet) -> list[Column]:
    """The missing columns among those that identify a project: its code alone, or name and unit."""
    missing = [] if "code" in table.header.by_field else table.header.missing(LEDGER)
    needed = ("name",) if table.unit_name else ("name", "units")
    return [column for column in missing if column.field in needed]


def titles_of(rows: Iterable[Row]) -> tuple[str, ...]:
    texts = (cell[:LONGEST_TITLE] for row in rows for cell in row if isinstance(cell, str))
    return tuple(text for text in map(plain, texts) if text)


def _start(row: Row) -> Cell:
    """The first cell of a row that says something."""
    start = next((cell for cell in row if cell != ""), "")
    if isinstance(start, str) and (len(start) < 3 or start.isspace()):
        return next((cell for cell in row if cell != "" and not is_blank(cell)), "")
    return start


def _fitted(row: list[Cell], width: int) -> list[Cell]:
    return row if len(row) >= width else [*row, *[""] * (width - len(row))]


def _texts(row: list[Cell], width: int) -> list[str]:
    return [clean_name(cell) if cell != "" else "" for cell in _fitted(row, width)]


Mapped = Mapping[str, Column | None]  # columns by header, whole or bare; None: the column is only kept


class Headers:
    """What headers name: first what `mapping` says, then the headers of `columns`.

    A table whose header a person has mapped before is read by that mapping, unless `mapping` names
    a column of it.
    """

    def __init__(
        self, columns: tuple[Column, ...], mapping: Mapped, remembered: Mapping[str, Mapped] | None = None
    ) -> None:
        self._mapping, self._known, self.remembered = mapping, by_header(columns), remembered or {}

    def remembering(self, table: LedgerSheet) -> "Headers":
        """These headers with what is remembered of that table's."""
        former = self.remembered.get(table.digest)
        if former is None or any(map(self.is_mapped, table.header.texts)):
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
        text = clean_name(cell)
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
            own = known.remembering(LedgerSheet(sheet, header))
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
        yield header_of(index, [(text,) for text in _texts(sheet.rows[index], width)], known)
    for index in range(1, top):
        yield header_of(index, paired(sheet, index, width), known)


def _with_row_below(sheet: Sheet, header: Header, known: Headers, width: int) -> Header:
    """A header with the row below it, if that only divides merged columns."""
    index = header.row_index + 1
    lower = _texts(sheet.row(index), width)
    across = sheet.across(sheet.numbers[header.row_index])
    divides = [column in across for column, text in enumerate(lower) if text]
    if not divides or not all(divides):
        return header
    both = header_of(index, paired(sheet, index, width), known)
    return both if len(both.by_field) >= len(header.by_field) else header


def _with_small_print(sheet: Sheet, header: Header) -> Header:
    """A header with the rows below it that give its columns units and numbers."""
    index = header.row_index + 1
    lower = [plain(text) for text in _texts(sheet.row(index), len(header.texts))]
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


def paired(sheet: Sheet, index: int, width: int) -> list[tuple[str, ...]]:
    """The names a column of a header in two rows may have: both texts, or the only one."""
    lower = _texts(sheet.rows[index], width)
    return [
        (over + under, under + over, under) if over and under else (over or under,)
        for over, under in zip(_spread(sheet, index - 1, lower, width), lower, strict=True)
    ]


def _spread(sheet: Sheet, index: int, lower: Sequence[str], width: int) -> list[str]:
    """The upper row of a header, each text repeated over the columns it is merged across."""
    upper = _texts(sheet.rows[index], width)
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
