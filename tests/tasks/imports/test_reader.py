"""What is read from a workbook, and what is said of what cannot be read."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from models.i18n import LOCALES, gettext, use_locale
from models.office_files.cells import FOR_READING
from models.office_files.columns import CALCULATED, LEDGER, PEOPLE, RUNNING_NUMBER, SQUADS, UNITS, bare, by_header
from models.office_files.rows import BlockerCells, Effect, LedgerFile, LedgerRow, MilestoneCells
from models.words import (
    BlockerCategory,
    Currency,
    Exit,
    MilestoneKind,
    Role,
    Sector,
    Stage,
    UnitKind,
    VisitOutcome,
)
from support.repository import DATA
from tasks.files import FileMissing
from tasks.imports.errors import MissingColumns, NoHeader, NoSuchSheet, NotAWorkbook, UnknownField
from tasks.imports.other_sheets import SHEET_FOR_READING
from tasks.imports.reader import read_ledger

pytestmark = pytest.mark.usefixtures("in_english")

DAY = date(2013, 3, 1)
WHOLE = {
    "项目编号": "PY-1",
    "项目名称": "家具产业园",
    "责任单位": "清丰县",
    "总投资（万元）": 5000,
    "签约日期": DAY,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "台账.xlsx"


def write(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """A workbook of these sheets, cell by cell."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def read(path: Path, *rows: Mapping[str, object], **side: Sequence[Sequence[object]]) -> LedgerFile:
    """What is read of a ledger with these rows, each by header."""
    headers = list(dict.fromkeys(header for row in rows for header in row))
    lines = [headers, *([row.get(header) for header in headers] for row in rows)]
    return read_ledger(write(path, {"台账": lines, **side}))


def read_one(path: Path, **cells: object) -> LedgerRow:
    """What is read of a row that says this besides what every row says."""
    (row,) = read(path, WHOLE | cells).rows
    return row


def test_a_row_is_read_in_the_ledgers_own_terms(path):
    row = read_one(
        path,
        投资方="闽兴\n家居 有限公司",
        投资方注册地="福建泉州",
        产业大类="家具",
        项目分包人员="清丰县招商局专员",
        分包领导="清丰县分包领导",
        招商小分队="闽东南招商小分队",
        中小企业="是",
        招商活动="闽东南招商活动",
        进展情况="已注册。",
        时间节点="2013年6月",
    )
    assert row == LedgerRow(
        number=2,
        sheet="台账",
        code="PY-1",
        name="家具产业园",
        investor="闽兴家居有限公司",
        registered_in="福建泉州",
        sector=Sector.FURNITURE,
        units="清丰县",
        amount=Decimal(50000000),
        currency=Currency.CNY,
        signed_on=DAY,
        officer="清丰县招商局专员",
        leader="清丰县分包领导",
        squad="闽东南招商小分队",
        is_sme=True,
        origin_activity="闽东南招商活动",
        visit_due_on=date(2013, 6, 30),
        progress=("已注册。",),
    )


def test_a_problem_takes_the_due_date_with_it(path):
    row = read_one(
        path, 存在的主要问题="用地未落实", 问题类别="土地", 解决单位="市国土局", 拟采取的解决办法="调剂", 时间节点=DAY
    )
    assert row.visit_due_on is None
    assert row.blockers == (BlockerCells("用地未落实", BlockerCategory.LAND, "市国土局", "调剂", DAY),)


@pytest.mark.parametrize("cell", [None, "无", "暂无。", "/", "——"], ids=repr)
def test_no_problem_is_no_blocker(path, cell):
    assert read_one(path, 存在的主要问题=cell).blockers == ()


def test_a_solution_without_a_problem_is_kept_and_not_made_up_into_one(path):
    row = read_one(path, 存在的主要问题="无", 拟采取的解决办法="继续跟进")
    assert (row.blockers, row.extra) == ((), {"拟采取的解决办法": "继续跟进"})


