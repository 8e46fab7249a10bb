"""Asks for the Prefect UI's user and password, and lets nobody guess them quickly."""

import base64
import binascii
import hmac
import ipaddress
import time
from collections import deque

from cachetools import TTLCache
from fastapi import Request
from prefect.settings import get_current_settings

from deployments.desk.errors import RequestRefused
from models.i18n import gettext as _

ASK = {"WWW-Authenticate": 'Basic realm="Luodi", charset="UTF-8"'}
MOST_FAILURES = 10
WINDOW = 300.0
"""Seconds in which one address may fail so often."""
MOST_ADDRESSES = 1000


class OpenToAll(RuntimeError):
    """The desk would show the ledger to other machines without a password: set one, or let it listen here only."""


FAILURES: TTLCache[str, deque[float]] = TTLCache(MOST_ADDRESSES, WINDOW)
"""When the wrong passwords of each address were given; the oldest address is forgotten when there are too many."""


def password() -> str:
    """`user:password` as Prefect's server asks for it; empty when it asks for none."""
    secret = get_current_settings().server.api.auth_string
    return secret.get_secret_value() if secret else ""


def refuse_open(host: str) -> None:
    """Say that the desk must not listen on that address.

    Raises:
        OpenToAll: when other machines could reach it and no password is set.
    """
    if password() or host == "localhost" or _is_loopback(host):
        return
    raise OpenToAll(
        _(
            "LUODI_DESK_HOST=%(host)s would show the desk to other machines without a password: set "
            "PREFECT_SERVER_API_AUTH_STRING=user:password, or remove LUODI_DESK_HOST."
        )
        % {"host": host}
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_password(request: Request) -> None:
    """Let whoever knows the password enter; everybody, when there is none.

    Raises:
        RequestRefused: 401 without it, 429 after too many wrong ones.
    """
    if not (secret := password()):
        return
    address = request.client.host if request.client else ""
    if (seconds := seconds_to_wait(address)) > 0:
        raise RequestRefused(
            429,
            _("The password was wrong too often."),
            _("Wait %(minutes)s minutes, then try again.") % {"minutes": int(seconds // 60) + 1},
            {"Retry-After": str(int(seconds) + 1)},
        )
    given = _given(request.headers.get("authorization", ""))
    if given is not None and hmac.compare_digest(given, secret.encode()):
        FAILURES.pop(address, None)
        return
    if given is not None:
        FAILURES[address] = deque([*FAILURES.get(address, ()), time.monotonic()], MOST_FAILURES)
    raise RequestRefused(
        401,
        _("The desk asks for a user and a password."),
        _("They are those of the Prefect UI. Load the page again and enter them."),
        ASK,
    )


def seconds_to_wait(address: str) -> float:
    """Seconds until the address may try again; 0 when it may now."""
    moments = FAILURES.get(address, deque())
    return moments[0] + WINDOW - time.monotonic() if len(moments) == MOST_FAILURES else 0.0


def _given(header: str) -> bytes | None:
    scheme, _space, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(credentials, validate=True)
    except (binascii.Error, ValueError):
        return b""
