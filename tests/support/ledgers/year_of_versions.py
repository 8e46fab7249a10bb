"""A year of monthly versions of one random ledger, as they arrive; and what the ledger must hold
then, told without any code of the import.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from models.office_files.rows import BlockerCells, CapitalCells, LedgerRow, MilestoneCells
from models.words import BlockerCategory, CapitalKind, Currency, MilestoneKind, Sector

YEAR = 2013
COUNTIES = ("清丰县", "南乐县")
BUREAU = "市国土资源局"
SECTORS = (Sector.FURNITURE, Sector.FOOD, Sector.MACHINERY)
PROGRESS = ("正在施工", "停工待料", "主体封顶")
PROBLEMS = ("用地指标未落实", "道路不通", "环评没有通过")
CHANGED_BY_PEOPLE = ("amount", "signed_on", "squad", "origin_activity", "name")
MONTH_ENDS = [date(YEAR, month + 1, 1) - timedelta(1) for month in range(1, 12)] + [date(YEAR, 12, 31)]


@dataclass
class Version:
    """The ledger as a file of a day has it."""

    day: date
    rows: list[LedgerRow]


@dataclass
class Arrival:
    """What happens on a day: a file comes in, or a person changes a cell."""

    day: date
    version: Version | None = None
    code: str = ""
    cell: str = ""
    value: Any = None


def versions(random: Random, projects: int) -> list[Version]:
    """Twelve files, a month each: some cells change, some are empty, some projects are missing."""
    state: list[dict[str, Any]] = [{} for _number in range(projects)]
    made = []
    for day in MONTH_ENDS:
        rows = []
        for number, cells in enumerate(state):
            cells.update(_news(random, number, day, cells))
            if random.random() < 0.85 or day.month == 12:
                rows.append(_row(random, number, day, cells))
        made.append(Version(day, rows))
    return made


def _news(random: Random, number: int, day: date, cells: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What changes in a project's month. Days to come never return, as no day is news twice."""
    choices: dict[str, Any] = {
        "name": f"项目{number}" + random.choice(("", "（东区）", "（西区）")),
        "amount": Decimal(random.randint(1, 50) * 10**7),
        "signed_on": date(YEAR - 1, random.randint(1, 12), random.randint(1, 28)),
        "leader": f"领导{random.randint(1, 4)}",
        "officer": f"专员{random.randint(1, 4)}",
        "squad": f"第{random.randint(1, 3)}小分队",
        "sector": random.choice(SECTORS),
        "is_sme": random.random() < 0.5,
        "origin_activity": random.choice(("农洽会", "闽东南招商")),
        "units": random.choice((COUNTIES[:1], COUNTIES, (COUNTIES[0], BUREAU))),
        "registered_in": random.choice(("福建泉州", "广东佛山")),
        "remark": random.choice(("重点", "一般", "暂缓")),
        "planned_on": date(YEAR + 1, random.randint(1, 12), random.randint(1, 28)),
        "done_on": date(YEAR, random.randint(1, day.month), 1),
        "progress": random.choice(PROGRESS),
    }
    for name, value in choices.items():
        if name not in cells or random.random() < 0.25:
            yield name, value
    if "visit_due_on" not in cells or random.random() < 0.3:
        yield "visit_due_on", date(YEAR + 1, 1, 1) + timedelta(day.month * 31 + random.randint(0, 30))
    problems = dict(cells.get("problems", {}))
    for text in random.sample(PROBLEMS, random.randint(0, 2)):
        due_on = date(YEAR + 1, 6, 1) + timedelta(day.month * 31 + random.randint(0, 30))
        problems[text] = (random.choice(("统筹调剂", "现场办公")), due_on)
    yield "problems", problems
    increases = dict(cells.get("increases", {}))
    if random.random() < 0.3:
        increases[random.choice([*increases, day])] = Decimal(random.randint(1, 9) * 10**6)
    yield "increases", increases


def _row(random: Random, number: int, day: date, cells: Mapping[str, Any]) -> LedgerRow:
    """A project as the file of a day writes it; what is new to a ledger is never empty."""

    def filled(name: str, empty: Any) -> Any:
        return cells[name] if random.random() < 0.8 else empty

    due_on, done_on, planned_on = filled("visit_due_on", None), filled("done_on", None), filled("planned_on", None)
    milestones = (
        *([MilestoneCells(MilestoneKind.REGISTERED, None, done_on, "营业执照")] if done_on else []),
        *([MilestoneCells(MilestoneKind.COMPLETED, planned_on)] if planned_on else []),
    )
    progress = filled("progress", "")
    problems = random.sample(sorted(cells["problems"]), min(len(cells["problems"]), random.randint(0, 3)))
    return LedgerRow(
        number=number + 2,
        code=f"PY-{number}",
        name=cells["name"],
        investor=f"投资方{number}有限公司",
        registered_in=filled("registered_in", ""),
        sector=filled("sector", None),
        units="、".join(cells["units"]),
        amount=cells["amount"],
        currency=Currency.CNY,
        signed_on=cells["signed_on"],
        officer=filled("officer", ""),
        leader=filled("leader", ""),
        squad=filled("squad", ""),
        is_sme=filled("is_sme", None),
        origin_activity=filled("origin_activity", ""),
        visit_due_on=due_on,
        progress=(progress,) if progress else (),
        milestones=milestones,
        capital=tuple(
            CapitalCells(CapitalKind.INCREASE, on, amount, Currency.CNY) for on, amount in cells["increases"].items()
        ),
        blockers=tuple(BlockerCells(text, BlockerCategory.LAND, BUREAU, *cells["problems"][text]) for text in problems),
        extra={"备注": cells["remark"]} if random.random() < 0.8 else {},
        emptied=("squad",) if random.random() < 0.1 else (),
        sheet="台账",
    )