def test_cells_that_say_nothing_alone_are_kept(path):
    row = read_one(path, 投资方注册地="福建泉州", 佐证材料="营业执照", 终止原因="解约", 项目状态="推进中")
    assert row.extra == {"投资方注册地": "福建泉州", "佐证材料": "营业执照", "终止原因": "解约"}


@pytest.mark.parametrize("cell", [" ＰＹ- 1", "PY-1\n"], ids=repr)
def test_a_code_is_the_same_however_wide_it_is_typed(path, cell):
    assert read_one(path, 项目编号=cell).code == "PY-1"


def test_common_evidence_proves_the_milestones_reached_and_no_other(path):
    row = read_one(
        path, 注册时间=DAY, 预计开工时间="2013.12.1", 佐证材料="营业执照", 备案时间=DAY, 备案佐证材料="备案表"
    )
    assert row.milestones == (
        MilestoneCells(MilestoneKind.REGISTERED, None, DAY, "营业执照"),
        MilestoneCells(MilestoneKind.FILED, None, DAY, "备案表"),
        MilestoneCells(MilestoneKind.CONSTRUCTION_STARTED, date(2013, 12, 1), None, ""),
    )


@pytest.mark.parametrize(
    ("cell", "claim"),
    [
        ("已落地", VisitOutcome.LANDED),
        ("落地", VisitOutcome.LANDED),
        ("终止", VisitOutcome.TERMINATED),
        ("未落地", None),
    ],
)
def test_the_state_column_claims_an_end_or_nothing(path, cell, claim):
    assert read_one(path, 落地情况=cell).claim == claim


def test_what_is_understood_only_in_part_is_kept_beside_it(path):
    row = read_one(path, 产业大类="农副食品加工", 责任人="张三、李四", 项目状态="主体施工")
    assert (row.sector, row.officer, row.claim) == (Sector.FOOD, "张三", None)
    assert row.extra == {"产业大类": "农副食品加工", "责任人": "张三、李四", "项目状态": "主体施工"}


def test_columns_luodi_does_not_know_are_kept(path):
    row = read_one(path, 序号=1, 申请用地亩=120, 备注="重点\n项目", 批次=None)
    assert row.extra == {"申请用地亩": 120, "备注": "重点\n项目"}


def test_the_star_of_a_header_that_must_be_filled_in_is_no_part_of_its_name(path):
    columns = {"备注*": "重点", "＊批次": "一", "*": "x"}
    assert read(path, WHOLE | columns).rows[0].extra == {"备注": "重点", "批次": "一", "*": "x"}


def test_the_header_is_found_below_title_rows_and_rows_carry_excels_numbers(path):
    title = [["濮阳市招商引资项目台账"], [], ["截至6月9日"]]
    file = read_ledger(write(path, {"台账": [*title, list(WHOLE), [], list(WHOLE.values())]}))
    assert [row.number for row in file.rows] == [6]


def test_the_sheet_whose_header_fits_best_is_the_ledger_and_the_others_are_noted(path):
    few = {header: WHOLE[header] for header in WHOLE if header != "项目编号"}
    sheets = {
        "说明": [["请如实填报"]],
        "旧表": [list(few), list(few.values())],
        "新表": [list(WHOLE), list(WHOLE.values())],
    }
    file = read_ledger(write(path, sheets))
    (note,) = file.problems
    assert ([*file.headers], note.sheet, note.effect) == (["新表"], "旧表", Effect.NOTE)
    assert [*read_ledger(path, "旧表").headers] == ["旧表"]


def test_sheets_that_hold_data_and_were_not_read_are_named(path):
    table = [["甲", "乙"], ["丙", "丁"]]
    sheets = {
        "台账": [list(WHOLE), list(WHOLE.values())],
        "填报说明": [["一、请如实填报"], ["二、每周五前上报"], ["三、联系电话", "8888888"]],
        "南乐县": table,
        "To correct1": table,
        "汇总": [[f"〔{gettext(SHEET_FOR_READING, 'zh_CN')}〕"], *table],
        "单位": [["单位名称"], ["清丰县"]],
        "旧表": [list(WHOLE)[1:], list(WHOLE.values())[1:]],
    }
    assert read_ledger(write(path, sheets)).unread == ("南乐县", "旧表")
    assert read_ledger(path, "台账").unread == ()


