"""Every fact leaves its event with its own commit; no event says what people wrote."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, text

from models.escalation.action_item import ActionItem, Blocker, Visit
from models.events.catalogue import EVENTS
from models.events.outbox import OutboxEvent
from models.ledger.facts import Facts, FoundBlocker, MilestoneReached
from models.ledger.history import SweepLog
from models.ledger.project import Project
from models.words import BlockerCategory, MilestoneKind, Stage, VisitOutcome
from support.answers import answering, locked, said
from support.ledgers.file_of_rows import REGISTERED, ROW, STARTED, file_of
from support.ledgers.revisit_city import EVERYBODY
from support.waiting import wait_until_locked
from tasks.bulletin.issue import issue
from tasks.database import transaction
from tasks.escalation.answers import Charge, acknowledge, hand_over, promise
from tasks.escalation.sweep import sweep
from tasks.escalation.undo import undo
from tasks.events.description import described
from tasks.events.sending import send_events
from tasks.imports.entering.import_file import import_ledger
from tasks.items.blockers import ask_coordination, resolve_blocker
from tasks.items.corrections import reopen
from tasks.items.facts import end_project, record_facts
from tasks.items.open_items import open_visit
from tasks.items.visits import record_visit
from tasks.revisits.close import cancel_campaign
from tasks.revisits.open import open_campaign

WRITTEN = "机密原文13839312345"  # stands wherever people write freely, and for the evidence
DAY, NEXT = date(2013, 6, 14), date(2013, 6, 25)
LAND = FoundBlocker(BlockerCategory.LAND, "市国土资源局", WRITTEN, WRITTEN, None)
PROOF = tuple(
    MilestoneReached(kind, date(2013, 6, 3), WRITTEN)
    for kind in (MilestoneKind.REGISTERED, MilestoneKind.CONSTRUCTION_STARTED)
)
ALL = select(OutboxEvent).order_by(OutboxEvent.id)


def events() -> list[dict[str, Any]]:
    """What waits, as Prefect will be told it."""
    with transaction() as session:
        return described(session, session.scalars(ALL).all())


def named() -> list[str]:
    return [event["event"].removeprefix("luodi.") for event in events()]


def visit(project: int) -> int:
    """A visit that found a blocker; returns the blocker's number."""
    facts = Facts(DAY, WRITTEN, VisitOutcome.CONTINUE, WRITTEN, blockers=(LAND,))
    with locked(project) as (session, found):
        item = open_visit(session, found.id)
        assert item
        made = Visit(item_id=item.id, visited_on=DAY, outcome=facts.outcome, progress=WRITTEN, filled_in_by=WRITTEN)
        record_visit(session, item, made, facts, NEXT, DAY)
        session.flush()
        return session.scalars(select(Blocker.item_id)).one()


def climb_and_resolve(project: int, item_id: int) -> None:
    with locked(project) as (session, _found):
        ask_coordination(session, session.get_one(ActionItem, item_id), WRITTEN, WRITTEN, DAY)
    with answering(item_id) as (session, item):
        acknowledge(session, item, said(WRITTEN, DAY, WRITTEN))
    with answering(item_id) as (session, item):
        charge = Charge(None, item.project and item.project.leader, item.unit)
        hand_over(session, item, said(WRITTEN, DAY, WRITTEN), charge)
    with answering(item_id) as (session, item):
        promise(session, item, said(WRITTEN, DAY, WRITTEN), NEXT)
    with locked(project) as (session, _found):
        resolve_blocker(session, session.get_one(ActionItem, item_id), WRITTEN, WRITTEN, DAY)


def land_reopen_and_exit(project: int) -> None:
    with locked(project) as (session, found):
        record_facts(session, found, Facts(DAY, WRITTEN, VisitOutcome.LANDED, WRITTEN, milestones=PROOF), DAY)
    with locked(project) as (session, found):
        reopen(session, found, DAY)
    with locked(project) as (session, found):
        record_facts(session, found, Facts(DAY, WRITTEN, VisitOutcome.TERMINATED, WRITTEN, WRITTEN), DAY)


def all_that_happens(project: int) -> None:
    climb_and_resolve(project, visit(project))
    sweep(date(2013, 6, 28))
    with transaction() as session:
        sweep_id = session.scalars(select(func.max(SweepLog.id))).one()
    undo(sweep_id, WRITTEN, WRITTEN)
    issue(date(2013, 6, 10), date(2013, 6, 17))
    open_campaign(replace(EVERYBODY, deadline=NEXT), DAY, WRITTEN)
    cancel_campaign(EVERYBODY.name, DAY, WRITTEN)
    land_reopen_and_exit(project)
    import_ledger(file_of(replace(ROW, progress=WRITTEN)), DAY)


def test_every_event_there_is_says_exactly_what_it_is_to_say_and_nothing_that_people_wrote(city: int) -> None:
    all_that_happens(city)
    happened = events()
    assert {event["event"] for event in happened} == set(EVENTS)
    for event in happened:
        payload = dict(event["payload"])
        assert payload.pop("summary")
        assert tuple(payload) == EVENTS[event["event"]].payload
    assert WRITTEN not in json.dumps(happened, ensure_ascii=False)
    assert WRITTEN[4:] not in json.dumps(happened, ensure_ascii=False)


def test_the_database_writes_no_part_of_a_payload_that_is_not_sent(city: int) -> None:
    all_that_happens(city)
    with transaction() as session:
        rows = session.scalars(ALL).all()
    assert all(set(row.payload) <= set(EVENTS[row.name].payload) for row in rows)


