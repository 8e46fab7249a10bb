"""The command starts from any folder, says which home it uses, and names what is wrong in the
office's language.
"""

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from deployments import cli, environment
from deployments.cli import in_the_offices_language
from models.i18n import use_locale
from support.programs.luodi import hostile
from support.programs.ports import free_port

LUODI = Path(sys.executable).with_name("luodi")


def luodi(home: Path, *words: str, folder: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LUODI_", "PREFECT_", "PYTHON"))}
    ours = {"LUODI_HOME": str(home), "LUODI_LOCALE": "en", "PORT": str(free_port())}
    return subprocess.run(
        [LUODI, *words],
        cwd=folder,
        env=kept | ours | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_folders_named_like_ours_hide_nothing(tmp_path: Path) -> None:
    done = luodi(tmp_path / "home", "doctor", folder=hostile(tmp_path / "elsewhere"))
    assert done.stderr == f"Luodi's home: {tmp_path / 'home'}\n"
    assert "✗ The ledger database cannot be reached" in done.stdout
    assert "✗ The desk cannot be reached" in done.stdout
    assert done.returncode == 1
    assert not (tmp_path / "home").exists(), "the doctor only looks"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("prefect.toml", "[logging]\nconfig_path = '%s'"),
        ("pyproject.toml", "[tool.prefect.logging]\nconfig_path = '%s'"),
        (".env", "PREFECT_LOGGING_CONFIG_PATH=%s"),
    ],
)
def test_no_settings_are_taken_from_the_current_folder(tmp_path: Path, name: str, text: str) -> None:
    """Prefect's settings can name a program that its start runs, as root if root starts it."""
    folder, logging = tmp_path / "elsewhere", tmp_path / "elsewhere" / "logging.yml"
    folder.mkdir()
    program = f"{{(): subprocess.Popen, args: [touch, {folder / 'ran'}]}}"
    logging.write_text(f"version: 1\nhandlers: {{evil: {program}}}\n")
    (folder / name).write_text(text % logging)
    luodi(Path("../home"), "doctor", folder=folder)
    assert {path.name for path in folder.iterdir()} == {name, "logging.yml"}


def test_paths_are_meant_from_the_folder_the_command_was_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "PYTHONPATH", "SSL_"))]:
        monkeypatch.delenv(name)
    variables = {
        "PREFECT_PROFILES_PATH": "office/profiles.toml",
        "PREFECT_API_SSL_CERT_FILE": "/etc/ours.pem",
        "PREFECT_HOME": "~/prefect",
        "PREFECT_API_URL": "http://luodi.office/api",
        "PYTHONPATH": "ours:/theirs",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    rates = cli.parser().parse_args(["replay", "--csv", "rates.csv"]).csv
    environment.leave_folder()
    assert (Path.cwd(), rates) == (Path("/"), tmp_path / "rates.csv")
    assert {name: os.environ[name] for name in variables} == variables | {
        "PREFECT_PROFILES_PATH": str(tmp_path / "office/profiles.toml"),
        "PYTHONPATH": f"{tmp_path / 'ours'}:/theirs",
    }


@pytest.mark.parametrize("command", ["up", "doctor", "worker", "desk", "deploy", "sample", "replay"])
def test_every_command_names_a_wrong_setting_in_one_sentence(tmp_path: Path, command: str) -> None:
    done = luodi(tmp_path, command, LUODI_TIMEZONE="Asia/Shangai")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "luodi: LUODI_TIMEZONE=Asia/Shangai cannot be used: set it to the name of a time zone, like Asia/Shanghai.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_port_is_checked_wherever_it_is_given(tmp_path: Path) -> None:
    done = luodi(tmp_path, "up", "--port", "65535")
    assert done.stderr.startswith("luodi: PORT=65535 cannot be used")


@pytest.mark.parametrize("name", ["a file", "a file/below"])
def test_a_home_that_is_no_folder_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "a file").touch()
    done = luodi(tmp_path / name, "doctor")
    assert done.returncode == 1
    assert done.stderr.startswith(f"luodi: {tmp_path / name} cannot be Luodi's home: ")
    assert "Set LUODI_HOME to a folder" in done.stderr


def test_a_home_that_others_write_in_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    tmp_path.chmod(0o777)
    done = luodi(tmp_path, "doctor")
    assert (done.returncode, done.stdout) == (1, "")
    assert "others may write in it" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("words", "variables", "why"),
    [
        (("up",), {"PREFECT_SERVER_API_AUTH_STRING": "admin:密码"}, "in Latin letters, digits and signs"),
        (
            ("db", "upgrade"),
            {"LUODI_DATABASE_URL": "postgresql+psycopg://luodi@127.0.0.1:1/luodi"},
            "The ledger database cannot be reached",
        ),
        (("deploy",), {}, "The Prefect server cannot be reached"),
    ],
    ids=["a password in Chinese", "no database", "no server"],
)
def test_what_stands_in_the_way_is_said_in_one_sentence(
    tmp_path: Path, words: tuple[str, ...], variables: dict[str, str], why: str
) -> None:
    done = luodi(tmp_path, *words, **variables)
    said = done.stderr.removeprefix(f"Luodi's home: {tmp_path}\n")
    assert done.returncode == 1
    assert said.startswith("luodi: ")
    assert why in said
    assert said.count("\n") == 1
    assert "密码" not in said


def test_a_name_cannot_forge_a_line_on_the_terminal(tmp_path: Path) -> None:
    done = luodi(Path(f"{tmp_path}/a\x1b[31m\nluodi: all is well"), "doctor")
    assert done.returncode == 1
    assert not any(line.startswith("luodi: all") for line in done.stderr.splitlines())


def test_it_says_its_version(tmp_path: Path) -> None:
    assert luodi(tmp_path, "--version").stdout == f"luodi {version('luodi')}\n"


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command line says to what it cannot run, or is asked to explain."""
    with in_the_offices_language(), pytest.raises(SystemExit):
        cli.parser().parse_args(words)
    said = capsys.readouterr()
    return said.out + said.err


ASKED = [
    *((command, "--help") for command in ("up", "deploy", "worker", "desk", "sample", "replay", "doctor", "db")),
    ("--help",),
    ("db", "upgrade", "--help"),
    (),
    ("db",),
    ("nothing",),
    ("up", "--nothing"),
    ("up", "--port"),
    ("up", "--sample=yes"),
    ("replay", "--seed", "x"),
]


@pytest.mark.parametrize("words", ASKED, ids=" ".join)
def test_help_and_errors_are_in_one_language(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    with use_locale("en"):
        english = asked(capsys, *words)
    with use_locale("zh_CN"):
        chinese = asked(capsys, *words)
    assert not re.search(r"[\u4e00-\u9fff]", english)
    for word in ("usage", "options", "show this", "error", "argument", "required", "expected", "invalid"):
        assert word not in chinese
    assert "用法：luodi" in chinese
