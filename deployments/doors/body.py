"""Takes a request's body within bounds of time and size, however it is sent."""

import asyncio
import time

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from deployments.doors.names import Head
from deployments.doors.refusal import RequestRefused
from models.i18n import gettext as _

WINDOW = 30.0  # seconds of waiting for the sender …
MIN_BYTES = 240_000  # … in which so much must come; a slow mobile network brings more


def has_body(head: Head) -> bool:
    return b"transfer-encoding" in head or head.get(b"content-length", b"0").strip(b"0") != b""


class Pace:
    """Receives the pieces of a body; a sender who is silent or slow is not waited for (408).

    Only the time spent waiting counts, not the time that we need for what came.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._waited, self._came = 0.0, 0

    async def __call__(self) -> Message:
        began = time.monotonic()
        try:
            async with asyncio.timeout(WINDOW - self._waited):
                message = await self._receive()
        except TimeoutError as problem:
            raise too_slow() from problem
        self._waited += time.monotonic() - began
        self._came += len(message.get("body", b""))
        if self._came >= MIN_BYTES:
            self._waited, self._came = 0.0, 0
        return message


async def whole(receive: Receive, limit: int, head: Head) -> bytes:
    """The body, if it has at most `limit` bytes (413).

    Raises:
        ClientDisconnect: when the sender goes away.
    """
    length = head.get(b"content-length", b"0")
    if length.isdigit() and int(length) > limit:
        raise too_large(limit)
    pieces: list[bytes] = []
    came = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        came += len(pieces[-1])
        if came > limit:
            raise too_large(limit)
        if not message.get("more_body", False):
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def again(body: bytes, receive: Receive) -> Receive:
    """Receives the body that was read already, then whatever follows it."""
    waiting = [body]

    async def receive_again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return receive_again


def too_large(limit: int) -> RequestRefused:
    what = _("The request is larger than %(kb)s KB.") % {"kb": limit // 1024}
    return RequestRefused(413, what, _("Send less at once."))


def too_slow() -> RequestRefused:
    return RequestRefused(408, _("The request came too slowly."), _("Check the network and send it again."))
