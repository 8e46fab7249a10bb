"""Two campaigns at once, and one that is undone."""

import random
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date

import pytest
from sqlalchemy import select

from models.escalation.action_item import Extension, Pause, Visit
from models.escalation.question import Ask
from models.ledger.facts import Facts
from models.ledger.project import Subject
from models.words import Clock, ItemResult, Step, VisitOutcome
from support.ledgers.revisit_city import (
    CALENDAR,
    EVERYBODY,
    LATE,
    LATER,
    NAME,
    SOON,
    TODAY,
    City,
    answer,
    ask,
    campaign,
    counts,
    links,
    owed,
    terms,
    visits,
)
from support.waiting import wait_until_locked
from tasks.database import transaction
from tasks.escalation.sweep import sweep
from tasks.items.assignments import turn_clock
from tasks.items.blockers import move_due_date
from tasks.items.open_items import open_investor_visit, open_visit
from tasks.items.visits import record_investor_visit, record_visit
from tasks.ledger.locks import lock_investor, lock_project, lock_projects_of
from tasks.revisits.close import cancel_campaign, close_campaign, finished
from tasks.revisits.open import OpenedCampaign, open_campaign
from tasks.revisits.progress import progress


def hear(investor: int) -> None:
    """Somebody reports the visit that is owed to the investor, if one is."""
    with transaction("测试") as session:
        lock_projects_of(session, investor)
        lock_investor(session, investor)
        if item := open_investor_visit(session, investor):
            visit = Visit(
                item_id=item.id, visited_on=TODAY, outcome=VisitOutcome.CONTINUE, progress="增资", filled_in_by="专员"
            )
            record_investor_visit(session, item, visit, [], TODAY)


def test_cancelled_half_way_what_was_answered_stays_and_the_rest_is_as_before(city: City) -> None:
    investor = city.investor("福建龙都家具集团")
    done, late, early, bare = city.sign(), city.sign(due_on=LATE), city.sign(due_on=SOON), city.sign(due_on=None)
    city.sign("南乐县", due_on=None, investor=investor)
    open_campaign(EVERYBODY, TODAY)
    answer(done)
    for each in (done, late, early, bare):
        ask(each)

    cancel_campaign(NAME, date(2013, 6, 14), "市商务局 王科长")

    assert [each.result for each in visits(done)] == [ItemResult.DONE, None]
    assert (owed(late).due_on, owed(early).due_on) == (LATE, SOON)
    assert owed(late).next_fires_on == CALENDAR.add(LATE, -3)
    for cancelled in (*visits(bare), *visits(investor=investor)):
        assert (cancelled.result, cancelled.closed_on) == (ItemResult.CANCELLED, date(2013, 6, 14))
        assert cancelled.next_step is None
    over = campaign()
    assert (over.is_cancelled, over.closed_on) == (True, date(2013, 6, 14))
    with transaction() as session:
        overtaken = set(session.scalars(select(Ask.subject_id).where(Ask.overtaken_at.is_not(None))))
    assert overtaken == {late, early, bare}


def test_what_was_raised_to_the_leader_begins_anew_on_its_former_day(city: City) -> None:
    project = city.sign(due_on=LATE)
    open_campaign(replace(EVERYBODY, deadline=SOON), TODAY)
    for count in (-3, 1, 2):
        sweep(CALENDAR.add(SOON, count))
    assert owed(project).fired_step is Step.LEADER
    cancel_campaign(NAME, CALENDAR.add(SOON, 3))
    item = owed(project)
    assert (item.due_on, item.round, item.fired_step, item.next_step) == (LATE, 2, None, Step.REMINDER_BEFORE)


