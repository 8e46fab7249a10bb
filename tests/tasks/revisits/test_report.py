"""Every number of a campaign's report is what the raw tables say, added up by other code; page and
workbook show it.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text

from models.escalation.action_item import ActionItem, Visit
from models.escalation.calendar import official_calendar
from models.escalation.escalation import Escalation
from models.i18n import gettext
from models.ledger.facts import Facts, FoundBlocker
from models.ledger.organisation import Person, Unit
from models.ledger.project import Investor, Project
from models.refusal import Refused
from models.words import BlockerCategory, Clock, ItemKind, ItemResult, Role, Sector, Stage, Step, UnitKind, VisitOutcome
from support.ledgers.spare import SpareLedgers
from tasks.database import engine, snapshot, transaction
from tasks.escalation.sweep import sweep
from tasks.items.assignments import turn_clock
from tasks.items.blockers import ask_coordination, open_blocker, resolve_blocker
from tasks.items.facts import end_project
from tasks.items.open_items import open_items, open_visit
from tasks.items.opening import plan_visit
from tasks.items.visits import record_investor_visit, record_visit
from tasks.ledger.locks import lock_investor, lock_project
from tasks.ledger.selection import Selection
from tasks.revisits.close import cancel_campaign
from tasks.revisits.figures import Group, Report
from tasks.revisits.open import open_campaign
from tasks.revisits.page import ROWS_SHOWN, page_of
from tasks.revisits.report import report_of
from tasks.revisits.terms import Terms
from tasks.revisits.workbook import write_book

TODAY, DUE = date(2013, 6, 9), date(2013, 7, 1)
BEFORE = date(2013, 1, 10)
NAME = "2013年项目回访"
COUNTIES, BUREAUS = ("清丰县", "南乐县", "范县"), ("市国土资源局", "市环保局")
CALENDAR = official_calendar(2012, 2015)
WEEKS = 9


@pytest.fixture(scope="module")
def lived_through(ledgers: SpareLedgers) -> Iterator[str]:
    """The name of a ledger with a campaign of nine weeks over three counties, in which people did
    what people do.
    """
    with ledgers.filled(_live) as (name, _nothing):
        yield name


@pytest.fixture
def campaign(ledgers: SpareLedgers, lived_through: str) -> Iterator[str]:
    """That ledger, as the test's own."""
    with ledgers.copied(lived_through) as url:
        yield url


def _live() -> None:
    chance = random.Random(20130609)  # noqa: S311 - a plan, not a secret
    projects = _sign(chance)
    open_campaign(Terms(NAME, Selection(), deadline=DUE), TODAY)
    _hold(projects[:3])
    day = TODAY
    while day < TODAY + timedelta(weeks=WEEKS):
        if CALENDAR.is_working(day):
            sweep(day)
            for project in chance.sample(projects, 3):
                _act(chance, project, day)
            _hear(chance, day)
        day += timedelta(days=1)


def _sign(chance: random.Random) -> list[int]:
    with transaction("测试") as session:
        units = {name: Unit(name=name) for name in COUNTIES}
        units |= {name: Unit(name=name, kind=UnitKind.BUREAU) for name in BUREAUS}
        office = Unit(name="市政府督查室", kind=UnitKind.INSPECTION_OFFICE)
        session.add_all([*units.values(), office, Person(name="督查专员", role=Role.INSPECTOR, unit=office)])
        people = {
            (unit, post): Person(name=f"{unit}{post}", role=role, unit=units[unit])
            for unit in COUNTIES
            for post, role in (("专员", Role.OFFICER), ("领导", Role.LEADER))
        }
        investors = [Investor(name=f"投资方{number}") for number in range(12)]
        session.add_all([*people.values(), *investors])
        session.flush()
        projects = [
            Project(
                code=f"PY-2013-{number:03}",
                name=f"项目{number}",
                sector=chance.choice(list(Sector)),
                unit=units[unit := chance.choice(COUNTIES)],
                investor=chance.choice([*investors, None]),
                amount=Decimal(chance.randint(1, 20) * 10**8),
                signed_on=BEFORE,
                officer=people[unit, "专员"],
                leader=people[unit, "领导"],
            )
            for number in range(60)
        ]
        session.add_all(projects)
        session.flush()
        for project in projects:
            plan_visit(session, project, CALENDAR.add(TODAY, chance.randint(1, 40)), BEFORE)
            for _each in range(chance.choice((0, 0, 1, 2))):
                opened_on = BEFORE + timedelta(days=chance.randint(0, 140))
                open_blocker(session, project, _problem(chance, opened_on), opened_on)
        for project in projects[-5:]:
            end_project(session, project, Stage.LANDED, BEFORE, BEFORE)
        return [project.id for project in projects[:-5]]


