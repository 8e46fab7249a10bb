"""Notices: one digest a person, sent by their channel once, kept when it cannot be sent, never
lost.
"""

import pytest
from sqlalchemy import select, text

from deployments.doctor import notices
from deployments.doctor.findings import Level
from models.escalation.action_item import ActionItem
from models.escalation.notice import Delivery
from models.ledger.organisation import Person
from models.words import Step
from support.office import Office
from support.office.days import working_day
from support.office.ledger import INSPECTOR, LEADER, OFFICER
from support.programs.ports import free_port
from support.programs.receiver import Receiver
from support.serving import serve
from support.waiting import wait_for
from tasks.database import transaction
from tasks.dialogues.update_runs import update_runs
from tasks.escalation.sweep import sweep
from tasks.items.blockers import resolve_blocker
from tasks.ledger.locks import lock_project
from tasks.notices.delivery import DeliveryOutcome, deliver_all
from tasks.notices.digest import gather
from tasks.notices.webhook import LuodiWebhook


def raised(office: Office, count: int = 1) -> list[int]:
    """Blockers that a sweep of today raises to the leader; nobody was told yet."""
    items = [office.stall(working_day(-2))[1] for _each in range(count)]
    Office.forget_sweeps_after(working_day(0))
    sweep(working_day(0))
    return items


def deliveries(person: str) -> list[Delivery]:
    """Every message to somebody, oldest first."""
    with transaction() as session:
        sent = select(Delivery).join(Person, Person.id == Delivery.recipient_id).where(Person.name == person)
        return list(session.scalars(sent.order_by(Delivery.id)))


def about(delivery: Delivery) -> list[int]:
    """The items a message tells of."""
    return [line["item_id"] for line in delivery.body["notices"]]


def test_a_person_gets_one_digest_and_without_a_channel_it_is_an_artifact(office: Office, receiver: Receiver) -> None:
    items = raised(office, count=2)

    assert office.done("notice-delivery")["state_type"] == "COMPLETED"

    (message,) = receiver.messages
    assert message.is_signed
    steps = {line["item_id"]: line["step"] for line in message.body["notices"]}
    assert {steps[item_id] for item_id in items} == {Step.LEADER}
    *_before, copy = deliveries(OFFICER)
    assert set(items) <= set(about(copy))
    assert office.artifact(f"inbox-{copy.recipient_id}") == copy.body["markdown"]
    assert office.done("notice-delivery")["state_type"] == "COMPLETED"
    assert len(receiver.messages) == 1


def test_what_can_heal_is_tried_again_at_once_and_in_the_next_run_with_the_same_key(
    office: Office, receiver: Receiver
) -> None:
    receiver.statuses = [503, 429]
    raised(office)
    assert office.done("notice-delivery")["state_type"] == "COMPLETED"
    assert [each.status for each in receiver.messages] == [503, 429, 200]
    assert len({each.key for each in receiver.messages}) == 1

    receiver.always = 500
    raised(office)
    failed = office.done("notice-delivery")
    assert failed["state_type"] == "FAILED"
    assert LEADER in failed["state"]["message"]
    waiting = deliveries(LEADER)[-1]
    assert (waiting.delivered_at, waiting.refused_at, waiting.lease_until) == (None, None, None)
    assert "500" in waiting.last_error
    receiver.always = 200
    assert office.done("notice-delivery")["state_type"] == "COMPLETED"
    assert receiver.taken[str(waiting.idempotency_key)] == 1
    assert deliveries(LEADER)[-1].delivered_at


def test_what_is_refused_for_good_goes_to_the_next_channel_and_the_run_says_so(
    office: Office, receiver: Receiver
) -> None:
    office.tell(LEADER, "no-such-block", "leader-system")
    receiver.always = 400
    (item,) = raised(office)

    failed = office.done("notice-delivery")

    assert failed["state_type"] == "FAILED"
    assert all(word in failed["state"]["message"] for word in ("no-such-block", "leader-system", "400"))
    first, second, third = deliveries(LEADER)[-3:]
    assert [each.channel for each in (first, second, third)] == ["no-such-block", "leader-system", ""]
    assert first.refused_at
    assert second.refused_at
    assert third.delivered_at
    assert item in about(third)
    assert office.artifact(f"inbox-{third.recipient_id}") == third.body["markdown"]
    assert office.done("notice-delivery")["state_type"] == "COMPLETED"


