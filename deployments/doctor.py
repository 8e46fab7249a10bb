"""`luodi doctor`: says in plain words what is wrong with an installation and how to mend it."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowFilter,
    FlowFilterName,
    WorkerFilter,
    WorkerFilterStatus,
)
from sqlalchemy import Date, cast, func, literal, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from deployments import environment
from deployments.desk.uploads import space
from deployments.entrypoints import declared
from models.escalation.action_item import ActionItem
from models.escalation.calendar import Workday, has_make_up_days
from models.escalation.notice import Delivery
from models.i18n import gettext as _
from models.ledger.history import SweepLog
from models.ledger.organisation import Person, Unit
from models.ledger.project import Project
from models.words import OPEN_STAGES, Role, UnitKind
from tasks import files
from tasks.database import NoDatabase, engine, pending_migrations, transaction
from tasks.ledger.office_time import day_of, office_zone
from tasks.ledger.workdays import calendar_around
from tasks.notices.webhook import DeliveryDelayed, DeliveryRefused, channel
from tasks.runs.prefect_api import POOL

NEARLY_FULL = 0.8  # part of the room for files that may be taken without a notice
NAMED = 5  # examples in a finding
ONLINE = WorkerFilter(status=WorkerFilterStatus(any_=["ONLINE"]))


class Level(StrEnum):
    FINE = "✓"
    NOTICE = "!"
    WRONG = "✗"


@dataclass(frozen=True)
class Finding:
    """A state of the installation, and how to mend it."""

    level: Level
    what: str
    remedy: str = ""


def fine(what: str) -> Finding:
    return Finding(Level.FINE, what)


def wrong(what: str, remedy: str) -> Finding:
    return Finding(Level.WRONG, what, remedy)


def main(_arguments: argparse.Namespace) -> int:
    """Print every finding; 1 when something is wrong."""
    is_wrong = False
    for finding in examine():
        print(f"{finding.level} {finding.what}")
        if finding.remedy:
            print(f"  → {finding.remedy}")
        is_wrong |= finding.level is Level.WRONG
    return int(is_wrong)


def examine() -> Iterator[Finding]:
    """Examine the installation part by part; what needs a part that is down is not examined."""
    ledger = list(database())
    yield from ledger
    if all(finding.level is not Level.WRONG for finding in ledger):
        for check in LEDGER_CHECKS:
            yield from check()
    yield from server()
    yield from desk()


def database() -> Iterator[Finding]:
    """Can the ledger be reached, and has it the newest shape?"""
    try:
        with engine().connect() as connection:
            connection.execute(text("SELECT 1"))
        lacking = pending_migrations()
    except (OperationalError, NoDatabase) as problem:
        why = str(problem).splitlines()[0]
        remedy = _("Start Luodi with `luodi up`; with a PostgreSQL of your own, check LUODI_DATABASE_URL.")
        yield wrong(_("The ledger database cannot be reached: %(why)s") % {"why": why}, remedy)
        return
    if lacking:
        what = _("The ledger database lacks migrations: %(names)s") % {"names": ", ".join(lacking)}
        yield wrong(what, _("Run `luodi db upgrade`."))
    else:
        yield fine(_("The ledger database is reached and up to date."))


def character_types() -> Iterator[Finding]:
    """Does the database know Chinese letters? Prefect's search finds nothing with the C locale."""
    with engine().connect() as connection:
        kind = connection.scalar(text("SELECT datctype FROM pg_database WHERE datname = current_database()"))
    if kind in ("C", "POSIX"):
        what = _("The database's character type is %(kind)s: searching for Chinese names finds nothing.")
        remedy = _("Create the databases with LC_CTYPE C.UTF-8 or zh_CN.UTF-8.")
        yield Finding(Level.NOTICE, what % {"kind": kind}, remedy)


def calendar() -> Iterator[Finding]:
    """Do the working days reach far enough, with their make-up days?"""
    year_now = day_of("").year
    with transaction() as session:
        last = session.scalar(select(func.max(Workday.day)))
    if last is None or last.year <= year_now:
        yield wrong(_("The calendar ends on %(day)s.") % {"day": last or "–"}, _("Run `luodi db upgrade`."))
        return
    update = _(
        "Once the State Council has published the list, update the package `holidays` and run `luodi db upgrade`."
    )
    for year, level in ((year_now, Level.WRONG), (year_now + 1, Level.NOTICE)):
        if has_worked_weekends(year):
            yield fine(_("The calendar of %(year)s has its make-up days.") % {"year": year})
        else:
            remedy = _("Run `luodi db upgrade`.") if has_make_up_days(year) else update
            yield Finding(level, _("The calendar of %(year)s has no make-up days yet.") % {"year": year}, remedy)


