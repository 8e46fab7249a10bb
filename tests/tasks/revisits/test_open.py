"""A revisit campaign asks everybody once: it brings forward, never puts off, never doubles, and can be undone."""

import random
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text

from models.campaigns.revisit import RevisitCampaign, RevisitVisit
from models.escalation.action_item import ActionItem, Extension, Pause, Visit
from models.escalation.calendar import official_calendar
from models.escalation.question import Ask
from models.ledger.facts import Facts
from models.ledger.history import Change
from models.ledger.organisation import Person, Squad, Unit
from models.ledger.project import Investor, Project
from models.ledger.subject import Subject
from models.refusal import Refused
from models.words import Clock, ItemKind, ItemResult, Role, Sector, Stage, Step, UnitKind, VisitOutcome
from support.waiting import wait_until_locked
from tasks.database import transaction
from tasks.escalation.sweep import sweep
from tasks.items.assignments import turn_clock
from tasks.items.blockers import move_due_date
from tasks.items.facts import end_project
from tasks.items.open_items import open_investor_visit, open_visit
from tasks.items.opening import plan_visit
from tasks.items.visits import record_investor_visit, record_visit
from tasks.ledger.locks import lock_investor, lock_project, lock_projects_of
from tasks.ledger.questions import LIFECYCLE
from tasks.ledger.selection import Selection
from tasks.revisits.close import cancel_campaign, close_campaign, close_if_done, finished
from tasks.revisits.open import OpenedCampaign, open_campaign
from tasks.revisits.progress import progress
from tasks.revisits.terms import Terms
from tasks.revisits.visits import Line
from tasks.runs.brief import brief

TODAY = date(2013, 6, 9)  # a Sunday that was worked
SOON, LATER, LATE = date(2013, 6, 20), date(2013, 7, 1), date(2013, 7, 22)
NAME = "2013年项目回访"
CALENDAR = official_calendar(2012, 2015)
EVERYBODY = Terms(NAME, Selection(), deadline=LATER)


@dataclass
class City:
    """A ledger of two counties; everything by number."""

    units: dict[str, int]
    people: dict[str, int]

    def investor(self, name: str) -> int:
        with transaction("测试") as session:
            found = Investor(name=name)
            session.add(found)
            session.flush()
            return found.id

    def sign(
        self, unit: str = "清丰县", due_on: date | None = LATE, investor: int | None = None, **said: object
    ) -> int:
        """A project that owes a visit by that day; None: it owes none."""
        with transaction("测试") as session:
            number = session.scalar(select(func.count()).select_from(Project)) or 0
            project = Project(
                code=f"PY-2013-{number + 1:04}",
                name=f"项目{number + 1}",
                unit_id=self.units[unit],
                investor_id=investor,
                officer_id=self.people[f"{unit}专员"],
                leader_id=self.people[f"{unit}领导"],
                **{"sector": Sector.FOOD, "amount": Decimal(10**8), "signed_on": date(2013, 3, 1)} | said,
            )
            session.add(project)
            session.flush()
            if due_on:
                plan_visit(session, project, due_on, date(2013, 5, 2))
            return project.id


@pytest.fixture
def city(ledger: str) -> City:
    with transaction("测试") as session:
        units = {name: Unit(name=name) for name in ("清丰县", "南乐县")}
        office = Unit(name="市政府督查室", kind=UnitKind.INSPECTION_OFFICE)
        session.add_all([*units.values(), office, Squad(name="闽东南小分队")])
        session.add(Person(name="督查室科长", role=Role.INSPECTOR, unit=office))
        roles = {"专员": Role.OFFICER, "领导": Role.LEADER}
        people = {
            f"{unit}{post}": Person(name=f"{unit}{post}", role=role, unit=units[unit])
            for unit in units
            for post, role in roles.items()
        }
        session.add_all(people.values())
        session.flush()
        return City(
            {name: unit.id for name, unit in units.items()}, {name: person.id for name, person in people.items()}
        )


def visits(project: int | None = None, investor: int | None = None) -> list[ActionItem]:
    """All visits to one subject, oldest first."""
    subject = ActionItem.project_id == project if project else ActionItem.investor_id == investor
    with transaction() as session:
        found = select(ActionItem).where(ActionItem.kind == ItemKind.VISIT, subject).order_by(ActionItem.id)
        return list(session.scalars(found))


