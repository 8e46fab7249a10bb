"""Guards the desk: its host names, its password, and the security headers of its replies."""

from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments import environment
from deployments.desk.errors import RequestRefused
from deployments.desk.pages import error_page
from deployments.desk.security.login import check_password
from models.i18n import gettext as _
from tasks.files import desk

WITHOUT_PASSWORD = ("/health", "/desk.css", "/icon.svg")  # they say nothing about the ledger
LOOPBACK = ("127.0.0.1", "localhost", "::1")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # not `no-referrer`: browsers would then hide a form's origin from us, too
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Passes admitted requests on to `app`; puts security headers on every reply, errors too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        request = Request(scope)
        try:
            check_host(request)
            if request.url.path not in WITHOUT_PASSWORD:
                check_password(request)
        except RequestRefused as refused:
            await error_page(refused)(scope, receive, send_with_headers)
            return
        await self.app(scope, receive, send_with_headers)


def check_host(request: Request) -> None:
    """Refuse (400) any host name but the desk's own.

    Otherwise another site could let a name of its own resolve to this machine, and read the desk.
    """
    hosts = [value for name, value in request.scope["headers"] if name == b"host"]
    if len(hosts) == 1 and _host_name(hosts[0].decode("latin-1")) in own_names():
        return
    raise RequestRefused(
        400,
        _("The desk does not answer to this address."),
        _("Open it as %(address)s; when it has another address, set LUODI_DESK_URL to that.") % {"address": desk()},
    )


def own_names() -> set[str]:
    """This machine, the host of LUODI_DESK_URL, and LUODI_DESK_HOST if it is one address."""
    listening = environment.desk_host()
    named = {urlsplit(desk()).hostname or "", "" if listening in environment.EVERYWHERE else listening.lower()}
    return {*LOOPBACK, *named} - {""}


def _host_name(host: str) -> str | None:
    """The lower-case name in a Host header, without the port; None if the header is malformed."""
    try:
        parts = urlsplit(f"//{host}")
        _port = parts.port  # raises ValueError if it is no number
    except ValueError:
        return None
    return parts.hostname if parts.netloc == host and "@" not in host else None
