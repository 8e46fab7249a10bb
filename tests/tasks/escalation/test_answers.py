"""What leaders and the inspection office answer, and where it lets an item's clock go on."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Extension, Visit
from models.escalation.calendar import official_calendar
from models.escalation.escalation import Escalation
from models.escalation.notice import Notice
from models.escalation.question import Run
from models.ledger.facts import Facts, FoundBlocker, MilestoneReached
from models.ledger.organisation import Person, Unit
from models.ledger.project import Milestone, Progress, Project
from models.refusal import Refused
from models.words import (
    AT_OFFICE,
    BlockerCategory,
    Clock,
    ItemKind,
    ItemResult,
    MilestoneKind,
    Occasion,
    Role,
    Stage,
    Step,
    VisitOutcome,
)
from tasks.database import transaction
from tasks.escalation.answers import (
    Answer,
    Charge,
    acknowledge,
    close,
    grant_extension,
    hand_over,
    instruct,
    open_verification,
    promise,
    reopen,
    verify,
)
from tasks.escalation.sweep import sweep
from tasks.items import corrections
from tasks.items.assignments import Assignment, reassign, turn_clock
from tasks.items.blockers import ask_coordination, extend, open_blocker, resolve_blocker
from tasks.items.facts import end_project, record_facts
from tasks.items.next_steps import set_next_steps
from tasks.items.open_items import last_raised, open_items, open_visit
from tasks.items.visits import record_visit
from tasks.ledger.locks import lock_project
from tasks.ledger.questions import ESCALATION
from tasks.notices.digest import gather

CALENDAR = official_calendar(2012, 2015)
OPENED = date(2013, 6, 3)
DUE = date(2013, 6, 17)  # a Monday
LEADER_HEARD, OFFICE_HEARD = date(2013, 6, 19), date(2013, 6, 24)
ANSWERED, NEW = date(2013, 6, 20), date(2013, 7, 1)  # a Thursday; a Monday
OFFICER, LEADER, DEPUTY = 1, 2, 3
LAND = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "", DUE)
PROOF = (
    MilestoneReached(MilestoneKind.REGISTERED, date(2013, 4, 1), "营业执照 4109"),
    MilestoneReached(MilestoneKind.CONSTRUCTION_STARTED, date(2013, 6, 3), "施工许可证 12"),
)


@pytest.fixture
def city(city: int) -> int:
    """The city with people in its land bureau, too; returns the project's number."""
    with transaction("测试") as session:
        land = session.scalars(select(Unit).where(Unit.name == "市国土资源局")).one()
        for name, role in (("国土局科长", Role.OFFICER), ("国土局局长", Role.LEADER)):
            session.add(Person(name=name, role=role, unit=land))
            session.flush()
    return city


@pytest.fixture
def item(city: int) -> int:
    """A blocker due on Monday, 17 June 2013, as the project's visit is."""
    with locked(city) as (session, found):
        opened = open_blocker(session, found, LAND, OPENED)
        session.flush()
        return opened.id


@contextmanager
def locked(project: int = 1) -> Iterator[tuple[Session, Project]]:
    with transaction("测试") as session:
        yield session, lock_project(session, project)


@contextmanager
def answering(item_id: int) -> Iterator[tuple[Session, ActionItem]]:
    with locked() as (session, _found):
        yield session, session.get_one(ActionItem, item_id)


def said(text: str = "本周内协调到位", as_of: date = ANSWERED, by: str = "分管副市长") -> Answer:
    return Answer(by, text, datetime.combine(as_of, time(2), UTC), as_of)


def named(session: Session, name: str) -> Person:
    return session.scalars(select(Person).where(Person.name == name)).one()


def sweep_daily(last: date, first: date = OPENED) -> None:
    for day in CALENDAR.days:
        if first <= day <= last:
            sweep(day)


def state(item_id: int) -> ActionItem:
    with transaction() as session:
        return session.get_one(ActionItem, item_id)


def raised(item_id: int) -> list[Escalation]:
    with transaction() as session:
        mine = select(Escalation).where(Escalation.item_id == item_id)
        return list(session.scalars(mine.order_by(Escalation.id)))


def climbed(item_id: int) -> list[tuple[int, Step, date]]:
    return [(each.round, each.step, each.raised_on) for each in raised(item_id)]


def told(occasion: Occasion) -> dict[str, str]:
    with transaction() as session:
        said_to = select(Person.name, Notice.text).join(Person, Person.id == Notice.recipient_id)
        return dict(session.execute(said_to.where(Notice.occasion == occasion)).all())


def resolve(item_id: int, as_of: date) -> None:
    with answering(item_id) as (session, item):
        resolve_blocker(session, item, "指标已下达", "国土局科长", as_of)


def report(*, as_of: date, **what: object) -> None:
    with locked() as (session, found):
        outcome = what.pop("outcome", VisitOutcome.CONTINUE)
        record_facts(session, found, Facts(as_of, "专员", outcome, **what), as_of)


