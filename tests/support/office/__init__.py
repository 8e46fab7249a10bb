"""An office for flow tests: a real Prefect server, a ledger of its own, real workers, and a person
at the UI.
"""

from datetime import date
from typing import Any

from prefect import flow
from sqlalchemy import delete, select

from flows.escalation_sweep import sweep_day
from models.escalation.notice import Notice
from models.escalation.question import Ask
from models.ledger.history import SweepLog
from support.office.days import today
from support.office.faults import Faults
from support.office.person import PersonAtUi
from support.waiting import wait_for
from tasks.database import transaction
from tasks.dialogues.update_runs import enter_answers


class Office(PersonAtUi, Faults):
    """A running office. The ledger is reached by `tasks.database.transaction`, Prefect by its REST
    API.
    """

    def open(self, template: str) -> None:
        """Make the ledger, a copy of the migrated `template`, and start server and worker."""
        self.administer(f"CREATE DATABASE {self.ledger} TEMPLATE {template} STRATEGY FILE_COPY")
        self.start_server()
        self.found()
        self.start_worker()

    def stop(self) -> None:
        """Stop everything."""
        for worker in list(self.workers):
            self.stop_worker(worker)
        self.stop_server()
        self.http.close()

    def sweep(self, as_of: date) -> dict[str, Any]:
        """A sweep of that day and the delivery of its notices, both from start to end.

        Days to come are swept in this process, which is told that they have come.
        """
        self.forget_sweeps_after(as_of)
        if as_of > today():
            with self.client():
                state = flow(name="a-day-to-come")(sweep_day)(as_of, enter_answers(), as_of, return_state=True)
            run: dict[str, Any] = {"state_type": state.type.value, "state": {"message": state.message}}
        else:
            run = self.done("escalation-sweep", as_of=str(as_of))
        wait_for(self.all_are_told, lambda: f"the notices of {as_of}\n{self.worker_log()}")
        return run

    @staticmethod
    def forget_sweeps_after(day: date) -> None:
        """Other tests swept later days in this ledger."""
        with transaction(source="test") as session:
            session.execute(delete(SweepLog).where(SweepLog.as_of > day))

    def all_are_told(self) -> bool:
        """Whether no notice waits and nobody is delivering any."""
        with transaction() as session:
            waiting = session.scalars(
                select(Notice.id).where(Notice.delivery_id.is_(None), Notice.dropped_at.is_(None))
            )
            none = waiting.first() is None
        return none and self.runs("notice-delivery", live=True) == []


def in_step(office: Office, flow: str, subject_id: int) -> Ask:
    """The one open question, waited with by the one living run, which is the ledger's; fails when
    anything differs.
    """
    (live,) = office.live_runs(flow, subject_id)
    waiting = office.waiting(flow, subject_id)
    assert waiting is not None, office.asks(flow, subject_id)
    assert live["id"] == str(waiting.flow_run_id) == str(office.served_by(flow, subject_id).flow_run_id)
    assert waiting.keyset["schema"] in office.inputs(live["id"])
    return waiting
