"""Every file of `tests/data/` is read as the expectation beside it says: one kind of dirt each."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.ledger.history import Change
from models.ledger.organisation import Unit
from models.ledger.project import Project
from models.office_files.rows import LedgerFile, LedgerRow, Problem
from models.words import ItemKind, UnitKind
from support.repository import DATA
from tasks.database import transaction
from tasks.imports import errors as ledger_errors
from tasks.imports.entering.import_file import import_ledger
from tasks.imports.reader import read_ledger

pytestmark = pytest.mark.usefixtures("in_english")

EXPECTED = ".expected.toml"
AS_OF = date(2013, 6, 9)
PLACE = {"number", "sheet"}


@pytest.fixture
def units(ledger: str) -> None:
    """The units that the files speak of."""
    with transaction("测试") as session:
        session.add_all([Unit(name=name) for name in ("清丰县", "南乐县", "范县")])
        session.add(Unit(name="市国土资源局", kind=UnitKind.BUREAU))


def files(*, with_ledger: bool = False) -> list[Path]:
    """The workbooks that have an expectation, or those that are also imported."""
    found = [path for path in sorted(DATA.iterdir()) if path.suffix not in {".toml", ".py"} and path.is_file()]
    return [path for path in found if not with_ledger or "ledger" in expectation(path)]


def expectation(path: Path) -> dict[str, Any]:
    """What shall be read of a file."""
    return tomllib.loads(path.with_name(path.stem + EXPECTED).read_text())


def read(path: Path, expected: Mapping[str, Any]) -> LedgerFile:
    """What is read of a file, asked as its expectation says."""
    return read_ledger(path, **expected.get("ask", {}))


def as_written(value: Any) -> Any:
    """A value as a person writes it into the expectation."""
    if isinstance(value, (list, tuple)):
        return [as_written(each) for each in value]
    if isinstance(value, StrEnum):
        return value.value
    return value if isinstance(value, (str, bool, int, float, dict)) else str(value)


def parts(record: Any, *left_out: str) -> dict[str, Any]:
    """What a record says, by field, without what is empty."""
    said = {each.name: getattr(record, each.name) for each in fields(record) if each.name not in left_out}
    return {name: as_written(value) for name, value in said.items() if value not in (None, "", (), {})}


def row_told(row: LedgerRow) -> dict[str, Any]:
    """A row as its expectation tells it: amount with currency, each milestone under its name."""
    said = {"at": f"{row.sheet} {row.number}"} | parts(row, *PLACE, "currency", "milestones", "blockers", "is_struck")
    said |= {str(each.kind): parts(each, "kind") for each in row.milestones}
    if row.amount is not None:
        said["amount"] = f"{row.amount.normalize():f} {row.currency}"
    if row.blockers:
        said["blockers"] = [parts(each) for each in row.blockers]
    return said


def problem_told(problem: Problem) -> dict[str, Any]:
    """A problem as its expectation tells it, its reason apart."""
    return {"at": f"{problem.sheet} {problem.row}"} | parts(problem, "sheet", "row", "reason", "column_number")


def check_problems(found: tuple[Problem, ...], expected: list[dict[str, Any]]) -> None:
    """The problems are those expected, each with the part of its reason that the expectation
    gives.
    """
    assert [problem_told(each) for each in found] == [
        {name: value for name, value in each.items() if name != "says"} for each in expected
    ]
    for problem, each in zip(found, expected, strict=True):
        assert each["says"] in problem.reason


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_a_file_is_read_as_expected(path):
    expected = expectation(path)
    if "refused" in expected:
        with pytest.raises(getattr(ledger_errors, expected["refused"]), match=expected["says"]):
            read(path, expected)
        return
    file = read(path, expected)
    assert [row_told(row) for row in file.rows] == expected["rows"]
    check_problems(file.problems, expected.get("problems", []))
    assert file.row_count == expected["row_count"]
    assert [str(day.day) for day in file.days if not day.is_saved] == expected.get("days", [])
    for kind in ("units", "people", "squads"):
        assert [each if kind == "squads" else parts(each) for each in getattr(file, kind)] == expected.get(
            f"sheet_of_{kind}", []
        )


@pytest.mark.parametrize("path", files(with_ledger=True), ids=lambda path: path.name)
@pytest.mark.usefixtures("units")
def test_a_file_goes_into_the_ledger_as_expected_and_a_second_time_changes_nothing(path):
    expected = expectation(path)["ledger"]
    if "after" in expected:
        import_ledger(read_ledger(DATA / expected["after"]), AS_OF)
    result = import_ledger(read(path, expectation(path)), AS_OF)
    assert {name: getattr(result, name) for name in ("new", "changed", "unchanged", "rows_left_out")} == {
        name: expected.get(name, 0) for name in ("new", "changed", "unchanged", "rows_left_out")
    }
    check_problems(result.problems, expected.get("problems", []))
    assert projects() == expected["projects"]
    before = history()
    again = import_ledger(read(path, expectation(path)), AS_OF)
    assert (again.new, again.changed) == (0, 0)
    assert history() == before


def projects() -> list[dict[str, Any]]:
    """The ledger's projects, as expectations tell them, without what is empty."""
    with transaction() as session:
        told = [
            {
                "code": each.code,
                "name": each.name,
                "unit": each.unit.name,
                "beside": [unit.name for unit in each.co_units],
                "amount": f"{each.amount.normalize():f} {each.currency}",
                "signed_on": str(each.signed_on),
                "blockers": blockers(session, each.id),
                "extra": each.extra,
            }
            for each in session.scalars(select(Project).order_by(Project.id))
        ]
    return [{name: value for name, value in each.items() if value not in ([], {})} for each in told]


def blockers(session: Session, project_id: int) -> list[str]:
    """A project's blockers, each with the unit that can solve it and its due date."""
    items = select(ActionItem).where(ActionItem.project_id == project_id, ActionItem.kind == ItemKind.BLOCKER)
    return sorted(
        f"{each.blocker.description} · {each.blocker.recipient_unit.name} · {each.due_on}"
        for each in session.scalars(items)
        if each.blocker
    )


def history() -> list[int]:
    """The numbers of all entries of history."""
    with transaction() as session:
        return list(session.scalars(select(Change.id).order_by(Change.id)))


def test_no_expectation_is_without_its_file():
    stems = {path.stem for path in files()}
    assert {path.name.removesuffix(EXPECTED) for path in DATA.glob(f"*{EXPECTED}")} == stems
    assert len(stems) >= 25
    assert all(path.stat().st_size < 32 * 1024 for path in files())