def visit(as_of: date, next_on: date, **what: object) -> int:
    """Makes the visit that is owed; returns its number."""
    with locked() as (session, found):
        owed = open_visit(session, found.id)
        assert owed is not None
        told = Facts(as_of, "专员", what.pop("outcome", VisitOutcome.CONTINUE), **what)
        register = Visit(item_id=owed.id, visited_on=as_of, outcome=told.outcome, progress="进展", filled_in_by="专员")
        record_visit(session, owed, register, told, next_on, as_of)
        return owed.id


def hold(clock: Clock, as_of: date) -> None:
    with locked() as (session, found):
        turn_clock(session, found, clock, "环评公示", "分管副市长", as_of)


def verification_of(item_id: int) -> ActionItem | None:
    with transaction() as session:
        return open_verification(session, item_id)


def verifications(item_id: int) -> list[ItemResult | None]:
    with transaction() as session:
        of_it = select(ActionItem.result).where(ActionItem.verifies_id == item_id)
        return list(session.scalars(of_it.order_by(ActionItem.id)))


# The leader


def test_an_extension_before_the_due_date_stays_in_the_round_and_repeats_no_reminder(item: int) -> None:
    sweep_daily(date(2013, 6, 13))
    with answering(item) as (session, owed):
        extend(session, owed, NEW, "等待省厅批复", "分管副市长", date(2013, 6, 14))
    sweep_daily(date(2013, 7, 31), date(2013, 6, 14))
    assert climbed(item)[:3] == [
        (1, Step.REMINDER_BEFORE, date(2013, 6, 9)),
        (1, Step.REMINDER_AFTER, date(2013, 7, 2)),
        (1, Step.LEADER, date(2013, 7, 3)),
    ]


