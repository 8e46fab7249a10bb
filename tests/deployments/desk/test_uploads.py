"""The desk takes ledgers in, as many and as large as there is room for."""

import os
import time
from asyncio import Semaphore

import pytest

from deployments.desk.app import create_app
from deployments.desk.routes import runs
from deployments.desk.uploads import form, receive, space
from deployments.doctor import home
from deployments.doctor.findings import Level
from support.programs.desk_visitor import hand_in, incoming
from tasks.files import Folder, folder, new_path
from tasks.imports.workbook.read import SUFFIXES


@pytest.mark.parametrize("name", ["台账.exe", "台账", "xlsx", "台账.xlsx.html", "台账.docx", "台账.XLSB", "台账.xlsx/"])
def test_only_ledgers_are_taken(browser, name):
    reply = hand_in(browser, (name, b"PK"))
    assert (reply.status_code, ".xlsx" in reply.text) == (415, True)
    assert incoming() == []


@pytest.mark.usefixtures("ledger")
def test_whatever_luodi_reads_may_be_handed_in_and_the_form_says_so(browser, monkeypatch):
    monkeypatch.setattr(runs, "recent", lambda _deployment: [])
    page = browser.get("/").text
    assert page.partition('accept="')[2].partition('"')[0].split(",") == list(SUFFIXES)
    assert " ".join(SUFFIXES) in page.partition('id="file-hint">')[2].partition("<")[0]
    for suffix in SUFFIXES:
        form.check_name(f"台账{suffix.upper()}")


@pytest.mark.parametrize("file", [("", b""), ("台账.xlsx", b""), None], ids=["none chosen", "empty", "no field"])
def test_a_form_without_a_file_is_told_so(browser, file):
    reply = hand_in(browser, file)
    assert (reply.status_code, "请返回上一页" in reply.text) == (400, True)
    assert incoming() == []


def test_a_file_that_is_too_large_is_stopped_and_leaves_nothing(browser, monkeypatch):
    monkeypatch.setattr(form, "LARGEST_FILE", 1000)
    reply = hand_in(browser, ("台账.xlsx", b"x" * 1001))
    assert (reply.status_code, "MB" in reply.text) == (413, True)
    assert incoming() == []


def test_no_more_files_are_taken_at_once_than_there_is_room_for(browser, monkeypatch):
    monkeypatch.setattr(receive, "SLOTS", Semaphore(0))
    reply = hand_in(browser)
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "60")
    assert receive.SLOTS.locked()


def test_no_more_is_kept_than_the_disk_may_hold(browser, monkeypatch):
    new_path(Folder.INCOMING, "old.xlsx").write_bytes(b"x")
    monkeypatch.setattr(space, "MOST_KEPT", space.LARGEST_FILE)
    reply = hand_in(browser)
    assert (reply.status_code, "LUODI_HOME/files/incoming" in reply.text, "删除" in reply.text) == (507, True, True)
    assert incoming()[1:] == ["old.xlsx"]


def test_a_full_disk_is_told_apart_from_too_many_files(browser, monkeypatch):
    monkeypatch.setattr(space, "MIN_FREE", 2**62)
    reply = hand_in(browser)
    assert (reply.status_code, "磁盘空间不足" in reply.text) == (507, True)
    assert incoming() == []


def test_the_doctor_says_in_time_that_the_files_handed_in_fill_their_room(monkeypatch):
    new_path(Folder.INCOMING, "old.xlsx").write_bytes(b"x" * 10_000)
    assert list(home.room()) == []
    monkeypatch.setattr(space, "MOST_KEPT", 12_000)
    (finding,) = home.room()
    assert (finding.level, "LUODI_HOME/files/incoming" in finding.remedy) == (Level.NOTICE, True)


def test_what_a_killed_desk_left_half_taken_in_is_deleted_at_its_next_start():
    old, new = (folder(Folder.INCOMING) / f"{space.UNFINISHED}{name}" for name in ("old", "new"))
    for path in (old, new):
        path.write_text("half")
    now = time.time()
    for path, written_at in ((old, now - space.ABANDONED_AFTER - 1), (new, now)):
        os.utime(path, (written_at, written_at))
    create_app()
    assert incoming() == [new.name]


def test_a_file_whose_import_cannot_be_started_does_not_stay(browser):
    reply = hand_in(browser)
    assert (reply.status_code, "Prefect" in reply.text) == (503, True)
    assert incoming() == []
    assert not receive.SLOTS.locked()
