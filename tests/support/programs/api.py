"""A program that calls Prefect's API by itself, without Prefect's client."""

import uuid
from collections.abc import Generator

import httpx


class Token(httpx.Auth):
    """Fetches the token that the API asks of whoever changes something, and sends it."""

    def __init__(self, api: str) -> None:
        self._api, self._token, self._name = api.rstrip("/"), "", uuid.uuid4().hex

    requires_response_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if request.method != "GET":
            if not self._token:
                known = {name: value for name, value in request.headers.items() if name == "authorization"}
                reply = yield httpx.Request("GET", f"{self._api}/csrf-token?client={self._name}", headers=known)
                self._token = reply.raise_for_status().json()["token"]
            request.headers.update({"Prefect-Csrf-Token": self._token, "Prefect-Csrf-Client": self._name})
        yield request


def api_client(api: str, timeout: float = 30) -> httpx.Client:
    """A client of that API."""
    return httpx.Client(base_url=api, timeout=timeout, auth=Token(api))
