"""Of a watched folder every good file goes in, whatever lies beside it; every bad one is named."""

import errno
import hashlib
import os
import socket
from datetime import date
from pathlib import Path

import pytest
from prefect.logging import disable_run_logger
from sqlalchemy import select

from models.ledger.project import Project
from support.repository import DATA
from tasks.database import transaction
from tasks.files import Folder, folder
from tasks.imports import inbox
from tasks.imports.inbox import FileOutcome, ImportSettings, arrivals, take_in

pytestmark = pytest.mark.usefixtures("in_english", "ledger")

GOOD = "01-plain.xlsx"


@pytest.fixture(autouse=True)
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The inbox of a home, with a good file in it; nobody looks at reports."""
    monkeypatch.setenv("LUODI_HOME", str(tmp_path / "home"))
    for name in ("show_import", "show_columns"):
        monkeypatch.setattr(inbox, name, lambda *_shown: None)
    path = folder(Folder.INBOX)
    (path / GOOD).write_bytes((DATA / GOOD).read_bytes())
    return path


def take_all_in() -> dict[str, FileOutcome]:
    """What becomes of the folder's new files, by name."""
    settings = ImportSettings("", {}, dry_run=False, clear_empty=False, day=date(2013, 6, 9))
    with disable_run_logger():
        return {arrival.name: take_in(arrival, settings, "a run") for arrival in arrivals("")}


def projects() -> int:
    with transaction() as session:
        return len(session.scalars(select(Project.id)).all())


def check_named(said: str) -> None:
    """Only the good file went in; the other is named, in one line, and makes the run red."""
    outcomes = take_all_in()
    assert len(outcomes) == 2
    (bad,) = [outcome for name, outcome in outcomes.items() if name != GOOD]
    assert said in bad.message
    assert (bad.is_good, bad.message.isprintable()) == (False, True)
    assert projects() > 0


@pytest.mark.only_for("ordinary user")
def test_a_file_nobody_may_read(watched: Path) -> None:
    (watched / "a.xlsx").write_text("here")
    (watched / "a.xlsx").chmod(0)
    check_named("a.xlsx cannot be read (Permission denied)")


def test_a_file_on_a_failing_disk(watched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(file: object, kind: str) -> object:
        if os.fstat(file.fileno()).st_size == 4:  # type: ignore[attr-defined]
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return digest(file, kind)

    (watched / "a.xlsx").write_text("here")
    digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", fails)
    check_named("a.xlsx cannot be read (Input/output error)")


def test_a_file_that_goes_while_the_folder_is_read(watched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = inbox._ledger_names
    monkeypatch.setattr(inbox, "_ledger_names", lambda folder: ["gone.xlsx", *names(folder)])
    check_named("gone.xlsx: check the path")


def test_a_file_too_large_is_named_once_and_not_read(watched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (watched / "huge.xlsx").open("wb") as file:
        file.truncate(20 * 2**30)
    check_named("huge.xlsx is too large to take in")
    assert take_all_in() == {}
    (watched / "huge.xlsx").write_bytes((DATA / "02-title-rows.xlsx").read_bytes())
    assert [outcome.is_good for outcome in take_all_in().values()] == [True]


def test_links_pipes_and_sockets(watched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("项目编号,项目名称\nPY-1,机密")
    monkeypatch.chdir(watched)
    (watched / "link.csv").symlink_to(secret)
    (watched / "second.csv").hardlink_to(secret)
    os.mkfifo("pipe.csv")
    (watched / "folder.csv").mkdir()  # is none of the office's files
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.csv")
        outcomes = take_all_in()
    bad = {name: outcome for name, outcome in outcomes.items() if not outcome.is_good}
    assert bad.keys() == {"link.csv", "second.csv", "pipe.csv", "socket.csv"} == outcomes.keys() - {GOOD}
    assert all(name in outcome.message for name, outcome in bad.items())
    secret.unlink()
    assert take_all_in()["second.csv"].message != bad["second.csv"].message  # looked at again once mended


@pytest.mark.parametrize("name", ["a\n2026-11-28 | INFO | all is well.xlsx", "a\x1b[2J.xlsx", "a\udcff.xlsx"])
def test_a_name_that_no_line_can_show(watched: Path, name: str) -> None:
    (watched / name).write_text("here")
    check_named("is not an .xlsx, .xls, .ods or .csv file")


def test_a_file_that_is_still_written_waits_for_the_next_time(watched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = (watched / GOOD).read_bytes()
    (watched / GOOD).write_bytes(whole[:1000])
    new = arrivals("")
    (watched / GOOD).write_bytes(whole)
    settings = ImportSettings("", {}, dry_run=False, clear_empty=False, day=date(2013, 6, 9))
    outcomes = [take_in(arrival, settings, "a run") for arrival in new]
    assert [("was changed while it was read" in each.message, each.is_good) for each in outcomes] == [(True, False)]
    assert [outcome.is_good for outcome in take_all_in().values()] == [True]


@pytest.mark.parametrize(
    ("sheet", "mapping"),
    [
        ("台账\n台账.xlsx: 9 of 9 rows are in.\0\x1b[2J", {}),
        ("\ud800" * 9999, {}),
        ("", {"列\n\0\ud800" * 9999: "amount"}),
        ("", {"列": "\u2028\0" * 9999}),
        ("", {f"列{number}": "amount" for number in range(9999)}),
    ],
    ids=["sheet", "long sheet", "header", "field", "many"],
)
def test_whatever_is_asked_for_the_answer_is_one_line(sheet: str, mapping: dict[str, str]) -> None:
    settings = ImportSettings(sheet, mapping, dry_run=False, clear_empty=False, day=date(2013, 6, 9))
    (outcome,) = [take_in(arrival, settings, "a run") for arrival in arrivals("")]
    assert (outcome.is_good, outcome.message.isprintable()) == (False, True)
    assert len(outcome.message) < 10_000
