"""Random ledgers to count in: units, leaders, projects with every fate, all from one seed."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models.ledger.organisation import Person, Unit
from models.ledger.project import CapitalEvent, Milestone, Project, project_co_unit
from models.words import CapitalKind, Currency, Exit, MilestoneKind, Role, Sector, Stage, UnitKind
from tasks.database import transaction

FIRST, DAYS = date(2012, 1, 1), 700
AMOUNTS = [Decimal(figure) for figure in ("1", "499999999.99", "500000000", "999999999.99", "1000000000", "2600000000")]
COUNTIES, BUREAUS = ("濮阳县", "清丰县", "南乐县", "台前县"), ("市商务局", "市工信局")
EMPTY = "台前县"
"""A county that has signed nothing."""


@dataclass(frozen=True)
class City:
    """What was entered."""

    random: Random
    units: dict[str, int]
    leaders: dict[int, list[int]]


def random_city(seed: int, projects: int = 150) -> City:
    """Enter a city with that many projects, signed from January 2012 on; some exit, land or are
    shared.
    """
    random = Random(seed)  # noqa: S311 - not for secrets
    with transaction("测试") as session:
        counties, bureaus = [Unit(name=name) for name in COUNTIES], [Unit(name=name) for name in BUREAUS]
        for bureau in bureaus:
            bureau.kind = UnitKind.BUREAU
        units = [*counties, *bureaus]
        session.add_all(units)
        leaders = [Person(name=f"领导{no}", role=Role.LEADER, unit=unit) for unit in units for no in range(3)]
        session.add_all(leaders)
        session.flush()
        city = City(
            random,
            {unit.name: unit.id for unit in units},
            {unit.id: [leader.id for leader in leaders if leader.unit is unit] for unit in units},
        )
        entered = [_project(city, number) for number in range(projects)]
        session.execute(insert(Project), entered)
        milestones = [_milestones(city, number, row) for number, row in enumerate(entered, 1)]
        session.execute(insert(Milestone), [row for rows in milestones for row in rows])
        _shared(session, city, projects)
    return city


def _project(city: City, number: int) -> dict[str, Any]:
    pick = city.random
    unit_id = pick.choice([number for name, number in city.units.items() if name != EMPTY])
    signed_on = FIRST + timedelta(pick.randrange(DAYS))
    has_exited = pick.random() < 0.15
    return {
        "code": f"PY-{number:04}",
        "name": f"项目{number}",
        "sector": pick.choice(list(Sector)),
        "unit_id": unit_id,
        "amount": pick.choice(AMOUNTS),
        "currency": pick.choice([Currency.CNY, Currency.CNY, Currency.USD]),
        "signed_on": signed_on,
        "leader_id": pick.choice([None, *city.leaders[unit_id]]),
        "stage": Stage.EXITED if has_exited else Stage.SIGNED,
        "exit": Exit.LOST if has_exited else None,
        "exit_reason": "撤资" if has_exited else "",
        "ended_on": signed_on + timedelta(pick.randrange(400)) if has_exited else None,
    }


def _milestones(city: City, project_id: int, project: dict[str, Any]) -> list[dict[str, Any]]:
    pick = city.random
    return [
        {
            "project_id": project_id,
            "kind": kind,
            "done_on": pick.choice([None, project["signed_on"] + timedelta(pick.randrange(300))]),
            "evidence": pick.choice(["", " ", "执照", "照片", "许可证", "批复"]),
        }
        for kind in MilestoneKind
        if pick.random() < 0.7
    ]


def _shared(session: Session, city: City, projects: int) -> None:
    for project_id in range(1, projects, 7):
        session.execute(insert(project_co_unit).values(project_id=project_id, unit_id=city.units[EMPTY]))
        session.add(
            CapitalEvent(
                project_id=project_id, kind=CapitalKind.INCREASE, happened_on=date(2013, 7, 1), amount=AMOUNTS[-1]
            )
        )
