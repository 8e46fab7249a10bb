"""Our own code fails on an answer."""

from models.escalation.question import Ask
from models.i18n import gettext as _
from support.office import Office
from support.office.checks import APPLIED, REFUSED, assert_goes_on, assert_nothing_happened, assert_visited_once
from support.office.person import WHO
from tasks.database import transaction
from tasks.ledger.questions import LIFECYCLE
from tasks.runs.dialogue import UNENDED_TRIES


def test_an_answer_a_fault_kept_out_comes_in_when_the_fault_is_gone(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    with office.spoilt("暂时的故障"):
        assert office.visit(form, progress="暂时的故障").is_accepted
        assert office.finished(form.flow_run_id)["state_type"] == "FAILED"
    kept = office.ask(form)
    assert (kept.verdict, kept.attempts, kept.answer and kept.answer["progress"]) == (None, 1, "暂时的故障")
    assert_nothing_happened(office, project_id)

    office.reconcile()

    assert office.visit_asked(project_id, form).flow_run_id != form.flow_run_id
    assert_visited_once(office, project_id, form)
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]
    assert office.served_by(LIFECYCLE, project_id).run_no == 2
    assert_goes_on(office, project_id, before=1)


def test_a_fault_that_stays_is_told_and_holds_up_nobody_else(office: Office) -> None:
    project_id, other_id = office.sign(count=2)
    office.open_runs()
    form, other_form = office.visit_asked(project_id), office.visit_asked(other_id)
    with office.spoilt("持续的故障"):
        assert office.visit(form, progress="持续的故障").is_accepted
        assert office.finished(form.flow_run_id)["state_type"] == "FAILED"
        assert office.cancel(other_form.flow_run_id).status == "REJECT"

        second_try = office.done("reconciliation")

        assert second_try["state_type"] == "FAILED"
        assert form.form_no in second_try["state"]["message"] or "spoilt by a test" in second_try["state"]["message"]
        assert (office.ask(form).verdict, office.ask(form).attempts) == (None, 2)
        assert office.live_runs(LIFECYCLE, project_id) == []
        office.visit_asked(other_id, other_form)

        office.reconcile()

        second = office.visit_asked(project_id, form)
    refused = office.ask(form)
    assert (refused.verdict, refused.attempts) == (REFUSED, 3)
    assert refused.answer is not None
    assert (refused.answer["progress"], refused.filled_in_by) == ("持续的故障", WHO)
    assert "spoilt by a test" in refused.reason
    assert "spoilt by a test" in second.brief.partition("---")[0]
    assert "INSERT INTO" not in second.brief
    assert_nothing_happened(office, project_id)
    assert office.verdicts(LIFECYCLE, project_id) == [REFUSED, None]
    assert_goes_on(office, project_id, before=0)


def test_an_answer_on_which_every_try_hung_is_refused_with_the_reason_instead_of_tried_again(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    with transaction() as session:  # as executions leave it that were killed while they entered it
        session.get_one(Ask, form.id).attempts = UNENDED_TRIES

    assert office.visit(form, progress="每次都卡住").is_accepted

    second = office.visit_asked(project_id, form)
    refused = office.ask(form)
    assert (refused.verdict, refused.answer and refused.answer["progress"]) == (REFUSED, "每次都卡住")
    assert _("Entering it never came to an end.") in second.brief.partition("---")[0]
    assert_nothing_happened(office, project_id)
