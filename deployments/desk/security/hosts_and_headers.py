"""Stands before the desk: which host names it answers to, who may enter, and what browsers may do with its pages."""

from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments import environment
from deployments.desk.errors import RequestRefused, error_page
from deployments.desk.security.login import check_password
from models.i18n import gettext as _
from tasks.files import desk

OPEN_TO_ALL = ("/health", "/desk.css", "/icon.svg")
"""What says nothing about the ledger."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # not `no-referrer`: browsers then hide where a form comes from, from us too
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Lets through to `app` what may enter, and puts the security headers on every reply, also on errors."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        request = Request(scope)
        try:
            check_host(request)
            if request.url.path not in OPEN_TO_ALL:
                check_password(request)
        except RequestRefused as trouble:
            await error_page(trouble)(scope, receive, send_guarded)
            return
        await self.app(scope, receive, send_guarded)


def check_host(request: Request) -> None:
    """Answer only to the desk's own names: a page elsewhere could point a name of its own at this machine.

    Raises:
        RequestRefused: 400 for any other.
    """
    hosts = [value for name, value in request.scope["headers"] if name == b"host"]
    if len(hosts) == 1 and _name(hosts[0].decode("latin-1")) in own_names():
        return
    raise RequestRefused(
        400,
        _("The desk does not answer to this address."),
        _("Open it as %(address)s; when it has another address, set LUODI_DESK_URL to that.") % {"address": desk()},
    )


def own_names() -> set[str]:
    """The host names the desk answers to: this machine's own, and the one of `LUODI_DESK_URL`."""
    listening = environment.desk_host()
    named = {urlsplit(desk()).hostname or "", "" if listening in environment.EVERYWHERE else listening.lower()}
    return {*LOOPBACK, *named} - {""}


def _name(host: str) -> str | None:
    try:
        parts = urlsplit(f"//{host}")
        _port = parts.port  # raises when it is none
    except ValueError:
        return None
    return parts.hostname if parts.netloc == host and "@" not in host else None