def _problem(chance: random.Random, day: date) -> FoundBlocker:
    due_on = day + timedelta(days=chance.randint(5, 90))
    category = chance.choice(list(BlockerCategory))
    return FoundBlocker(category, chance.choice(BUREAUS), f"{category.label}未落实", "尽快协调", due_on)


def _hold(projects: list[int]) -> None:
    with transaction("测试") as session:
        for each in projects:
            turn_clock(session, lock_project(session, each), Clock.HOLD, "等待规划调整", "副市长", TODAY)


def _act(chance: random.Random, project_id: int, day: date) -> None:
    """Somebody reports of a project: a visit, a solved problem, a plea, or its end."""
    with transaction("测试") as session:
        project = lock_project(session, project_id)
        item = open_visit(session, project_id)
        if item is None:
            return
        blockers = [each for each in open_items(session, project_id) if each.kind is ItemKind.BLOCKER]
        what = chance.choice(("visit", "visit", "solve", "solve", "ask", "lost"))
        if what == "visit":
            found = (_problem(chance, day),) if chance.random() < 0.3 else ()
            _visit(session, item, Facts(day, "专员", VisitOutcome.CONTINUE, f"{day}施工", blockers=found))
        elif what == "lost" and chance.random() < 0.5:
            _visit(session, item, Facts(day, "专员", VisitOutcome.LOST, "停止推进", "资金紧张"))
        elif what == "lost":
            project.exit, project.exit_reason = None, ""
            end_project(session, project, Stage.LANDED, day, day)
        elif blockers and what == "solve":
            resolve_blocker(session, blockers[0], "已办结", "国土局", day)
        elif blockers:
            ask_coordination(session, blockers[0], "请市里协调", "国土局", day)


def _visit(session: Any, item: ActionItem, facts: Facts) -> None:
    visit = Visit(
        item_id=item.id,
        visited_on=facts.happened_on,
        outcome=facts.outcome,
        progress=facts.progress,
        filled_in_by=facts.reported_by,
    )
    record_visit(session, item, visit, facts, CALENDAR.add(facts.happened_on, 20), facts.happened_on)


def _hear(chance: random.Random, day: date) -> None:
    """Now and then an investor is visited."""
    with transaction("测试") as session:
        owed = select(ActionItem.investor_id).where(ActionItem.investor_id.is_not(None), ActionItem.closed_on.is_(None))
        waiting = list(session.scalars(owed.order_by(ActionItem.id)))
        if not waiting or chance.random() < 0.8:
            return
        lock_investor(session, investor_id := waiting[0] or 0)
        item = session.scalars(
            select(ActionItem).where(ActionItem.investor_id == investor_id, ActionItem.closed_on.is_(None))
        ).one()
        visit = Visit(
            item_id=item.id, visited_on=day, outcome=VisitOutcome.CONTINUE, progress="增资意向", filled_in_by="专员"
        )
        record_investor_visit(session, item, visit, [], day)


# -- the same numbers from the raw tables


