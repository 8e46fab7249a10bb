"""Brings Prefect in step with the ledger: each open subject has one run, with its question.

The ledger is read first and Prefect after, so a run that appears meanwhile is never taken for a
missing one.
"""

import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from prefect.artifacts import create_table_artifact
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, StateType
from sqlalchemy import func, select

from models.escalation.question import Ask, Run
from models.i18n import gettext as _
from models.i18n import mark, of_each
from models.words import Verdict
from tasks.database import transaction
from tasks.ledger.questions import overtaken_runs
from tasks.runs.dialogue import Dialogue
from tasks.runs.lock import held_run
from tasks.runs.opening import AT_ONCE, Opening, open_runs
from tasks.runs.page import cancel
from tasks.runs.prefect_api import (
    POOL,
    deployments_of,
    has_form,
    live_runs,
    nudge,
    read_answer,
    read_run,
    start_again,
    start_later,
    write_form,
)

GRACE = timedelta(minutes=1)  # from opening a run to its entry in the ledger
STRANDED = mark("Its deployment or its work pool was deleted: start it anew.")


@dataclass(frozen=True)
class Served:
    """A subject as the ledger sees it: the run it names and the question that is open."""

    dialogue: Dialogue[Any]
    run_id: uuid.UUID | None
    ask: Ask | None


def served_subjects(dialogues: Sequence[Dialogue[Any]]) -> list[Served]:
    with transaction() as session:
        runs = {(run.flow, run.subject_id): run.flow_run_id for run in session.scalars(select(Run))}
        open_asks = session.scalars(select(Ask).where(Ask.verdict.is_(None), Ask.is_standing))
        asks = {(ask.flow, ask.subject_id): ask for ask in open_asks}
    keys = [(dialogue.flow, dialogue.subject_id) for dialogue in dialogues]
    return [Served(dialogue, runs.get(key), asks.get(key)) for dialogue, key in zip(dialogues, keys, strict=True)]


def _age(run: FlowRun) -> timedelta:
    since = run.state.timestamp if run.state else run.created
    return datetime.now(UTC) - since if since else timedelta(0)


def _is_ours(run: FlowRun) -> bool:
    """Whether only our workers execute it; without a pool it is one whose pool was deleted."""
    return run.work_pool_name == POOL or (run.work_pool_name is None and run.deployment_id is not None)


def _retries(run: FlowRun) -> bool:
    """Whether the run waits for a retry in a process that is gone: no worker takes it up."""
    return bool(run.state and run.state.name == "AwaitingRetry")


def _is_over(run: FlowRun) -> bool:
    return run.state is None or run.state.is_final() or _retries(run)


def _waits_for(run: FlowRun, ask: Ask | None) -> bool:
    key = run.state.state_details.pause_key if run.state else None
    return ask is not None and ask.overtaken_at is None and key == str(ask.id)


