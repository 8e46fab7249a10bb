"""However dirty a ledger comes in, file after file: each cell is then right, or it is named.

`DIRT_SECONDS=3600 pytest …` goes on with new cities for an hour and prints how each way of being
dirty ended; `DIRT_SEED=n` is one city alone.
"""

import os
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from models.escalation.action_item import ActionItem
from models.ledger.organisation import Person, Unit
from models.ledger.project import Investor, Progress, Project
from models.office_files.rows import Effect, Problem
from models.words import Currency, ItemKind, MilestoneKind, Stage
from support.ledgers.dirty_cells import Truth, Written
from support.ledgers.dirty_files import City, DirtyFile, Line
from support.ledgers.dirty_words import COUNTIES, INVESTORS, LEADERS, OFFICERS, TITLED
from tasks.database import transaction
from tasks.files import LedgerFileError
from tasks.imports.entering.import_file import import_ledger
from tasks.imports.reader import read_ledger

pytestmark = pytest.mark.usefixtures("in_english", "ledger")

FIRST_SEED, CITIES = 13, 12  # with nothing else said
SECONDS = float(os.environ.get("DIRT_SECONDS", 0))
LONGEST = int(os.environ.get("DIRT_SHOWN", 40))  # faults that a failure shows
FIELDS = ("name", "investor", "units", "amount", "signed_on", "officer", "leader", "planned_on", "progress", "remark")
POINTS = ("1", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13")  # of dirt that every run must hold
MOST_REFUSED = 0.02  # of the files
Figures = Counter[tuple[str, str]]  # by kind of dirt, and how it ended


@dataclass
class Known:
    """What the ledger must hold of a project: a value a field, the day it is of, its problems."""

    project_id: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    days: dict[str, date] = field(default_factory=dict)  # the value is at least as new
    doubtful_days: dict[str, date] = field(default_factory=dict)  # and perhaps as new as this
    problems: set[str] = field(default_factory=set)
    strays: set[str] = field(default_factory=set)  # blockers that are wrongly there, once reported
    standing: tuple[bool, bool, bool] = (False, False, False)  # over, on hold, has reached something
    seen_on: date | None = None  # the day of the newest file with it


def seeds() -> Iterator[int]:
    if "DIRT_SEED" in os.environ:
        yield int(os.environ["DIRT_SEED"])
        return
    start = time.monotonic()
    for seed in count(FIRST_SEED):
        if seed >= FIRST_SEED + CITIES and time.monotonic() > start + SECONDS:
            return
        yield seed


@pytest.mark.timeout(300 + SECONDS)
def test_every_cell_of_a_dirty_ledger_is_right_or_named():
    figures: Figures = Counter()
    wrong: list[str] = []
    for seed in seeds():
        for fault in faults_of_city(seed, figures):
            wrong.append(f"seed {seed}: {fault}")
            print(wrong[-1], flush=True)
    print(*lines_of(figures), sep="\n")
    assert not wrong, "\n".join(wrong[:LONGEST])
    assert "DIRT_SEED" in os.environ or not [
        point for point in POINTS if not any(kind.startswith(f"{point} ") for kind, _end in figures)
    ]
    assert figures["", "refused"] <= MOST_REFUSED * figures["", "files"]


def lines_of(figures: Figures) -> Iterator[str]:
    """The table of docs/reliability.md: a line per kind of dirt."""
    yield "| point | dirt | cells | right | named | files refused |"
    yield "|---|---|---|---|---|---|"
    for kind in sorted({kind for kind, _end in figures}, key=lambda kind: (int(kind.partition(" ")[0] or 0), kind)):
        point, _space, what = kind.partition(" ")
        right, named, bad = (figures[kind, end] for end in ("right", "named", "wrong"))
        cells, refused = right + named + bad, figures[kind, "refused"]
        yield f"| {point} | {what or 'clean'} | {cells:,} | {right:,} | {named:,} | {refused} |"
    yield f"{figures['', 'files']:,} files of {figures['', 'cities']:,} cities"


def faults_of_city(seed: int, figures: Figures) -> Iterator[str]:
    """Import the city's files, in and out of order; what is wrong after each, though not named."""
    wipe()
    city = City(seed)
    figures["", "cities"] += 1
    with tempfile.TemporaryDirectory() as folder:
        known: dict[tuple[str, str, str], Known] = {}
        seen: set[str] = set()
        for number, file in enumerate(files_of(city, Path(folder))):
            figures["", "files"] += 1
            try:
                ledger = read_ledger(file.path, units=COUNTIES)
            except LedgerFileError as refusal:
                for kind in {"", *file.kinds}:
                    figures[kind, "refused"] += 1
                if "DIRT_SEED" in os.environ:
                    print(f"{file.path.name} is refused: {refusal}")
                continue
            problems = import_ledger(ledger, date(2013, 7, 1) + timedelta(number)).problems
            place = f"file {number} {file.path.name}"
            if "DIRT_SEED" in os.environ:
                print(place, *problems, sep="\n")
            yield from (f"{place}, {fault}" for fault in faults_of_file(file, problems, ledger.unread, known, figures))
            strange = {*strangers(city)} - seen
            seen |= strange
            yield from (f"{place}: {fault}" for fault in sorted(strange))


def files_of(city: City, folder: Path) -> Iterator[DirtyFile]:
    months = [(date(2013, 4 + month, 28), Path(tempfile.mkdtemp(dir=folder))) for month in range(3)]
    if city.is_read_at_once:
        for month in months:
            yield city.file(*month)
            city.live_on()
        return
    written = []
    for month in months:
        written.append(city.file(*month))
        city.live_on()
    yield from (written[0], written[2], written[1])


def wipe() -> None:
    with transaction() as session:
        session.execute(text("TRUNCATE unit, investor, squad CASCADE"))
        session.add_all(Unit(name=name) for name in COUNTIES)


def faults_of_file(
    file: DirtyFile,
    problems: tuple[Problem, ...],
    unread: tuple[str, ...],  # sheets, as the report says
    known: dict[tuple[str, str, str], Known],
    figures: Figures,
) -> Iterator[str]:
    ledger = projects()
    for line in file.lines:
        truth = line.project
        if truth.is_over:
            continue
        mine = known.setdefault(truth.key, Known())
        faults = [problem for problem in problems if problem.is_fault and problem.sheet in (line.sheet, "")]
        is_out = line.sheet in unread or any(is_left_out(problem, line) for problem in faults)
        present = ledger.get(mine.project_id)
        if present is None and not is_out:
            present = unclaimed(ledger.values(), truth, known)
        if line.is_struck or (present is None and not mine.project_id):
            kind = "9 row struck through" if line.is_struck else "0 row of a project that did not go in"
            figures[kind, "named" if is_out else "wrong"] += 1
            if not is_out:
                yield f"row {line.number} {truth.name}: neither in nor named"
            if line.is_struck or present is None:
                continue
        if present is None or folded(present["name"]) != folded(truth.name):
            yield f"row {line.number} {truth.name}: its project is no longer its own"
            continue
        mine.project_id, truth.luodi_code = present["id"], present["code"]
        for name, cell in line.cells.items():
            is_named = is_out or names_cell(faults, line, name)
            if cell.does and not is_named and "status" in line.cells:
                is_named = names_cell(faults, line, "status")  # of two that say how it stands
            was_newer = file.day < (mine.seen_on or file.day)  # a newer file goes on about the project
            end = judged(name, cell, file.day, mine, present, is_named=is_named)
            if name == "status":
                mine.doubtful_days[name] = max(file.day, mine.doubtful_days.get(name, file.day))
            if end == "right" and cell.does and not was_newer and not has_come(cell, mine, present, is_named=is_named):
                end = "wrong"
            figures[cell.kind, end] += 1
            if end == "wrong":
                place = f"row {line.number} {truth.name}, {line.header[name][0]} “{cell.shows}” ({cell.kind})"
                holds = f"the ledger has {shown(name, present)}, before it had {mine.values.get(name)!r}"
                must = " and must be named" if cell.must_be_named else ""
                yield f"{place}: {holds}, meant is {cell.means!r} {cell.does}{must}".replace("\n", "⏎")
                mine.doubtful_days[name] = max(file.day, mine.doubtful_days.get(name, file.day))
                if name == "problem":
                    mine.strays |= {one for one in present["blockers"] if folded(one) not in mine.problems}
        mine.values |= {name: present[name] for name in FIELDS}  # also of fields without a column
        mine.standing = standing_of(present)
        mine.seen_on = max(file.day, mine.seen_on or file.day)
        truth.is_over = present["stage"] is Stage.EXITED


def unclaimed(
    ledger: Iterable[dict[str, Any]], truth: Truth, known: dict[tuple[str, str, str], Known]
) -> dict[str, Any] | None:
    """The project that has come in for that truth: of its name, its unit, and likest its own."""
    taken = {other.project_id for other in known.values()}
    alike = [one for one in ledger if folded(one["name"]) == folded(truth.name) and one["id"] not in taken]
    alike = [one for one in alike if one["units"] == truth.cells["units"]]
    cells = {name: value for name, value in truth.cells.items() if name in FIELDS}
    return max(
        alike,
        key=lambda one: (one["code"] == truth.code, sum(one[name] == cells[name] for name in cells)),
        default=None,
    )


def is_left_out(problem: Problem, line: Line) -> bool:
    if problem.effect is Effect.TABLE_LEFT_OUT:
        return problem.row in line.heading
    return problem.row == line.number and problem.effect is Effect.ROW_LEFT_OUT


def names_cell(faults: Iterable[Problem], line: Line, name: str) -> bool:
    """Whether one of the faults is of that cell."""
    texts = {bare(text) for text in line.header[name]}
    return any(
        problem.row == line.number
        and (
            problem.column_number in line.columns[name] or (not problem.column_number and bare(problem.column) in texts)
        )
        for problem in faults
    )


def bare(header: str) -> str:
    return "".join(header.split()).rstrip("*").replace("(", "（").partition("（")[0].partition("/")[0]


def shown(name: str, present: dict[str, Any]) -> str:
    if name == "status":
        return str(standing_of(present))
    return repr(present["blockers"] if name == "problem" else present.get(name))


def judged(name: str, cell: Written, day: date, mine: Known, present: dict[str, Any], *, is_named: bool) -> str:
    """How a cell ended: right, named, or wrong."""
    if name in ("code", "status"):
        # What codes do is seen by whose project is whose
        return "named" if is_named and name == "status" and standing_of(present) == mine.standing else "right"
    if name == "problem":
        is_older = day < mine.doubtful_days.get(name, day)
        mine.doubtful_days[name] = max(day, mine.doubtful_days.get(name, day))
        return problem_judged(cell, mine, present, is_named=is_named, is_older=is_older)
    former = mine.values.get(name)
    is_as_before = same(name, present[name], former)
    if is_as_before and not cell.has_header:
        return "right"
    if cell.must_be_named:
        return "named" if is_named and is_as_before else "wrong"
    if cell.means is None:
        return "right" if is_as_before else "wrong"
    is_mine = same(name, present[name], cell.means)
    if is_mine and day >= mine.days.get(name, day):
        if not is_as_before or not is_named:  # else nobody knows whether it was taken
            mine.days[name] = day
        mine.doubtful_days[name] = max(day, mine.doubtful_days.get(name, day))
        return "right"
    if is_as_before and (is_named or day < mine.doubtful_days.get(name, day)):
        return "named" if is_named else "right"
    return "wrong"


def same(name: str, one: Any, other: Any) -> bool:
    if name in ("name", "investor"):
        return folded(one or "") == folded(other or "")
    return (one or None) == (other or None)


def standing_of(present: dict[str, Any]) -> tuple[bool, bool, bool]:
    return present["stage"] is Stage.EXITED, present["is_on_hold"], present["has_reached"]


def has_come(cell: Written, mine: Known, present: dict[str, Any], *, is_named: bool) -> bool:
    """Whether a word of status has done what it says; one of doubt need not, if it is named."""
    is_over, is_on_hold, has_reached = standing_of(present)
    return (
        not cell.has_header
        or {
            "exit": is_over,
            "ending": is_over or is_named,
            "hold": is_over or is_on_hold or is_named,
            "reached": has_reached or is_named,
            "nothing": standing_of(present) == mine.standing or is_named,
            "goes on": True,
        }[cell.does]
        or is_named
    )


def problem_judged(cell: Written, mine: Known, present: dict[str, Any], *, is_named: bool, is_older: bool) -> str:
    """Each problem has one open blocker, however it is worded."""
    meant = {cell.means} if isinstance(cell.means, str) else {*(cell.means or ())}
    wanted = mine.problems | meant
    texts = [folded(one) for one in present["blockers"] if one not in mine.strays]
    times = {problem: sum(problem in one for one in texts) for problem in wanted}
    is_as_before = len(texts) == len(mine.problems) and all(times[problem] == 1 for problem in mine.problems)
    if cell.must_be_named and (cell.has_header or not is_as_before):
        return "named" if is_as_before and is_named else "wrong"
    if len(texts) == len(wanted) and set(times.values()) <= {1}:
        mine.problems = wanted
        return "right"
    if is_as_before and (is_named or is_older or not cell.has_header):
        return "named" if is_named else "right"
    return "wrong"


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
                "code": project.code,
                "name": project.name,
                "investor": project.investor and project.investor.name,
                "units": project.unit.name,
                "amount": amount_of(project),
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


def amount_of(project: Project) -> Decimal | str | None:
    is_plain = project.amount is None or project.currency is Currency.CNY
    return project.amount if is_plain else f"{project.currency} {project.amount:.0f}"


def strangers(city: City) -> Iterator[str]:
    """Whoever and whatever is in the ledger though no file means it."""
    with transaction() as session:
        people = set(session.scalars(select(Person.name))) - {*OFFICERS, *LEADERS, *TITLED}
        units = set(session.scalars(select(Unit.name))) - {*COUNTIES}
        investors = {folded(name) for name in session.scalars(select(Investor.name))} - {*INVESTORS}
        names = Counter(folded(name) for name in session.scalars(select(Project.name)))
    for kind, strange in (("person", people), ("unit", units), ("investor", investors)):
        yield from (f"nobody means the {kind} {name}" for name in sorted(strange))
    meant = Counter(folded(project.name) for project in city.projects)
    yield from (f"the project {name} is there {number} times" for name, number in (names - meant).items())