class Raw:
    """The raw tables, cut to a day, without any code of the report."""

    def __init__(self, day: date) -> None:
        names = (
            "revisit_visit",
            "action_item",
            "visit",
            "project",
            "unit",
            "blocker",
            "escalation",
            "progress",
            "pause",
        )
        with engine().connect() as connection:
            tables = {name: pd.read_sql(text(f"TABLE {name}"), connection) for name in names}
        self.day, self.tables = pd.Timestamp(day), tables
        items = tables["action_item"]
        for column in ("opened_on", "due_on", "closed_on"):
            items[column] = pd.to_datetime(items[column])
        pauses = tables["pause"]
        held = [
            first <= day and (pd.isna(last) or last > day)
            for first, last in zip(pauses.from_on, pauses.until_on, strict=True)
        ]
        items["is_paused"] = items["id"].isin(pauses[pd.Series(held, pauses.index, dtype=bool)].item_id)
        items["is_open"] = ~(items["closed_on"] <= self.day)
        self.items = items.set_index("id")
        self.unit_names = tables["unit"].set_index("id")["name"]
        self.asked = self.items.loc[tables["revisit_visit"]["item_id"]]
        made = set(tables["visit"]["item_id"])
        self.asked = self.asked.assign(is_visited=[i in made and not o for i, o in self.asked["is_open"].items()])

    def coverage(self) -> dict[str, tuple[tuple[int, int], tuple[int, int]]]:
        found = {}
        for unit, rows in self.asked.groupby("unit_id"):
            sides = (rows[rows["project_id"].notna()], rows[rows["investor_id"].notna()])
            found[self.unit_names[unit]] = tuple((int(each["is_visited"].sum()), len(each)) for each in sides)
        return found  # type: ignore[return-value]

    def problems(self) -> pd.DataFrame:
        """The blockers of the projects visited, and of the investors visited."""
        projects = self.tables["project"]
        ids = set(self.asked["project_id"].dropna())
        ids |= set(projects[projects["investor_id"].isin(self.asked["investor_id"].dropna())]["id"])
        found = self.items.join(self.tables["blocker"].set_index("item_id").drop(columns="recorded_at"), how="inner")
        in_time = (found["opened_on"] <= self.day) & ~(found["closed_on"] < pd.Timestamp(TODAY))
        found = found[found["project_id"].isin(ids) & in_time].copy()
        ends = found["closed_on"].where(~found["is_open"], self.day)
        found["age"] = (ends - found["opened_on"]).dt.days
        found["is_late"] = found["is_open"] & (found["due_on"] < self.day) & ~found["is_paused"]
        return found

    def highest(self, item_id: int) -> Step | None:
        fired = self.tables["escalation"]
        mine = fired[(fired["item_id"] == item_id) & (pd.to_datetime(fired["raised_on"]) <= self.day)]
        return max((Step(each) for each in mine["step"]), key=lambda step: step.position, default=None)


def rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def grouped(rows: pd.DataFrame, key: Any) -> dict[Any, tuple[int, int, Decimal]]:
    return {
        name: (len(each), int(each["is_late"].sum()), rounded(Decimal(int(each["age"].sum())) / len(each)))
        for name, each in rows.groupby(key)
    }


def shown(groups: list[Group]) -> dict[str, tuple[int, int, Decimal]]:
    return {each.name: (each.count, each.overdue, each.age) for each in groups}


def reported(day: date) -> Report:
    with snapshot() as session:
        return report_of(session, NAME, day)


def days() -> Iterator[date]:
    yield from (TODAY, DUE, TODAY + timedelta(weeks=WEEKS))


