"""What a run's page tells: its steps as tasks with names, why it failed, and which run it is."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from models.i18n import written
from models.words import RevisitEnd
from support.office import Office
from support.office.days import days_ago, working_day
from support.office.ledger import COUNTY
from support.office.runs import FINAL, RECORDED
from support.programs.receiver import Receiver
from support.waiting import wait_for
from tasks.ledger.office_time import day_of

GENERATED = re.compile("[a-z]+-[a-z]+", re.IGNORECASE)


def by_name(office: Office, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {task["name"]: task for task in office.tasks(run["id"])}


def steps(office: Office, run: dict[str, Any], *names: str) -> dict[str, dict[str, Any]]:
    """The run's tasks, once each of them is over; these and no others, in this order."""

    def recorded() -> dict[str, dict[str, Any]] | None:
        tasks = by_name(office, run)
        is_over = all(task["state_type"] in FINAL for task in tasks.values())
        return tasks if len(tasks) >= len(names) and is_over else None

    tasks = wait_for(recorded, lambda: f"{names}, there are {list(by_name(office, run))}", RECORDED)
    assert list(tasks) == list(names)
    return tasks


def states(tasks: dict[str, dict[str, Any]]) -> set[str]:
    return {task["state_type"] for task in tasks.values()}


def ledger_file(path: Path, code: str) -> str:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(("项目编号", "项目名称", "产业大类", "责任单位", "总投资（万元）", "签约日期"))
    sheet.append((code, f"{code} 木门项目", "家具", COUNTY, 8000, str(days_ago(30))))
    book.save(path)
    return str(path)


def test_an_import_is_read_entered_and_reported(office: Office, tmp_path: Path) -> None:
    path = ledger_file(tmp_path / "5月份台账.xlsx", "RP-1")
    run = office.done("ledger-import", path=path)
    assert (run["state_type"], run["name"]) == ("COMPLETED", "导入台账 · 5月份台账.xlsx")
    tasks = steps(
        office,
        run,
        "查找新文件",
        "读取5月份台账.xlsx",
        "录入5月份台账.xlsx",
        "编制5月份台账.xlsx的导入报告和待更正表",
        "下发和更新待填报表单",
        "更新启动表单的选项",
    )
    assert states(tasks) == {"COMPLETED"}
    assert all(task["total_run_time"] > 0 for task in tasks.values())
    trial = office.done("ledger-import", path=path, dry_run=True)
    assert trial["name"] == "导入台账 · 5月份台账.xlsx · 试运行"


