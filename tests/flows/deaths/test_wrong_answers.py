"""Answers that are wrong, early, or sent twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from models.escalation.question import Ask
from support.office import Office, in_step
from support.office.checks import (
    APPLIED,
    NO_FORM,
    REFUSED,
    assert_goes_on,
    assert_nothing_happened,
    assert_visited_once,
    suspensions,
)
from support.office.person import WHO
from support.waiting import wait_for
from tasks.ledger.questions import LIFECYCLE


def test_a_date_that_is_no_date_comes_back_with_field_and_value(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)

    assert office.visit(form, visited_on="2026-13-45").is_accepted, "Prefect has begun to check dates itself"

    second = office.visit_asked(project_id, form)
    head, rule, _brief = second.brief.partition("---")
    assert rule
    assert all(word in head for word in (form.schema_sent["properties"]["visited_on"]["title"], "2026-13-45", WHO))
    assert_nothing_happened(office, project_id)
    assert office.verdicts(LIFECYCLE, project_id) == [REFUSED, None]
    assert_goes_on(office, project_id, before=0)


def test_answers_given_within_a_second_of_the_question_all_arrive(office: Office) -> None:
    project_id = office.new_project()
    form: Ask | None = None
    delays = []
    for number in range(1, 7):
        form = newest_question(office, project_id, form)
        answer_as_soon_as_possible(office, form, f"第{number}次回访")
        suspended_at = datetime.fromisoformat(suspensions(office, form)[-1]["timestamp"])
        delays.append((answered_at(office, form) - suspended_at).total_seconds())

    office.visit_asked(project_id, form)

    assert sum(delay < 1 for delay in delays[1:]) >= 3, f"too slow to show anything: {delays}"
    assert [visit.progress for visit in office.visits(project_id)] == [f"第{number}次回访" for number in range(1, 7)]
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED] * 6 + [None]
    in_step(office, LIFECYCLE, project_id)


def newest_question(office: Office, project_id: int, after: Ask | None) -> Ask:
    """The question as soon as the ledger has it, which is before the run suspends."""

    def newer() -> Ask | None:
        ask = office.asks(LIFECYCLE, project_id)[-1]
        return ask if ask.verdict is None and ask.flow_run_id and (after is None or ask.id != after.id) else None

    return wait_for(newer, lambda: f"the next question\n{office.worker_log()}")


def answer_as_soon_as_possible(office: Office, form: Ask, progress: str) -> None:
    """Send the answer again and again until the run is suspended, has its form and takes it."""

    def send() -> bool:
        reply = office.visit(form, progress=progress)
        assert reply.is_accepted or reply.status == "ABORT" or reply == NO_FORM, reply
        return reply.is_accepted

    wait_for(send, "the run to take an answer")


def answered_at(office: Office, form: Ask) -> datetime:
    """The moment the server took the answer."""
    body = {"prefix": form.keyset["response"], "limit": 1}
    (answer,) = office.http.post(f"/flow_runs/{form.flow_run_id}/input/filter", json=body).json()
    return datetime.fromisoformat(answer["created"])


def test_the_same_form_sent_twice_is_entered_once(office: Office) -> None:
    project_ids = office.sign(count=6)
    office.open_runs()
    forms = [office.visit_asked(project_id) for project_id in project_ids]

    for form in forms:
        with ThreadPoolExecutor(2) as fingers:
            replies = list(fingers.map(office.visit, [form, form]))
        assert [reply.is_accepted for reply in replies].count(True) == 1, replies

    for project_id, form in zip(project_ids, forms, strict=True):
        second = office.visit_asked(project_id, form)
        late = office.visit(form)
        assert (late.code, late.status) == (200, "REJECT")
        assert form.form_no in late.reason
        assert in_step(office, LIFECYCLE, project_id).id == second.id
        assert_visited_once(office, project_id, form)
        assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]
