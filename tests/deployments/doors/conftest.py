"""The API's door before an application that notes what reaches it."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Request, Response
from prefect.settings import (
    PREFECT_SERVER_API_AUTH_STRING,
    PREFECT_SERVER_CORS_ALLOWED_ORIGINS,
    PREFECT_SERVER_CSRF_PROTECTION_ENABLED,
    temporary_settings,
)
from starlette.types import Receive, Scope, Send

from deployments.doors import password as guesses
from deployments.doors import tokens
from deployments.doors.api import ApiDoor
from deployments.doors.refusal import RequestRefused

UI = "http://127.0.0.1:4200"
TOKEN = {"Prefect-Csrf-Token": "t", "Prefect-Csrf-Client": "c"}
OWN = {"Origin": UI, "Sec-Fetch-Site": "same-origin", **TOKEN}


class Visitor:
    """Sends requests to the door; `reached` are those that Prefect would see, with their bodies."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, bytes]] = []
        self.address = "127.0.0.1"
        self.door = ApiDoor(self._prefect)

    async def _prefect(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.reached.append((scope["path"], body))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    def send(self, method: str, path: str, **parts: Any) -> Response:
        """The door's reply; without headers of the test's own, what the UI sends."""
        parts.setdefault("headers", OWN)
        request = Request(method, UI + path, **parts)

        async def sent() -> Response:
            transport = ASGITransport(self.door, client=(self.address, 50000))
            async with AsyncClient(transport=transport) as client:
                return await client.send(request)

        return asyncio.run(sent())

    def post(self, path: str, body: Any, **headers: str) -> Response:
        """Send JSON as the UI does."""
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return self.send("POST", path, content=content, headers={**OWN, "Content-Type": "application/json", **headers})


async def given(client: bytes, token: bytes) -> bytes:
    """Stands for Prefect's database, which has given each client the token `t`."""
    if token != b"t":
        raise RequestRefused(403, "Invalid CSRF token or client identifier.")
    return token


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LUODI_DESK_HOST", "LUODI_HOSTS", "PREFECT_UI_API_URL", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LUODI_HOME", str(tmp_path))
    monkeypatch.setattr(tokens, "_given", given)
    monkeypatch.setenv("LUODI_DESK_URL", "http://127.0.0.1:4201")


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    with temporary_settings({PREFECT_SERVER_CSRF_PROTECTION_ENABLED: True, PREFECT_SERVER_CORS_ALLOWED_ORIGINS: "*"}):
        yield Visitor()


@pytest.fixture
def guarded() -> Iterator[Visitor]:
    """A visitor to a server that asks for a password; its own processes have a key."""
    guesses.FAILURES.clear()
    with temporary_settings(
        {
            PREFECT_SERVER_API_AUTH_STRING: "admin:zhaoshang-2013",
            PREFECT_SERVER_CSRF_PROTECTION_ENABLED: True,
        }
    ):
        yield Visitor()