def has_worked_weekends(year: int) -> bool:
    """Whether the ledger's calendar takes a Saturday or Sunday of a year for a working day."""
    weekend = func.extract("isodow", Workday.day) > 5
    in_year = Workday.day.between(date(year, 1, 1), date(year, 12, 31))
    with transaction() as session:
        return session.scalar(select(Workday.day).where(Workday.is_working, weekend, in_year).limit(1)) is not None


def leaders() -> Iterator[Finding]:
    """Has every open project somebody to answer for it?"""
    without = select(Project.code).where(Project.stage.in_(OPEN_STAGES), Project.leader_id.is_(None))
    with transaction() as session:
        codes = list(session.scalars(without.order_by(Project.code)))
    if codes:
        named = ", ".join(codes[:NAMED]) + (" …" if len(codes) > NAMED else "")
        what = _("%(count)s open projects have no responsible leader: %(codes)s")
        remedy = _("Start the deployment `change-assignment` for each, or name them in the ledger file.")
        yield wrong(what % {"count": len(codes), "codes": named}, remedy)
    else:
        yield fine(_("Every open project has a responsible leader."))


def inspection() -> Iterator[Finding]:
    """Is there somebody at the top of the ladder?"""
    with transaction() as session:
        has_projects = session.scalar(select(Project.id).where(Project.stage.in_(OPEN_STAGES)).limit(1))
        inspector = session.scalar(select(Person.id).where(Person.role == Role.INSPECTOR).limit(1))
    if inspector:
        yield fine(_("The inspection office has somebody who is told."))
    elif has_projects:
        remedy = _("Name one on the sheet of people, with the role “%(role)s”.") % {"role": Role.INSPECTOR.label}
        yield wrong(_("The inspection office has nobody who is told."), remedy)


def last_resort() -> Iterator[Finding]:
    """Does somebody hear of what has no leader of its own?"""
    led = select(Person.id).join(Unit, Unit.id == Person.unit_id).where(Person.role == Role.LEADER)
    with transaction() as session:
        leader = session.scalar(led.where(Unit.kind == UnitKind.COMMERCE_BUREAU).limit(1))
    if leader is None:
        what = _("No commerce bureau with a leader is named: where project and unit have none, nobody is told.")
        remedy = _("Give it the type “%(kind)s” on the sheet of units, and name its leader on the sheet of people.")
        yield Finding(Level.NOTICE, what, remedy % {"kind": UnitKind.COMMERCE_BUREAU.label})


def sweeps() -> Iterator[Finding]:
    """Has the ladder been swept since the last working day before today?"""
    today = day_of("")
    with transaction() as session:
        last = session.scalar(select(func.max(SweepLog.as_of)).where(SweepLog.as_of <= today))  # not one tried ahead
        since = last or _waits_since(session, today)
        missed = since and calendar_around(session, since, today).elapsed(since, today - timedelta(days=1))
    remedy = _("Keep `luodi up` running, or start the deployment `escalation-sweep`: coming late loses nothing.")
    if missed and last:
        what = _("The last sweep was on %(day)s; %(count)s working days were missed.")
        yield wrong(what % {"day": last, "count": missed}, remedy)
    elif missed:
        what = _("The ladder was never swept; something has waited for it since %(day)s.")
        yield wrong(what % {"day": since}, remedy)
    elif last:
        yield fine(_("The last sweep was on %(day)s.") % {"day": last})
    else:
        remedy = _("The deployment `escalation-sweep` starts itself at 08:30 on working days.")
        yield Finding(Level.NOTICE, _("The ladder was not swept yet."), remedy)


def _waits_since(session: Session, today: date) -> date | None:
    """Since when the oldest item is due that a sweep before today would have fired."""
    came_on = cast(func.timezone(office_zone().key, ActionItem.recorded_at), Date)
    due = select(func.min(func.greatest(ActionItem.next_fires_on, came_on))).where(ActionItem.closed_on.is_(None))
    since: date | None = session.scalar(due.where(ActionItem.next_fires_on < today))
    return since