@dataclass(frozen=True)
class Reconciliation:
    """Ledger and Prefect at one moment; `live` runs serve a subject as long as it is open."""

    client: SyncPrefectClient
    served: Sequence[Served]
    live: Sequence[FlowRun]
    others: Sequence[FlowRun]
    deployments: Collection[uuid.UUID]  # all there are of these flows

    @cached_property
    def _by_id(self) -> dict[uuid.UUID, FlowRun]:
        runs = (*self.live, *self.others)
        return {run.id: run for run in runs if not self._is_over(run) and run.state_type is not StateType.CANCELLING}

    def _is_over(self, run: FlowRun | None) -> bool:
        return run is None or _is_over(run) or self._is_stranded(run)

    def _is_stranded(self, run: FlowRun) -> bool:
        """Whether it waits for what nobody can do any more."""
        return run.state_type in (StateType.PAUSED, StateType.SCHEDULED) and self._is_homeless(run)

    def _is_homeless(self, run: FlowRun) -> bool:
        """Whether its deployment or its pool was deleted: it can be executed no more."""
        if run.deployment_id is None:
            return False
        return run.work_pool_name is None or run.deployment_id not in self.deployments

    def _suspended(self) -> Iterator[tuple[Served, FlowRun]]:
        for served in self.served:
            run = self._by_id.get(served.run_id) if served.run_id else None
            if run and run.state_type is StateType.PAUSED:
                yield served, run

    def opened(self) -> list[uuid.UUID]:
        """Open subjects without a living run get one."""
        missing = [served for served in self.served if served.run_id not in self._by_id]
        with ThreadPoolExecutor(AT_ONCE) as pool:  # asked again one by one: a page of the list may have slipped
            runs = list(pool.map(lambda served: served.run_id and read_run(self.client, served.run_id), missing))
        over = (served for served, run in zip(missing, runs, strict=True) if self._is_over(run))
        return open_runs(self.client, [Opening(served.dialogue, served.run_id) for served in over])

    def restarted(self) -> list[uuid.UUID]:
        """Runs whose worker died with them are scheduled anew.

        A worker holds a lock on the run it executes, in the ledger's database, from before it is
        Pending until it has ended, and loses it when it dies. So a run that is still Pending or
        Running once we hold its lock ourselves is executed by nobody.
        """
        return [run.id for run in self._busy(StateType.RUNNING, StateType.PENDING) if self._restart(run)]

    def _busy(self, *states: StateType) -> list[FlowRun]:
        runs = (*self.live, *self.others)
        return [run for run in runs if _is_ours(run) and run.state_type in states]

    def _restart(self, run: FlowRun) -> bool:
        with self._left_alone(run.id) as now:
            if now is None or now.state_type is not run.state_type:
                return False
            start_again(self.client, run.id)
            return True

    @contextmanager
    def _left_alone(self, run_id: uuid.UUID) -> Iterator[FlowRun | None]:
        """The run while nobody can execute it; None when somebody does, or it is gone."""
        with held_run(run_id) as free:
            yield read_run(self.client, run_id) if free else None

    def ended(self) -> list[uuid.UUID]:
        """Runs cancelled while they worked are ended once nobody executes them."""
        return [run.id for run in self._busy(StateType.CANCELLING) if self._end(run)]

    def _end(self, run: FlowRun) -> bool:
        with self._left_alone(run.id) as now:
            if now is None or now.state_type is not StateType.CANCELLING:
                return False
            cancel(self.client, run.id, _("Cancelled while it worked."))
            return True

    def nudged(self) -> list[uuid.UUID]:
        """Runs suspended on a question that is out of date are woken, to ask anew or to end."""
        stale = [
            run.id for served, run in self._suspended() if not _waits_for(run, served.ask) and self._is_stale(served)
        ]
        with transaction() as session:
            overtaken = overtaken_runs(session)  # also those that serve nothing any more
        return nudge(self.client, {*stale, *overtaken})

    def _is_stale(self, served: Served) -> bool:
        """Look at both again while nobody executes the run: they were read one after the other."""
        if served.run_id is None:
            return False
        with self._left_alone(served.run_id) as now, transaction() as session:
            ask = session.scalars(served.dialogue.waiting(served.run_id)).one_or_none()
            return now is not None and now.state_type is StateType.PAUSED and not _waits_for(now, ask)

    def rewritten(self) -> list[uuid.UUID]:
        """Suspended runs without their form get it: it was lost, or never written."""
        standing = [(run, served.ask) for served, run in self._suspended() if served.ask]
        waiting = [(run, ask) for run, ask in (*standing, *self._errands()) if _waits_for(run, ask)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            whole = list(pool.map(lambda pair: has_form(self.client, pair[0].id, pair[1]), waiting))
        lost = [pair for pair, fine in zip(waiting, whole, strict=True) if not fine]
        for run, ask in lost:
            write_form(self.client, run.id, ask)
        return [run.id for run, _lost in lost]

    def _errands(self) -> list[tuple[FlowRun, Ask]]:
        """The suspended runs of one-off forms, with their open questions."""
        suspended = {run.id: run for run in self.others if run.state_type is StateType.PAUSED}
        is_open = Ask.verdict.is_(None) & ~Ask.is_standing
        with transaction() as session:
            asks = session.scalars(select(Ask).where(is_open, Ask.flow_run_id == func.any(list(suspended)))).all()
        return [(suspended[ask.flow_run_id], ask) for ask in asks if ask.flow_run_id]

    def cancelled(self) -> list[uuid.UUID]:
        """Waiting runs that serve nothing, or what another run serves, are ended."""
        with transaction() as session:
            wanted = set(session.scalars(select(Run.flow_run_id)))  # read anew: runs were opened meanwhile
        idle = [run for run in self.live if run.state_type is StateType.PAUSED or self._is_over(run)]
        orphans = [run.id for run in idle if run.id not in wanted and _age(run) > GRACE]
        stranded = self._stranded_orders()
        whys = {
            **dict.fromkeys(orphans, _("The ledger needs this run no more.")),
            **dict.fromkeys(stranded, _(STRANDED)),
        }
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda run_id: cancel(self.client, run_id, whys[run_id]), whys))
        return list(whys)

    def _stranded_orders(self) -> list[uuid.UUID]:
        """Runs somebody started by hand that nobody can begin; with a question they are answered
        otherwise.
        """
        begun = select(Ask.flow_run_id).where(Ask.verdict.is_(None), Ask.flow_run_id.is_not(None))
        with transaction() as session:
            asking = set(session.scalars(begun))
        orders = [run for run in self.others if run.state_type is StateType.SCHEDULED and not run.auto_scheduled]
        return [run.id for run in orders if self._is_stranded(run) and run.id not in asking]

    def resumed(self) -> list[uuid.UUID]:
        """Runs that ended with an answer nobody judged go on."""
        answered = [(ask, run) for ask, run in self._left_over() if run and self._is_answered(ask, run)]
        return [run.id for ask, run in answered if self._resume(ask, run)]

    def _resume(self, ask: Ask, run: FlowRun) -> bool:
        with self._left_alone(run.id) as now:
            if now is None or not self._is_over(now):
                return False
            if self._is_homeless(now):
                self._replace(ask, now)
            else:
                start_again(self.client, run.id)
            return True

    def _replace(self, ask: Ask, run: FlowRun) -> None:
        """Let a new run enter the answer that was given to a stranded one."""
        answer, answered_at = read_answer(self.client, run.id, ask) or (ask.answer, ask.answered_at)
        heir = start_later(self.client, ask.flow, run.parameters, f"heir:{ask.id}")
        with transaction(source="reconciliation") as session:
            kept = session.get_one(Ask, ask.id, with_for_update=True)
            kept.answer, kept.answered_at, kept.flow_run_id = answer, answered_at, heir
            kept.filled_in_by = str((answer or {}).get("filled_in_by", ""))
        start_again(self.client, heir)
        cancel(self.client, run.id, _("Its deployment was deleted; another run goes on with it."))

    def given_up(self) -> list[uuid.UUID]:
        """Questions of runs that ended without an answer are settled as superseded."""
        unanswered = [(ask, run) for ask, run in self._left_over() if run is None or not self._is_answered(ask, run)]
        for _ask, run in unanswered:
            if run and not _is_over(run):
                cancel(self.client, run.id, _(STRANDED))
        lost = [ask for ask, _run in unanswered]
        unsettled = select(Ask).where(Ask.verdict.is_(None), Ask.id.in_([ask.id for ask in lost]))
        with transaction(source="reconciliation") as session:
            for ask in session.scalars(unsettled.with_for_update()):
                ask.judge(Verdict.SUPERSEDED, datetime.now(UTC))
        return [ask.flow_run_id for ask in lost if ask.flow_run_id]

    def _left_over(self) -> Iterator[tuple[Ask, FlowRun | None]]:
        """Open questions whose run is over and not replaced: of one-off forms, closed subjects."""
        replaced = {(served.dialogue.flow, served.dialogue.subject_id) for served in self.served}
        not_replaced = ~Ask.is_standing | Ask.overtaken_at.is_not(None)
        with transaction() as session:
            asks = session.scalars(select(Ask).where(Ask.verdict.is_(None), not_replaced)).all()
        for ask in asks:
            if ask.flow_run_id and ask.flow_run_id not in self._by_id and (ask.flow, ask.subject_id) not in replaced:
                run = read_run(self.client, ask.flow_run_id)
                if self._is_over(run):
                    yield ask, run

    def _is_answered(self, ask: Ask, run: FlowRun) -> bool:
        return ask.answer is not None or read_answer(self.client, run.id, ask) is not None


