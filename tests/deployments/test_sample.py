"""The sample ledger: the same for the same day, and a field to see every step of the ladder in."""

import inspect
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from deployments.sample import load as load_sample
from deployments.sample.words import COMMERCE_BUREAU, COUNTIES, INSPECTION_OFFICE, LARGE_AMOUNTS, WITHOUT_LEADER
from deployments.sample.workbook import (
    BLOCKED,
    BLOCKERS_DUE,
    DIRTY,
    HEADER_ROW,
    IMPOSSIBLE_DAY,
    LANDED,
    NAMELESS,
    PROJECTS,
    RANGE_OF_AMOUNTS,
    TEN_HUNDRED_MILLION,
    TERMINATED,
    UNKNOWN_UNIT,
    VISITS_DUE,
    sample_campaign,
    sample_rows,
    write_sample,
)
from models.escalation.action_item import ActionItem
from models.escalation.calendar import official_calendar
from models.escalation.escalation import Escalation
from models.ledger.history import Change
from models.ledger.organisation import Person, Unit
from models.ledger.project import Project
from models.office_files.rows import Effect
from models.words import Currency, FirstRung, ItemKind, Role, Sector, Stage, Step, UnitKind
from tasks.campaigns.plan import adopt
from tasks.campaigns.targets import evaluate
from tasks.database import transaction
from tasks.dialogues.parameters.campaign_plan import TargetForm
from tasks.escalation.backlog import begin, beginning
from tasks.escalation.sweep import sweep
from tasks.imports.entering.import_file import ImportResult, import_ledger
from tasks.imports.reader import read_ledger
from tasks.ledger.office_time import day_of

SUNDAY_OFF = date(2026, 11, 22)
FRIDAY = date(2026, 11, 20)
OPEN = PROJECTS - len(LANDED) - len(TERMINATED) - len(DIRTY)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sample" / "ledger.xlsx"
    write_sample(path, SUNDAY_OFF)
    return path


@pytest.fixture
def result(ledger: str, path: Path) -> ImportResult:
    return import_ledger(read_ledger(path), SUNDAY_OFF)


@pytest.mark.parametrize("day", [SUNDAY_OFF, date(2013, 6, 9), date(2025, 1, 2), date(2028, 2, 29)], ids=str)
def test_nothing_is_invented_on_any_day(day):
    calendar = official_calendar(day.year - 1, day.year + 1)
    today = calendar.last_before(day)
    rows = sample_rows(calendar, today)
    assert rows == sample_rows(calendar, today)
    signed = [row["签约日期"] for row in rows if isinstance(row["签约日期"], date)]
    assert today - timedelta(4 * 365) < min(signed) < max(signed) < today
    facts = [row[fact] for row in rows for fact in ("注册时间", "开工时间") if row.get(fact)]
    assert max(facts) < today


def test_the_same_day_gives_the_same_workbook(path, tmp_path):
    write_sample(tmp_path / "again" / path.name, SUNDAY_OFF)
    assert read_ledger(tmp_path / "again" / path.name) == read_ledger(path)


def test_four_rows_are_dirty_each_in_its_own_way(result):
    assert [(each.row - HEADER_ROW, each.column) for each in result.problems] == [
        (RANGE_OF_AMOUNTS, "总投资（万元）"),
        (IMPOSSIBLE_DAY, "签约日期"),
        (UNKNOWN_UNIT, "责任单位"),
        (NAMELESS, "项目名称"),
    ]
    assert {each.effect for each in result.problems} == {Effect.ROW_LEFT_OUT}
    assert (result.row_count, result.rows_left_out, result.new) == (PROJECTS, len(DIRTY), PROJECTS - len(DIRTY))


def test_importing_it_again_changes_nothing(result, path):
    with transaction() as session:
        before = session.scalars(select(func.count()).select_from(Change)).one()
    again = import_ledger(read_ledger(path), SUNDAY_OFF)
    with transaction() as session:
        after = session.scalars(select(func.count()).select_from(Change)).one()
    assert (again.new, again.changed, again.unchanged, after) == (0, 0, result.new, before)


def test_projects_stand_where_their_rows_say(result):
    with transaction() as session:
        stages = dict(session.execute(select(Project.stage, func.count()).group_by(Project.stage)).all())
    assert stages == {Stage.SIGNED: OPEN, Stage.LANDED: len(LANDED), Stage.EXITED: len(TERMINATED)}


def test_every_step_has_visits_and_blockers_that_are_due(result):
    calendar = official_calendar(2025, 2027)
    days = {offset: calendar.add(FRIDAY, offset) for offset in (*VISITS_DUE, *BLOCKERS_DUE) if offset}
    with transaction() as session:
        due = session.execute(select(ActionItem.kind, ActionItem.due_on).where(ActionItem.closed_on.is_(None)))
        count = Counter(due)
    assert sum(number for (kind, _day), number in count.items() if kind is ItemKind.VISIT) == OPEN
    assert sum(number for (kind, _day), number in count.items() if kind is ItemKind.BLOCKER) == len(BLOCKED)
    for offset in (1, -1, -2, -5, -22):
        assert count[ItemKind.VISIT, days[offset]] == 3
        assert count[ItemKind.BLOCKER, days[offset]] == 1


