"""Ledgers to report on, a small one and a busy one."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from models.ledger.organisation import Person, Unit
from models.ledger.project import Project
from models.words import Currency, Role, Sector, UnitKind
from support.ledgers.campaign_week import busy_city
from support.ledgers.spare import SpareLedgers
from tasks.database import transaction
from tasks.items.opening import plan_visit

SIGNED = date(2013, 3, 1)
MONDAY = date(2013, 6, 17)


@pytest.fixture
def project(ledger: str) -> int:
    """A signed project of 清丰县 whose first visit is due on Monday, 17 June 2013; returns its
    number.
    """
    with transaction("测试") as session:
        county, bureau = Unit(name="清丰县"), Unit(name="市国土资源局", kind=UnitKind.BUREAU)
        officer = Person(name="清丰县招商局专员", role=Role.OFFICER, unit=county)
        leader = Person(name="清丰县分包领导", role=Role.LEADER, unit=county)
        deputy = Person(name="清丰县副县长", role=Role.LEADER, unit=county)
        session.add_all([county, bureau, officer, leader, deputy])
        session.flush()
        signed = Project(
            code="PY-2013-001",
            name="龙都家具产业园",
            sector=Sector.FURNITURE,
            unit=county,
            amount=Decimal(1000000000),
            currency=Currency.CNY,
            signed_on=SIGNED,
            officer=officer,
            leader=leader,
        )
        session.add(signed)
        session.flush()
        plan_visit(session, signed, MONDAY, SIGNED)
        return signed.id


@pytest.fixture
def city(project: int) -> int:
    """The project with an inspection office and a commerce bureau above it; returns the project's
    number.
    """
    with transaction("测试") as session:
        office = Unit(name="市政府督查室", kind=UnitKind.INSPECTION_OFFICE)
        bureau = Unit(name="市商务局", kind=UnitKind.COMMERCE_BUREAU)
        session.add(Person(name="督查室科长", role=Role.INSPECTOR, unit=office))
        session.flush()
        session.add(Person(name="市商务局局长", role=Role.LEADER, unit=bureau))
    return project


@pytest.fixture(scope="session")
def busy_ledger(ledgers: SpareLedgers) -> Iterator[str]:
    """The name of a ledger with a city in the middle of its hundred days."""
    with ledgers.filled(busy_city) as (name, _nothing):
        yield name


@pytest.fixture
def busy(ledgers: SpareLedgers, busy_ledger: str) -> Iterator[None]:
    """That city, in a ledger of the test's own."""
    with ledgers.copied(busy_ledger):
        yield
