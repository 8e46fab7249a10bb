"""Asks for the Prefect UI's user and password."""

import ipaddress

from fastapi import Request

from deployments.doors.password import is_right, password
from deployments.doors.refusal import RequestRefused
from models.i18n import gettext as _

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Luodi", charset="UTF-8"'}


class OpenToAll(RuntimeError):
    """Other machines could read the ledger: set a password, or unset LUODI_DESK_HOST."""


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
    secret = password()
    address = request.client.host if request.client else ""
    if not secret or is_right(address, request.headers.get("authorization", ""), secret):
        return
    raise RequestRefused(
        401,
        _("The desk asks for a user and a password."),
        _("They are those of the Prefect UI. Load the page again and enter them."),
        CHALLENGE,
    )
