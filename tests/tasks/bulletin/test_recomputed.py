"""Every number of a bulletin, counted once more from the raw tables, by none of the code it
checks.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import astuple
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from sqlalchemy import select

from deployments.replay.checks.rates import counted, landings
from models.bulletin.figures import Figures, Gone, frozen, thawed
from models.campaigns.campaign import Campaign
from models.campaigns.slow_landing import SlowRule
from models.campaigns.target import Target
from support.ledgers.city import random_city
from support.ledgers.happenings import change_everything, random_happenings
from support.recount.slow_landing import (
    Raw,
    behind,
    hands_by_project,
    hands_counted,
    problems,
    steps_by_project,
    steps_counted,
)
from support.recount.tables import Tables, tables
from support.recount.targets import various
from tasks.bulletin.figures import week_figures
from tasks.database import snapshot, transaction

FIRST, LAST = date(2013, 6, 9), date(2013, 9, 16)
WEEKS = [date(2013, 5, 6), date(2013, 6, 17), date(2013, 7, 29)]
COHORT = (date(2012, 1, 1), date(2013, 6, 30))
DEFINITION = ("registered", "construction_started")
LADDER = (
    "reminder_before",
    "reminder_after",
    "leader",
    "office",
    "office_repeat_1",
    "office_repeat_2",
    "office_repeat_3",
)
WEIGHTY = ("blocker", "verify", "milestone")
OFF = {date(2013, month, day) for month, days in ((4, (4, 5, 29, 30)), (5, (1,)), (6, (10, 11, 12))) for day in days}
MADE_UP = {date(2013, 4, 7), date(2013, 4, 27), date(2013, 4, 28), date(2013, 6, 8), date(2013, 6, 9)}
"""The State Council's list for 2013, as far as it matters here."""


@pytest.fixture(scope="module", params=range(2))
def grown(request, ledgers):
    """The name of a ledger with a random city, and the city."""
    with ledgers.filled(lambda: grow(request.param)) as found:
        yield found


def grow(seed):
    found = random_city(seed, projects=120)
    random_happenings(found)
    return found


@pytest.fixture
def city(grown, ledgers):
    """A random city in the middle of a campaign."""
    name, found = grown
    with ledgers.copied(name):
        yield deepcopy(found)


@pytest.fixture
def campaign(city) -> int:
    """The hundred days with targets of every kind."""
    with transaction("测试") as session:
        hundred_days = Campaign(
            name="百日攻坚",
            starts_on=FIRST,
            ends_on=LAST,
            signed_from=COHORT[0],
            signed_until=COHORT[1],
            landing_definition=list(DEFINITION),
        )
        for number, target in enumerate(various(city)):
            target.campaign, target.position = hundred_days, number
            session.add(target)
        session.add(hundred_days)
        session.flush()
        return hundred_days.id


def figures(campaign: int, week: date, known_at=None) -> Figures:
    with snapshot() as session:
        return week_figures(session, week, session.get_one(Campaign, campaign), week + timedelta(7), known_at)


def within(frame: pd.DataFrame, column: str, first: date, last: date) -> pd.DataFrame:
    return only(frame, [each is not None and first <= each <= last for each in frame[column]])


def only(frame: pd.DataFrame, keep: list[bool]) -> pd.DataFrame:
    return frame[pd.Series(keep, frame.index, dtype=bool)]


def ledger_on(raw: Tables, day: date) -> pd.DataFrame:
    """Every project signed by the day, with the days of its steps."""
    reached = within(raw["milestone"], "done_on", date.min, day)
    reached = only(reached, [each.strip(" ") != "" for each in reached.evidence])
    projects = within(raw["project"], "signed_on", date.min, day).copy()
    days = {number: dict(zip(rows.kind, rows.done_on, strict=True)) for number, rows in reached.groupby("project_id")}
    done = [days.get(number, {}) for number in projects.id]
    projects["started"] = [each.get("construction_started") for each in done]
    projects["completed"] = [each.get("completed") for each in done]
    projects["ended"] = [each if each and each <= day else None for each in projects.ended_on]
    projects["exited"] = [ended if how else None for ended, how in zip(projects.ended, projects.exit, strict=True)]
    projects["landed"] = [
        max(each[kind] for kind in DEFINITION) if not out and set(DEFINITION) <= set(each) else None
        for each, out in zip(done, projects.exited, strict=True)
    ]
    projects["signed"] = projects.signed_on
    return projects


def added(frame: pd.DataFrame) -> dict[str, Decimal]:
    return {name: sum(rows.amount, Decimal(0)) for name, rows in frame.groupby("currency")}


