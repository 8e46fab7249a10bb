"""A sweep fires each step once: late, twice, by two workers at once, and never for what is
closed.
"""

import random
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import delete, event, select, update
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Visit
from models.escalation.calendar import official_calendar
from models.escalation.escalation import Escalation
from models.escalation.ladder import firings
from models.escalation.notice import Notice
from models.escalation.policy import Policy
from models.ledger.facts import Facts, FoundBlocker
from models.ledger.history import Counter, SweepLog
from models.ledger.organisation import Person
from models.ledger.project import Milestone, Project
from models.office_files.rows import LedgerFile, LedgerRow, MilestoneCells
from models.words import (
    BlockerCategory,
    Clock,
    ItemKind,
    ItemResult,
    MilestoneKind,
    Occasion,
    Role,
    Sector,
    Stage,
    Step,
    VisitOutcome,
)
from support.answers import name_inspector
from support.waiting import wait_until_locked
from tasks.database import engine, transaction
from tasks.escalation import sweep as sweeping
from tasks.escalation.sweep import sweep
from tasks.escalation.unheard import unheard_items
from tasks.imports.entering import import_file as ledger_import
from tasks.items.assignments import turn_clock
from tasks.items.blockers import ask_coordination, open_blocker, resolve_blocker
from tasks.items.facts import end_project
from tasks.items.moving import move_item
from tasks.items.next_steps import set_next_steps
from tasks.items.open_items import open_items, open_visit
from tasks.items.opening import plan_visit
from tasks.items.visits import record_visit
from tasks.ledger.locks import lock_project

SIGNED = date(2013, 3, 1)
DUE = date(2013, 6, 17)  # a Monday
OFFICER, LEADER, DEPUTY = 1, 2, 3
CALENDAR = official_calendar(2012, 2015)
OPENED = date(2013, 6, 3)
LADDER = {
    Step.REMINDER_BEFORE: date(2013, 6, 9),  # a Sunday that was worked
    Step.REMINDER_AFTER: date(2013, 6, 18),
    Step.LEADER: date(2013, 6, 19),
    Step.OFFICE: date(2013, 6, 24),
    Step.OFFICE_REPEAT_1: date(2013, 7, 1),
    Step.OFFICE_REPEAT_2: date(2013, 7, 8),
    Step.OFFICE_REPEAT_3: date(2013, 7, 15),
}
"""When an item due on Monday, 17 June 2013 climbs."""
ROUNDS = 50


@pytest.fixture
def inspector(city: int) -> int:
    return person("督查室科长")


def person(name: str) -> int:
    with transaction() as session:
        return session.scalars(select(Person.id).where(Person.name == name)).one()


def sign(count: int) -> list[int]:
    """More projects like the first, none of them with anything owed."""
    with transaction("测试") as session:
        first = session.scalars(select(Project).order_by(Project.id).limit(1)).one()
        more = [
            Project(
                code=f"PY-2013-{number:03}",
                name=f"项目{number}",
                sector=Sector.FOOD,
                unit=first.unit,
                amount=Decimal(1000000),
                signed_on=SIGNED,
                officer=first.officer,
                leader=first.leader,
            )
            for number in range(100, 100 + count)
        ]
        session.add_all(more)
        session.flush()
        return [each.id for each in more]


def block(project: int, *dues: date) -> list[int]:
    """Blockers of a project, one due on each day."""
    with transaction("测试") as session:
        found = lock_project(session, project)
        land = [FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "", due) for due in dues]
        items = [open_blocker(session, found, each, min(each.due_on or DUE, OPENED)) for each in land]
        session.flush()
        return [item.id for item in items]


def plan_visits(projects: list[int]) -> None:
    with transaction("测试") as session:
        for project in projects:
            plan_visit(session, lock_project(session, project), DUE, OPENED)


def visit_of(project: int) -> int:
    with transaction() as session:
        owed = open_visit(session, project)
        assert owed is not None
        return owed.id


