"""`make kills`: kill -9 of each part of a running `luodi up` while a person answers forms.

`KILLS` times for each part (10), at moments drawn by `SEED` (1); in every third round steps of the
ladder are due and a sweep fires them. Printed for each part: how long an answered form waited for
the next one. Ends with 1 if an answer, a step or a message was lost or came twice.
"""

import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
import psutil
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_API_URL, temporary_settings
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from benchmarks.steps_and_messages import Ladder
from models.escalation.action_item import Visit
from models.escalation.question import Ask
from support.office.person import WHO, defaults
from support.programs.luodi import Installation
from support.programs.luodi import part as child
from support.programs.receiver import receiving
from tasks.database import engine, transaction
from tasks.ledger.office_time import day_of
from tasks.ledger.questions import LIFECYCLE
from tasks.runs.prefect_api import has_form

PARTS = {"worker": "deployments.cli worker", "server": "deployments.server", "database": "postgres -D", "luodi up": ""}
DOWN = (httpx.HTTPError, OperationalError, PrefectHTTPStatusError)
PATIENCE = 900.0  # seconds
SWEEPS_EVERY = 3  # rounds
# Seconds
BEFORE_ANSWER = 4.0  # at most, from the start of a sweep: a kill then strikes the sweep or its messages
RECEIVER_TAKES = 0.3
DELIVERIES_APART = 60.0  # at the end; in an office an hour

T = TypeVar("T")


@dataclass
class Outcome:
    """What the kills of one part did."""

    waits: list[float] = field(default_factory=list)  # seconds from kill or answer to the next form
    answers: list[str] = field(default_factory=list)

    @property
    def entered(self) -> list[int]:
        """How often each answer stands in the ledger."""
        with transaction() as session:
            there = list(session.scalars(select(Visit.progress).where(Visit.progress.in_(self.answers))))
        return [there.count(answer) for answer in self.answers]

    def line(self, part: str) -> str:
        lost, doubled = self.entered.count(0), sum(count > 1 for count in self.entered)
        median, longest = statistics.median(self.waits), max(self.waits)
        return f"{part:9} {len(self.waits):5} {median:10.1f} {longest:10.1f} {lost:6} {doubled:8}"