def check_counts(found, raw: Tables, projects: pd.DataFrame, first: date, last: date) -> None:
    for step in ("signed", "started", "completed", "landed", "exited"):
        assert getattr(found, step) == len(within(projects, step, first, last)), step
    assert {each.currency: each.amount for each in found.contracted} == added(within(projects, "signed", first, last))
    increases = raw["capital_event"][raw["capital_event"].kind == "increase"]
    increases = within(increases, "happened_on", first, last)
    assert found.increases == len(increases)
    assert {each.currency: each.amount for each in found.increased} == added(increases)
    assert found.visits == len(within(raw["visit"], "visited_on", first, last))
    problems = raw["action_item"][raw["action_item"].kind == "blocker"]
    assert found.blockers_opened == len(within(problems, "opened_on", first, last))
    resolved = problems[problems.result == "resolved"]
    assert found.blockers_resolved == len(within(resolved, "closed_on", first, last))
    raised = within(raw["escalation"], "raised_on", first, last)
    assert {each.step: each.count for each in found.escalated} == raised.step.value_counts().to_dict()


def items_on(raw: Tables, day: date) -> pd.DataFrame:
    """What was owed at the end of the day."""
    items = within(raw["action_item"], "opened_on", date.min, day)
    items = only(items, [each is None or each > day for each in items.closed_on]).copy()
    raised = within(raw["escalation"], "raised_on", date.min, day)
    rungs, office = {}, {}
    for each in raised.itertuples():
        rung = LADDER.index(each.step) + 1
        rungs[each.item_id, each.round] = max(rung, rungs.get((each.item_id, each.round), 0))
        if each.step.startswith("office"):
            office[each.item_id] = min(each.raised_on, office.get(each.item_id, each.raised_on))
    held = {each.item_id for each in raw["pause"].itertuples() if each.from_on <= day < (each.until_on or date.max)}
    items["day"] = [promised or due for promised, due in zip(items.promised_on, items.due_on, strict=True)]
    items["rung"] = [rungs.get(key, 0) for key in zip(items.id, items["round"], strict=True)]
    items["office_on"] = [office.get(number) for number in items.id]
    items["is_paused"] = [number in held for number in items.id]
    return items


def months_back(day: date, months: int) -> date:
    return (pd.Timestamp(day) - pd.DateOffset(months=months)).date()


def working(day: date) -> bool:
    return day in MADE_UP or (day.weekday() < 5 and day not in OFF)


def soon_on(day: date) -> date:
    """The third working day after."""
    left = 3
    while left:
        day += timedelta(1)
        left -= working(day)
    return day


def light(raw: Tables, project, items: pd.DataFrame, day: date) -> str:
    own = items[items.project_id == project.id]
    running = own[~own.is_paused.astype(bool)]
    told = [
        *within(raw["progress"][raw["progress"].project_id == project.id], "happened_on", date.min, day).happened_on,
        *within(raw["milestone"][raw["milestone"].project_id == project.id], "done_on", date.min, day).done_on,
    ]
    last = day if len(running) < len(own) else max([project.signed_on, *told])
    if last <= months_back(day, 3) or any(each.day < day and each.rung >= 3 for each in running.itertuples()):
        return "red"
    is_soon = any(each.day <= soon_on(day) for each in running.itertuples())
    return "yellow" if is_soon or last <= months_back(day, 2) else "green"


def check_units(found: Figures, raw: Tables, projects: pd.DataFrame, items: pd.DataFrame) -> None:
    names = {each.id: (each.name, each.kind) for each in raw["unit"].itertuples()}
    cohort = within(projects, "signed", *COHORT)
    assert (found.cohort.part, found.cohort.whole) == (cohort.landed.notna().sum(), len(cohort))
    assert {unit.name for unit in found.units} == {
        name for number, (name, kind) in names.items() if kind == "county" or number in set(projects.unit_id)
    }
    standing = projects[projects.landed.isna() & projects.exited.isna() & projects.ended.isna()]
    lit = pd.Series([light(raw, each, items, found.week_until) for each in standing.itertuples()], standing.index)
    for unit in found.units:
        number = next(each for each, (name, _kind) in names.items() if name == unit.name)
        own, mine = projects[projects.unit_id == number], cohort[cohort.unit_id == number]
        assert (unit.cohort.part, unit.cohort.whole) == (mine.landed.notna().sum(), len(mine))
        for stretch, first in ((unit.week, found.week_from), (unit.year, date(found.week_until.year, 1, 1))):
            for step in ("signed", "started", "completed", "landed"):
                assert getattr(stretch, step) == len(within(own, step, first, found.week_until))
        lights = lit[standing.unit_id == number].value_counts()
        assert {name: getattr(unit, name) for name in ("red", "yellow", "green")} == {
            name: lights.get(name, 0) for name in ("red", "yellow", "green")
        }
        assert unit.open == len(lit[standing.unit_id == number])


