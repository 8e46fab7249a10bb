"""A browser that visits the desk, and what it sends."""

import asyncio
import base64
from typing import Any

from httpx import ASGITransport, AsyncClient, Request, Response

from deployments.desk.app import create_app
from deployments.desk.security import tokens
from tasks.files import Folder, folder

DESK = "http://127.0.0.1:4201"
COOKIE = "known-browser"
OWN_PAGE = {"Origin": DESK, "Sec-Fetch-Site": "same-origin"}
XLSX = ("六月台账.xlsx", b"PK not really")


class Browser:
    """A browser that has looked at the desk before."""

    def __init__(self) -> None:
        self.desk, self.cookie, self.address = create_app(), COOKIE, "127.0.0.1"

    def get(self, path: str, **parts: Any) -> Response:
        return self.send(self.request("GET", path, **parts))

    def post(self, path: str, **parts: Any) -> Response:
        return self.send(self.request("POST", path, **parts))

    def request(self, method: str, path: str, **parts: Any) -> Request:
        request = Request(method, DESK + path, **parts)
        request.headers["Cookie"] = f"{tokens.COOKIE}={self.cookie}"
        return request

    def send(self, request: Request) -> Response:
        async def sent() -> Response:
            transport = ASGITransport(self.desk, raise_app_exceptions=False, client=(self.address, 50000))
            async with AsyncClient(transport=transport) as client:
                reply = await client.send(request)
                await reply.aread()
                return reply

        return asyncio.run(sent())


def hand_in(
    browser: Browser,
    file: tuple[str, bytes] | None = XLSX,
    headers: dict[str, str] | None = None,
    token: str = "",
    **fields: str,
) -> Response:
    fields = {"token": token or tokens.token_for(COOKIE), "form_id": "one", **fields}
    files = {"file": (*file, "application/octet-stream")} if file else {"none": (None, b"")}
    return browser.post("/imports", data=fields, files=files, headers=OWN_PAGE if headers is None else headers)


def incoming() -> list[str]:
    return sorted(path.name for path in folder(Folder.INCOMING).rglob("*"))


def basic(credentials: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(credentials.encode()).decode()}
