"""Every error becomes a page that says what happened and what to do."""

import logging
from http import HTTPStatus

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from deployments.desk.templating import TEMPLATES
from models.i18n import gettext as _
from models.refusal import Refused
from tasks.database import NoDatabase
from tasks.files import FileMissing

LOGGER = logging.getLogger("luodi.desk")


class RequestRefused(Exception):
    """A request that is not served: the status says which kind, `what` what happened, `remedy` what to do."""

    def __init__(self, status: int, what: str, remedy: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(what)
        self.status, self.what, self.remedy, self.headers = status, what, remedy, headers or {}


def error_page(trouble: RequestRefused) -> Response:
    """The page of an error."""
    text = TEMPLATES.get_template("error.html").render(trouble=trouble, here="")
    return HTMLResponse(text, trouble.status, trouble.headers)


def tell_errors(app: FastAPI) -> None:
    """Give the app's errors pages of their own."""
    for kind in (
        RequestRefused,
        HTTPException,
        RequestValidationError,
        Refused,
        FileMissing,
        httpx.TransportError,
        PrefectHTTPStatusError,
        ObjectNotFound,
        OperationalError,
        NoDatabase,
        Exception,
    ):
        app.add_exception_handler(kind, _answer)


def _answer(request: Request, problem: Exception) -> Response:
    trouble = trouble_of(problem)
    if trouble.status >= 500:
        why = problem if trouble.status == 500 else None  # what only has to be waited for needs no traceback
        more = trouble.remedy if problem is trouble else problem
        LOGGER.error("%s %s: %s (%s)", request.method, request.url.path, trouble.what, more, exc_info=why)
    return error_page(trouble)


def trouble_of(problem: Exception) -> RequestRefused:
    """What an error means to whoever sent the request."""
    if isinstance(problem, RequestRefused):
        return problem
    if isinstance(problem, FileMissing):
        return RequestRefused(404, str(problem), _("Go back to the list and choose another one."))
    if isinstance(problem, Refused):
        return RequestRefused(400, str(problem))
    if isinstance(problem, RequestValidationError):
        return RequestRefused(
            400, _("The form was not complete."), _("Go back, load the page again, and send it once more.")
        )
    if isinstance(problem, HTTPException):
        return _of_http(problem)
    if isinstance(problem, (httpx.TransportError, PrefectHTTPStatusError, ObjectNotFound)):
        return RequestRefused(
            503,
            _("The Prefect server does not answer as it should."),
            _("Try again in a minute. If it stays so, run `luodi doctor` on the server."),
        )
    if isinstance(problem, (OperationalError, NoDatabase)):
        return RequestRefused(
            503,
            _("The ledger database cannot be reached."),
            _("Try again in a minute. If it stays so, run `luodi doctor` on the server."),
        )
    return RequestRefused(
        500, _("Something went wrong at the desk."), _("Try again. If it stays so, logs/desk.log says why.")
    )


def _of_http(problem: HTTPException) -> RequestRefused:
    if problem.status_code == HTTPStatus.NOT_FOUND:
        return RequestRefused(404, _("There is no such page at the desk."), _("Begin at the desk's first page."))
    if problem.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        what = _("This page cannot be asked for in this way.")
        return RequestRefused(405, what, _("Begin at the desk's first page."), dict(problem.headers or {}))
    return RequestRefused(problem.status_code, str(problem.detail))
