"""Imports read below the allowed folders only, through no link, and nothing but files."""

import os
import socket
import threading
import time
from pathlib import Path

import pytest

from tasks.files import FileMissing, Folder, folder, home
from tasks.imports import opening
from tasks.imports.errors import FileChanging, FileClosed, FileTooLarge, NoRoom, NotFollowed, OutsideFolders
from tasks.imports.opening import alone, copied, opened

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the office allows, below which its files lie."""
    path = tmp_path / "office"
    path.mkdir()
    monkeypatch.setenv("LUODI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LUODI_IMPORT_FOLDERS", f"/nowhere:{path}")
    return path


def read(path: Path) -> str:
    """What an import reads at the path."""
    with alone() as room, copied(path, room) as copy:
        assert copy.path.parent.stat().st_mode & 0o77 == 0
        return copy.path.read_text()


def write(path: Path, text: str = "here") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_what_lies_in_an_allowed_folder_or_among_our_files_is_read(office: Path) -> None:
    for path in (office / "县" / "台账 #1.xlsx", folder(Folder.INCOMING) / "a" / "b.csv", home() / "sample" / "c.xlsx"):
        assert read(write(path)) == "here"


def test_a_home_is_found_by_the_name_the_office_gave_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "alias").symlink_to(tmp_path / "home")
    monkeypatch.setenv("LUODI_HOME", str(tmp_path / "alias"))
    write(folder(Folder.INCOMING) / "a.csv")
    for form in (tmp_path / "home", tmp_path / "alias"):
        assert read(form / "files" / "incoming" / "a.csv") == "here"


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "{office}/../secret.csv",
        "{office}-2/secret.csv",
        "{home}/secret.key",
        "{home}/files/../secret.key",
        "secret.csv",
        "~/secret.csv",
        "//etc/passwd",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused_with_what_to_set(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    for name in ("secret.csv", "office-2/secret.csv", "home/secret.key"):
        write(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    wanted = Path(path.format(office=office, home=home()))
    with pytest.raises(OutsideFolders) as refusal:
        read(wanted)
    said = str(refusal.value)
    assert str(wanted) in said
    assert f"LUODI_IMPORT_FOLDERS=/nowhere:{office}:{wanted.absolute().parent} and start Luodi again" in said


def test_luodis_own_secrets_stay_closed_if_its_home_lies_below_an_allowed_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUODI_IMPORT_FOLDERS", str(tmp_path))
    write(home() / "key.csv")
    write(tmp_path / "key.csv")
    assert read(tmp_path / "key.csv") == "here"
    with pytest.raises(OutsideFolders):
        read(home() / "key.csv")


def test_no_link_is_followed_to_a_file_or_through_a_folder(office: Path, tmp_path: Path) -> None:
    secret = write(tmp_path / "secrets" / "a.csv", "secret")
    (office / "a.csv").symlink_to(secret)
    (office / "folder").symlink_to(secret.parent)
    (office / "nowhere.csv").symlink_to("nowhere")
    for path in ("a.csv", "folder/a.csv", "folder", "nowhere.csv"):
        with pytest.raises(NotFollowed, match="is a link or no file"):
            read(office / path)


def test_a_file_with_a_second_name_is_not_read(office: Path, tmp_path: Path) -> None:
    (office / "a.csv").hardlink_to(write(tmp_path / "secret.csv", "secret"))
    with pytest.raises(NotFollowed, match="hard link"):
        read(office / "a.csv")


@pytest.mark.parametrize("kind", ["pipe", "socket", "folder"])
def test_what_is_no_file_is_refused_and_nobody_waits(office: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    path = office / "a.csv"
    monkeypatch.chdir(office)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as server:
        {"pipe": os.mkfifo, "socket": server.bind, "folder": os.mkdir}[kind](path.name)
        with pytest.raises(NotFollowed):
            read(path)


def test_of_a_file_too_large_nothing_is_read(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (office / "a.xlsx").open("wb") as file:
        file.truncate(20 * 2**30)
    monkeypatch.setattr(opening, "_parts", None)
    with pytest.raises(FileTooLarge, match=r"a\.xlsx is too large to take in"):
        read(office / "a.xlsx")


@pytest.mark.parametrize(
    "name", ["none.csv", "file.csv/a.csv", "a" * 300, "a\0.csv", "\ud800.csv", "a\n2026 | INFO.csv"]
)
def test_what_is_not_there_is_named_in_one_line(office: Path, name: str) -> None:
    write(office / "file.csv")
    with pytest.raises((FileMissing, FileClosed)) as refusal:
        read(office / name)
    assert str(refusal.value).isprintable()


@pytest.mark.only_for("ordinary user")
def test_a_file_that_may_not_be_read_is_named(office: Path) -> None:
    write(office / "a.csv").chmod(0)
    with pytest.raises(FileClosed, match=r"a\.csv cannot be read \(Permission denied\)"):
        read(office / "a.csv")


def test_a_file_that_grows_while_it_is_read_is_left_for_later(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, parts = write(office / "a.csv"), opening._parts

    def grows(*source: object) -> object:
        yield from parts(*source)
        with path.open("a") as file:
            file.write("more")

    monkeypatch.setattr(opening, "_parts", grows)
    with pytest.raises(FileChanging, match=r"a\.csv was changed while it was read"):
        read(path)


def test_a_full_disk_is_named(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_name: str, _size: int) -> None:
        raise OSError(28, "No space left on device")

    write(office / "a.csv")
    with opened(office / "a.csv"):
        monkeypatch.setattr(opening, "check_size", full)
    with pytest.raises(NoRoom, match="No space left on device"):
        read(office / "a.csv")


def test_the_copy_is_gone_at_the_end_and_those_of_killed_workers_before_the_next(office: Path) -> None:
    left = write(home() / "files" / ".importing" / "of a killed worker" / "a.csv")
    assert read(write(office / "a.csv")) == "here"
    assert not left.parent.exists()
    assert [path.name for path in (home() / "files" / ".importing").iterdir()] == ["lock"]


def test_one_file_is_read_at_a_time_on_a_machine() -> None:
    at_once, most = [], []

    def take() -> None:
        with alone():
            at_once.append(1)
            most.append(len(at_once))
            time.sleep(0.05)
            at_once.pop()

    threads = [threading.Thread(target=take) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]
