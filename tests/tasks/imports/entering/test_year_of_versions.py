"""A year of monthly files of one ledger, in and out of order, twice, with people's changes between:
after each the ledger holds what an oracle in plain Python says.
"""

import os
from datetime import UTC, date, datetime
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select, text

from models.escalation.action_item import ActionItem, Blocker
from models.ledger.history import Change
from models.ledger.project import CapitalEvent, Progress, Project
from models.office_files.days.file_day import FileDay
from models.words import ItemKind, Sector
from support.ledgers.file_of_rows import bring, history
from support.ledgers.year_of_versions import Arrival, Oracle, arrivals, versions
from tasks.database import transaction
from tasks.ledger.office_time import office_zone

pytestmark = pytest.mark.usefixtures("in_english", "ledger")

PROJECTS = 3
SEEDS = range(int(os.environ.get("LUODI_TEST_YEARS") or 3))


@pytest.mark.parametrize("seed", SEEDS)
def test_after_each_file_of_a_year_the_ledger_holds_the_newest_of_each_cell(seed):
    play(seed, changes=6)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1060))
def test_many_years_hold_the_newest_of_each_cell(seed):
    play(seed, changes=20)


def play(seed: int, changes: int) -> None:
    """Let a year happen; the ledger is compared after each event."""
    random, oracle = Random(seed), Oracle()  # noqa: S311 - the same each time
    taken: set[date] = set()
    for event in arrivals(random, versions(random, PROJECTS), changes):
        if event.version:
            before = history()
            result = bring(*event.version.rows, as_of=event.day, days=(FileDay(event.version.day, "title"),))
            assert result.rows_left_out == 0
            oracle.take(event.version)
            if event.version.day in taken:
                assert (result.new, result.changed, history()) == (0, 0, before), event.version.day
            taken.add(event.version.day)
        elif (event.code, "name") in oracle.cells:
            oracle.change(event.code, event.cell, event.value, event.day)
            change(event)
        expected = oracle.ledger()
        found = {key: value for key, value in ledger().items() if key[1] != "visit_due_on" or key in expected}
        assert found == expected, f"seed {seed}, {event.day}"
        assert {code: set(texts) for code, texts in progress().items()} == oracle.texts
        assert all(text != after for texts in progress().values() for text, after in pairwise(texts))


def change(event: Arrival) -> None:
    """A person changes a cell, on the day of the event."""
    with transaction("张三") as session:
        mark = session.scalar(select(func.max(Change.id)))
        project = session.scalars(select(Project).where(Project.code == event.code)).one()
        if event.cell == "squad":
            project.squad = None
        else:
            setattr(project, event.cell, event.value)
        session.flush()
        moment = datetime(event.day.year, event.day.month, event.day.day, 10, tzinfo=office_zone()).astimezone(UTC)
        session.execute(text("ALTER TABLE change DISABLE TRIGGER append_only"))
        session.execute(
            text("UPDATE change SET recorded_at = :moment WHERE id > :mark"), {"moment": moment, "mark": mark}
        )
        session.execute(text("ALTER TABLE change ENABLE TRIGGER append_only"))


def ledger() -> dict[tuple[str, str], Any]:
    """Every cell of the ledger that says something, as the oracle names it."""
    with transaction() as session:
        projects = session.scalars(select(Project).order_by(Project.id)).all()
        codes = {project.id: project.code for project in projects}
        cells: dict[tuple[str, str], Any] = {}
        for project in projects:
            cells |= {(project.code, name): value for name, value in _plain(project).items()}
        for event in session.scalars(select(CapitalEvent)):
            cells[codes[event.project_id], f"{event.kind} {event.happened_on}"] = event.amount
        for item in session.scalars(select(ActionItem).where(ActionItem.closed_on.is_(None))):
            code = codes[item.project_id or 0]
            if item.kind is ItemKind.BLOCKER:
                blocker = session.get_one(Blocker, item.id)
                cells[code, f"problem {blocker.description} solution"] = blocker.proposed_solution
                cells[code, f"problem {blocker.description} due_on"] = item.due_on
            elif item.kind is ItemKind.VISIT:
                cells[code, "visit_due_on"] = item.due_on
    latest = {(code, "progress"): texts[-1] for code, texts in progress().items()}
    return {key: value for key, value in (cells | latest).items() if value not in (None, "", False, Sector.OTHER)}


def _plain(project: Project) -> dict[str, Any]:
    cells: dict[str, Any] = {
        "name": project.name,
        "amount": project.amount,
        "signed_on": project.signed_on,
        "officer": project.officer and project.officer.name,
        "leader": project.leader and project.leader.name,
        "squad": project.squad and project.squad.name,
        "sector": project.sector,
        "is_sme": project.is_sme,
        "origin_activity": project.origin_activity,
        "registered_in": project.investor and project.investor.registered_in,
        "units": (project.unit.name, *sorted(unit.name for unit in project.co_units)),
    }
    cells |= {f"extra {header}": value for header, value in project.extra.items()}
    for milestone in project.milestones:
        for part in ("planned_on", "done_on", "evidence"):
            cells[f"{milestone.kind} {part}"] = getattr(milestone, part)
    return cells


def progress() -> dict[str, list[str]]:
    """The texts of each project's progress, the latest last."""
    with transaction() as session:
        in_order = (
            select(Project.code, Progress.text)
            .join(Progress, Progress.project_id == Project.id)
            .order_by(Progress.happened_on, Progress.id)
        )
        texts: dict[str, list[str]] = {}
        for code, entry in session.execute(in_order):
            texts.setdefault(code, []).append(entry)
    return texts
