"""An office for flow tests: a real Prefect server, a ledger of its own, real workers, and a person at the UI."""

import json
import os
import secrets
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_API_URL, temporary_settings
from sqlalchemy import Connection, create_engine, select, text, update

from deployments import children
from deployments.deploy import deploy
from deployments.embedded_postgres.server import EmbeddedPostgres
from deployments.environment import QUIET
from deployments.up import own_command, server_command
from models.escalation.action_item import ActionItem, Visit
from models.escalation.notice import Notice
from models.escalation.question import Ask, Run
from models.ledger.facts import FoundBlocker
from models.ledger.history import Change
from models.ledger.organisation import Person, Squad, Unit
from models.ledger.project import Investor, Project
from models.words import BlockerCategory, ItemKind, Role, Sector, UnitKind, Verdict
from support.repository import REPOSITORY
from tasks.database import transaction
from tasks.dialogues.update_runs import open_missing_runs
from tasks.items.blockers import open_blocker
from tasks.items.next_steps import set_next_steps
from tasks.items.opening import plan_visit
from tasks.ledger.locks import lock_project
from tasks.ledger.office_time import day_of
from tasks.ledger.questions import ESCALATION, INVESTOR_VISIT, LIFECYCLE, RESOLUTION
from tasks.ledger.workdays import calendar_around

COUNTY, OTHER_COUNTY, BUREAU = "清丰县", "南乐县", "市国土资源局"
OFFICER, LEADER = "清丰县招商局专员", "清丰县分包领导"
OTHER_OFFICER, OTHER_LEADER = "南乐县招商局专员", "南乐县分包领导"
INSPECTION_OFFICE, INSPECTOR = "市政府督查室", "督查专员"
SQUAD = "闽东南小分队"
WHO = "清丰县招商局 专员"
"""Who fills in a form unless a test says otherwise."""
BELOW_EPHEMERAL = 32000
"""Linux gives out ports from 32768 on, other systems higher ones."""
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
PATIENCE = 30.0
"""Seconds until a test gives up waiting. A step takes about 2 on two cores; CI may be slower."""

T = TypeVar("T")


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


def wait_for(condition: Callable[[], T | None], what: str | Callable[[], str], patience: float = PATIENCE) -> T:
    """What `condition` returns once it is true; fails saying `what` was waited for."""
    deadline, pause = time.monotonic() + patience, 0.05
    while not (found := condition()):
        if time.monotonic() > deadline:
            told = what if isinstance(what, str) else what()
            pytest.fail(f"waited {patience:.0f} s for {told}; last seen: {found!r}")
        time.sleep(pause)
        pause = min(pause * 1.1, 0.3)  # many who wait must not keep the server from what they wait for
    return found


def free_port() -> int:
    """A port nobody listens on, nor on the one after it, where the desk is.

    Not one of those the system gives to whoever connects somewhere: the desk may be started minutes later.
    """
    while True:
        port = BELOW_EPHEMERAL - 2 * secrets.randbelow(5000)
        with socket.socket() as probe, socket.socket() as after, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            after.bind(("127.0.0.1", port + 1))
            return port


def today() -> date:
    """The office's day."""
    return day_of("")


def days_ago(count: int) -> date:
    """A day in the past."""
    return today() - timedelta(days=count)


def working_day(count: int) -> date:
    """The working day `count` working days after the last one (0), which is today unless today is a day off."""
    with transaction() as session:
        calendar = calendar_around(session, today())
        return calendar.add(calendar.last_before(today()), count)


def next_sweep_day() -> date:
    """The first day from today on that is swept: what happens today is judged on it."""
    with transaction() as session:
        return calendar_around(session, today()).add(today(), 0)


def defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What the UI shows, and sends, when nobody touches the form."""
    return {name: field["default"] for name, field in schema["properties"].items() if "default" in field}


class Office:
    """A running installation. The ledger is reached by `tasks.database.transaction`, Prefect by its REST API."""

    def __init__(self, folder: Path, postgres: EmbeddedPostgres, name: str) -> None:
        self.folder, self.postgres = folder, postgres
        self.ledger, self.prefect = f"office_{name}", f"prefect_{name}"
        self.ledger_url = postgres.url(self.ledger, "psycopg")
        self.prefect_url = postgres.url(self.prefect, "psycopg")
        self.port = free_port()
        self.api = f"http://127.0.0.1:{self.port}/api"
        self.http = httpx.Client(base_url=self.api, timeout=30)
        self.server: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self._deployments: dict[str, str] = {}
        self._signed = 0

    # -- processes

    def environment(self) -> dict[str, str]:
        """What every process of the office is started with; nothing of ours but what is named here."""
        ours = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "LUODI_"))}
        return ours | {
            **QUIET,
            "PYTHONPATH": str(REPOSITORY),
            "PORT": str(self.port),
            "LUODI_HOME": str(self.folder),
            "LUODI_LOCALE": "zh_CN",
            "LUODI_DATABASE_URL": self.ledger_url,
            "PREFECT_HOME": str(self.folder / "prefect"),
            "PREFECT_API_DATABASE_CONNECTION_URL": self.postgres.url(self.prefect, "asyncpg"),
            "PREFECT_API_URL": self.api,
            "PREFECT_UI_API_URL": self.api,
        }

    def open(self, template: str) -> None:
        """Make the ledger, a copy of the migrated `template`, and start server and worker."""
        self._administer(f"CREATE DATABASE {self.ledger} TEMPLATE {template}")
        self.start_server()
        self.found()
        self.start_worker()

    def _administer(self, statement: str) -> None:
        with self.connect(self.postgres.url("postgres", "psycopg")) as connection:
            connection.execute(text(statement))

    def start_server(self) -> None:
        """Start Prefect's server on its database, made when it is not there, and register the deployments."""
        self.postgres.ensure_databases(self.prefect)
        log = self.folder / "server.log"
        self.server = children.start(server_command(self.port), log, self.environment())
        wait_for(self._answers, f"the server; see {log}", patience=120)
        self.deploy()

    def _answers(self) -> bool:
        if self.server is None or self.server.poll() is not None:
            pytest.fail(f"the server ended:\n{tail(self.folder / 'server.log')}")
        with suppress(httpx.TransportError):
            return self.http.get("/health").is_success
        return False

    def deploy(self) -> None:
        """Register the deployments; scheduled ones then run when a test says so, not by the clock."""
        with self.client():
            deploy()
        self._deployments.clear()
        for name in ("reconciliation", "escalation-sweep", "notice-delivery"):
            schedules = f"/deployments/{self.deployment(name)}/schedules"
            for schedule in self.http.get(schedules).raise_for_status().json():
                self.http.delete(f"{schedules}/{schedule['id']}").raise_for_status()

    @contextmanager
    def client(self) -> Iterator[SyncPrefectClient]:
        """Prefect's own client for this office; inside the block Luodi's code uses this office, too."""
        with temporary_settings({PREFECT_API_URL: self.api}), get_client(sync_client=True) as client:
            yield client

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker; returns once it serves, its first reconciliation done."""
        log = self.folder / f"worker-{len(self.workers)}.log"
        before = {run["id"] for run in self.runs("reconciliation")}
        worker = children.start(own_command("worker"), log, self.environment())
        self.workers.append(worker)
        name = f"-{worker.pid}"

        def reconciled() -> bool:
            if worker.poll() is not None:
                pytest.fail(f"the worker ended:\n{tail(log)}")
            new = [run for run in self.runs("reconciliation") if run["id"] not in before]
            return bool(new) and all(run["state_type"] in FINAL for run in new)

        wait_for(reconciled, f"the worker {name} to reconcile; see {log}", patience=60)
        return worker

    def kill_worker(self) -> None:
        """Kill every worker with -9, as the kernel does when memory is short."""
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.workers.clear()

    def stop_worker(self, worker: subprocess.Popen[bytes]) -> None:
        """Ask a worker to end."""
        self.workers.remove(worker)
        children.stop(worker, patience=20)

    def stop_server(self) -> None:
        """Ask the server to end."""
        if self.server:
            children.stop(self.server, patience=20)
            self.server = None

    def stop(self) -> None:
        """Stop everything."""
        for worker in list(self.workers):
            self.stop_worker(worker)
        self.stop_server()
        self.http.close()

    def lose_prefect(self) -> None:
        """Throw Prefect's database away and start its server on an empty one."""
        self.stop_server()
        self._administer(f"DROP DATABASE {self.prefect} WITH (FORCE)")
        self.start_server()

    # -- the ledger

    def found(self) -> None:
        """Enter the units, people and the squad that tests share."""
        with transaction(source="test") as session:
            units = [Unit(name=COUNTY), Unit(name=OTHER_COUNTY), Unit(name=BUREAU, kind=UnitKind.BUREAU)]
            office = Unit(name=INSPECTION_OFFICE, kind=UnitKind.INSPECTION_OFFICE)
            session.add_all([*units, office, Person(name=INSPECTOR, role=Role.INSPECTOR, unit=office)])
            session.add(Squad(name=SQUAD))
            staff = {COUNTY: (OFFICER, LEADER), OTHER_COUNTY: (OTHER_OFFICER, OTHER_LEADER)}
            for unit in units[:2]:
                for name, role in zip(staff[unit.name], (Role.OFFICER, Role.LEADER), strict=True):
                    session.add(Person(name=name, role=role, unit=unit))

    def sign(self, count: int = 1, blockers: int = 0) -> list[int]:
        """Sign projects that owe their first visit, each with as many blockers; without runs as yet."""
        with transaction(source="test") as session:
            officer = session.scalars(select(Person).where(Person.name == OFFICER)).one()
            leader = session.scalars(select(Person).where(Person.name == LEADER)).one()
            projects = [self._new_project(officer, leader) for _each in range(count)]
            session.add_all(projects)
            session.flush()
            for project in projects:
                plan_visit(session, project, today() + timedelta(days=20), days_ago(5))
                for number in range(1, blockers + 1):
                    open_blocker(session, project, land_problem(f"{project.code} 土地指标 {number}"), days_ago(5))
            return [project.id for project in projects]

    def stall(self, due_on: date) -> tuple[int, int]:
        """A project with a blocker that is, or was, due on that day; their runs wait. Returns both numbers."""
        (project_id,) = self.sign()
        found = FoundBlocker(BlockerCategory.LAND, BUREAU, "用地指标缺口60亩", "", due_on)
        with transaction(source="test") as session:
            item = open_blocker(session, lock_project(session, project_id), found, min(due_on, today()))
            session.flush()
            item_id = item.id
        self.open_runs()
        return project_id, item_id

    def owe_investor_visit(self, due_on: date) -> tuple[int, list[int]]:
        """A visit owed to the investor of two new projects by that day; all runs wait. Returns item and projects."""
        projects = self.sign(count=2)
        with transaction(source="test") as session:
            signed = [session.get_one(Project, project_id) for project_id in projects]
            investor = Investor(name=f"闽兴家居集团{projects[0]}", registered_in="福建泉州")
            for project in signed:
                project.investor = investor
            item = ActionItem(kind=ItemKind.VISIT, investor=investor, unit=signed[0].unit, owner=signed[0].officer)
            item.leader, item.opened_on, item.due_on = signed[0].leader, min(due_on, today()), due_on
            session.add(item)
            session.flush()
            set_next_steps(session, items=[item.id])
            item_id = item.id
        self.open_runs()
        return item_id, projects

    def all_are_told(self) -> bool:
        """Whether no notice waits and nobody is delivering any."""
        with transaction() as session:
            waiting = session.scalars(
                select(Notice.id).where(Notice.delivery_id.is_(None), Notice.dropped_at.is_(None))
            )
            none = waiting.first() is None
        return none and self.runs("notice-delivery", live=True) == []

    @staticmethod
    def tell(person: str, *channels: str) -> None:
        """Let somebody be told by these channels, the first one first; none: the built-in inbox."""
        with transaction(source="test") as session:
            session.execute(update(Person).where(Person.name == person).values(channels=list(channels)))

    def _new_project(self, officer: Person, leader: Person) -> Project:
        self._signed += 1
        return Project(
            code=f"PY-2026-{self._signed:03}",
            name=f"家具产业园{self._signed}期",
            sector=Sector.FURNITURE,
            unit=officer.unit,
            amount=Decimal(1_000_000_000),
            signed_on=days_ago(200),
            officer=officer,
            leader=leader,
        )

    def new_project(self, blockers: int = 0) -> int:
        """A project whose run, and its blockers' runs, wait with their first questions."""
        (project_id,) = self.sign(blockers=blockers)
        self.open_runs()
        return project_id

    def open_runs(self) -> None:
        """Open the runs that projects and blockers lack, as an import does."""
        with self.client():
            open_missing_runs()

    def project(self, project_id: int) -> Project:
        """The project as the ledger has it now, with its milestones, people and unit."""
        with transaction() as session:
            project = session.get_one(Project, project_id)
            _loaded = project.milestones, project.officer, project.leader, project.squad, project.unit
            return project

    def items(self, project_id: int, kind: ItemKind) -> list[ActionItem]:
        """What was owed on the project, oldest first, with what is special to it."""
        with transaction() as session:
            found = session.scalars(
                select(ActionItem)
                .where(ActionItem.project_id == project_id, ActionItem.kind == kind)
                .order_by(ActionItem.id)
            ).all()
            _loaded = [(item.visit, item.blocker, item.pauses, item.owner, item.leader) for item in found]
            return list(found)

    def visits(self, project_id: int) -> list[Visit]:
        """The visits in the register, oldest first."""
        return [item.visit for item in self.items(project_id, ItemKind.VISIT) if item.visit]

    def asks(self, flow: str, subject_id: int) -> list[Ask]:
        """Every question ever put about the subject, oldest first."""
        with transaction() as session:
            asks = select(Ask).where(Ask.flow == flow, Ask.subject_id == subject_id).order_by(Ask.asked_at)
            return list(session.scalars(asks))

    def verdicts(self, flow: str, subject_id: int) -> list[Verdict | None]:
        """What became of every question about the subject, oldest first; None is the one that waits."""
        return [ask.verdict for ask in self.asks(flow, subject_id)]

    def ask(self, ask: Ask) -> Ask:
        """The question as the ledger has it now."""
        with transaction() as session:
            return session.get_one(Ask, ask.id)

    def served_by(self, flow: str, subject_id: int) -> Run:
        """Which run the ledger says serves the subject."""
        with transaction() as session:
            return session.get_one(Run, (flow, subject_id))

    def changes(self, table: str, row_id: int, column: str | None) -> list[Change]:
        """What history says of a row's column (None: how the row came to be), oldest first."""
        with transaction() as session:
            found = select(Change).where(Change.table_name == table, Change.row_id == str(row_id))
            same = Change.column_name.is_(None) if column is None else Change.column_name == column
            return list(session.scalars(found.where(same).order_by(Change.id)))

    # -- the person at the UI

    def waiting(self, flow: str, subject_id: int, after: Ask | None = None) -> Ask | None:
        """The question that waits for the subject, other than `after`: open in the ledger, its run suspended on it."""
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

    # -- Prefect's runs

    def deployment(self, name: str) -> str:
        """The id of a deployment."""
        if name not in self._deployments:
            found = self.http.get(f"/deployments/name/{name}/{name}").raise_for_status()
            self._deployments[name] = found.json()["id"]
        return self._deployments[name]

    def start(self, deployment: str, **parameters: Any) -> str:
        """Start a run as the UI's Quick Run does; returns its id."""
        path = f"/deployments/{self.deployment(deployment)}/create_flow_run"
        started = self.http.post(path, json={"parameters": parameters})
        return str(started.raise_for_status().json()["id"])

    def run(self, run_id: object) -> dict[str, Any]:
        """A run as Prefect has it now."""
        found: dict[str, Any] = self.http.get(f"/flow_runs/{run_id}").raise_for_status().json()
        return found

    def finished(self, run_id: object) -> dict[str, Any]:
        """A run once it is over."""

        def over() -> dict[str, Any] | None:
            run = self.run(run_id)
            return run if run["state_type"] in FINAL else None

        return wait_for(over, lambda: f"the end of run {run_id}\n{self.worker_log()}")

    def done(self, deployment: str, **parameters: Any) -> dict[str, Any]:
        """A run from its start to its end."""
        return self.finished(self.start(deployment, **parameters))

    def reconcile(self) -> dict[str, Any]:
        """One reconciliation from start to end, in which nothing failed."""
        run = self.done("reconciliation")
        assert run["state_type"] == "COMPLETED", run["state"]["message"]
        return run

    def artifact(self, key: str) -> str:
        """What the newest artifact of that key says."""
        only = {"artifacts": {"key": {"any_": [key]}}, "sort": "CREATED_DESC", "limit": 1}
        return str(self.http.post("/artifacts/filter", json=only).raise_for_status().json()[0]["data"])

    def runs(self, deployment: str, *, live: bool = False) -> list[dict[str, Any]]:
        """Every run of a deployment, or only those that are not over."""
        found: list[dict[str, Any]] = []
        only = {"flow_runs": {"state": {"type": {"not_any_": FINAL}}}} if live else {}
        while True:
            body = {"flows": {"name": {"any_": [deployment]}}, **only, "limit": 200, "offset": len(found)}
            page = self.http.post("/flow_runs/filter", json=body).raise_for_status().json()
            found += page
            if len(page) < 200:
                return found

    def runs_of(self, flow: str, subject_id: int) -> list[dict[str, Any]]:
        """Every run, living or over, that was started for the subject."""
        return [run for run in self.runs(flow) if subject_id in run["parameters"].values()]

    def sweep(self, as_of: date) -> dict[str, Any]:
        """A sweep of that day and the delivery of its notices, both from start to end."""
        run = self.done("escalation-sweep", as_of=str(as_of))
        wait_for(self.all_are_told, lambda: f"the notices of {as_of}\n{self.worker_log()}")
        return run

    def live_runs(self, flow: str, subject_id: int) -> list[dict[str, Any]]:
        """The runs of the subject that are not over."""
        return [run for run in self.runs(flow, live=True) if subject_id in run["parameters"].values()]

    def inputs(self, run_id: object) -> set[str]:
        """The names of everything that lies beside a run: forms, briefs, answers."""
        body = {"prefix": "suspended-", "limit": 200}
        found = self.http.post(f"/flow_runs/{run_id}/input/filter", json=body).raise_for_status().json()
        return {each["key"] for each in found}

    def grow_old(self, run_id: object, by: timedelta) -> None:
        """Let a run be in its state for longer than it is: reconciliation leaves young runs alone."""
        with self.connect(self.prefect_url) as connection:
            for table, column, key in (
                ("flow_run_state", "timestamp", "flow_run_id"),
                ("flow_run", "state_timestamp", "id"),
            ):
                connection.execute(
                    text(f"UPDATE {table} SET {column} = {column} - :by WHERE {key} = :run"),  # noqa: S608
                    {"by": by, "run": str(run_id)},
                )

    # -- faults

    @contextmanager
    def connect(self, url: str = "") -> Iterator[Connection]:
        """A connection of the test's own, to the ledger unless told otherwise; every statement commits."""
        engine = create_engine(url or self.ledger_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    @contextmanager
    def trigger(self, table: str, when: str, act: str, url: str = "") -> Iterator[None]:
        """Inside the block a database, the ledger's unless told otherwise, does `act` (PL/pgSQL).

        It does so before each INSERT into `table` that fits `when`.
        """
        name = f"test_{uuid.uuid4().hex[:8]}"
        with self.connect(url) as connection:
            connection.execute(
                text(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {act}; RETURN NEW; END $$")
            )
            connection.execute(
                text(
                    f"CREATE TRIGGER {name} BEFORE INSERT ON {table} "
                    f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"
                )
            )
            try:
                yield
            finally:
                connection.execute(text(f"DROP FUNCTION {name} CASCADE"))

    @contextmanager
    def spoilt(self, marker: str) -> Iterator[None]:
        """Inside the block the ledger fails on every progress entry with `marker` in it, as by a bug of ours."""
        with self.trigger("progress", f"NEW.text LIKE '%{marker}%'", "RAISE EXCEPTION 'spoilt by a test'"):
            yield

    def worker_log(self) -> str:
        """The end of what the newest worker wrote."""
        return tail(self.folder / f"worker-{len(self.workers) - 1}.log")


def in_step(office: Office, flow: str, subject_id: int) -> Ask:
    """The one open question, waited with by the one living run, which is the ledger's; fails when anything differs."""
    (live,) = office.live_runs(flow, subject_id)
    waiting = office.waiting(flow, subject_id)
    assert waiting is not None, office.asks(flow, subject_id)
    assert live["id"] == str(waiting.flow_run_id) == str(office.served_by(flow, subject_id).flow_run_id)
    assert waiting.keyset["schema"] in office.inputs(live["id"])
    return waiting


def land_problem(description: str) -> FoundBlocker:
    """A problem the land bureau must solve."""
    return FoundBlocker(BlockerCategory.LAND, BUREAU, description, "", today() + timedelta(days=30))


def tail(log: Path, lines: int = 30) -> str:
    """The end of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else f"no {log}"
