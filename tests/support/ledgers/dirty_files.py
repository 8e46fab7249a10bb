"""A city's ledger that comes in file after file, each dirtied at random as offices do it.

Every cell knows what it means and in which way it is dirty. Nothing of Luodi is used here.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from support.ledgers.dirty_cells import SIZES, TEN_THOUSAND, Cells, Settings, Truth, Written, chinese
from support.ledgers.dirty_words import (
    COUNTIES,
    HEADERS,
    INVESTORS,
    LEADERS,
    NAMES,
    OFFICERS,
    PROBLEMS,
    PROGRESS,
    SECOND_HEADERS,
    SECTIONS,
    SHEET_TITLES,
    TITLED,
    UNKNOWN_HEADERS,
)
from support.ledgers.excel_97 import write_xls
from support.ledgers.ods import write_ods
from support.ledgers.pages import PLAIN, Area, Page

ALWAYS = ("name", "units", "amount", "signed_on")  # the fields that every table has a column for
UNITS = ("万元", "万元", "亿元", "元", "")
OWN_UNIT = re.compile(r"\s*[（(/].*", re.DOTALL)  # behind a header
Grid = list[list[Written]]


@dataclass
class Line:
    """A row about a project; `columns` and `header` are its table's, by field."""

    project: Truth
    cells: dict[str, Written] = field(default_factory=dict)
    columns: dict[str, tuple[int, ...]] = field(default_factory=dict)  # from 1
    header: dict[str, tuple[str, ...]] = field(default_factory=dict)  # the texts that may be its name
    heading: range = range(0)  # the numbers of the header's rows
    sheet: str = ""
    number: int = 0
    is_struck: bool = False


@dataclass
class DirtyFile:
    day: date
    lines: list[Line]
    path: Path
    is_written_as: str = ""  # the kind of file

    @property
    def kinds(self) -> set[str]:
        return {cell.kind for line in self.lines for cell in line.cells.values()}


