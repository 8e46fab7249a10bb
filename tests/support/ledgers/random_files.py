"""Random ledgers as offices write them, each cell with what it means, for Hypothesis."""

import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from opencc import OpenCC
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from models.office_files.columns import LEDGER
from models.office_files.sheets.sheet import Shown, Struck
from models.office_files.vocabulary import CATEGORIES, SECTORS
from models.words import Currency

AT_LEISURE = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
"""The same examples each time, none of them hurried; making a ledger smaller takes minutes, and
they are small.
"""


def share_of(hundred: int) -> int:
    """How many examples of a property that takes long; more in `make test-long`."""
    return hundred * settings().max_examples // 100


AS_OF = date(2013, 6, 9)
TRADITIONAL = OpenCC("s2t")
HEADERS = {column.field: column.headers for column in LEDGER}
UNITS = ("清丰县", "南乐县", "范县", "市国土资源局")
ALIASES = {"清丰县": "清丰", "市国土资源局": "市国土局"}
PEOPLE = ("王建国", "李卫东", "赵敏", "孙立", "欧阳春")
NEEDED = ("name", "units", "amount", "signed_on")
OPTIONAL = (
    *("code", "investor", "registered_in", "sector", "officer", "leader", "squad", "is_sme", "origin_activity"),
    *("progress", "problem", "category", "solution", "recipient", "due_on"),
    *("registered.planned_on", "registered.done_on", "registered.evidence"),
    *("construction_started.planned_on", "construction_started.done_on", "construction_started.evidence"),
)
EXTRAS = ("备注", "申请用地（亩）", "建设内容", "是否开发区内")
UNIT_SIZES = {"元": 1, "万元": 10**4, "亿元": 10**8, "万美元": 10**4}
LOST = ("#REF!", "#N/A", "=1+1", "=SUM(A1:A2)")
"""What shows no value: an error, a formula that was never worked out."""
JUNK = {
    "amount": (
        *("面议", "5-8亿", "3000~5000万元", "5亿港元", "-3万元"),
        *(Shown(0.5, "0%"), Shown(120, '0"亩"'), Shown(5000, "[$€-2] #,##0"), Shown(5000, ";;;"), Struck("5000万元")),
    ),
    "leader": (Struck("李卫东"),),
    "progress": (Struck("已注册"),),
    "signed_on": ("待定", "2013年6月", "2013.2.30", "2103-06-09", "6月9日"),
    "is_sme": ("不详", "2"),
    "due_on": ("尽快", "年底", "13/45/13"),
    "code": (1e17,),
    "done_on": ("年底", "2013年5月"),
    "planned_on": ("待定",),
}
CAN_BE_LOST = {"name", "amount", "signed_on", "code", "sector", "officer", "leader", "squad", "is_sme", "progress"}
LETTERS = "濮阳龙都家具产业园食品新能源材料合小总累计注备说明项目一二县区局ABcd39·（）-"
WORDS = st.text(LETTERS, min_size=2, max_size=9).filter(lambda text: text.strip("-·（）3 9"))
LINE = st.text(LETTERS.replace("（", "，。：；、").replace("）", "+=@%"), min_size=2, max_size=12)
LINES = st.lists(LINE.filter(lambda text: text[0] not in "=3+-@9" and text.strip("-。.·")), min_size=1, max_size=3)
PROBLEM = st.text("用地指标未落实道路不通环评拆迁，。", min_size=3, max_size=12).filter(lambda text: text.strip("，。"))
DAYS = st.dates(date(2009, 1, 1), AS_OF)
PLANS = st.dates(date(2012, 1, 1), date(2016, 12, 31))


@dataclass
class Cell:
    """What is written, and what it means; `is_junk`: it must be reported. `kept` is what stays of
    it beside that.
    """

    written: Any
    meant: Any = None
    is_junk: bool = False
    kept: Any = None


