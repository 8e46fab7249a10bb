"""`ledger-import` as a run: good rows go in and get their runs, bad cells come back in a table."""

import json
from pathlib import Path

import pytest
from office import BUREAU, COUNTY, Office, days_ago
from openpyxl import Workbook
from sqlalchemy import select

from models.project import Project
from tasks.database import transaction
from tasks.ledger import LIFECYCLE, RESOLUTION

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
    return {each["type"]: each["data"] for each in found}


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
    told = json.dumps(json.loads(shown["table"]), ensure_ascii=False)
    for part in ("责任单位", "不存在的县", "总投资（万元）", "5-8亿"):
        assert part in told
    assert "清丰县.xlsx" in shown["markdown"]


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


def test_a_dry_run_leaves_no_trace(office: Office, tmp_path: Path) -> None:
    run = office.done("ledger-import", path=workbook(tmp_path / "台账.xlsx", row("IM-5")), dry_run=True)
    assert run["state_type"] == "COMPLETED"
    assert project_id("IM-5") is None


@pytest.mark.parametrize(("path", "said"), [("/nowhere/台账.xlsx", "/nowhere/台账.xlsx"), ("", "")])
def test_a_file_that_is_not_there_is_named(office: Office, path: str, said: str) -> None:
    run = office.done("ledger-import", path=path)
    assert run["state_type"] == "FAILED"
    assert said in run["state"]["message"]
    assert "Error" not in run["state"]["message"]
