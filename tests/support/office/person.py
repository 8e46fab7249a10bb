"""A person at the Prefect UI: waits for a form, fills it in, resumes, cancels."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from models.escalation.question import Ask
from support.office.days import today
from support.office.ledger import Ledger
from support.office.runs import FINAL
from support.office.workers import Workers
from support.waiting import wait_for
from tasks.database import transaction
from tasks.ledger.questions import ESCALATION, INVESTOR_VISIT, LIFECYCLE, RESOLUTION

WHO = "清丰县招商局 专员"  # fills in a form unless a test says otherwise


@dataclass(frozen=True)
class Reply:
    """What the server says to an answer: the HTTP code, ACCEPT, REJECT or ABORT, and why."""

    code: int
    status: str
    reason: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether the UI would show that the run resumes."""
        return (self.code, self.status) == (201, "ACCEPT")


def defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What the UI shows, and sends, when nobody touches the form."""
    return {name: field["default"] for name, field in schema["properties"].items() if "default" in field}


class PersonAtUi(Workers, Ledger):
    """Waits for forms and sends them as the UI does."""

    def waiting(self, flow: str, subject_id: int, after: Ask | None = None) -> Ask | None:
        """The question that waits for the subject, other than `after`: open in the ledger, its run
        suspended on it.
        """
        open_asks = [ask for ask in self.asks(flow, subject_id) if ask.verdict is None]
        if len(open_asks) != 1 or open_asks[0].overtaken_at or open_asks[0].flow_run_id is None:
            return None
        if (after and open_asks[0].id == after.id) or not self.has_form(open_asks[0]):
            return None
        asked = self.paused_on(open_asks[0].flow_run_id)
        return asked if asked and asked.id == open_asks[0].id else None

    def asked(self, flow: str, subject_id: int, after: Ask | None = None) -> Ask:
        """The question that waits for the subject, once it is another one than `after`."""
        return wait_for(
            lambda: self.waiting(flow, subject_id, after),
            lambda: f"the next form of {flow} {subject_id}\n{self.asks(flow, subject_id)}\n{self.worker_log()}",
        )

    def visit_asked(self, project_id: int, after: Ask | None = None) -> Ask:
        """The visit form that waits."""
        return self.asked(LIFECYCLE, project_id, after)

    def blocker_asked(self, item_id: int, after: Ask | None = None) -> Ask:
        """The blocker form that waits."""
        return self.asked(RESOLUTION, item_id, after)

    def investor_asked(self, item_id: int, after: Ask | None = None) -> Ask:
        """The form of a visit to an investor that waits."""
        return self.asked(INVESTOR_VISIT, item_id, after)

    def raised_asked(self, item_id: int, after: Ask | None = None) -> Ask:
        """The form that waits with the leader or the inspection office."""
        return self.asked(ESCALATION, item_id, after)

    def errand_asked(self, run_id: str, after: Ask | None = None) -> Ask:
        """The form a run waits with that somebody started by hand."""

        def asked() -> Ask | None:
            ask = self.paused_on(run_id)
            if ask is None:
                assert self.run(run_id)["state_type"] not in FINAL, f"{run_id} is over:\n{self.worker_log()}"
            is_new = ask and (after is None or ask.id != after.id)
            return ask if ask and is_new and self.has_form(ask) else None

        return wait_for(asked, lambda: f"the form of {run_id}\n{self.worker_log()}")

    def paused_on(self, run_id: object) -> Ask | None:
        """The question a run is suspended with."""
        run = self.run(run_id)
        if run["state_type"] != "PAUSED":
            return None
        details = run["state"]["state_details"]
        assert details["pause_timeout"] is None, "it would wait for ever beyond its limit: nobody ends such runs"
        with transaction() as session:
            return session.get(Ask, uuid.UUID(details["pause_key"]))

    def has_form(self, ask: Ask) -> bool:
        """Whether the question's form lies beside its run: it comes right after the suspension."""
        return self.http.get(f"/flow_runs/{ask.flow_run_id}/input/{ask.keyset['schema']}").is_success

    def answer(self, ask: Ask, **entries: Any) -> Reply:
        """Send the form as the UI does: what it was prefilled with, and what the person entered."""
        return self.resume(ask, {**defaults(ask.schema_sent), "filled_in_by": WHO, **entries})

    def visit(self, ask: Ask, **entries: Any) -> Reply:
        """Answer a visit form: an ordinary visit of today, unless told otherwise."""
        return self.answer(ask, **{"visited_on": str(today()), "progress": "主体工程施工中", **entries})

    def resume(self, ask: Ask, run_input: dict[str, Any] | None) -> Reply:
        """What the UI's Resume button sends; None sends no body at all."""
        body = None if run_input is None else {"run_input": run_input}
        return self._reply(self.http.post(f"/flow_runs/{ask.flow_run_id}/resume", json=body))

    def set_state(self, run_id: object, state: str, *, name: str = "", force: bool = False) -> Reply:
        """What the UI's menus send to cancel a run or to change its state."""
        body = {"state": {"type": state, "name": name or state.title()}, "force": force}
        return self._reply(self.http.post(f"/flow_runs/{run_id}/set_state", json=body))

    def cancel(self, run_id: object) -> Reply:
        """Both UIs cancel by this call, forced."""
        return self.set_state(run_id, "CANCELLING", force=True)

    @staticmethod
    def _reply(response: httpx.Response) -> Reply:
        assert response.status_code < 500, response.text
        said = response.json()
        return Reply(
            response.status_code,
            said.get("status") or "",
            (said.get("details") or {}).get("reason") or json.dumps(said.get("exception_detail", "")),
        )