class City:
    """Writes one ledger after the other, always the same for a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - not for secrets
        self.codes = self.random.choice(("office", "office", "running", "none", "luodi"))
        self.projects = [self._project(number) for number in range(self.random.randint(3, len(NAMES)))]
        self.is_read_at_once = self.codes == "luodi" or self.random.random() < 0.7

    def _project(self, number: int) -> Truth:
        pick = self.random.choice
        cells = {
            "investor": pick(INVESTORS),
            "units": pick(COUNTIES[:2]),
            "amount": self._amount(),
            "signed_on": date(2012, 1, 1) + timedelta(self.random.randrange(500)),
            "officer": pick(OFFICERS[:3]),
            "leader": pick((*LEADERS[:3], *TITLED)),
            "planned_on": date(2013, 7, 1) + timedelta(self.random.randrange(400)),
            "progress": pick(PROGRESS),
            "problem": pick(PROBLEMS),
            "status": "推进中",
            "remark": f"备查{number}",
        }
        phase = pick(("", "", "（一期）", "(二期)"))
        code = "" if self.codes == "luodi" else f"PY-2012-{number + 1:03}"
        return Truth(code, NAMES[number % len(NAMES)] + phase, cells, rarely=pick(("investor", "signed_on")))

    def _amount(self) -> Decimal:
        return Decimal(self.random.randint(100, 50000)) * 10**5

    def live_on(self) -> None:
        """Let a month pass: some things have changed since, and a project may have a namesake."""
        for project in self.projects:
            new = self._project(0).cells
            shares = {"units": 0.0, "investor": 0.0, "signed_on": 0.0, project.rarely: 0.2}
            for name in project.cells:
                if self.random.random() < shares.get(name, 0.3):
                    project.cells[name] = new[name]
        if self.codes in ("office", "luodi") and self.random.random() < 0.3:
            self.projects.append(self._namesake())

    def _namesake(self) -> Truth:
        """Another project with the name of one, as its code, its investor and its day say."""
        other = self.random.choice(self.projects)
        new = self._project(len(self.projects))
        new.name, new.code = other.name, f"PY-2013-{len(self.projects) + 1:03}"
        new.cells["investor"] = self.random.choice([one for one in INVESTORS if one != other.cells["investor"]])
        return new

    def file(self, day: date, folder: Path) -> DirtyFile:
        """The ledger as it stands on that day, written to a file in the folder."""
        lines = [Line(project) for project in self.projects]
        self.random.shuffle(lines)
        kind = self.random.choice(("xlsx", "xlsx", "xlsx", "xlsx", "ods", "xls", "csv"))
        cells = Cells(self.random, kind, is_from_1904=kind == "xlsx" and self.random.random() < 0.1)
        in_name = self.random.random() < 0.5
        name = f"招商引资台账{day:%Y%m%d}.{kind}" if in_name else f"台账.{kind}"
        title = "濮阳市招商引资台账" if in_name else f"濮阳市招商引资台账（截至{chinese(day)}）"
        sheets: list[Sheet] = []
        if kind != "csv" and self.random.random() < 0.1:
            for unit in COUNTIES[:2]:
                sheet = Sheet(self, cells, unit, title, is_of_unit=True)
                if own := [line for line in lines if line.project.cells["units"] == unit]:
                    sheet.table(own)
                    sheets.append(sheet)
        else:
            sheet_name = "台账" if self.random.random() < 0.6 else self.random.choice(SHEET_TITLES)
            sheets.append(Sheet(self, cells, Path(name).stem if kind == "csv" else sheet_name, title))
            sheets[0].tables(lines)
        save(folder / name, kind, sheets, is_from_1904=cells.is_from_1904)
        return DirtyFile(day, lines, folder / name, kind)


@dataclass
class Table:
    """A header, as the rows below it need it."""

    fields: list[str]
    settings: Settings
    header: dict[str, tuple[str, ...]]
    texts: list[str]
    heading: range
    rows: Grid  # of its header
    kind: str  # of the dirt of all its cells
    lines: list[Line] = field(default_factory=list)
    is_proven: bool = False  # rows above have settled in which order its days are


class Sheet:
    """Writes tables of lines into a grid, a dirty cell here and there."""

    def __init__(self, city: City, cells: Cells, name: str, title: str, *, is_of_unit: bool = False) -> None:
        self.city, self.cells, self.random, self.name = city, cells, city.random, name
        self.is_of_unit = is_of_unit
        self.grid: Grid = [[Written(title)]]
        self.merged: list[Area] = []
        self.kind = "14 sheet called after a unit" if is_of_unit else ""
        self.unit_of_title, self.amount_below_title = "", ""
        if name in SHEET_TITLES[2:5]:
            self.kind = "14 sheet with an odd name"

    def tables(self, lines: Sequence[Line]) -> None:
        """Write the lines as one table, or the last of them as another or in a section."""
        has_two = len(lines) > 2 and self.random.random() < 0.6
        cut = self.random.randrange(1, len(lines)) if has_two else len(lines)
        first = self.table(lines[:cut])
        if not has_two:
            return
        below = (self._own, self._own, self._repeated, self._in_another_unit, self._section, self._unknown, self._odd)
        self.random.choice(below)(lines[cut:], first)

    # The parts of a sheet

    def table(self, lines: Sequence[Line], kind: str = "") -> Table:
        fields = [name for name in HEADERS if name in ALWAYS or self.random.random() < 0.8]
        fields = [name for name in fields if not (name == "units" and self.is_of_unit)]
        if self.city.codes == "none" and "code" in fields:
            fields.remove("code")
        self.random.shuffle(fields)
        fields += [f"{name} 2" for name in SECOND_HEADERS if name in fields and self.random.random() < 0.05]
        table = self._headed(fields, kind)
        self._rows(lines, table)
        return table

    def _own(self, lines: Sequence[Line], first: Table) -> None:
        if self.random.random() < 0.5:
            self.grid.append([Written(self.random.choice(SECTIONS))])
        if self.random.random() < 0.3:
            self.grid.append([])
        self.table(lines, "3 second table")

    def _repeated(self, lines: Sequence[Line], first: Table) -> None:
        self.grid += first.rows
        self._rows(lines, replace(first, kind=first.kind or "3 repeated header"))

    def _in_another_unit(self, lines: Sequence[Line], first: Table) -> None:
        """The same header again, but its amounts in another unit."""
        other = self.random.choice([unit for unit in SIZES if unit != first.settings.unit])
        texts = [self._in_unit(text, name, other) for text, name in zip(first.texts, first.fields, strict=True)]
        self._again(lines, first, texts, other, "3 repeated header in another unit")

    def _again(self, lines: Sequence[Line], first: Table, texts: list[str], unit: str, kind: str) -> None:
        row = [Written(text) for text in texts]
        self.grid.append(row)
        number = len(self.grid)
        header = {**first.header, "amount": (*first.header["amount"], texts[first.fields.index("amount")])}
        settings = replace(first.settings, unit=unit, unit_kind=kind, is_unit_doubtful=False)
        self._rows(lines, Table(first.fields, settings, header, texts, range(number, number + 1), [row], kind))

    @staticmethod
    def _in_unit(text: str, name: str, unit: str) -> str:
        return f"{OWN_UNIT.sub('', text)}（{unit}）" if name.startswith("amount") else text

    def _section(self, lines: Sequence[Line], first: Table) -> None:
        """The title of a section names another unit than the header; the rows below are in it."""
        other = self.random.choice([unit for unit in ("万元", "亿元") if unit != first.settings.unit])
        section = self.random.choice(SECTIONS)
        row = self.random.choice(
            (
                [f"{section}（单位：{other}）"],
                [section, "", "", f"单位：{other}"],
                ["", "", "", other],
                [f"单位：{other}"],
            )
        )
        self.grid.append([Written(text) for text in row])
        kind = "5 section in another unit"
        if not any("元" in text for text in first.header["amount"]):
            for line in first.lines:  # now two units stand around them: what a cell shows counts
                cell = line.cells["amount"]
                if cell.kind == "4 number format" and cell.means is None:
                    cell.means, cell.must_be_named = line.project.cells["amount"], False
        settings = replace(first.settings, unit=other, unit_kind=kind, is_unit_doubtful=False)
        self._rows(lines, replace(first, settings=settings, kind=kind))

    def _unknown(self, lines: Sequence[Line], first: Table) -> None:
        """A header of words that nobody knows, in another unit, perhaps in other order."""
        fields = [name for name in first.fields if name in UNKNOWN_HEADERS]
        if self.random.random() < 0.5:
            self.random.shuffle(fields)
        kind = "3 lower header of unknown words"
        unit = self.random.choice(("万元", "亿元"))
        texts = [UNKNOWN_HEADERS[name] + (f"（{unit}）" if name == "amount" else "") for name in fields]
        row = [Written(text) for text in texts]
        self.grid.append(row)
        number = len(self.grid)
        header = {name: (text, *first.header.get(name, ())) for name, text in zip(fields, texts, strict=True)}
        settings = replace(first.settings, unit=unit, unit_kind=kind, is_unit_doubtful=False)
        self._rows(lines, Table(fields, settings, header, texts, range(number, number + 1), [row], kind))

    def _odd(self, lines: Sequence[Line], first: Table) -> None:
        """The first header in another unit, with a struck cell or with a number among its words."""
        other = self.random.choice([unit for unit in SIZES if unit != first.settings.unit])
        texts = [self._in_unit(text, name, other) for text, name in zip(first.texts, first.fields, strict=True)]
        self._again(lines, first, texts, other, "3 odd lower header")
        row = self.grid[lines[0].number - 2]
        odd = self.random.choice([place for place, name in enumerate(first.fields) if name not in ALWAYS] or [0])
        if self.cells.has_looks and self.random.random() < 0.5:
            row[odd] = Written(row[odd].shows, look=PLAIN._replace(is_struck=True))
        elif first.fields[odd] not in ALWAYS:
            row[odd] = Written(self.random.choice((1, 5, 2013)))
            for line in lines:
                if cell := line.cells.get(first.fields[odd].removesuffix(" 2")):
                    cell.has_header = False

    # Headers

    def _headed(self, fields: list[str], kind: str) -> Table:
        """Write a header, its amounts' unit in one of the places where offices write it."""
        unit, place = (
            self.random.choice(UNITS),
            self.random.choice(("header", "header", "title", "row", "small", "both")),
        )
        texts = [self._header(name) for name in fields]
        at = fields.index("amount")
        unit_kind, is_doubtful = "", False
        if place == "title" and unit:
            self.grid.append(self._title_with(unit))
            self.unit_of_title, self.amount_below_title = unit, texts[at]
        elif place == "both" and unit:
            other = self.random.choice([one for one in ("万元", "亿元") if one != unit])
            self.grid.append(self._title_with(other))
            texts[at] += f"（{unit}）"
            unit_kind = "5 title's unit against the header's"
        elif place == "header" and unit:
            texts[at] += self.random.choice((f"（{unit}）", f"({unit})", f"\n（{unit}）", f" / {unit}"))
        elif not unit and self.unit_of_title:
            unit, unit_kind = self.unit_of_title, "3 second table without a unit"
            is_doubtful = texts[at] != self.amount_below_title
        header: dict[str, tuple[str, ...]] = {name: (text,) for name, text in zip(fields, texts, strict=True)}
        top = len(self.grid) + 1
        if place == "row" and unit and not is_doubtful:
            unit_kind = "3 header in two rows"
            kind = kind or unit_kind
            self._in_two_rows(fields, texts, header, unit)
        else:
            self.grid.append([Written(self._spaced(text)) for text in texts])
            if place == "small" and unit and not is_doubtful:
                self.grid.append([Written(f"（{unit}）" if name.startswith("amount") else "") for name in fields])
                unit_kind = "5 unit below the header"
        for name in fields:
            if name.endswith(" 2"):
                header[name[:-2]] += header[name]
        days = self.random.choice(("ymd", "ymd", "mdy")) if self.random.random() < 0.15 else ""
        settings = Settings(unit, unit_kind, is_doubtful, days, set(fields))
        return Table(
            fields, settings, header, texts, range(top, len(self.grid) + 1), self.grid[top - 1 :], kind or self.kind
        )

    def _header(self, name: str) -> str:
        return SECOND_HEADERS[name[:-2]] if name.endswith(" 2") else self.random.choice(HEADERS[name])

    def _spaced(self, text: str) -> str:
        if self.random.random() < 0.03 and "（" not in text:
            return self.random.choice((" ".join(text), f"{text}*", f"{text[:2]}\n{text[2:]}", f" {text}"))
        return text

    def _title_with(self, unit: str) -> list[Written]:
        shapes = ([f"单位：{unit}"], ["", "", f"单位：{unit}"], [f"（单位：{unit}）"], [f"金额单位：{unit}"])
        return [Written(text) for text in self.random.choice(shapes)]

    def _in_two_rows(self, fields: list[str], texts: list[str], header: dict[str, tuple[str, ...]], unit: str) -> None:
        """A header in two rows, the unit in the upper one, over the amount and its neighbour."""
        at = fields.index("amount")
        upper, lower = list(texts), [""] * len(texts)
        upper[at] = f"{self.random.choice(('投资额', '投资情况', '投资总额'))}（{unit}）"
        lower[at] = texts[at]
        paid = "paid"
        fields.insert(at + 1, paid)
        texts.insert(at + 1, "到位资金")
        upper.insert(at + 1, "")
        lower.insert(at + 1, "到位资金")
        header[paid] = ("到位资金",)
        header["amount"] = (texts[at], upper[at], upper[at] + lower[at], lower[at] + upper[at])
        self.grid += [[Written(text) for text in upper], [Written(text) for text in lower]]
        if self.cells.has_looks:
            row = len(self.grid) - 1
            self.merged.append((row, at + 1, row, at + 2))
            if self.random.random() < 0.5:
                self.merged += [
                    (row, column, row + 1, column)
                    for column in range(1, len(fields) + 1)
                    if column not in (at + 1, at + 2)
                ]

    # Rows

    def _rows(self, lines: Sequence[Line], table: Table) -> None:
        settings = table.settings
        if settings.days == "mdy" and not (table.is_proven or self._prove_month_first(lines, table.fields)):
            settings = table.settings = replace(settings, days="ymd")
        table.is_proven = True  # for the rows below, too, whose columns are the same
        table.lines += lines
        for place, line in enumerate(lines):
            line.header, line.heading, line.sheet = table.header, table.heading, self.name
            above = lines[place - 1] if place else None
            row = [self._field(name, line, above, settings, place + 1) for name in table.fields]
            for name in line.cells:
                line.columns[name] = tuple(
                    column for column, one in enumerate(table.fields, 1) if one.removesuffix(" 2") == name
                )
                line.cells[name].kind = line.cells[name].kind or table.kind
            line.is_struck = self.cells.has_looks and self.random.random() < 0.03
            if line.is_struck:
                for cell in row:
                    cell.look = cell.look._replace(is_struck=True)
            self.grid.append(row)
            line.number = len(self.grid)
            if self.random.random() < 0.04:
                self.grid.append([])
            if self.random.random() < 0.04:
                self.grid.append(self._subtotal(table.fields))
        if self.cells.has_looks:
            self._merge(lines, table.fields)

    def _prove_month_first(self, lines: Sequence[Line], fields: Sequence[str]) -> bool:
        """Whether each column of days has one that only month, day and year can be."""
        days = [[line.project.cells[name] for line in lines] for name in ("signed_on", "planned_on") if name in fields]
        return all(any(day.day > 12 for day in column) for column in days)

    def _subtotal(self, fields: Sequence[str]) -> list[Written]:
        row = [Written(12345.0 if name == "amount" else "") for name in fields]
        row[0 if fields[0] != "amount" else 1] = Written(self.random.choice(("小计", "合 计", "小计：3个")))
        return row

    def _field(self, name: str, line: Line, above: Line | None, settings: Settings, place: int) -> Written:
        project = line.project
        if name == "paid":
            return Written(100.0)
        if name == "code":
            line.cells[name] = self._code(project, place)
            return line.cells[name]
        if name.endswith(" 2"):
            return self._second(name[:-2], line, settings)
        truth: Any = project.name if name == "name" else project.cells[name]
        line.cells[name] = self.cells.cell(name, truth, settings, above.cells.get(name) if above else None)
        return line.cells[name]

    def _code(self, project: Truth, place: int) -> Written:
        if self.city.codes == "running":
            return Written(place, kind="1 running number")
        return Written(project.code or project.luodi_code)

    def _second(self, name: str, line: Line, settings: Settings) -> Written:
        """A second column for a field: it says the same, or what the first one lacks."""
        first, kind = line.cells[name], "12 second column for a field"
        if first.must_be_named or first.does not in ("", "goes on") or first.look != PLAIN or first.struck_part:
            return Written("")
        truth = line.project.cells[name]
        if name == "status":
            if self.random.random() < 0.2:
                first.does, first.kind = "hold", kind
                return Written("停工")
            return Written("推进中")
        second: Any = f"{truth / TEN_THOUSAND:f}万元" if name == "amount" else truth
        first.kind = kind
        if self.random.random() < 0.3:
            first.shows, first.means = self.random.choice(("", "无")) if name == "problem" else "", truth
            return Written(second)
        if first.means is None or first.means not in (truth, (truth,)):
            return Written("")
        return Written(second)

    def _merge(self, lines: Sequence[Line], fields: Sequence[str]) -> None:
        """Let cells of two rows be one: of the same unit, or, wrongly, of two amounts."""
        for above, below in pairwise(lines):
            if below.number != above.number + 1:
                continue
            for name in ("units", "amount"):
                if name not in fields:
                    continue
                upper, lower = above.cells[name], below.cells[name]
                is_same = upper.means == lower.means is not None
                is_plain = not (
                    upper.must_be_named or lower.must_be_named or upper.look != PLAIN or lower.look != PLAIN
                )
                if self.random.random() > (0.3 if name == "units" else 0.05) or not is_plain:
                    continue
                column = fields.index(name) + 1
                is_second = upper.kind.startswith("12 ") or lower.kind.startswith("12 ")
                if is_second or any(low >= above.number and left == column for _top, left, low, _right in self.merged):
                    continue
                if name == "amount" and None in (upper.means, lower.means):
                    continue  # it says nothing of either
                if name == "units" and (not is_same or upper.kind.startswith(("6 ", "14 "))):
                    continue
                self.merged.append((above.number, column, below.number, column))
                for cell in (upper, lower):
                    cell.kind, cell.must_be_named = f"7 merged {name}", name == "amount"
                    cell.means = None if name == "amount" else cell.means
                lower.shows = ""


