"""The page of a run: the brief it waits with, its answers in a row, how it ended."""

from typing import Any

from models.escalation.question import Ask
from models.words import BlockerCategory, BlockerOutcome, ItemKind, VisitOutcome
from support.office import Office
from support.office.days import today, working_day
from support.office.ledger import COUNTY
from support.office.person import WHO, defaults
from support.waiting import wait_for
from tasks.database import transaction
from tasks.ledger.questions import LIFECYCLE

HOSTILE = {"__prefect_kind": "jinja", "template": "{{ 1 / 0 }}"}


def artifacts(office: Office, run_id: object) -> list[dict[str, Any]]:
    only = {"artifacts": {"flow_run_id": {"any_": [str(run_id)]}}}
    found: list[dict[str, Any]] = office.http.post("/artifacts/filter", json=only).raise_for_status().json()
    return found


def shows(office: Office, form: Ask) -> bool:
    """Whether its run's page shows it, and nothing else."""
    return [page["data"].endswith(form.brief) for page in artifacts(office, form.flow_run_id)] == [True]


def brief_of(office: Office, run_id: object) -> tuple[str, str]:
    """The one artifact of a run: its line in the list, and what it shows."""
    (shown,) = artifacts(office, run_id)
    assert (shown["type"], shown["key"]) == ("markdown", None)
    return shown["description"], shown["data"]


def timeline(office: Office, run_id: object, count: int) -> list[dict[str, Any]]:
    """The tasks of a run in the order they began, once there are so many: they are recorded beside
    it.
    """
    body = {"flow_runs": {"id": {"any_": [str(run_id)]}}, "sort": "EXPECTED_START_TIME_ASC"}

    def ended() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = office.http.post("/task_runs/filter", json=body).raise_for_status().json()
        return found if len(found) >= count and all(task["end_time"] for task in found) else []

    return wait_for(ended, lambda: f"{count} tasks of {run_id}\n{office.worker_log()}")


def number(form_no: str) -> str:
    return form_no.rpartition("-")[2]


def test_a_run_shows_its_brief_from_the_moment_it_is_opened_until_it_ends(office: Office) -> None:
    project_id = office.new_project()
    first = office.visit_asked(project_id)
    state, text = brief_of(office, first.flow_run_id)
    assert all(word in state for word in ("等待填报", "回访", first.form_no))
    assert text.startswith(f"**{state}**")
    assert "Resume" in text.partition("---")[0]
    assert text.endswith(first.brief)

    problem = {
        "category": BlockerCategory.LAND.label,
        "recipient_unit": COUNTY,
        "description": "缺口60亩",
        "due_on": str(today()),
    }
    assert office.visit(first, blockers=[problem]).is_accepted
    second = office.visit_asked(project_id, first)
    wait_for(lambda: brief_of(office, first.flow_run_id)[1].endswith(second.brief), "the brief of the second form")

    (owed,) = office.items(project_id, ItemKind.BLOCKER)
    blocker = office.blocker_asked(owed.id)
    assert office.answer(blocker, outcome=BlockerOutcome.RESOLVED.label, result="已调剂指标").is_accepted
    ended = office.finished(blocker.flow_run_id)
    state, text = brief_of(office, blocker.flow_run_id)
    assert state == "本运行已结束"
    assert ended["state"]["message"] in text
    assert "等待填报" not in text


def test_a_brief_that_was_deleted_is_shown_anew_and_from_then_on_kept_current(office: Office) -> None:
    forms = [office.visit_asked(project_id := office.new_project())]
    assert [str(forms[0].page_id)] == [page["id"] for page in artifacts(office, forms[0].flow_run_id)]
    office.http.delete(f"/artifacts/{forms[0].page_id}").raise_for_status()
    for _each in range(2):
        assert office.visit(forms[-1]).is_accepted
        last = office.visit_asked(project_id, forms[-1])
        wait_for(lambda form=last: shows(office, form), "its brief")
        forms.append(last)
    with transaction() as session:
        new_pages = {session.get_one(Ask, form.id).page_id for form in forms[1:]}
    assert len(new_pages - {None, forms[0].page_id}) == len(new_pages) == 1


