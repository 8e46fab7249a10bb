"""A city's ledger that comes in file after file, each dirtied at random as offices do it.

Every cell knows what it means and in which way it is dirty. Nothing of Luodi is used here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from support.ledgers.ods import write_ods

COUNTIES = ("清丰县", "南乐县", "范县", "台前县")
NAMES = (
    "龙都家具产业园",
    "冷链食品加工园",
    "光伏组件厂",
    "生物制药基地",
    "商贸物流城",
    "重型机床厂",
    "电子信息产业园",
    "碳纤维新材料",
)
INVESTORS = ("闽兴家居有限公司", "津海食品有限公司", "华阳新能源股份公司", "百济药业集团", "万隆商业管理公司")
OFFICERS = ("王建国", "赵敏", "欧阳春", "周文斌", "高志远")
LEADERS = ("李卫东", "孙立", "陈国强", "马晓梅")
POSTS = ("县长", "副县长", "书记", "局长", "副主任")
PROBLEMS = ("用地指标未落实", "环评手续没有批复", "供电线路尚未接通", "银行贷款迟迟不到位", "村民拆迁补偿谈不拢")
PROGRESS = ("正在施工", "停工待料", "主体已封顶", "正在办理土地证", "设备正在安装")
NO_PROBLEM = (
    "暂无问题",
    "无问题",
    "不存在问题",
    "无存在问题",
    "目前无问题",
    "正常推进",
    "进展顺利",
    "无",
    "没有问题。",
)
NOBODY = ("待定", "暂无", "未定")
ABOVE = ("同上", "〃")
EXITS, HOLDS, REACHED = ("已取消", "已撤销", "终止"), ("停工", "暂停"), ("已投产", "已竣工")
FOREIGN = ("€{}万", "HK${}万", "{}万港元", "£{}万", "{}万日元", "{}万欧元")
HEADERS = {
    "code": ("项目编号", "编号"),
    "name": ("项目名称", "项目"),
    "investor": ("投资方", "投资企业", "客商名称"),
    "units": ("责任单位", "所属县区"),
    "amount": ("总投资", "合同金额", "协议投资额"),
    "signed_on": ("签约日期", "签约时间"),
    "officer": ("项目分包人员", "责任人", "联络员"),
    "leader": ("分包领导", "包联领导"),
    "planned_on": ("预计开工时间", "计划开工时间"),
    "progress": ("进展情况", "项目进展"),
    "problem": ("存在的主要问题", "存在问题", "存在问题及困难"),
    "status": ("项目状态",),
    "remark": ("备注",),
}
SIZES = {"万元": Decimal(10**4), "亿元": Decimal(10**8), "元": Decimal(1)}
FORMATS = {'0.0"万元"': Decimal(10**4), '0.00"亿元"': Decimal(10**8), '#,##0"元"': Decimal(1)}


@dataclass
class Written:
    """A cell: what stands there, what it means, and the way in which it is dirty (0: clean).

    `must_be_named`: nobody can know what is meant. `means` is None for what changes nothing.
    """

    shows: Any = ""
    means: Any = None
    way: int = 0
    must_be_named: bool = False
    number_format: str = ""


@dataclass
class Truth:
    """A project as the office knows it on some day."""

    code: str
    name: str
    cells: dict[str, Any]
    is_over: bool = False  # as the ledger has it: what later files say of it does not count


@dataclass
class Line:
    """A row about a project; `header` is its table's, by field."""

    project: Truth
    cells: dict[str, Written]
    header: dict[str, str] = field(default_factory=dict)
    number: int = 0
    is_struck: bool = False


@dataclass
class DirtyFile:
    day: date
    lines: list[Line]
    name: str = ""


Grid = list[list[Written]]


