"""The world moves while a form waits."""

from models.words import ItemKind, ItemResult, Stage, VisitOutcome
from support.office import Office
from support.office.checks import (
    APPLIED,
    REFUSED,
    SOMEBODY_ELSE,
    SUPERSEDED,
    assert_goes_on,
    assert_nothing_happened,
    assert_visited_once,
)
from support.office.days import days_ago, today
from tasks.ledger.questions import LIFECYCLE, RESOLUTION
from tasks.runs.lock import held_run


def test_a_fact_recorded_while_a_form_waits_is_in_the_form_asked_anew(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    errand = office.start("record-fact", project=office.project(project_id).code)
    report = office.errand_asked(errand)

    entries = {"happened_on": str(days_ago(1)), "progress": "省厅已批复环评"}
    assert office.answer(report, filled_in_by=SOMEBODY_ELSE, **entries).is_accepted

    second = office.visit_asked(project_id, form)
    assert office.finished(errand)["state_type"] == "COMPLETED"
    assert second.flow_run_id == form.flow_run_id
    assert "省厅已批复环评" in second.brief
    assert SOMEBODY_ELSE in second.brief
    late = office.visit(form)
    assert (late.code, late.status) == (200, "REJECT")
    assert form.form_no in late.reason
    assert office.verdicts(LIFECYCLE, project_id) == [SUPERSEDED, None]
    assert office.verdicts("record-fact", project_id) == [APPLIED]
    assert_nothing_happened(office, project_id)
    assert_goes_on(office, project_id, before=0)


def test_an_answer_stored_just_before_a_fact_is_entered_after_it(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    errand = office.start("record-fact", project=office.project(project_id).code)
    report = office.errand_asked(errand)

    with held_run(form.flow_run_id) as ours:  # the answer's execution waits until the fact is in the ledger
        assert ours
        assert office.visit(form).is_accepted
        assert office.answer(report, filled_in_by=SOMEBODY_ELSE, progress="省厅已批复环评").is_accepted
        assert office.finished(errand)["state_type"] == "COMPLETED"
        assert office.ask(form).overtaken_at is not None

    second = office.visit_asked(project_id, form)
    assert_visited_once(office, project_id, form)
    assert "省厅已批复环评" in second.brief
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]
    assert_goes_on(office, project_id, before=1)


def test_an_answer_stored_just_before_the_project_exits_is_kept_with_the_reason_it_came_too_late(
    office: Office,
) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    errand = office.start("record-fact", project=office.project(project_id).code)
    report = office.errand_asked(errand)

    with held_run(form.flow_run_id):
        assert office.visit(form, progress="迟到的回访").is_accepted
        exit_ = {"outcome": VisitOutcome.LOST.label, "reason": "投资方资金链断裂"}
        assert office.answer(report, filled_in_by=SOMEBODY_ELSE, **exit_).is_accepted
        assert office.finished(errand)["state_type"] == "COMPLETED"

    assert office.finished(form.flow_run_id)["state_type"] == "COMPLETED"
    late = office.ask(form)
    assert (late.verdict, late.answer and late.answer["progress"]) == (REFUSED, "迟到的回访")
    assert late.reason
    assert office.visits(project_id) == []
    assert office.project(project_id).stage is Stage.EXITED
    assert office.live_runs(LIFECYCLE, project_id) == []


def test_when_a_project_ends_its_blockers_runs_end(office: Office) -> None:
    project_id = office.new_project(blockers=2)
    form = office.visit_asked(project_id)
    items = office.items(project_id, ItemKind.BLOCKER)
    questions = [office.blocker_asked(item.id) for item in items]

    exit_ = {"outcome": VisitOutcome.TERMINATED.label, "reason": "双方协议终止"}
    assert office.visit(form, **exit_).is_accepted

    for run_id in [form.flow_run_id, *(question.flow_run_id for question in questions)]:
        assert office.finished(run_id)["state_type"] == "COMPLETED"
    project = office.project(project_id)
    assert (project.stage, project.exit_reason, project.ended_on) == (Stage.EXITED, "双方协议终止", today())
    for item in office.items(project_id, ItemKind.BLOCKER):
        assert item.result is ItemResult.PROJECT_ENDED
        assert office.verdicts(RESOLUTION, item.id) == [SUPERSEDED]
        assert office.live_runs(RESOLUTION, item.id) == []
    office.reconcile()
    assert office.live_runs(LIFECYCLE, project_id) == []