def restart_dead(client: SyncPrefectClient, flows: list[str]) -> list[uuid.UUID]:
    """Schedule anew what a dead worker was executing, without a look at the ledger's subjects."""
    busy = live_runs(client, flows, [StateType.PENDING, StateType.RUNNING])
    return Reconciliation(client, [], [], busy, ()).restarted()


Mended = dict[str, list[uuid.UUID]]  # the runs that were mended, by what was found

Find = Callable[[Reconciliation], list[uuid.UUID]]
STEPS: dict[Find, str] = {  # what is said of each run that was mended
    Reconciliation.restarted: mark("The worker had died: scheduled again"),
    Reconciliation.ended: mark("Cancelled while it worked: ended"),
    Reconciliation.opened: mark("No live run: opened"),
    Reconciliation.nudged: mark("The question was out of date: asked anew"),
    Reconciliation.rewritten: mark("The form was missing: written again"),
    Reconciliation.cancelled: mark("Serves nothing in the ledger: cancelled"),
    Reconciliation.resumed: mark("Its answer was not entered yet: scheduled again"),
    Reconciliation.given_up: mark("The run was gone: its question is settled"),
}
TITLES: dict[Find, str] = {  # what each step looks for
    Reconciliation.restarted: mark("Runs whose worker died"),
    Reconciliation.ended: mark("Runs cancelled while they worked"),
    Reconciliation.opened: mark("Matters without a run"),
    Reconciliation.nudged: mark("Questions out of date"),
    Reconciliation.rewritten: mark("Missing forms"),
    Reconciliation.cancelled: mark("Runs that serve nothing"),
    Reconciliation.resumed: mark("Answers that were not entered"),
    Reconciliation.given_up: mark("Questions whose run is gone"),
}


