"""The work pool, and the workers that serve it."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import psutil
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import WorkerFilter, WorkerFilterLastHeartbeatTime
from prefect.client.schemas.objects import Worker
from prefect.exceptions import ObjectNotFound

import deployments
from deployments.doctor.findings import Finding, fine, notice, some, wrong
from deployments.doctor.server import api
from models.i18n import gettext as _
from tasks.ledger.office_time import office_zone
from tasks.runs.prefect_api import POOL, POOL_TYPE

HEARD_WITHIN = timedelta(seconds=20)  # a worker that is well is heard every five
CODE = Path(deployments.__file__).parents[1]
PACKAGES = ("deployments", "flows", "models", "tasks")


def pool() -> Iterator[Finding]:
    """Is the work pool there, of our type, and does nothing in it hold runs back?"""
    values: dict[str, object] = {"pool": POOL}
    with api() as client:
        try:
            found = client.read_work_pool(POOL)
        except ObjectNotFound:
            yield wrong(_("The work pool %(pool)s is missing.") % values, _("Run `luodi deploy`."))
            return
        queues = client.read_work_queues(work_pool_name=POOL)
        tags = client.read_concurrency_limits(limit=200, offset=0)
    if found.type != POOL_TYPE:
        remedy = _("Delete it in the UI, and run `luodi deploy`.")
        yield wrong(_("The work pool %(pool)s is of another type: %(type)s.") % (values | {"type": found.type}), remedy)
    resume, unlimit = _("Resume it in the UI, under Work Pools."), _("Remove the limit in the UI, under Work Pools.")
    if found.is_paused:
        yield wrong(_("The work pool %(pool)s is paused: nothing is executed.") % values, resume)
    if found.concurrency_limit == 0:
        yield wrong(_("The concurrency limit of the work pool %(pool)s is 0: nothing is executed.") % values, unlimit)
    for queue in queues:
        values = {"queue": queue.name}
        if queue.is_paused:
            yield wrong(_("The work queue %(queue)s is paused: what is in it waits.") % values, resume)
        if queue.concurrency_limit == 0:
            yield wrong(
                _("The concurrency limit of the work queue %(queue)s is 0: what is in it waits.") % values, unlimit
            )
    if held := sorted(tag.tag for tag in tags if tag.concurrency_limit == 0):
        what = _("The concurrency limit of tags is 0: %(names)s. What has such a tag waits.") % {"names": some(held)}
        yield wrong(what, _("Remove the limit in the UI, under Concurrency."))


def workers() -> Iterator[Finding]:
    """Is a worker at work? One that hangs is heard no more."""
    with api() as client:
        now = _server_time(client)
        alive = _heard_since(client, now - HEARD_WITHIN)
        lately = alive or _heard_since(client, now - timedelta(days=7))
    if alive:
        yield fine(_("%(count)s workers are at work.") % {"count": len(alive)})
        yield from older_than_code(alive)
        return
    remedy = _("`luodi up` runs one; `luodi worker` runs one more.")
    moments = [worker.last_heartbeat_time for worker in lately if worker.last_heartbeat_time]
    if moments:
        what = _("No worker is at work: answers wait. One was last heard at %(moment)s.")
        yield wrong(what % {"moment": f"{max(moments).astimezone(office_zone()):%Y-%m-%d %H:%M:%S}"}, remedy)
    else:
        yield wrong(_("No worker is at work: answers wait."), remedy)


def _server_time(client: SyncPrefectClient) -> datetime:
    """By its clock heartbeats are stamped."""
    date = client.hello().headers.get("Date")
    return parsedate_to_datetime(date) if date else datetime.now(UTC)


def _heard_since(client: SyncPrefectClient, moment: datetime) -> list[Worker]:
    heard = WorkerFilter(last_heartbeat_time=WorkerFilterLastHeartbeatTime(after_=moment))
    return client.read_workers_for_work_pool(POOL, heard)


def older_than_code(workers: Iterable[Worker]) -> Iterator[Finding]:
    """Does a worker of this machine go on with code that was replaced since it was started?"""
    changed_at = max(path.stat().st_mtime for package in PACKAGES for path in (CODE / package).rglob("*.py"))
    host = f"{socket.gethostname()}-"
    for worker in workers:
        with suppress(psutil.Error, ValueError):  # another machine's, or gone meanwhile
            process = psutil.Process(int(worker.name.removeprefix(host)))
            if worker.name.startswith(host) and process.create_time() < changed_at:
                what = _("The worker %(name)s was started before Luodi's code was changed.") % {"name": worker.name}
                yield notice(what, _("Stop `luodi up` and start it again."))
