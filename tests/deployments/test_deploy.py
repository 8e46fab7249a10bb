"""Every deployment of `prefect.yaml` loads, is named as its flow, and speaks the office's
language.
"""

import re
from datetime import UTC, datetime, timedelta
from inspect import signature
from typing import Any

import anyio
import pytest
from prefect.flows import Flow
from prefect.server.schemas.schedules import SCHEDULE_TYPES
from pydantic import TypeAdapter

from deployments.deploy import localised, schedule_of
from deployments.entrypoints import declared, entrypoints, flow_at
from deployments.worker import InProcessWorker
from flows.reconciliation import OTHERS
from models.i18n import gettext, use_locale
from tasks.dialogues.parameters.offers import CHOICES
from tasks.dialogues.update_runs import STANDING
from tasks.runs.prefect_api import POOL

ENTRIES = declared()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_file_function_flow_and_deployment_share_one_name(entry: dict[str, Any]) -> None:
    flow: Flow[..., Any] = flow_at(entry["entrypoint"])
    underscored = entry["name"].replace("-", "_")
    assert entry["entrypoint"] == f"flows.{underscored}.{underscored}"
    assert (flow.name, flow.fn.__name__, entry["work_pool"]["name"]) == (entry["name"], underscored, POOL)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_what_starts_a_run_is_described_in_chinese(entry: dict[str, Any]) -> None:
    with use_locale("zh_CN"):
        assert re.search(r"[\u4e00-\u9fff]", gettext(entry["description"]))
        for field in localised(flow_at(entry["entrypoint"]))["properties"].values():
            assert re.search(r"[\u4e00-\u9fff]", field["title"])
            assert re.search(r"[\u4e00-\u9fff]", field["description"])


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_a_form_requires_nothing_and_the_flow_itself_reads_it(entry: dict[str, Any]) -> None:
    flow = flow_at(entry["entrypoint"])
    schema = localised(flow)
    assert not any(part.get("required") for part in (schema, *schema["definitions"].values()))
    assert "minLength" not in str(schema)
    assert not (flow.should_validate_parameters and schema["properties"])


SENDS_OR_OPENS = ["escalation-sweep", "ledger-import", "notice-delivery", "revisit-campaign", "weekly-bulletin"]


@pytest.mark.parametrize("name", SENDS_OR_OPENS)
def test_a_trial_is_on_in_the_form_and_off_for_whoever_leaves_it_out(name: str) -> None:
    flow = flow_at(entrypoints()[name])
    assert localised(flow)["properties"]["dry_run"]["default"] is True
    assert signature(flow.fn).parameters["dry_run"].default is False


def test_nothing_is_chosen_for_a_person_who_must_choose() -> None:
    choices = {"sweeps": ["7 甲"], "revisit campaigns": ["乙"]}
    with use_locale("zh_CN"):
        for name, field in (("undo-sweep", "sweep"), ("close-revisit-campaign", "campaign")):
            asked = localised(flow_at(entrypoints()[name]), choices)["properties"][field]
            assert ("default" in asked, asked["description"][:3]) == (False, "必填。")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_what_a_form_offers_from_the_ledger_is_read_from_it(entry: dict[str, Any]) -> None:
    schema = flow_at(entry["entrypoint"]).parameters.model_dump()
    assert set(re.findall(r"'choices': '([^']+)'", str(schema))) <= CHOICES.keys()


@pytest.mark.parametrize("told", [each for entry in ENTRIES for each in entry.get("schedules", [])], ids=str)
def test_prefects_scheduler_finds_the_next_time_of_every_schedule(told: dict[str, Any]) -> None:
    sent = schedule_of(told).model_dump(mode="json")
    schedule: Any = TypeAdapter(SCHEDULE_TYPES).validate_python(sent)
    (at,) = anyio.run(schedule.get_dates, 1)
    assert timedelta(0) <= at - datetime.now(UTC) <= timedelta(weeks=1)


def test_reconciliation_knows_every_deployment() -> None:
    assert {entry["name"] for entry in ENTRIES} == {*STANDING, *OTHERS}


def test_the_worker_is_found_by_its_type() -> None:
    assert InProcessWorker.get_worker_class_from_type("in-process") is InProcessWorker
