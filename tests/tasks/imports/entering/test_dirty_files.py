"""However dirty a ledger comes in, file after file: each cell is then right, or it is named.

`DIRT_SECONDS=3600 pytest …` goes on with new cities for an hour and prints how each way of being
dirty ended; `DIRT_SEED=n` is one city alone.
"""

import os
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from models.escalation.action_item import ActionItem
from models.ledger.organisation import Person, Unit
from models.ledger.project import Investor, Progress, Project
from models.office_files.rows import Problem
from models.words import Currency, ItemKind, MilestoneKind, Stage
from support.ledgers.dirty_files import COUNTIES, INVESTORS, LEADERS, OFFICERS, City, DirtyFile, Line, Written
from tasks.database import transaction
from tasks.imports.entering.import_file import import_ledger
from tasks.imports.reader import read_ledger

pytestmark = pytest.mark.usefixtures("in_english", "ledger")

FIRST_SEED, CITIES = 13, 12  # with nothing else said
FIELDS = ("name", "investor", "units", "amount", "signed_on", "officer", "leader", "planned_on", "progress", "remark")
Figures = Counter[tuple[int, str]]  # by way, and how it ended


@dataclass
class Known:
    """What the ledger must hold of a project: a value a field, the day it is of, its problems."""

    project_id: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    days: dict[str, date] = field(default_factory=dict)
    problems: set[str] = field(default_factory=set)


def seeds() -> Iterator[int]:
    if "DIRT_SEED" in os.environ:
        yield int(os.environ["DIRT_SEED"])
        return
    seconds, start = float(os.environ.get("DIRT_SECONDS", 0)), time.monotonic()
    for seed in count(FIRST_SEED):
        if seed >= FIRST_SEED + CITIES and time.monotonic() > start + seconds:
            return
        yield seed


def test_every_cell_of_a_dirty_ledger_is_right_or_named():
    figures: Figures = Counter()
    wrong: list[str] = []
    for seed in seeds():
        wrong += [f"seed {seed}: {fault}" for fault in faults_of_city(seed, figures)]
    for (way, end), number in sorted(figures.items()):
        print(f"way {way:2} {end:6} {number:8}")
    assert not wrong, "\n".join(wrong[:40])
    assert all(figures[way, "right"] + figures[way, "named"] for way in (1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))


def faults_of_city(seed: int, figures: Figures) -> Iterator[str]:
    """Import the city's files, in and out of order; what is wrong after each, though not named."""
    wipe()
    city = City(seed)
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for month in range(3):
            files.append(city.file(date(2013, 4 + month, 28), Path(tempfile.mkdtemp(dir=folder))))
            city.live_on()
        if city.random.random() < 0.3:
            files[1:] = reversed(files[1:])
        known: dict[str, Known] = {}
        for number, (file, path) in enumerate(files):
            problems = import_ledger(read_ledger(path), date(2013, 7, 1) + timedelta(number)).problems
            yield from (f"{file.name}, {fault}" for fault in faults_of_file(file, problems, known, figures))
        yield from strangers()


def wipe() -> None:
    with transaction() as session:
        session.execute(text("TRUNCATE unit, investor, squad CASCADE"))
        session.add_all(Unit(name=name) for name in COUNTIES)


def faults_of_file(
    file: DirtyFile, problems: tuple[Problem, ...], known: dict[str, Known], figures: Figures
) -> Iterator[str]:
    ledger = projects()
    for line in file.lines:
        truth = line.project
        if truth.is_over:
            continue
        mine = known.setdefault(truth.name, Known())
        alike = (one for one in ledger.values() if folded(one["name"]) == folded(truth.name))
        present = ledger.get(mine.project_id) or next(alike, None)
        is_out = any(
            problem.row == line.number and problem.is_fault and "row_left_out" in problem.effect for problem in problems
        )
        if line.is_struck or (present is None and not mine.project_id):
            is_named = any(problem.row == line.number for problem in problems)
            figures[9 if line.is_struck else 0, "named" if is_named else "wrong"] += 1
            if not is_named:
                yield f"row {line.number} {truth.name}: neither in nor named"
            if line.is_struck or present is None:
                continue
        if present is None or folded(present["name"]) != folded(truth.name):
            yield f"row {line.number} {truth.name}: its project is no longer its own"
            continue
        mine.project_id = present["id"]
        for name, cell in line.cells.items():
            is_named = is_out or names_cell(problems, line, name)
            end = judged(name, cell, file.day, mine, present, is_named=is_named)
            figures[cell.way, end] += 1
            if end == "wrong":
                place = f"row {line.number} {truth.name}, {line.header[name]} “{cell.shows}” (way {cell.way})"
                holds = f"the ledger has {present.get(name)!r}, before it had {mine.values.get(name)!r}"
                yield f"{place}: {holds}, meant is {cell.means!r}"
            if name in FIELDS and not is_out:
                mine.values[name] = present[name]
        truth.is_over = present["stage"] is Stage.EXITED


