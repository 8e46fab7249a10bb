"""A channel that does not answer holds up no other, and a run ends."""

import time

import pytest
from sqlalchemy import select

from models.escalation.notice import Delivery
from models.ledger.organisation import Person, Unit
from models.words import Role
from support.programs import hostile_receiver as hostile
from support.programs.receiver import receiving
from support.serving import serve
from tasks.database import transaction
from tasks.notices import delivery, turns, webhook
from tasks.notices.addresses import keep_address
from tasks.notices.delivery import Channel, DeliveryOutcome, NotDelivered, Sent, deliver_all, not_delivered
from tasks.notices.digest import message
from tasks.notices.turns import MOST_SILENCES, SHARE


@pytest.fixture(autouse=True)
def _office(ledger: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUODI_HOME", str(tmp_path))
    monkeypatch.setattr(webhook, "POST_SECONDS", 1.0)


def queue(channel: str, count: int) -> None:
    """Messages that wait for a channel."""
    with transaction(source="test") as session:
        unit = session.scalars(select(Unit)).first() or Unit(name="清丰县")
        person = Person(name=f"由{channel}通知者", role=Role.LEADER, unit=unit, channels=[channel])
        session.add(person)
        session.flush()
        for number in range(count):
            body = message(f"{number}", "")
            session.add(Delivery(recipient_id=person.id, channel=channel, body=body))


def outcomes(sent: list[Sent], channel: str) -> list[DeliveryOutcome]:
    return [one.outcome for one in sent if one.channel == channel]


def test_a_slow_receiver_holds_up_no_other_and_is_left_for_the_next_run():
    with hostile.receiving(hostile.trickled_headers) as slow, receiving() as good:
        keep_address("slow", slow, actor="test")
        keep_address("good", good.address, actor="test")
        queue("slow", 30)
        queue("good", 30)
        began = time.monotonic()
        sent = deliver_all(serve)
    assert time.monotonic() - began < 6  # two rounds of a second each; one after the other it would be thirty
    assert len(good.messages) == 30
    assert outcomes(sent, "good") == [DeliveryOutcome.DELIVERED] * 30
    assert outcomes(sent, "slow") == [DeliveryOutcome.DELAYED] * 30
    order = [one.channel for one in sent]
    assert order.index("slow") > 10, "the good ones did not wait"
    with transaction() as session:
        waiting = session.scalars(select(Delivery).where(Delivery.channel == "slow")).all()
    assert sum(delivery.attempts for delivery in waiting) <= MOST_SILENCES + SHARE
    assert all(delivery.last_error and delivery.lease_until is None for delivery in waiting)
    assert all("无应答" in one.why or "没有应答" in one.why for one in sent if one.channel == "slow")


def test_what_another_run_sends_just_now_is_not_noted_as_left(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(turns, "RUN_SECONDS", -1.0)
    queue("slow", 2)
    with transaction() as session:
        first = session.scalars(select(Delivery).order_by(Delivery.id)).first()
        assert first
        first.lease_until = first.recorded_at.replace(year=2999)
    assert outcomes(deliver_all(serve), "slow") == [DeliveryOutcome.ELSEWHERE, DeliveryOutcome.DELAYED]


def test_no_channel_has_more_under_way_than_its_share(monkeypatch: pytest.MonkeyPatch):
    under_way, most = [], [0]
    deliver = delivery.deliver

    def watched(number: int) -> Sent:
        under_way.append(number)
        most[0] = max(most[0], len(under_way))
        time.sleep(0.02)
        under_way.remove(number)
        return deliver(number)

    monkeypatch.setattr(delivery, "deliver", watched)
    with receiving() as good:
        keep_address("good", good.address, actor="test")
        queue("good", 10)
        deliver_all(serve)
    assert (most, len(good.messages)) == ([SHARE], 10)


def channel_of(name: str) -> Channel:
    """What waits for the channel, as a run takes it."""
    waiting = [number for number, by in delivery._waiting() if by == name]
    return Channel(name, waiting, turns.run_ends_at())


def test_tried_again_a_channel_sends_only_what_is_left_and_stops_where_it_fails_again():
    with receiving() as busy:
        keep_address("busy", busy.address, actor="test")
        queue("busy", 4)
        channel = channel_of("busy")
        busy.statuses = [503, 503, 200, 503]
        for expected, sent in ((503, 4), (503, 5)):
            with pytest.raises(NotDelivered, match=str(expected)) as failed:
                channel.deliver()
            assert failed.value.heals
            assert len(busy.messages) == sent
            busy.statuses = [503]
        busy.statuses = []
        channel.deliver()
    assert [one.outcome for one in channel.sent] == [DeliveryOutcome.DELIVERED] * 4
    assert set(busy.taken.values()) == {1}
    assert len({message.key for message in busy.messages[4:6]}) == 2, "another message comes first each time"


def test_what_is_refused_for_good_is_not_tried_again():
    with receiving() as strict:
        strict.always = 400
        keep_address("strict", strict.address, actor="test")
        queue("strict", 2)
        with pytest.raises(NotDelivered) as failed:
            channel_of("strict").deliver()
    assert not failed.value.heals


def test_a_run_that_has_taken_too_long_begins_nothing_more(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(turns, "RUN_SECONDS", -1.0)
    with receiving() as good:
        keep_address("good", good.address, actor="test")
        queue("good", 3)
        sent = deliver_all(serve)
    assert good.messages == []
    assert outcomes(sent, "good") == [DeliveryOutcome.DELAYED] * 3
    assert all("下次运行" in one.why for one in sent)


def test_whom_a_run_did_not_reach_is_told_in_the_offices_punctuation():
    failed = [
        Sent(1, "清丰县分包领导", "oa", DeliveryOutcome.REFUSED, "接收系统返回400。"),
        Sent(2, "督查室科长", "", DeliveryOutcome.DELAYED, "接收系统未应答。"),
    ]
    expected = "未送达：清丰县分包领导 · oa：接收系统返回400；督查室科长 · 内置收件箱：接收系统未应答"
    assert not_delivered(failed, []) == expected
