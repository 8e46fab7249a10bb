"""Reconciliation mends what is lost, doubled or left over."""

from sqlalchemy import select, update

from models.escalation.question import Ask, Run
from models.ledger.project import Project, Subject
from models.words import Exit, ItemKind, MilestoneKind, Stage
from support.office import Office, in_step
from support.office.checks import (
    APPLIED,
    OLD,
    REFUSED,
    SOMEBODY_ELSE,
    SUPERSEDED,
    assert_goes_on,
    assert_nothing_happened,
)
from support.office.days import days_ago, today
from support.waiting import wait_for
from tasks.database import transaction
from tasks.dialogues.update_runs import dialogues, update_runs
from tasks.dialogues.visit import VisitDialogue
from tasks.items.facts import end_project
from tasks.ledger.locks import lock_project
from tasks.ledger.questions import LIFECYCLE, RESOLUTION, overtake
from tasks.runs.dialogue import reserve
from tasks.runs.prefect_api import create_runs, deployments_of, live_runs, suspended_run, write_form
from tasks.runs.reconciliation import Reconciliation, served_subjects


def test_a_run_created_but_not_yet_named_in_the_ledger_is_named_not_cancelled(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    with transaction() as session:  # as after a kill between Prefect's answer and the ledger's note of it
        session.execute(update(Run).where(Run.flow_run_id == form.flow_run_id).values(flow_run_id=None))
        session.execute(update(Ask).where(Ask.id == form.id).values(flow_run_id=None))
    office.grow_old(form.flow_run_id, OLD)

    office.reconcile()

    assert in_step(office, LIFECYCLE, project_id).id == form.id
    assert office.served_by(LIFECYCLE, project_id).run_no == 1
    assert office.verdicts(LIFECYCLE, project_id) == [None]
    assert_goes_on(office, project_id, before=0)


def test_a_question_asked_while_reconciliation_looks_is_not_asked_again(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    before = served_subjects(dialogues())
    assert office.visit(form).is_accepted
    second = office.visit_asked(project_id, form)

    with office.client() as client:
        look = Reconciliation(
            client,
            before,
            live_runs(client, [LIFECYCLE, RESOLUTION]),
            [],
            deployments_of(client, [LIFECYCLE, RESOLUTION]),
        )
        assert second.flow_run_id not in look.nudged()

    assert in_step(office, LIFECYCLE, project_id).id == second.id
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]


def test_a_fact_recorded_while_a_run_is_opened_leaves_no_form_that_nobody_reads(office: Office) -> None:
    (project_id,) = office.sign()
    with transaction() as session:
        taken = reserve(session, VisitDialogue(project_id), None, today())
    assert taken
    ask, key, label = taken
    with transaction() as session:
        overtake(session, (LIFECYCLE,), select(Project.id).where(Project.id == project_id))
    with office.client() as client:
        (run_id,) = create_runs(client, LIFECYCLE, [suspended_run(ask, label, key, {"project_id": project_id})], [])
        write_form(client, run_id, ask)
        update_runs(Subject(project_id=project_id))  # the fact's own, before the opening has noted its run

    form = office.visit_asked(project_id)
    assert form.flow_run_id == run_id
    assert office.verdicts(LIFECYCLE, project_id) == [SUPERSEDED, None]
    assert_goes_on(office, project_id, before=0)


def test_a_project_that_ended_before_its_runs_were_told_leaves_none_behind(office: Office) -> None:
    project_id = office.new_project(blockers=1)
    form = office.visit_asked(project_id)
    (item,) = office.items(project_id, ItemKind.BLOCKER)
    question = office.blocker_asked(item.id)
    with transaction() as session:  # as after a kill between the ledger's commit and the nudges
        project = lock_project(session, project_id)
        project.exit, project.exit_reason = Exit.LOST, "投资方撤资"
        end_project(session, project, Stage.EXITED, today(), today())

    office.reconcile()

    for run_id in (form.flow_run_id, question.flow_run_id):
        assert office.finished(run_id)["state_type"] == "COMPLETED"
    assert office.verdicts(LIFECYCLE, project_id) == [SUPERSEDED]
    assert office.verdicts(RESOLUTION, item.id) == [SUPERSEDED]


def test_an_errand_refused_after_its_run_ended_is_asked_again_with_the_reason(office: Office) -> None:
    project_id = office.new_project()
    errand = office.start("record-fact", project=office.project(project_id).code)
    report = office.errand_asked(errand)
    with office.spoilt("差事的故障二"):
        assert office.answer(report, filled_in_by=SOMEBODY_ELSE, progress="差事的故障二").is_accepted
        assert office.finished(errand)["state_type"] == "FAILED"
        office.reconcile()
        wait_for(lambda: office.ask(report).attempts == 2, "the second try")
        assert office.finished(errand)["state_type"] == "FAILED"
        office.reconcile()
        again = office.errand_asked(errand, report)
    assert office.ask(report).verdict is REFUSED
    assert "spoilt by a test" in again.brief.partition("---")[0]
    assert office.answer(again, filled_in_by=SOMEBODY_ELSE, progress="再次提交").is_accepted
    assert office.finished(errand)["state_type"] == "COMPLETED"
    assert office.verdicts("record-fact", project_id) == [REFUSED, APPLIED]


def test_an_errand_answered_just_before_it_is_cancelled_is_entered(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    errand = office.start("record-fact", project=office.project(project_id).code)
    report = office.errand_asked(errand)
    office.kill_worker()
    assert office.answer(report, filled_in_by=SOMEBODY_ELSE, progress="取消之前已提交").is_accepted
    office.cancel(errand)
    assert office.run(errand)["state_type"] == "CANCELLED"

    office.start_worker()

    assert "取消之前已提交" in office.visit_asked(project_id, form).brief
    assert office.finished(errand)["state_type"] == "COMPLETED"
    assert office.verdicts("record-fact", project_id) == [APPLIED]
    assert_goes_on(office, project_id, before=0)


def test_an_errand_that_failed_by_a_fault_is_entered_when_the_fault_is_gone(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    errand = office.start("record-fact", project=office.project(project_id).code)
    report = office.errand_asked(errand)
    with office.spoilt("差事的故障"):
        assert office.answer(report, filled_in_by=SOMEBODY_ELSE, progress="差事的故障").is_accepted
        assert office.finished(errand)["state_type"] == "FAILED"

    office.reconcile()

    assert "差事的故障" in office.visit_asked(project_id, form).brief
    assert office.finished(errand)["state_type"] == "COMPLETED"
    assert office.verdicts("record-fact", project_id) == [APPLIED]
    assert_goes_on(office, project_id, before=0)


def test_an_errand_cancelled_in_the_ui_stays_cancelled(office: Office) -> None:
    project_id = office.new_project()
    errand = office.start("record-fact", project=office.project(project_id).code)
    office.errand_asked(errand)
    office.cancel(errand)

    office.reconcile()

    assert office.run(errand)["state_type"] == "CANCELLED"
    assert office.verdicts("record-fact", project_id) == [SUPERSEDED]
    assert_nothing_happened(office, project_id)
    in_step(office, LIFECYCLE, project_id)


def test_milestones_of_a_refused_answer_are_not_kept(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    blank = {"kind": MilestoneKind.REGISTERED.label, "done_on": str(days_ago(3)), "evidence": "   "}

    assert office.visit(form, milestones=[blank]).is_accepted

    second = office.visit_asked(project_id, form)
    assert office.verdicts(LIFECYCLE, project_id) == [REFUSED, None]
    assert office.ask(form).reason in second.brief
    assert office.project(project_id).milestones == []
    assert_nothing_happened(office, project_id)
