"""The worker is killed in the middle of an answer."""

from datetime import timedelta
from pathlib import Path

from openpyxl import Workbook
from sqlalchemy import text

from models.words import BlockerCategory, ItemKind
from support.office import Office, in_step
from support.office.checks import APPLIED, assert_goes_on, assert_visited_once, kill_while
from support.office.days import days_ago, today
from support.office.ledger import BUREAU, COUNTY
from support.office.runs import RECORDED
from support.waiting import wait_for
from tasks.ledger.questions import LIFECYCLE, RESOLUTION


def test_a_worker_killed_between_the_answer_and_the_next_question_neither_repeats_nor_forgets(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    mine = f"NEW.flow = '{LIFECYCLE}' AND NEW.subject_id = {project_id}"

    def answer() -> None:
        assert office.visit(form).is_accepted
        wait_for(lambda: office.visits(project_id), "the visit to be in the ledger")

    kill_while(office, "ask", mine, answer)

    second = office.visit_asked(project_id, form)
    assert second.flow_run_id == form.flow_run_id
    assert_visited_once(office, project_id, form)
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]
    assert_goes_on(office, project_id, before=1)


def test_a_worker_killed_while_it_enters_an_answer_leaves_it_to_the_next(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)

    kill_while(
        office,
        "progress",
        "NEW.text = '正在写入台账'",
        lambda: office.visit(form, progress="正在写入台账"),
    )

    office.visit_asked(project_id, form)
    assert_visited_once(office, project_id, form)
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]
    assert_goes_on(office, project_id, before=1)


def test_a_file_whose_worker_was_killed_half_way_is_imported_whole_by_the_next(office: Office, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet
    sheet.append(["项目编号", "项目名称", "责任单位", "总投资（万元）", "签约日期", "预计开工时间"])
    for n in range(20):
        sheet.append([f"KI-{n}", f"中断项目{n}", COUNTY, 5000, str(days_ago(30)), "2032年8月"])
    book.save(tmp_path / "台账.xlsx")
    begun: list[str] = []

    def act() -> None:
        begun.append(office.start("ledger-import", path=str(tmp_path / "台账.xlsx")))

    kill_while(office, "milestone", "NEW.planned_on = '2032-08-31'", act)

    run = office.finished(begun[0])
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    with office.connect() as connection:
        found = connection.execute(text("SELECT id FROM project WHERE code LIKE 'KI-%'")).scalars().all()
    assert len(found) == 20
    assert all(office.visit_asked(project_id) for project_id in found)

    def entering() -> list[str]:
        return [task["state_type"] for task in office.tasks(begun[0]) if task["name"] == "录入台账.xlsx"]

    wait_for(lambda: entering() == ["CRASHED", "COMPLETED"], lambda: f"none to run for ever: {entering()}", RECORDED)


def test_a_worker_killed_after_a_fact_was_entered_does_not_ask_for_it_again(office: Office) -> None:
    project_id = office.new_project()
    errand = office.start("record-fact", project=office.project(project_id).code)
    form = office.errand_asked(errand)
    blocker = {
        "category": BlockerCategory.PERMIT.label,
        "recipient_unit": BUREAU,
        "description": "规划许可久拖未批",
        "due_on": str(today() + timedelta(days=9)),
    }

    kill_while(
        office,
        "ask",
        f"NEW.flow = '{RESOLUTION}' AND NEW.brief LIKE '%规划许可久拖未批%'",
        lambda: office.answer(form, progress="企业反映", blockers=[blocker]),
    )

    assert office.finished(errand)["state_type"] == "COMPLETED"
    assert office.verdicts("record-fact", project_id) == [APPLIED]
    (item,) = office.items(project_id, ItemKind.BLOCKER)
    office.blocker_asked(item.id)
    office.reconcile()
    in_step(office, RESOLUTION, item.id)
    in_step(office, LIFECYCLE, project_id)