UNITLESS = {"总投资" if header == "总投资（万元）" else header: cell for header, cell in WHOLE.items()}
HEADER, CELLS = list(UNITLESS), list(UNITLESS.values())


@pytest.mark.parametrize(
    "lines",
    [
        [["单位：万元"], HEADER, CELLS],
        [["2013年签约项目台账"], ["", "", "", "单 位 ： 万 元"], HEADER, CELLS],
        [["（万元）"], HEADER, CELLS],
        [HEADER, ["单位：万元"], CELLS],
        [HEADER, ["", "", "", "單位：萬元"], CELLS],
        [HEADER, ["一、清丰县（单位：万元）"], CELLS, ["二、南乐县（金额单位：人民币万元）"]],
        [["单位：万元"], HEADER, CELLS, ["单位：万元"], HEADER, ["注：外资金额单位：万美元"]],
        [["填报单位：清丰县", "单位：亩"], HEADER, ["单位：万元"], CELLS],
    ],
)
def test_a_row_of_its_own_gives_the_unit_of_amounts_whose_header_has_none(path, lines):
    file = read_ledger(write(path, {"台账": lines}))
    assert [(row.amount, row.currency) for row in file.rows] == [(50_000_000, Currency.CNY)]
    assert not [problem for problem in file.problems if problem.is_fault]


@pytest.mark.parametrize("first", [[["单位：万元"], HEADER], [HEADER, ["一、清丰县（单位：万元）"]]])
def test_where_rows_give_several_units_no_plain_figure_is_taken_for_one_of_them(path, first):
    said = [*CELLS[:3], "3亿元", *CELLS[4:]]
    file = read_ledger(write(path, {"台账": [*first, CELLS, ["二、南乐县（单位：亿元）"], CELLS, said]}))
    assert [row.amount for row in file.rows] == [300_000_000]
    assert ["Neither cell" in problem.reason for problem in file.problems if problem.is_fault] == [True, True]


def test_subtotals_are_skipped_and_noted(path):
    file = read(path, WHOLE, {"项目编号": "清丰县小计", "总投资（万元）": 5000}, {"项目编号": "合 计："})
    assert (len(file.rows), file.row_count) == (1, 1)
    assert [(note.row, note.value, note.effect) for note in file.problems] == [
        (3, "清丰县小计", Effect.NOTE),
        (4, "合计：", Effect.NOTE),
    ]


def test_a_bad_cell_that_is_needed_leaves_the_row_out_and_every_bad_cell_of_it_is_named(path):
    dirty = WHOLE | {"总投资（万元）": "5-8亿", "签约日期": "2013-02-30", "中小企业": "不详"}
    file = read(path, dirty, WHOLE)
    assert [row.number for row in file.rows] == [3]
    assert file.row_count == 2
    assert [(each.row, each.column, each.value, each.effect) for each in file.problems] == [
        (2, "总投资（万元）", "5-8亿", Effect.ROW_LEFT_OUT),
        (2, "签约日期", "2013-02-30", Effect.ROW_LEFT_OUT),
        (2, "中小企业", "不详", Effect.ROW_LEFT_OUT),
    ]
    assert "range" in file.problems[0].reason


def test_a_bad_cell_the_row_can_do_without_is_left_out_alone(path):
    file = read(path, WHOLE | {"时间节点": "年底", "开工时间": "2013年6月"})
    assert [(each.column, each.effect) for each in file.problems] == [
        ("时间节点", Effect.CELL_LEFT_OUT),
        ("开工时间", Effect.CELL_LEFT_OUT),
    ]
    assert (file.rows[0].visit_due_on, file.rows[0].milestones) == (None, ())