def test_it_holds_the_amounts_and_sectors_the_campaign_counts(result):
    with transaction() as session:
        projects = session.scalars(select(Project)).all()
    in_yuan = [each.amount for each in projects if each.currency is Currency.CNY]
    assert sorted(each.amount for each in projects if each.currency is Currency.USD) == [
        Decimal(80_000_000),
        Decimal(120_000_000),
    ]
    assert sum(amount >= 10**9 for amount in in_yuan) == len(TEN_HUNDRED_MILLION)
    assert sum(5 * 10**8 <= amount < 10**9 for amount in in_yuan) == len(LARGE_AMOUNTS) - len(TEN_HUNDRED_MILLION)
    assert {each.sector for each in projects} == set(Sector) - {Sector.OTHER}
    assert {True, False} == {each.is_sme for each in projects}
    assert all(each.extra.keys() == {"申请用地（亩）"} for each in projects)


def test_only_one_county_has_no_responsible_leader(result):
    with transaction() as session:
        counties = set(session.scalars(select(Unit.name).where(Unit.kind == UnitKind.COUNTY)))
        led = select(Unit.name).join(Person).where(Person.role == Role.LEADER, Unit.kind == UnitKind.COUNTY)
        missing = counties - set(session.scalars(led))
        office = session.scalars(select(Unit.name).where(Unit.kind == UnitKind.INSPECTION_OFFICE)).all()
    assert (counties, missing, office) == (set(COUNTIES), {WITHOUT_LEADER}, [INSPECTION_OFFICE])


def test_people_are_offices_and_all_on_the_sheet(result):
    with transaction() as session:
        people = session.execute(select(Person.name, Unit.name).join(Unit, Person.unit_id == Unit.id)).all()
    assert all(name.startswith(unit) for name, unit in people)
    assert len(people) == 34


def test_the_first_sweep_raises_something_on_each_step_up_to_the_office_and_reaches_somebody(result):
    begin("Luodi", beginning(FirstRung.OFFICE, FRIDAY, (), FRIDAY))
    sweep(FRIDAY)
    with transaction() as session:
        raised = session.scalars(select(Escalation)).all()
        led_by_none = [each for each in raised if each.step is Step.LEADER and each.item.unit.name == WITHOUT_LEADER]
        heard = {each.recipient and each.recipient.unit.name for each in led_by_none}
    assert {each.step for each in raised} == {step for step in Step if Step.OFFICE.reaches(step)}
    assert all(each.recipient_id for each in raised)
    assert heard == {COMMERCE_BUREAU}


def test_a_sample_that_was_stopped_on_the_way_goes_on_at_the_next_start(
    ledger: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = inspect.signature(load_sample._done)

    def done(*args: str, **parameters: Any) -> str:
        deployment, _name, given = called.bind(*args, **parameters).arguments.values()
        if deployment == "ledger-import":
            import_ledger(read_ledger(Path(given["path"])), day_of(""))
            raise KeyboardInterrupt
        if deployment == "begin-backlog":
            day = date.fromisoformat(given["day"])
            begin(given["filled_in_by"], beginning(FirstRung(given["rung"]), day, (), day))
        elif deployment == "escalation-sweep":
            sweep(date.fromisoformat(given["as_of"]))
        else:
            plan_like(given)
        return deployment

    monkeypatch.setattr(load_sample, "_done", done)
    with pytest.raises(KeyboardInterrupt):
        load_sample.load(tmp_path)
    assert load_sample.load(tmp_path) == "首次督办扫描：escalation-sweep 行动：campaign-plan"
    assert "未导入示例台账" in load_sample.load(tmp_path)


def plan_like(given: dict[str, Any]) -> None:
    """What `campaign-plan` does with the sample's form: it reads back the plan it was filled in
    from.
    """
    targets = tuple(TargetForm(**each).planned() for each in given["targets"])
    plan = sample_campaign(day_of(""))
    assert targets == plan.targets
    with transaction("测试") as session:
        adopt(session, plan)


@pytest.mark.parametrize(("day", "year"), [(SUNDAY_OFF, 2026), (date(2026, 5, 1), 2025), (date(2026, 6, 6), 2026)])
def test_the_sample_campaign_lies_around_its_day(day, year):
    plan = sample_campaign(day)
    assert (day - plan.starts_on).days + 1 == 67
    assert (plan.ends_on - plan.starts_on).days + 1 == 100
    assert [target.signed_from for target in plan.targets[:2]] == [date(year - 1, 1, 1), date(year, 1, 1)]


def test_the_sample_campaign_has_something_reached_and_something_missing_in_each_of_its_kinds(result):
    with transaction("测试") as session:
        campaign = adopt(session, sample_campaign(FRIDAY))
        last, half, ten, five, landed, bureau, food = evaluate(session, campaign, FRIDAY)
    assert all(0 < each.total.part < each.total.whole for each in (last, half, bureau))
    assert (ten.total.part, five.total.part, landed.total.part) == (1, 2, 1)
    assert len(ten.units) == len(COUNTIES)
    assert (bureau.total.part, bureau.total.whole) == (1, 5)
    assert len(bureau.leaders) == 3
    assert (food.total.is_reached, food.total.whole) == (False, 5)
