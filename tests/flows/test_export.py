"""`ledger-export` as a run: the workbook lies where the desk gives it out, and the artifact leads
there.
"""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from models.ledger.project import Project
from support.office import Office
from support.office.ledger import BUREAU, COUNTY
from tasks.database import snapshot
from tasks.dialogues.parameters.offers import offer_choices
from tasks.ledger.lookups import unit_names

DEPLOYMENT = "ledger-export"


def exported(office: Office, suffix: str) -> Path:
    """The newest file of that kind among those given out."""
    return max((office.folder / "files" / "exports").glob(f"*{suffix}"), key=lambda path: path.stat().st_mtime_ns)


def codes_of(project_ids: list[int]) -> set[str]:
    with snapshot() as session:
        return set(session.scalars(select(Project.code).where(Project.id.in_(project_ids))))


def test_the_ledger_of_a_unit_with_its_dossiers_is_given_out(office: Office) -> None:
    signed = codes_of(office.sign(2))
    run = office.done(DEPLOYMENT, units=[COUNTY], signed_from="2000-01-01", dossiers=True)
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    book = load_workbook(exported(office, ".xlsx"))
    assert book.sheetnames[:3] == ["汇总", "台账", COUNTY]
    codes = [cell.value for cell in book["台账"]["B"]][3:]
    assert signed <= set(codes)
    page = office.artifact(DEPLOYMENT)
    assert exported(office, ".xlsx").name in page
    with ZipFile(exported(office, ".zip")) as bundle:
        assert len(bundle.namelist()) == len(codes)
        assert signed <= {name.split()[0] for name in bundle.namelist() if name.endswith(".docx")}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"signed_from": "昨天"}, "昨天"),
        ({"signed_from": "2026-02-01", "signed_until": "2026-01-01"}, "2026年2月1日"),
        ({"amount_from": 5, "amount_until": 4}, "50000"),
    ],
    ids=str,
)
def test_filters_that_make_no_sense_end_the_run_with_their_reason(
    office: Office, wrong: dict[str, object], said: str
) -> None:
    run = office.done(DEPLOYMENT, **wrong)
    assert run["state_type"] == "FAILED"
    assert said in run["state"]["message"]


def test_the_form_offers_the_units_there_are(office: Office) -> None:
    with snapshot() as session:
        units = unit_names(session)
    with office.client() as client:
        offer_choices()
        offer_choices()
        schema = client.read_deployment_by_name(f"{DEPLOYMENT}/{DEPLOYMENT}").parameter_openapi_schema
    assert {COUNTY, BUREAU} <= set(units)
    assert schema["properties"]["units"]["items"]["enum"] == units
    assert "食品加工" in json.dumps(schema["properties"]["sectors"], ensure_ascii=False)