def owed(project: int | None = None, investor: int | None = None) -> ActionItem:
    """The one open visit to a subject."""
    (item,) = [each for each in visits(project, investor) if each.closed_on is None]
    return item


def links(name: str = NAME) -> dict[int, RevisitVisit]:
    with transaction() as session:
        found = select(RevisitVisit).join(RevisitCampaign).where(RevisitCampaign.name == name)
        return {each.item_id: each for each in session.scalars(found)}


def campaign(name: str = NAME) -> RevisitCampaign:
    with transaction() as session:
        return session.scalars(select(RevisitCampaign).where(RevisitCampaign.name == name)).one()


def answer(project: int, on: date = TODAY, next_on: date = LATE) -> None:
    """The officer reports the visit that is owed."""
    with transaction("测试") as session:
        lock_project(session, project)
        item = open_visit(session, project)
        assert item is not None
        visit = Visit(
            item_id=item.id, visited_on=on, outcome=VisitOutcome.CONTINUE, progress="主体施工", filled_in_by="专员"
        )
        facts = Facts(on, "专员", VisitOutcome.CONTINUE, "主体施工")
        record_visit(session, item, visit, facts, next_on, on)


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


def counts(opened: OpenedCampaign) -> tuple[int, ...]:
    return opened.total.counts


def terms(name: str, due_on: date, **said: object) -> Terms:
    return replace(EVERYBODY, name=name, deadline=due_on, **said)  # type: ignore[arg-type]


# -- whom it asks


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


