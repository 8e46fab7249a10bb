"""Whom a revisit campaign asks: everybody it chose, once."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from models.escalation.action_item import ActionItem, Pause
from models.escalation.question import Ask
from models.ledger.history import Change
from models.refusal import Refused
from models.words import Clock, ItemKind, ItemResult, Sector, Stage, Step
from support.ledgers.revisit_city import (
    CALENDAR,
    EVERYBODY,
    LATE,
    LATER,
    NAME,
    SOON,
    TODAY,
    City,
    ask,
    counts,
    everything,
    links,
    owed,
    terms,
    visits,
)
from tasks.database import transaction
from tasks.items.assignments import turn_clock
from tasks.items.facts import end_project
from tasks.items.open_items import open_visit
from tasks.ledger.locks import lock_project
from tasks.ledger.selection import Selection
from tasks.revisits.open import open_campaign
from tasks.runs.brief import brief


def test_what_is_due_later_is_brought_forward_and_what_is_due_before_stays(city: City) -> None:
    late, early = city.sign(due_on=LATE), city.sign(due_on=SOON)
    before = owed(early)

    assert counts(open_campaign(EVERYBODY, TODAY)) == (0, 1, 1, 0, 0, 0, 0)

    assert (owed(late).due_on, owed(early).due_on) == (LATER, SOON)
    assert owed(late).next_fires_on == CALENDAR.add(LATER, -3)
    assert (owed(early).next_step, owed(early).next_fires_on) == (before.next_step, before.next_fires_on)
    assert len(visits(late)) == len(visits(early)) == 1
    held = links()
    assert (held[owed(late).id].former_due_on, held[owed(late).id].was_opened) == (LATE, False)
    assert (held[owed(early).id].former_due_on, held[owed(early).id].was_opened) == (None, False)


def test_a_project_without_an_open_visit_gets_one_with_its_first_step(city: City) -> None:
    project = city.sign(due_on=None)
    assert counts(open_campaign(EVERYBODY, TODAY)) == (1, 0, 0, 0, 0, 0, 0)
    item = owed(project)
    assert (item.opened_on, item.due_on, item.unit_id) == (TODAY, LATER, city.units["清丰县"])
    assert (item.owner_id, item.leader_id) == (city.people["清丰县专员"], city.people["清丰县领导"])
    assert (item.next_step, item.next_fires_on) == (Step.REMINDER_BEFORE, CALENDAR.add(LATER, -3))
    assert links()[item.id].was_opened


def test_an_investor_is_visited_once_by_those_who_look_after_the_largest_open_project(city: City) -> None:
    investor, landed = city.investor("福建龙都家具集团"), city.investor("台湾食品集团")
    city.sign(investor=investor, amount=Decimal(5 * 10**8))
    city.sign("南乐县", investor=investor, amount=Decimal(6 * 10**8))
    done = city.sign(investor=investor, amount=Decimal(9 * 10**8))
    other = city.sign("南乐县", investor=landed)
    with transaction("测试") as session:
        for each in (done, other):
            end_project(session, lock_project(session, each), Stage.LANDED, TODAY, TODAY)

    opened = open_campaign(EVERYBODY, TODAY)

    assert counts(opened) == (0, 2, 0, 0, 2, 0, 0)
    assert (opened.passed.ended, opened.passed.without_investor) == (2, 0)
    item = owed(investor=investor)
    assert (item.project_id, item.unit_id, item.owner_id) == (None, city.units["南乐县"], city.people["南乐县专员"])
    assert (item.due_on, item.next_step) == (LATER, Step.REMINDER_BEFORE)
    assert owed(investor=landed).unit_id == city.units["南乐县"]
    assert [each.result for each in visits(done)] == [ItemResult.PROJECT_ENDED]


def test_only_projects_or_only_investors_are_visited_when_one_is_switched_off(city: City) -> None:
    investor = city.investor("福建龙都家具集团")
    city.sign(investor=investor)
    assert counts(open_campaign(terms("项目", LATER, visits_investors=False), TODAY)) == (0, 1, 0, 0, 0, 0, 0)
    assert counts(open_campaign(terms("投资方", LATER, visits_projects=False), TODAY)) == (0, 0, 0, 0, 1, 0, 0)


def test_an_exited_project_and_its_investor_are_left_out_unless_their_stage_is_chosen(city: City) -> None:
    project = city.sign(investor=city.investor("福建龙都家具集团"))
    with transaction("测试") as session:
        found = lock_project(session, project)
        session.execute(
            text("UPDATE project SET stage='exited', exit='lost', exit_reason='撤资', ended_on=:day"), {"day": TODAY}
        )
        session.refresh(found)
        for item in session.scalars(select(ActionItem)):
            item.close(TODAY, ItemResult.PROJECT_ENDED)
    with pytest.raises(Refused, match="没有"):
        open_campaign(EVERYBODY, TODAY)
    chosen = replace(EVERYBODY, selection=Selection(stages=(Stage.EXITED,)))
    assert counts(open_campaign(chosen, TODAY)) == (0, 0, 0, 0, 1, 0, 0)


def test_filters_choose_as_in_the_ledger_export(city: City) -> None:
    wanted = city.sign("南乐县", signed_on=date(2012, 5, 1), amount=Decimal(5 * 10**8))
    city.sign("南乐县", signed_on=date(2011, 5, 1), amount=Decimal(5 * 10**8))
    city.sign("南乐县", signed_on=date(2012, 5, 1), amount=Decimal(10**8))
    city.sign("清丰县", signed_on=date(2012, 5, 1), amount=Decimal(5 * 10**8))
    only = Selection(("南乐县",), (Sector.FOOD,), (), date(2012, 1, 1), date(2012, 12, 31), Decimal(5 * 10**8))
    opened = open_campaign(replace(EVERYBODY, selection=only), TODAY)
    assert [(line.unit, line.counts) for line in opened.lines] == [("南乐县", (0, 1, 0, 0, 0, 0, 0))]
    assert set(links()) == {owed(wanted).id}


def test_a_project_on_hold_waits_on_its_earlier_day_and_its_pause_counts_from_now(city: City) -> None:
    planned, bare = city.sign(due_on=LATE), city.sign(due_on=None)
    with transaction("测试") as session:
        session.add(
            ActionItem(
                kind=ItemKind.REPORT, project_id=bare, unit_id=city.units["清丰县"], opened_on=TODAY, due_on=LATER
            )
        )
    with transaction("测试") as session:
        for each in (planned, bare):
            project = lock_project(session, each)
            turn_clock(session, project, Clock.HOLD, "等待规划调整", "副市长", date(2013, 6, 3))

    assert counts(open_campaign(EVERYBODY, TODAY)) == (1, 1, 0, 2, 0, 0, 0)

    for each in (planned, bare):
        item = owed(each)
        assert (item.is_paused, item.next_step, item.due_on) == (True, None, LATER)
        with transaction() as session:
            pauses = session.scalars(select(Pause).where(Pause.item_id == item.id).order_by(Pause.id)).all()
        assert (pauses[-1].from_on, pauses[-1].until_on, pauses[-1].granted_by) == (TODAY, None, "副市长")
    with transaction("测试") as session:
        resumed_on = CALENDAR.add(TODAY, 2)
        turn_clock(session, lock_project(session, planned), Clock.RESUME, "规划已批", "副市长", resumed_on)
    assert owed(planned).due_on == CALENDAR.add(LATER, 2)


def test_questions_about_visits_it_holds_are_asked_anew_and_name_it(city: City) -> None:
    project, other = city.sign("南乐县"), city.sign("清丰县")
    for each in (project, other):
        ask(each)
    only = replace(EVERYBODY, selection=Selection(units=("南乐县",)), squad="闽东南小分队")
    open_campaign(only, TODAY)
    with transaction() as session:
        overtaken = dict(session.execute(select(Ask.subject_id, Ask.overtaken_at.is_not(None))).all())
        told = brief(session, lock_project(session, project), TODAY, open_visit(session, project))
        silent = brief(session, lock_project(session, other), TODAY, open_visit(session, other))
    assert overtaken == {project: True, other: False}
    assert NAME in told
    assert "闽东南小分队" in told
    assert NAME not in silent


def test_a_dry_run_counts_and_changes_nothing(city: City) -> None:
    city.sign("清丰县", investor=city.investor("福建龙都家具集团"))
    city.sign("南乐县", due_on=SOON)
    before = everything()
    opened = open_campaign(EVERYBODY, TODAY, dry_run=True)
    assert everything() == before
    assert [(line.unit, line.counts) for line in opened.lines] == [
        ("清丰县", (0, 1, 0, 0, 1, 0, 0)),
        ("南乐县", (0, 0, 1, 0, 0, 0, 0)),
    ]
    assert counts(open_campaign(EVERYBODY, TODAY)) == counts(opened)


def test_history_names_the_campaign_and_who_opened_it(city: City) -> None:
    item = owed(city.sign())
    open_campaign(EVERYBODY, TODAY, "市商务局 王科长")
    with transaction() as session:
        moved = session.scalars(
            select(Change).where(Change.row_id == str(item.id), Change.column_name == "due_on")
        ).one()
    assert (moved.actor, moved.source) == ("市商务局 王科长", f"revisit-campaign {NAME}")
