"""An office whose server asks for a password and stands behind a reverse proxy; its worker runs on
another machine.
"""

import base64
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, PREFECT_CLIENT_CUSTOM_HEADERS, temporary_settings

from deployments.doors.password import MAX_FAILURES
from deployments.embedded_postgres.server import EmbeddedPostgres
from deployments.environment import CLIENT_HEADERS, PROCESS_HEADER
from support.office import Office
from support.office.days import today
from support.office.person import WHO
from support.programs.browser import browser, chromium, open_form, open_page
from support.programs.desk_visitor import basic
from support.programs.proxy import Proxy, proxying
from support.repository import REPOSITORY
from tasks import database

NAME = "luodi.example"  # by which browsers know the proxy
ELSEWHERE = "127.0.0.2"  # by which the worker knows it
PASSWORD = "admin:zhaoshang-2013"


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with proxying("0.0.0.0") as found:  # noqa: S104 - it has two names
        yield found


@pytest.fixture
def office(
    postgres: EmbeddedPostgres, template: str, proxy: Proxy, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    office = Office(tmp_path, postgres, "proxied")
    office.more = {
        "PREFECT_SERVER_API_AUTH_STRING": PASSWORD,
        "PREFECT_API_AUTH_STRING": PASSWORD,
        "PREFECT_UI_API_URL": f"http://{NAME}:{proxy.port}/api",
        "LUODI_HOSTS": ELSEWHERE,
    }
    proxy.before = office.port
    office.http.headers.update(basic(PASSWORD))
    monkeypatch.setenv("LUODI_DATABASE_URL", office.ledger_url)
    office.administer(f"CREATE DATABASE {office.ledger} TEMPLATE {template} STRATEGY FILE_COPY")
    with temporary_settings({PREFECT_API_AUTH_STRING: PASSWORD}):
        try:
            office.start_server()
            office.found()
            yield office
        finally:
            office.stop()
            database.engine().dispose()


@pytest.mark.skipif(chromium() is None, reason="needs Chromium (Debian: apt-get install chromium)")
@pytest.mark.skipif(sys.platform != "linux", reason="needs a second address of this machine")
@pytest.mark.timeout(300)
def test_browser_worker_and_prefect_deploy_reach_it_by_its_other_names(office: Office, proxy: Proxy) -> None:
    by_proxy = f"http://{ELSEWHERE}:{proxy.port}/api"
    office.start_worker(PREFECT_API_URL=by_proxy, **{CLIENT_HEADERS: "{}"})
    assert proxy.passed > 0
    project_id = office.new_project()
    ask = office.visit_asked(project_id)

    page_of_office = f"http://{NAME}:{proxy.port}"
    with browser(f"--host-resolver-rules=MAP {NAME} 127.0.0.1") as chrome:
        page = open_page(chrome)
        stored = base64.b64encode(PASSWORD.encode()).decode()
        page.add_init_script(f"localStorage.setItem('prefect-password', '{stored}')")
        dialog = open_form(page, page_of_office, ask.flow_run_id, "表单编号")
        dialog.get_by_label("回访日期").fill(str(today()))
        dialog.get_by_label("进展情况").fill("主体工程封顶")
        dialog.get_by_label("填报人").fill(WHO)
        dialog.get_by_role("button", name="Resume", exact=True).click()
        expect(dialog).to_be_hidden()
        page.goto(f"{page_of_office}/deployments")
        expect(page.locator("body")).to_contain_text("campaign-plan")
    office.visit_asked(project_id, ask)
    assert [visit.progress for visit in office.visits(project_id)] == ["主体工程封顶"]

    command = [sys.executable, "-P", "-m", "prefect", "--no-prompt", "deploy", "--all"]
    deployed = subprocess.run(
        [*command, "--prefect-file", "deployments/prefect.yaml"],
        cwd=REPOSITORY,
        env={**office.environment(), "PREFECT_API_URL": by_proxy},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr

    for number in range(MAX_FAILURES):
        guessed = httpx.get(f"{office.api}/flows", headers=basic(f"admin:{number}"))
        assert guessed.status_code == 401
    assert office.http.get("/version").status_code == 429
    key = (office.folder / "run" / "process.key").read_text()
    ours = {PREFECT_API_URL: office.api, PREFECT_CLIENT_CUSTOM_HEADERS: {PROCESS_HEADER: key}}
    with temporary_settings(ours), get_client(sync_client=True) as client:
        assert client.api_version()
