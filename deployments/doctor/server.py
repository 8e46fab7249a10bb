"""Prefect's server: does it answer, is it ours, of our version and time."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import httpx
import prefect
from packaging.version import Version
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.context import SyncClientContext

from deployments.doctor.findings import HANGS, Finding, fine, notice, wrong
from deployments.doctor.ledger import clocks_apart
from models.i18n import gettext as _

WRONG_PASSWORD = (401, 429)  # wrong, or wrong too often
REFUSED = (400, 403)  # at the server's door, for the name we call it by


@contextmanager
def api() -> Iterator[SyncPrefectClient]:
    """A client of the server: the one that all threads of an examination share, or a new one."""
    if shared := SyncClientContext.get():
        yield shared.client
    else:
        with get_client(sync_client=True) as client:
            yield client


def server() -> Iterator[Finding]:
    """Does the Prefect server answer, and reach its own database?"""
    with api() as client:
        address = {"address": client.api_url}
        try:
            greeting = client.hello().raise_for_status()
            theirs = Version(client.api_version())
            client.request("GET", "/ready")
            client.read_work_pools(limit=1)  # a POST, which fetches the token that the threads share: else each does
        except httpx.TimeoutException:
            yield wrong(_("The Prefect server at %(address)s does not answer.") % address, _(HANGS))
        except httpx.TransportError as problem:
            remedy = _("Start Luodi with `luodi up`; `PORT` must be the one it serves.")
            yield wrong(_("The Prefect server cannot be reached: %(why)s") % {"why": problem}, remedy)
        except httpx.HTTPStatusError as problem:
            yield _refused(problem.response)
        except ValueError:  # no version, or no JSON
            remedy = _("Stop that program, or set PORT or PREFECT_API_URL to where `luodi up` serves.")
            yield wrong(_("Another program answers at %(address)s, not a Prefect server.") % address, remedy)
        else:
            yield fine(_("The Prefect server answers at %(address)s") % address)
            yield from _versions(theirs, Version(prefect.__version__))
            if "Date" in greeting.headers:
                yield from clocks_apart(parsedate_to_datetime(greeting.headers["Date"]), _("the Prefect server"))


def _refused(reply: httpx.Response) -> Finding:
    values = {"address": reply.url, "status": reply.status_code}
    if reply.status_code in WRONG_PASSWORD:
        remedy = _("Set PREFECT_SERVER_API_AUTH_STRING to the user:password it was started with.")
        return wrong(_("The Prefect server refuses our password (%(status)s).") % values, remedy)
    if reply.status_code in REFUSED:
        remedy = _("Set PREFECT_API_URL to an address by which the server lets itself be called.")
        return wrong(_("The Prefect server refuses to answer at %(address)s (%(status)s).") % values, remedy)
    if reply.is_server_error:
        remedy = _("It cannot reach its database, or the disk is full: see logs/server.log in LUODI_HOME.")
        return wrong(_("The Prefect server is in trouble: %(address)s answered %(status)s.") % values, remedy)
    remedy = _("Stop that program, or set PORT or PREFECT_API_URL to where `luodi up` serves.")
    return wrong(_("Another program answers at %(address)s, not a Prefect server.") % values, remedy)


def _versions(theirs: Version, ours: Version) -> Iterator[Finding]:
    """Are both sides of one version? What a run does leans on inner parts of Prefect."""
    if theirs != ours:
        what = _("The server runs Prefect %(theirs)s, this installation has %(ours)s.")
        level = notice if theirs.release[:2] == ours.release[:2] else wrong
        remedy = _("Install one version on both sides, and start all parts anew.")
        yield level(what % {"theirs": theirs, "ours": ours}, remedy)
