"""A table on a sheet: its header, its unit, and the rows of data below it."""

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from models.i18n import gettext as _
from models.office_files.amounts.amounts import UNKNOWN_UNIT, AmountUnit, amount_unit_of
from models.office_files.amounts.currencies import money_in
from models.office_files.cells import is_blank, plain
from models.office_files.columns import LEDGER, Column, bare, is_ignored
from models.office_files.names.names import clean_name
from models.office_files.rows import Effect, Heading, Problem
from models.office_files.sheets.header import Header, fitted, header_text
from models.office_files.sheets.named_units import (
    LONGEST_TITLE,
    REMARKED_UNIT,
    unit_in_words,
    unit_named,
    unit_word,
)
from models.office_files.sheets.sheet import Broken, Cell, Disputed, PartlyStruck, Row, Shared, Sheet, Struck

KEYS = ("name", "units", "investor")  # what tells projects apart that have no code
MOST_TITLES = 3  # filled cells of a row that is a title: 签约项目, 单位：亿元, 2013年6月
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
ODD = (Broken, Struck, PartlyStruck, Shared, Disputed)  # a cell that is named for another reason
SECTION = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[)）]?[、.．].*")


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
        names = [f"{bare(text)} {unit_in_words(amount_unit_of(text))}" for text in self.header.written]
        width = max((index for index, text in enumerate(self.header.written, 1) if text), default=0)
        return hashlib.sha256("\n".join([*names[:width], unit_in_words(self.unit_above)]).encode()).hexdigest()

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
            row = fitted(filled.get(number, cells), width)
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
            if is_odd and (reason := self._why_skipped(row, fitted(cells, width), plain(start))):
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
        amounts = {*self.header.amounts, *self._kept_money}
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

    @property
    def _kept_money(self) -> list[int]:
        """The indexes of the columns that are only kept, but whose headers name a unit of money."""
        columns = enumerate(self.header.columns)
        return [index for index, column in columns if column is None and self.header.unit(index).is_given]

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

    def _why_skipped(self, row: Row, own: Row, start: str) -> str:
        """Why a row is no data; empty if it is. What is its `own` is not merged down into it."""
        if self._is_header_again(start, row):
            return _("The header is repeated here: the row was skipped.")
        is_subtotal = SUBTOTAL.fullmatch(start.replace(" ", ""))
        if self._is_complete(own) or (self._is_complete(row) and (not is_subtotal or self._has_day(own))):
            return ""
        if is_subtotal:
            return _("This is a subtotal, not a project: it was skipped.")
        is_alone = sum(cell != "" for cell in row) == 1
        if REMARK.fullmatch(start) or (is_alone and self._is_heading(row, start)) or self._is_unit(row):
            return _("This is a remark or a heading, not a project: it was skipped.")
        return ""

    def _is_complete(self, row: Row) -> bool:
        """Whether a row has all required cells, as no subtotal has: 合计大厦 is a project."""
        needed = [cell for cell, column in zip(row, self.header.columns, strict=True) if column and column.is_required]
        return len(needed) > 1 and not any(map(is_blank, needed))

    def _has_day(self, row: Row) -> bool:
        pairs = zip(row, self.header.columns, strict=True)
        return any(column and column.field == "signed_on" and not is_blank(cell) for cell, column in pairs)

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
        same = sum(header_text(cell) == text for cell, text in zip(row, self.header.texts, strict=True) if text)
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
    if is_blank(cell) or isinstance(cell, ODD) or (isinstance(cell, str) and _names_unit(cell)):
        return row
    figure = plain(cell)
    is_likely = unit and figure[-1].isdecimal() and money_in(figure).currency in (None, unit.currency)
    word = unit_word(unit) if unit and is_likely else ""
    return [*row[:index], Disputed(figure, reason, figure + word if word else ""), *row[index + 1 :]]


def _names_unit(cell: str) -> bool:
    """Whether a figure says what it counts: 5000万 and 5000元, but not ￥5000."""
    unit = amount_unit_of(cell)
    return unit.is_given and not (unit.size == 1 and money_in(plain(cell)).is_sign)


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
