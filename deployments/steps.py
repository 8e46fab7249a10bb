"""One run executed in a thread of the worker, and what becomes of it at its deadline."""

import ctypes
import re
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.context import FlowRunContext
from prefect.exceptions import Abort, ParameterBindError, Pause, SignatureMismatchError
from prefect.flow_engine import FlowRunEngine
from prefect.flows import Flow
from prefect.logging import get_logger
from prefect.logging.loggers import flow_run_logger
from prefect.states import Crashed, Failed, Pending, Scheduled
from prefect.utilities.callables import get_call_parameters, parameters_to_args_kwargs
from prefect.utilities.engine import propose_state_sync

from deployments.entrypoints import seconds_for
from deployments.slots import TURNED_AWAY, after_holder, turn_away
from models.i18n import gettext as _
from models.i18n import mark
from tasks.runs.lock import held_run
from tasks.runs.overdue import Overdue
from tasks.runs.prefect_api import end_tasks

PATIENCE = 30.0  # seconds a step has to end once it was interrupted; then it is stuck
# Prefect's server or page gives a run such a name: chocolate-peacock, Olive-Sand Tiger Shark
GENERATED_NAME = re.compile(r"[a-z]+-[a-z]+|[A-Z][a-z]+-[A-Z][A-Za-z'’-]+( [A-Z][A-Za-z'’-]+)*")
HUNG = "Hung"  # the name of the state a stuck run waits in; its history counts them
OVERDUE = mark("Stopped: it took longer than %(minutes)s minutes. An answer it was given is kept.")
HUNG_ONCE = mark("It hung, and the worker with it: another worker tries once more.")
HUNG_TWICE = mark(
    "Hung twice, and the worker with it: it is not started again. Look into the worker's log, mend the "
    "cause, then start it anew."
)
logger = get_logger("worker.steps")


@dataclass
class Step:
    """A run under way in a thread."""

    run_id: uuid.UUID
    seconds: float  # it may take
    lease: uuid.UUID | None = None  # of the slot it holds, where the deployment has a limit
    renewed_at: float = field(default_factory=time.monotonic)
    thread: int = field(default_factory=threading.get_ident)
    started_at: float = field(default_factory=time.monotonic)
    is_flow: bool = False  # our own code is at work, which may be interrupted anywhere
    is_interrupted: bool = False
    guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def overdue(self) -> float:
        """Seconds since its deadline."""
        return time.monotonic() - self.started_at - self.seconds

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        with self.guard:
            self.is_flow = True
        try:
            yield
        finally:
            with self.guard:  # an interruption under way reaches us here, and none after
                self.is_flow = False

    def interrupt(self) -> None:
        """Raise `Overdue` in its thread, once: now, or when the system call it waits for returns.

        Where our code is not at work, there is nothing to interrupt.
        """
        with self.guard:
            if not self.is_flow or self.is_interrupted:
                return
            self.is_interrupted = True
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.thread), ctypes.py_object(Overdue))
        logger.warning("Run %s is past its deadline of %g minutes", self.run_id, self.seconds / 60)


class Underway:
    """The steps under way, looked after from another thread."""

    def __init__(self) -> None:
        self._steps: dict[uuid.UUID, Step] = {}
        self.is_closed = False  # nothing more is begun

    @contextmanager
    def begun(self, run_id: uuid.UUID, seconds: float) -> Iterator[Step]:
        step = self._steps[run_id] = Step(run_id, seconds)
        try:
            yield step
        finally:
            del self._steps[run_id]

    def interrupt_overdue(self) -> None:
        """Interrupt every step past its deadline."""
        for step in list(self._steps.values()):
            if step.overdue > 0:
                step.interrupt()

    def stuck(self) -> list[uuid.UUID]:
        """The runs that did not end when they were interrupted."""
        return [step.run_id for step in list(self._steps.values()) if step.overdue > PATIENCE]

    def holders(self) -> list[Step]:
        """The steps that hold a slot."""
        return [step for step in list(self._steps.values()) if step.lease]

    def close(self, patience: float) -> None:
        """Begin nothing more, and let all that are not stuck end."""
        self.is_closed = True
        deadline = time.monotonic() + patience
        while len(self._steps) > len(self.stuck()) and time.monotonic() < deadline:
            time.sleep(0.1)


class StepEngine(FlowRunEngine[..., Any]):
    """Prefect's engine without what only a run in a process of its own needs.

    For every step that is a client, a websocket, a thread of heartbeats that takes up to a second
    to end, and five calls to the server.
    """

    @property
    def heartbeat_seconds(self) -> None:
        """No heartbeats: who died is told by the run's lock."""
        return

    @property
    def state(self) -> State:
        """Without the lease of its slot: for each step Prefect would start two threads to renew it,
        and end the run if that failed. The worker renews it for all, and losing it ends nothing:
        what may not be done twice is guarded by the ledger's own locks.
        """
        state = super().state
        state.state_details.deployment_concurrency_lease_id = None
        return state

    @contextmanager
    def initialize_run(self) -> Iterator[Self]:
        """Speak to the server through the worker's client."""
        self._client, self._is_started = get_client(sync_client=True), True
        try:
            yield self
        finally:
            self._client, self._is_started = None, False

    @contextmanager
    def setup_flow_run_suspension_request(self) -> Iterator[Any]:
        """Nobody suspends a step from outside."""
        yield self._get_flow_run_suspension_request()