def check_ranks(found: Figures) -> None:
    measured = {
        unit.name: (Fraction(unit.cohort.part, unit.cohort.whole), unit.cohort.part)
        for unit in found.counties
        if unit.cohort.whole
    }
    frame = pd.Series(sorted(measured.values()), dtype=object).rank(method="min", ascending=False) if measured else None
    in_order = dict(zip(sorted(measured.values()), frame if frame is not None else [], strict=True))
    for unit in found.units:
        assert unit.rank == (in_order[measured[unit.name]] if unit.name in measured else None)
    ranked = [unit.rank for unit in found.units if unit.rank]
    assert ranked == sorted(ranked)


def named(raw: Tables, item) -> tuple:
    """A matter as the bulletin names it."""
    projects = raw["project"].set_index("id")
    people, units = raw["person"].set_index("id"), raw["unit"].set_index("id")
    problems = raw["blocker"].set_index("item_id")
    milestones = raw["milestone"].set_index("id")
    return (
        item.kind,
        problems.category.get(item.id),
        milestones.kind.get(item.milestone_id) if item.milestone_id else None,
        problems.description.get(item.id, ""),
        projects.code[item.project_id],
        projects.name[item.project_id],
        units.name[item.unit_id],
        people.name[item.owner_id] if item.owner_id else "",
        people.name[item.leader_id] if item.leader_id else "",
        item.day,
    )


def told(matter) -> tuple:
    return (
        *(matter.kind, matter.category, matter.milestone, matter.text, matter.code, matter.project),
        *(matter.unit, matter.owner, matter.leader, matter.due_on),
    )


def check_work(found: Figures, raw: Tables, items: pd.DataFrame) -> None:
    amounts = raw["project"].set_index("id").amount
    first, last = found.week_from + timedelta(7), found.week_until + timedelta(7)
    due = within(items[~items.is_paused.astype(bool)], "day", first, last)
    in_order = sorted(
        due.itertuples(),
        key=lambda each: (
            -each.rung,
            WEIGHTY.index(each.kind) if each.kind in WEIGHTY else 9,
            each.day,
            -amounts[each.project_id],
            each.id,
        ),
    )
    assert found.work.total == len(due)
    assert [told(each) for each in found.work.shown] == [named(raw, each) for each in in_order[:30]]


def open_requests(raw: Tables, day: date) -> dict[int, date]:
    """The days of requests for coordination that nobody has answered by that day."""
    blockers, raised = raw["blocker"].dropna(subset=["coordination_asked_on"]), raw["escalation"]
    moments = pd.to_datetime(raised.replied_at, utc=True)
    last = moments[moments.dt.tz_convert("Asia/Shanghai").dt.date <= day].groupby(raised.item_id).max()
    asked_at = pd.to_datetime(blockers.coordination_asked_at, utc=True)
    never = pd.Timestamp.min.tz_localize("UTC")
    waiting = [last.get(number, never) < at for number, at in zip(blockers.item_id, asked_at, strict=True)]
    return {
        number: on
        for number, on in zip(*(blockers[waiting][name] for name in ("item_id", "coordination_asked_on")), strict=True)
        if on <= day
    }


def check_agenda(found: Figures, raw: Tables, projects: pd.DataFrame, items: pd.DataFrame) -> None:
    ended = set(projects[projects.landed.notna() | projects.exited.notna() | projects.ended.notna()].id)
    day, amounts = found.week_until, raw["project"].set_index("id").amount
    asked = open_requests(raw, day)
    issues = []
    for each in items[~items.is_paused.astype(bool)].itertuples():
        asked_on = asked.get(each.id)
        if asked_on:
            issues.append((0, asked_on, each))
        elif each.project_id in ended:
            continue
        elif each.office_on:
            issues.append((1, each.office_on, each))
        elif each.day < day:
            issues.append((2, each.day, each))
    issues.sort(key=lambda issue: (*issue[:2], -amounts[issue[2].project_id], issue[2].id))
    assert found.agenda.total == len(issues)
    concerns = ["coordination", "at_office", "overdue"]
    assert [(each.concern, each.since, told(each.matter)) for each in found.agenda.shown] == [
        (concerns[rank], since, named(raw, item)) for rank, since, item in issues[:20]
    ]
    for each, (_rank, _since, item) in zip(found.agenda.shown, issues, strict=False):
        after = [item.day + timedelta(no) for no in range(1, max((day - item.day).days, 0) + 1)]
        assert each.late == sum(map(working, after))