def ask(project: int) -> None:
    with transaction("测试") as session:
        item = open_visit(session, project)
        assert item is not None
        session.add(
            Ask(
                form_no=f"F-{project}",
                flow=LIFECYCLE,
                subject_id=project,
                is_standing=True,
                item_id=item.id,
                schema_sent={"properties": {}},
                brief="",
            )
        )


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


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row a campaign could touch."""
    tables = ("action_item", "pause", "revisit_campaign", "revisit_visit", "change", "ask")
    with transaction() as session:
        return {name: [tuple(row) for row in session.execute(text(f"TABLE {name} ORDER BY 1, 2"))] for name in tables}


def test_history_names_the_campaign_and_who_opened_it(city: City) -> None:
    item = owed(city.sign())
    open_campaign(EVERYBODY, TODAY, "市商务局 王科长")
    with transaction() as session:
        moved = session.scalars(
            select(Change).where(Change.row_id == str(item.id), Change.column_name == "due_on")
        ).one()
    assert (moved.actor, moved.source) == ("市商务局 王科长", f"revisit-campaign {NAME}")


# -- until when


def test_a_deadline_on_a_day_off_is_the_next_working_day(city: City) -> None:
    project = city.sign()
    assert open_campaign(replace(EVERYBODY, deadline=date(2013, 6, 29)), TODAY).due_on == date(2013, 7, 1)
    assert owed(project).due_on == date(2013, 7, 1)


def test_working_days_count_from_the_day_it_opens(city: City) -> None:
    city.sign()
    opened = open_campaign(replace(EVERYBODY, deadline=None, working_days=10), TODAY)
    assert opened.due_on == CALENDAR.add(TODAY, 10) == date(2013, 6, 26)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (replace(EVERYBODY, name=""), "名称"),
        (replace(EVERYBODY, name="回" * 61), "60"),
        (replace(EVERYBODY, working_days=5), "期限"),
        (replace(EVERYBODY, deadline=None), "期限"),
        (replace(EVERYBODY, deadline=date(2013, 6, 8)), "2013-06-08"),
        (replace(EVERYBODY, deadline=date(2113, 6, 8)), "2113-06-08"),
        (replace(EVERYBODY, visits_projects=False, visits_investors=False), "回访"),
        (replace(EVERYBODY, squad="东北小分队"), "东北小分队"),
        (replace(EVERYBODY, selection=Selection(units=("北京市",))), "北京市"),
        (replace(EVERYBODY, selection=Selection(sectors=(Sector.FINANCE,))), "没有"),
        (replace(EVERYBODY, selection=Selection(signed_from=LATE, signed_until=SOON)), "2013-07-22"),
    ],
    ids=["no name", "long name", "two ends", "no end", "over", "outside", "nobody", "squad", "unit", "sector", "span"],
)
def test_terms_that_make_no_sense_are_refused_and_leave_no_trace(city: City, wrong: Terms, said: str) -> None:
    city.sign()
    before = everything()
    with pytest.raises(Refused, match=said):
        open_campaign(wrong, TODAY)
    assert everything() == before


# -- again


def test_the_same_again_changes_nothing_and_takes_in_who_was_signed_since(city: City) -> None:
    first = city.sign()
    open_campaign(EVERYBODY, TODAY)
    before = everything()
    again = open_campaign(EVERYBODY, TODAY)
    assert (again.is_new, again.lines) == (False, [])
    assert everything() == before

    second = city.sign("南乐县", investor=city.investor("福建龙都家具集团"))
    again = open_campaign(EVERYBODY, date(2013, 6, 14))
    assert [(line.unit, line.counts) for line in again.lines] == [("南乐县", (0, 1, 0, 0, 1, 0, 0))]
    assert {owed(first).due_on, owed(second).due_on} == {LATER}


def test_who_was_visited_is_not_asked_again_by_the_same_campaign(city: City) -> None:
    project = city.sign()
    open_campaign(EVERYBODY, TODAY)
    answer(project)
    assert open_campaign(EVERYBODY, TODAY).lines == []
    assert owed(project).due_on == LATE


def test_the_same_filters_in_other_words_are_the_same(city: City) -> None:
    city.sign()
    with transaction("测试") as session:
        session.execute(text("INSERT INTO unit_alias SELECT '清丰', id FROM unit WHERE name = '清丰县'"))
    one = Selection(units=("清丰县", "南乐县"), amount_from=Decimal("1000.0"))
    open_campaign(replace(EVERYBODY, selection=one), TODAY)
    same = Selection(units=("南乐县", "清丰"), amount_from=Decimal(1000))
    assert not open_campaign(replace(EVERYBODY, selection=same), TODAY).is_new


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"selection": Selection(units=("清丰县",))}, "单位"),
        ({"selection": Selection(signed_from=date(2012, 1, 1))}, "签约"),
        ({"deadline": LATE}, "截止日期"),
        ({"squad": "闽东南小分队"}, "小分队"),
        ({"visits_investors": False}, "投资方"),
    ],
    ids=["units", "span", "deadline", "squad", "investors"],
)
def test_the_same_name_with_other_entries_is_refused_naming_them(
    city: City, other: dict[str, object], field: str
) -> None:
    city.sign()
    open_campaign(EVERYBODY, TODAY)
    before = everything()
    with pytest.raises(Refused, match=field):
        open_campaign(replace(EVERYBODY, **other), TODAY)  # type: ignore[arg-type]
    assert everything() == before


def test_a_campaign_that_is_over_is_not_opened_again(city: City) -> None:
    city.sign()
    open_campaign(EVERYBODY, TODAY)
    close_campaign(NAME, TODAY)
    with pytest.raises(Refused, match=str(TODAY)):
        open_campaign(EVERYBODY, TODAY)


def test_after_its_day_nobody_more_is_asked_and_it_stays_open(city: City) -> None:
    city.sign()
    open_campaign(EVERYBODY, TODAY)
    after = LATER + timedelta(days=1)
    assert open_campaign(EVERYBODY, after).lines == []
    city.sign()
    with pytest.raises(Refused, match=str(LATER)):
        open_campaign(EVERYBODY, after)
    assert campaign().closed_on is None


# -- the ladder is the one there is


def test_visits_it_asks_for_climb_the_ladder_like_any_other(city: City) -> None:
    project, investor = city.sign(), city.investor("福建龙都家具集团")
    city.sign(due_on=SOON, investor=investor)
    open_campaign(EVERYBODY, TODAY)
    day = TODAY
    while day <= CALENDAR.add(LATER, 5):
        if CALENDAR.is_working(day):
            sweep(day)
        day += timedelta(days=1)
    assert owed(project).fired_step is Step.OFFICE
    assert owed(investor=investor).fired_step is Step.OFFICE
    assert campaign().closed_on is None


def test_a_reminder_that_has_gone_out_is_not_sent_again_when_the_visit_is_brought_forward(city: City) -> None:
    project = city.sign(due_on=SOON)
    sweep(CALENDAR.add(SOON, -3))
    opened_on = CALENDAR.add(SOON, -3)
    open_campaign(replace(EVERYBODY, deadline=CALENDAR.add(SOON, -1)), opened_on)
    item = owed(project)
    assert (item.round, item.fired_step, item.next_step) == (1, Step.REMINDER_BEFORE, Step.REMINDER_AFTER)
    assert item.next_fires_on == SOON


# -- two at once, and undone


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
    """What must hold: a visit is due on the earliest of its own day and the days of the open campaigns.

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