def test_of_a_file_that_cannot_be_read_the_step_the_log_and_the_page_say_why(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "空表.xlsx"
    Workbook().save(path)
    run = office.done("ledger-import", path=str(path))
    assert run["state_type"] == "FAILED"
    tasks = steps(office, run, "查找新文件", "读取空表.xlsx", "下发和更新待填报表单", "更新启动表单的选项")
    assert tasks["读取空表.xlsx"]["state_type"] == "FAILED"
    wait_for(lambda: run["state"]["message"] in office.log(run["id"]), "the reason in the log")


def test_a_sweep_fires_opens_reports_and_renews(office: Office) -> None:
    day = working_day(0)
    office.stall(working_day(-2))
    run = office.sweep(day)
    at = written(day)
    tasks = steps(
        office,
        run,
        "登记已填报的表单",
        f"触发{at}到期的催办督办",
        "下发和更新待填报表单",
        f"编制{at}督办扫描报告",
        "办结已全部回访的活动",
        "更新启动表单的选项",
    )
    assert states(tasks) == {"COMPLETED"}


def test_a_receiver_that_fails_twice_shows_its_retries_and_is_told(office: Office, receiver: Receiver) -> None:
    office.stall(working_day(-2))
    office.sweep(working_day(0))
    wait_for(office.all_are_told, "what waited before")
    office.stall(working_day(-2))
    Office.forget_sweeps_after(working_day(0))
    receiver.statuses = [503, 500]
    before = len(receiver.messages)
    office.sweep(working_day(0))
    run = wait_for(lambda: delivery_with(office, "leader-system"), "the delivery")
    assert run["state_type"] == "COMPLETED"
    tasks = by_name(office, run)
    told = next(task for name, task in tasks.items() if "leader-system" in name)
    assert (told["name"], told["run_count"], told["state_type"]) == ("送达：leader-system（1条）", 3, "COMPLETED")
    assert [message.status for message in receiver.messages[before:]] == [503, 500, 200]
    history = office.http.get("/task_run_states/", params={"task_run_id": told["id"]}).raise_for_status().json()
    assert [state["name"] for state in sorted(history, key=lambda state: str(state["timestamp"]))].count(
        "AwaitingRetry"
    ) == 2


def delivery_with(office: Office, channel: str) -> dict[str, Any] | None:
    """The newest delivery, once it is over and its tasks are known."""
    *_former, run = sorted(office.runs("notice-delivery"), key=lambda run: str(run["created"]))
    tasks = by_name(office, run)
    over = [task for name, task in tasks.items() if channel in name and task["state_type"] == "COMPLETED"]
    return run if over and run["state_type"] in FINAL else None


def test_a_bulletin_is_frozen_written_and_sent(office: Office) -> None:
    run = office.done("weekly-bulletin")
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    tasks = wait_for(lambda: len(by_name(office, run)) == 3 and by_name(office, run), "its tasks")
    frozen, rendered, sent = tasks
    assert frozen.startswith("核定")
    assert re.fullmatch("生成第[0-9]+期文档和附表", rendered)
    assert re.fullmatch("发送第[0-9]+期", sent)


def test_a_campaign_asks_draws_and_opens(office: Office) -> None:
    office.sign()
    run = office.done("revisit-campaign", name="过程可见的回访", working_days=5, filled_in_by="王科长")
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    steps(office, run, "下达回访任务", "更新回访进度", "下发和更新待填报表单", "更新启动表单的选项")
    ended = office.done(
        "close-revisit-campaign",
        campaign="过程可见的回访",
        outcome=RevisitEnd.CANCEL.label,
        reason="试过了",
        filled_in_by="王科长",
    )
    assert ended["state_type"] == "COMPLETED", ended["state"]["message"]
    steps(
        office,
        ended,
        "登记已填报的表单",
        "编制“过程可见的回访”报告",
        "更新回访进度",
        "结束“过程可见的回访”",
        "下发和更新待填报表单",
        "更新启动表单的选项",
    )


def test_an_export_with_dossiers_has_two_steps(office: Office) -> None:
    office.sign()
    run = office.done("ledger-export", dossiers=True)
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    assert run["name"] == f"签约项目台账 · 全部单位 · {written(day_of(''))}"
    steps(office, run, "生成签约项目台账", "生成项目档案")


def test_a_run_refused_at_its_start_has_a_name_and_its_log_says_why(office: Office) -> None:
    run = office.done("change-assignment", project="没有这个编号")
    assert (run["state_type"], run["name"]) == ("FAILED", "调整分包责任 · 没有这个编号")
    wait_for(lambda: office.log(run["id"]).count(run["state"]["message"]) == 1, "the reason in the log")


@pytest.mark.parametrize("parameters", [{"as_of": ["不是日期"]}, {"没有这个参数": 1}], ids=str)
def test_so_has_one_whose_parameters_the_flow_cannot_take(office: Office, parameters: dict[str, Any]) -> None:
    path = f"/deployments/{office.deployment('reconciliation' if '没有这个参数' in parameters else 'notice-delivery')}"
    body = {"parameters": parameters, "enforce_parameter_schema": False}
    started = office.http.post(f"{path}/create_flow_run", json=body).raise_for_status().json()
    run = office.finished(started["id"])
    assert run["state_type"] == "FAILED"
    assert not GENERATED.fullmatch(run["name"])
    wait_for(lambda: office.log(run["id"]), "a reason in the log")


def test_no_run_that_has_started_carries_a_generated_name(office: Office) -> None:
    for deployment in ("reconciliation", "notice-delivery", "ledger-import", "ledger-export", "slow-landing"):
        office.done(deployment)
    office.done("escalation-sweep", dry_run=True)
    # Without a deployment it is a test's own; without a count it was cancelled before it began
    over = office.http.post("/flow_runs/filter", json={"flow_runs": {"start_time": {"is_null_": False}}})
    began = [run for run in over.raise_for_status().json() if run["deployment_id"] and run["run_count"]]
    assert len(began) > 5
    assert [run["name"] for run in began if GENERATED.fullmatch(run["name"])] == []


def test_the_runs_of_one_item_are_told_apart_in_words(office: Office) -> None:
    _project, item = office.stall(working_day(-2))
    office.open_runs()
    office.sweep(working_day(0))
    office.raised_asked(item)
    names = [run["name"] for flow in ("blocker-resolution", "escalation") for run in office.live_runs(flow, item)]
    assert len(set(names)) == 2
    assert all(str(item) not in name.split(" · ")[-1] for name in names)


def some_time_ago(office: Office, run: dict[str, Any]) -> dict[str, Any]:
    """The run, as if it had ended a minute ago: what its tasks told is on record by then."""
    office.grow_old(run["id"], timedelta(minutes=1))
    return run


def found_nothing(office: Office, deployment: str) -> dict[str, Any]:
    """A run that found nothing; what others left is mended by one before it."""
    found: list[str] = []

    def idle() -> dict[str, Any] | None:
        run = office.run(office.done(deployment)["id"])
        found.append(run["state"]["message"])
        return run if "无待办" in run["tags"] else None

    return wait_for(idle, lambda: f"nothing to be found: {found}")


def test_of_runs_that_found_nothing_only_the_last_one_stays(office: Office) -> None:
    office.reconcile()
    for deployment in ("reconciliation", "notice-delivery"):
        office.done(deployment)
        idle = [some_time_ago(office, found_nothing(office, deployment)) for _each in range(3)]
        assert all(run["state_type"] == "COMPLETED" for run in idle)
        there = {run["id"] for run in office.runs(deployment)}
        assert [run["id"] in there for run in idle] == [False, False, True]
        assert "无待办" in office.run(idle[-1]["id"])["tags"]
        assert office.tasks(idle[0]["id"]) == []


def test_a_run_whose_tasks_may_not_be_on_record_yet_stays(office: Office) -> None:
    idle = [found_nothing(office, "notice-delivery") for _each in range(3)]
    there = {run["id"] for run in office.runs("notice-delivery")}
    assert [run["id"] in there for run in idle] == [True, True, True]


def test_with_an_idle_run_its_log_is_deleted(office: Office) -> None:
    office.done("notice-delivery")
    idle = some_time_ago(office, office.done("notice-delivery"))
    wait_for(lambda: len(office.log(idle["id"])) >= 4, "its log: two lines of the run, one of each task")
    office.done("notice-delivery")
    wait_for(lambda: not office.log(idle["id"]), "its log to be deleted")


def test_an_import_by_hand_that_found_nothing_stays(office: Office) -> None:
    first, _second = office.done("ledger-import"), office.done("ledger-import")
    assert "无待办" not in office.run(first["id"])["tags"]


def by_schedule(office: Office, hours_ago: int) -> dict[str, Any]:
    """A run of the hourly import, made up for by its schedule."""
    begins = datetime.now(UTC) - timedelta(hours=hours_ago)
    window = {"start_time": begins.isoformat(), "end_time": (begins + timedelta(hours=1)).isoformat(), "max_runs": 1}
    before = {run["id"] for run in office.runs("ledger-import")}
    office.http.post(f"/deployments/{office.deployment('ledger-import')}/schedule", json=window).raise_for_status()
    (run,) = [run for run in office.runs("ledger-import") if run["id"] not in before]
    return office.finished(run["id"])


def test_of_the_hourly_imports_that_found_nothing_only_the_last_one_stays(office: Office) -> None:
    by_hand = office.done("ledger-import")
    hourly = [some_time_ago(office, by_schedule(office, hours_ago)) for hours_ago in (9, 8, 7)]
    there = {run["id"] for run in office.runs("ledger-import")}
    assert [run["id"] in there for run in (by_hand, *hourly)] == [True, False, False, True]
