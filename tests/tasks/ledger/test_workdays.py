"""The office's calendar: how far it reaches, and what a new list of days off changes in it."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import delete, func, select, update

from models.escalation.calendar import OutsideCalendar, Workday
from models.ledger.facts import FoundBlocker
from models.ledger.project import Project
from models.words import BlockerCategory, Currency, Sector
from tasks.database import transaction
from tasks.items.blockers import open_blocker
from tasks.items.corrections import Master, correct
from tasks.ledger.locks import lock_project
from tasks.ledger.office_time import day_of
from tasks.ledger.workdays import YEARS_AHEAD, calendar_around, refresh_calendar

NATIONAL_DAY, SATURDAY = date(2025, 10, 1), date(2025, 10, 11)  # the Saturday makes up for the week off
LAST_YEAR = day_of("").year + YEARS_AHEAD


def table() -> list[tuple[object, ...]]:
    with transaction() as session:
        return [tuple(row) for row in session.execute(select(*Workday.__table__.c).order_by(Workday.day))]


def refresh() -> list[date]:
    with transaction("测试") as session:
        return refresh_calendar(session, day_of(""))


@pytest.mark.usefixtures("ledger")
def test_the_calendar_reaches_back_to_the_first_year_a_file_may_give() -> None:
    with transaction() as session:
        first, last, count = session.execute(select(func.min(Workday.day), func.max(Workday.day), func.count())).one()
        late = calendar_around(session, date(1980, 1, 4), date(1980, 3, 1)).elapsed(date(1980, 1, 4), date(1980, 1, 8))
    assert (first, last, count) == (date(1980, 1, 1), date(LAST_YEAR, 12, 31), (last - first).days + 1)
    assert late == 2


@pytest.mark.usefixtures("ledger")
def test_a_new_list_names_the_days_it_changes_and_counts_all_anew() -> None:
    before = table()
    with transaction("测试") as session:
        session.execute(update(Workday).where(Workday.day == NATIONAL_DAY).values(is_working=True))
        session.execute(update(Workday).where(Workday.day == SATURDAY).values(is_working=False))
        session.execute(update(Workday).where(Workday.day > NATIONAL_DAY).values(ordinal=Workday.ordinal + 1))
    assert refresh() == [NATIONAL_DAY, SATURDAY]
    assert table() == before
    assert refresh() == []


@pytest.mark.usefixtures("ledger")
def test_the_days_the_office_set_itself_stay() -> None:
    with transaction("测试") as session:
        session.execute(update(Workday).where(Workday.day == SATURDAY).values(is_working=False, source="office"))
    assert refresh() == []
    with transaction() as session:
        assert not calendar_around(session, SATURDAY).is_working(SATURDAY)


@pytest.mark.usefixtures("ledger")
def test_a_calendar_of_a_former_luodi_that_began_in_2010_is_lengthened_and_changes_no_day() -> None:
    with transaction("测试") as session:
        session.execute(delete(Workday).where(Workday.day < date(2010, 1, 1)))
    assert refresh() == []
    with transaction() as session:
        assert session.scalar(select(func.min(Workday.day))) == date(1980, 1, 1)


@pytest.mark.parametrize("year", [LAST_YEAR + 1, LAST_YEAR + 2, 2099])
def test_a_date_the_calendar_does_not_reach_is_refused_not_clipped(project: int, year: int) -> None:
    found = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "", date(year, 6, 1))
    with transaction("测试") as session, pytest.raises(OutsideCalendar, match=f"{year}年6月1日"):
        open_blocker(session, lock_project(session, project), found, date(2013, 6, 3))


def test_no_project_is_signed_before_the_calendar_begins(project: int) -> None:
    master = Master("龙都家具产业园", "", "清丰县", Sector.FURNITURE, Decimal(1), Currency.CNY, date(1979, 12, 31))
    with transaction("测试") as session, pytest.raises(OutsideCalendar, match="1979年12月31日"):
        correct(session, session.get_one(Project, project), master, date(2013, 6, 3))