class Step:
    """One step of a reconciliation: finds runs of a kind, and mends them."""

    def __init__(self, look: Reconciliation, find: Find) -> None:
        self._look, self._find = look, find

    def __str__(self) -> str:
        return _(TITLES[self._find])

    def take(self) -> list[uuid.UUID]:
        return self._find(self._look)


def look_at_both(
    client: SyncPrefectClient, dialogues: Sequence[Dialogue[Any]], *, standing: list[str], others: list[str]
) -> Reconciliation:
    """Both as they are; `standing` are the flows that serve a subject as long as it is open."""
    served = served_subjects(dialogues)
    live, rest = live_runs(client, standing), live_runs(client, others)
    deployments = deployments_of(client, [*standing, *others])  # last: every run's own is among them if it is there
    return Reconciliation(client, served, live, rest, deployments)


def reconcile(look: Reconciliation, take: Callable[[Step], list[uuid.UUID]]) -> tuple[Mended, list[str]]:
    """Take every step, also when others fail; returns the mended runs, and what failed."""
    mended: Mended = {}
    failed: list[str] = []
    for find, finding in STEPS.items():
        step = Step(look, find)
        try:
            mended[finding] = take(step)
        except Exception as fault:  # one step's failure must not keep the others from mending
            failed.append(of_each(str(step), f"{type(fault).__name__}: {fault}"))
    return mended, failed


def show_mended(mended: Mended, failed: Sequence[str]) -> None:
    """Show beside the run, as a table, what was mended and what could not be."""
    run, finding = _("Run"), _("What was found")
    rows = [{run: str(run_id), finding: _(what)} for what, runs in mended.items() for run_id in runs]
    rows += [{run: "", finding: why} for why in failed]
    if rows:
        create_table_artifact(rows, key="reconciliation", description=_("What was missing or orphaned"))
