"""`ledger-import` as a run: good rows go in and get their runs, bad cells come back in a table."""

import json
import secrets
from pathlib import Path
from urllib.parse import unquote

from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from models.i18n import written
from models.ledger.project import Project
from models.words import ItemKind, Step
from support.office import Office
from support.office.days import days_ago, working_day
from support.office.ledger import BUREAU, COUNTY
from tasks.database import transaction
from tasks.files import Folder
from tasks.imports.report import WATCHED_SIZE
from tasks.ledger.questions import LIFECYCLE, RESOLUTION

HEADERS = ("项目编号", "项目名称", "产业大类", "责任单位", "总投资（万元）", "签约日期", "存在的主要问题", "解决单位")


def workbook(path: Path, *rows: tuple[object, ...]) -> str:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADERS, *rows):
        sheet.append(row)
    book.save(path)
    return str(path)


def row(code: str, *, unit: str = COUNTY, amount: object = 8000, problem: str = "") -> tuple[object, ...]:
    return (code, f"{code} 木门项目", "家具", unit, amount, str(days_ago(30)), problem, BUREAU if problem else "")


def project_id(code: str) -> int | None:
    with transaction() as session:
        return session.scalar(select(Project.id).where(Project.code == code))


def artifacts(office: Office, run_id: str) -> dict[str, str]:
    body = {"artifacts": {"flow_run_id": {"any_": [run_id]}}}
    found = office.http.post("/artifacts/filter", json=body).raise_for_status().json()
    return {each["key"]: each["data"] for each in found}


def test_good_rows_get_runs_and_bad_cells_come_back_by_row_and_column(office: Office, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "清丰县.xlsx",
        row("IM-1", problem="用地指标未落实"),
        row("IM-2", unit="不存在的县"),
        row("IM-7", amount="5-8亿"),
    )
    run = office.done("ledger-import", path=path)
    assert run["state_type"] == "FAILED"
    signed = project_id("IM-1")
    assert signed is not None
    assert [project_id(code) for code in ("IM-2", "IM-7")] == [None, None]
    assert office.visit_asked(signed)
    (problem_run,) = [each for each in office.runs(RESOLUTION) if each["name"].startswith("IM-1")]
    assert problem_run["state_type"] == "PAUSED"

    shown = artifacts(office, run["id"])
    told = json.dumps(json.loads(shown["ledger-import-problems"]), ensure_ascii=False)
    for part in ("责任单位", "不存在的县", "总投资（万元）", "5-8亿"):
        assert part in told
    assert "清丰县.xlsx" in shown["ledger-import-report"]


