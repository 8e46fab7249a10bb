"""What tests of accidents check: after each the ledger is right and one living run is left.

Verdicts are listed oldest first; None is the question that waits. So they also say that nothing was
asked twice.
"""

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from models.escalation.question import Ask
from models.words import Stage, Verdict
from support.office import Office, in_step
from support.office.person import WHO, Reply
from support.waiting import wait_for
from tasks.ledger.questions import LIFECYCLE
from tasks.runs.lock import held_run

APPLIED, REFUSED, SUPERSEDED = Verdict.APPLIED, Verdict.REFUSED, Verdict.SUPERSEDED
NO_FORM = Reply(200, "REJECT", "Run input schema not found.")
SOMEBODY_ELSE = "濮阳市商务局 值班员"
OLD = timedelta(minutes=2)  # longer than reconciliation gives a run to settle
LATCH = 411_009  # the number of the lock by which a test holds the ledger still


def assert_nothing_happened(office: Office, project_id: int) -> None:
    assert office.visits(project_id) == []
    assert office.project(project_id).stage is Stage.SIGNED


def assert_visited_once(office: Office, project_id: int, form: Ask) -> None:
    """The visit stands in the register once, entered by who sent the form."""
    (visit,) = office.visits(project_id)
    (entered,) = office.changes("visit", visit.item_id, None)
    assert (entered.actor, entered.source) == (WHO, f"{LIFECYCLE} {form.form_no}")


def assert_goes_on(office: Office, project_id: int, before: int) -> None:
    """The waiting form, the only one, takes an answer, and it enters the ledger."""
    form = in_step(office, LIFECYCLE, project_id)
    assert office.visit(form).is_accepted
    office.visit_asked(project_id, form)
    assert len(office.visits(project_id)) == before + 1
    in_step(office, LIFECYCLE, project_id)


def suspensions(office: Office, form: Ask) -> list[dict[str, Any]]:
    """The states in which the run waited for this form."""
    states = office.http.get("/flow_run_states/", params={"flow_run_id": str(form.flow_run_id)}).json()
    return [state for state in states if state["state_details"]["pause_key"] == str(form.id)]


def held_up(office: Office) -> bool:
    """Whether somebody waits where the ledger is held still."""
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :latch AND NOT granted"
    with office.connect() as connection:
        return bool(connection.execute(text(waiting), {"latch": LATCH}).scalar())


def kill_while(office: Office, table: str, when: str, act: Any, url: str = "") -> None:
    """Do `act`, hold the worker at its next INSERT into `table` that fits `when`, kill it there,
    start another.

    The table is the ledger's unless `url` names another database.
    """
    with (
        office.trigger(table, when, f"PERFORM pg_advisory_xact_lock({LATCH})", url),
        office.connect(url) as holder,
    ):
        holder.execute(text(f"SELECT pg_advisory_lock({LATCH})"))
        act()
        wait_for(lambda: held_up(office), lambda: f"the worker to write {table}\n{office.worker_log()}")
        office.kill_worker()
        holder.execute(text(f"SELECT pg_advisory_unlock({LATCH})"))
        wait_for(lambda: not held_up(office), "the dead worker's transaction to end")
    office.start_worker()


def is_left_alone(run_id: uuid.UUID | None) -> bool:
    """Whether nobody executes the run."""
    assert run_id
    with held_run(run_id) as free:
        return free
