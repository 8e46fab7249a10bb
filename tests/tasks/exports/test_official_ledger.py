"""The official ledger goes out as a workbook and comes back without a change; what it shows adds
up.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import delete, func, select

from models.i18n import LOCALES, use_locale
from models.ledger.history import Change
from models.ledger.organisation import Person, Unit
from models.ledger.project import Progress, Project
from models.office_files.columns import LEDGER
from models.refusal import Refused
from models.words import Role, Sector, Stage
from support.ledgers import awkward_file as awkward
from support.ledgers.awkward_file import JOINT, SIGNED, TODAY, portrait
from support.ledgers.spare import SpareLedgers
from support.programs.libreoffice import needs_libreoffice, pages
from tasks.database import engine, snapshot, transaction
from tasks.exports import official_ledger as ledger_export
from tasks.exports.official_ledger import write_ledger
from tasks.exports.template import write_template
from tasks.imports.entering.import_file import ImportResult, import_ledger
from tasks.imports.reader import read_ledger
from tasks.items.opening import plan_visit
from tasks.ledger.selection import EVERYTHING, Selection, projects_of

pytestmark = pytest.mark.usefixtures("ledger")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "台账.xlsx"


@pytest.fixture(params=LOCALES)
def locale(request: pytest.FixtureRequest) -> Iterator[str]:
    """In both languages the workbook comes back."""
    with use_locale(request.param):
        yield request.param


def export(path: Path, selection: Selection = EVERYTHING) -> Path:
    with snapshot() as session:
        write_ledger(session, selection, path, TODAY)
    return path


def bring(path: Path) -> ImportResult:
    return import_ledger(read_ledger(path), TODAY)


def history() -> int:
    with transaction() as session:
        return session.scalars(select(func.count()).select_from(Change)).one()


@pytest.mark.usefixtures("locale")
def test_the_exported_ledger_changes_nothing_when_it_is_imported(path: Path) -> None:
    awkward.fill()
    before, changes = portrait(engine()), history()
    result = bring(export(path))
    assert [problem for problem in result.problems if problem.is_fault] == []
    assert (result.new, result.changed, result.unchanged) == (0, 0, 8)
    assert portrait(engine()) == before
    assert history() == changes


@pytest.mark.usefixtures("locale")
def test_the_exported_ledger_fills_an_empty_one_column_by_column(path: Path, ledgers: SpareLedgers) -> None:
    awkward.fill()
    projects, registers = portrait(engine())
    export(path)
    with ledgers.empty():
        result = bring(path)
        entered, registered = portrait(engine())
    assert [problem for problem in result.problems if problem.is_fault] == []
    assert (result.new, len(entered)) == (8, 8)
    assert registered == registers
    for code, project in projects.items():
        for column, value in project.items():
            assert (code, column, entered[code][column]) == (code, column, value)


@pytest.mark.usefixtures("locale")
def test_running_numbers_and_posts_that_former_versions_took_in_come_back_unchanged(
    path: Path, ledgers: SpareLedgers
) -> None:
    with transaction("测试") as session:
        unit = Unit(name="清丰县")
        leaders = [Person(name=name, role=Role.LEADER, unit=unit) for name in ("县长高某", "高某", "王书记李县长")]
        session.add_all(
            Project(
                code=str(number),
                name="家具产业园",
                sector=Sector.OTHER,
                unit=unit,
                amount=Decimal(number),
                signed_on=SIGNED + timedelta(number),
                leader=leader,
            )
            for number, leader in enumerate(leaders, start=1)
        )
    bring(export(path))  # the projects get what is owed on them
    before, changes = portrait(engine()), history()
    for _time in range(2):
        result = bring(export(path))
        assert (result.faults, result.new, result.changed, result.unchanged) == ((), 0, 0, 3)
        assert (portrait(engine()), history()) == (before, changes)
    one_name = [(project.code, project.amount) for project in projects_in_order()]
    assert one_name == [("1", 1), ("2", 2), ("3", 3)]
    with transaction("测试") as session:
        for number, project in enumerate(session.scalars(select(Project).order_by(Project.id)), start=1):
            project.name += f"{number}期"
    export(path)
    with ledgers.empty():
        assert bring(path).new == 3
        assert [project.code for project in projects_in_order()] == ["1", "2", "3"]


def projects_in_order() -> list[Project]:
    with transaction() as session:
        return list(session.scalars(select(Project).order_by(Project.id)))


@pytest.fixture
def book(path: Path) -> Workbook:
    """The awkward ledger as a workbook."""
    awkward.fill()
    return load_workbook(export(path))


def rows(sheet: Any) -> list[dict[str, Any]]:
    """The rows of a table by header."""
    header, *lines = list(sheet.iter_rows(min_row=3, values_only=True))
    heads = [str(text).replace("\n", "") for text in header]
    return [dict(zip(heads, line, strict=True)) for line in lines]


def test_the_sheets_come_in_the_order_people_look_for_them(book: Workbook) -> None:
    assert book.sheetnames == ["汇总", "台账", "清丰县", JOINT, "1、号单位", "单位", "人员", "小分队"]


def test_no_text_becomes_a_formula_or_a_link(book: Workbook) -> None:
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n", "d", "b", "inlineStr"}
    assert "=家具、产业园（一期）" in {row["项目名称"] for row in rows(book["台账"])}


def test_amounts_are_exact_in_ten_thousand_yuan_and_dollars_say_so(book: Workbook) -> None:
    amounts = {row["项目编号"]: row["总投资（万元）"] for row in rows(book["台账"])}
    assert amounts["PY-1"] == 12345.678991
    assert amounts["@PY-2"] == "1234.567801万美元"
    assert amounts["PY-5"] == 0.000001
    assert amounts["PY-7"] == 99999999.999999


def test_days_are_days_and_wide_enough(book: Workbook) -> None:
    sheet = book["台账"]
    days = [cell for row in sheet.iter_rows(min_row=4) for cell in row if isinstance(cell.value, datetime)]
    assert {cell.number_format for cell in days} == {"yyyy-mm-dd"}
    assert min(sheet.column_dimensions[cell.column_letter].width for cell in days) >= len("2013-06-17") + 1


def test_the_main_sheet_is_set_up_to_be_read_and_printed(book: Workbook) -> None:
    sheet = book["台账"]
    setup = sheet.page_setup  # as wide as one page, which is Excel's own, and as long as it takes
    assert (setup.orientation, setup.paperSize, setup.fitToHeight) == ("landscape", 8, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("D4", "$3:$3")
    assert sheet.auto_filter.ref.startswith("A3:")
    assert sheet.print_area.endswith("$T$11")
    assert "&P" in sheet.oddFooter.right.text


def test_lights_are_coloured_and_only_open_projects_have_one(book: Workbook) -> None:
    sheet = book["台账"]
    lit = {cell.value: cell.fill.start_color.rgb[2:] for cell in sheet["L"][3:] if cell.value}
    assert lit.items() <= {"红灯": "F8CBAD", "黄灯": "FFE699", "绿灯": "C6E0B4"}.items()
    by_state = {row["项目状态"]: row["红黄绿灯（自动）"] for row in rows(sheet)}
    assert by_state["已落地"] is None
    assert by_state["已签约"] in lit


def test_the_summary_counts_each_project_once_and_shows_rates_as_fractions(book: Workbook, path: Path) -> None:
    lines = list(book["汇总"].iter_rows(values_only=True))
    totals = [line for line in lines if line[0] == "合计"]
    assert [line[1] for line in totals] == [8, 8, 8]
    assert {(line[7], round(line[8], 3)) for line in totals} == {("1/8", 0.125)}
    (county,) = [line for line in lines if line[0] == "清丰县"]
    assert county[1:5] == (5, 4, 1, 0)
    with ZipFile(path) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 4
    assert any("20.0% (1/5)" in chart for chart in charts)
    assert all("<c:v>清丰县</c:v>" in chart for chart in charts[:2])


def test_the_summary_says_if_nothing_was_reported_yet(book: Workbook, path: Path) -> None:
    sentence = "各单位尚未填报项目进展，红黄绿灯仅按签约时间推算。"
    assert sentence not in {cell.value for cell in book["汇总"]["A"]}
    with transaction("测试") as session:
        session.execute(delete(Progress))
    assert sentence in {cell.value for cell in load_workbook(export(path))["汇总"]["A"]}


@needs_libreoffice
def test_the_printed_ledger_is_chinese_throughout_and_nothing_is_cut_off(path: Path) -> None:
    awkward.fill()
    printed = pages(export(path))
    first = re.sub(r"\s", "", printed[0])
    for part in (
        "签约项目台账汇总表",
        "责任单位",
        "产业大类",
        "项目阶段",
        "落地率",
        "红灯",
        "各单位项目数",
        f"共{len(printed)}页",
    ):
        assert part in first
    whole = "\n".join(printed)
    assert "###" not in whole
    main = re.sub(r"\s", "", printed[1])
    assert all(
        re.sub(r"\s", "", header) in main for header in ("项目编号", "项目名称", "分包领导", "红黄绿灯", "下次回访时间")
    )
    with transaction() as session:
        days = {f"{day:%Y-%m-%d}" for day in session.scalars(select(Project.signed_on))}
    assert days <= set(re.findall(r"\d{4}-\d\d-\d\d", whole))


def test_a_ledger_without_projects_is_still_a_workbook(path: Path) -> None:
    assert load_workbook(export(path)).sheetnames == ["汇总", "台账", "单位", "人员", "小分队"]


def test_sheets_are_named_as_excel_allows_whatever_units_are_called(path: Path) -> None:
    names = ["台账", "人员", "a/b[c]:*?", "'引号'", "长" * 40, "长" * 41, "HISTORY", "𠮷" * 20, "a" * 30 + "'b"]
    with transaction("测试") as session:
        for number, name in enumerate(names):
            unit = Unit(name=name)
            project = Project(code=f"P{number}", name="园", sector=Sector.FOOD, unit=unit, amount=1, signed_on=SIGNED)
            session.add(project)
            session.flush()
            plan_visit(session, project, TODAY, SIGNED)
    titles = load_workbook(export(path)).sheetnames
    assert titles[2:11] == [
        *(
            "台账（2）",
            "人员（2）",
            "a_b_c_",
            "引号",
            "长" * 31,
            "长" * 28 + "（2）",
            "HISTORY（2）",
            "𠮷" * 15,
            "a" * 30,
        )
    ]
    assert titles[11:] == ["单位", "人员", "小分队"]
    assert bring(path).unchanged == len(names)


def test_a_text_too_long_for_a_cell_is_shown_and_not_taken_back(path: Path) -> None:
    awkward.fill()
    with transaction("测试") as session:
        project = session.scalars(select(Project).where(Project.code == "PY-1")).one()
        session.add(Progress(project_id=project.id, happened_on=TODAY, text="长" * 40000))
    changes = history()
    (row,) = [row for row in rows(load_workbook(export(path))["台账"]) if row["项目编号"] == "PY-1"]
    assert row["进展情况"].startswith("〔仅供阅读〕长长")
    assert bring(path).changed == 0
    assert history() == changes


def test_an_export_that_fails_leaves_no_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    awkward.fill()
    monkeypatch.setattr(ledger_export, "write_registers", lambda *_given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(path)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("filters", "codes"),
    [
        ({}, {"1", "@PY-2", "PY-1", "PY-5", "PY-6", "PY-7", "PY-8", "备注:"}),
        ({"units": ("1、号单位",)}, {"PY-7", "PY-8"}),
        ({"units": ("联合办",)}, {"PY-1", "@PY-2"}),
        ({"units": ("联合办", "1、号单位"), "stages": (Stage.EXITED,)}, {"PY-7", "PY-8"}),
        ({"sectors": (Sector.TRADE,)}, {"PY-1"}),
        ({"stages": (Stage.FOLLOW_UP, Stage.LANDED)}, {"PY-5", "PY-6"}),
        ({"signed_from": date(2013, 3, 2)}, set()),
        ({"signed_from": SIGNED, "signed_until": SIGNED, "sectors": (Sector.TRADE,)}, {"PY-1"}),
        ({"amount_from": Decimal(5000001), "stages": (Stage.SIGNED,)}, {"PY-1", "@PY-2"}),
        ({"amount_until": Decimal("0.01")}, {"PY-5"}),
    ],
    ids=lambda given: str(given) if isinstance(given, dict) else f"{len(given)} projects",
)
def test_every_filter_has_to_fit(filters: dict[str, Any], codes: set[str]) -> None:
    awkward.fill()
    with snapshot() as session:
        chosen = projects_of(session, Selection(**filters))
        assert set(session.scalars(select(Project.code).where(Project.id.in_(chosen)))) == codes


@pytest.mark.parametrize(
    "filters",
    [{"units": ("没有的县",)}, {"signed_from": TODAY, "signed_until": SIGNED}, {"amount_from": 2, "amount_until": 1}],
    ids=str,
)
def test_a_filter_that_makes_no_sense_is_refused(filters: dict[str, Any]) -> None:
    with snapshot() as session, pytest.raises(Refused):
        projects_of(session, Selection(**filters))


@pytest.mark.usefixtures("locale")
def test_no_sheet_of_the_official_ledger_counts_as_one_that_was_not_read(path: Path) -> None:
    awkward.fill()
    assert len(load_workbook(export(path)).sheetnames) > 5
    assert read_ledger(path).unread == ()


def test_a_part_of_the_ledger_names_only_those_it_speaks_of(path: Path) -> None:
    awkward.fill()
    book = load_workbook(export(path, Selection(units=("1、号单位",))))
    assert [row["名称"] for row in rows(book["单位"])] == ["1、号单位"]
    assert rows(book["人员"]) == []
    assert "1、号单位" in book["台账"]["A2"].value


@pytest.mark.usefixtures("locale")
def test_the_blank_ledger_is_read_as_a_ledger_without_projects(path: Path) -> None:
    write_template(path)
    file = read_ledger(path)
    assert (file.row_count, file.problems, file.units, file.people, file.squads) == (0, (), (), (), ())
    assert file.unread == ()
    fields = {column.field for column in LEDGER}
    (headers,) = file.headers.values()
    assert set(headers) == fields


def test_the_blank_ledger_offers_choices_and_a_word_on_each_column(path: Path) -> None:
    write_template(path)
    sheet = load_workbook(path)["台账"]
    lists = [rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert any("食品加工" in each for each in lists)
    assert '"是,否"' in lists
    needed = [cell for cell in sheet[3] if str(cell.value).startswith("*")]
    assert [str(cell.value).split("\n")[0] for cell in needed] == ["*项目名称", "*责任单位", "*总投资", "*签约日期"]
    comments = [cell.comment.text for cell in sheet[3] if cell.comment]
    assert len(comments) >= 10


def test_a_row_written_into_the_blank_ledger_is_a_project(path: Path) -> None:
    awkward.fill()
    write_template(path)
    book = load_workbook(path)
    sheet = book["台账"]
    said = {"*项目名称": "新园", "*责任单位": "清丰县", "*总投资（万元）": 800, "*签约日期": date(2013, 6, 1)}
    said |= {"产业大类": "家具", "中小企业": "是"}
    for cell in sheet[3]:
        if (value := said.get(str(cell.value).replace("\n", ""))) is not None:
            sheet.cell(4, cell.column, value)
    book.save(path)
    result = bring(path)
    assert (result.new, [problem for problem in result.problems if problem.is_fault]) == (1, [])
    with transaction() as session:
        project = session.scalars(select(Project).where(Project.name == "新园")).one()
        assert (project.amount, project.sector, project.is_sme) == (Decimal(8000000), Sector.FURNITURE, True)


def test_units_beyond_the_last_sheet_are_told_of_and_their_projects_are_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    awkward.fill()
    monkeypatch.setattr(ledger_export, "MAX_UNIT_SHEETS", 2)
    book = load_workbook(export(path))
    assert book.sheetnames == ["汇总", "台账", "清丰县", JOINT, "单位", "人员", "小分队"]
    assert len(rows(book["台账"])) == 8
    assert "仅前2个单位" in str(book["汇总"]["A3"].value)


def test_the_summary_stays_readable_with_thirty_units_and_long_names(path: Path) -> None:
    with transaction("测试") as session:
        for number in range(30):
            unit = Unit(name=f"{number}市城乡一体化示范区管理委员会招商引资服务中心")
            alike: dict[str, Any] = {"name": "园", "sector": Sector.FOOD, "signed_on": SIGNED}
            project = Project(code=f"P{number}", unit=unit, amount=Decimal("5000000001.23"), **alike)
            session.add(project)
            session.flush()
            plan_visit(session, project, TODAY, SIGNED)
    sheet = load_workbook(export(path))["汇总"]
    first = next(cell.row for cell in sheet["A"] if cell.value == "责任单位") + 1
    assert all(sheet.row_dimensions[row].height >= 3 * 13 for row in range(first, first + 30))
    total = sheet.cell(first + 30, 6)
    assert (total.value, total.number_format) == (15000000.00369, "#,##0.00")
    with ZipFile(path) as book:
        places = book.read("xl/drawings/drawing1.xml").decode()
        landing = book.read("xl/charts/chart2.xml").decode()
    heights = [int(row) for row in re.findall(r"<xdr:row>(\d+)</xdr:row>", places)]
    assert all(below >= above for above, below in zip(heights[1::2], heights[2::2], strict=False))
    assert '<c:max val="1.3"/>' in landing


def test_more_columns_of_the_offices_own_than_excel_has_are_told_of(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    awkward.fill()
    monkeypatch.setattr(ledger_export, "MOST_COLUMNS", 45)
    sheet = load_workbook(export(path))["台账"]
    assert sheet.max_column == 45
    assert "Excel" in str(sheet.cell(2, 1).value)


def test_a_text_of_the_offices_own_too_long_for_a_cell_is_not_cut_in_the_ledger(path: Path) -> None:
    awkward.fill()
    long = "很长的备注" * 8000
    with transaction("测试") as session:
        first = session.scalars(select(Project).order_by(Project.id)).first()
        assert first is not None
        first.extra = {**first.extra, "备注": long}
    assert bring(export(path)).changed == 0
    with snapshot() as session:
        assert long in {project.extra.get("备注") for project in session.scalars(select(Project))}