@dataclass
class Project:
    """One row: its cells by field, those of unknown columns by header; `number` is the row Excel
    shows.
    """

    cells: dict[str, Cell]
    extra: dict[str, Cell]
    number: int = 0

    @property
    def junk(self) -> list[str]:
        """The fields and headers whose cells must be reported."""
        return [name for name, cell in (self.cells | self.extra).items() if cell.is_junk]

    @property
    def is_left_out(self) -> bool:
        """Whether one of the cells is junk that the row cannot do without."""
        return not {*NEEDED, "code"}.isdisjoint(self.junk)

    def meant(self, name: str) -> Any:
        """What a cell means; None when there is none or it is junk."""
        return self.cells[name].meant if name in self.cells else None


@dataclass
class Ledger:
    """A ledger and the shape it is written in."""

    projects: list[Project]
    columns: list[str]
    """Fields and headers of unknown columns, in order."""
    headers: dict[str, str]
    """As they are read."""
    dirty: dict[str, str]
    """As they are written."""
    titles: list[str]
    between: list[str]
    """What stands before each project: nothing, an empty row, a subtotal, the header again."""
    is_merged: bool
    notes: list[int] = field(default_factory=list)
    """Rows that are skipped and noted."""

    @property
    def good(self) -> list[Project]:
        """The projects whose rows can go in."""
        return [project for project in self.projects if not project.is_left_out]

    def extra_of(self, project: Project) -> dict[str, Any]:
        """What is kept of a project beside what is understood."""
        whole = {name: cell.meant for name, cell in project.extra.items()}
        partly = {self.headers[name]: cell.kept for name, cell in project.cells.items() if cell.kept is not None}
        return whole | partly


def wide(text: str) -> str:
    """Figures as a Chinese keyboard types them."""
    return "".join(chr(ord(char) + 0xFEE0) if char.isdigit() else char for char in text)


def day_notations(day: date, *, is_deadline: bool = False) -> list[Any]:
    """The ways to write a day."""
    year, month, of_month = day.year, day.month, day.day
    found: list[Any] = [
        *(day, datetime(year, month, of_month, 9, 30), day.isoformat(), f"{year}.{month}.{of_month}"),  # noqa: DTZ001
        *(f"{year}年{month}月{of_month}日", f"{year} 年 {month} 月 {of_month} 日", f"{year}/{month}/{of_month}"),
        *(f"{month}/{of_month}/{year}", f"{day:%Y%m%d}", int(f"{day:%Y%m%d}")),
        *((day - date(1899, 12, 30)).days, wide(f"{year}.{month:02}.{of_month:02}"), f"{day} 08:30:00"),
        *(
            f"{year}-{month}-{of_month}。",
            f"民国{year - 1911}年{month}月{of_month}日",
            f"民國{year - 1911}年{month}月{of_month}號",
            f" {day} \n",
        ),
    ]
    if is_deadline and (day + timedelta(1)).day == 1:
        found += [f"{year}年{month}月", f"{year}.{month:02}", f"{day:%Y%m}", f"{year}年{month}月底"]
    return found


def amount_notations(amount: Decimal, currency: Currency, unit: str) -> list[Any]:
    """The ways to write an amount in a column whose plain figures are in `unit`; empty: nobody
    says.
    """
    is_dollars = currency is Currency.USD
    money = "美元" if is_dollars else "元"
    by_size = {size: f"{(amount / factor).normalize():f}" for size, factor in (("万", 10**4), ("亿", 10**8))}
    found: list[Any] = [f"{figure}{size}{money}" for size, figure in by_size.items()]
    found += [f"{by_size['万']} 万 {money}", wide(f"约{by_size['亿']}亿{money}"), f"{amount:,}{money}"]
    found += [f"US$ {by_size['万']}万", f"{by_size['亿']}億美金"] if is_dollars else [f"人民币{by_size['亿']}億元"]
    if unit and unit.endswith("美元") == is_dollars:
        figure = amount / UNIT_SIZES[unit]
        found += [float(figure), f"{figure.normalize():f}", f"{figure.normalize():,f}", wide(f"{figure.normalize():f}")]
        found += [f"{by_size['亿']}亿", f"{by_size['万']}万"] if amount >= 10**6 or figure == amount else []
    elif not unit and not is_dollars:
        found.append(f"{by_size['亿']}亿")
    return found


