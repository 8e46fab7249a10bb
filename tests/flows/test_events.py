"""What happens in the ledger is told to Prefect: its feeds show it, its automations act on it."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import SyncPrefectClient
from pydantic import TypeAdapter
from sqlalchemy import select

from deployments.automations import BLOCK, REMEMBERED, declared, set_up_automations
from models.events.outbox import OutboxEvent
from support.office import Office
from support.office.days import working_day
from support.programs.receiver import Receiver, receiving
from support.waiting import wait_for
from tasks.database import transaction
from tasks.events import sending

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)
NOTES = {"subject": "{{subject}}", "body": "{{body}}"}


def feed(office: Office, project_id: int) -> list[str]:
    found = office.events(f"luodi.project.{project_id}")
    return [event["event"].removeprefix("luodi.") for event in found]


@pytest.fixture
def listener() -> Iterator[Receiver]:
    """A system that Prefect's own webhook reaches."""
    with receiving() as found:
        yield found


def block(listener: Receiver, name: str) -> str:
    webhook = CustomWebhookNotificationBlock(name="notes", url=listener.address, json_data=NOTES)
    return str(webhook.save(name, overwrite=True))


def subjects(listener: Receiver) -> list[str]:
    return [message.body["subject"] for message in listener.messages]


def test_a_visit_that_is_answered_stands_in_the_projects_feed_with_its_unit_and_leader(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    assert office.visit(form, progress="主体工程封顶").is_accepted
    told = ["project.signed", "item.closed", "visit.made"]
    wait_for(lambda: feed(office, project_id) == told, lambda: f"{feed(office, project_id)}\n{office.worker_log()}")
    made = office.events(f"luodi.project.{project_id}")[-1]
    assert made["resource"]["prefect.resource.name"] == office.project(project_id).title
    assert {each["prefect.resource.role"] for each in made["related"]} == {"unit", "leader"}
    assert made["payload"]["outcome"] == "continue"
    assert "主体工程封顶" not in str(made)


def waiting(project_id: int) -> bool:
    with transaction() as session:
        return session.scalars(select(OutboxEvent.id).where(OutboxEvent.project_id == project_id)).first() is not None


def test_only_what_prefect_has_stored_leaves_the_outbox_and_the_rest_is_sent_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project_id,) = office.sign()
    with office.client() as client:
        wait_for(lambda: not sending.send_events(client), "the outbox to be sent")
        wait_for(lambda: feed(office, project_id) == ["project.signed"], "the event to be stored")
        monkeypatch.setattr(sending, "STORED_AFTER", sending.A_MOMENT)

        def is_gone() -> bool:
            sending.forget_stored(client)
            return not waiting(project_id)

        wait_for(is_gone, "the row of what is stored to go")
        with transaction() as session:
            session.add(OutboxEvent(name="luodi.project.signed", project_id=project_id, sent_at=LONG_AGO, payload={}))
        sending.forget_stored(client)
        assert waiting(project_id)  # Prefect does not show it
        assert sending.send_events(client) >= 1
        wait_for(lambda: feed(office, project_id) == ["project.signed"] * 2, "the event that was lost")


def test_an_automation_on_what_is_raised_reaches_a_receiver_by_a_stock_block(
    office: Office, listener: Receiver
) -> None:
    with office.client():
        number = block(listener, "raised-notes")
    action = {
        "type": "send-notification",
        "block_document_id": number,
        "subject": "{{ event.resource.name }}",
        "body": "{{ event.payload.summary }}",
    }
    raised = {"type": "event", "posture": "Reactive", "expect": ["luodi.escalation.raised"], "within": 0}
    automation = {"name": "上报即通知", "enabled": True, "trigger": raised, "actions": [action]}
    made = office.http.post("/automations/", json=automation).raise_for_status().json()
    project_id, _item_id = office.stall(working_day(-3))
    office.sweep(working_day(0))
    title = office.project(project_id).title
    wait_for(lambda: title in subjects(listener), lambda: f"{feed(office, project_id)} {subjects(listener)}")
    told = [message.body["body"] for message in listener.messages if message.body["subject"] == title]
    assert told == ["督办：制约问题；提请分包领导督促"]
    office.http.delete(f"/automations/{made['id']}")


