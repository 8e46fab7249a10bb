"""Opens and wakes the runs that serve the ledger. All of it may be repeated, interrupted, or done twice at once."""

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from sqlalchemy import update

from models.ask import Ask, Run
from tasks.database import transaction
from tasks.dialogue import Dialogue, drain, reserve
from tasks.ledger import day_of, overtaken_runs
from tasks.prefect_api import BULK_CREATE_LIMIT, Label, create_runs, nudge, suspended_run, write_form

AT_ONCE = 4
"""Requests under way at once: the Prefect server is one process."""


@dataclass(frozen=True)
class Opening:
    """A subject that needs a run, and the run that served it before and is over."""

    dialogue: Dialogue[Any]
    dead: uuid.UUID | None = None


def open_runs(client: SyncPrefectClient, openings: Sequence[Opening], as_of: str = "") -> list[uuid.UUID]:
    """Give every subject a run that waits with its question, in bulk; answers to former runs are entered first."""
    for opening in openings:
        if opening.dead:
            drain(client, opening.dialogue, opening.dead, as_of)
    opened: list[uuid.UUID] = []
    for start in range(0, len(openings), BULK_CREATE_LIMIT):
        opened += _open_batch(client, openings[start : start + BULK_CREATE_LIMIT], as_of)
    return opened


def _open_batch(client: SyncPrefectClient, openings: Sequence[Opening], as_of: str) -> list[uuid.UUID]:
    reserved = [taken for opening in openings if (taken := _reserve(opening, as_of))]
    opened: list[uuid.UUID] = []
    for flow in sorted({dialogue.flow for dialogue, *_rest in reserved}):
        mine = [each for each in reserved if each[0].flow == flow]
        bodies = [suspended_run(ask, label, key, dialogue.parameters) for dialogue, ask, key, label in mine]
        run_ids = create_runs(client, flow, bodies)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(write_form, [client] * len(mine), run_ids, [ask for _dialogue, ask, *_rest in mine]))
        _name_runs([(dialogue, ask.id, run_id) for (dialogue, ask, *_rest), run_id in zip(mine, run_ids, strict=True)])
        opened += run_ids
    return opened


def _reserve(opening: Opening, as_of: str) -> tuple[Dialogue[Any], Ask, str, Label] | None:
    with transaction(source="open-runs") as session:  # one each: two batches at once never wait for each other's locks
        taken = reserve(session, opening.dialogue, opening.dead, day_of(as_of))
    return (opening.dialogue, *taken) if taken else None


def _name_runs(served: Sequence[tuple[Dialogue[Any], uuid.UUID, uuid.UUID]]) -> None:
    with transaction(source="open-runs") as session:
        for dialogue, ask_id, run_id in served:
            serves = (Run.flow == dialogue.flow) & (Run.subject_id == dialogue.subject_id)
            session.execute(update(Run).where(serves, Run.flow_run_id.is_(None)).values(flow_run_id=run_id))
            session.execute(update(Ask).where(Ask.id == ask_id).values(flow_run_id=run_id))


def nudge_overtaken(client: SyncPrefectClient) -> int:
    """Wake every run whose question is out of date; returns how many."""
    with transaction() as session:
        runs = overtaken_runs(session)
    nudge(client, runs)
    return len(runs)
