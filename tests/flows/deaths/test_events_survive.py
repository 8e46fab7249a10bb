"""The worker or the server is killed while an event is on its way: it comes all the same."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from support.office import Office
from support.office.checks import held_up, kill_while
from support.waiting import wait_for
from tasks.events import sending

TOLD = ["luodi.project.signed", "luodi.item.closed", "luodi.visit.made"]
HOLD_SENDERS = "SELECT pg_advisory_lock(hashtext('luodi.events'))"
STUCK_SENDERS = """
SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted
"""
UNSENT = "SELECT count(*) FROM outbox_event WHERE project_id = :project AND sent_at IS NULL"
WAITING = "SELECT count(*) FROM outbox_event WHERE project_id = :project"
AN_HOUR_PASSES = "UPDATE outbox_event SET sent_at = sent_at - interval '1 hour'"


def feed(office: Office, project_id: int) -> list[str]:
    return [event["event"] for event in office.events(f"luodi.project.{project_id}")]


@contextmanager
def nothing_is_sent(office: Office) -> Iterator[Connection]:
    """Inside the block whoever would send waits."""
    with office.connect() as holder:
        holder.execute(text(HOLD_SENDERS))
        yield holder


def test_a_worker_killed_between_the_commit_and_the_sending_loses_no_event(office: Office) -> None:
    project_id = office.new_project()
    wait_for(lambda: feed(office, project_id) == TOLD[:1], "the signing to be told")
    form = office.visit_asked(project_id)
    with nothing_is_sent(office) as holder:
        assert office.visit(form).is_accepted
        wait_for(lambda: office.visits(project_id), "the visit to be in the ledger")
        wait_for(lambda: holder.execute(text(STUCK_SENDERS)).scalar(), "the worker to send")
        assert holder.execute(text(UNSENT), {"project": project_id}).scalar() == 2
        office.kill_worker()
        assert feed(office, project_id) == TOLD[:1]
    office.start_worker()
    wait_for(lambda: feed(office, project_id) == TOLD, lambda: f"{feed(office, project_id)}\n{office.worker_log()}")


def test_of_what_was_not_committed_nothing_is_told_and_of_what_is_entered_then_each_once(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)

    def answer() -> None:
        office.visit(form, progress="尚未提交")
        wait_for(lambda: held_up(office), lambda: f"the worker to enter it\n{office.worker_log()}")
        with office.client() as client:
            sending.send_events(client)
        assert "luodi.visit.made" not in feed(office, project_id)

    kill_while(office, "progress", "NEW.text = '尚未提交'", answer)
    office.visit_asked(project_id, form)
    wait_for(lambda: feed(office, project_id) == TOLD, lambda: f"{feed(office, project_id)}\n{office.worker_log()}")


def test_events_that_a_server_had_taken_and_not_stored_when_it_was_killed_are_sent_again(office: Office) -> None:
    office.kill_worker()
    (project_id,) = office.sign()
    with office.client() as client:
        assert sending.send_events(client) >= 1
    assert office.server
    office.server.kill()
    office.server.wait()
    office.start_server()
    with office.client() as client, office.connect() as ledger:
        assert feed(office, project_id) == [], "it was stored in time: this test shows nothing"
        assert sending.send_events(client) == 0
        ledger.execute(text(AN_HOUR_PASSES))
        sending.forget_stored(client)
        assert ledger.execute(text(WAITING), {"project": project_id}).scalar() == 1
        assert sending.send_events(client) >= 1
        wait_for(lambda: feed(office, project_id) == TOLD[:1], "the event to be stored")
        ledger.execute(text(AN_HOUR_PASSES))
        sending.forget_stored(client)
        assert ledger.execute(text(WAITING), {"project": project_id}).scalar() == 0
    office.start_worker()
