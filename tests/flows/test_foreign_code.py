"""Whoever reaches the API decides which of Luodi's flows run, never which code."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.i18n import gettext as _
from support.office import Office
from support.waiting import wait_for
from tasks.ledger.questions import LIFECYCLE
from tasks.runs.prefect_api import POOL

NOBODY = 65534
EVIL = """
import os, pathlib
pathlib.Path({marker!r}).write_text(f"ran as {{os.geteuid()}}")
def f(): ...
"""
# What the second user has: the standard library and the API's address
INTRUDER = """
import json, os, sys, urllib.request
api, entrypoint, pool = sys.argv[1:]
assert os.geteuid() != 0
def post(path, body):
    token = json.load(urllib.request.urlopen(api + "/csrf-token?client=evil"))["token"]
    headers = {"Content-Type": "application/json", "Prefect-Csrf-Client": "evil", "Prefect-Csrf-Token": token}
    request = urllib.request.Request(api + path, json.dumps(body).encode(), headers)
    return json.load(urllib.request.urlopen(request))["id"]
flow = post("/flows/", {"name": "evil"})
named = {"name": "evil", "flow_id": flow, "entrypoint": entrypoint, "work_pool_name": pool}
print(post(f"/deployments/{post('/deployments/', named)}/create_flow_run", {}))
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder everybody may read, owned by an unprivileged user."""
    folder = Path(tempfile.mkdtemp(prefix="luodi-intruder-"))
    folder.chmod(0o755)
    os.chown(folder, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.only_for("root")
def test_a_file_that_another_user_of_the_machine_names_is_not_executed(office: Office, open_folder: Path) -> None:
    marker, evil = open_folder / "marker", open_folder / "evil.py"
    evil.write_text(EVIL.format(marker=str(marker)))
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
    command = [python, "-I", "-c", INTRUDER, office.api, f"{evil}:f", POOL]
    done = subprocess.run(
        command, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", capture_output=True, text=True, check=False
    )
    if "Permission denied" in done.stderr:
        pytest.skip(f"the unprivileged user cannot start a Python: {done.stderr}")
    assert done.returncode == 0, done.stderr

    run = office.finished(done.stdout.strip())

    assert_refused(office, run, f"{evil}:f")
    assert not marker.exists()


# A module that prints when it is imported, what is no flow, and one of ours as a file
@pytest.mark.parametrize("entrypoint", ["this.f", "os.system", "deployments.up.main", "flows/escalation.py:escalation"])
def test_a_deployment_of_anything_but_our_flows_is_refused_and_says_what_to_do(office: Office, entrypoint: str) -> None:
    run = office.finished(start_foreign(office, entrypoint))

    assert_refused(office, run, entrypoint)
    assert "The Zen of Python" not in office.worker_log()


def test_another_deployment_of_one_of_our_flows_is_executed(office: Office) -> None:
    (project_id,) = office.sign()
    run_id = start_foreign(office, "flows.project_lifecycle.project_lifecycle", project_id=project_id)
    assert str(office.visit_asked(project_id).flow_run_id) == run_id


def test_a_parameter_that_names_a_block_is_not_loaded(office: Office) -> None:
    path = {"$ref": {"block_document_id": "11111111-1111-1111-1111-111111111111"}}
    run = office.finished(start_foreign(office, "flows.ledger_import.ledger_import", path=path))
    assert run["state_type"] == "CRASHED"
    assert run["state"]["message"] == _("A parameter names a block of Prefect's: none of Luodi's flows takes one.")
    wait_for(lambda: run["state"]["message"] in office.log(run["id"]), "the reason in the run's log")


def test_a_deployment_of_ours_that_was_given_other_code_is_put_right(office: Office) -> None:
    path = f"/deployments/{office.deployment(LIFECYCLE)}"
    office.http.patch(path, json={"entrypoint": "this.f", "description": "kept"}).raise_for_status()

    def mended() -> dict[str, Any] | None:
        found: dict[str, Any] = office.http.get(path).raise_for_status().json()
        return found if found["entrypoint"] == "flows.project_lifecycle.project_lifecycle" else None

    assert wait_for(mended, "the entrypoint to be put right", patience=90)["description"] == "kept"


def start_foreign(office: Office, entrypoint: str, **parameters: Any) -> str:
    """Start a run of a deployment that somebody made by the API."""
    flow = office.http.post("/flows/", json={"name": "foreign"}).raise_for_status().json()["id"]
    named = {"name": entrypoint.replace("/", "-"), "flow_id": flow, "entrypoint": entrypoint, "work_pool_name": POOL}
    deployment = office.http.post("/deployments/", json=named).raise_for_status().json()["id"]
    started = office.http.post(f"/deployments/{deployment}/create_flow_run", json={"parameters": parameters})
    return str(started.raise_for_status().json()["id"])


def assert_refused(office: Office, run: dict[str, Any], entrypoint: str) -> None:
    assert run["state_type"] == "CRASHED"
    why = _("Refused: this deployment names %(entrypoint)s, which is none of Luodi's flows. Nothing else is executed.")
    assert run["state"]["message"].startswith(why % {"entrypoint": repr(entrypoint)})
    assert "luodi deploy" in run["state"]["message"]
    assert repr(entrypoint) in office.worker_log()
