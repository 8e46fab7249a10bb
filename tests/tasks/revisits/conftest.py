"""What tests of revisit campaigns share."""

import pytest

from models.ledger.organisation import Person, Squad, Unit
from models.words import Role, UnitKind
from support.ledgers.revisit_city import City
from tasks.database import transaction


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
