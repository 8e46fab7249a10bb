"""The official ledger goes out as a workbook and comes back without a change; what it shows adds up."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import awkward
import pytest
from audit import wrong_clocks
from awkward import TODAY, portrait
from conftest import administer, make_ledger
from sqlalchemy import func, select

from deployments.postgres import EmbeddedPostgres
from models.change import Change
from models.i18n import LOCALES, use_locale
from tasks.database import engine, snapshot, transaction
from tasks.ledger_export import write_ledger
from tasks.ledger_file import read_ledger
from tasks.ledger_import import ImportResult, import_ledger
from tasks.ledger_selection import EVERYTHING, Selection

pytestmark = pytest.mark.usefixtures("ledger")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "台账.xlsx"


@pytest.fixture(params=LOCALES)
def locale(request: pytest.FixtureRequest) -> Iterator[str]:
    """In both languages the workbook comes back."""
    with use_locale(request.param):
        yield request.param


@contextmanager
def in_another_ledger(postgres: EmbeddedPostgres, template: str) -> Iterator[None]:
    """Inside, everything happens in a second ledger that holds nothing yet."""
    name = f"ledger_{uuid.uuid4().hex[:12]}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUODI_DATABASE_URL", make_ledger(postgres, name, template))
        yield
        assert wrong_clocks() == 0
        engine().dispose()
    administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


def export(path: Path, selection: Selection = EVERYTHING) -> Path:
    with snapshot() as session:
        write_ledger(session, selection, path, TODAY)
    return path


def bring(path: Path) -> ImportResult:
    return import_ledger(read_ledger(path), TODAY)


def history() -> int:
    with transaction() as session:
        return session.scalars(select(func.count()).select_from(Change)).one()


@pytest.mark.usefixtures("locale")
def test_the_exported_ledger_changes_nothing_when_it_is_imported(path: Path) -> None:
    awkward.fill()
    before, changes = portrait(engine()), history()
    result = bring(export(path))
    assert [problem for problem in result.problems if problem.is_fault] == []
    assert (result.new, result.changed, result.unchanged) == (0, 0, 8)
    assert portrait(engine()) == before
    assert history() == changes


@pytest.mark.usefixtures("locale")
def test_the_exported_ledger_fills_an_empty_one_column_by_column(
    path: Path, postgres: EmbeddedPostgres, template: str
) -> None:
    awkward.fill()
    projects, registers = portrait(engine())
    export(path)
    with in_another_ledger(postgres, template):
        result = bring(path)
        entered, registered = portrait(engine())
    assert [problem for problem in result.problems if problem.is_fault] == []
    assert (result.new, len(entered)) == (8, 8)
    assert registered == registers
    for code, project in projects.items():
        for column, value in project.items():
            assert (code, column, entered[code][column]) == (code, column, value)