def test_a_cell_nobody_could_read_is_not_taken_for_an_empty_one(path):
    bad = {"投资方": "#REF!", "中小企业": "不详", "备注": "#N/A", "建设内容": f"{FOR_READING}很长", "小分队": None}
    write(path, {"台账": [list(WHOLE | bad), [*WHOLE.values(), *bad.values()]]})
    (row,) = read_ledger(path, note_empty=True).rows
    assert (row.emptied, row.dropped) == (("squad",), ())


def test_mapping_names_columns_and_comes_before_what_is_known(path):
    rows = [["项目名称", "所在地方", "投资额（亿元）", "签约日期", "总投资"], ["产业园", "清丰县", 5, DAY, "见附件"]]
    file = read_ledger(write(path, {"台账": rows}), mapping={"所在地方": "units", "投资额": "amount"})
    (row,) = file.rows
    assert (row.units, row.amount, row.extra) == ("清丰县", Decimal(500000000), {"总投资": "见附件"})


def test_mapping_can_keep_a_column_from_being_read(path):
    rows = [[*WHOLE, "责任人"], [*WHOLE.values(), "张三"]]
    (row,) = read_ledger(write(path, {"台账": rows}), mapping={"责任人": "extra"}).rows
    assert (row.officer, row.extra) == ("", {"责任人": "张三"})


def test_units_people_and_squads_are_read_from_their_sheets(path):
    file = read(
        path,
        WHOLE,
        单位=[["名称", "类型", "别名"], ["清丰县", "县区", "清丰、清丰县政府"], ["市国土局", None, None]],
        人员=[["姓名", "角色", "单位"], ["清丰县分包领导", "分包领导", "清丰县"]],
        小分队=[["名称"], ["闽东南招商小分队"]],
    )
    assert [(unit.name, unit.kind, unit.is_kind_given, unit.aliases) for unit in file.units] == [
        ("清丰县", UnitKind.COUNTY, True, ("清丰", "清丰县政府")),
        ("市国土局", UnitKind.BUREAU, False, ()),
    ]
    assert [(person.name, person.role, person.unit) for person in file.people] == [
        ("清丰县分包领导", Role.LEADER, "清丰县")
    ]
    assert file.squads == ("闽东南招商小分队",)


def test_an_empty_cell_on_the_sheet_of_people_is_named(path):
    file = read(path, WHOLE, 人员=[["姓名", "角色", "单位"], ["张三", None, "清丰县"]])
    (problem,) = file.problems
    assert (problem.sheet, problem.row, problem.column, problem.effect) == ("人员", 2, "角色", Effect.ROW_LEFT_OUT)


@pytest.mark.parametrize("columns", [LEDGER, UNITS, PEOPLE, SQUADS])
def test_no_header_means_two_fields(columns):
    headers = [bare(header) for column in columns for header in column.headers]
    assert sorted(headers) == sorted(set(headers))


def test_a_file_that_is_not_there_is_named(path):
    with pytest.raises(FileMissing, match=r"台账\.xlsx"):
        read_ledger(path)


@pytest.mark.parametrize("name", ["台账.xls", "台账.ods", "台账.xlsx"])
def test_what_is_no_workbook_is_told_how_to_become_one(tmp_path, name):
    (tmp_path / name).write_bytes("项目名称,责任单位".encode("gbk"))
    with pytest.raises(NotAWorkbook, match="save it as"):
        read_ledger(tmp_path / name)


def test_an_empty_workbook_has_no_header(path):
    with pytest.raises(NoHeader, match="项目名称"):
        read_ledger(write(path, {"台账": []}))


def test_a_header_without_a_needed_column_names_it_and_what_there_is(path):
    with pytest.raises(MissingColumns, match=r"row 1: missing are 项目名称 / 项目; there are 责任单位, 总投资（万元）"):
        read(path, {header: cell for header, cell in WHOLE.items() if header not in ("项目编号", "项目名称")})


