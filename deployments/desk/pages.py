"""Draws the desk's pages, in the office's language."""

import logging
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from deployments.desk.errors import refusal_of
from deployments.desk.security import tokens
from deployments.doors.refusal import RequestRefused
from models.i18n import current_locale, gettext
from tasks.documents.text import moment

LOGGER = logging.getLogger("luodi.desk")
HERE = Path(__file__).parent


def _moment(value: datetime | None) -> str:
    """A moment in the office's time zone; '' for None."""
    return moment(value) if value else ""


def _plural(one: str, many: str, count: int) -> str:
    return gettext(one if count == 1 else many)


TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)
TEMPLATES.install_gettext_callables(gettext, _plural, newstyle=True)  # type: ignore[attr-defined]
TEMPLATES.filters["moment"] = _moment
TEMPLATES.filters["segment"] = lambda text: quote(str(text), safe="")
TEMPLATES.globals["language"] = lambda: current_locale().replace("_", "-")  # as HTML names it


def page(request: Request, template: str, **values: object) -> HTMLResponse:
    """The filled template. Its forms carry a token that fits the browser's cookie."""
    cookie = tokens.cookie_of(request)
    text = TEMPLATES.get_template(template).render(
        here=request.url.path, token=tokens.token_for(cookie), form_id=tokens.new_form_id(), **values
    )
    reply = HTMLResponse(text)
    tokens.set_cookie(reply, cookie)
    return reply


def error_page(refused: RequestRefused) -> HTMLResponse:
    text = TEMPLATES.get_template("error.html").render(refused=refused, here="")
    return HTMLResponse(text, refused.status, refused.headers)


def answer_error(request: Request, problem: Exception) -> HTMLResponse:
    """The page that explains an error; it is logged if it is the server's."""
    refused = refusal_of(problem)
    if refused.status >= 500:
        traceback_of = problem if refused.status == 500 else None  # the others pass by themselves
        detail = refused.remedy if problem is refused else problem
        LOGGER.error("%s %s: %s (%s)", request.method, request.url.path, refused.what, detail, exc_info=traceback_of)
    return error_page(refused)
