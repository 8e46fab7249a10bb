"""A blocker on a project, with people in its land bureau."""

import pytest
from sqlalchemy import select

from models.ledger.organisation import Person, Unit
from models.words import Role
from support.answers import LAND, OPENED, locked
from tasks.database import transaction
from tasks.items.blockers import open_blocker


@pytest.fixture
def city(city: int) -> int:
    """The city with people in its land bureau, too; returns the project's number."""
    with transaction("测试") as session:
        land = session.scalars(select(Unit).where(Unit.name == "市国土资源局")).one()
        for name, role in (("国土局科长", Role.OFFICER), ("国土局局长", Role.LEADER)):
            session.add(Person(name=name, role=role, unit=land))
            session.flush()
    return city


@pytest.fixture
def item(city: int) -> int:
    """A blocker due on Monday, 17 June 2013, as the project's visit is."""
    with locked(city) as (session, found):
        opened = open_blocker(session, found, LAND, OPENED)
        session.flush()
        return opened.id