def arrivals(random: Random, made: list[Version], changes: int) -> list[Arrival]:
    """The files in the order in which they come in, some late, some twice, with people between."""
    happened = []
    for version in made:
        delays = [random.choice((0, 1, 5, 20, 45, 100)) for _time in range(random.choice((1, 1, 2)))]
        happened += [Arrival(version.day + timedelta(delay), version) for delay in delays]
    for number in range(changes):
        cell = random.choice(CHANGED_BY_PEOPLE)
        values = {
            "amount": Decimal(77 * 10**6 + number),
            "signed_on": date(YEAR - 1, 1, 1) - timedelta(number + 1),
            "squad": "",
            "origin_activity": f"活动{number}",
            "name": f"更正{number}",
        }
        day = date(YEAR, 2, 1) + timedelta(random.randint(0, 330))
        code = random.choice(made[-1].rows).code
        happened.append(Arrival(day, code=code, cell=cell, value=values[cell]))
    random.shuffle(happened)
    return sorted(happened, key=lambda arrival: arrival.day)


@dataclass
class Cell:
    value: Any
    day: date


@dataclass
class Oracle:
    """The ledger in plain Python: of each cell the newest that was said of it."""

    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)  # by project and name
    replaced: dict[tuple[str, str], set[Any]] = field(default_factory=dict)  # by people
    texts: dict[str, set[str]] = field(default_factory=dict)  # of progress

    def change(self, code: str, name: str, value: Any, day: date) -> None:
        """A person changes a cell."""
        former = self.cells[code, name].value if (code, name) in self.cells else ""
        if former != value:
            self.replaced.setdefault((code, name), set()).add(former)
            self.cells[code, name] = Cell(value, day)

    def take(self, version: Version) -> None:
        """A file comes in."""
        for row in version.rows:
            knows_problems = self._is_newer(row.code, "problems", version.day)
            for name, value in _said(row):
                if name.startswith("problem ") and not knows_problems:
                    text = name.split()[1]
                    if (row.code, f"problem {text} due_on") not in self.cells:
                        continue
                self._take(row.code, name, value, version.day)
            for text in row.progress:
                self.texts.setdefault(row.code, set()).add(text)

    def _is_newer(self, code: str, name: str, day: date) -> bool:
        known = self.cells.get((code, name))
        return known is None or day >= known.day

    def _take(self, code: str, name: str, value: Any, day: date) -> None:
        if not self._is_newer(code, name, day):
            return
        known = self.cells.get((code, name))
        if known and value != known.value and value in self.replaced.get((code, name), ()):
            value = known.value  # it only repeats what a person has corrected
        self.cells[code, name] = Cell(value, day)

    def ledger(self) -> dict[tuple[str, str], Any]:
        """Every cell that says something; no is what the ledger says where nobody does."""
        says_nothing = ("", False)
        return {
            key: cell.value
            for key, cell in self.cells.items()
            if cell.value not in says_nothing and key[1] != "problems"
        }


def _said(row: LedgerRow) -> Iterator[tuple[str, Any]]:
    """What a row says, by the names of cells."""
    plain = ("name", "amount", "signed_on", "officer", "leader", "squad", "origin_activity", "registered_in")
    yield from ((name, value) for name in plain if (value := getattr(row, name)))
    yield "units", tuple(sorted(row.units.split("、"), key=lambda unit: unit != row.units.split("、")[0]))
    for name in ("sector", "is_sme", "visit_due_on"):
        if getattr(row, name) is not None:
            yield name, getattr(row, name)
    if "squad" in row.emptied and not row.squad:
        yield "squad", ""
    yield from ((f"extra {header}", value) for header, value in row.extra.items())
    yield from (("progress", text) for text in row.progress)
    for milestone in row.milestones:
        for part in ("planned_on", "done_on", "evidence"):
            if value := getattr(milestone, part):
                yield f"{milestone.kind} {part}", value
    yield from ((f"{cells.kind} {cells.happened_on}", cells.amount) for cells in row.capital)
    for blocker in row.blockers:
        yield f"problem {blocker.description} solution", blocker.solution
        yield f"problem {blocker.description} due_on", blocker.due_on
    if row.blockers:
        yield "problems", len(row.blockers)
