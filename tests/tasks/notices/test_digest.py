"""Digests: everything that concerns one person in one message, what they must act on first, each
with its form.
"""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from prefect.settings import PREFECT_UI_URL, temporary_settings
from sqlalchemy import select

from models.escalation.action_item import ActionItem
from models.escalation.notice import Delivery, Notice
from models.escalation.question import Run
from models.ledger.facts import FoundBlocker
from models.ledger.organisation import Person, Unit
from models.words import BlockerCategory, Clock, Occasion, Step
from tasks.database import transaction
from tasks.escalation.answers import Answer, Charge, hand_over, instruct, reopen
from tasks.escalation.sweep import sweep
from tasks.items.assignments import turn_clock
from tasks.items.blockers import open_blocker, resolve_blocker
from tasks.ledger.locks import lock_project
from tasks.ledger.questions import ESCALATION, LIFECYCLE, RESOLUTION
from tasks.notices import digest as digests
from tasks.notices.digest import gather

OPENED, DUE = date(2013, 6, 3), date(2013, 6, 17)  # the project's visit is due that day, too
LEADER_HEARD, ANSWERED, OFFICE_HEARD = date(2013, 6, 19), date(2013, 6, 20), date(2013, 6, 24)
OFFICER, LEADER, DEPUTY, INSPECTOR = 1, 2, 3, 4
UI = "http://ui.office"


@pytest.fixture(autouse=True)
def ui() -> Iterator[None]:
    """The address of the UI, as `luodi up` sets it."""
    with temporary_settings({PREFECT_UI_URL: UI}):
        yield


@pytest.fixture
def item(city: int) -> int:
    """A blocker due on the same day as the project's visit; it, the project and the escalation have
    their runs.
    """
    opened = block(city, DUE)
    with transaction("测试") as session:
        for flow, subject in ((LIFECYCLE, city), (RESOLUTION, opened), (ESCALATION, opened)):
            session.add(Run(flow=flow, subject_id=subject, run_no=1, flow_run_id=run_of(flow, subject)))
    return opened


def block(project: int, due_on: date) -> int:
    with transaction("测试") as session:
        found = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "", due_on)
        item = open_blocker(session, lock_project(session, project), found, OPENED)
        session.flush()
        return item.id


def run_of(flow: str, subject: int) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{flow} {subject}")


def form_of(flow: str, subject: int) -> str:
    return f"{UI}/v2/runs/flow-run/{run_of(flow, subject)}"


def said(as_of: date = ANSWERED, text: str = "本周内协调到位") -> Answer:
    return Answer("分管副市长", text, datetime.combine(as_of, time(2), UTC), as_of)


def gathered(person: int, as_of: date) -> Delivery:
    """The newest digest of somebody, gathered now."""
    assert gather(as_of) == []
    with transaction() as session:
        mine = select(Delivery).where(Delivery.recipient_id == person).order_by(Delivery.id.desc())
        return session.scalars(mine.limit(1)).one()


def lines(digest: Delivery, item: int) -> list[dict[str, Any]]:
    return [line for line in digest.body["notices"] if line["item_id"] == item]


def raise_to_the_leader() -> None:
    for day in (date(2013, 6, 9), date(2013, 6, 18), LEADER_HEARD):
        sweep(day)
    gather(LEADER_HEARD)


def test_a_leader_reads_what_is_due_by_when_to_answer_and_where(item: int) -> None:
    sweep(LEADER_HEARD)
    digest = gathered(LEADER, LEADER_HEARD)
    assert digest.channel == ""
    assert digest.body["title"] == "落地督办：2013-06-19 共2项"
    assert digest.body["recipient"] == {"id": LEADER, "name": "清丰县分包领导", "unit": "清丰县"}
    (line,) = lines(digest, item)
    assert line | {"markdown": "", "escalation_id": 0} == {
        "occasion": "raised",
        "escalation_id": 0,
        "item_id": item,
        "step": "leader",
        "project": "PY-2013-001",
        "investor": "",
        "what": "土地：用地指标未落实",
        "unit": "市国土资源局",
        "due_on": "2013-06-17",
        "raised_on": "2013-06-19",
        "document": "",
        "text": "",
        "form": form_of(ESCALATION, item),
        "markdown": "",
    }
    for words in (
        "**PY-2013-001 龙都家具产业园** · 土地：用地指标未落实 · 市国土资源局",
        "时间节点2013-06-17，逾期2个工作日",
        "请于2013-06-20（含）前签收、2013-06-24（含）前反馈",
        f"[打开表单]({form_of(ESCALATION, item)})",
    ):
        assert words in line["markdown"]
        assert words in digest.body["markdown"]


def test_what_somebody_must_act_on_comes_first_then_the_higher_rungs_then_what_was_due_first(city: int) -> None:
    with transaction("测试") as session:
        session.get_one(ActionItem, 1).owner_id = LEADER  # the visit: an item the leader owes in person
    later, sooner = block(city, date(2013, 6, 21)), block(city, date(2013, 6, 20))
    copied = block(city, DUE)
    with transaction("测试") as session:
        session.get_one(ActionItem, copied).leader_id = DEPUTY
        session.get_one(ActionItem, copied).owner_id = LEADER
    sweep(date(2013, 6, 19))  # the visit and the deputy's blocker reach a leader
    sweep(date(2013, 6, 25))  # both of the leader's blockers reach them, the visit the office
    digest = gathered(LEADER, date(2013, 6, 25))
    told = [(line["occasion"], line["step"], line["item_id"]) for line in digest.body["notices"]]
    assert told == [
        ("raised", "leader", 1),
        ("raised", "leader", sooner),
        ("raised", "leader", later),
        ("copy", "office", 1),
        ("copy", "leader", copied),
    ]
    markdown = digest.body["markdown"]
    assert markdown.index(Occasion.RAISED.label) < markdown.index(Occasion.COPY.label)


