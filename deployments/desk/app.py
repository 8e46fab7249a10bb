"""The desk as a web application: its pages behind their guard."""

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, PlainTextResponse
from starlette.types import ASGIApp

from deployments.desk.errors import show_error_pages
from deployments.desk.routes import bulletins, dossiers, downloads, imports, official_ledger, runs
from deployments.desk.security.hosts_and_headers import Guard
from deployments.desk.templating import HERE
from deployments.desk.uploads.space import delete_abandoned


def create_app() -> ASGIApp:
    """The desk, ready to be served."""
    delete_abandoned()
    app = FastAPI(title="Luodi", openapi_url=None, docs_url=None, redoc_url=None)
    for module in (imports, runs, official_ledger, dossiers, bulletins, downloads):
        app.include_router(module.router)
    app.add_api_route("/health", lambda: PlainTextResponse("luodi desk"))
    app.add_api_route("/desk.css", lambda: _static("desk.css"))
    app.add_api_route("/icon.svg", lambda: _static("icon.svg"))
    show_error_pages(app)
    return Guard(app)


def _static(name: str) -> Response:
    return FileResponse(HERE / name)
