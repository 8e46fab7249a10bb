"""Proof that a form was sent from a page of the desk, not by another page open in the same browser.

The browser must name the desk's own address as the form's origin, and the form hold a token that
only the desk can have made for this browser's cookie. The cookie alone is no proof: programs on
other ports of the host share it.
"""

import hashlib
import hmac
import secrets

from fastapi import Request, Response

from deployments.doors.names import Sender, head_of, origin_of, sender_of
from deployments.doors.refusal import RequestRefused
from models.i18n import gettext as _
from tasks.files import desk

COOKIE = "luodi-desk"
KEY = secrets.token_bytes(32)  # new at each start of the desk; a page drawn before must be loaded again


def cookie_of(request: Request) -> str:
    """The browser's cookie; a new one if it has none."""
    return request.cookies.get(COOKIE) or secrets.token_urlsafe(24)


def set_cookie(reply: Response, cookie: str) -> None:
    is_secure = desk().startswith("https://")
    reply.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=is_secure)


def token_for(cookie: str) -> str:
    """The token of every form sent by the browser with that cookie."""
    return hmac.new(KEY, cookie.encode(), hashlib.sha256).hexdigest()


def new_form_id() -> str:
    """Names one drawing of a form; if it is sent twice, it still starts one run."""
    return secrets.token_urlsafe(12)


def check_origin(request: Request) -> None:
    """Refuse (403) a form unless the browser says that it comes from the desk's own pages."""
    head = head_of(request.scope)
    own = {b"http://" + head[b"host"], origin_of(desk()).encode()}
    is_own = sender_of(head, own) is Sender.OWN_PAGE and head.get(b"sec-fetch-site") in (None, b"same-origin")
    if not is_own:
        raise RequestRefused(
            403,
            _("This form was not sent from a page of the desk."),
            _("Open the desk by its own address and send the form there. Behind a proxy, set LUODI_DESK_URL to it."),
        )


def check_token(request: Request, token: str) -> None:
    """Refuse (403) a form without the token that its browser was given."""
    if not hmac.compare_digest(token_for(request.cookies.get(COOKIE, "")).encode(), token.encode()):
        raise RequestRefused(
            403,
            _("The page with this form is out of date."),
            _("Go back, load the page again, and send the form once more. The browser must accept cookies."),
        )
