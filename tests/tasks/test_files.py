"""Where files come and go: no name leads elsewhere, none is taken twice."""

import os
from pathlib import Path

import pytest

from support.repository import REPOSITORY
from tasks.files import (
    FileMissing,
    Folder,
    StrangeHome,
    address,
    find,
    folder,
    home,
    new_path,
    rejects_of,
    rejects_path,
)
from tasks.imports.inbox import arrivals
from tasks.imports.workbook.read import SUFFIXES

NOBODY = 65534


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUODI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LUODI_DESK_URL", "http://127.0.0.1:4201/")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("清丰县 台账.xlsx", "清丰县 台账.xlsx"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..\\..\\a.xlsx", "_.._a.xlsx"),
        ("...", "file"),
        ("", "file"),
        ("a\0b\u202exslx.xlsx", "a_b_xslx.xlsx"),
        ("长" * 300 + ".xlsx", "长" * 60 + ".xlsx"),
        ("𠀀" * 300 + ".xlsx", "𠀀" * 45 + ".xlsx"),
    ],
    ids=["name", "path", "backslashes", "dots", "nothing", "controls", "long", "rare characters"],
)
def test_a_new_file_lies_in_the_folder_of_its_kind_whatever_its_name(name, kept):
    path = new_path(Folder.EXPORTS, name)
    path.write_text("here")
    assert (path.parent, path.name.split("-", 3)[3]) == (folder(Folder.EXPORTS), kept)
    assert find(Folder.EXPORTS, path.name) == path
    handed_in = new_path(Folder.INCOMING, name)
    assert (handed_in.parent.parent, handed_in.name) == (folder(Folder.INCOMING), kept)


def test_the_rejects_of_a_run_are_found_by_its_number():
    first, second = (rejects_path("a1", name) for name in ("乙.xlsx", "甲.xlsx"))
    for path in (first, second, rejects_path("a12", "乙.xlsx")):
        path.write_text("here")
    assert rejects_path("a1", "乙.xlsx") == first
    assert rejects_of("a1") == [first, second]
    assert rejects_of("*") == []


def test_two_files_of_one_name_do_not_meet():
    assert new_path(Folder.REJECTS, "a.xlsx") != new_path(Folder.REJECTS, "a.xlsx")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../incoming/a.xlsx", "/etc/passwd", "none.xlsx", "link", ".hidden", "长" * 99]
)
def test_no_other_file_is_found(name):
    (folder(Folder.INCOMING) / "a.xlsx").write_text("secret")
    (folder(Folder.EXPORTS) / ".hidden").write_text("secret")
    (folder(Folder.EXPORTS) / "link").symlink_to("/etc/passwd")
    with pytest.raises(FileMissing):
        find(Folder.EXPORTS, name)


def test_only_the_owner_may_look_into_the_folders():
    assert {folder(kind).stat().st_mode & 0o77 for kind in Folder} == {0}


def test_the_address_is_one_a_browser_can_open():
    path = folder(Folder.EXPORTS) / "台账 1.xlsx"
    assert address(Folder.EXPORTS, path) == "http://127.0.0.1:4201/files/exports/%E5%8F%B0%E8%B4%A6%201.xlsx"


@pytest.mark.usefixtures("ledger")
def test_every_kind_of_file_that_is_read_is_taken_from_the_inbox_and_no_other():
    names = {f"台账{suffix}" for suffix in SUFFIXES} | {"台账.ET"}
    for name in (*names, "~$台账.xlsx", ".台账.xlsx", "台账.docx", "台账"):
        (folder(Folder.INBOX) / name).write_text(name)
    assert {arrival.path.name for arrival in arrivals("")} == names


def test_a_home_that_is_named_is_used(tmp_path: Path) -> None:
    assert home() == tmp_path / "home"


@pytest.mark.parametrize(
    ("project", "is_checkout"),
    [
        ('[project]\nname = "luodi"', True),
        ('[project]\nname = "another"', False),
        ("[tool.ruff]", False),
        ('project = "luodi"', False),
        ("[project", False),
    ],
)
def test_the_checkout_is_a_home_and_no_other_project_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: str, is_checkout: bool
) -> None:
    monkeypatch.delenv("LUODI_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(project)
    assert home() == tmp_path / (".luodi" if is_checkout else "data/luodi")


def test_without_a_name_it_is_where_one_is_already_else_among_the_users_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LUODI_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    assert home() == tmp_path / "data" / "luodi"
    (tmp_path / ".luodi").mkdir()
    assert home() == tmp_path / ".luodi"


@pytest.fixture
def open_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like `/tmp`, where everybody may put things, and we are in it."""
    monkeypatch.delenv("LUODI_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o1777)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.only_for("root")
@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_home_that_another_user_put_into_the_current_folder_is_not_entered(open_folder: Path, kind: str) -> None:
    """Root would go on as that user, and hand him the passwords of its environment."""
    trap = open_folder / ".luodi"
    trap.mkdir() if kind == "folder" else trap.symlink_to("/root")
    os.chown(trap, NOBODY, NOBODY, follow_symlinks=False)
    with pytest.raises(StrangeHome, match="LUODI_HOME"):
        home()
    open_folder.chmod(0o755)  # then root itself made it another user's
    assert home() == trap.resolve()


@pytest.mark.only_for("root")
def test_no_stranger_can_call_a_folder_our_checkout(open_folder: Path) -> None:
    (open_folder / "pyproject.toml").symlink_to(REPOSITORY / "pyproject.toml")
    os.chown(open_folder / "pyproject.toml", NOBODY, NOBODY, follow_symlinks=False)
    assert home() == open_folder.parent / "data" / "luodi"


def test_our_own_home_and_checkout_may_lie_in_an_open_folder(open_folder: Path) -> None:
    (open_folder / "pyproject.toml").write_text('[project]\nname = "luodi"')
    assert home() == open_folder / ".luodi"
    (open_folder / ".luodi").mkdir()
    assert home() == open_folder / ".luodi"
