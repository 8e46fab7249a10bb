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
        if request.method == "GET":
            yield request
            return
        if not self._token:
            yield from self._renew(request)
        reply = yield self._with_token(request)
        if reply.status_code == httpx.codes.FORBIDDEN:  # the server's database was lost, say, with its tokens
            yield from self._renew(request)
            yield self._with_token(request)

    def _renew(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        known = {name: value for name, value in request.headers.items() if name == "authorization"}
        reply = yield httpx.Request("GET", f"{self._api}/csrf-token?client={self._name}", headers=known)
        self._token = reply.raise_for_status().json()["token"]

    def _with_token(self, request: httpx.Request) -> httpx.Request:
        request.headers.update({"Prefect-Csrf-Token": self._token, "Prefect-Csrf-Client": self._name})
        return request


def api_client(api: str, timeout: float = 30) -> httpx.Client:
    """A client of that API."""
    return httpx.Client(base_url=api, timeout=timeout, auth=Token(api))
