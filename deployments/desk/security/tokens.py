"""Proof that a form was sent from a page of the desk, and not by another page open in the same browser.

Two things must hold: the browser says the form comes from the desk's own address, and the form holds a token that only
the desk can have made for this browser's cookie. The cookie alone is no proof, as programs on other ports share it.
"""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from fastapi import Request, Response

from deployments.desk.errors import RequestRefused
from models.i18n import gettext as _
from tasks.files import desk

COOKIE = "luodi-desk"
KEY = secrets.token_bytes(32)
"""Made anew with each start of the desk; pages drawn before are asked to be loaded again."""


def cookie_of(request: Request) -> str:
    """What the browser is known by: its cookie, or a new one."""
    return request.cookies.get(COOKIE) or secrets.token_urlsafe(24)


def set_cookie(reply: Response, cookie: str) -> None:
    """Let the browser keep it until it is closed."""
    is_secure = desk().startswith("https://")
    reply.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=is_secure)


def token_for(cookie: str) -> str:
    """What a form must bring along from a browser with that cookie."""
    return hmac.new(KEY, cookie.encode(), hashlib.sha256).hexdigest()


def new_form() -> str:
    """A name for one drawing of a form: sent twice, it starts one run."""
    return secrets.token_urlsafe(12)


def check_origin(request: Request) -> None:
    """Let a form pass only when the browser says that it comes from the desk's own pages.

    Raises:
        RequestRefused: 403 otherwise.
    """
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    own = {f"http://{request.headers['host']}", _origin(desk())}
    is_own = site == "same-origin" if origin is None else origin in own and site in (None, "same-origin")
    if not is_own:
        raise RequestRefused(
            403,
            _("This form was not sent from a page of the desk."),
            _("Open the desk by its own address and send the form there. Behind a proxy, set LUODI_DESK_URL to it."),
        )


def check_token(request: Request, token: str) -> None:
    """Let a form pass only with the token its browser was given.

    Raises:
        RequestRefused: 403 otherwise.
    """
    if not hmac.compare_digest(token_for(request.cookies.get(COOKIE, "")).encode(), token.encode()):
        raise RequestRefused(
            403,
            _("The page with this form is out of date."),
            _("Go back, load the page again, and send the form once more. The browser must accept cookies."),
        )


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
