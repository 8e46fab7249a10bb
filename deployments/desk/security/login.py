"""Asks for the Prefect UI's user and password, and slows down guessing."""

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

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Luodi", charset="UTF-8"'}
MAX_FAILURES = 10  # wrong passwords per address …
FAILURE_WINDOW = 300.0  # … within so many seconds
MAX_ADDRESSES = 1000  # the address that failed longest ago is forgotten first
FAILURES: TTLCache[str, deque[float]] = TTLCache(MAX_ADDRESSES, FAILURE_WINDOW)  # by address, on the monotonic clock


class OpenToAll(RuntimeError):
    """Other machines could read the ledger: set a password, or unset LUODI_DESK_HOST."""


def password() -> str:
    """`user:password` that Prefect's server asks for; '' if it asks for none."""
    secret = get_current_settings().server.api.auth_string
    return secret.get_secret_value() if secret else ""


def refuse_open(host: str) -> None:
    """Raise OpenToAll for an address that other machines reach, unless a password is set."""
    if password() or host == "localhost" or _is_loopback(host):
        return
    message = _(
        "LUODI_DESK_HOST=%(host)s would show the desk to other machines without a password: set "
        "PREFECT_SERVER_API_AUTH_STRING=user:password, or remove LUODI_DESK_HOST."
    )
    raise OpenToAll(message % {"host": host})


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_password(request: Request) -> None:
    """Refuse a request without the password (401), or after too many wrong ones (429)."""
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
    credentials = _credentials(request.headers.get("authorization", ""))
    if credentials is not None and hmac.compare_digest(credentials, secret.encode()):
        FAILURES.pop(address, None)
        return
    if credentials is not None:
        FAILURES[address] = deque([*FAILURES.get(address, ()), time.monotonic()], MAX_FAILURES)
    raise RequestRefused(
        401,
        _("The desk asks for a user and a password."),
        _("They are those of the Prefect UI. Load the page again and enter them."),
        CHALLENGE,
    )


def seconds_to_wait(address: str) -> float:
    """Seconds until the address may try again; 0 or less if it may now."""
    moments = FAILURES.get(address, deque())
    return moments[0] + FAILURE_WINDOW - time.monotonic() if len(moments) == MAX_FAILURES else 0.0


def _credentials(header: str) -> bytes | None:
    """`user:password` of an Authorization header; None if it is not Basic, b'' if malformed."""
    scheme, _space, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(credentials, validate=True)
    except (binascii.Error, ValueError):
        return b""