def save(path: Path, kind: str, sheets: Sequence[Sheet], *, is_from_1904: bool) -> None:
    if kind == "csv":
        save_text(path, sheets[0])
        return
    if kind == "xlsx":
        save_workbook(path, sheets, is_from_1904=is_from_1904)
        return
    pages = [
        Page(sheet.name, [[(cell.shows, cell.look) for cell in row] for row in sheet.grid], sheet.merged)
        for sheet in sheets
    ]
    pages.append(Page("单位", [[(text, PLAIN)] for text in ("名称", *COUNTIES)]))
    (write_ods if kind == "ods" else write_xls)(path, pages)


def save_text(path: Path, sheet: Sheet) -> None:
    encoding = sheet.random.choice(("utf-8-sig", "gb18030"))
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file)
        width = max(map(len, sheet.grid))
        for row in sheet.grid:
            writer.writerow([text_of(cell.shows) for cell in row] + [""] * (width - len(row)))


def text_of(value: Any) -> str:
    if isinstance(value, float):
        return f"{Decimal(repr(value)).normalize():f}"
    return f"{value.year}/{value.month}/{value.day}" if isinstance(value, date) else str(value)


def save_workbook(path: Path, sheets: Sequence[Sheet], *, is_from_1904: bool) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    if is_from_1904:
        book.epoch = CALENDAR_MAC_1904
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        for number, row in enumerate(sheet.grid, 1):
            for place, written in enumerate(row, 1):
                if written.shows == "":
                    continue
                shows = written.shows
                if written.struck_part:
                    shows = CellRichText(TextBlock(InlineFont(strike=True), written.struck_part), shows)
                cell = page.cell(number, place, shows)
                if written.look.number_format:
                    cell.number_format = written.look.number_format
                if written.look.is_struck:
                    cell.font = Font(strike=True)
        for top, left, low, right in sheet.merged:
            page.merge_cells(start_row=top, start_column=left, end_row=low, end_column=right)
    units = book.create_sheet("单位")
    for name in ("名称", *COUNTIES):
        units.append((name,))
    book.save(path)
