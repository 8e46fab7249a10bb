"""The page of one run: how far it is, what came of it, and its files."""

from fastapi import APIRouter, Request, Response

from deployments.desk import results, runs
from deployments.desk.pages import page

router = APIRouter()


@router.get("/runs/{run_id}")
def run(request: Request, run_id: str) -> Response:
    """A run, loaded again by the browser until it is over."""
    found = runs.shown(run_id)
    files = results.files_of(found) if found.is_over else []
    return page(request, "run.html", run=found, files=files)