def shown_notations(amount: Decimal, currency: Currency, unit: str) -> list[Shown]:
    """The ways to let a number format write an amount in such a column."""
    money = "美元" if currency is Currency.USD else "元"
    steps = {"": 1, "万": 10**4, "亿": 10**8}
    found: list[Shown] = []
    for size, factor in steps.items():
        if unit in ("", f"{size}{money}"):
            found.append(Shown(float(amount / factor), f'0.0"{size}{money}"'))
            if size == "万":
                found += [Shown(float(amount), f'0!.0,"万{money}"'), Shown(float(amount), f'0!.0000"万{money}"')]
    if unit and unit.endswith("美元") == (currency is Currency.USD):
        sign = "[$$-409]" if currency is Currency.USD else "¥"
        found.append(Shown(float(amount / UNIT_SIZES[unit]), f"{sign}#,##0.00"))
    return found


AMOUNTS = st.integers(1, 10**9).map(lambda hundreds: Decimal(hundreds * 100))


@st.composite
def names(draw: st.DrawFn) -> Cell:
    """A name, perhaps with spaces and line breaks in it; a gap between letters would be one of the
    name's own.
    """
    name = unicodedata.normalize("NFC", draw(WORDS))
    gap = st.sampled_from(["", "", " ", "\n", "\u3000", "\u200b"])
    gaps = draw(st.lists(gap, min_size=len(name), max_size=len(name)))
    pairs = list(zip(name, [*name[1:], " "], gaps, strict=True))
    text = "".join(one + (gap if ord(one) > 0x2E7F or ord(other) > 0x2E7F else "") for one, other, gap in pairs)
    return Cell(text, name)


@st.composite
def people(draw: st.DrawFn) -> Cell:
    """One person or several; the first one counts, and the cell is kept."""
    chosen = draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True))
    text = draw(st.sampled_from(["、", "，", "; ", "/"])).join(chosen)
    return Cell(text, chosen[0], kept=text.strip() if len(chosen) > 1 else None)


@st.composite
def running_text(draw: st.DrawFn) -> Cell:
    """Lines, perhaps with spaces at their ends and empty lines between."""
    lines = draw(LINES)
    return Cell(draw(st.sampled_from(["\n", " \n", "\r\n", "\n\n"])).join(lines), "\n".join(lines))


@st.composite
def days(draw: st.DrawFn, among: st.SearchStrategy[date], *, is_deadline: bool = False) -> Cell:
    """A day in one of its notations."""
    day = draw(among)
    return Cell(draw(st.sampled_from(day_notations(day, is_deadline=is_deadline))), day)


@st.composite
def amounts(draw: st.DrawFn, unit: str) -> Cell:
    """An amount in one of its notations."""
    amount, currency = draw(AMOUNTS), draw(st.sampled_from(Currency))
    notations = amount_notations(amount, currency, unit) + shown_notations(amount, currency, unit)
    return Cell(draw(st.sampled_from(notations)), (amount, currency))


@st.composite
def units(draw: st.DrawFn) -> Cell:
    """One unit or two, perhaps by a former name."""
    chosen = draw(st.lists(st.sampled_from(UNITS), min_size=1, max_size=2, unique=True))
    written = [ALIASES.get(unit, unit) if draw(st.booleans()) else unit for unit in chosen]
    text = draw(st.sampled_from(["、", "\n", "，"])).join(written)
    return Cell(text, chosen)