def automations(client: SyncPrefectClient) -> dict[str, bool]:
    """Luodi's own, by name: whether each is on."""
    variable = client.read_variable_by_name(REMEMBERED)
    assert variable
    numbers = [made["id"] for made in dict(variable.value).values()]  # type: ignore[arg-type]
    return {each.name: each.enabled for each in client.read_automations() if str(each.id) in numbers}


def test_the_offices_automations_come_on_with_its_block_and_what_an_operator_sets_then_stays(
    office: Office, listener: Receiver
) -> None:
    with office.client() as client:
        set_up_automations(client)
        off = automations(client)
        assert len(off) == len(declared())
        assert not any(off.values())
        assert "运行失败或崩溃" in off

        deleted, put_off = (
            client.read_automations_by_name("运行延误")[0],
            client.read_automations_by_name("项目落地")[0],
        )
        client.delete_automation(deleted.id)
        number = block(listener, BLOCK)
        set_up_automations(client)
        assert all(automations(client).values())
        client.pause_automation(put_off.id)
        office.deploy()
        set_up_automations(client)
        assert [name for name, is_on in automations(client).items() if not is_on] == ["项目落地"]
        assert client.read_automations_by_name("运行延误") == []

    failed = office.done("ledger-import", path="/nowhere.xlsx")
    assert failed["state_type"] == "FAILED"
    wait_for(lambda: listener.messages, "the office to hear of the failed run")
    heard = listener.messages[0].body
    assert "失败" in heard["subject"]
    assert failed["name"] in heard["body"]
    assert failed["state"]["message"] in heard["body"]
    assert f"/runs/flow-run/{failed['id']}" in heard["body"]
    office.http.delete(f"/block_documents/{number}").raise_for_status()


def test_when_no_sweep_follows_in_its_time_the_office_hears_of_it(office: Office, listener: Receiver) -> None:
    (entry,) = [each for each in declared() if each["key"] == "no-sweep"]
    trigger = deepcopy(entry["trigger"])
    since_the_last, _in_a_window = trigger["triggers"]
    assert since_the_last["within"] == timedelta(hours=26).total_seconds()
    since_the_last["within"] = 12
    with office.client():
        number = block(listener, "sweep-notes")
    action = {"type": "send-notification", "block_document_id": number, "subject": entry["name"], "body": "–"}
    automation = {"name": "没有扫描", "enabled": True, "trigger": trigger, "actions": [action]}
    made = office.http.post("/automations/", json=automation).raise_for_status().json()
    office.sweep(working_day(0))
    wait_for(lambda: subjects(listener) == [entry["name"]], lambda: f"{subjects(listener)}", patience=60)
    office.http.delete(f"/automations/{made['id']}")


def test_what_prefect_tells_of_its_runs_goes_after_a_week_and_what_the_ledger_tells_after_years(office: Office) -> None:
    kept = office.http.get("/admin/settings").raise_for_status().json()["server"]
    assert TypeAdapter(timedelta).validate_python(kept["events"]["retention_period"]) > timedelta(days=1000)
    for_a_week = set(kept["services"]["db_vacuum"]["event_retention_overrides"])
    counts = office.http.post("/events/count-by/event", json={"filter": {}, "time_unit": "day", "time_interval": 1})
    told = {count["value"] for count in counts.raise_for_status().json()}
    assert "luodi.project.signed" in told
    assert {name for name in told if name.startswith(("prefect.flow-run.", "prefect.task-run."))} <= for_a_week
    assert not any(name.startswith("luodi.") for name in for_a_week)