class City:
    """Writes one ledger after the other, always the same for a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - not for secrets
        self.projects = [self._project(number) for number in range(self.random.randint(3, len(NAMES)))]
        self.has_codes = self.random.random() < 0.5  # or only running numbers

    def _project(self, number: int) -> Truth:
        pick = self.random.choice
        cells = {
            "investor": pick(INVESTORS),
            "units": pick(COUNTIES[:2]),
            "amount": self._amount(),
            "signed_on": date(2012, 1, 1) + timedelta(self.random.randrange(500)),
            "officer": pick(OFFICERS[:3]),
            "leader": pick(LEADERS[:3]),
            "planned_on": date(2013, 7, 1) + timedelta(self.random.randrange(400)),
            "progress": pick(PROGRESS),
            "problem": pick(PROBLEMS),
            "status": "推进中",
            "remark": f"备查{number}",
        }
        phase = pick(("", "", "（一期）", "(二期)"))
        return Truth(f"PY-2012-{number + 1:03}", NAMES[number] + phase, cells)

    def _amount(self) -> Decimal:
        return Decimal(self.random.randint(100, 50000)) * 10**5

    def live_on(self) -> None:
        """Let a month pass: some things have changed since."""
        for project in self.projects:
            for name in project.cells:
                if self.random.random() < 0.3:
                    project.cells[name] = self._project(0).cells[name] if name != "units" else project.cells[name]

    def file(self, day: date, folder: Path) -> tuple[DirtyFile, Path]:
        """The ledger as it stands on that day, written to a file in the folder."""
        lines = [Line(project, {}) for project in self.projects]
        self.random.shuffle(lines)
        kind = self.random.choice(("xlsx", "xlsx", "xlsx", "ods"))
        has_two_tables = len(lines) > 3 and self.random.random() < 0.4
        cut = self.random.randrange(1, len(lines)) if has_two_tables else len(lines)
        in_name = self.random.random() < 0.5
        grid: Grid = [[Written("濮阳市招商引资台账" if in_name else f"濮阳市招商引资台账（截至{chinese(day)}）")]]
        sheet = Sheet(self, kind, grid, is_from_1904=kind == "xlsx" and self.random.random() < 0.1)
        sheet.table(lines[:cut], 3 if has_two_tables else 0)
        if cut < len(lines):
            if self.random.random() < 0.5:
                grid.append([Written("二、续建项目")])
            sheet.table(lines[cut:], 3)
        name = f"招商引资台账{day:%Y%m%d}.{kind}" if in_name else f"台账.{kind}"
        path = folder / name
        sheet.save(path, day)
        return DirtyFile(day, lines, name), path


def chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def wide(text: str) -> str:
    """Signs as a Chinese keyboard types them."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