def deliveries() -> Iterator[Finding]:
    """Does everybody get their notices?"""
    unsettled = (Delivery.delivered_at.is_(None), Delivery.refused_at.is_(None), Delivery.dropped_at.is_(None))
    with transaction() as session:
        stuck = session.scalars(select(Delivery).where(*unsettled, Delivery.last_error != "")).all()
        named = ", ".join(sorted({f"{message.recipient.name}: {message.last_error}" for message in stuck})[:NAMED])
    if stuck:
        what = _("%(count)s messages could not be delivered yet: %(names)s") % {"count": len(stuck), "names": named}
        yield wrong(what, _("See the last run of `notice-delivery`; it tries again every hour."))


def channels() -> Iterator[Finding]:
    """Do the channels that people are told by exist, and does anybody answer there?"""
    with transaction() as session:
        people = session.scalars(select(Person).where(Person.channels != literal([], JSONB))).all()
    for name in sorted({channel_name for person in people for channel_name in person.channels}):
        try:
            channel(name).reach()
        except (DeliveryRefused, DeliveryDelayed) as problem:
            remedy = _("Create or correct it in the UI under Blocks; until then the notices go to the inbox.")
            if isinstance(problem, DeliveryDelayed):
                remedy = _("Check the receiver and the network; notices wait and are tried again every hour.")
            yield wrong(_("Channel “%(name)s”: %(why)s") % {"name": name, "why": problem}, remedy)
        else:
            yield fine(_("Channel “%(name)s” can be reached.") % {"name": name})


def server() -> Iterator[Finding]:
    """Does the Prefect server answer, with every deployment and a worker?"""
    try:
        with get_client(sync_client=True) as client:
            client.hello().raise_for_status()
            yield fine(_("The Prefect server answers at %(address)s") % {"address": client.api_url})
            names = [entry["name"] for entry in declared()]
            deployed = {
                (deployment.name, deployment.entrypoint)
                for deployment in client.read_deployments(
                    flow_filter=FlowFilter(name=FlowFilterName(any_=names)),
                    deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=names)),
                )
            }
            missing = [entry["name"] for entry in declared() if (entry["name"], entry["entrypoint"]) not in deployed]
            if missing:
                what = _("Deployments are missing: %(names)s") % {"names": ", ".join(missing)}
                yield wrong(what, _("Run `luodi deploy`."))
            yield from channels()
            workers = client.read_workers_for_work_pool(POOL, ONLINE)
    except (httpx.TransportError, httpx.HTTPStatusError) as problem:
        remedy = _("Start Luodi with `luodi up`; `PORT` must be the one it serves.")
        yield wrong(_("The Prefect server cannot be reached: %(why)s") % {"why": problem}, remedy)
        return
    if workers:
        yield fine(_("%(count)s workers are at work.") % {"count": len(workers)})
    else:
        yield wrong(_("No worker is at work: answers wait."), _("`luodi up` runs one; `luodi worker` runs one more."))


def desk() -> Iterator[Finding]:
    """Does the desk answer, and do its links lead to an address that is not only this machine's?"""
    address = environment.desk_address(environment.known_port())
    try:
        httpx.get(f"{address}/health", timeout=5, trust_env=False).raise_for_status()
    except httpx.HTTPError as problem:
        what = _("The desk cannot be reached: %(why)s") % {"why": problem}
        yield wrong(what, _("Start Luodi with `luodi up`; logs/desk.log says why it ended."))
        return
    yield fine(_("The desk answers at %(address)s") % {"address": address})
    if environment.desk_host() in environment.EVERYWHERE and "127.0.0.1" in files.desk():
        remedy = _("Set LUODI_DESK_URL to the address others open it by.")
        yield Finding(Level.NOTICE, _("The desk's links lead to this machine only."), remedy)
    yield from room()


def room() -> Iterator[Finding]:
    """Is there room for the files that will yet be handed in?"""
    share = space.kept() / space.MOST_KEPT
    if share > NEARLY_FULL:
        what = _(
            "The files handed in take %(share)s of the %(gb)s GB there are for them; the desk takes no more than that."
        )
        what %= {"share": f"{share:.0%}", "gb": space.MOST_KEPT // 2**30}
        yield Finding(Level.NOTICE, what, space.what_to_delete())


LEDGER_CHECKS = (character_types, calendar, leaders, inspection, last_resort, sweeps, deliveries)