@st.composite
def words(draw: st.DrawFn, exact: dict[str, Any]) -> Cell:
    """A word by one of the office's names for it, or by its own label."""
    said = draw(st.sampled_from(sorted(exact)))
    text = draw(st.sampled_from([said, TRADITIONAL.convert(said), exact[said].label, exact[said].value]))
    return Cell(text, exact[said])


def number_kept(number: Decimal) -> int | float:
    """A figure as it is kept: Excel knows no whole number from one with a nought after its
    point.
    """
    return int(number) if number == int(number) else float(number)


KEPT = st.one_of(
    running_text(),
    st.integers(-(10**9), 10**9).map(lambda number: Cell(number, number)),
    st.decimals(-1000, 1000, places=3).map(lambda number: Cell(float(number), number_kept(number))),
    st.booleans().map(lambda value: Cell(value, value)),
    DAYS.map(lambda day: Cell(day, day.isoformat())),
)
YES_NO = st.sampled_from([("是", True), ("否", False), ("√", True), (True, True), (0, False), ("No", False)])


def readers(unit: str) -> dict[str, Callable[[], st.SearchStrategy[Cell]]]:
    """How the cells of each field are made; those of milestones by their last part."""
    return {
        "name": names,
        "units": units,
        "amount": lambda: amounts(unit),
        "signed_on": lambda: days(DAYS),
        "investor": names,
        "registered_in": lambda: st.just(Cell("福建泉州", "福建泉州")),
        "sector": lambda: words(SECTORS),
        "officer": people,
        "leader": people,
        "squad": names,
        "is_sme": lambda: YES_NO.map(lambda pair: Cell(*pair)),
        "origin_activity": names,
        "progress": running_text,
        "problem": lambda: PROBLEM.map(lambda text: Cell(text, text)),
        "category": lambda: words(CATEGORIES),
        "solution": running_text,
        "recipient": lambda: st.sampled_from(UNITS).map(lambda unit: Cell(unit, unit)),
        "due_on": lambda: days(PLANS, is_deadline=True),
        "planned_on": lambda: days(PLANS, is_deadline=True),
        "done_on": lambda: days(DAYS),
        "evidence": running_text,
    }


@st.composite
def projects(draw: st.DrawFn, columns: Sequence[str], unit: str, number: int) -> Project:
    """A project with a cell for each needed column and for most others; some cells are junk."""
    make, cells = readers(unit), {}
    for name in columns:
        kind = name.rpartition(".")[2]
        if name == "code":
            cells[name] = Cell(f"ＰＹ-{number} ", f"PY-{number}")
        elif name not in EXTRAS and (name in NEEDED or draw(st.integers(0, 3))):
            cells[name] = draw(make[kind]())
        if name in cells and draw(st.integers(0, 39)) == 0:
            lost = LOST if kind in CAN_BE_LOST else ()
            if junk := (*JUNK.get(kind, ()), *lost):
                cells[name] = Cell(draw(st.sampled_from(junk)), is_junk=True)
    if "problem" not in cells:
        cells = {name: cell for name, cell in cells.items() if name not in ("category", "solution", "recipient")}
    if "investor" not in cells:
        cells.pop("registered_in", None)
    cells["name"] = cells["name"] if cells["name"].is_junk else distinct(cells["name"], number)
    extra = {name: draw(KEPT) for name in columns if name in EXTRAS and draw(st.booleans())}
    return Project(cells, extra)


def distinct(cell: Cell, number: int) -> Cell:
    """The same name, of no other project."""
    return Cell(f"{cell.written}第{number}期", f"{cell.meant}第{number}期")


def header_of(draw: st.DrawFn, name: str) -> tuple[str, str]:
    """A header for a field, as it is read and as it is written."""
    if name in EXTRAS:
        return name, name
    header = draw(st.sampled_from(HEADERS[name]))
    if draw(st.booleans()):
        header = TRADITIONAL.convert(header)
    header += draw(st.sampled_from(["", "", "*", "（必填）", ":"]))
    is_chinese = ord(header[0]) > 0x2E7F
    dirty = f"{header[0]}\n {header[1:]}" if is_chinese and draw(st.booleans()) else header
    return header.rstrip("*"), dirty