def names_cell(problems: tuple[Problem, ...], line: Line, name: str) -> bool:
    return any(
        problem.row == line.number and problem.column.partition("（")[0] == line.header[name].partition("（")[0]
        for problem in problems
    )


def judged(name: str, cell: Written, day: date, mine: Known, present: dict[str, Any], *, is_named: bool) -> str:
    """How a cell ended: right, named, or wrong."""
    if name == "code":
        return "right"  # what codes do is seen by whose project is whose
    if name == "status":
        return status_judged(cell, present, is_named=is_named)
    if name == "problem":
        return problem_judged(cell, mine, present, is_named=is_named)
    former = mine.values.get(name)
    if cell.must_be_named:
        return "named" if is_named and same(name, present[name], former) else "wrong"
    is_newer = day >= mine.days.get(name, day)
    wanted = cell.means if is_newer and cell.means is not None else former
    if same(name, present[name], wanted):
        if is_newer and cell.means is not None and not is_named:
            mine.days[name] = day
        return "right"
    return "named" if is_named and same(name, present[name], former) else "wrong"


def same(name: str, one: Any, other: Any) -> bool:
    if name in ("name", "investor"):
        return folded(one or "") == folded(other or "")
    return (one or None) == (other or None)


def status_judged(cell: Written, present: dict[str, Any], *, is_named: bool) -> str:
    has_come = {
        "exit": present["stage"] is Stage.EXITED,
        "hold": present["is_on_hold"],
        "reached": present["has_reached"],
        None: True,
    }[cell.means]
    return "right" if has_come else "named" if is_named else "wrong"


def problem_judged(cell: Written, mine: Known, present: dict[str, Any], *, is_named: bool) -> str:
    """Each problem has one open blocker, however it is worded."""
    wanted = mine.problems | ({cell.means} if cell.means else set())
    texts = [folded(one) for one in present["blockers"]]
    times = {problem: sum(problem in one for one in texts) for problem in wanted}
    if len(texts) == len(wanted) and set(times.values()) <= {1}:
        mine.problems = wanted
        return "right"
    is_as_before = len(texts) == len(mine.problems) and all(times[problem] == 1 for problem in mine.problems)
    return "named" if is_named and is_as_before else "wrong"


def folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).replace(" ", "")


def projects() -> dict[int, dict[str, Any]]:
    """Every project as the ledger has it, by its number."""
    latest = select(Progress.project_id, Progress.text).order_by(Progress.happened_on, Progress.id)
    with transaction() as session:
        progress = dict(row for row in session.execute(latest))
        open_items = list(session.scalars(select(ActionItem).where(ActionItem.closed_on.is_(None))))
        return {
            project.id: {
                "id": project.id,
                "name": project.name,
                "investor": project.investor and project.investor.name,
                "units": project.unit.name,
                "amount": project.amount if project.currency is Currency.CNY else Decimal(-1),
                "signed_on": project.signed_on,
                "officer": project.officer and project.officer.name,
                "leader": project.leader and project.leader.name,
                "planned_on": next(
                    (one.planned_on for one in project.milestones if one.kind is MilestoneKind.CONSTRUCTION_STARTED),
                    None,
                ),
                "progress": progress.get(project.id),
                "remark": project.extra.get("备注"),
                "stage": project.stage,
                "is_on_hold": any(item.is_paused for item in open_items if item.project_id == project.id),
                "has_reached": any(one.done_on for one in project.milestones),
                "blockers": [
                    item.blocker.description
                    for item in open_items
                    if item.project_id == project.id and item.kind is ItemKind.BLOCKER and item.blocker
                ],
            }
            for project in session.scalars(select(Project))
        }


def strangers() -> Iterator[str]:
    """Whoever and whatever is in the ledger though no file means it."""
    with transaction() as session:
        people = set(session.scalars(select(Person.name))) - {*OFFICERS, *LEADERS}
        units = set(session.scalars(select(Unit.name))) - {*COUNTIES}
        investors = {folded(name) for name in session.scalars(select(Investor.name))} - {*INVESTORS}
        doubled = session.scalars(select(Project.name)).all()
        number = session.scalars(select(func.count()).select_from(Project)).one()
    for kind, names in (("person", people), ("unit", units), ("investor", investors)):
        yield from (f"nobody means the {kind} {name}" for name in sorted(names))
    if number > len({folded(name) for name in doubled}):
        yield f"projects are there twice: {sorted(doubled)}"
