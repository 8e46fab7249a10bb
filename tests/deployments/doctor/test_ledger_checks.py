"""What the doctor says of a ledger, in plain words, and how to mend it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, text, update

from deployments.doctor import ladder, ledger, notices, people, workdays
from deployments.doctor.command import LEDGER_CHECKS
from deployments.doctor.findings import Finding, Level
from models.escalation.action_item import ActionItem
from models.escalation.calendar import Workday
from models.escalation.notice import Delivery
from models.ledger.history import SweepLog
from models.ledger.organisation import Person, Unit
from models.ledger.project import Project
from models.words import Currency, Role, Sector, UnitKind
from tasks.database import engine, transaction
from tasks.escalation.sweep import sweep
from tasks.items.next_steps import set_next_steps
from tasks.items.opening import plan_visit
from tasks.ledger.office_time import day_of

pytestmark = pytest.mark.usefixtures("in_english")


def wrong(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.level is Level.WRONG]


def work_on_weekends(is_working: bool) -> None:
    counted = func.count().filter(Workday.is_working).over(order_by=Workday.day)
    with transaction() as session:
        on_weekends = update(Workday).where(func.extract("isodow", Workday.day) > 5)
        session.execute(on_weekends.values(is_working=is_working))
        numbers = select(Workday.day, counted.label("ordinal")).subquery()
        session.execute(update(Workday).where(Workday.day == numbers.c.day).values(ordinal=numbers.c.ordinal))


@pytest.mark.usefixtures("ledger")
def test_a_healthy_ledger_has_nothing_wrong() -> None:
    work_on_weekends(True)  # the lists are out, also of years for which they are not yet
    assert wrong(ledger.database()) == []
    assert all(wrong(check.look()) == [] for check in LEDGER_CHECKS)


def test_a_ledger_that_is_down_is_named_with_the_command_that_starts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUODI_DATABASE_URL", "postgresql+psycopg://luodi@/luodi?host=/nowhere")
    (finding,) = ledger.database()
    assert finding.level is Level.WRONG
    assert "luodi up" in finding.remedy


@pytest.mark.usefixtures("ledger")
def test_a_database_of_another_shape_than_the_models_is_wrong() -> None:
    assert list(ledger.shape()) == []
    with engine().begin() as connection:
        connection.execute(text("DROP INDEX ix_ask_overtaken"))
    (finding,) = ledger.shape()
    assert finding.level is Level.WRONG
    assert "lacks ask, index ix_ask_overtaken" in finding.what


@pytest.mark.usefixtures("ledger")
def test_missing_migrations_are_named() -> None:
    with engine().begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    (finding,) = ledger.database()
    assert "0002" in finding.what
    assert "luodi db upgrade" in finding.remedy


@pytest.mark.usefixtures("ledger")
def test_a_calendar_that_ends_too_soon_is_wrong() -> None:
    with transaction() as session:
        session.execute(delete(Workday).where(Workday.day > date(2020, 12, 31)))
    (finding,) = workdays.calendar()
    assert finding.level is Level.WRONG
    assert "2020-12-31" in finding.what


@pytest.mark.usefixtures("ledger")
def test_a_year_without_make_up_days_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    work_on_weekends(False)
    monkeypatch.setattr(workdays, "has_make_up_days", lambda _year: False)
    this_year, next_year = workdays.calendar()
    assert (this_year.level, next_year.level) == (Level.WRONG, Level.NOTICE)
    assert "holidays" in this_year.remedy
    monkeypatch.setattr(workdays, "has_make_up_days", lambda _year: True)
    assert next(workdays.calendar()).remedy == "Run `luodi db upgrade`."


def sign(count: int) -> None:
    """Projects that nobody answers for."""
    with transaction() as session:
        unit = Unit(name="台前县")
        for number in range(1, count + 1):
            project = Project(
                code=f"PY-{number}",
                name="羽绒产业园",
                sector=Sector.OTHER,
                unit=unit,
                amount=1,
                currency=Currency.CNY,
                signed_on=date(2013, 3, 1),
            )
            session.add(project)


@pytest.mark.usefixtures("ledger")
def test_open_projects_without_a_leader_are_counted_and_named() -> None:
    sign(7)
    (finding,) = people.leaders()
    assert finding.what.startswith("7 open projects")
    assert "PY-1, PY-2, PY-3, PY-4, PY-5 …" in finding.what
    assert "change-assignment" in finding.remedy


@pytest.mark.usefixtures("ledger")
def test_working_days_without_a_sweep_are_counted() -> None:
    with transaction() as session:
        session.add(SweepLog(as_of=day_of("") - timedelta(days=14), finished_at=datetime.now(UTC), fired=0))
    (finding,) = ladder.sweeps()
    assert finding.level is Level.WRONG
    assert str(day_of("") - timedelta(days=14)) in finding.what
    with transaction() as session:
        session.add(SweepLog(as_of=day_of(""), finished_at=datetime.now(UTC), fired=0))
    (finding,) = ladder.sweeps()
    assert finding.level is Level.FINE


@pytest.mark.usefixtures("ledger")
def test_a_sweep_tried_for_a_day_to_come_hides_no_missed_one() -> None:
    with transaction() as session:
        for day in (day_of("") - timedelta(days=14), day_of("") + timedelta(days=30)):
            session.add(SweepLog(as_of=day, finished_at=datetime.now(UTC), fired=0))
    (finding,) = ladder.sweeps()
    assert (finding.level, str(day_of("") - timedelta(days=14)) in finding.what) == (Level.WRONG, True)


@pytest.mark.usefixtures("ledger")
def test_a_ladder_that_was_never_swept_is_wrong_once_something_has_waited_for_it() -> None:
    assert [finding.level for finding in ladder.sweeps()] == [Level.NOTICE]
    sign(1)
    with transaction() as session:
        project = session.scalars(select(Project)).one()
        plan_visit(session, project, day_of("") - timedelta(days=40), day_of("") - timedelta(days=60))
    assert [finding.level for finding in ladder.sweeps()] == [Level.NOTICE]  # entered today: not missed yet
    with transaction() as session:
        session.execute(update(ActionItem).values(recorded_at=datetime.now(UTC) - timedelta(days=14)))
    (finding,) = ladder.sweeps()
    assert (finding.level, str(day_of("") - timedelta(days=14)) in finding.what) == (Level.WRONG, True)
    with transaction() as session:  # entered long before it was due
        session.execute(update(ActionItem).values(next_fires_on=day_of("") - timedelta(days=7)))
    (finding,) = ladder.sweeps()
    assert (finding.level, str(day_of("") - timedelta(days=7)) in finding.what) == (Level.WRONG, True)
    with transaction() as session:
        set_next_steps(session)


@pytest.mark.usefixtures("ledger")
def test_an_inspection_office_without_anybody_is_wrong_once_there_are_projects() -> None:
    assert list(people.inspection()) == []
    sign(1)
    (finding,) = people.inspection()
    assert finding.level is Level.WRONG
    assert Role.INSPECTOR.label in finding.remedy
    with transaction() as session:
        office = Unit(name="市政府督查室", kind=UnitKind.INSPECTION_OFFICE)
        session.add(Person(name="督查专员", role=Role.INSPECTOR, unit=office))
    (finding,) = people.inspection()
    assert finding.level is Level.FINE


@pytest.mark.usefixtures("ledger")
def test_an_inspection_office_without_a_leader_is_named() -> None:
    assert list(people.inspection_leader()) == []
    with transaction() as session:
        office = Unit(name="市政府督查室", kind=UnitKind.INSPECTION_OFFICE)
        bureau = Unit(name="市商务局", kind=UnitKind.COMMERCE_BUREAU)
        session.add_all([Person(name="督查专员", role=Role.INSPECTOR, unit=office), bureau])
    (finding,) = people.inspection_leader()
    assert finding.level is Level.NOTICE
    assert "no leader (市政府督查室)" in finding.what
    assert finding.what.endswith("the inspectors once more.")
    with transaction() as session:
        bureau = session.scalars(select(Unit).where(Unit.kind == UnitKind.COMMERCE_BUREAU)).one()
        session.add(Person(name="局长", role=Role.LEADER, unit=bureau))
    (finding,) = people.inspection_leader()
    assert finding.what.endswith("the commerce bureau's leader.")
    with transaction() as session:
        office = session.scalars(select(Unit).where(Unit.kind == UnitKind.INSPECTION_OFFICE)).one()
        session.add(Person(name="主任", role=Role.LEADER, unit=office))
    assert list(people.inspection_leader()) == []


@pytest.mark.usefixtures("ledger")
def test_matters_that_reach_nobody_are_named() -> None:
    sign(1)
    with transaction() as session:
        project = session.scalars(select(Project)).one()
        plan_visit(session, project, date(2013, 6, 17), date(2013, 6, 3))
    assert list(people.unheard()) == []
    sweep(date(2013, 6, 18))
    (finding,) = people.unheard()
    assert finding.level is Level.WRONG
    assert "PY-1 羽绒产业园" in finding.what
    assert "(台前县)" in finding.what


@pytest.mark.usefixtures("ledger")
def test_messages_that_could_not_be_delivered_are_named_with_their_error() -> None:
    with transaction() as session:
        unit = Unit(name="清丰县")
        person = Person(name="分包领导", role=Role.LEADER, unit=unit)
        session.add(Delivery(recipient=person, channel="robot", body={}, attempts=2, last_error="503"))
    (finding,) = notices.deliveries()
    assert finding.level is Level.WRONG
    assert all(word in finding.what for word in ("分包领导", "503"))
