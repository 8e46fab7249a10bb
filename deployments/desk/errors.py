"""Every error becomes a refusal that says what happened and what to do."""

from http import HTTPStatus

import httpx
from fastapi.exceptions import RequestValidationError
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from deployments.doors.refusal import RequestRefused
from models.i18n import gettext as _
from models.refusal import Refused
from tasks.database import NoDatabase
from tasks.files import FileMissing
from tasks.notices.secret_key import NoSecretKey

SERVER_DOWN = (httpx.TransportError, PrefectHTTPStatusError, ObjectNotFound)
DATABASE_DOWN = (OperationalError, NoDatabase)
# What `refusal_of` tells apart; each has to be named to the application
KINDS = (
    RequestRefused,
    FileMissing,
    Refused,
    NoSecretKey,
    RequestValidationError,
    HTTPException,
    *SERVER_DOWN,
    *DATABASE_DOWN,
)


def refusal_of(problem: Exception) -> RequestRefused:
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
        case NoSecretKey():
            return RequestRefused(409, _("The channels' addresses cannot be opened or sealed here."), str(problem))
        case RequestValidationError():
            return incomplete_form()
        case HTTPException(status_code=HTTPStatus.NOT_FOUND):
            return RequestRefused(404, _("There is no such page at the desk."), to_first_page)
        case HTTPException(status_code=HTTPStatus.METHOD_NOT_ALLOWED):
            what = _("This page cannot be asked for in this way.")
            return RequestRefused(405, what, to_first_page, dict(problem.headers or {}))
        case HTTPException():
            return RequestRefused(problem.status_code, str(problem.detail))
        case _ if isinstance(problem, SERVER_DOWN):
            return RequestRefused(503, _("The Prefect server does not answer as it should."), to_doctor)
        case _ if isinstance(problem, DATABASE_DOWN):
            return RequestRefused(503, _("The ledger database cannot be reached."), to_doctor)
    what = _("Something went wrong at the desk.")
    return RequestRefused(500, what, _("Try again. If it stays so, logs/desk.log says why."))


def incomplete_form() -> RequestRefused:
    """400: the request is no form of the desk's."""
    what = _("The form was not complete.")
    return RequestRefused(400, what, _("Go back, load the page again, and send it once more."))