# -- its end


def test_it_is_finished_when_all_its_visits_are_closed(city: City) -> None:
    one, two = city.sign(), city.sign()
    open_campaign(EVERYBODY, TODAY)
    answer(one)
    with transaction() as session:
        assert finished(session, TODAY) == []
    assert not close_if_done(NAME, TODAY)
    with transaction("测试") as session:
        end_project(session, lock_project(session, two), Stage.LANDED, TODAY, TODAY)
    with transaction() as session:
        assert finished(session, TODAY) == [NAME]
    assert close_if_done(NAME, TODAY)
    assert (campaign().closed_on, campaign().is_cancelled) == (TODAY, False)


def test_closed_by_hand_its_open_visits_stay_owed_by_their_days(city: City) -> None:
    project = city.sign()
    open_campaign(EVERYBODY, TODAY)
    close_campaign(NAME, TODAY)
    assert owed(project).due_on == LATER
    with transaction() as session:
        assert progress(session, Subject(project)) == []


@pytest.mark.parametrize("end", [close_campaign, cancel_campaign, close_if_done])
def test_what_is_over_or_unknown_cannot_be_ended(city: City, end: object) -> None:
    assert callable(end)
    city.sign()
    with pytest.raises(Refused, match=NAME):
        end(NAME, TODAY)
    open_campaign(EVERYBODY, TODAY)
    with pytest.raises(Refused, match=str(TODAY)):
        end(NAME, date(2013, 6, 8))
    cancel_campaign(NAME, TODAY)
    with pytest.raises(Refused, match=str(TODAY)):
        end(NAME, TODAY)


# -- many


def test_two_thousand_projects_are_asked_in_a_moment_and_given_back(city: City) -> None:
    with transaction("测试") as session:
        given = {"unit": city.units["清丰县"], "officer": city.people["清丰县专员"], "due": LATE, "day": TODAY}
        session.execute(text("INSERT INTO investor (name) SELECT '投资方' || n FROM generate_series(1, 500) n"))
        session.execute(
            text(
                "INSERT INTO project (code, name, sector, unit_id, investor_id, amount, signed_on, officer_id) "
                "SELECT 'P' || n, '项目' || n, 'food', :unit, (SELECT min(id) FROM investor) + n % 500, n, "
                "'2013-03-01', :officer FROM generate_series(1, 2000) n"
            ),
            given,
        )
        session.execute(
            text(
                "INSERT INTO action_item (kind, project_id, unit_id, owner_id, opened_on, due_on, next_step, "
                "next_fires_on) SELECT 'visit', id, unit_id, officer_id, :day, :due, 'reminder_before', :fires "
                "FROM project WHERE id % 2 = 0"
            ),
            given | {"fires": CALENDAR.add(LATE, -3)},
        )
    opened = open_campaign(EVERYBODY, TODAY)
    assert opened.total == Line("", 1000, 1000, 0, 0, 500, 0, 0)
    with transaction() as session:
        due = select(ActionItem.due_on, func.count()).where(ActionItem.closed_on.is_(None)).group_by(ActionItem.due_on)
        assert dict(session.execute(due).all()) == {LATER: 2500}
    cancel_campaign(NAME, TODAY)
    with transaction() as session:
        assert dict(session.execute(due).all()) == {LATE: 1000}