def test_on_hold_what_is_given_back_waits_and_what_is_closed_waits_no_more(city: City) -> None:
    planned, bare = city.sign(due_on=LATE), city.sign(due_on=None)
    open_campaign(EVERYBODY, TODAY)
    with transaction("测试") as session:
        for each in (planned, bare):
            turn_clock(session, lock_project(session, each), Clock.HOLD, "等待规划调整", "副市长", TODAY)
    cancel_campaign(NAME, date(2013, 6, 14))
    with transaction() as session:
        standing = session.scalars(select(Pause).where(Pause.until_on.is_(None))).one()
    assert (standing.item_id, standing.from_on) == (owed(planned).id, date(2013, 6, 14))
    assert (owed(planned).due_on, owed(planned).is_paused) == (LATE, True)
    assert [(each.result, each.is_paused) for each in visits(bare)] == [(ItemResult.CANCELLED, False)]


def test_a_day_somebody_has_set_since_is_left_alone_when_it_is_cancelled(city: City) -> None:
    project, granted = city.sign(due_on=LATE), date(2013, 7, 10)
    open_campaign(EVERYBODY, TODAY)
    with transaction("测试") as session:
        lock_project(session, project)
        item = open_visit(session, project)
        assert item is not None
        move_due_date(session, item, Extension(due_on=granted, reason="等待会签", granted_by="副市长"), TODAY)
    cancel_campaign(NAME, TODAY)
    assert owed(project).due_on == granted


def test_two_campaigns_share_a_visit_which_is_due_on_the_earlier_day(city: City) -> None:
    project = city.sign(due_on=LATE)
    open_campaign(terms("甲", LATER), TODAY)
    open_campaign(terms("乙", SOON), TODAY)
    assert len(visits(project)) == 1
    assert owed(project).due_on == SOON
    cancel_campaign("乙", TODAY)
    assert owed(project).due_on == LATER
    cancel_campaign("甲", TODAY)
    assert owed(project).due_on == LATE


def test_an_answer_counts_for_both_campaigns(city: City) -> None:
    project = city.sign(due_on=LATE)
    for name, day in (("甲", LATER), ("乙", SOON)):
        open_campaign(terms(name, day), TODAY)
    answer(project)
    with transaction() as session:
        assert {each.name: each.visited.text for each in progress(session, Subject(project))} == {
            "甲": "100.0%（1/1）",
            "乙": "100.0%（1/1）",
        }
        assert finished(session, TODAY) == ["甲", "乙"]