class Office:
    """A served installation, the person who answers in it, and the hand that kills."""

    def __init__(self, installation: Installation, client: SyncPrefectClient, ladder: Ladder) -> None:
        self.installation, self.client, self.ladder = installation, client, ladder
        self.up = installation.start()
        self.turn = 0

    def kill(self, part: str) -> None:
        """Kill the part; `luodi up` is started again by hand, its parts by itself."""
        if part == "luodi up":
            self.up.kill()
            self.up.wait(30)
            self.up = self.installation.start(ready=False)
            return
        if process := child(self.up, PARTS[part]):
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def sweep(self) -> None:
        """Make steps due, and start the sweep that fires them."""
        day = self.patiently("steps to be due", self.ladder.make_due)
        start = partial(self.start, "escalation-sweep", str(uuid.uuid4()), as_of=str(day))
        self.patiently("a sweep to start", start)

    def start(self, deployment: str, key: str, **parameters: str) -> uuid.UUID:
        """Start a run; asked again with the same key, it is the same run."""
        known = self.client.read_deployment_by_name(f"{deployment}/{deployment}")
        return self.client.create_flow_run_from_deployment(known.id, parameters=parameters, idempotency_key=key).id

    def round(self, part: str, outcome: Outcome, chance: random.Random) -> None:
        """Answer one form and kill the part about then; wait for the form that comes next."""
        ask = self.patiently("a form to answer", self.next_form)
        answer = f"{part} {len(outcome.answers) + 1} {uuid.uuid4().hex[:8]}"
        outcome.answers.append(answer)
        kills_first = part == "worker" and chance.random() < 0.5
        if kills_first:
            self.kill(part)
        answered = self.patiently("the server to take the answer", lambda: self.answer(ask, answer))
        time.sleep(chance.random())
        killed = time.monotonic()
        if not kills_first:
            self.kill(part)
        self.patiently("the next form", lambda: self.is_followed(ask))
        outcome.waits.append(time.monotonic() - (answered if kills_first else killed))

    def next_form(self) -> Ask | None:
        """One of the visit forms that wait, another each time."""
        with transaction() as session:
            asks = session.scalars(
                select(Ask).where(Ask.flow == LIFECYCLE, Ask.verdict.is_(None)).order_by(Ask.subject_id)
            ).all()
        self.turn += 1
        ask = asks[self.turn % len(asks)]
        return ask if self.waits(ask) else None

    def waits(self, ask: Ask) -> bool:
        if ask.flow_run_id is None:
            return False
        run = self.client.read_flow_run(ask.flow_run_id)
        details = run.state.state_details if run.state and run.state.is_paused() else None
        return details is not None and details.pause_key == str(ask.id) and has_form(self.client, run.id, ask)

    def answer(self, ask: Ask, text: str) -> float:
        """When the server had taken the answer; a person sends it again until that is so."""
        with transaction() as session:
            is_judged = session.get_one(Ask, ask.id).verdict is not None
        if ask.flow_run_id and not is_judged and self.waits(ask):
            form = {**defaults(ask.schema_sent), "filled_in_by": WHO, "visited_on": str(day_of("")), "progress": text}
            self.client.resume_flow_run(ask.flow_run_id, run_input=form)
        return time.monotonic()

    def is_followed(self, ask: Ask) -> bool:
        """Whether the subject's next form waits."""
        asked = select(Ask).where(Ask.flow == LIFECYCLE, Ask.subject_id == ask.subject_id, Ask.verdict.is_(None))
        with transaction() as session:
            following = session.scalars(asked.where(Ask.id != ask.id)).one_or_none()
        return following is not None and self.waits(following)

    def settle(self) -> None:
        """Wait until all steps have fired and all messages are sent."""
        print("waiting until all is delivered; what a dead worker was sending waits five minutes", flush=True)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.patiently("a delivery to start", partial(self.start, "notice-delivery", str(uuid.uuid4())))
            with suppress(TimeoutError):
                self.patiently("the last message", self.ladder.is_settled, DELIVERIES_APART)
                return
        raise TimeoutError(f"waited {PATIENCE:.0f} s for the last step and message")

    def patiently(self, what: str, attempt: Callable[[], T | None], patience: float = PATIENCE) -> T:
        """What the attempt returns once it is true, though parts of the office are down."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            with suppress(*DOWN):
                if value := attempt():
                    return value
            if self.up.poll() is not None:
                raise TimeoutError(f"luodi up has ended:\n{self.installation.said()}")
            time.sleep(0.1)
        raise TimeoutError(f"waited {patience:.0f} s for {what}; luodi up has printed:\n{self.installation.said()}")


@contextmanager
def served() -> Iterator[Office]:
    with tempfile.TemporaryDirectory(prefix="luodi-kills-") as folder:
        installation = Installation(Path(folder) / "home")
        installation.home.mkdir()
        os.environ["LUODI_DATABASE_URL"] = installation.postgres.url("luodi", "psycopg")
        api = {PREFECT_API_URL: f"{installation.address}/api"}
        with receiving() as receiver, temporary_settings(api), get_client(sync_client=True) as client:
            receiver.takes = RECEIVER_TAKES
            office = Office(installation, client, Ladder(receiver))
            try:
                office.ladder.tell_receiver()
                yield office
            finally:
                engine().dispose()
                office.up.send_signal(signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    office.up.wait(60)
                installation.postgres.delete()


def main() -> int:
    kills, seed = int(os.environ.get("KILLS", "10")), int(os.environ.get("SEED", "1"))
    chance, outcomes = random.Random(seed), {part: Outcome() for part in PARTS}  # noqa: S311 - a drawn moment, no secret
    is_late = False
    with served() as office:
        try:
            kill_each(office, outcomes, kills, chance)
            office.settle()
        except TimeoutError as problem:
            is_late = True
            print(problem, flush=True)
        return int(report(outcomes, office.ladder) or is_late)


def kill_each(office: Office, outcomes: Mapping[str, Outcome], kills: int, chance: random.Random) -> None:
    """Kill the parts in turns: what dies again and again is started after ever longer pauses."""
    for number in range(kills):
        for part, outcome in outcomes.items():
            if number % SWEEPS_EVERY == 0:
                office.sweep()
                time.sleep(BEFORE_ANSWER * chance.random())
            office.round(part, outcome, chance)
            print(f"{number + 1} {part}: {outcome.waits[-1]:.1f} s", flush=True)


def report(outcomes: Mapping[str, Outcome], ladder: Ladder) -> bool:
    """Print the figures; whether anything was lost or came twice."""
    steps, messages = ladder.steps(), ladder.messages()
    print(f"\n{'part':9} {'kills':>5} {'median s':>10} {'longest s':>10} {'lost':>6} {'doubled':>8}")
    for part, outcome in outcomes.items():
        if outcome.waits:
            print(outcome.line(part))
    print(f"steps: {steps.fired} fired, {steps.lost} lost, {steps.doubled} doubled")
    counts = f"{messages.delivered} delivered, {messages.lost} lost, {messages.doubled} doubled"
    print(f"messages: {counts}, {messages.repeated} repeated", flush=True)
    is_wrong = any(count != 1 for outcome in outcomes.values() for count in outcome.entered)
    return is_wrong or any((steps.lost, steps.doubled, messages.lost, messages.doubled))


if __name__ == "__main__":
    sys.exit(main())