def test_what_happens_to_a_project_is_told_in_its_order_with_the_project_as_resource(city: int) -> None:
    climb_and_resolve(city, visit(city))
    land_reopen_and_exit(city)
    told = [event for event in events() if event["resource"]["prefect.resource.id"] == f"luodi.project.{city}"]
    assert [event["event"].removeprefix("luodi.") for event in told] == [
        "project.signed",
        *("item.closed", "blocker.opened", "visit.made"),
        "escalation.raised",
        *["escalation.answered"] * 3,
        *("blocker.resolved", "item.closed"),
        *("project.landed", "item.closed"),
        *("project.reopened", "item.reopened"),
        *("project.exited", "item.closed"),
    ]
    assert told == sorted(told, key=lambda event: event["occurred"])
    assert {event["resource"]["prefect.resource.name"] for event in told} == {"PY-2013-001 龙都家具产业园"}


def test_a_blocker_names_the_bureau_that_must_solve_it_the_county_and_the_leader(city: int) -> None:
    visit(city)
    (opened,) = [event for event in events() if event["event"] == "luodi.blocker.opened"]
    related = [(each["prefect.resource.role"], each["prefect.resource.name"]) for each in opened["related"]]
    assert related == [("unit", "市国土资源局"), ("unit", "清丰县"), ("leader", "清丰县分包领导")]
    assert opened["payload"]["summary"] == "新增制约问题：土地"


def test_a_fact_that_is_rolled_back_leaves_no_event(city: int) -> None:
    before = named()
    with locked(city) as (session, found):
        end_project(session, found, Stage.LANDED, DAY, DAY)
        session.flush()
        assert session.scalar(select(func.count()).select_from(OutboxEvent)) == len(before) + 2
        session.rollback()
    assert named() == before


def test_reminders_are_not_told_and_of_what_is_raised_each_item_once(city: int) -> None:
    sweep(date(2013, 6, 18))
    assert "escalation.raised" not in named()
    sweep(date(2013, 6, 19))
    sweep(date(2013, 6, 19))
    (raised,) = [event["payload"] for event in events() if event["event"] == "luodi.escalation.raised"]
    assert (raised["kind"], raised["step"], raised["raised_on"]) == ("visit", "leader", "2013-06-19")


@pytest.mark.usefixtures("ledger")
def test_a_file_is_one_event_with_its_counts_and_none_if_it_changes_nothing_or_is_a_dry_run() -> None:
    rows = [replace(ROW, number=number, code=f"PY-{number}", name=f"项目{number}") for number in range(4, 34)]
    import_ledger(file_of(*rows), DAY)
    import_ledger(file_of(*rows), DAY, dry_run=True)
    landed = replace(rows[0], claim=VisitOutcome.LANDED, claim_cell="已落地", milestones=(REGISTERED, STARTED))
    exited = replace(rows[1], claim=VisitOutcome.LOST, claim_cell="流失", exit_reason=WRITTEN)
    for _twice in range(2):
        import_ledger(file_of(landed, exited, *rows[2:]), DAY)
    told = events()
    counts = [
        [event["payload"][name] for name in ("new", "changed", "unchanged", "landed", "exited")] for event in told
    ]
    assert {event["event"] for event in told} == {"luodi.ledger.imported"}
    assert counts == [[30, 0, 0, 0, 0], [0, 2, 28, 1, 1]]
    assert [event["resource"]["luodi.landed"] for event in told] == ["0", "1"]
    assert told[1]["payload"]["summary"] == "台账文件已导入：变更2个；落地1个；退出1个"


def test_a_campaign_is_one_event_when_it_opens_and_one_when_it_ends(city: int) -> None:
    with transaction() as session:
        session.execute(text("DELETE FROM outbox_event"))
    open_campaign(replace(EVERYBODY, deadline=NEXT), DAY)
    open_campaign(replace(EVERYBODY, deadline=NEXT), DAY)
    cancel_campaign(EVERYBODY.name, DAY)
    assert Counter(named()) == {"campaign.opened": 1, "campaign.closed": 1}
    opened = events()[0]
    assert opened["resource"]["prefect.resource.name"] == EVERYBODY.name
    assert (opened["payload"]["projects"], opened["payload"]["due_on"]) == (1, str(NEXT))


def test_the_event_of_a_row_that_is_gone_can_still_be_sent(city: int) -> None:
    with transaction() as session:
        session.add(OutboxEvent(name="luodi.project.landed", project_id=city + 99, payload={}))
    assert events()[-1]["resource"]["prefect.resource.id"] == f"luodi.project.{city + 99}"
    with transaction() as session:
        assert session.get(Project, city + 99) is None


class SlowPrefect:
    """Answers once another sender waits for its turn."""

    def __init__(self) -> None:
        self.told: list[list[str]] = []

    def request(self, _method: str, path: str, json: list[dict[str, Any]]) -> None:
        assert path == "/events"
        self.told.append([event["id"] for event in json])
        wait_until_locked()


def test_two_that_send_at_once_send_each_event_once(city: int) -> None:
    visit(city)
    waiting = [event["id"] for event in events()]
    prefect: Any = SlowPrefect()
    with ThreadPoolExecutor(2) as both:
        sent = list(both.map(send_events, [prefect, prefect]))
    assert prefect.told == [waiting]
    assert sorted(sent) == [0, len(waiting)]
