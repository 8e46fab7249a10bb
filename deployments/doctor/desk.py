"""The desk: does it answer, and where do its links lead."""

from collections.abc import Iterator

import httpx

from deployments import environment
from deployments.desk.security.login import OpenToAll, refuse_open
from deployments.doctor.findings import HANGS, Finding, fine, notice, wrong
from models.i18n import gettext as _
from tasks import files

PATIENCE = 3.0  # seconds


def desk() -> Iterator[Finding]:
    """Does the desk answer, and do its links lead to an address that is not only this machine's?"""
    address = environment.desk_address(environment.known_port())
    try:
        reply = httpx.get(f"{address}/health", timeout=PATIENCE, trust_env=False)
    except httpx.TimeoutException:
        yield wrong(_("The desk at %(address)s does not answer.") % {"address": address}, _(HANGS))
        return
    except httpx.HTTPError as problem:
        what = _("The desk cannot be reached: %(why)s") % {"why": problem}
        yield wrong(what, _("Start Luodi with `luodi up`; logs/desk.log says why it ended."))
        return
    if not reply.is_success or reply.text != environment.DESK_GREETING:
        what = _("Another program answers at %(address)s, not the desk.") % {"address": address}
        yield wrong(what, _("Stop that program, or choose another PORT: the desk has the next one."))
        return
    yield fine(_("The desk answers at %(address)s") % {"address": address})
    try:
        refuse_open(environment.desk_host())
    except OpenToAll as problem:
        yield wrong(_("The desk is open to all without a password."), str(problem))
    if environment.desk_host() in environment.EVERYWHERE and "127.0.0.1" in files.desk():
        remedy = _("Set LUODI_DESK_URL to the address others open it by.")
        yield notice(_("The desk's links lead to this machine only."), remedy)
