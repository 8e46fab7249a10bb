"""An import killed at any moment leaves its whole file in the ledger, or nothing of it; the next
finishes the job.
"""

import random
import shutil
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook
from prefect.logging import disable_run_logger
from sqlalchemy import text

from support.programs.importing import AS_OF, start
from tasks.database import transaction
from tasks.imports import inbox
from tasks.imports.inbox import arrivals
from tasks.ledger.locks import one_at_a_time

ROWS = 2000
SHARES = [share + random.uniform(0, 0.1) for share in (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)]  # noqa: S311
"""Of the time an import takes: when it is killed. Random, and spread over the whole of it."""
WHOLE = (ROWS, 99, ROWS, ROWS, 667, 1, 2 * ROWS + 667)
"""Projects, investors, milestones, progress, blockers, units, and items whose clock is set."""
COUNTS = """
SELECT (SELECT count(*) FROM project), (SELECT count(*) FROM investor), (SELECT count(*) FROM milestone),
       (SELECT count(*) FROM progress), (SELECT count(*) FROM blocker), (SELECT count(*) FROM unit),
       (SELECT count(*) FROM action_item WHERE next_step IS NOT NULL), (SELECT count(*) FROM change)
"""


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with something of everything in it."""
    path = tmp_path_factory.mktemp("killed") / "台账.xlsx"
    book = Workbook(write_only=True)
    units, sheet = book.create_sheet("单位"), book.create_sheet("台账")
    units.append(["名称"])
    units.append(["清丰县"])
    sheet.append(
        [
            "项目编号",
            "项目名称",
            "投资方",
            "责任单位",
            "总投资（万元）",
            "签约日期",
            "预计开工时间",
            "进展情况",
            "存在问题",
        ]
    )
    for n in range(ROWS):
        said = (f"PY-{n}", f"项目{n}", f"公司{n % 99}", "清丰县", 5000 + n, "2013-3-1", "2013-9", f"进展{n}")
        sheet.append([*said, "用地指标未落实" if n % 3 == 0 else ""])
    book.save(path)
    return path


def counts() -> Sequence[int]:
    """How much of everything there is; waits for what a dead process has left the database to
    do.
    """
    with transaction() as session:
        one_at_a_time(session, "ledger-import")
        return tuple(session.execute(text(COUNTS)).one())


@pytest.fixture(scope="module")
def seconds() -> list[float]:
    """How long whole imports have taken here so far; the first test writes it down for the
    others.
    """
    return []


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("share", SHARES, ids=[f"in tenth {n}" for n, _share in enumerate(SHARES, 1)])
def test_killed_at_any_moment_all_or_nothing_is_there_and_the_next_run_finishes(
    workbook: Path, seconds: list[float], share: float
) -> None:
    empty = counts()
    if not seconds:
        seconds.append(start(workbook).finish())
    else:
        importing = start(workbook)
        time.sleep(statistics.median(seconds) * share)
        importing.kill()
    left = counts()
    start(workbook).finish()
    whole = counts()
    assert left in (empty, whole)
    assert whole[:-1] == WHOLE


@pytest.mark.usefixtures("ledger")
def test_a_file_whose_report_nobody_could_read_is_taken_in_again(
    workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def show(*_said: object) -> None:
        nonlocal shown
        shown += 1
        if shown == 1:
            raise OSError("killed")

    shown = 0
    folder = tmp_path / "handed in"
    folder.mkdir()
    shutil.copy(workbook, folder)
    monkeypatch.setenv("LUODI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LUODI_IMPORT_FOLDERS", str(folder))
    monkeypatch.setattr(inbox, "show_import", show)
    monkeypatch.setattr(inbox, "ImportProgress", _Unseen)
    settings = inbox.ImportSettings("", {}, dry_run=False, clear_empty=False, day=AS_OF)
    outcomes = []
    with disable_run_logger():
        while new := arrivals(str(folder)):
            outcomes += [inbox.take_in(each, settings, "a run").is_good for each in new]
    assert (outcomes, shown) == ([False, True], 2)
    assert counts()[:-1] == WHOLE


class _Unseen(inbox.ImportProgress):
    """A bar nobody sees: there is no run."""

    def __init__(self, path: Path) -> None:
        super().__init__(path / "nowhere")