def test_what_comes_in_long_overdue_has_a_form_that_says_where_it_begins(office: Office, tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    for cells in ((*HEADERS, "时间节点"), (*row("IM-8", problem="土地指标未落实"), str(days_ago(200)))):
        book.active.append(cells)
    book.save(path := tmp_path / "旧台账.xlsx")
    run = office.done("ledger-import", path=str(path))
    assert "1项早已逾期" in run["state"]["message"]
    page = artifacts(office, run["id"])["ledger-import-report"]
    assert f"/v2/deployments/deployment/{office.deployment('begin-backlog')}/run)" in page
    day, given = working_day(5), {"filled_in_by": "督查室科长", "rung": "提请分包领导"}
    tried = office.done("begin-backlog", day=str(day), **given)
    assert f"将自{written(day)}起，从“提请分包领导”开始督办" in tried["state"]["message"]
    assert "拟通知对象" in office.artifact("begin-backlog")
    assert "（无人：请在台账中明确责任人、分包领导） | 1" in office.artifact("begin-backlog")
    office.done("begin-backlog", day=str(day), dry_run=False, **given)
    (blocker,) = office.items(project_id("IM-8") or 0, ItemKind.BLOCKER)
    assert (blocker.next_step, blocker.next_fires_on) == (Step.LEADER, day)


def test_the_same_file_again_opens_nothing_more(office: Office, tmp_path: Path) -> None:
    path = workbook(tmp_path / "台账.xlsx", row("IM-3"))
    assert office.done("ledger-import", path=path)["state_type"] == "COMPLETED"
    signed = project_id("IM-3")
    assert signed is not None
    form = office.visit_asked(signed)
    assert office.done("ledger-import", path=path)["state_type"] == "COMPLETED"
    assert office.visit_asked(signed).id == form.id
    assert len(office.runs_of(LIFECYCLE, signed)) == 1


def test_a_changed_row_is_in_the_form_asked_anew(office: Office, tmp_path: Path) -> None:
    signed = workbook(tmp_path / "台账.xlsx", row("IM-4"))
    assert office.done("ledger-import", path=signed)["state_type"] == "COMPLETED"
    number = project_id("IM-4")
    assert number is not None
    form = office.visit_asked(number)
    changed = workbook(tmp_path / "台账2.xlsx", row("IM-4", amount="1.2亿元"))
    assert office.done("ledger-import", path=changed)["state_type"] == "COMPLETED"
    assert "1.2亿元" in office.visit_asked(number, form).brief


def test_an_older_file_leaves_the_cells_that_are_newer_and_the_run_says_how_many(
    office: Office, tmp_path: Path
) -> None:
    path = workbook(tmp_path / "台账.xlsx", row("IM-10"))
    assert office.done("ledger-import", path=path)["state_type"] == "COMPLETED"
    older = workbook(tmp_path / "旧台账.xlsx", row("IM-10", amount=100))
    run = office.done("ledger-import", path=older, file_day=str(days_ago(10)))
    assert run["state_type"] == "COMPLETED"
    assert "1个单元格保留未改" in run["state"]["message"]
    assert f"文件数据日期为{written(days_ago(10))}" in artifacts(office, run["id"])["ledger-import-report"]
    with transaction() as session:
        assert session.scalars(select(Project.amount).where(Project.code == "IM-10")).one() == 80_000_000


def test_a_file_cannot_count_as_of_a_day_to_come(office: Office, tmp_path: Path) -> None:
    path = workbook(tmp_path / "台账.xlsx", row("IM-9"))
    run = office.done("ledger-import", path=path, file_day=str(days_ago(-10)))
    assert run["state_type"] == "FAILED"
    assert project_id("IM-9") is None


def test_a_dry_run_leaves_no_trace(office: Office, tmp_path: Path) -> None:
    run = office.done("ledger-import", path=workbook(tmp_path / "台账.xlsx", row("IM-5")), dry_run=True)
    assert run["state_type"] == "COMPLETED"
    assert project_id("IM-5") is None


def test_a_file_that_is_not_there_is_named(office: Office, tmp_path: Path) -> None:
    run = office.done("ledger-import", path=str(tmp_path / "台账.xlsx"))
    assert run["state_type"] == "FAILED"
    assert f"找不到文件{tmp_path}/台账.xlsx" in run["state"]["message"]
    assert "Error" not in run["state"]["message"]


def test_a_path_that_no_import_may_read_is_refused_with_what_to_set(office: Office) -> None:
    run = office.done("ledger-import", path="/nowhere/台账.xlsx")
    assert run["state_type"] == "FAILED"
    for part in ("/nowhere/台账.xlsx不在允许导入的文件夹内", f"LUODI_IMPORT_FOLDERS={office.folder.parent}:/nowhere后"):
        assert part in run["state"]["message"]


def test_the_rejects_corrected_and_handed_in_again_enter_no_project_twice(office: Office, tmp_path: Path) -> None:
    path = workbook(tmp_path / "台账.xlsx", row("IM-8"), row("IM-9", amount="5-8亿"), row("IM-10", unit="清丰"))
    run = office.done("ledger-import", path=path)
    (rejects,) = [
        each for each in (office.folder / "files" / Folder.REJECTS).iterdir() if each.name.startswith(run["id"])
    ]
    assert rejects.name in unquote(artifacts(office, run["id"])["ledger-import-report"])
    book = load_workbook(rejects)
    marked = {cell.coordinate: cell for line in book["Sheet"] for cell in line if cell.comment}
    assert list(marked) == ["E3", "D4"]
    assert COUNTY in marked["D4"].comment.text
    marked["E3"].value, marked["D4"].value = "5亿元", COUNTY
    book.save(rejects)
    again = office.done("ledger-import", path=str(rejects))
    assert again["state_type"] == "COMPLETED", again["state"]["message"]
    with transaction() as session:
        codes = session.scalars(select(Project.code).where(Project.code.in_(["IM-8", "IM-9", "IM-10"]))).all()
    assert sorted(codes) == ["IM-10", "IM-8", "IM-9"]


def test_a_folder_gives_each_content_once_and_a_bad_file_keeps_no_other_back(office: Office, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("<html>")
    (tmp_path / "~$b.xlsx").write_text("open in Excel")
    workbook(tmp_path / "b.xlsx", row("IM-11"))
    run = office.done("ledger-import", path=str(tmp_path))
    assert run["state_type"] == "FAILED"
    assert ["a.xlsx" in line for line in run["state"]["message"].splitlines()] == [True, False]
    assert project_id("IM-11")
    (tmp_path / "b.xlsx").rename(tmp_path / "c.xlsx")
    run = office.done("ledger-import", path=str(tmp_path))
    assert (run["state_type"], run["state"]["message"]) == ("COMPLETED", "文件夹中没有新文件。")


def test_the_import_of_a_large_file_can_be_watched(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in ((*HEADERS, "附件"), *((*row(f"IM-L{n}"), secrets.token_urlsafe(20_000)) for n in range(60))):
        sheet.append(line)
    book.save(path)
    assert path.stat().st_size > WATCHED_SIZE
    run = office.done("ledger-import", path=str(path))
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    assert float(artifacts(office, run["id"])["ledger-import-progress"]) == 100
