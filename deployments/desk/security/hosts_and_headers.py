"""Guards the desk: its host names, its password, and the security headers of its replies."""

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.desk.pages import error_page
from deployments.desk.security.login import check_password
from deployments.doors.body import Pace, has_body
from deployments.doors.names import Head, Sender, head_of, host_name, is_link, origin_of, own_names, sender_of
from deployments.doors.refusal import RequestRefused
from models.i18n import gettext as _
from tasks.files import desk

WITHOUT_PASSWORD = ("/health", "/desk.css", "/icon.svg")  # they say nothing about the ledger
MOST_AT_WORK = 64  # requests for which a reply is being made; the desk serves people, not programs
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
        self._at_work: set[int] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number, paced = id(scope), Pace(receive)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._at_work.discard(number)  # what is left to do is the browser's
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        async def receive_in_time() -> Message:
            message = await paced()
            if not message.get("more_body", False):
                self._at_work.add(number)
            return message

        request, head = Request(scope), head_of(scope)
        try:
            check_host(head)
            check_page(request, head)
            if request.url.path not in WITHOUT_PASSWORD:
                check_password(request)
            if len(self._at_work) >= MOST_AT_WORK:
                raise busy()
            if has_body(head):
                await self.app(scope, receive_in_time, send_with_headers)
            else:
                self._at_work.add(number)
                await self.app(scope, receive, send_with_headers)
        except RequestRefused as refused:
            await error_page(refused)(scope, receive, send_with_headers)
        finally:
            self._at_work.discard(number)


def check_host(head: Head) -> None:
    """Refuse (400) any host name but the desk's own.

    Otherwise another site could let a name of its own resolve to this machine, and read the desk.
    """
    if host_name(head.get(b"host", b"")) in own_names():
        return
    raise RequestRefused(
        400,
        _("The desk does not answer to this address."),
        _("Open it as %(address)s; when it has another address, set LUODI_DESK_URL to that.") % {"address": desk()},
    )


def check_page(request: Request, head: Head) -> None:
    """Refuse (403) what a page of another site reads by itself: we would write file on file.

    Links lead here, those of the Prefect UI among them. Who may send a form is checked with it.
    """
    own = {b"http://" + head[b"host"], origin_of(desk()).encode()}
    is_foreign = request.method in ("GET", "HEAD") and sender_of(head, own) is Sender.FOREIGN_PAGE
    if is_foreign and not is_link(request.scope, head):
        raise RequestRefused(403, _("A page of another site asked for this."), _("Begin at the desk's first page."))


def busy() -> RequestRefused:
    what = _("Too many are at the desk just now.")
    return RequestRefused(503, what, _("Try again in a minute."), {"Retry-After": "60"})