def change(project: int, what: Callable[[Project], None]) -> None:
    with transaction("测试") as session:
        what(lock_project(session, project))


def worked(first: date, last: date) -> list[date]:
    return [day for day in CALENDAR.days if first <= day <= last]


def sweep_daily(first: date = OPENED, last: date = date(2013, 7, 31)) -> None:
    for day in worked(first, last):
        sweep(day)


def raised(item: int | None = None) -> list[Escalation]:
    with transaction() as session:
        every = select(Escalation).order_by(Escalation.id)
        return list(session.scalars(every if item is None else every.where(Escalation.item_id == item)))


def told(escalation: Escalation) -> dict[int, Occasion]:
    with transaction() as session:
        notices = session.scalars(select(Notice).where(Notice.escalation_id == escalation.id)).all()
        assert len({notice.recipient_id for notice in notices}) == len(notices)
        return {notice.recipient_id: notice.occasion for notice in notices}


def logged() -> list[tuple[date, int]]:
    with transaction() as session:
        return [(each.as_of, each.fired) for each in session.scalars(select(SweepLog).order_by(SweepLog.id))]


def at_once(*works: Callable[[], object]) -> list[object]:
    """What each returns when all begin in the same moment, each in its own thread."""
    together = threading.Barrier(len(works))

    def begin(work: Callable[[], object]) -> object:
        together.wait(timeout=10)
        return work()

    with ThreadPoolExecutor(len(works)) as hands:
        return [each.result(timeout=30) for each in [hands.submit(begin, work) for work in works]]


def test_an_item_climbs_every_step_on_its_day_to_its_own_people(city: int, inspector: int) -> None:
    sweep_daily()
    climbed = raised()
    assert {each.step: each.raised_on for each in climbed} == LADDER
    assert len(climbed) == len(LADDER)
    reminder, repeat = {OFFICER: Occasion.RAISED}, {inspector: Occasion.RAISED}
    assert [told(each) for each in climbed] == [
        reminder,
        reminder,
        {LEADER: Occasion.RAISED, OFFICER: Occasion.COPY},
        {inspector: Occasion.RAISED, LEADER: Occasion.COPY},
        repeat,
        repeat,
        repeat,
    ]
    assert [each.recipient_id for each in climbed] == [OFFICER, OFFICER, LEADER, *[inspector] * 4]
    assert [each.document_no for each in climbed] == [None, None, None, 1, None, None, None]
    assert {(each.round, each.due_on, each.policy_id, each.on_behalf_of_id) for each in climbed} == {(1, DUE, 1, None)}


def test_an_item_whose_due_date_nobody_meets_has_at_last_no_next_step(city: int) -> None:
    sweep_daily()
    with transaction() as session:
        owed = session.get_one(ActionItem, visit_of(city))
        assert (owed.fired_step, owed.fired_on) == (Step.OFFICE_REPEAT_3, LADDER[Step.OFFICE_REPEAT_3])
        assert (owed.next_step, owed.next_fires_on) == (None, None)


def test_nothing_fires_before_its_day_and_a_day_with_nothing_due_is_logged(city: int) -> None:
    for step, day in LADDER.items():
        assert sweep(CALENDAR.add(day, -1)) == []
        assert len(sweep(day)) == 1
        assert raised()[-1].step is step
    assert logged()[:4] == [
        (date(2013, 6, 8), 0),
        (date(2013, 6, 9), 1),
        (date(2013, 6, 17), 0),
        (date(2013, 6, 18), 1),
    ]


@pytest.mark.parametrize("step", Step)
def test_the_same_day_swept_twice_fires_once(city: int, step: Step) -> None:
    assert len(sweep(LADDER[step])) == 1
    before = [(each.id, told(each)) for each in raised()]
    assert sweep(LADDER[step]) == []
    assert [(each.id, told(each)) for each in raised()] == before
    assert logged() == [(LADDER[step], 1), (LADDER[step], 0)]