def check_targets(found: Figures, raw: Tables) -> None:
    units, projects = raw["unit"], landings(raw, DEFINITION, found.week_until)
    counties = sorted(units[units.kind == "county"].id)
    with snapshot() as session:
        planned = session.scalars(select(Target).order_by(Target.position)).all()
    assert [(each.name, each.measure, each.goal) for each in found.targets] == [
        (each.name, each.measure, each.goal) for each in planned
    ]
    for each, target in zip(found.targets, planned, strict=True):
        places = counties if target.each_county else [target.unit_id]
        of_all = counted(projects, target, FIRST, LAST)
        pairs = [[frame if place is None else frame[frame.unit_id == place] for frame in of_all] for place in places]
        names = units.set_index("id").name
        assert [tuple(line) for line in map(astuple, each.lines)] == [
            (names.get(place, ""), *map(len, pair)) for place, pair in zip(places, pairs, strict=True)
        ]
        assert [astuple(line) for line in each.leaders] == (split(raw, target, pairs) if target.by_leader else [])


def split(raw: Tables, target: Target, pairs: list[list[pd.DataFrame]]) -> list[tuple[str, int, int]]:
    """The projects of a target by responsible leader, those with most first; in its own unit by
    name alone.
    """
    part, whole = (pd.concat(frames).leader_id.fillna(0).value_counts() for frames in zip(*pairs, strict=True))
    people, units = raw["person"].set_index("id"), raw["unit"].set_index("id").name
    counted = sorted((-count, -part.get(leader, 0), leader) for leader, count in whole.items())
    names = {
        person.Index: person.name if person.unit_id == target.unit_id else f"{units[person.unit_id]} {person.name}"
        for person in people.itertuples()
    }
    return [(names.get(leader, ""), -landed, -count) for count, landed, leader in counted]


def check_slow(found: Figures, raw: Tables) -> None:
    ledger, slow = Raw(found.week_until, raw, COHORT), found.slow
    late, _limit = behind(ledger, SlowRule())
    told = list(problems(ledger, late))
    still = [each for each in ledger.signed() if not ledger.landed_on(each) and not ledger.is_out(each)]
    assert (slow.open, slow.behind) == (len(still), len(late))
    assert slow.without_blocker == len(late) - len({each[0] for each in told if each[3]})
    check_gone(slow.steps, steps_by_project(ledger, late).values(), *steps_counted(ledger, late))
    check_gone(slow.hands, hands_by_project(ledger, late).values(), *hands_counted(ledger, late))
    days = [Counter({category: count}) for _project, category, count, _is_open in told]
    ever, still = Counter(each[1] for each in told), Counter(each[1] for each in told if each[3])
    check_gone(slow.categories, days, ever, still)


def check_gone(found: Sequence[Gone], days: Iterable[Counter], ever: Counter, now: Counter) -> None:
    """The three that took most working days: how often, how many days in all and on average, and
    how many now.
    """
    total = sum(days, Counter())
    most = sorted(total, key=lambda name: (-total[name], str(name)))[:3]
    assert [(each.name, astuple(each.spent)) for each in found] == [
        (str(name), (ever[name], total[name], now[name])) for name in most
    ]
    for each, name in zip(found, most, strict=True):
        assert each.spent.mean == half_up_by_hand(total[name], ever[name])


def half_up_by_hand(total: int, count: int) -> Decimal:
    """The mean with one decimal, halves rounded up, in whole numbers."""
    return Decimal((20 * total + count) // (2 * count)) / 10


def check_all(found: Figures, raw: Tables) -> None:
    """Everything the figures say."""
    until = found.week_until
    projects, items = ledger_on(raw, until), items_on(raw, until)
    week = timedelta(7)
    check_counts(found.week, raw, projects, found.week_from, until)
    check_counts(found.before, raw, projects, found.week_from - week, until - week)
    check_counts(found.year, raw, projects, date(until.year, 1, 1), until)
    check_counts(found.campaign, raw, projects, FIRST, until)
    check_units(found, raw, projects, items)
    check_ranks(found)
    check_work(found, raw, items)
    check_agenda(found, raw, projects, items)
    check_targets(found, raw)
    check_slow(found, raw)


def test_every_number_is_what_the_raw_tables_say(campaign):
    for week in WEEKS:
        check_all(figures(campaign, week), tables())


def test_what_was_changed_since_is_counted_as_it_was_known(city, campaign):
    before, moment = tables(), datetime.now(UTC)
    change_everything(city)
    for week in WEEKS[1:]:
        check_all(figures(campaign, week, moment), before | {"unit": with_new(before["unit"])})
        check_all(figures(campaign, week), tables())


def with_new(units: pd.DataFrame) -> pd.DataFrame:
    """Units as they were, and those entered since: that something was written down late does not
    hide it.
    """
    now = tables()["unit"]
    return pd.concat([units, now[~now.id.isin(units.id)]])


def test_frozen_figures_are_the_same_to_the_cent(campaign):
    found = figures(campaign, WEEKS[1])
    assert thawed(frozen(found)) == found
    assert found.targets[0].lines