def execute(flow: Flow[..., Any], flow_run: FlowRun, underway: Underway) -> bool:
    """Execute one run in this thread, holding its lock; whether it kept its deadline.

    A run whose lock another execution holds is left: if it is still scheduled once that is over,
    the next look for work brings it again. So is a run that was cancelled or executed meanwhile.
    """
    if underway.is_closed:
        return True
    client, began, kept = get_client(sync_client=True), datetime.now(UTC), True
    with underway.begun(flow_run.id, seconds_for(flow.name)) as under:
        with held_run(flow_run.id) as ours, suppress(Abort, Pause):  # the server refused, or it is suspended now
            kept = not ours or _execute(client, flow, flow_run, under)
        if under.lease:
            after_holder(client, flow.name, flow_run, began)
    return kept


def _execute(client: SyncPrefectClient, flow: Flow[..., Any], flow_run: FlowRun, under: Step) -> bool:
    state = propose_state_sync(client, Pending(), flow_run.id)
    if state.is_cancelled() and state.message == TURNED_AWAY:
        turn_away(client, flow.name, flow_run)
    if not state.is_pending():
        return True
    under.lease = state.state_details.deployment_concurrency_lease_id
    try:
        with under.interruptible():
            step(flow, flow_run)
    except Overdue:
        end_overdue(client, flow_run.id, under.seconds)
        return False
    return True


def step(flow: Flow[..., Any], flow_run: FlowRun) -> None:
    """Run the flow as `prefect.flow_engine.run_flow` does, with the engine for steps."""
    name_run(flow, flow_run)
    try:
        args, kwargs = parameters_to_args_kwargs(flow.fn, flow_run.parameters)
        parameters = get_call_parameters(flow.fn, args, kwargs)
    except (ParameterBindError, SignatureMismatchError) as problem:
        refuse(flow, flow_run, str(problem))
        return
    engine = StepEngine(flow, parameters, flow_run, _flow_run_name_set=True)
    with engine.start():
        while engine.is_running():
            with engine.run_context():
                engine.call_flow_fn()


def name_run(flow: Flow[..., Any], flow_run: FlowRun) -> None:
    """Name a run before it begins, also if its start is refused; one that has a name keeps it.

    So what waits for people, which was named when it was opened, costs no call.
    """
    if GENERATED_NAME.fullmatch(flow_run.name):
        flow_run.name = own_name(flow, flow_run)
        get_client(sync_client=True).set_flow_run_name(flow_run.id, flow_run.name)


def own_name(flow: Flow[..., Any], flow_run: FlowRun) -> str:
    """What the flow calls the run; if it cannot say so, its own name."""
    context: Any = FlowRunContext
    with suppress(Exception), context.model_construct(flow=flow, flow_run=flow_run, parameters=flow_run.parameters):
        if callable(flow.flow_run_name):
            return flow.flow_run_name()
    return flow.name


def refuse(flow: Flow[..., Any], flow_run: FlowRun, why: str) -> None:
    """Let a run whose parameters the flow cannot take end as failed."""
    why = _("The flow cannot take its parameters: %(why)s") % {"why": why}
    flow_run_logger(flow_run, flow).error(why)
    propose_state_sync(get_client(sync_client=True), Failed(message=why), flow_run.id)


def end_overdue(client: SyncPrefectClient, run_id: uuid.UUID, seconds: float) -> None:
    """Let a run that was interrupted end as failed, unless it ended or was suspended before."""
    run = client.read_flow_run(run_id)
    if run.state_type in (StateType.PENDING, StateType.RUNNING):
        overdue = _(OVERDUE) % {"minutes": f"{seconds / 60:g}"}
        client.set_flow_run_state(run_id, Failed(message=overdue), force=True)


def release_stuck(client: SyncPrefectClient, run_id: uuid.UUID) -> None:
    """Let another process try a stuck run once more; the second time it crashes for good."""
    run, states = client.read_flow_run(run_id), client.read_flow_run_states(run_id)
    if run.state_type not in (StateType.PENDING, StateType.RUNNING):
        return  # ended or cancelled by others
    end_tasks(client, run_id)
    if any(state.name == HUNG for state in states):
        client.set_flow_run_state(run_id, Crashed(message=_(HUNG_TWICE)), force=True)
    else:
        client.set_flow_run_state(run_id, Scheduled(name=HUNG, message=_(HUNG_ONCE)), force=True)
