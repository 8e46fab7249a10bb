"""Connections to API and desk: whoever only holds one, or is slow, keeps nobody else out."""

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from deployments.doors.ports import bound, refuse_listener

# Seconds
HEAD_PATIENCE = 10.0  # for the head of a request, from the moment one may come
REST_PATIENCE = 20.0  # for the rest of a request that was answered before it was sent
READ_PATIENCE = 60.0  # for some of a reply to be read
NEW = 0.1  # so long a newcomer is not closed to make room for others: what he sends is under way yet
LOOKS_AGAIN = 1.0  # for somebody to be closed, where all are at work

MOST_CONNECTIONS = 512  # beyond, the one that has been silent longest is closed; the process may open 1024 files
MOST_WEBSOCKETS = 200  # beyond, further ones are refused: pages then show no live events


class PatientConnection(H11Protocol):
    """uvicorn's connection with an end to each wait for the other side.

    uvicorn itself waits without end for a request's head, for its body, and for a reply to be read;
    its `limit_concurrency` counts connections that only idle.
    """

    came_at = heard_at = 0.0  # by the event loop's clock
    _patience: asyncio.TimerHandle | None = None
    _awaited = 0.0  # the patience for what is awaited now
    _is_websocket = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.came_at = self.heard_at = self.loop.time()
        self._watch()
        self._make_room()

    def data_received(self, data: bytes) -> None:
        self.heard_at = self.loop.time()
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_patience()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._is_websocket = True
        self._forget_patience()
        if sum(not isinstance(other, PatientConnection) for other in self.connections) >= MOST_WEBSOCKETS:
            self.transport.abort()
            return
        super().handle_websocket_upgrade(event)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._forget_patience()
        self._watch()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._await_reader()  # what was not read yet keeps a closed connection open

    @property
    def waits(self) -> bool:
        """Whether the next step is the other side's."""
        if self.flow.write_paused:
            return True
        return self.conn.their_state in (h11.IDLE, h11.SEND_BODY) and not self.flow.read_paused

    @property
    def is_new(self) -> bool:
        return self.came_at > self.loop.time() - NEW

    @property
    def may_be_closed(self) -> bool:
        return self.waits and not self.is_new

    def _watch(self) -> None:
        """Be patient for what the other side owes; pieces of it do not prolong the time."""
        if self._is_websocket or self.flow.write_paused:
            return
        owed = self._owed()
        if owed == self._awaited:
            return
        self._forget_patience()
        if owed:
            self._awaited = owed
            self._patience = self.loop.call_later(owed, self.transport.abort)

    def _owed(self) -> float:
        """The patience for what is to come, in seconds; 0 if nothing is, or others see to it."""
        if self.conn.their_state is h11.IDLE:
            return HEAD_PATIENCE
        is_answered = self.conn.our_state is h11.DONE
        return REST_PATIENCE if is_answered and self.conn.their_state is h11.SEND_BODY else 0.0

    def _await_reader(self, former: int | None = None) -> None:
        """Give up if nothing is read within the time; `former`: the bytes that were left before."""
        left = self.transport.get_write_buffer_size()
        if former is not None and left >= former:
            self.transport.abort()
            return
        self._forget_patience()
        self._patience = self.loop.call_later(READ_PATIENCE, self._await_reader, left)

    def _forget_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._patience, self._awaited = None, 0.0

    def _make_room(self) -> None:
        """Close of too many connections those that have been silent longest, now or soon."""
        excess = len(self.connections) - MOST_CONNECTIONS
        if excess <= 0:
            return
        waiting = [other for other in self.connections if isinstance(other, PatientConnection) and other.may_be_closed]
        silent = sorted(waiting, key=lambda other: other.heard_at)[:excess]
        for other in silent:
            self.connections.discard(other)  # its `connection_lost` comes after the rest of a burst
            other.transport.abort()
        if len(silent) < excess:
            self.loop.call_later(NEW if self.is_new else LOOKS_AGAIN, self._make_room)


SERVED: dict[str, Any] = {
    "http": PatientConnection,
    "log_level": "warning",
    "access_log": False,
    "server_header": False,
}


def serve(app: ASGIApp | Callable[[], ASGIApp], host: str, port: int, *, is_factory: bool = False) -> None:
    """Serve until stopped; PortTaken when something listens there already."""
    refuse_listener(host, port)
    server = uvicorn.Server(uvicorn.Config(app, host=host, port=port, factory=is_factory, **SERVED))
    with suppress(KeyboardInterrupt):
        server.run(bound(host, port, again=True))
    if not server.started:
        sys.exit(os.EX_SOFTWARE)
