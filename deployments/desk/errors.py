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
    """A request that is not served: its HTTP status, `what` happened, and the `remedy`."""

    def __init__(self, status: int, what: str, remedy: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(what)
        self.status, self.what, self.remedy, self.headers = status, what, remedy, headers or {}


def error_page(refused: RequestRefused) -> Response:
    """The page that explains the refusal."""
    text = TEMPLATES.get_template("error.html").render(refused=refused, here="")
    return HTMLResponse(text, refused.status, refused.headers)


def show_error_pages(app: FastAPI) -> None:
    """Answer every error of the app by an error page."""
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
    refused = _refusal(problem)
    if refused.status >= 500:
        traceback_of = problem if refused.status == 500 else None  # the others pass by themselves
        detail = refused.remedy if problem is refused else problem
        LOGGER.error("%s %s: %s (%s)", request.method, request.url.path, refused.what, detail, exc_info=traceback_of)
    return error_page(refused)


def _refusal(problem: Exception) -> RequestRefused:
    """What the error means to the person who sent the request."""
    to_first_page = _("Begin at the desk's first page.")
    to_doctor = _("Try again in a minute. If it stays so, run `luodi doctor` on the server.")
    match problem:
        case RequestRefused():
            return problem
        case FileMissing():
            return RequestRefused(404, str(problem), _("Go back to the list and choose another one."))
        case Refused():
            return RequestRefused(400, str(problem))
        case RequestValidationError():
            return incomplete_form()
        case HTTPException(status_code=HTTPStatus.NOT_FOUND):
            return RequestRefused(404, _("There is no such page at the desk."), to_first_page)
        case HTTPException(status_code=HTTPStatus.METHOD_NOT_ALLOWED):
            what = _("This page cannot be asked for in this way.")
            return RequestRefused(405, what, to_first_page, dict(problem.headers or {}))
        case HTTPException():
            return RequestRefused(problem.status_code, str(problem.detail))
        case httpx.TransportError() | PrefectHTTPStatusError() | ObjectNotFound():
            return RequestRefused(503, _("The Prefect server does not answer as it should."), to_doctor)
        case OperationalError() | NoDatabase():
            return RequestRefused(503, _("The ledger database cannot be reached."), to_doctor)
    what = _("Something went wrong at the desk.")
    return RequestRefused(500, what, _("Try again. If it stays so, logs/desk.log says why."))


def incomplete_form() -> RequestRefused:
    """400: the request is no form of the desk's."""
    what = _("The form was not complete.")
    return RequestRefused(400, what, _("Go back, load the page again, and send it once more."))