def test_every_number_is_what_the_raw_tables_add_up_to(campaign: str) -> None:
    for day in days():
        report, raw = reported(day), Raw(day)
        sides = {
            each.unit: tuple((rate.part, rate.whole) for rate in (each.projects, each.investors))
            for each in report.coverage
        }
        assert sides == raw.coverage()
        for rates, column in ((report.whole.projects, "project_id"), (report.whole.investors, "investor_id")):
            rows = raw.asked[raw.asked[column].notna()]
            assert (rates.part, rates.whole) == (rows["is_visited"].sum(), len(rows))
            assert rates.percent == rounded(Decimal(100 * int(rows["is_visited"].sum())) / len(rows))

        silent = raw.asked[raw.asked["is_open"]].rename_axis("item_id").sort_values(["due_on", "item_id"])
        assert [each.item_id for each in report.unanswered] == list(silent.index)
        assert {each.item_id: each.step for each in report.unanswered} == {i: raw.highest(i) for i in silent.index}
        closed = raw.asked[~raw.asked["is_open"]]
        assert len(report.closed_otherwise) == len(closed) - closed["is_visited"].sum()

        problems = raw.problems()
        waiting, solved = (
            problems[problems["is_open"]],
            problems[~problems["is_open"] & (problems["result"] == "resolved")],
        )
        labels = {word.label: word.value for word in BlockerCategory}
        assert {labels[name]: row for name, row in shown(report.by_category).items()} == grouped(waiting, "category")
        by_unit = {raw.unit_names[unit]: row for unit, row in grouped(waiting, "recipient_unit_id").items()}
        assert shown(report.by_recipient) == by_unit
        ages = pd.cut(waiting["age"], [-1, 30, 60, 90, 10**6], labels=False)
        names = ("0–30天", "31–60天", "61–90天", "90天以上")
        assert shown(report.by_age) == {names[int(age)]: row for age, row in grouped(waiting, ages).items()}
        assert {each.item_id for each in report.solved} == set(solved.index)
        assert (report.solved_rate.part, report.solved_rate.whole) == (len(solved), len(problems))
        in_time = (solved["closed_on"] <= solved["due_on"]).sum()
        assert (report.solved_in_time.part, report.solved_in_time.whole) == (in_time, len(solved))
        assert {each.item_id: each.step for each in report.open_problems} == {i: raw.highest(i) for i in waiting.index}
        check_latest(report, raw)


def check_latest(report: Report, raw: Raw) -> None:
    """The latest progress of a project is its newest entry by that day."""
    entries = raw.tables["progress"]
    entries = entries[pd.to_datetime(entries["happened_on"]) <= raw.day].sort_values(["happened_on", "id"])
    newest = entries.groupby("project_id")["text"].last()
    for each in report.projects:
        assert each.latest == newest.get(raw.items.loc[each.item_id, "project_id"], "")


def test_the_ledger_lived_through_has_something_of_everything(campaign: str) -> None:
    report = reported(TODAY + timedelta(weeks=WEEKS))
    assert all((report.unanswered, report.solved, report.open_problems, report.closed_otherwise))
    assert report.whole.investors.part
    assert {name for name, _count in report.outcomes} == {VisitOutcome.CONTINUE.label, VisitOutcome.LOST.label}
    assert {each.step for each in report.unanswered} & {Step.OFFICE, Step.OFFICE_REPEAT_1, Step.OFFICE_REPEAT_3}
    whys = {report.why(each) for each in report.open_problems}
    assert "未说明原因" in whys
    assert any("需上级协调" in why for why in whys)


def test_the_page_shows_the_figures_and_cuts_long_lists(campaign: str) -> None:
    report = reported(TODAY + timedelta(weeks=WEEKS))
    page = page_of(report, "- [报告.xlsx](http://desk/files/exports/x.xlsx)")
    for told in (NAME, report.whole.projects.text, report.solved_rate.text, "http://desk/files/exports/x.xlsx"):
        assert told in page
    for each in report.unanswered[:ROWS_SHOWN]:
        assert f"| {each.title} | {each.unit} |" in page
    assert len(report.visits) > ROWS_SHOWN
    assert f"共{len(report.visits)}条，此处列出前{ROWS_SHOWN}条" in page


