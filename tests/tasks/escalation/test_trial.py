"""A trial of a day says what its sweep fires and to whom, and leaves no trace."""

from datetime import date

import pytest
from sqlalchemy import func, select, text

from models.escalation.calendar import official_calendar
from models.escalation.escalation import Escalation
from models.escalation.policy import EVERYTHING
from models.ledger.history import Counter
from models.ledger.organisation import Person
from models.refusal import Refused
from models.tables import Base
from tasks.database import transaction
from tasks.escalation.policy import adopt, present
from tasks.escalation.report import report
from tasks.escalation.sweep import sweep
from tasks.escalation.trial import MOST_SWEEPS, page, try_sweep

CALENDAR = official_calendar(2012, 2015)
TODAY, REMINDED, LEADER_HEARS, OFFICE_HEARS = (date(2013, 6, day) for day in (13, 18, 19, 24))


def everything() -> dict[str, list[tuple[object, ...]]]:
    with transaction() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def rows_below(text: str, title: str) -> list[str]:
    """The table's rows below a heading."""
    below = text.split(f"## {title}")[1].split("\n## ")[0]
    return [line for line in below.splitlines() if line.startswith("|")][2:]


def raised_on(day: date) -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).where(Escalation.raised_on == day)) or 0


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("ahead", [1, 4, 12, 30])
def test_a_trial_names_exactly_what_the_sweep_of_that_day_fires_after_those_before_it(ahead: int) -> None:
    with transaction() as session:
        today = session.scalars(select(func.max(Escalation.raised_on))).one()
    sweep(today)
    day = CALENDAR.add(today, ahead)
    trial = try_sweep(day, today)
    for count in range(1, ahead + 1):
        sweep(CALENDAR.add(today, count))
    with transaction() as session:
        really = report(session, day)
    assert trial.fires == raised_on(day)
    assert [(swept, raised_on(swept)) for swept, _count in trial.before] == list(trial.before)
    if trial.fires:
        assert rows_below(page(trial), "拟触发") == rows_below(really, "本次触发")


@pytest.mark.usefixtures("busy")
def test_a_trial_writes_nothing_takes_no_number_and_may_be_repeated() -> None:
    before = everything()
    day = CALENDAR.add(max(log[1] for log in before["sweep_log"]) if before["sweep_log"] else date(2013, 7, 1), 15)
    first = try_sweep(day, CALENDAR.add(day, -15))
    assert first.fires + sum(count for _day, count in first.before) > 0
    assert everything() == before
    assert try_sweep(day, CALENDAR.add(day, -15)) == first


def test_a_trial_says_that_it_is_one_and_what_it_takes_for_granted(city: int) -> None:
    shown = page(try_sweep(OFFICE_HEARS, TODAY))
    assert shown.startswith("# 试运行：2013年6月24日督办扫描\n\n没有触发任何事项，没有占用文号，也没有发出通知。")
    assert "假定在此之前无人处理，且自2013年6月13日起每个工作日均已扫描" in shown
    assert rows_below(shown, "此前各次扫描拟触发") == [f"| 2013年6月{day}日 | 1 |" for day in (13, 18, 19)]
    (row,) = rows_below(shown, "拟触发")
    assert "市政府督查室 · 督查室科长" in row
    with transaction() as session:
        assert session.scalars(select(Counter)).all() == []


def test_a_trial_of_today_fires_what_the_sweep_would_fire_now(city: int) -> None:
    shown = page(try_sweep(OFFICE_HEARS, OFFICE_HEARS))
    assert "如果现在扫描" in shown
    assert len(rows_below(shown, "拟触发")) == 1
    assert "此前" not in shown


def test_who_acts_for_the_leader_on_that_day_is_named(city: int) -> None:
    with transaction("测试") as session:
        leader = session.scalars(select(Person).where(Person.name == "清丰县分包领导")).one()
        deputy = session.scalars(select(Person).where(Person.name == "清丰县副县长")).one()
        leader.delegate, leader.delegate_from, leader.delegate_until = deputy, LEADER_HEARS, LEADER_HEARS
    (row,) = rows_below(page(try_sweep(LEADER_HEARS, TODAY)), "拟触发")
    assert "清丰县副县长" in row
    assert "清丰县分包领导" in row


def test_a_trial_lets_numbers_of_a_campaign_come_into_force_on_their_day(city: int) -> None:
    with transaction("测试") as session:
        session.execute(
            text(
                "INSERT INTO campaign (name, starts_on, ends_on, landing_definition)"
                " VALUES ('攻坚', '2013-06-19', '2013-06-30', CAST('[\"registered\"]' AS jsonb))"
            )
        )
        number = session.scalars(text("SELECT max(id) FROM campaign")).one()  # type: ignore[call-overload]
        numbers = present(session, EVERYTHING).model_copy(update={"leader_after": 3, "office_after": 10})
        adopt(session, numbers, (number, None))
    assert [try_sweep(CALENDAR.add(LEADER_HEARS, more), TODAY).fires for more in (0, 1)] == [0, 1]


def test_a_day_before_the_last_sweep_or_too_far_ahead_has_no_trial(city: int) -> None:
    sweep(LEADER_HEARS)
    with pytest.raises(Refused, match="undo-sweep"):
        try_sweep(REMINDED, LEADER_HEARS)
    assert try_sweep(CALENDAR.add(LEADER_HEARS, MOST_SWEEPS), LEADER_HEARS).fires == 0
    with pytest.raises(Refused, match="250"):
        try_sweep(CALENDAR.add(LEADER_HEARS, MOST_SWEEPS + 2), LEADER_HEARS)


def test_what_fired_today_is_not_named_again(city: int) -> None:
    sweep(LEADER_HEARS)
    assert try_sweep(LEADER_HEARS, LEADER_HEARS).fires == 0
    assert "拟触发" in page(try_sweep(OFFICE_HEARS, LEADER_HEARS))