def test_sweeps_three_days_late_fire_the_step_that_stands_and_cut_nobodys_time(city: int) -> None:
    late = {
        date(2013, 6, 17): Step.REMINDER_BEFORE,  # three working days after the 9th
        date(2013, 6, 21): Step.LEADER,  # three after the 18th, and the 19th has passed
        date(2013, 7, 1): Step.OFFICE,  # the leader's time ended on the 26th
        date(2013, 7, 11): Step.OFFICE_REPEAT_1,
        date(2013, 7, 23): Step.OFFICE_REPEAT_2,
        date(2013, 8, 2): Step.OFFICE_REPEAT_3,
    }
    for day in late:
        sweep(day)
        sweep(day)
    assert {each.raised_on: each.step for each in raised()} == late
    assert len(raised()) == len(late)


def test_the_office_hears_three_working_days_after_the_leader_really_heard(city: int) -> None:
    sweep(date(2013, 6, 21))
    assert raised()[-1].step is Step.LEADER
    for day in (date(2013, 6, 24), date(2013, 6, 25)):
        assert sweep(day) == []
    sweep(date(2013, 6, 26))
    assert raised()[-1].step is Step.OFFICE


def test_a_number_is_not_lost_with_a_sweep_that_dies(city: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(**_row: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sweeping, "SweepLog", dies)
        with pytest.raises(KeyboardInterrupt):
            sweep(LADDER[Step.OFFICE])
    assert (raised(), logged()) == ([], [])
    sweep(LADDER[Step.OFFICE])
    assert [each.document_no for each in raised()] == [1]


def test_supervision_notices_are_numbered_without_gaps_within_each_year(city: int) -> None:
    dues = [date(2013, 6, 17), date(2013, 6, 17), date(2013, 6, 20), date(2013, 12, 26), date(2013, 12, 31)]
    block(city, *dues)
    for project in sign(2):
        block(project, date(2013, 6, 18), date(2013, 12, 20))
    sweep_daily(OPENED, date(2014, 2, 28))
    by_year: dict[int, list[int]] = {}
    for each in raised():
        if each.document_no:
            assert each.step is Step.OFFICE
            by_year.setdefault(each.raised_on.year, []).append(each.document_no)
    assert by_year == {2013: [1, 2, 3, 4, 5, 6, 7, 8], 2014: [1, 2]}
    with transaction() as session:
        assert dict(session.execute(select(Counter.name, Counter.value)).all()) == {
            "supervision notice 2013": 8,
            "supervision notice 2014": 2,
        }


@pytest.mark.parametrize(("last", "delegated"), [(LADDER[Step.LEADER], True), (date(2013, 6, 18), False)])
def test_a_delegate_hears_for_the_leader_on_the_days_of_the_absence(city: int, last: date, *, delegated: bool) -> None:
    def leave(project: Project) -> None:
        assert project.leader is not None
        project.leader.delegate_id = DEPUTY
        project.leader.delegate_from, project.leader.delegate_until = date(2013, 6, 14), last

    change(city, leave)
    sweep(LADDER[Step.LEADER])
    (escalation,) = raised()
    assert (escalation.recipient_id, escalation.on_behalf_of_id) == ((DEPUTY, LEADER) if delegated else (LEADER, None))
    assert told(escalation) == {escalation.recipient_id: Occasion.RAISED, OFFICER: Occasion.COPY}


def test_who_owes_and_leads_alone_gets_one_notice(city: int) -> None:
    with transaction("测试") as session:
        owed = session.get_one(ActionItem, visit_of(city))
        owed.owner_id = owed.leader_id
    sweep(LADDER[Step.LEADER])
    assert told(raised()[0]) == {LEADER: Occasion.RAISED}


def without_leader(project: int) -> int:
    """A blocker whose project has no leader, with a bureau that has none either."""
    change(project, lambda found: setattr(found, "leader", None))
    return block(project, DUE)[0]


def test_without_a_leader_the_units_hears_and_where_there_is_none_the_commerce_bureaus(city: int) -> None:
    item = without_leader(city)
    with transaction("测试") as session:
        session.get_one(ActionItem, visit_of(city)).leader_id = None
    sweep(LADDER[Step.LEADER])
    heard = {each.item_id: each.recipient_id for each in raised()}
    assert heard == {visit_of(city): LEADER, item: person("市商务局局长")}


def name_leader(item: int) -> None:
    with transaction("测试") as session:
        session.get_one(ActionItem, item).leader_id = LEADER


def names_of_unheard() -> list[int]:
    with transaction() as session:
        return [item.id for item in unheard_items(session)]


def test_an_empty_rung_is_not_waited_out(project: int) -> None:
    item, inspector = without_leader(project), name_inspector()
    assert sweep(LADDER[Step.REMINDER_AFTER])
    sweep(LADDER[Step.LEADER])
    _reminder, office = raised(item)
    assert (office.step, office.raised_on, office.document_no) == (Step.OFFICE, LADDER[Step.LEADER], 1)
    assert told(office) == {inspector: Occasion.RAISED, OFFICER: Occasion.COPY}
    assert names_of_unheard() == []
    sweep_daily(date(2013, 6, 20))
    assert [each.raised_on for each in raised(item)][2:] == [date(2013, 6, 26), date(2013, 7, 3), date(2013, 7, 10)]


def test_a_leader_named_once_the_office_has_it_gets_a_copy(project: int) -> None:
    item, inspector = without_leader(project), name_inspector()
    for _twice in range(2):
        sweep(LADDER[Step.LEADER])
    (office,) = raised(item)
    assert told(office) == {inspector: Occasion.RAISED, OFFICER: Occasion.COPY}
    name_leader(item)  # as a file does, which tells nobody
    for _twice in range(2):
        sweep(date(2013, 6, 20))
    assert told(office) == {inspector: Occasion.RAISED, OFFICER: Occasion.COPY, LEADER: Occasion.COPY}
    assert len(raised(item)) == 1


def test_what_nobody_can_hear_stays_due_and_a_leader_found_late_has_his_full_days(project: int) -> None:
    item = without_leader(project)
    for day in worked(OPENED, date(2013, 7, 1)):
        sweep(day)
        sweep(day)
    assert [each.step for each in raised(item)] == [Step.REMINDER_BEFORE, Step.REMINDER_AFTER]
    assert [each.step for each in raised(visit_of(project))][-1] is Step.LEADER  # its leader is known, no inspector
    assert names_of_unheard() == [visit_of(project), item]
    with transaction() as session:
        assert session.get_one(ActionItem, item).unheard_since == LADDER[Step.LEADER]
        assert session.get_one(ActionItem, visit_of(project)).unheard_since == LADDER[Step.OFFICE]
    name_leader(item)
    inspector = name_inspector()  # between the same two sweeps
    found_on = date(2013, 7, 2)
    assert len(sweep(found_on)) == 2
    assert sweep(found_on) == []
    leader, office = raised(item)[-1], raised(visit_of(project))[-1]
    assert (leader.step, told(leader)) == (Step.LEADER, {LEADER: Occasion.RAISED, OFFICER: Occasion.COPY})
    assert (office.step, told(office)) == (Step.OFFICE, {inspector: Occasion.RAISED, LEADER: Occasion.COPY})
    assert names_of_unheard() == []
    sweep_daily(date(2013, 7, 3), date(2013, 7, 5))
    assert [(each.step, each.raised_on) for each in raised(item)][3:] == [(Step.OFFICE, date(2013, 7, 5))]


def test_a_date_that_moves_ends_the_wait_for_somebody(project: int) -> None:
    item = without_leader(project)
    sweep(LADDER[Step.LEADER])
    with transaction("测试") as session:
        lock_project(session, project)
        move_item(session, session.get_one(ActionItem, item), date(2013, 7, 1), date(2013, 6, 20))
    assert names_of_unheard() == []
    sweep(date(2013, 7, 2))
    assert [each.step for each in raised(item)] == [Step.REMINDER_AFTER]


def test_a_leader_who_leaves_after_he_heard_changes_no_day(project: int) -> None:
    name_inspector()
    sweep(LADDER[Step.LEADER])
    with transaction("测试") as session:
        session.get_one(ActionItem, visit_of(project)).leader_id = None
        session.execute(update(Person).where(Person.role == Role.LEADER).values(role=Role.OPERATOR))
    sweep_daily(date(2013, 6, 20), LADDER[Step.OFFICE])
    assert [(each.step, each.raised_on) for each in raised(visit_of(project))] == [
        (Step.LEADER, LADDER[Step.LEADER]),
        (Step.OFFICE, LADDER[Step.OFFICE]),
    ]


def test_a_unit_that_asks_for_a_leader_nobody_knows_is_heard_once_one_is_named(project: int) -> None:
    item, asked_on, found_on = without_leader(project), date(2013, 6, 5), date(2013, 6, 13)
    with transaction("测试") as session:
        lock_project(session, project)
        ask_coordination(session, session.get_one(ActionItem, item), "请市里协调用地指标", "专员", asked_on)
    sweep(date(2013, 6, 6))
    assert (raised(item), names_of_unheard()) == ([], [item])
    name_leader(item)
    assert [] in at_once(lambda: sweep(found_on), lambda: sweep(found_on))
    (leader,) = raised(item)
    assert (leader.step, leader.raised_on, leader.recipient_id) == (Step.LEADER, found_on, LEADER)
    assert names_of_unheard() == []
    name_inspector()
    sweep_daily(found_on, date(2013, 6, 20))
    assert [each.raised_on for each in raised(item)] == [found_on, date(2013, 6, 20)]  # three days after the date


def test_an_overdue_verification_goes_on_where_the_inspection_office_has_no_leader(project: int) -> None:
    inspector = name_inspector()
    with transaction("测试") as session:
        done = session.get_one(ActionItem, visit_of(project))
        done.close(date(2013, 6, 14), ItemResult.DONE)
        office_id = session.get_one(Person, inspector).unit_id
        columns = {"unit_id": office_id, "owner_id": inspector, "opened_on": OPENED, "due_on": DUE}
        owed = ActionItem(kind=ItemKind.VERIFY, project_id=project, verifies_id=done.id, **columns)
        session.add(owed)
        session.flush()
        set_next_steps(session, items=[owed.id])
    sweep_daily(date(2013, 6, 18), date(2013, 6, 21))
    assert [(each.step, each.raised_on, each.recipient_id) for each in raised(owed.id)] == [
        (Step.REMINDER_AFTER, LADDER[Step.REMINDER_AFTER], inspector),
        (Step.OFFICE, LADDER[Step.LEADER], inspector),
    ]


def test_several_inspectors_all_hear(city: int, inspector: int) -> None:
    second = name_inspector("督查室副科长")
    sweep(LADDER[Step.OFFICE])
    (office,) = raised()
    assert told(office) == {inspector: Occasion.RAISED, second: Occasion.RAISED, LEADER: Occasion.COPY}


def test_a_project_on_hold_is_left_alone_until_it_goes_on(city: int) -> None:
    with transaction("测试") as session:
        turn_clock(session, lock_project(session, city), Clock.HOLD, "环评公示", "副市长", date(2013, 6, 14))
    sweep_daily()
    assert raised() == []
    with transaction("测试") as session:
        turn_clock(session, lock_project(session, city), Clock.RESUME, "公示结束", "副市长", date(2013, 8, 1))
    sweep(date(2013, 8, 1))
    assert [each.step for each in raised()] == [Step.REMINDER_BEFORE]  # due on the next day now


@pytest.mark.parametrize("state", [{"closed_on": DUE, "result": ItemResult.DONE}, {"is_paused": True}], ids=str)
@pytest.mark.parametrize("fired", [None, *Step])
def test_a_closed_or_paused_item_fires_nothing(city: int, state: dict[str, object], fired: Step | None) -> None:
    with transaction("测试") as session:
        owed = ActionItem(kind=ItemKind.REPORT, unit_id=1, owner_id=OFFICER, opened_on=OPENED, due_on=DUE, **state)
        owed.fired_step, owed.fired_on = fired, DUE if fired else None
        session.add(owed)
        session.flush()
        set_next_steps(session, items=[owed.id])
    assert (owed.next_step, owed.next_fires_on) == (None, None)


def test_an_item_of_no_project_climbs_too(city: int) -> None:
    with transaction("测试") as session:
        owed = ActionItem(kind=ItemKind.REPORT, unit_id=1, owner_id=OFFICER, opened_on=OPENED, due_on=DUE)
        session.add(owed)
        session.flush()
        set_next_steps(session, items=[owed.id])
    sweep(LADDER[Step.LEADER])
    assert [each.recipient_id for each in raised(owed.id)] == [LEADER]


def in_time(due: date, policy: Policy) -> dict[Step, date]:
    owed = ActionItem(kind=ItemKind.BLOCKER, due_on=due, round=1, is_paused=False)
    return {firing.step: firing.day for firing in firings(owed, policy, CALENDAR)}


def test_two_workers_at_once_fire_each_step_once_for_fifty_days(city: int, inspector: int) -> None:
    days = worked(date(2013, 6, 9), date(2013, 12, 31))[:ROUNDS]
    items = {}
    for number, project in enumerate(sign(12)):
        dues = [CALENDAR.add(DUE, 2 * number + later) for later in (0, 1, 7)]
        items |= dict(zip(block(project, *dues), dues, strict=True))
    items[visit_of(city)] = DUE

    fired: list[int] = []
    for day in days:
        for found in at_once(lambda: sweep(day), lambda: sweep(day)):  # noqa: B023 - done before the next day comes
            fired += found

    with transaction() as session:
        policy = session.scalars(select(Policy)).one()
    expected = {
        (item, step, day)
        for item, due in items.items()
        for step, day in in_time(due, policy).items()
        if day <= days[-1]
    }
    every = raised()
    assert len(expected) > 150
    assert sorted((each.item_id, each.step, each.raised_on) for each in every) == sorted(expected)
    assert sorted(fired) == [each.id for each in every]
    assert {each.round for each in every} == {1}
    expected_notices = {
        Step.LEADER: {LEADER: Occasion.RAISED, OFFICER: Occasion.COPY},
        Step.OFFICE: {inspector: Occasion.RAISED, LEADER: Occasion.COPY},
    }
    with transaction() as session:
        heard = session.execute(select(Notice.escalation_id, Notice.recipient_id, Notice.occasion)).all()
    expected_heard = [
        (each.id, *notice)
        for each in every
        for notice in expected_notices.get(each.step, {each.recipient_id: Occasion.RAISED}).items()
    ]
    assert sorted(heard) == sorted(expected_heard)
    numbers = [each.document_no for each in every if each.document_no]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    log = logged()
    assert Tally(day for day, _fired in log) == dict.fromkeys(days, 2)
    assert sum(fired for _day, fired in log) == len(every)
    assert all(0 in {fired for day, fired in log if day == each} for each in days), "both fired something of a day"


def close_blocker(item: int, closed: dict[int, list[int]]) -> None:
    """Close an item as a report does; what had been raised of it when it closed, read under its
    lock.
    """
    with transaction("专员") as session:
        project = session.scalars(select(ActionItem.project_id).where(ActionItem.id == item)).one()
        lock_project(session, project or 0)
        resolve_blocker(session, session.get_one(ActionItem, item), "已解决", "专员", LADDER[Step.LEADER])
        closed[item] = heard_of(session, item)


def close_project(project: int, closed: dict[int, list[int]]) -> None:
    with transaction("专员") as session:
        found = lock_project(session, project)
        items = [item.id for item in open_items(session, project)]
        end_project(session, found, Stage.LANDED, LADDER[Step.LEADER], LADDER[Step.LEADER])
        session.flush()
        closed.update({item: heard_of(session, item) for item in items})


def close_visit(project: int, closed: dict[int, list[int]]) -> None:
    """Make the visit that is owed: it closes, and the next is planned."""
    with transaction("专员") as session:
        found = lock_project(session, project)
        item = open_visit(session, found.id)
        assert item is not None
        facts = Facts(LADDER[Step.LEADER], "专员", VisitOutcome.CONTINUE)
        made = Visit(item_id=item.id, visited_on=OPENED, outcome=facts.outcome, progress="进展", filled_in_by="专员")
        record_visit(session, item, made, facts, date(2013, 12, 2), LADDER[Step.LEADER])
        closed[item.id] = heard_of(session, item.id)


def heard_of(session: Session, item: int) -> list[int]:
    return list(session.scalars(select(Escalation.id).where(Escalation.item_id == item).order_by(Escalation.id)))


def test_whatever_closes_while_sweeps_run_is_not_raised_afterwards(city: int) -> None:
    """Sweeps hold the project's lock when they fire, so what is read under it at closing is all
    that ever may be.
    """
    chance = random.Random(20130617)  # noqa: S311 - who comes first, not a secret
    closed: dict[int, list[int]] = {}
    projects = iter(sign(144))
    rounds = [
        step for step in (Step.REMINDER_BEFORE, Step.REMINDER_AFTER, Step.LEADER, Step.OFFICE) for _time in "1234"
    ]
    for step in rounds:
        resolved, ended, visited = ([next(projects) for _one in range(3)] for _kind in range(3))
        blockers = [item for project in resolved for item in block(project, DUE, DUE)]
        for project in ended:
            block(project, DUE, DUE)
        plan_visits(visited)
        chance.shuffle(blockers)
        hurry = [chance.uniform(0, 0.04) for _worker in range(2)]

        def resolve(ours: list[int] = blockers) -> None:
            for item in ours:
                close_blocker(item, closed)

        def end(ours: list[int] = ended) -> None:
            for project in ours:
                close_project(project, closed)

        def visit(ours: list[int] = visited) -> None:
            for project in ours:
                close_visit(project, closed)

        def first(day: date = LADDER[step], wait: float = hurry[0]) -> list[int]:
            time.sleep(wait)
            return sweep(day)

        def second(day: date = LADDER[step], wait: float = hurry[1]) -> list[int]:
            time.sleep(wait)
            return sweep(day)

        at_once(first, resolve, second, end, visit)
    for day in LADDER.values():
        if day >= LADDER[rounds[-1]]:
            sweep(day)
    afterwards = {item: [each.id for each in raised(item)] for item in closed}
    assert len(closed) == 15 * len(rounds)
    assert afterwards == closed
    assert [each.step for each in raised(visit_of(city))] == list(Step), "what stayed open went on climbing"


def test_a_sweep_waits_for_who_closes_an_item_and_leaves_it_out(city: int) -> None:
    item, stays = block(city, DUE, DUE)
    with ThreadPoolExecutor(1) as hands:
        with transaction("专员") as session:
            lock_project(session, city)
            resolve_blocker(session, session.get_one(ActionItem, item), "已解决", "专员", DUE)
            swept = hands.submit(sweep, LADDER[Step.LEADER])
            wait_until_locked()
            assert not swept.done()
        assert len(swept.result(timeout=10)) == 2
    assert raised(item) == []
    assert [each.step for each in raised(stays)] == [Step.LEADER]


def test_a_sweep_waits_for_a_file_that_closes_an_item_and_leaves_it_out(city: int) -> None:
    with transaction("测试") as session:
        planned = Milestone(project_id=city, kind=MilestoneKind.REGISTERED, planned_on=DUE)
        session.add(planned)
        session.flush()
        owed = ActionItem(
            kind=ItemKind.MILESTONE, milestone_id=planned.id, project_id=city, unit_id=1, owner_id=OFFICER
        )
        owed.opened_on, owed.due_on = OPENED, DUE
        session.add(owed)
        session.flush()
        set_next_steps(session, items=[owed.id])
    reached = MilestoneCells(MilestoneKind.REGISTERED, None, date(2013, 6, 18), "营业执照")
    row = LedgerRow(number=4, code="PY-2013-001", name="龙都家具产业园", units="清丰县", milestones=(reached,))
    file = LedgerFile("六月台账.xlsx", headers={}, rows=(row,), row_count=1)
    with ThreadPoolExecutor(1) as hands:
        with transaction("ledger-import") as session:
            result = ledger_import._import(session, file, LADDER[Step.LEADER])
            assert (result.changed, result.faults) == (1, ())
            swept = hands.submit(sweep, LADDER[Step.LEADER])
            wait_until_locked()
        assert len(swept.result(timeout=10)) == 1
    assert raised(owed.id) == []


def test_steps_that_former_versions_fired_to_nobody_are_addressed_in_a_few_statements_and_count_anew(
    city: int, inspector: int
) -> None:
    items = [item for other in sign(20) for item in block(other, DUE, DUE)]
    with transaction("测试") as session:
        everybody = session.execute(select(Person.id, Person.role)).all()
        session.execute(update(ActionItem).values(owner_id=None, leader_id=None))
    sweep(LADDER[Step.LEADER])
    with transaction("测试") as session:
        session.execute(delete(Notice))
        session.execute(update(Escalation).values(recipient_id=None))
        session.execute(update(Person).values(role=Role.OPERATOR))
    assert len(names_of_unheard()) == len(items) + 1  # the visit's, too
    found_on = date(2013, 6, 21)
    quiet = statements_of(lambda: sweep(found_on))
    with transaction("测试") as session:
        for person_id, role in everybody:
            session.get_one(Person, person_id).role = role
    assert statements_of(lambda: sweep(found_on)) <= quiet + 15
    sweep(found_on)
    assert names_of_unheard() == []
    heard = {each.item_id: told(each) for each in raised()}
    director = {person("市商务局局长"): Occasion.RAISED}  # the land bureau, which must solve them, has no leader
    assert heard == dict.fromkeys(items, director) | {visit_of(city): {LEADER: Occasion.RAISED}}
    sweep_daily(found_on, date(2013, 6, 25))
    assert {each.raised_on for each in raised()} == {found_on}
    sweep(date(2013, 6, 26))
    assert {each.raised_on for each in raised() if each.step is Step.OFFICE} == {date(2013, 6, 26)}


def statements_of(work: Callable[[], object]) -> int:
    """How many statements it takes."""
    count: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        count.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine(), "before_cursor_execute", note)
    return len(count)


def test_who_closes_an_item_waits_for_the_sweep_that_fires_it(city: int) -> None:
    (last,) = sign(1)
    (item,), _other = block(city, DUE), block(last, DUE)
    closed: dict[int, list[int]] = {}
    with ThreadPoolExecutor(2) as hands:
        with transaction() as session:
            lock_project(session, last)
            swept = hands.submit(sweep, LADDER[Step.LEADER])  # holds the first project, waits for the last
            wait_until_locked()
            closing = hands.submit(close_blocker, item, closed)
            wait_until_locked(2)
        assert len(swept.result(timeout=10)) == 3
        closing.result(timeout=10)
    assert [each.id for each in raised(item)] == closed[item] != []


def test_a_sweep_that_fires_nothing_is_noted_with_the_moment_it_ended(city: int) -> None:
    assert sweep(OPENED) == []
    with transaction() as session:
        (log,) = session.scalars(select(SweepLog)).all()
    assert (log.as_of, log.fired) == (OPENED, 0)
    assert log.finished_at > log.recorded_at, "it was recorded when its transaction began"