def test_the_answers_of_a_run_stand_in_its_timeline_and_a_refused_one_does_not_fail_it(office: Office) -> None:
    project_id = office.new_project()
    forms = [office.visit_asked(project_id)]
    for entries in ({"visited_on": "昨天"}, {}, {"outcome": VisitOutcome.LANDED.label}):
        assert office.visit(forms[-1], **{"outcome": VisitOutcome.CONTINUE.label, **entries}).is_accepted
        forms.append(office.visit_asked(project_id, forms[-1]))

    tasks = timeline(office, forms[0].flow_run_id, 3)
    verdicts = ["未采纳", "已采纳", "未采纳"]
    names = [f"回访 {number(form.form_no)} · {verdict}" for form, verdict in zip(forms, verdicts, strict=False)]
    assert [task["name"] for task in tasks] == names
    assert {task["state"]["name"] for task in tasks} == {"Completed"}
    assert [task["state"]["message"] or "" for task in tasks] == [office.ask(form).reason for form in forms[:3]]
    assert office.run(forms[0].flow_run_id)["state_type"] == "PAUSED"


def test_a_question_that_was_overtaken_is_no_answer_and_shows_none(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    office.set_state(form.flow_run_id, "SCHEDULED")
    second = office.visit_asked(project_id, form)
    assert office.visit(second).is_accepted
    office.visit_asked(project_id, second)
    (task,) = timeline(office, form.flow_run_id, 1)
    assert number(second.form_no) in task["name"]


def test_the_brief_of_a_run_that_was_cancelled_says_that_another_goes_on(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    office.cancel(form.flow_run_id)
    office.reconcile()
    wait_for(lambda: office.served_by(LIFECYCLE, project_id).flow_run_id != form.flow_run_id, "another run")
    again = office.visit_asked(project_id)
    assert brief_of(office, form.flow_run_id)[0] == "本运行已结束"
    assert again.form_no in brief_of(office, again.flow_run_id)[0]


def test_a_refused_answer_stands_in_the_next_form_and_is_accepted_once_mended(office: Office) -> None:
    project_id = office.new_project()
    first = office.visit_asked(project_id)
    milestone = {"kind": "公司注册", "done_on": "2026年13月1日", "evidence": "营业执照 9141"}
    entries = {"visited_on": str(today()), "progress": "已取得执照", "milestones": [milestone]}
    assert office.answer(first, **entries).is_accepted

    second = office.visit_asked(project_id, first)
    shown = defaults(second.schema_sent)
    assert {name: shown[name] for name in entries} == entries
    assert (shown["filled_in_by"], shown["form_no"]) == (WHO, second.form_no)
    assert "2026年13月1日" in second.brief.partition("---")[0]

    mended = {**shown, "milestones": [{**milestone, "done_on": f"{today():%Y.%m.%d}"}]}
    assert office.resume(second, mended).is_accepted
    third = office.visit_asked(project_id, second)
    assert [visit.progress for visit in office.visits(project_id)] == ["已取得执照"]
    assert [each.done_on for each in office.project(project_id).milestones] == [today()]
    assert "progress" not in defaults(third.schema_sent)


def test_what_a_hostile_answer_holds_is_no_default_of_the_next_form(office: Office) -> None:
    project_id = office.new_project()
    first = office.visit_asked(project_id)
    hostile = {
        "visited_on": "昨天",
        "progress": "进" * 150_000,
        "topics": {"policy": HOSTILE, "service": "已代办"},
        "blockers": [HOSTILE, [[]], {"description": "缺口60亩", "due_on": 7}],
        "hidden": "x",
    }
    assert office.answer(first, **hostile).code in (201, 400, 422)
    second = wait_for(lambda: office.waiting(LIFECYCLE, project_id), "the form")
    if second.id != first.id:
        shown = defaults(second.schema_sent)
        assert shown["topics"] == {"service": "已代办"}
        assert shown["blockers"] == [{"description": "缺口60亩"}]
        assert "hidden" not in second.schema_sent["properties"]
    assert office.answer(second, visited_on=str(today()), progress="已开工", topics={}, blockers=[]).is_accepted
    office.visit_asked(project_id, second)
    assert [visit.progress for visit in office.visits(project_id)] == ["已开工"]


def test_a_problem_that_needs_more_time_comes_back_with_what_was_written(office: Office) -> None:
    _project_id, item_id = office.stall(working_day(5))
    form = office.blocker_asked(item_id)
    entries = {"outcome": BlockerOutcome.EXTENSION.label, "reason": "等省厅批复", "due_on": "2026年"}
    assert office.answer(form, **entries).is_accepted
    again = office.blocker_asked(item_id, form)
    assert {name: defaults(again.schema_sent)[name] for name in entries} == entries
    assert again.prefilled["due_on"] == str(working_day(5))
