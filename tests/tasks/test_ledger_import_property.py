"""Whatever ledger an office writes, and however: the ledger then holds what was meant, and nothing else."""

from typing import Any

import pytest
from hypothesis import given, settings
from ledgers import AS_OF, AT_LEISURE, ledgers, written
from sqlalchemy import func, select, text

from models import project as entered
from models.action_item import ActionItem
from models.change import Change
from models.organisation import Person, Squad, Unit
from models.words import ItemKind
from tasks.database import transaction
from tasks.ledger_file import read_ledger
from tasks.ledger_import import import_ledger

pytestmark = pytest.mark.usefixtures("in_english", "ledger")

NOBODY = "", None


@settings(AT_LEISURE, max_examples=25)
@given(ledgers(most=4))
def test_any_ledger_goes_in_as_it_was_meant_and_a_second_time_changes_nothing(written_one):
    wipe()
    with written(written_one) as path:
        result = import_ledger(read_ledger(path), AS_OF)
        before = whole_ledger(), history()
        again = import_ledger(read_ledger(path), AS_OF)
    assert before[0]["projects"] == sorted(map(project_meant, written_one.good), key=str)
    assert before[0]["others"] == others_meant(written_one.good)
    assert (result.new, result.rows_left_out) == (len(written_one.good), len(written_one.projects) - result.new)
    assert (again.new, again.changed, whole_ledger(), history()) == (0, 0, *before)


def wipe() -> None:
    """Take everything out of the ledger that files bring."""
    with transaction() as session:
        session.execute(text("TRUNCATE unit, investor, squad, change RESTART IDENTITY CASCADE"))


def history() -> int:
    """How much history there is."""
    with transaction() as session:
        return session.scalars(select(func.count()).select_from(Change)).one()


def whole_ledger() -> dict[str, Any]:
    """Every project with all that files say of it, and everybody and everything named."""
    with transaction() as session:
        projects = list(session.scalars(select(entered.Project)))
        named = {
            kind.__tablename__: set(session.scalars(select(kind.name))) for kind in (Unit, Squad, entered.Investor)
        }
        people = {(each.name, each.unit_id) for each in session.scalars(select(Person))}
        items = list(session.scalars(select(ActionItem)))
        return {
            "projects": sorted((project_told(each, items) for each in projects), key=str),
            "others": named | {"people": {name for name, _unit in people}},
        }


def project_told(project: entered.Project, items: list[ActionItem]) -> dict[str, Any]:
    """A project of the ledger."""
    own = [each for each in items if each.project_id == project.id]
    return {
        "name": project.name,
        "investor": (project.investor.name, project.investor.registered_in) if project.investor else NOBODY,
        "unit": project.unit.name,
        "beside": {unit.name for unit in project.co_units},
        "amount": (project.amount, project.currency),
        "signed_on": project.signed_on,
        "sector": project.sector,
        "is_sme": project.is_sme,
        "people": (project.officer and project.officer.name, project.leader and project.leader.name),
        "squad": project.squad and project.squad.name,
        "origin_activity": project.origin_activity,
        "milestones": {each.kind.value: (each.planned_on, each.done_on, each.evidence) for each in project.milestones},
        "progress": progress_of(project.id),
        "blockers": [blocker_told(each) for each in own if each.kind is ItemKind.BLOCKER],
        "extra": project.extra,
    }
