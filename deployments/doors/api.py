"""The door of Prefect's server: which requests reach it, and what its pages may do."""

import hmac
import json
import re
from collections.abc import Iterator

from prefect.settings import get_current_settings
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments import environment
from deployments.doors.body import Pace, again, has_body, whole
from deployments.doors.json_text import cannot_be_stored, check_json
from deployments.doors.names import Head, Sender, head_of, host_name, is_link, origin_of, own_names, sender_of
from deployments.doors.password import count_failure, is_right, password, refuse_guesser, seconds_to_wait
from deployments.doors.refusal import RequestRefused
from deployments.doors.tokens import TokenCheck
from models.i18n import gettext as _
from models.settings import settings

CHANGES_NOTHING = ("GET", "HEAD", "OPTIONS")
ANSWER = re.compile(r"/(?:resume|create_flow_run)/?$")  # what people send: a form, or what starts a run
LARGEST_ANSWER = 2**20  # bytes; a form with a hundred long texts has a tenth
LARGEST_BODY = 8 * 2**20  # bytes of what programs send: artifacts, logs, runs in bulk
MOST_HELD = 128 * 2**20  # bytes of all bodies on their way
JSON_TYPE = re.compile(rb"application/(?:[\w.+-]+\+)?json *(?:;.*)?", re.IGNORECASE)


class ApiDoor:
    """Passes a request on to Prefect's server, unless a foreign page sends it, it calls us by a
    strange name, or it holds what cannot be stored.
    """

    def __init__(self, app: ASGIApp) -> None:
        server = get_current_settings().server
        self.app = app
        self._names, self._origins = own_names(), frozenset(page_origins(server.api.cors_allowed_origins))
        self._tokens = TokenCheck() if server.api.csrf_protection_enabled else None
        self._secret = password()
        self._process_key = environment.process_key().encode() if self._secret else b""
        self._headers = page_headers()
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "lifespan":
            await self.app(scope, receive, send)
            return
        head = head_of(scope)
        try:
            self._check_sender(scope, head)
            if kind == "websocket":
                receive = self._checked_login(scope, head, receive)
            else:
                self._check_password(scope, head)
                if "\0" in scope["path"]:
                    raise cannot_be_stored()
                if scope["method"] not in CHANGES_NOTHING:
                    receive = await self._checked_body(scope, head, receive)
        except RequestRefused as refused:
            await reply(refused, head)(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            await self.app(scope, receive, self._with_headers(scope, send))

    def _check_sender(self, scope: Scope, head: Head) -> None:
        """Refuse another name than ours (400), and what a foreign page sends (403)."""
        host = head.get(b"host", b"")
        if host_name(host) not in self._names:
            raise unknown_name(host)
        host = host.lower()
        sender = sender_of(head, {b"http://" + host, b"https://" + host, *self._origins})
        if sender is Sender.FOREIGN_PAGE and not leads_to_page(scope, head):
            raise foreign_page(head)

    def _check_password(self, scope: Scope, head: Head) -> None:
        """Refuse (429) who guesses; whether the password is right, Prefect says itself."""
        authorization = head.get(b"authorization")
        if self._secret and authorization is not None and not self._is_ours(head):
            is_right(address_of(scope), authorization.decode("latin-1"), self._secret)

    def _is_ours(self, head: Head) -> bool:
        """Whether a process of this installation sends it: others' guesses must not keep it out."""
        key = head.get(environment.PROCESS_HEADER.lower().encode(), b"")
        return bool(self._process_key) and hmac.compare_digest(key, self._process_key)

    def _checked_login(self, scope: Scope, head: Head, receive: Receive) -> Receive:
        """What receives a websocket's messages; its first one holds the password."""
        if not self._secret or self._is_ours(head):
            return receive
        address = address_of(scope)
        refuse_guesser(address)
        is_first = True

        async def received() -> Message:
            nonlocal is_first
            message = await receive()
            if is_first and message["type"] == "websocket.receive":
                is_first = False
                if seconds_to_wait(address) > 0:  # it was opened before others had guessed too often
                    return {"type": "websocket.disconnect", "code": 1008}
                if (token := token_in(message)) not in (None, self._secret):
                    count_failure(address, str(token))
            return message

        return received

    async def _checked_body(self, scope: Scope, head: Head, receive: Receive) -> Receive:
        """What receives the body, once it is there as a whole and can be stored."""
        if self._tokens:
            await self._tokens.check(head)
        carries = has_body(head)
        check_content_type(head, carries=carries)
        if not carries:
            return receive
        limit = LARGEST_ANSWER if ANSWER.search(scope["path"]) else LARGEST_BODY
        body = await self._whole(Pace(receive), limit, head)
        check_json(body)
        return again(body, receive)

    async def _whole(self, receive: Receive, limit: int, head: Head) -> bytes:
        """The body; 503 if all bodies on their way take too much memory."""
        held = 0

        async def received() -> Message:
            nonlocal held
            message = await receive()
            size = len(message.get("body", b""))
            held, self._held = held + size, self._held + size
            if self._held > MOST_HELD:
                raise RequestRefused(
                    503, _("Too much is being sent just now."), _("Try again in a minute."), {"Retry-After": "60"}
                )
            return message

        try:
            return await whole(received, limit, head)
        finally:
            self._held -= held

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        if scope["type"] != "http":
            return send

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)

        return send_with_headers


