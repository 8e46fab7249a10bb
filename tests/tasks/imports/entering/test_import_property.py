"""Whatever ledger an office writes, and however: the ledger then holds what was meant, and nothing
else.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.ledger import project as entered
from models.ledger.history import Change
from models.ledger.organisation import Person, Squad, Unit
from models.words import BlockerCategory, ItemKind, MilestoneKind, Sector
from support.ledgers.random_files import AS_OF, AT_LEISURE, UNITS, Project, ledgers, share_of, written
from tasks.database import transaction
from tasks.imports.entering.import_file import import_ledger
from tasks.imports.reader import read_ledger

pytestmark = pytest.mark.usefixtures("in_english", "ledger")

VISIT_DUE, BLOCKER_DUE = date(2013, 6, 26), date(2013, 7, 3)
"""Ten and fifteen working days after the import, where the file says nothing."""


@settings(AT_LEISURE, max_examples=share_of(10))
@given(ledgers(most=4))
def test_any_ledger_goes_in_as_it_was_meant_and_a_second_time_changes_nothing(sheet):
    wipe()
    with written(sheet) as path:
        result = import_ledger(read_ledger(path), AS_OF)
        before = projects(), history()
        again = import_ledger(read_ledger(path), AS_OF)
    assert before[0] == [(project_meant(each), sheet.extra_of(each)) for each in sheet.good]
    assert named() == names_meant(sheet.good)
    assert (result.new, result.rows_left_out) == (len(sheet.good), len(sheet.projects) - result.new)
    assert (again.new, again.changed, projects(), history()) == (0, 0, *before)


def wipe() -> None:
    """Take everything out of the ledger that files bring; its history stays."""
    with transaction() as session:
        session.execute(text("TRUNCATE unit, investor, squad CASCADE"))


def history() -> int:
    """How much history there is."""
    with transaction() as session:
        return session.scalars(select(func.count()).select_from(Change)).one()


def projects() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every project with all that files say of it, and what is kept of each beside it; in the
    file's order.
    """
    with transaction() as session:
        found = session.scalars(select(entered.Project).order_by(entered.Project.id))
        return [(project_told(session, each), each.extra) for each in found]


def project_told(session: Session, project: entered.Project) -> dict[str, Any]:
    """A project of the ledger, in the ledger's own words."""
    told = select(entered.Progress.text).where(entered.Progress.project_id == project.id)
    items = list(session.scalars(select(ActionItem).where(ActionItem.project_id == project.id)))
    return {
        "name": project.name,
        "investor": (project.investor.name, project.investor.registered_in) if project.investor else ("", ""),
        "units": (project.unit.name, {unit.name for unit in project.co_units}),
        "amount": (project.amount, project.currency),
        "signed_on": project.signed_on,
        "sector": project.sector,
        "is_sme": project.is_sme,
        "people": (project.officer.name if project.officer else "", project.leader.name if project.leader else ""),
        "squad": project.squad.name if project.squad else "",
        "origin_activity": project.origin_activity,
        "milestones": {each.kind: (each.planned_on, each.done_on, each.evidence) for each in project.milestones},
        "progress": list(session.scalars(told)),
        "blockers": [blocker_told(each) for each in items if each.kind is ItemKind.BLOCKER],
        "visits": [each.due_on for each in items if each.kind is ItemKind.VISIT],
    }


def blocker_told(item: ActionItem) -> tuple[Any, ...]:
    """A blocker of the ledger."""
    assert item.blocker
    blocker = item.blocker
    return blocker.description, blocker.category, blocker.recipient_unit.name, blocker.proposed_solution, item.due_on


def project_meant(project: Project) -> dict[str, Any]:
    """The same of a project as it was written."""
    said = {name: project.meant(name) or "" for name in ("investor", "registered_in", "officer", "leader")}
    unit, *beside = project.meant("units")
    return {
        "name": project.meant("name"),
        "investor": (said["investor"], said["registered_in"]),
        "units": (unit, set(beside)),
        "amount": project.meant("amount"),
        "signed_on": project.meant("signed_on"),
        "sector": project.meant("sector") or Sector.OTHER,
        "is_sme": bool(project.meant("is_sme")),
        "people": (said["officer"], said["leader"]),
        "squad": project.meant("squad") or "",
        "origin_activity": project.meant("origin_activity") or "",
        "milestones": dict(milestones_meant(project)),
        "progress": [project.meant("progress")] if project.meant("progress") else [],
        "blockers": [blocker_meant(project)] if project.meant("problem") else [],
        "visits": [VISIT_DUE if project.meant("problem") else project.meant("due_on") or VISIT_DUE],
    }


def milestones_meant(project: Project) -> Iterator[tuple[MilestoneKind, tuple[Any, ...]]]:
    """What is said of each milestone that something is said of."""
    for kind in MilestoneKind:
        planned_on, done_on, evidence = (
            project.meant(f"{kind}.{part}") for part in ("planned_on", "done_on", "evidence")
        )
        if planned_on or done_on or evidence:
            yield kind, (planned_on, done_on, evidence or "")


def blocker_meant(project: Project) -> tuple[Any, ...]:
    """A blocker as it was written; the responsible unit's, due in fifteen working days, where
    nothing else is said.
    """
    said = {name: project.meant(name) for name in ("problem", "category", "recipient", "solution", "due_on")}
    category, unit = said["category"] or BlockerCategory.OTHER, said["recipient"] or project.meant("units")[0]
    return said["problem"], category, unit, said["solution"] or "", said["due_on"] or BLOCKER_DUE


def named() -> dict[str, set[str]]:
    """Everybody and everything the ledger knows by name."""
    with transaction() as session:
        kinds = (Unit, Person, Squad, entered.Investor)
        return {kind.__tablename__: set(session.scalars(select(kind.name))) for kind in kinds}


def names_meant(projects: list[Project]) -> dict[str, set[str]]:
    """The same as the file names them."""
    said = {
        name: {each.meant(name) for each in projects} - {None} for name in ("officer", "leader", "squad", "investor")
    }
    people = said["officer"] | said["leader"]
    return {"unit": set(UNITS), "person": people, "squad": said["squad"], "investor": said["investor"]}
