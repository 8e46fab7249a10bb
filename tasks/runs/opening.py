"""Opens and wakes runs. All of it may be repeated, interrupted, or done twice at once."""

import uuid
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.exceptions import PrefectHTTPStatusError
from prefect.logging import get_logger
from sqlalchemy import text

from models.escalation.question import Ask
from models.i18n import clauses
from models.i18n import gettext as _
from tasks.database import transaction
from tasks.ledger.office_time import day_of
from tasks.ledger.questions import overtaken_runs
from tasks.runs.dialogue import Dialogue, drain, reserve
from tasks.runs.page import show_ending, show_first_brief
from tasks.runs.prefect_api import Label, create_runs, nudge, suspended_run, write_form

AT_ONCE = 4  # requests under way at once: the Prefect server is one process
BATCH = 25  # runs a request; Prefect takes 100, but in small batches ledger and Prefect work side by side

NAME_RUN = "UPDATE run SET flow_run_id = :run WHERE flow = :flow AND subject_id = :subject AND flow_run_id IS NULL"
NAME_ASK = "UPDATE ask SET flow_run_id = :run, page_id = :page WHERE id = :ask"


@dataclass(frozen=True)
class Opening:
    """A subject that needs a run, and the run that served it before and is over."""

    dialogue: Dialogue[Any]
    dead: uuid.UUID | None = None


class Reserved(NamedTuple):
    """A subject and its question, with the idempotency key and the label of its run."""

    dialogue: Dialogue[Any]
    ask: Ask
    key: str
    label: Label


class RunsNotOpened(RuntimeError):
    """Some subjects got no run, the message says why; reconciliation tries again."""


def open_runs(client: SyncPrefectClient, openings: Sequence[Opening], as_of: str = "") -> list[uuid.UUID]:
    """Open a run for every subject, in bulk; answers to former runs are entered first.

    Raises `RunsNotOpened`, after all others were opened, for those that could not be.
    """
    failed: list[str] = []
    ready = [opening for opening in openings if _is_drained(client, opening, as_of, failed)]
    for dead in filter(None, (opening.dead for opening in ready)):
        show_ending(client, dead, _("It ended before its work was done; another run goes on with it."))
    opened: list[uuid.UUID] = []
    registering: Future[list[uuid.UUID]] | None = None
    with ThreadPoolExecutor(1) as registrar:  # while Prefect works on one batch, the ledger takes the next
        for start in range(0, len(ready), BATCH):
            batch = _reserve_all(ready[start : start + BATCH], as_of, failed)
            opened += _registered(registering, failed)
            registering = registrar.submit(_register, client, batch, failed)
        opened += _registered(registering, failed)
    if failed:
        raise RunsNotOpened(clauses(failed))
    return opened


def _is_drained(client: SyncPrefectClient, opening: Opening, as_of: str, failed: list[str]) -> bool:
    """Whether no answer waits at the former run; a fault keeps only this subject back."""
    if opening.dead is None:
        return True
    try:
        drain(client, opening.dialogue, opening.dead, as_of)
    except Exception as fault:
        get_logger().exception("the answer to a former run could not be entered")
        failed.append(f"{opening.dialogue.flow} {opening.dialogue.subject_id}: {fault}")
        return False
    return True


def _reserve_all(openings: Sequence[Opening], as_of: str, failed: list[str]) -> list[Reserved]:
    reserved: list[Reserved | None] = []
    calendars: dict[Any, Any] = {}  # read once for all of them
    for opening in openings:
        try:
            reserved.append(_reserve(opening, as_of, calendars))
        except Exception as fault:  # keeps only this subject back
            get_logger().exception("a question could not be asked")
            failed.append(f"{opening.dialogue.flow} {opening.dialogue.subject_id}: {fault}")
    return [taken for taken in reserved if taken]


def _reserve(opening: Opening, as_of: str, calendars: dict[Any, Any]) -> Reserved | None:
    with transaction(source="open-runs") as session:  # one each: two batches at once never wait for each other's locks
        session.info["calendars"] = calendars
        taken = reserve(session, opening.dialogue, opening.dead, day_of(as_of))
    return Reserved(opening.dialogue, *taken) if taken else None


def _register(client: SyncPrefectClient, reserved: Sequence[Reserved], failed: list[str]) -> list[uuid.UUID]:
    opened: list[uuid.UUID] = []
    for flow in sorted({taken.ask.flow for taken in reserved}):
        mine = [taken for taken in reserved if taken.ask.flow == flow]
        bodies = [
            suspended_run(ask, label, key, {dialogue.parameter: dialogue.subject_id})
            for dialogue, ask, key, label in mine
        ]
        created = zip(mine, create_runs(client, flow, bodies, failed), strict=True)
        good = [(taken, run_id) for taken, run_id in created if run_id]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            pages = list(pool.map(lambda run: _furnish(client, *run), good))
        _name_runs([(taken.ask, run_id, page_id) for (taken, run_id), page_id in zip(good, pages, strict=True)])
        opened += [run_id for _taken, run_id in good]
    return opened


def _furnish(client: SyncPrefectClient, taken: Reserved, run_id: uuid.UUID) -> uuid.UUID | None:
    """Give a run its brief, then its form: from then on it can be answered; returns its page."""
    page_id = show_first_brief(client, taken.dialogue, taken.ask, run_id)
    write_form(client, run_id, taken.ask)
    return page_id


def _registered(registering: Future[list[uuid.UUID]] | None, failed: list[str]) -> list[uuid.UUID]:
    try:
        return registering.result() if registering else []
    except (PrefectHTTPStatusError, httpx.TransportError) as fault:
        failed.append(str(fault))
        return []


def _name_runs(opened: Sequence[tuple[Ask, uuid.UUID, uuid.UUID | None]]) -> None:
    """Let the ledger name the runs and their pages, in the order given, so that two never block
    each other.
    """
    rows = [
        {"flow": ask.flow, "subject": ask.subject_id, "ask": ask.id, "run": run_id, "page": page_id}
        for ask, run_id, page_id in opened
    ]
    if rows:
        with transaction(source="open-runs") as session:
            for statement in (NAME_RUN, NAME_ASK):
                session.execute(text(statement), rows)


def wake_overtaken_runs(client: SyncPrefectClient) -> int:
    """Wake every run whose question is out of date; returns how many."""
    with transaction() as session:
        runs = overtaken_runs(session)
    nudge(client, runs)
    return len(runs)