def page_origins(allowed: str) -> Iterator[bytes]:
    """The origins whose pages may call the API besides its own: where the UI is reached by another
    name, and what the office allows. `*`, which Prefect allows by itself, is nobody's.
    """
    for address in (settings().prefect_ui_api_url, *allowed.split(",")):
        if origin := origin_of(address.strip()):
            yield origin.encode()


def page_headers() -> list[tuple[bytes, bytes]]:
    """What lets a page of the UI speak to its own API only, and nobody frame it.

    Both UIs draw a run's graph by code they make as they go (`unsafe-eval`).
    """
    api = origin_of(settings().prefect_ui_api_url)
    speaks_to = " ".join(filter(None, ("'self'", api, api.replace("http", "ws", 1))))
    policy = (
        f"default-src 'self'; connect-src {speaks_to}; img-src 'self' data: blob:; font-src 'self' data:; "
        "style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-eval'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"referrer-policy", b"same-origin"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"SAMEORIGIN"),
    ]


def leads_to_page(scope: Scope, head: Head) -> bool:
    """Whether somebody followed a link to a page: opening one changes nothing, a call may."""
    return is_link(scope, head) and not scope["path"].startswith("/api/")


def check_content_type(head: Head, *, carries: bool) -> None:
    """Refuse (415) what a foreign page could send without asking first: anything but JSON."""
    kind = head.get(b"content-type")
    if (carries or kind is not None) and not JSON_TYPE.fullmatch(kind or b""):
        raise RequestRefused(
            415, _("The API takes JSON only."), _("Send it with the header `Content-Type: application/json`.")
        )
    if head.get(b"content-encoding", b"identity").lower() != b"identity":
        raise RequestRefused(415, _("The API takes no compressed request."), _("Send it without Content-Encoding."))


def token_in(message: Message) -> object:
    """The password in a websocket's first message; None if there is none."""
    try:
        said = json.loads(message.get("text") or message.get("bytes") or "")
    except ValueError:
        return None
    return said.get("token") if isinstance(said, dict) else None


def address_of(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def unknown_name(host: bytes) -> RequestRefused:
    return RequestRefused(
        400,
        _("Luodi does not answer to the name “%(host)s”.") % {"host": host.decode("latin-1")[:100]},
        _(
            "Open it by its own address. If this name is its own, say so on the server: set PREFECT_UI_API_URL to the "
            "API's address as browsers reach it, or add the name to LUODI_HOSTS."
        ),
    )


def foreign_page(head: Head) -> RequestRefused:
    origin = head.get(b"origin", b"").decode("latin-1")[:100]
    return RequestRefused(
        403,
        _("This was sent by a page of another site (%(origin)s).") % {"origin": origin or "?"},
        _(
            "If that page is the Prefect UI behind a reverse proxy, set PREFECT_UI_API_URL to the address browsers "
            "use; other pages are allowed by PREFECT_SERVER_CORS_ALLOWED_ORIGINS."
        ),
    )


def reply(refused: RequestRefused, head: Head) -> Response:
    """The refusal as text for people, as JSON for programs."""
    text = " ".join(filter(None, (refused.what, refused.remedy)))
    headers = {**refused.headers, "X-Content-Type-Options": "nosniff"}
    if b"text/html" in head.get(b"accept", b""):
        return PlainTextResponse(text, refused.status, headers)
    return JSONResponse({"detail": text}, refused.status, headers)