class Sheet:
    """Writes tables of lines into a grid, a dirty cell here and there."""

    def __init__(self, city: City, kind: str, grid: Grid, *, is_from_1904: bool) -> None:
        self.city, self.random, self.kind, self.grid = city, city.random, kind, grid
        self.is_from_1904 = is_from_1904
        self.merged: list[tuple[int, int, int]] = []  # first row, last row, column; all from 1
        self.struck: set[int] = set()

    def table(self, lines: Sequence[Line], way: int) -> None:
        pick = self.random.choice
        fields = [
            name for name in HEADERS if name in ("name", "units", "amount", "signed_on") or self.random.random() < 0.8
        ]
        self.random.shuffle(fields)
        unit = pick(["万元", "亿元", ""])
        is_above = bool(unit) and self.random.random() < 0.4
        if is_above:
            self.grid.append([Written(f"单位：{unit}")])
        header = {name: pick(HEADERS[name]) for name in fields}
        if unit and not is_above:
            header["amount"] += f"（{unit}）"
        self.grid.append([Written(header[name]) for name in fields])
        are_slashed = self.random.random() < 0.15
        for place, line in enumerate(lines):
            line.header = header
            above = lines[place - 1] if place else None
            for name in fields:
                cell = self._cell(name, line, above, unit, place + 1, are_slashed=are_slashed)
                cell.way = cell.way or way
                line.cells[name] = cell
            line.is_struck = self.kind == "xlsx" and self.random.random() < 0.03
            self.grid.append([line.cells[name] for name in fields])
            line.number = len(self.grid)
            if line.is_struck:
                self.struck.add(line.number)
        self._merge(lines, fields)

    def _merge(self, lines: Sequence[Line], fields: Sequence[str]) -> None:
        """Let cells of two rows be one: of the same unit, or, wrongly, of two amounts."""
        for above, below in pairwise(lines):
            for name in ("units", "amount"):
                upper, lower = above.cells[name], below.cells[name]
                is_same = upper.means == lower.means and upper.way in (0, 3) and lower.way in (0, 3)
                if self.random.random() > (0.3 if name == "units" else 0.05) or (name == "units" and not is_same):
                    continue
                column = fields.index(name) + 1
                if any(last >= above.number and at == column for _first, last, at in self.merged):
                    continue
                self.merged.append((above.number, below.number, column))
                for cell in (upper, lower):
                    cell.way, cell.must_be_named = 7, name == "amount"
                lower.shows = ""

    def _cell(self, name: str, line: Line, above: Line | None, unit: str, place: int, *, are_slashed: bool) -> Written:
        truth: Any = line.project.name if name == "name" else line.project.cells.get(name)
        is_dirty = self.random.random() < 0.25
        if name == "code":
            return Written(line.project.code if self.city.has_codes else place, way=0 if self.city.has_codes else 1)
        if name == "name":
            return Written(wide(truth), truth, 10) if is_dirty else Written(truth, truth)
        if name == "amount":
            return self._amount(truth, unit, is_dirty=is_dirty)
        if name in ("signed_on", "planned_on"):
            return self._day(truth, are_slashed=are_slashed, is_dirty=is_dirty)
        if name == "status":
            return self._status() if self.random.random() < 0.05 else Written("推进中")
        is_person = name in ("officer", "leader")
        if (
            is_dirty
            and name in ("officer", "leader", "units", "investor")
            and above
            and above.cells[name].means == truth
        ):
            return Written(self.random.choice(ABOVE), truth, 6)
        if is_dirty and is_person:
            return self._person(truth)
        if is_dirty and name == "investor":
            return Written(wide(truth), truth, 10)
        if is_dirty and name == "problem":
            return self._problem(truth)
        if name == "progress":
            return Written(truth, truth, 8)
        return Written(truth, truth, 12 if name == "remark" else 0)

    def _amount(self, amount: Decimal, unit: str, *, is_dirty: bool) -> Written:
        in_wan = f"{(amount / 10**4).normalize():f}"
        if is_dirty and self.kind == "xlsx" and self.random.random() < 0.4:
            return self._formatted(amount, unit)
        if is_dirty and self.random.random() < 0.4:
            return Written(self.random.choice(FOREIGN).format(in_wan), None, 5, must_be_named=True)
        if is_dirty or not unit:
            is_bare = not unit and self.random.random() < 0.3
            if is_bare:
                return Written(float(amount / 10**4), None, 5, must_be_named=True)
            return Written(f"{in_wan}万元", amount, 0)
        return Written(float(amount / SIZES[unit]), amount)

    def _formatted(self, amount: Decimal, unit: str) -> Written:
        """A figure whose format says the unit; another one than the header's must be named."""
        number_format = self.random.choice(list(FORMATS))
        size = FORMATS[number_format]
        clashes = bool(unit) and SIZES[unit] != size
        return Written(float(amount / size), None if clashes else amount, 4, clashes, number_format)

    def _day(self, day: date, *, are_slashed: bool, is_dirty: bool) -> Written:
        if are_slashed:
            return Written(f"{day.year % 100}/{day.month}/{day.day}", day, 13)
        if is_dirty:
            shapes: list[Callable[[], Any]] = [
                lambda: f"{day.year}.{day.month}.{day.day}",
                lambda: chinese(day),
                lambda: wide(f"{day.year}-{day.month}-{day.day}"),
            ]
            return Written(self.random.choice(shapes)(), day)
        return Written(day, day, 4 if self.is_from_1904 else 0)

    def _person(self, name: str) -> Written:
        post, draw = self.random.choice(POSTS), self.random.random()
        if draw < 0.3:
            return Written(self.random.choice(NOBODY), None, 6)
        shapes = (f"{post} {name}", f"{post}{name}", f"{name}（{post}）", f"{post}：{name}", f"{name} {post}")
        return Written(self.random.choice(shapes), name, 11)

    def _problem(self, problem: str) -> Written:
        if self.random.random() < 0.4:
            return Written(self.random.choice(NO_PROBLEM), None, 6)
        shapes = (f"{problem}。", f"{problem}，影响开工", f"1.{problem}", f" {problem} ！", f"（1）{problem}；")
        return Written(self.random.choice(shapes), problem, 10)

    def _status(self) -> Written:
        word = self.random.choice(EXITS + HOLDS + REACHED)
        return Written(word, "exit" if word in EXITS else "hold" if word in HOLDS else "reached", 9)

    def save(self, path: Path, day: date) -> None:
        if self.kind == "ods":
            rows = [[cell.shows for cell in row] for row in self.grid]
            write_ods(path, {"台账": rows, "单位": [["名称"], *([unit] for unit in COUNTIES)]}, self.merged)
            return
        book = Workbook()
        if self.is_from_1904:
            book.epoch = CALENDAR_MAC_1904
        sheet = book.worksheets[0]
        sheet.title = "台账"
        for number, row in enumerate(self.grid, 1):
            for place, written in enumerate(row, 1):
                if written.shows == "":
                    continue
                cell = sheet.cell(number, place, written.shows)
                if written.number_format:
                    cell.number_format = written.number_format
                if number in self.struck:
                    cell.font = Font(strike=True)
        for first, last, column in self.merged:
            sheet.merge_cells(start_row=first, end_row=last, start_column=column, end_column=column)
        units = book.create_sheet("单位")
        for line in (("名称",), *((unit,) for unit in COUNTIES)):
            units.append(line)
        book.save(path)
