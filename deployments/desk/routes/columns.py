"""What the columns of a file were taken for, to be changed; and what is remembered of it."""

import json
from collections.abc import Mapping, Sequence
from itertools import groupby

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterKey,
)
from starlette.concurrency import run_in_threadpool

from deployments.desk.pages import page
from deployments.desk.routes import runs
from deployments.desk.security.forms import form_fields
from deployments.doors.refusal import RequestRefused
from models.i18n import gettext as _
from models.office_files.columns import EXTRA, LONGEST_HEADER
from models.office_files.rows import UsedColumn
from models.office_files.sheets.mapping import FIELDS, UNITS, WrongMapping, columns_of, field_label
from tasks.imports import mappings
from tasks.imports.columns_shown import COLUMNS_KEY, COLUMNS_SHOWN, shown_columns

AMOUNTS = tuple(field for field, column in FIELDS.items() if column.has_unit)

router = APIRouter()


@router.get("/runs/{run_id}/columns")
def show_columns(request: Request, run_id: str) -> Response:
    run = runs.shown(run_id)
    columns = list(enumerate(_columns(run)))
    return page(
        request,
        "columns.html",
        run=run,
        tables=[(sheets, list(of_sheets)) for sheets, of_sheets in groupby(columns, lambda pair: pair[1].sheets)],
        doubled=_doubled([column for _index, column in columns]),
        fields=[(field, field_label(field)) for field in (*FIELDS, EXTRA)],
        units=UNITS,
        amounts=AMOUNTS,
        longest=LONGEST_HEADER,
    )


@router.post("/runs/{run_id}/columns")
async def import_with_columns(request: Request, run_id: str) -> Response:
    fields = await form_fields(request, 2 * COLUMNS_SHOWN + 10)
    run = await run_in_threadpool(start_again, run_id, fields)
    return RedirectResponse(f"/runs/{run.id}", 303)


@router.get("/mappings")
def list_mappings(request: Request) -> Response:
    return page(request, "mappings.html", mappings=mappings.listed(), label=_value_label)


@router.post("/mappings/{digest}/delete")
async def forget_mapping(request: Request, digest: str) -> Response:
    await form_fields(request)
    await run_in_threadpool(mappings.forget, digest)
    return RedirectResponse("/mappings", 303)


def start_again(run_id: str, fields: Mapping[str, str]) -> runs.ShownRun:
    """Import the run's file anew, its columns read as the form says."""
    run = runs.shown(run_id)
    columns = _columns(run)
    if not columns:
        raise _no_columns()
    parameters = {**run.parameters, "mapping": mapping_of(columns, fields), "dry_run": "dry_run" in fields}
    key = json.dumps([fields.get("form_id", ""), parameters], sort_keys=True)
    return runs.start(runs.IMPORT, parameters, run.name, f"desk:{key}")


def mapping_of(columns: Sequence[UsedColumn], fields: Mapping[str, str]) -> dict[str, str]:
    """What the form says of each column, by header.

    RequestRefused if a sheet has one field twice, or one header has two fields.
    """
    mapping: dict[str, str] = {}
    taken: dict[tuple[str, str], str] = {}
    doubled = _doubled(columns)
    for index, column in enumerate(columns):
        field = fields.get(f"field-{index}", "")
        if index in doubled or not field or len(column.header) > LONGEST_HEADER:
            continue
        value = f"{field} {fields.get(f'unit-{index}', '')}".strip() if field in AMOUNTS else field
        if field != EXTRA and taken.setdefault((column.sheets, field), column.header) != column.header:
            raise _twice(field_label(field), column.sheets)
        if mapping.setdefault(column.header, value) != value:
            raise _twice(column.header, column.sheets)
    try:
        columns_of(mapping)
    except WrongMapping as problem:
        raise RequestRefused(400, str(problem), _("Go back and choose from the lists.")) from None
    return mapping


def _twice(what: str, sheets: str) -> RequestRefused:
    text = _("“%(what)s” is given twice on %(sheets)s.") % {"what": what, "sheets": sheets}
    return RequestRefused(400, text, _("Go back: let one column be it, and only keep the other."))


def _doubled(columns: Sequence[UsedColumn]) -> set[int]:
    """The places of columns whose header stands there before: a mapping cannot tell them apart."""
    seen: set[tuple[str, str]] = set()
    doubled = set()
    for index, column in enumerate(columns):
        if (column.sheets, column.header) in seen:
            doubled.add(index)
        seen.add((column.sheets, column.header))
    return doubled


def _columns(run: runs.ShownRun) -> list[UsedColumn]:
    """The columns that the import of a single file showed; none of a folder's."""
    if not run.is_of_one_file:
        return []
    of_run = ArtifactFilter(
        flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]), key=ArtifactFilterKey(any_=[COLUMNS_KEY])
    )
    with get_client(sync_client=True) as client:
        artifacts = client.read_artifacts(artifact_filter=of_run)
    if not artifacts:
        return []
    newest = max(artifacts, key=lambda artifact: str(artifact.created))
    try:
        return shown_columns(json.loads(str(newest.data)))
    except (ValueError, AttributeError, TypeError):  # made by another program
        return []


def _value_label(value: str) -> str:
    field, _space, unit = value.partition(" ")
    return f"{field_label(field)} {unit}".strip()


def _no_columns() -> RequestRefused:
    return RequestRefused(404, _("This run has shown no columns."), _("Hand the file in again."))