@pytest.mark.parametrize(
    "address", ["https://oa..puyang.gov.cn/hook", f"https://{'a' * 64}.cn/", "http:///hook", "oa.puyang.gov.cn/hook"]
)
def test_an_address_that_can_be_none_is_refused_and_the_doctor_says_so(office: Office, address: str) -> None:
    with office.client():
        LuodiWebhook(url=address).save("mistyped", overwrite=True)
    office.tell(LEADER, "mistyped")
    try:
        (item,) = raised(office)
        failed = office.done("notice-delivery")
        with office.client():
            (found,) = [finding for finding in notices.channels() if "mistyped" in finding.what]
    finally:
        office.tell(LEADER)
    assert failed["state_type"] == "FAILED"
    assert all(word in failed["state"]["message"] for word in (LEADER, "mistyped", "地址"))
    refused, inbox = deliveries(LEADER)[-2:]
    assert (refused.channel, bool(refused.refused_at)) == ("mistyped", True)
    assert (inbox.channel, bool(inbox.delivered_at)) == ("", True)
    assert item in about(inbox)
    assert (found.level, "地址" in found.what) == (Level.WRONG, True)


def test_a_message_that_waits_goes_by_the_channel_its_reader_has_by_now(office: Office, receiver: Receiver) -> None:
    with office.client():
        LuodiWebhook(url=f"http://127.0.0.1:{free_port()}/").save("retired", overwrite=True)
    office.tell(LEADER, "retired")
    (item,) = raised(office)
    assert office.done("notice-delivery")["state_type"] == "FAILED"
    office.tell(LEADER, "leader-system")

    assert office.done("notice-delivery")["state_type"] == "COMPLETED"

    former, sent = deliveries(LEADER)[-2:]
    assert (former.channel, bool(former.refused_at)) == ("retired", True)
    assert (sent.channel, bool(sent.delivered_at), sent.body) == ("leader-system", True, former.body)
    assert [each.key for each in receiver.messages] == [str(sent.idempotency_key)]
    assert receiver.told(item) == [(Step.LEADER, "raised")]


