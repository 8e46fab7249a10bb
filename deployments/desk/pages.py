"""Draws the desk's pages, in the office's language."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from deployments.desk.security import tokens
from deployments.desk.templating import TEMPLATES


def page(request: Request, template: str, **values: object) -> HTMLResponse:
    """The filled template. Its forms carry a token that fits the browser's cookie."""
    cookie = tokens.cookie_of(request)
    text = TEMPLATES.get_template(template).render(
        here=request.url.path, token=tokens.token_for(cookie), form_id=tokens.new_form_id(), **values
    )
    reply = HTMLResponse(text)
    tokens.set_cookie(reply, cookie)
    return reply