def test_an_extension_the_leader_grants_is_a_new_round_from_the_new_date(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    with answering(item) as (session, owed):
        grant_extension(session, owed, said(), NEW)
    sweep_daily(date(2013, 7, 8), ANSWERED)
    assert climbed(item)[3:] == [
        (2, Step.REMINDER_BEFORE, date(2013, 6, 26)),
        (2, Step.REMINDER_AFTER, date(2013, 7, 2)),
        (2, Step.LEADER, date(2013, 7, 3)),
        (2, Step.OFFICE, date(2013, 7, 8)),
    ]
    with transaction() as session:
        granted = session.scalars(select(Extension)).one()
        assert (granted.former_due_on, granted.due_on, granted.granted_by) == (DUE, NEW, "分管副市长")
        replied = raised(item)[2]
        assert (replied.replied_at, replied.replied_by, replied.reply) == (said().at, "分管副市长", "本周内协调到位")
        assert replied.acknowledged_at == said().at
        assert "本周内协调到位" in session.scalars(select(Progress.text)).one()


def promised(item: int, day: date = NEW) -> None:
    with answering(item) as (session, owed):
        promise(session, owed, said(), day)


def test_a_promise_that_is_kept_ends_it_without_the_office(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    promised(item)
    sweep_daily(NEW, ANSWERED)
    resolve(item, NEW)
    sweep_daily(date(2013, 7, 31), NEW)
    assert climbed(item)[3:] == [(2, Step.REMINDER_BEFORE, date(2013, 6, 26))]
    assert (state(item).result, verifications(item)) == (ItemResult.RESOLVED, [])


def test_a_promise_that_is_broken_is_the_offices_on_the_working_day_after(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    promised(item)
    sweep_daily(date(2013, 7, 9), ANSWERED)
    assert climbed(item)[4:] == [(2, Step.OFFICE, date(2013, 7, 2)), (2, Step.OFFICE_REPEAT_1, date(2013, 7, 9))]
    office = raised(item)[4]
    assert (office.due_on, office.document_no) == (NEW, 2)  # the visit's notice was the first
    assert state(item).due_on == DUE


def test_a_second_promise_is_refused_and_only_an_extension_moves_the_date(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    promised(item)
    with answering(item) as (session, owed):
        with pytest.raises(Refused, match="2013-07-01"):
            promise(session, owed, said(), date(2013, 7, 15))
        grant_extension(session, owed, said(), date(2013, 7, 15))
        assert (owed.promised_on, owed.entry_step, owed.round) == (None, None, 2)
        assert (owed.due_on, owed.next_step) == (date(2013, 7, 15), Step.REMINDER_BEFORE)


@pytest.mark.parametrize(("text", "day"), [("", NEW), ("协调", ANSWERED), ("协调", DUE)])
def test_a_date_is_promised_or_granted_with_words_and_for_a_day_to_come(item: int, text: str, day: date) -> None:
    sweep_daily(LEADER_HEARD)
    for answer in (promise, grant_extension):
        with answering(item) as (session, owed), pytest.raises(Refused):
            answer(session, owed, said(text), day)


def test_the_leader_acknowledges_once_and_the_clock_runs_on(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    with answering(item) as (session, owed):
        acknowledge(session, owed, said())
        with pytest.raises(Refused):
            acknowledge(session, owed, said(by="别人"))
    leader = raised(item)[2]
    assert (leader.acknowledged_at, leader.acknowledged_by, leader.replied_at) == (said().at, "分管副市长", None)
    sweep_daily(OFFICE_HEARD, ANSWERED)
    assert climbed(item)[3:] == [(1, Step.OFFICE, OFFICE_HEARD)]


def test_handing_over_puts_others_in_charge_and_tells_them_while_the_clock_runs_on(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    before = state(item)
    with answering(item) as (session, owed):
        named = {person.name: person for person in session.scalars(select(Person))}
        officer, chief = named["国土局科长"], named["国土局局长"]
        county = session.get_one(Unit, 1)
        hand_over(session, owed, said("请国土局牵头"), Charge(officer, chief, county))
    after = state(item)
    assert (after.owner_id, after.leader_id, after.unit_id) == (officer.id, chief.id, county.id)
    assert (after.next_step, after.next_fires_on, after.round) == (before.next_step, before.next_fires_on, 1)
    with transaction() as session:
        blocker = session.get_one(ActionItem, item).blocker
        assert blocker is not None
        assert blocker.recipient_unit_id == county.id
    assert raised(item)[2].acknowledged_at == said().at
    assert told(Occasion.HANDED_OVER) == {"国土局科长": "请国土局牵头", "国土局局长": "请国土局牵头"}
    sweep_daily(OFFICE_HEARD, ANSWERED)
    assert climbed(item)[3:] == [(1, Step.OFFICE, OFFICE_HEARD)]


def test_handing_over_to_the_same_people_is_refused(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    with answering(item) as (session, owed), pytest.raises(Refused):
        hand_over(session, owed, said(), Charge(owed.owner, owed.leader, owed.unit))


def test_where_no_leader_is_named_the_units_is_told_and_whoever_acts_for_them(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    with answering(item) as (session, owed):
        chief = session.scalars(select(Person).where(Person.name == "国土局局长")).one()
        chief.delegate_id, chief.delegate_from, chief.delegate_until = DEPUTY, ANSWERED, ANSWERED
        hand_over(session, owed, said("换人"), Charge(owed.owner, None, owed.unit))
    assert told(Occasion.HANDED_OVER)["清丰县副县长"] == "换人"


@pytest.mark.parametrize("last", [ANSWERED, OFFICE_HEARD])
def test_the_offices_notice_is_copied_to_who_acts_for_the_leader_that_day(item: int, last: date) -> None:
    with locked() as (session, _found):
        leader = session.get_one(Person, LEADER)
        leader.delegate_id, leader.delegate_from, leader.delegate_until = DEPUTY, DUE, last
    sweep_daily(OFFICE_HEARD)
    leader_step, office = raised(item)[2:]
    assert (leader_step.recipient_id, leader_step.on_behalf_of_id) == (DEPUTY, LEADER)
    with transaction() as session:
        copies = select(Notice.recipient_id).where(Notice.occasion == Occasion.COPY)
        copied = session.scalars(copies.where(Notice.escalation_id == office.id)).all()
    assert copied == [DEPUTY if last == OFFICE_HEARD else LEADER]


def test_without_a_unit_leader_the_commerce_bureaus_hears_and_may_promise(item: int) -> None:
    with locked() as (session, found):
        found.leader = None
        session.get_one(ActionItem, item).leader_id = None
        session.scalars(select(Person).where(Person.name == "国土局局长")).one().role = Role.OPERATOR
        director = session.scalars(select(Person.id).where(Person.name == "市商务局局长")).one()
    sweep_daily(LEADER_HEARD)
    assert raised(item)[2].recipient_id == director
    promised(item)
    assert state(item).promised_on == NEW


@pytest.mark.parametrize("answer", [promise, grant_extension, instruct])
def test_a_date_beyond_the_offices_calendar_is_refused_in_words(item: int, answer: object) -> None:
    sweep_daily(OFFICE_HEARD if answer is instruct else LEADER_HEARD)
    with pytest.raises(Refused, match="2099-05-04"), answering(item) as (session, owed):
        answer(session, owed, said(), date(2099, 5, 4))


def test_an_extension_or_a_blocker_beyond_the_offices_calendar_is_refused_in_words(item: int) -> None:
    far = date(2099, 5, 4)
    with pytest.raises(Refused, match="2099-05-04"), answering(item) as (session, owed):
        extend(session, owed, far, "等待省厅批复", "分管副市长", date(2013, 6, 14))
    with pytest.raises(Refused, match="2099-05-04"), locked() as (session, found):
        open_blocker(session, found, replace(LAND, due_on=far), OPENED)


@pytest.mark.parametrize("answer", [acknowledge, promise, grant_extension, hand_over])
def test_the_leaders_answer_is_too_late_once_the_office_has_heard(item: int, answer: object) -> None:
    sweep_daily(OFFICE_HEARD)
    with answering(item) as (session, owed):
        more = {acknowledge: (), hand_over: (Charge(None, None, owed.unit),)}.get(answer, (NEW,))
        with pytest.raises(Refused, match="2013-06-24"):
            answer(session, owed, said(), *more)


def test_nothing_is_answered_on_what_is_closed_or_was_never_raised(item: int) -> None:
    with answering(item) as (session, owed), pytest.raises(Refused):
        acknowledge(session, owed, said())
    sweep_daily(LEADER_HEARD)
    resolve(item, ANSWERED)
    with answering(item) as (session, owed), pytest.raises(Refused):
        promise(session, owed, said(), NEW)


# On hold


@pytest.mark.parametrize(("last", "round_no", "left"), [(date(2013, 6, 18), 1, Step.LEADER), (LEADER_HEARD, 2, None)])
def test_a_pause_gives_back_its_working_days_and_is_a_new_round_once_the_leader_has_heard(
    item: int, last: date, round_no: int, left: Step | None
) -> None:
    sweep_daily(last)
    hold(Clock.HOLD, date(2013, 6, 20))
    assert (state(item).next_step, state(item).is_paused) == (None, True)
    sweep_daily(date(2013, 6, 26), date(2013, 6, 20))
    hold(Clock.RESUME, date(2013, 6, 27))  # 20, 21, 24, 25 and 26 June were worked
    after = state(item)
    assert (after.due_on, after.round, after.is_paused) == (date(2013, 6, 24), round_no, False)
    assert after.next_step is (left or Step.REMINDER_BEFORE)
    sweep(date(2013, 6, 27))
    assert climbed(item)[-1] == (round_no, Step.LEADER, date(2013, 6, 27))


def test_a_promise_is_moved_by_a_pause_and_stands(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    promised(item)
    hold(Clock.HOLD, date(2013, 6, 21))
    hold(Clock.RESUME, date(2013, 6, 25))
    after = state(item)
    assert (after.promised_on, after.due_on, after.round) == (date(2013, 7, 3), date(2013, 6, 19), 2)
    sweep_daily(date(2013, 7, 31), date(2013, 6, 25))
    assert climbed(item)[4] == (2, Step.OFFICE, date(2013, 7, 4))


@pytest.mark.parametrize(
    ("answer", "last"), [(promise, LEADER_HEARD), (grant_extension, LEADER_HEARD), (instruct, OFFICE_HEARD)]
)
def test_a_date_given_on_hold_is_moved_only_by_what_the_clock_stood_afterwards(
    item: int, answer: object, last: date
) -> None:
    sweep_daily(last)
    hold(Clock.HOLD, date(2013, 6, 25))
    with answering(item) as (session, owed):
        answer(session, owed, said(as_of=date(2013, 7, 15)), date(2013, 7, 22))
    hold(Clock.RESUME, date(2013, 7, 17))
    moved = state(item)
    assert (moved.promised_on or moved.due_on) == date(2013, 7, 24)  # two working days: the 15th and 16th
    with transaction() as session:
        stood = [(pause.from_on, pause.until_on) for pause in session.get_one(ActionItem, item).pauses]
    assert stood == [(date(2013, 6, 25), date(2013, 7, 15)), (date(2013, 7, 15), date(2013, 7, 17))]


def test_a_resume_cuts_no_time_to_reply_that_began_late(item: int) -> None:
    sweep(date(2013, 6, 21))  # two days late
    hold(Clock.HOLD, date(2013, 6, 24))
    hold(Clock.RESUME, date(2013, 6, 25))
    sweep_daily(date(2013, 6, 28), date(2013, 6, 25))
    assert climbed(item) == [
        (1, Step.LEADER, date(2013, 6, 21)),
        (2, Step.LEADER, date(2013, 6, 25)),
        (2, Step.OFFICE, date(2013, 6, 28)),
    ]


def test_a_promise_for_years_ahead_keeps_no_project_on_hold(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    promised(item, date(2017, 5, 3))
    hold(Clock.HOLD, date(2013, 6, 21))
    hold(Clock.RESUME, date(2013, 6, 25))  # 21 and 24 June were worked
    assert state(item).promised_on == date(2017, 5, 5)


def test_a_day_on_hold_raises_nothing_to_a_level_of_the_office_it_had_not_reached(item: int) -> None:
    """The levels count from the day the one before really fired, not from a due date of long ago."""
    sweep_daily(LEADER_HEARD)
    promised(item, date(2013, 7, 17))
    sweep_daily(date(2013, 7, 18), ANSWERED)
    assert climbed(item)[-1] == (2, Step.OFFICE, date(2013, 7, 18))
    hold(Clock.HOLD, date(2013, 7, 19))
    hold(Clock.RESUME, date(2013, 7, 22))
    sweep(date(2013, 7, 23))
    assert not {step for _round, step, _day in climbed(item)} & set(AT_OFFICE[1:])


# The inspection office


def test_an_instruction_is_a_new_round_that_comes_back_to_the_office_the_working_day_after(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    with answering(item) as (session, owed):
        instruct(session, owed, said("7月1日前办结", date(2013, 6, 25), "督查室科长"), NEW)
    sweep_daily(date(2013, 7, 2), date(2013, 6, 25))
    assert climbed(item)[4:] == [(2, Step.REMINDER_BEFORE, date(2013, 6, 26)), (2, Step.OFFICE, date(2013, 7, 2))]
    assert [each.document_no for each in raised(item) if each.step is Step.OFFICE] == [2, 3]
    assert (raised(item)[3].reply, state(item).due_on) == ("7月1日前办结", NEW)
    assert told(Occasion.INSTRUCTED) == {"清丰县招商局专员": "7月1日前办结", "清丰县分包领导": "7月1日前办结"}


def test_instructed_again_they_get_the_newer_text(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    for text, day in (("7月1日前办结", NEW), ("改为7月8日前", date(2013, 7, 8))):
        with answering(item) as (session, owed):
            instruct(session, owed, said(text, date(2013, 6, 25)), day)
    assert set(told(Occasion.INSTRUCTED).values()) == {"改为7月8日前"}
    assert (state(item).due_on, state(item).round) == (date(2013, 7, 8), 2)


@pytest.mark.parametrize("last", [OPENED, LEADER_HEARD])
def test_the_office_orders_nothing_that_is_not_before_it(item: int, last: date) -> None:
    sweep_daily(last)
    with answering(item) as (session, owed):
        with pytest.raises(Refused):
            instruct(session, owed, said(), NEW)
        with pytest.raises(Refused):
            close(session, owed, said())


def test_a_visit_the_office_closes_is_followed_by_the_next(city: int) -> None:
    sweep_daily(OFFICE_HEARD)
    with locked() as (session, _found):
        owed = open_visit(session, city)
        assert owed is not None
        with pytest.raises(Refused):
            close(session, owed, said("", OFFICE_HEARD))
        close(session, owed, said("企业已停业", OFFICE_HEARD))
        assert (owed.result, owed.next_step) == (ItemResult.WITHDRAWN, None)
        following = open_visit(session, city)
        assert following is not None
        assert following.due_on == date(2013, 7, 22)  # 20 working days after 24 June
    assert verifications(owed.id) == []


def test_a_blocker_the_office_closes_pulls_the_visit_forward(item: int) -> None:
    visit(date(2013, 6, 14), date(2013, 7, 29))
    sweep_daily(OFFICE_HEARD)
    with answering(item) as (session, owed):
        close(session, owed, said("已另行供地", OFFICE_HEARD))
    with locked() as (session, found):
        following = open_visit(session, found.id)
        assert following is not None
        assert following.due_on == date(2013, 6, 27)
    report(as_of=date(2013, 6, 25), progress="开挖基础")
    assert verifications(item) == []


def test_what_the_office_opens_on_a_project_on_hold_waits_with_the_rest(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    hold(Clock.HOLD, date(2013, 6, 25))
    with locked() as (session, found):
        owed = open_visit(session, found.id)
        assert owed is not None
        close(session, owed, said("企业已停业", date(2013, 6, 25)))
    with locked() as (session, found):
        assert [each.is_paused for each in open_items(session, found.id)] == [True, True]


# Two keys


def test_what_reached_the_office_is_done_when_the_office_has_verified_it(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 26))
    owed = verification_of(item)
    assert owed is not None
    with transaction() as session:
        inspector = session.scalars(select(Person).where(Person.role == Role.INSPECTOR)).one()
    assert (owed.kind, owed.owner_id, owed.unit_id) == (ItemKind.VERIFY, inspector.id, inspector.unit_id)
    assert (owed.due_on, owed.opened_on) == (date(2013, 7, 3), date(2013, 6, 26))
    assert (owed.next_step, owed.next_fires_on) == (Step.REMINDER_BEFORE, date(2013, 6, 28))
    with answering(item) as (session, done):
        verify(session, done, said("现场核实", NEW, "督查室科长"))
        with pytest.raises(Refused):
            verify(session, done, said("再核实", NEW))
    report(as_of=date(2013, 7, 2), progress="开挖基础")
    assert verifications(item) == [ItemResult.DONE]
    sweep_daily(date(2013, 8, 30), date(2013, 7, 2))
    assert climbed(item)[-1] == (1, Step.OFFICE, OFFICE_HEARD)


def test_while_no_inspector_is_known_a_verification_goes_to_nobody_it_does_not_concern(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    with locked() as (session, _found):
        inspector, director = named(session, "督查室科长"), named(session, "市商务局局长")
        inspector.role = Role.OPERATOR
    resolve(item, date(2013, 6, 25))
    verification = verification_of(item)
    assert verification is not None
    assert (verification.owner_id, verification.due_on) == (None, date(2013, 7, 2))
    sweep_daily(date(2013, 7, 4), date(2013, 6, 26))
    heard = {each.step: each.recipient_id for each in raised(verification.id)}
    assert heard == {Step.REMINDER_BEFORE: None, Step.REMINDER_AFTER: None, Step.LEADER: director.id}
    with locked() as (session, _found):
        session.get_one(Person, inspector.id).role = Role.INSPECTOR
    sweep_daily(date(2013, 7, 9), date(2013, 7, 5))
    assert raised(verification.id)[-1].recipient_id == inspector.id


def test_a_verification_nobody_makes_climbs_from_the_inspector(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 26))
    owed = verification_of(item)
    assert owed is not None
    sweep_daily(date(2013, 7, 4), date(2013, 6, 26))
    assert [(each.step, each.recipient_id) for each in raised(owed.id)] == [
        (Step.REMINDER_BEFORE, owed.owner_id),
        (Step.REMINDER_AFTER, owed.owner_id),
    ]


def test_what_is_not_done_is_owed_again_one_rung_up_in_a_new_round(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 26))
    with answering(item) as (session, done):
        reopen(session, done, said("指标未到账", date(2013, 6, 27), "督查室科长"), date(2013, 7, 8))
    again = state(item)
    assert (again.closed_on, again.result, again.round, again.due_on) == (None, None, 2, date(2013, 7, 8))
    assert (again.entry_step, verifications(item)) == (Step.OFFICE, [ItemResult.NOT_VERIFIED])
    assert told(Occasion.REOPENED) == {"清丰县招商局专员": "指标未到账", "清丰县分包领导": "指标未到账"}
    sweep_daily(date(2013, 7, 9), date(2013, 6, 27))
    assert climbed(item)[4:] == [(2, Step.REMINDER_BEFORE, date(2013, 7, 3)), (2, Step.OFFICE, date(2013, 7, 9))]
    resolve(item, date(2013, 7, 10))
    assert verifications(item) == [ItemResult.NOT_VERIFIED, None]


def test_what_is_not_done_a_second_time_does_not_begin_lower(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 26))
    for as_of, day in ((date(2013, 6, 27), date(2013, 7, 8)), (date(2013, 7, 5), date(2013, 7, 15))):
        with answering(item) as (session, done):
            reopen(session, done, said("仍未到账", as_of), day)
        sweep_daily(date(2013, 7, 4), as_of)  # in the second round no more than the reminder
        if as_of < date(2013, 7, 5):
            resolve(item, date(2013, 7, 4))
    assert state(item).entry_step is Step.OFFICE


def plan(project: int) -> ActionItem:
    """The company's registration, planned for the same day as everything else."""
    with locked(project) as (session, found):
        planned = Milestone(project_id=found.id, kind=MilestoneKind.REGISTERED, planned_on=DUE)
        session.add(planned)
        session.flush()
        owed = ActionItem(kind=ItemKind.MILESTONE, milestone_id=planned.id, project_id=found.id, unit_id=found.unit_id)
        owed.owner_id, owed.opened_on, owed.due_on = OFFICER, OPENED, DUE
        session.add(owed)
        session.flush()
        set_next_steps(session, items=[owed.id])
    return owed


def test_a_milestone_that_is_not_done_is_no_longer_reached(city: int) -> None:
    owed = plan(city)
    sweep_daily(OFFICE_HEARD)
    report(as_of=date(2013, 6, 25), milestones=PROOF[:1])
    assert verifications(owed.id) == [None]
    with answering(owed.id) as (session, done):
        reopen(session, done, said("执照未领", date(2013, 6, 26)), date(2013, 7, 8))
    with transaction() as session:
        again = session.get_one(Milestone, owed.milestone_id)
        assert (again.done_on, again.evidence) == (None, "")


def test_a_visit_that_is_not_accepted_is_made_up_for_by_the_next(city: int) -> None:
    sweep_daily(OFFICE_HEARD)
    made = visit(date(2013, 6, 25), date(2013, 7, 29))
    with answering(made) as (session, done):
        reopen(session, done, said("未见企业", date(2013, 6, 26)), date(2013, 7, 8))
        following = open_visit(session, city)
        assert following is not None
        assert (following.due_on, following.entry_step, following.round) == (date(2013, 7, 8), Step.OFFICE, 1)
    assert state(made).closed_on == date(2013, 6, 25)


def test_what_is_opened_again_on_a_project_on_hold_waits_with_the_rest(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 25))
    hold(Clock.HOLD, date(2013, 6, 26))
    with answering(item) as (session, done):
        reopen(session, done, said("指标未到账", date(2013, 6, 27)), date(2013, 7, 8))
    assert state(item).is_paused


def test_before_the_office_has_heard_one_key_is_enough(item: int) -> None:
    sweep_daily(date(2013, 6, 21))
    resolve(item, date(2013, 6, 21))
    assert verifications(item) == []


def test_nothing_is_verified_on_a_project_that_lands_with_the_same_report(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    made = visit(date(2013, 6, 25), date(2013, 7, 29), outcome=VisitOutcome.LANDED, milestones=PROOF)
    assert (verifications(made), verifications(item)) == ([], [])
    assert (state(made).result, state(item).result) == (ItemResult.DONE, ItemResult.PROJECT_ENDED)


def test_a_report_that_waits_for_the_sweep_asks_one_verification(item: int) -> None:
    """Its transaction is older than the sweep's, whose step it finds: moments of beginning say nothing of order."""
    sweep_daily(date(2013, 6, 21))
    with transaction("国土局科长") as session, ThreadPoolExecutor(1) as hands:
        assert hands.submit(sweep, OFFICE_HEARD).result(timeout=10)
        found = lock_project(session, 1)
        owed = session.get_one(ActionItem, item, populate_existing=True)
        resolve_blocker(session, owed, "指标已下达", "国土局科长", OFFICE_HEARD)
        assert found.is_open
    assert verifications(item) == [None]
    report(as_of=date(2013, 6, 25), progress="开挖基础")
    assert verifications(item) == [None]


# A project opened again


@pytest.mark.parametrize(
    ("last", "round_no", "entry"),
    [
        (OPENED, 1, Step.REMINDER_AFTER),
        (date(2013, 6, 9), 1, Step.REMINDER_AFTER),
        (date(2013, 6, 18), 1, Step.LEADER),
        (LEADER_HEARD, 2, Step.OFFICE),
        (date(2013, 7, 1), 2, Step.OFFICE),
    ],
)
def test_what_a_project_owed_begins_one_rung_up_when_it_is_opened_again(
    item: int, last: date, round_no: int, entry: Step
) -> None:
    sweep_daily(last)
    end(last)
    with locked() as (session, found):
        corrections.reopen(session, found, last)
    again = state(item)
    assert (again.closed_on, again.round, again.entry_step or Step.REMINDER_AFTER) == (None, round_no, entry)
    assert again.next_step is not None


def end(as_of: date) -> None:
    with locked() as (session, found):
        end_project(session, found, Stage.LANDED, as_of, as_of)


def test_a_project_opened_again_after_weeks_raises_nothing_higher_than_the_office(item: int) -> None:
    """What was closed owed nothing in that time: those weeks are no silence."""
    sweep_daily(LEADER_HEARD)
    end(ANSWERED)
    with locked() as (session, found):
        corrections.reopen(session, found, date(2013, 8, 30))
    sweep(date(2013, 9, 2))
    assert climbed(item)[-1] == (2, Step.OFFICE, date(2013, 9, 2))


def test_the_last_time_it_was_raised_is_told_from_reminders(item: int) -> None:
    sweep_daily(date(2013, 6, 18))
    with transaction() as session:
        assert last_raised(session, item) is None
    sweep_daily(OFFICE_HEARD, LEADER_HEARD)
    with transaction() as session:
        found = last_raised(session, item)
        assert found is not None
        assert found.step is Step.OFFICE


def coordination(item_id: int, as_of: date) -> None:
    with answering(item_id) as (session, item):
        ask_coordination(session, item, "需市政府协调指标", "国土局科长", as_of)


def test_a_unit_that_needs_coordination_is_heard_by_the_leader_at_once(item: int) -> None:
    asked = date(2013, 6, 13)  # two working days before it is due
    coordination(item, asked)
    coordination(item, asked)
    assert climbed(item) == [(1, Step.LEADER, asked)]
    assert told(Occasion.RAISED) == {"清丰县分包领导": ""}
    assert told(Occasion.COPY) == {"清丰县招商局专员": ""}
    sweep_daily(OFFICE_HEARD, asked)
    assert climbed(item)[1] == (1, Step.OFFICE, date(2013, 6, 20))  # three working days after it was due


def test_a_unit_that_asks_for_its_leader_on_hold_is_heard_when_the_clock_goes_on(item: int) -> None:
    hold(Clock.HOLD, date(2013, 6, 5))
    coordination(item, date(2013, 6, 6))
    assert raised(item) == []
    hold(Clock.RESUME, date(2013, 6, 7))
    assert climbed(item) == [(1, Step.LEADER, date(2013, 6, 7))]
    hold(Clock.HOLD, date(2013, 6, 8))
    hold(Clock.RESUME, date(2013, 6, 9))
    assert climbed(item) == [(1, Step.LEADER, date(2013, 6, 7))], "asked before this hold, and heard"


def test_a_date_set_on_hold_does_not_let_the_question_to_the_leader_be_forgotten(item: int) -> None:
    hold(Clock.HOLD, date(2013, 6, 5))
    coordination(item, date(2013, 6, 6))
    with answering(item) as (session, owed):
        extend(session, owed, NEW, "等待省厅批复", "分管副市长", date(2013, 6, 7))
    hold(Clock.RESUME, date(2013, 6, 13))
    assert climbed(item) == [(1, Step.LEADER, date(2013, 6, 13))]


def test_who_asked_before_and_asks_again_on_hold_is_heard_when_the_clock_goes_on(item: int) -> None:
    coordination(item, date(2013, 6, 4))
    with answering(item) as (session, owed):
        grant_extension(session, owed, said(as_of=date(2013, 6, 5)), NEW)
    hold(Clock.HOLD, date(2013, 6, 6))
    coordination(item, date(2013, 6, 7))
    hold(Clock.RESUME, date(2013, 6, 13))
    assert climbed(item) == [(1, Step.LEADER, date(2013, 6, 4)), (2, Step.LEADER, date(2013, 6, 13))]


def test_a_leader_who_heard_on_the_day_the_hold_began_is_not_told_twice(item: int) -> None:
    coordination(item, date(2013, 6, 5))
    hold(Clock.HOLD, date(2013, 6, 5))
    hold(Clock.RESUME, date(2013, 6, 7))
    assert climbed(item) == [(1, Step.LEADER, date(2013, 6, 5))]


def test_while_a_promise_stands_the_leader_is_not_asked_again(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    promised(item)
    coordination(item, date(2013, 6, 21))
    assert len(climbed(item)) == 3
    assert state(item).promised_on == NEW


def test_what_the_office_has_is_extended_by_nobody_else(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    with answering(item) as (session, owed):
        instruct(session, owed, said(), NEW)
        with pytest.raises(Refused, match=str(OFFICE_HEARD)):
            extend(session, owed, date(2013, 8, 1), "等待省厅批复", "分管副市长", date(2013, 6, 25))
    assert state(item).due_on == NEW


def test_what_the_office_has_or_what_is_on_hold_goes_back_to_no_leader(item: int) -> None:
    hold(Clock.HOLD, OPENED)
    coordination(item, date(2013, 6, 5))
    assert climbed(item) == []
    hold(Clock.RESUME, OPENED)
    sweep_daily(OFFICE_HEARD)
    with answering(item) as (session, found):
        instruct(session, found, said(as_of=OFFICE_HEARD), NEW)
    coordination(item, date(2013, 6, 25))
    assert [step for _round, step, _day in climbed(item)][-1] is Step.OFFICE


def test_a_verification_that_is_owed_again_with_its_project_gets_a_new_run(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 26))
    with locked() as (session, _found):
        session.add(Run(flow=ESCALATION, subject_id=item, run_no=1, flow_run_id=uuid.uuid4()))
    end(date(2013, 6, 27))
    with locked() as (session, found):
        corrections.reopen(session, found, date(2013, 6, 28))
    assert verification_of(item) is not None
    with transaction() as session:
        served = session.get_one(Run, (ESCALATION, item))
        assert (served.run_no, served.flow_run_id) == (2, None)


def test_a_milestone_of_the_office_reached_while_its_project_was_closed_is_verified_at_once(city: int) -> None:
    planned = plan(city)
    sweep_daily(OFFICE_HEARD)
    end(date(2013, 6, 25))
    with locked() as (session, found):
        milestone = session.get_one(Milestone, planned.milestone_id)
        milestone.done_on, milestone.evidence = date(2013, 6, 24), "营业执照 4109"
    with locked() as (session, found):
        corrections.reopen(session, found, date(2013, 6, 26))
    assert verifications(planned.id) == [None]


def test_a_milestone_reached_while_its_project_was_closed_is_not_owed_again(city: int) -> None:
    planned = plan(city)
    end(date(2013, 6, 13))
    with locked() as (session, found):
        milestone = session.get_one(Milestone, planned.milestone_id)
        milestone.done_on, milestone.evidence = date(2013, 6, 12), "营业执照 4109"
    with locked() as (session, found):
        corrections.reopen(session, found, date(2013, 6, 14))
    assert (state(planned.id).result, state(planned.id).next_step) == (ItemResult.DONE, None)
    with locked() as (session, found):
        corrections.withdraw_milestone(session, found, MilestoneKind.REGISTERED, date(2013, 6, 14))
    with transaction() as session:
        owed = [item for item in open_items(session, city) if item.kind is ItemKind.MILESTONE]
    assert [(item.id != planned.id, item.due_on) for item in owed] == [(True, DUE)]


# Others in charge


def put_in_charge(officer: str, leader: str) -> None:
    with locked() as (session, found):
        reassign(session, found, Assignment(named(session, officer), named(session, leader), None), ANSWERED)


def test_whoever_takes_over_a_project_is_told_of_what_was_raised_on_it(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    put_in_charge("国土局科长", "清丰县副县长")
    moved = state(item)
    with transaction() as session:
        assert (moved.owner_id, moved.leader_id) == (named(session, "国土局科长").id, DEPUTY)
    assert told(Occasion.HANDED_OVER) == {"国土局科长": "", "清丰县副县长": ""}
    assert (moved.round, moved.next_fires_on) == (1, OFFICE_HEARD)


def test_what_was_handed_to_others_stays_with_them_when_the_project_changes_hands(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    with answering(item) as (session, owed):
        chief, head = named(session, "国土局局长"), named(session, "国土局科长")
        hand_over(session, owed, said("请国土局牵头"), Charge(head, chief, owed.unit))
    put_in_charge("督查室科长", "清丰县副县长")
    assert (state(item).owner_id, state(item).leader_id) == (head.id, chief.id)
    assert set(told(Occasion.HANDED_OVER).values()) == {"请国土局牵头", ""}  # of the visit the new ones are told


def test_a_verification_stays_with_the_inspector_when_the_project_changes_hands(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 26))
    before = verification_of(item)
    with locked() as (_session, found):
        found.officer_id = before and before.owner_id  # even where the inspector was the project's officer
    put_in_charge("国土局科长", "清丰县副县长")
    after = verification_of(item)
    assert before
    assert after
    assert (after.owner_id, after.leader_id) == (before.owner_id, before.leader_id)


def test_decided_again_they_are_told_the_newer_text_also_when_they_have_the_older(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    with answering(item) as (session, owed):
        instruct(session, owed, said("一周内落实"), NEW)
    assert gather(ANSWERED) == []
    with answering(item) as (session, owed):
        instruct(session, owed, said("三日内落实", date(2013, 6, 25)), date(2013, 6, 28))
    with transaction() as session:
        again = session.scalars(select(Notice).where(Notice.occasion == Occasion.INSTRUCTED)).all()
    assert {(notice.text, notice.delivery_id) for notice in again} == {("三日内落实", None)}