def test_a_fault_of_ours_is_noted_and_the_next_run_tries_again(
    office: Office, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised(office)
    gather(working_day(0))

    def fails(*_arguments: object, **_more: object) -> None:
        raise RuntimeError("坏了")

    with monkeypatch.context() as patch, office.client():
        patch.setattr(LuodiWebhook, "post", fails)
        sent = [each for each in deliver_all(serve) if LEADER in each.recipient]
    assert [(each.channel, each.outcome) for each in sent] == [("leader-system", DeliveryOutcome.DELAYED)]
    waiting = deliveries(LEADER)[-1]
    assert (waiting.delivered_at, waiting.lease_until, "坏了" in waiting.last_error) == (None, None, True)
    (found,) = notices.deliveries()
    assert (found.level, LEADER in found.what) == (Level.WRONG, True)
    assert office.done("notice-delivery")["state_type"] == "COMPLETED"
    assert deliveries(LEADER)[-1].delivered_at


def test_a_run_that_failed_is_followed_by_one_more_and_the_hourly_one(office: Office, receiver: Receiver) -> None:
    (item,) = raised(office)
    with office.trigger("delivery", "true", "RAISE EXCEPTION 'spoilt by a test'"):
        with office.client():
            update_runs()
        wait_for(lambda: not office.runs("notice-delivery", live=True), "the run that fails")
        assert receiver.messages == []
    before = len(office.runs("notice-delivery"))
    with office.trigger("delivery", "true", "RAISE EXCEPTION 'spoilt by a test'"), office.client():
        for _each in range(3):  # as many answers that change the ledger
            update_runs()
            wait_for(lambda: not office.runs("notice-delivery", live=True), "the run that fails")
    assert len(office.runs("notice-delivery")) == before + 1, "the hourly run does the rest"
    assert office.done("notice-delivery")["state_type"] == "COMPLETED"
    wait_for(lambda: receiver.told(item), "the leader to hear")
    wait_for(office.all_are_told, "the end of the run")


def test_two_deliveries_at_once_send_each_message_once(office: Office, receiver: Receiver) -> None:
    receiver.takes = 0.5
    raised(office)
    office.tell(OFFICER, "office-system")
    try:
        with office.without_limit("notice-delivery"):
            runs = [office.start("notice-delivery") for _each in range(4)]
            states = [office.finished(run)["state_type"] for run in runs]
    finally:
        office.tell(OFFICER)
    assert set(states) == {"COMPLETED"}
    wait_for(lambda: len(receiver.taken) == 2, "both messages")
    assert set(receiver.taken.values()) == {1}


def test_a_worker_that_dies_before_it_marked_a_message_sends_it_again_under_the_same_key(
    office: Office, receiver: Receiver
) -> None:
    raised(office)
    office.done("notice-delivery")
    sent = deliveries(LEADER)[-1]
    with office.connect() as connection:
        undo = "UPDATE delivery SET delivered_at = NULL, lease_until = now() + :left WHERE id = :id"
        connection.execute(text(undo), {"left": "5 minutes", "id": sent.id})
        assert office.done("notice-delivery")["state_type"] == "COMPLETED"  # leased: left to the one who holds it
        assert receiver.taken[str(sent.idempotency_key)] == 1
        connection.execute(text(undo), {"left": "-1 second", "id": sent.id})
    office.done("notice-delivery")
    assert receiver.taken[str(sent.idempotency_key)] == 2
    assert deliveries(LEADER)[-1].delivered_at


def test_what_is_settled_before_anybody_was_told_is_dropped(office: Office, receiver: Receiver) -> None:
    receiver.always = 503
    items = raised(office, count=2)
    office.done("notice-delivery")
    sweep(working_day(3), today=working_day(3))  # the inspection office's step: more notices, not gathered yet
    for item_id in items:
        settle(item_id)
    receiver.always = 200

    assert office.done("notice-delivery")["state_type"] == "COMPLETED"

    lines = [line for each in receiver.messages if each.status == 200 for line in each.body["notices"]]
    assert {line["occasion"] for line in lines if line["item_id"] in items} == {"verify"}  # the second key is news
    (dropped,) = [each for each in deliveries(LEADER) if set(items) <= set(about(each))]
    assert dropped.dropped_at
    (news,) = [each for each in deliveries(INSPECTOR) if set(items) & set(about(each))]
    assert news.delivered_at


def settle(item_id: int) -> None:
    with transaction(source="test") as session:
        item = session.get_one(ActionItem, item_id)
        lock_project(session, item.project_id or 0)
        resolve_blocker(session, item, "已解决", "国土局", working_day(0))


def test_the_doctor_names_channels_that_are_missing_or_that_nobody_answers_on(
    office: Office, receiver: Receiver
) -> None:
    office.tell(LEADER, "leader-system", "no-such-block", "nobody-there")
    with office.client():
        LuodiWebhook(url=f"http://127.0.0.1:{free_port()}/?token=secret").save("nobody-there", overwrite=True)
        found = {finding.what.split("”")[0].partition("“")[2]: finding for finding in notices.channels()}
    levels = {name: finding.level for name, finding in found.items()}
    assert levels == {
        "leader-system": Level.FINE,
        "office-system": Level.FINE,
        "no-such-block": Level.WRONG,
        "nobody-there": Level.WRONG,
    }
    assert all("secret" not in finding.what for finding in found.values())
    assert receiver.messages == []


def test_an_address_that_holds_a_secret_is_in_no_log(office: Office, receiver: Receiver) -> None:
    with office.client():
        LuodiWebhook(url=f"http://127.0.0.1:{free_port()}/?token=topsecret").save("nobody-there", overwrite=True)
    office.tell(LEADER, "nobody-there")
    raised(office)
    failed = office.done("notice-delivery")
    assert failed["state_type"] == "FAILED"
    assert "topsecret" not in failed["state"]["message"]
    assert all("topsecret" not in log.read_text() for log in office.folder.glob("*.log"))
    with office.client():
        LuodiWebhook(url=receiver.address).save("nobody-there", overwrite=True)
    assert office.done("notice-delivery")["state_type"] == "COMPLETED"