@st.composite
def ledgers(draw: st.DrawFn, most: int = 6) -> Ledger:
    """A ledger in some shape: columns in any order under any of their names, rows between that are
    no projects.
    """
    optional = [name for name in (*OPTIONAL, *EXTRAS) if draw(st.booleans())]
    columns = draw(st.permutations([*NEEDED, *optional]))
    pairs = {name: header_of(draw, name) for name in columns}
    unit, is_above = draw(st.sampled_from(["", *UNIT_SIZES])), draw(st.booleans())
    titles = draw(st.lists(st.sampled_from(["濮阳市招商引资台账", "", "截至6月9日"]), max_size=3))
    if unit and is_above:
        titles = [*titles, draw(st.sampled_from(["单位：{}", "（金額單位：{}）", "Unit: {}"])).format(unit)]
    elif unit:
        name, shown = pairs["amount"]
        pairs["amount"] = f"{name}（{unit}）", f"{shown}（{unit}）"
    count = draw(st.integers(1, most))
    rows = [draw(projects(columns, unit, number)) for number in range(1, count + 1)]
    is_merged = draw(st.booleans())
    if is_merged:
        for project in rows:
            project.cells["units"] = rows[0].cells["units"]
    between = [draw(st.sampled_from(["", "", "", "empty", "subtotal", "header"])) for _row in rows]
    headers, dirty = ({name: pair[at] for name, pair in pairs.items()} for at in (0, 1))
    return Ledger(rows, list(columns), headers, dirty, titles, between, is_merged)


@contextmanager
def written(ledger: Ledger) -> Iterator[Path]:
    """A ledger as a workbook."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "台账.xlsx")
        write(ledger, path)
        yield path


def write(ledger: Ledger, path: Path) -> None:
    """Write a ledger through openpyxl, with the sheet of its units; its rows learn their
    numbers.
    """
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "台账"
    for title in ledger.titles:
        sheet.append([title])
    header = [ledger.dirty[name] for name in ledger.columns]
    sheet.append(header)
    at = len(ledger.titles) + 1
    for project, before in zip(ledger.projects, ledger.between, strict=True):
        at += 1 if before else 0
        if before in ("subtotal", "header"):
            ledger.notes.append(at)
            write_row(sheet, at, header if before == "header" else ["小 计", *[""] * (len(header) - 1)])
        at += 1
        project.number = at
        said = {**project.cells, **project.extra}
        write_row(sheet, at, [said[name].written if name in said else "" for name in ledger.columns])
    if ledger.is_merged:
        merge_units(sheet, ledger)
    listed = book.create_sheet("单位")
    for row in (("名称", "别名"), *((unit, ALIASES.get(unit, "")) for unit in UNITS)):
        listed.append(row)
    book.save(path)


def write_row(sheet: Worksheet, number: int, cells: Sequence[Any]) -> None:
    """Write a row, leaving empty what is empty."""
    for place, cell in enumerate(cells, 1):
        if cell != "":
            sheet.cell(number, place).value = cell
            if isinstance(cell, str) and cell.startswith("=") and cell not in LOST:
                sheet.cell(number, place).data_type = "s"
            if isinstance(cell, Shown):
                sheet.cell(number, place).number_format = cell.number_format
            if isinstance(cell, Struck):
                sheet.cell(number, place).font = Font(strike=True)


def merge_units(sheet: Worksheet, ledger: Ledger) -> None:
    """Let one cell name the unit of rows that follow each other and have the same."""
    place = ledger.columns.index("units") + 1
    for project, below in zip(ledger.projects, ledger.projects[1:], strict=False):
        same = project.cells["units"].written == below.cells["units"].written
        if same and below.number == project.number + 1 and not sheet.merged_cells.ranges:
            sheet.merge_cells(start_row=project.number, end_row=below.number, start_column=place, end_column=place)