def test_a_long_digest_is_cut_and_says_so(city: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "MAX_LINES", 2)
    for _each in range(3):
        block(city, DUE)
    sweep(LEADER_HEARD)
    digest = gathered(LEADER, LEADER_HEARD)
    assert len(digest.body["notices"]) == 2
    assert digest.body["title"].endswith("共4项")
    assert digest.body["markdown"].endswith("共4项，仅列前2项。")


def test_the_owner_is_sent_to_the_form_of_what_they_owe(item: int) -> None:
    sweep(date(2013, 6, 18))
    digest = gathered(OFFICER, date(2013, 6, 18))
    assert [line["form"] for line in lines(digest, item)] == [form_of(RESOLUTION, item)]
    assert [line["form"] for line in lines(digest, 1)] == [form_of(LIFECYCLE, 1)]
    assert "签收" not in digest.body["markdown"]


def test_the_inspection_office_reads_the_number_of_its_notice(item: int) -> None:
    sweep(OFFICE_HEARD)
    (line,) = lines(gathered(INSPECTOR, OFFICE_HEARD), item)
    assert (line["step"], line["document"], line["form"]) == (
        Step.OFFICE,
        "督办〔2013〕2号",
        form_of(ESCALATION, item),
    )
    (copy,) = lines(gathered(LEADER, OFFICE_HEARD), item)
    assert (copy["occasion"], copy["form"]) == ("copy", form_of(RESOLUTION, item))


@pytest.mark.parametrize("acts", [False, True], ids=["the leader", "a delegate"])
def test_whoever_leads_from_now_on_is_sent_to_the_leaders_form(item: int, *, acts: bool) -> None:
    raise_to_the_leader()
    with transaction("测试") as session:
        lock_project(session, 1)
        deputy, officer = session.get_one(Person, DEPUTY), session.get_one(Person, OFFICER)
        if acts:
            acting = Person(name="代理县长", role=deputy.role, unit=deputy.unit)
            session.add(acting)
            session.flush()
            deputy.delegate_id, deputy.delegate_from, deputy.delegate_until = acting.id, OPENED, OFFICE_HEARD
        unit = session.scalars(select(Unit).where(Unit.name == "市国土资源局")).one()
        hand_over(session, session.get_one(ActionItem, item), said(), Charge(officer, deputy, unit))
        reader = deputy.delegate_id or DEPUTY
    (line,) = lines(gathered(reader, ANSWERED), item)
    assert (line["occasion"], line["text"]) == ("handed_over", "本周内协调到位")
    assert line["form"] == form_of(ESCALATION, item)


def test_an_instruction_and_a_verification_lead_to_the_form_of_whoever_must_act(item: int) -> None:
    sweep(OFFICE_HEARD)
    with transaction("测试") as session:
        lock_project(session, 1)
        instruct(session, session.get_one(ActionItem, item), said(OFFICE_HEARD, "一周内落实"), date(2013, 7, 1))
    instructed = lines(gathered(OFFICER, OFFICE_HEARD), item)[-1]
    assert (instructed["occasion"], instructed["text"]) == ("instructed", "一周内落实")
    assert instructed["form"] == form_of(RESOLUTION, item)
    with transaction("测试") as session:
        lock_project(session, 1)
        resolve_blocker(session, session.get_one(ActionItem, item), "指标已下达", "国土局", date(2013, 6, 25))
    (news,) = lines(gathered(INSPECTOR, date(2013, 6, 25)), item)
    assert (news["occasion"], news["form"]) == ("verify", form_of(ESCALATION, item))
    with transaction("测试") as session:
        lock_project(session, 1)
        reopen(session, session.get_one(ActionItem, item), said(date(2013, 6, 26), "未见批复"), date(2013, 7, 3))
    again = lines(gathered(LEADER, date(2013, 6, 26)), item)[-1]
    assert (again["occasion"], again["text"]) == ("reopened", "未见批复")


def test_what_is_on_hold_before_anybody_was_told_is_dropped(item: int) -> None:
    sweep(LEADER_HEARD)
    with transaction("测试") as session:
        turn_clock(session, lock_project(session, 1), Clock.HOLD, "环评公示", "分管副市长", LEADER_HEARD)
    assert gather(LEADER_HEARD) == []
    with transaction() as session:
        assert session.scalars(select(Delivery)).all() == []
        assert all(each.dropped_at for each in session.scalars(select(Notice)))


def test_a_digest_that_cannot_be_written_keeps_back_nobody_elses(item: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep(LEADER_HEARD)
    write = digests._digest

    def spoilt(session: Any, notices: Any, as_of: date) -> Delivery:
        if notices[0].recipient_id == OFFICER:
            raise RuntimeError("坏了")
        return write(session, notices, as_of)

    with monkeypatch.context() as patch:
        patch.setattr(digests, "_digest", spoilt)
        assert gather(LEADER_HEARD) == [f"人员编号{OFFICER}：坏了"]
    assert lines(gathered(LEADER, LEADER_HEARD), item)
    assert lines(gathered(OFFICER, LEADER_HEARD), item)  # the next run makes up for it
