"""The password of API and desk, and how guesses of it are slowed down."""

import base64
import binascii
import hmac
import secrets
import time
from collections import deque
from typing import NamedTuple

from cachetools import TTLCache
from prefect.settings import get_current_settings

from deployments.doors.refusal import RequestRefused
from models.i18n import gettext as _

MAX_FAILURES = 10  # different wrong passwords per address …
FAILURE_WINDOW = 300.0  # … within so many seconds
MAX_ADDRESSES = 1000  # the address that failed longest ago is forgotten first
KEY = secrets.token_bytes(32)


class Failure(NamedTuple):
    """A wrong password: when it came, and by what it is known again."""

    moment: float  # on the monotonic clock
    fingerprint: bytes


FAILURES: TTLCache[str, deque[Failure]] = TTLCache(MAX_ADDRESSES, FAILURE_WINDOW)  # by address


def password() -> str:
    """`user:password` that Prefect's server asks for; '' if it asks for none."""
    secret = get_current_settings().server.api.auth_string
    return secret.get_secret_value() if secret else ""


def is_right(address: str, authorization: str, secret: str) -> bool:
    """Whether an Authorization header holds the password; a wrong one counts against the address.

    RequestRefused (429) after too many, whatever the header holds: otherwise the answer would tell
    a right guess from a wrong one.
    """
    refuse_guesser(address)
    credentials = _credentials(authorization)
    if credentials is None:
        return False
    if hmac.compare_digest(credentials, secret.encode()):
        return True
    count_failure(address, authorization)
    return False


def refuse_guesser(address: str) -> None:
    """Refuse (429) an address from which too many wrong passwords came."""
    if (seconds := seconds_to_wait(address)) <= 0:
        return
    raise RequestRefused(
        429,
        _("The password was wrong too often."),
        _("Wait %(minutes)s minutes, then try again.") % {"minutes": int(seconds // 60) + 1},
        {"Retry-After": str(int(seconds) + 1)},
    )


def count_failure(address: str, wrong: str) -> None:
    """Note a wrong password; the same one again says nothing new, a page sends it many times."""
    fingerprint = hmac.digest(KEY, wrong.encode("utf-8", "surrogatepass"), "sha256")
    failures = FAILURES.get(address, deque())
    if all(failure.fingerprint != fingerprint for failure in failures):
        FAILURES[address] = deque([*failures, Failure(time.monotonic(), fingerprint)], MAX_FAILURES)


def seconds_to_wait(address: str) -> float:
    """Seconds until the address may try again; 0 or less if it may now."""
    failures = FAILURES.get(address, deque())
    return failures[0].moment + FAILURE_WINDOW - time.monotonic() if len(failures) == MAX_FAILURES else 0.0


def _credentials(header: str) -> bytes | None:
    """`user:password` of an Authorization header; None if it is not Basic, b'' if malformed."""
    scheme, _space, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(credentials, validate=True)
    except (binascii.Error, ValueError):
        return b""