def test_a_header_without_what_only_new_projects_need_is_noted_and_the_rest_is_read(path):
    file = read(path, {header: cell for header, cell in (WHOLE | {"批次": "一"}).items() if header != "签约日期"})
    (note,) = file.problems
    assert (note.row, note.effect, len(file.rows)) == (1, Effect.NOTE, 1)
    assert "No column gives 签约日期" in note.reason
    assert note.reason.endswith("by `mapping`: 批次.")


@pytest.mark.parametrize(
    ("given", "error", "names"),
    [
        ({"sheet": "六月"}, NoSuchSheet, "台账"),
        ({"mapping": {"总投资": "sum"}}, UnknownField, "sum.*amount"),
        ({"mapping": {"投资额": "amount"}}, MissingColumns, "投资额"),
    ],
)
def test_a_wrong_sheet_or_mapping_says_what_there_is(path, given, error, names):
    write(path, {"台账": [list(WHOLE), list(WHOLE.values())]})
    with pytest.raises(error, match=names):
        read_ledger(path, **given)


def test_what_is_numbered_like_the_problems_goes_with_them(path):
    row = read_one(
        path,
        存在的主要问题="1、土地未供\n2、资金未到位",
        问题类别="1、土地\n2、资金",
        解决单位="1、市国土局\n2、—",
        拟采取的解决办法="1、“1、调剂\n2、报批”\n2、“—”",
        时间节点="1、2013-06-20\n2、2013-07-01",
        下次回访时间=date(2013, 6, 25),
    )
    assert row.blockers == (
        BlockerCells("土地未供", BlockerCategory.LAND, "市国土局", "1、调剂\n2、报批", date(2013, 6, 20)),
        BlockerCells("资金未到位", BlockerCategory.FINANCING, "", "", date(2013, 7, 1)),
    )
    assert row.visit_due_on == date(2013, 6, 25)


def test_the_next_visits_own_column_comes_before_the_due_date(path):
    said = {"时间节点": date(2013, 6, 20), "下次回访时间": date(2013, 6, 25)}
    assert read_one(path, **said).visit_due_on == date(2013, 6, 25)
    assert read_one(path, **said | {"下次回访时间": None}).visit_due_on == date(2013, 6, 20)


def test_columns_worked_out_by_luodi_are_not_taken_back_in_and_the_offices_own_are(path):
    row = read_one(path, **{"红黄绿灯（自动）": "红灯", "Landed on (automatic)": DAY, "红黄绿灯": "绿", "序号": 1})
    assert row.extra == {"红黄绿灯": "绿"}
    assert not {bare(name) for name in (*CALCULATED, RUNNING_NUMBER)} & by_header(LEDGER).keys()


@pytest.mark.parametrize("word", [*Stage, *Exit])
@pytest.mark.parametrize("locale", LOCALES)
def test_the_state_is_read_back_as_luodi_names_it(path, word, locale):
    with use_locale(locale):
        row = read_one(path, 项目状态=word.label)
    claims = {Stage.LANDED: VisitOutcome.LANDED, Exit.TERMINATED: VisitOutcome.TERMINATED, Exit.LOST: VisitOutcome.LOST}
    assert row.claim is claims.get(word)


def test_one_and_true_are_two_things_in_a_column_that_is_only_kept(path):
    file = read(path, WHOLE | {"备注": True}, WHOLE | {"项目编号": "PY-2", "备注": 1})
    assert [row.extra["备注"] is True for row in file.rows] == [True, False]


@pytest.mark.parametrize("name", ["01-plain.xlsx", "21-excel-97.xls", "22-libreoffice.ods"])
def test_a_workbook_says_on_which_day_it_was_last_saved(name):
    assert [(day.day, day.is_saved) for day in read_ledger(DATA / name).days] == [(date(2013, 6, 9), True)]


def test_the_name_of_a_copy_says_the_day_of_the_file(tmp_path):
    path = tmp_path / "招商台账2013年5月.xlsx"
    path.write_bytes((DATA / "01-plain.xlsx").read_bytes())
    assert [(str(day.day), day.is_saved) for day in read_ledger(path).days] == [
        ("2013-05-31", False),
        ("2013-06-09", True),
    ]
