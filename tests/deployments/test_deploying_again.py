"""Deploying again writes what is new or ours; what an operator has set in the UI stays."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deployments.deploy import deploy, restore
from deployments.embedded_postgres.server import EmbeddedPostgres
from deployments.entrypoints import declared, entrypoints
from deployments.up import register
from models.i18n import gettext
from support.office import Office
from support.repository import REPOSITORY
from tasks import database
from tasks.runs.prefect_api import POOL, prefill

MOMENTS = {"created", "updated", "last_polled", "status"}
SHANGHAI = {"timezone": "Asia/Shanghai"}


@pytest.fixture(scope="module")
def server(postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("deploying"), postgres, "deploying")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUODI_DATABASE_URL", office.ledger_url)
        office.administer(f"CREATE DATABASE {office.ledger} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            office.start_server()
            yield office
        finally:
            office.stop()


@pytest.fixture
def office(server: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """The office as Luodi registers it anew."""
    monkeypatch.setenv("LUODI_DATABASE_URL", server.ledger_url)
    monkeypatch.setenv("LUODI_LOCALE", "zh_CN")
    clear(server)
    with server.client():
        deploy()
        yield server
    database.engine().dispose()


def clear(office: Office) -> None:
    for entry in office.http.post("/deployments/filter", json={}).json():
        office.http.delete(f"/deployments/{entry['id']}").raise_for_status()
    office.http.delete(f"/work_pools/{POOL}").raise_for_status()


def read(office: Office, name: str) -> dict[str, Any]:
    found: dict[str, Any] = office.http.get(f"/deployments/name/{name}/{name}").raise_for_status().json()
    return found


def standing(office: Office, name: str) -> dict[str, Any]:
    """A deployment without the moments of its writes."""
    found = {key: value for key, value in read(office, name).items() if key not in MOMENTS}
    schedules = [{k: v for k, v in each.items() if k not in MOMENTS} for each in found["schedules"]]
    limit = {k: v for k, v in (found["global_concurrency_limit"] or {}).items() if k not in MOMENTS}
    return {**found, "schedules": sorted(schedules, key=str), "global_concurrency_limit": limit}


def put(office: Office, name: str, **fields: Any) -> None:
    """What the UI's “Edit” sends."""
    office.http.patch(f"/deployments/{read(office, name)['id']}", json=fields).raise_for_status()


def schedules(office: Office, name: str) -> list[dict[str, Any]]:
    return list(read(office, name)["schedules"])


def put_schedule(office: Office, name: str, **fields: Any) -> None:
    (schedule,) = schedules(office, name)
    path = f"/deployments/{schedule['deployment_id']}/schedules/{schedule['id']}"
    office.http.patch(path, json=fields).raise_for_status()


def add_schedule(office: Office, name: str, cron: str) -> None:
    path = f"/deployments/{read(office, name)['id']}/schedules"
    office.http.post(path, json=[{"schedule": {"cron": cron, **SHANGHAI}, "active": True}]).raise_for_status()


def limit_of(office: Office, name: str) -> tuple[int | None, str | None]:
    found = read(office, name)
    limit, options = found["global_concurrency_limit"], found["concurrency_options"]
    return limit and limit["limit"], options and options["collision_strategy"]


def changed_by_an_operator(office: Office) -> None:
    put_schedule(office, "ledger-import", active=False, parameters={"dry_run": False})
    tags = [*read(office, "ledger-import")["tags"], "商务局"]
    put(office, "ledger-import", parameters={"path": "/srv/台账"}, tags=tags, concurrency_limit=3)

    put_schedule(office, "escalation-sweep", schedule={"cron": "0 9 * * *", **SHANGHAI})
    put(office, "escalation-sweep", description="我们的说明", concurrency_limit=2)
    add_schedule(office, "escalation-sweep", "0 15 * * *")

    (weekly,) = schedules(office, "weekly-bulletin")
    office.http.delete(f"/deployments/{weekly['deployment_id']}/schedules/{weekly['id']}").raise_for_status()
    put(office, "weekly-bulletin", tags=["简报"], concurrency_limit=None, paused=True)
    put(office, "weekly-bulletin", work_pool_name=POOL, work_queue_name="default", parameters={"send": False})


CHANGED = ("ledger-import", "escalation-sweep", "weekly-bulletin")


