"""Two workers, many people at once: every answer enters the ledger once, and every subject keeps
one run.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from models.escalation.question import Ask
from models.words import BlockerOutcome, ItemKind, ItemResult, Verdict
from support.office import Office, in_step
from support.office.person import Reply
from support.waiting import wait_for
from tasks.ledger.questions import LIFECYCLE, RESOLUTION

UNHINDERED, BLOCKED = 15, 10
"""So many projects are visited twice, and so many once with a blocker resolved: 50 answers."""


@pytest.fixture
def two_workers(office: Office) -> Iterator[Office]:
    second = office.start_worker()
    yield office
    office.stop_worker(second)


def test_fifty_answers_to_two_workers_are_each_entered_once(two_workers: Office) -> None:
    office = two_workers
    unhindered, blocked = office.sign(UNHINDERED), office.sign(BLOCKED, blockers=1)
    office.open_runs()
    blockers = {each: office.items(each, ItemKind.BLOCKER)[0].id for each in blocked}
    together = threading.Barrier(UNHINDERED)  # their first answers are sent in the same moment

    def visit_twice(project_id: int) -> list[Reply]:
        form = office.visit_asked(project_id)
        together.wait(timeout=60)
        first = office.visit(form, progress=f"{project_id} 第1次回访")
        return [first, office.visit(office.visit_asked(project_id, form), progress=f"{project_id} 第2次回访")]

    def visit_and_resolve(project_id: int) -> list[Reply]:
        first = office.visit(office.visit_asked(project_id), progress=f"{project_id} 第1次回访")
        question = office.blocker_asked(blockers[project_id])
        resolved = {"outcome": BlockerOutcome.RESOLVED.label, "result": "已解决"}
        return [first, office.answer(question, **resolved)]

    with ThreadPoolExecutor(UNHINDERED + BLOCKED) as people:
        at_work = [people.submit(visit_twice, each) for each in unhindered]
        at_work += [people.submit(visit_and_resolve, each) for each in blocked]
        replies = [reply for each in at_work for reply in each.result()]

    assert len(replies) == 50
    assert [reply for reply in replies if not reply.is_accepted] == []
    wait_for(lambda: all(is_settled(office, each) for each in [*unhindered, *blocked]), "every answer to be judged")
    for project_id in [*unhindered, *blocked]:
        count = 1 if project_id in blockers else 2
        texts = [f"{project_id} 第{number}次回访" for number in range(1, count + 1)]
        assert [visit.progress for visit in office.visits(project_id)] == texts
        verdicts = office.verdicts(LIFECYCLE, project_id)
        assert (verdicts.count(Verdict.APPLIED), verdicts.count(Verdict.REFUSED), verdicts[-1]) == (count, 0, None)
        office.visit_asked(project_id)
        in_step(office, LIFECYCLE, project_id)
    for project_id, item_id in blockers.items():
        (item,) = office.items(project_id, ItemKind.BLOCKER)
        assert item.result is ItemResult.RESOLVED
        assert office.verdicts(RESOLUTION, item_id) == [Verdict.APPLIED]
        (run,) = office.runs_of(RESOLUTION, item_id)
        assert office.finished(run["id"])["state_type"] == "COMPLETED"
    assert all(served_by(office, number, unhindered) for number in range(2)), "one worker did all the work"


def is_settled(office: Office, project_id: int) -> bool:
    """Whether nothing that was answered is left to be judged."""
    items = [item.id for item in office.items(project_id, ItemKind.BLOCKER) if item.closed_on is None]
    visits = office.verdicts(LIFECYCLE, project_id).count(Verdict.APPLIED)
    return not items and visits == (2 if not office.items(project_id, ItemKind.BLOCKER) else 1)


def served_by(office: Office, number: int, projects: list[int]) -> list[Ask]:
    """The forms whose answers this worker entered, as its log tells."""
    log = (office.folder / f"worker-{number}.log").read_text()
    return [ask for each in projects for ask in office.asks(LIFECYCLE, each) if f"{ask.form_no} ·" in log]


def test_an_answer_and_a_nudge_at_the_same_moment_lose_nothing(office: Office) -> None:
    projects = office.sign(12)
    office.open_runs()
    forms = [office.visit_asked(each) for each in projects]

    with ThreadPoolExecutor(2) as hands:
        for form in forms:
            nudge = hands.submit(office.set_state, form.flow_run_id, "SCHEDULED")
            answer = hands.submit(office.visit, form)
            nudge.result()
            accepted = answer.result().is_accepted
            office.visit_asked(form.subject_id, form)
            assert len(office.visits(form.subject_id)) == int(accepted), office.ask(form)
            in_step(office, LIFECYCLE, form.subject_id)
