"""The desk as a web application, its pages behind their guard, and `luodi desk`."""

import argparse

from fastapi import FastAPI
from fastapi.responses import FileResponse, PlainTextResponse
from starlette.types import ASGIApp

from deployments import environment
from deployments.desk.errors import KINDS
from deployments.desk.pages import HERE, answer_error
from deployments.desk.routes import channels, columns, dossiers, downloads, imports, official_ledger, runs, units
from deployments.desk.security.hosts_and_headers import Guard
from deployments.desk.security.login import refuse_open
from deployments.desk.uploads.space import delete_abandoned
from deployments.doors.connections import serve


def create_app() -> ASGIApp:
    delete_abandoned()
    app = FastAPI(title="Luodi", openapi_url=None, docs_url=None, redoc_url=None)
    for module in (imports, runs, columns, units, official_ledger, dossiers, channels, downloads):
        app.include_router(module.router)
    app.add_api_route("/health", lambda: PlainTextResponse(environment.DESK_GREETING))
    app.add_api_route("/desk.css", lambda: FileResponse(HERE / "desk.css"))
    app.add_api_route("/icon.svg", lambda: FileResponse(HERE / "icon.svg"))
    for kind in (*KINDS, Exception):
        app.add_exception_handler(kind, answer_error)
    return Guard(app)


def main(_arguments: argparse.Namespace) -> int:
    """Serve until stopped; OpenToAll if other machines could reach the desk without a password."""
    host = environment.desk_host()
    refuse_open(host)
    serve(create_app(), host, environment.desk_port(environment.known_port()))
    return 0
