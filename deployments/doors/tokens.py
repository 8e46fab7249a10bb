"""Prefect's tokens against forged requests, checked without a query for each request."""

import hmac
from typing import Any, cast

from cachetools import TTLCache
from fastapi import FastAPI
from prefect.server import models
from prefect.server.api.middleware import CsrfMiddleware
from prefect.server.database import provide_database_interface

from deployments.doors.names import Head
from deployments.doors.refusal import RequestRefused
from models.i18n import gettext as _

MAX_CLIENTS = 1000
REMEMBERED_FOR = 600.0  # seconds


def without_check(app: FastAPI) -> FastAPI:
    """Prefect's application without its own check: that one doubles what a call costs."""
    app.user_middleware = [layer for layer in app.user_middleware if cast(object, layer.cls) is not CsrfMiddleware]
    return app


class TokenCheck:
    """Knows the tokens that Prefect has given out of late, by client."""

    def __init__(self) -> None:
        self._known: TTLCache[bytes, bytes] = TTLCache(MAX_CLIENTS, REMEMBERED_FOR)

    async def check(self, head: Head) -> None:
        """Refuse (403) a request without the token that its client was given."""
        token, client = head.get(b"prefect-csrf-token"), head.get(b"prefect-csrf-client")
        if token is None or client is None:
            raise _no_token()
        known = self._known.get(client)
        if known is None or not hmac.compare_digest(known, token):
            self._known[client] = await _given(client, token)


async def _given(client: bytes, token: bytes) -> bytes:
    """The token, if Prefect has given it to the client."""
    tokens: Any = models.csrf_token  # its functions lose their types to a decorator
    async with provide_database_interface().session_context() as session:
        given = await tokens.read_token_for_client(session=session, client=client.decode("latin-1"))
    if given is None or not hmac.compare_digest(given.token.encode(), token):
        raise RequestRefused(
            403,
            "Invalid CSRF token or client identifier.",  # the words by which Prefect's client knows to renew it
            _("Fetch a new one from /api/csrf-token?client=NAME."),
        )
    return token


def _no_token() -> RequestRefused:
    return RequestRefused(
        403,
        _("The request lacks the token that keeps other pages out."),
        _(
            "A program fetches one from /api/csrf-token?client=NAME and sends it as Prefect-Csrf-Token, with NAME as "
            "Prefect-Csrf-Client. Prefect's own client does so by itself."
        ),
    )