def test_what_an_operator_has_set_stays(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    changed_by_an_operator(office)
    left = {name: standing(office, name) for name in entrypoints()}
    for _time in range(2):
        deploy()
        register([])  # as `luodi up` does
    assert {name: standing(office, name) for name in entrypoints()} == left

    monkeypatch.setenv("LUODI_LOCALE", "en")
    deploy()
    texts = ("tags", "description", "parameter_openapi_schema", "parameters")
    for name in CHANGED:
        there = standing(office, name)
        assert {k: v for k, v in there.items() if k not in texts} == {
            k: v for k, v in left[name].items() if k not in texts
        }
        assert there["parameters"] == left[name]["parameters"]
    assert read(office, "ledger-import")["tags"] == ["Import a ledger", "common", "商务局"]
    assert read(office, "ledger-import")["description"].startswith("Take ledger files in")
    assert read(office, "escalation-sweep")["tags"] == ["Daily sweep", "system"]
    assert read(office, "escalation-sweep")["description"] == "我们的说明"
    assert read(office, "weekly-bulletin")["tags"] == ["简报"]


def test_the_deployments_speak_the_offices_words(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def words() -> dict[str, tuple[list[str], str]]:
        return {name: (read(office, name)["tags"], read(office, name)["description"]) for name in entrypoints()}

    def wanted(locale: str) -> dict[str, tuple[list[str], str]]:
        texts = {entry["name"]: (entry["tags"], entry["description"]) for entry in declared()}
        return {name: ([gettext(t, locale) for t in tags], gettext(d, locale)) for name, (tags, d) in texts.items()}

    assert words() == wanted("zh_CN")
    assert words()["ledger-import"][0] == ["导入台账", "常用"]
    for locale in ("en", "zh_CN"):
        monkeypatch.setenv("LUODI_LOCALE", locale)
        deploy()
        assert words() == wanted(locale)


def test_what_is_as_it_should_be_is_not_written(office: Office) -> None:
    """A write unschedules the runs that are to come."""
    before = {name: read(office, name) for name in entrypoints()}
    deploy()
    assert {name: read(office, name) for name in entrypoints()} == before


def test_the_time_zone_follows_the_office_unless_an_operator_changed_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_schedule(office, "notice-delivery", schedule={"cron": "5 * * * *", "timezone": "Asia/Tokyo"})
    put_schedule(office, "weekly-bulletin", schedule={"cron": "0 7 * * 1", **SHANGHAI}, active=False)
    monkeypatch.setenv("LUODI_TIMEZONE", "Asia/Urumqi")
    deploy()
    found = {name: schedules(office, name)[0] for name in ("escalation-sweep", "notice-delivery", "weekly-bulletin")}
    times = {name: (each["schedule"]["cron"], each["schedule"]["timezone"]) for name, each in found.items()}
    assert times == {
        "escalation-sweep": ("30 8 * * *", "Asia/Urumqi"),
        "notice-delivery": ("5 * * * *", "Asia/Tokyo"),
        "weekly-bulletin": ("0 7 * * 1", "Asia/Urumqi"),
    }
    assert [each["active"] for each in found.values()] == [True, True, False]


def as_the_former_version(office: Office) -> None:
    """No slugs, tags, limits nor queues; nothing tells what was written."""
    clear(office)
    for variable in office.http.post("/variables/filter", json={}).json():
        office.http.delete(f"/variables/{variable['id']}").raise_for_status()
    office.http.post("/work_pools/", json={"name": POOL, "type": "in-process", "base_job_template": {}})
    for entry in declared():
        flow = office.http.post("/flows/", json={"name": entry["name"]}).json()
        told = [
            {key: each[key] for key in each if key in ("cron", "timezone", "interval")}
            for each in entry.get("schedules", [])
        ]
        body = {
            "name": entry["name"],
            "flow_id": flow["id"],
            "entrypoint": entry["entrypoint"],
            "description": gettext(entry["description"], "en"),
            "work_pool_name": POOL,
            "schedules": [{"schedule": each} for each in told],
            "parameters": {"leader": 2} if entry["name"] == "ladder-policy" else {},
        }
        office.http.post("/deployments/", json=body).raise_for_status()


def test_what_an_operator_set_under_the_former_version_stays(office: Office) -> None:
    as_the_former_version(office)
    put_schedule(office, "escalation-sweep", schedule={"cron": "0 9 * * *", **SHANGHAI})
    put_schedule(office, "ledger-import", active=False)
    put(office, "ledger-import", parameters={"path": "/srv/台账"}, tags=["商务局"])
    put(office, "notice-delivery", description="我们的说明", concurrency_limit=4)
    (weekly,) = schedules(office, "weekly-bulletin")
    office.http.delete(f"/deployments/{weekly['deployment_id']}/schedules/{weekly['id']}").raise_for_status()

    for _time in range(2):
        deploy()
        found = {name: read(office, name) for name in entrypoints()}
        assert [(s["slug"], s["schedule"]["cron"]) for s in found["escalation-sweep"]["schedules"]] == [
            ("daily", "0 9 * * *")
        ]
        assert [(s["slug"], s["active"]) for s in found["ledger-import"]["schedules"]] == [("hourly", False)]
        assert found["weekly-bulletin"]["schedules"] == []
        assert [s["slug"] for s in found["reconciliation"]["schedules"]] == ["every-ten-minutes"]
        assert found["ledger-import"]["parameters"] == {"path": "/srv/台账"}
        assert found["ledger-import"]["tags"] == ["导入台账", "常用", "商务局"]
        assert found["notice-delivery"]["description"] == "我们的说明"
        assert limit_of(office, "notice-delivery") == (4, "CANCEL_NEW")
        assert limit_of(office, "escalation-sweep") == (1, "CANCEL_NEW")
        assert limit_of(office, "reconciliation") == (None, None)
        assert "leader" not in found["ladder-policy"]["parameters"]
        queues = {entry["name"]: entry["work_pool"]["work_queue_name"] for entry in declared()}
        assert {name: each["work_queue_name"] for name, each in found.items()} == queues


def queues(office: Office) -> dict[str, tuple[int, int | None]]:
    found = office.http.post(f"/work_pools/{POOL}/queues/filter", json={}).raise_for_status().json()
    return {each["name"]: (each["priority"], each["concurrency_limit"]) for each in found}


def test_a_form_that_shows_what_applies_now_is_renewed_beside_what_an_operator_set(office: Office) -> None:
    numbers = read(office, "ladder-policy")["parameters"]["numbers"]
    mine = {"filled_in_by": "张三", "dry_run": True}
    put(office, "ladder-policy", parameters={**mine, "numbers": {**numbers, "reminder_before": 9}})
    put(office, "campaign-plan", parameters={**mine, "name": "上一次行动"})
    deploy()
    assert read(office, "ladder-policy")["parameters"] == {**mine, "numbers": numbers}
    assert read(office, "campaign-plan")["parameters"].keys() == {*mine, "landing"}
    prefill("campaign-plan", {"name": "百日攻坚"})
    assert read(office, "campaign-plan")["parameters"].keys() == {*mine, "landing", "name"}


def test_the_queues_are_made_and_an_operators_numbers_stay(office: Office) -> None:
    assert queues(office) == {"forms": (1, None), "default": (2, None), "batch": (3, 2)}
    office.http.patch(f"/work_pools/{POOL}/queues/batch", json={"concurrency_limit": 5, "priority": 7})
    deploy()
    assert queues(office)["batch"] == (7, 5)


def test_a_queue_that_was_deleted_is_made_again(office: Office) -> None:
    put(office, "ledger-export", tags=["导出"])
    office.http.delete(f"/work_pools/{POOL}/queues/batch").raise_for_status()
    assert read(office, "ledger-export")["work_pool_name"] is None
    with office.client() as client:
        assert "ledger-export" in restore(client)
        assert restore(client) == []
    assert queues(office)["batch"] == (3, 2)
    assert read(office, "ledger-export")["work_queue_name"] == "batch"
    assert read(office, "ledger-export")["tags"] == ["导出"]


def test_a_parameter_that_fits_the_form_no_more_stays_and_is_told(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    put(office, "slow-landing", enforce_parameter_schema=False)
    put(office, "slow-landing", parameters={"as_of": 7}, parameter_openapi_schema={"type": "object", "properties": {}})
    put(office, "slow-landing", tags=[*read(office, "slow-landing")["tags"], "本单位"])
    deploy()
    assert "slow-landing" in capsys.readouterr().err
    assert read(office, "slow-landing")["parameters"] == {"as_of": 7}


def test_prefects_own_way_to_deploy_is_a_true_way(office: Office) -> None:
    clear(office)
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file"]
    file = Path(REPOSITORY) / "deployments" / "prefect.yaml"
    office.http.post("/work_pools/", json={"name": POOL, "type": "in-process", "base_job_template": {}})
    done = subprocess.run(
        [*command, str(file)], cwd=REPOSITORY, env=office.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for entry in declared():
        there = read(office, entry["name"])
        assert (there["entrypoint"], there["tags"]) == (entry["entrypoint"], entry["tags"])
        assert there["work_queue_name"] == entry["work_pool"]["work_queue_name"]
        assert [each["slug"] for each in there["schedules"]] == [each["slug"] for each in entry.get("schedules", [])]
    assert limit_of(office, "escalation-sweep") == (1, "CANCEL_NEW")
    assert queues(office)["forms"] < queues(office)["batch"]
    deploy()
    assert read(office, "ledger-import")["tags"] == ["导入台账", "常用"]
