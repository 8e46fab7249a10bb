"""The sample ledger: 60 projects, always the same for a day; its dates lie around that day."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from deployments.sample import words
from models.campaigns.hundred_days import hundred_days
from models.campaigns.plan import Plan
from models.escalation.calendar import Calendar, official_calendar

TITLE = "濮阳市招商引资项目台账"
HEADER_ROW = 3
PROJECTS = 60

FROM_APRIL = 4  # a campaign that begins earlier is about the year before: this one has hardly begun
LANDED = (1, *range(11, PROJECTS, 5), 57)
BLOCKED = (3, 8, 13, 18, 23, 28, 33, 38, 48, 53)
TERMINATED = (12,)
RANGE_OF_AMOUNTS, IMPOSSIBLE_DAY, UNKNOWN_UNIT, NAMELESS = DIRTY = (17, 29, 43, 58)  # each with one bad cell

# Working days from the last working day. Visits three times each; None: the policy gives the day.
VISITS_DUE = (8, 1, 15, -1, 20, -2, 30, -5, 12, -22, None)
BLOCKERS_DUE = (10, 1, 5, -1, 15, -2, 8, -5, 20, -22)
STARTS_PLANNED = (25, 40, -2, 60, -15, -10)

TEN_HUNDRED_MILLION = [number for number, amount in words.LARGE_AMOUNTS.items() if amount >= 100_000]
# The projects the commerce bureau is itself responsible for, split over its leaders
THE_BUREAUS_OWN = {number: words.BUREAU_LEADERS[number % 3] for number in (5, 14, 24, 34, 56)}
IN_DOLLARS = {10: "1.2亿美元", 40: "0.8亿美元"}

Row = dict[str, Any]


def sample_campaign(today: date) -> Plan:
    """The hundred days as the sample has them: their 67th is today."""
    starts_on = today - timedelta(66)
    year = starts_on.year if starts_on.month >= FROM_APRIL else starts_on.year - 1
    return hundred_days(f"{starts_on.year}年百日招商攻坚", starts_on, year)


def write_sample(path: Path, as_of: date) -> None:
    """Write the sample workbook: the ledger, its units, people and squads."""
    calendar = official_calendar(as_of.year - 1, as_of.year + 1)
    rows = sample_rows(calendar, calendar.last_before(as_of))
    book = Workbook()
    ledger = book.active or book.create_sheet()
    ledger.title = "台账"
    _write_ledger(ledger, rows, as_of)
    _write_list(book.create_sheet("单位"), ("名称", "类型", "别名"), _units())
    _write_list(book.create_sheet("人员"), ("姓名", "角色", "单位"), _people())
    _write_list(book.create_sheet("小分队"), ("名称",), [(squad,) for squad in words.SQUADS])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def sample_rows(calendar: Calendar, today: date) -> list[Row]:
    """The 60 rows by header, four of them dirty; `today` is a working day."""
    calm = [number for number in range(1, PROJECTS + 1) if number not in {*LANDED, *BLOCKED, *TERMINATED, *DIRTY}]
    rows = []
    for number in range(1, PROJECTS + 1):
        signed_on = today - timedelta(25 + 23 * (PROJECTS - number))
        row = _basics(number, signed_on)
        if number in LANDED:
            row |= _landed(signed_on)
        elif number in TERMINATED:
            row |= {"项目状态": "已终止", "终止原因": "投资方资金紧张，双方协议解除合同", "进展情况": "已停止推进。"}
        else:
            row |= _underway(number, signed_on, calendar, today)
        if number in BLOCKED:
            row |= _blocked(BLOCKED.index(number), calendar, today)
        elif number in calm:
            offset = VISITS_DUE[calm.index(number) % len(VISITS_DUE)]
            row["时间节点"] = calendar.add(today, offset) if offset else None
        rows.append(row | _dirt(number, signed_on))
    return rows


def _basics(number: int, signed_on: date) -> Row:
    unit = words.COUNTIES[number % len(words.COUNTIES)]
    sector, company, products = words.SECTORS[(number - 1) % len(words.SECTORS)]
    origin = words.ORIGINS[(number * 3 + number // len(words.SECTORS)) % len(words.ORIGINS)]
    amount = _amount(number)
    own = number in THE_BUREAUS_OWN
    shared = f"{words.COMMERCE_BUREAU}、{unit}" if own else f"{unit}、{words.COMMERCE_BUREAU}"
    return {
        "序号": number,
        "项目编号": f"PY{signed_on.year}-{number:03}",
        "项目名称": f"{unit}{products[(number - 1) // len(words.SECTORS)]}项目",
        "投资方": f"{origin.companies[number // 4 % len(origin.companies)]}{company}",
        "投资方注册地": origin.place,
        "产业大类": sector,
        "责任单位": shared if number in TEN_HUNDRED_MILLION else unit,
        "总投资（万元）": amount,
        "签约日期": _as_typed(number, signed_on),
        "项目分包人员": f"{words.COMMERCE_BUREAU}联络员" if own else f"{unit}招商局专员",
        "分包领导": THE_BUREAUS_OWN.get(number) or (None if unit == words.WITHOUT_LEADER else f"{unit}分包领导"),
        "招商小分队": origin.squad,
        "中小企业": "是" if isinstance(amount, int) and amount < 5000 else "否",
        "招商活动": origin.activity,
        "申请用地（亩）": 20 + number * 37 % 180,
    }


def _amount(number: int) -> int | str:
    if number in IN_DOLLARS:
        return IN_DOLLARS[number]
    amount = words.LARGE_AMOUNTS.get(number, 1500 + number * 7919 % 455 * 100)
    if number % 7 == 0:  # as people write it who overlook the unit in the header
        return f"{amount / 10000:g}亿元" if number in words.LARGE_AMOUNTS else f"{amount}万元"
    return amount


def _as_typed(number: int, day: date) -> date | str | int:
    """A date in one of the ways people type it."""
    typed = (day, f"{day:%Y}.{day.month}.{day.day}", f"{day:%Y}年{day.month}月{day.day}日", int(f"{day:%Y%m%d}"))
    return typed[number % 8 if number % 8 < len(typed) else 0]


def _landed(signed_on: date) -> Row:
    registered_on, started_on = signed_on + timedelta(30), signed_on + timedelta(90)
    return {
        "进展情况": f"公司已注册，{started_on.year}年{started_on.month}月开工建设，主体工程正在施工。",
        "注册时间": registered_on,
        "开工时间": started_on,
        "佐证材料": "营业执照、施工许可证、现场照片",
        "项目状态": "已落地",
    }


def _underway(number: int, signed_on: date, calendar: Calendar, today: date) -> Row:
    if signed_on > today - timedelta(90):
        return {"进展情况": "已签约，正在选址。", "预计注册时间": calendar.add(today, 15)}
    if number % 2:
        return {"进展情况": "正在办理公司注册手续。"}
    return {
        "进展情况": "公司已注册，正在办理开工前手续。",
        "注册时间": signed_on + timedelta(45),
        "佐证材料": "营业执照",
        "预计开工时间": calendar.add(today, STARTS_PLANNED[number // 2 % len(STARTS_PLANNED)]),
    }


def _blocked(which: int, calendar: Calendar, today: date) -> Row:
    problem, category, recipient, solution = words.PROBLEMS[which]
    return {
        "存在的主要问题": problem,
        "问题类别": category,
        "解决单位": recipient or None,
        "拟采取的解决办法": solution,
        "时间节点": calendar.add(today, BLOCKERS_DUE[which]),
    }


def _dirt(number: int, signed_on: date) -> Row:
    """The one bad cell of a dirty row."""
    dirt: dict[int, Row] = {
        RANGE_OF_AMOUNTS: {"总投资（万元）": "5-8亿元"},
        IMPOSSIBLE_DAY: {"签约日期": f"{signed_on.year}.2.30"},
        UNKNOWN_UNIT: {"责任单位": "濮东新城"},
        NAMELESS: {"项目名称": None},
    }
    return dirt.get(number, {})


def _units() -> list[tuple[str, str, str]]:
    kinds = (
        dict.fromkeys(words.COUNTIES, "县区")
        | {words.INSPECTION_OFFICE: "督查室"}
        | dict.fromkeys(words.BUREAUS, "局委")
    )
    kinds[words.COMMERCE_BUREAU] = "商务局"
    return [(name, kind, words.ALIASES.get(name, "")) for name, kind in kinds.items()]


def _people() -> list[tuple[str, str, str]]:
    people = [(f"{unit}招商局专员", "分包人员", unit) for unit in words.COUNTIES]
    people += [(f"{unit}分包领导", "分包领导", unit) for unit in words.COUNTIES if unit != words.WITHOUT_LEADER]
    people += [(f"{bureau}分管领导", "分包领导", bureau) for bureau in words.BUREAUS]
    people += [(leader, "分包领导", words.COMMERCE_BUREAU) for leader in words.BUREAU_LEADERS[1:]]
    people += [(f"{bureau}联络员", "分包人员", bureau) for bureau in words.BUREAUS]
    return [*people, (f"{words.INSPECTION_OFFICE}督查专员", "督查人员", words.INSPECTION_OFFICE)]


def _write_ledger(sheet: Worksheet, rows: list[Row], as_of: date) -> None:
    last = get_column_letter(len(words.COLUMNS))
    sheet.append([TITLE])
    sheet.append([f"填报单位：{words.COMMERCE_BUREAU}    截至{as_of.year}年{as_of.month}月{as_of.day}日"])
    sheet.append(list(words.COLUMNS))
    for row in rows:
        sheet.append([row.get(header) for header in words.COLUMNS])
    for line in (1, 2):
        sheet.merge_cells(f"A{line}:{last}{line}")
    sheet["A1"].font, sheet["A1"].alignment = Font(bold=True, size=18), Alignment(horizontal="center")
    _dress(sheet, HEADER_ROW, list(words.COLUMNS.values()))


def _write_list(sheet: Worksheet, headers: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    for row in (headers, *rows):
        sheet.append(row)
    _dress(sheet, 1, [32] * len(headers))


def _dress(sheet: Worksheet, header_row: int, widths: list[int]) -> None:
    line = Side(style="thin", color="BFBFBF")
    for cells in sheet.iter_rows(min_row=header_row):
        for cell in cells:
            cell.border = Border(line, line, line, line)
            cell.alignment = Alignment(wrap_text=True, vertical="center")
            if cell.row == header_row:
                cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDEBF7")
            elif isinstance(cell.value, date):
                cell.number_format = "yyyy-mm-dd"
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = f"A{header_row + 1}"