@dataclass
class Model:
    """What must hold: a visit is due on the earliest of its own day and the days of the open
    campaigns.

    The day of a campaign that was closed in good order becomes the visit's own.
    """

    own: dict[int, date | None]
    open: dict[str, date]

    def close(self, name: str) -> None:
        """The campaign's day stays."""
        day = self.open.pop(name)
        self.own = {subject: min(own or day, day) for subject, own in self.own.items()}

    def due_on(self, subject: int) -> date | None:
        """When the subject's visit is due; None when it owes none."""
        own = self.own[subject]
        return min([*([own] if own else []), *self.open.values()], default=None)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_opened_and_cancelled_each_visit_is_due_on_the_earliest_day_that_stands(
    city: City, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a plan, not a secret
    days = [CALENDAR.add(TODAY, count) for count in range(3, 40, 4)]
    own = {city.sign(due_on=day): day for day in [chance.choice([*days, None]) for _project in range(6)]}
    model = Model(own, {})
    for number in range(8):
        name = chance.choice(sorted(model.open)) if model.open else ""
        if name and chance.random() < 0.4:
            cancel_campaign(name, TODAY)
            del model.open[name]
        elif name and chance.random() < 0.3:
            close_campaign(name, TODAY)
            model.close(name)
        else:
            name = f"第{number}次回访"
            model.open[name] = chance.choice(days)
            open_campaign(terms(name, model.open[name]), TODAY)
        for subject in own:
            due = [each.due_on for each in visits(subject) if each.closed_on is None]
            assert due == [day for day in [model.due_on(subject)] if day], (seed, number)


def test_two_workers_open_one_campaign_once_and_two_campaigns_share_their_visits(city: City) -> None:
    investor = city.investor("福建龙都家具集团")
    projects = [city.sign(due_on=None if number % 3 else LATE, investor=investor) for number in range(30)]
    names = ["甲", "乙", "甲", "乙", "丙", "甲"]
    together = threading.Barrier(len(names))

    def opened(name: str) -> OpenedCampaign:
        together.wait()
        return open_campaign(terms(name, SOON if name == "乙" else LATER), TODAY)

    with ThreadPoolExecutor(len(names)) as workers:
        done = list(workers.map(opened, names))

    assert sum(each.is_new for each in done) == 3
    assert {owed(each).due_on for each in projects} == {SOON}
    assert len(visits(investor=investor)) == 1
    for name in ("甲", "乙", "丙"):
        assert len(links(name)) == 31
    opened_by = [each for name in ("甲", "乙", "丙") for each in links(name).values() if each.was_opened]
    assert len({each.item_id for each in opened_by}) == len(opened_by) == 21


def test_a_person_who_answers_meanwhile_is_asked_for_the_next_visit(city: City) -> None:
    project = city.sign(due_on=SOON)
    with ThreadPoolExecutor(1) as worker, transaction("测试") as session:
        lock_project(session, project)
        at_work = worker.submit(open_campaign, EVERYBODY, TODAY)
        wait_until_locked()
        item = open_visit(session, project)
        assert item is not None
        visit = Visit(
            item_id=item.id, visited_on=TODAY, outcome=VisitOutcome.CONTINUE, progress="施工", filled_in_by="专员"
        )
        record_visit(session, item, visit, Facts(TODAY, "专员", VisitOutcome.CONTINUE, "施工"), LATE, TODAY)
        session.commit()
        assert counts(at_work.result()) == (0, 1, 0, 0, 0, 0, 0)
    assert [(each.result, each.due_on) for each in visits(project)] == [(ItemResult.DONE, SOON), (None, LATER)]
    assert set(links()) == {owed(project).id}


def test_answers_openings_cancellings_and_sweeps_at_once_neither_lock_up_nor_lose_anything(city: City) -> None:
    investors = [city.investor(f"投资方{number}") for number in range(5)]
    projects = [city.sign(investor=investors[number % 5]) for number in range(25)]

    def answers(mine: Iterable[int]) -> None:
        for each in mine:
            answer(each)

    def hearings() -> None:
        for each in investors * 4:
            hear(each)

    def campaigns(name: str) -> None:
        for number in range(4):
            open_campaign(terms(f"{name}{number}", LATER), TODAY)
            cancel_campaign(f"{name}{number}", TODAY)
        open_campaign(terms(name, SOON), TODAY)

    def sweeps() -> None:
        for count in range(8):
            sweep(CALENDAR.add(SOON, count))

    with ThreadPoolExecutor(6) as people:
        at_work = [people.submit(answers, projects[half::2]) for half in (0, 1)]
        at_work += [people.submit(hearings)]
        at_work += [people.submit(campaigns, name) for name in ("甲", "乙")]
        at_work += [people.submit(sweeps)]
        for each in at_work:
            each.result()

    for each in projects:
        assert sum(item.result is ItemResult.DONE for item in visits(each)) == 1
        assert owed(each).due_on in (SOON, LATE)
    for each in investors:
        assert [item.due_on for item in visits(investor=each) if item.closed_on is None] in ([], [SOON])
    for name in ("甲", "乙"):
        assert len(links(name)) == 30


def test_a_cancelled_campaign_gives_back_how_a_day_was_counted(city: City) -> None:
    """Through two campaigns, too; a day somebody gave comes back as given."""
    counted, given = city.sign(due_on=LATE), city.sign(due_on=LATE)
    with transaction("测试") as session:
        item = open_visit(session, counted)
        assert item
        item.counted_from, item.counted_days = TODAY, CALENDAR.elapsed(TODAY, LATE)
    open_campaign(terms("甲", LATER), TODAY)
    open_campaign(terms("乙", SOON), TODAY)
    cancel_campaign("乙", TODAY)
    assert [owed(each).counted_from for each in (counted, given)] == [None, None]
    cancel_campaign("甲", TODAY)
    assert (owed(counted).due_on, owed(counted).counted_from) == (LATE, TODAY)
    assert owed(counted).counted_days == CALENDAR.elapsed(TODAY, LATE)
    assert (owed(given).due_on, owed(given).counted_from) == (LATE, None)