def test_the_workbook_has_every_list_whole(campaign: str, tmp_path: Path) -> None:
    report = reported(TODAY + timedelta(weeks=WEEKS))
    path = tmp_path / "报告.xlsx"
    write_book(report, path)
    book = load_workbook(path)
    lists = {
        "项目回访": report.projects,
        "投资方回访": report.investors,
        "未解决的问题": report.open_problems,
        "活动期间解决的问题": report.solved,
        "无人填报的回访": report.unanswered,
    }
    assert book.sheetnames == ["汇总", *lists]
    for title, rows in lists.items():
        assert book[title].max_row == 3 + len(rows)
    summary = {cell.value for row in book["汇总"].iter_rows() for cell in row}
    assert {report.whole.projects.text, report.whole.investors.text, *COUNTIES} <= summary


def test_a_report_of_nothing_yet_names_no_rate_without_its_fraction(ledger: str) -> None:
    with transaction("测试") as session:
        unit = Unit(name="清丰县")
        session.add(
            Project(code="P-1", name="项目", sector=Sector.FOOD, unit=unit, amount=Decimal(1), signed_on=BEFORE)
        )
    open_campaign(Terms(NAME, Selection(), deadline=DUE), TODAY)
    report = reported(TODAY)
    assert (report.whole.projects.text, report.whole.investors.text) == ("0.0%（0/1）", "–（0/0）")
    page = page_of(report, "")
    assert gettext("Nothing.") in page


def test_a_report_of_a_past_day_tells_no_later_hold_or_reply(ledger: str) -> None:
    held_on, replied_on, resumed_on = (TODAY + timedelta(days) for days in (4, 5, 8))
    with transaction("测试") as session:
        unit = Unit(name="清丰县")
        project = Project(code="P-1", name="项目", sector=Sector.FOOD, unit=unit, amount=Decimal(1), signed_on=BEFORE)
        session.add_all([project, Unit(name=BUREAUS[0], kind=UnitKind.BUREAU)])
        session.flush()
        found = FoundBlocker(BlockerCategory.LAND, BUREAUS[0], "用地未落实", "", DUE)
        item = open_blocker(session, lock_project(session, project.id), found, BEFORE)
    open_campaign(Terms(NAME, Selection(), deadline=DUE), TODAY)
    with transaction("测试") as session:
        turn_clock(session, lock_project(session, project.id), Clock.HOLD, "等待规划调整", "副市长", held_on)
        raised = Escalation(item_id=item.id, round=1, step=Step.LEADER, policy_id=1, raised_on=TODAY, due_on=DUE)
        raised.reply, raised.replied_at = "本周协调", datetime.combine(replied_on, time(1), UTC)
        session.add(raised)
    with transaction("测试") as session:
        turn_clock(session, lock_project(session, project.id), Clock.RESUME, "规划已调整", "副市长", resumed_on)
    told = {}
    for day in (TODAY, held_on, replied_on, resumed_on):
        report = reported(day)
        (problem,), (visit,) = report.open_problems, report.visits
        told[day] = (problem.hold_reason, visit.is_paused, problem.reply)
    assert told == {
        TODAY: ("", False, ""),
        held_on: ("等待规划调整", True, ""),
        replied_on: ("等待规划调整", True, "本周协调"),
        resumed_on: ("", False, "本周协调"),
    }


def test_a_campaign_that_is_over_is_reported_as_it_ended(campaign: str) -> None:
    cancelled_on = TODAY + timedelta(weeks=1)
    before = reported(cancelled_on)
    cancel_campaign(NAME, cancelled_on)
    after = reported(TODAY + timedelta(weeks=WEEKS))
    assert (after.as_of, after.whole) == (cancelled_on, before.whole)


def test_there_is_no_report_of_what_is_not_there(ledger: str) -> None:
    with snapshot() as session, pytest.raises(Refused, match="春季"):
        report_of(session, "春季回访", TODAY)


def test_results_that_are_no_visits_do_not_count_as_visited(campaign: str) -> None:
    report = reported(TODAY + timedelta(weeks=WEEKS))
    assert {each.result for each in report.closed_otherwise} <= {ItemResult.PROJECT_ENDED}
    assert not any(each.is_visited for each in report.closed_otherwise)
