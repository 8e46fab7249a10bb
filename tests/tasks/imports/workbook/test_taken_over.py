"""A file that has taken over the process that reads it gets nothing and reaches nobody."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.repository import DATA, REPOSITORY
from tasks.files import LedgerFileError
from tasks.imports import child_processes
from tasks.imports.errors import FileHostile, FileTooLarge
from tasks.imports.workbook import read as workbook
from tasks.imports.workbook.read import read_workbook

pytestmark = pytest.mark.usefixtures("in_english")

TAKEN_OVER = """
import sys
sys.argv = ["child", "台账.xlsx"]
import ctypes, os, resource, signal, socket, subprocess
from tasks.imports.workbook import child
from tasks.imports.workbook.pieces import Block, SheetOpened

def is_open(number):
    try:
        return os.fstat(number)
    except OSError:
        return None

def attack(_file, _name):
    yield SheetOpened("attacks", False, ())
    rows = []
    for name, act in ATTACKS.items():
        try:
            rows.append([name, str(act())])
        except BaseException as problem:
            rows.append([name, f"refused: {type(problem).__name__}"])
    yield Block(list(range(len(rows))), rows)

child.of_file = attack
"""
PIECES = """
import struct, sys, time
def say(text, numbers=b""):
    sys.stdout.buffer.write(struct.pack("=II", len(text), len(numbers)) + text + numbers)
    sys.stdout.buffer.flush()
def whole(*numbers):
    return struct.pack(f"={len(numbers)}I", *numbers)
SHEET = b'{"sheet": ["a", false, [], false, true]}'
"""


def read_by(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on this code reads the workbooks, started as the reader is."""
    monkeypatch.setattr(child_processes, "command", lambda *_module: [sys.executable, "-P", "-c", code])


def attacked(attacks: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What each attack, an expression, gives a file that has taken over its reader."""
    listed = ", ".join(f"{name!r}: lambda: {code}" for name, code in attacks.items())
    read_by(f"{TAKEN_OVER}\nATTACKS = {{{listed}}}\nchild.main()", monkeypatch)
    rows = read_workbook(DATA / "01-plain.xlsx")["attacks"].rows
    return {str(name): str(outcome) for name, outcome in rows}


def test_it_inherits_no_address_no_password_and_no_open_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LUODI_DATABASE_URL", "postgresql+psycopg://luodi:geheim@db.office/luodi")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "admin:geheim")
    inherited = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(inherited, True)
    found = attacked(
        {
            "environment": "sorted(set(os.environ) - {'PYTHONPATH', 'LD_LIBRARY_PATH', 'LC_CTYPE'})",
            "files": "[number for number in range(3, 1000) if is_open(number)]",
        },
        monkeypatch,
    )
    os.close(inherited)
    assert found == {"environment": "[]", "files": "[]"}


@pytest.mark.only_for("linux")
def test_it_opens_nothing_reaches_nobody_and_starts_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    attacks = {
        "read a file": f"open({str(secret)!r}).read()",
        "write a file": f"open({str(tmp_path / 'new')!r}, 'w')",
        "make a folder": f"os.mkdir({str(tmp_path / 'folder')!r})",
        "remove a file": f"os.remove({str(secret)!r})",
        "change a mode": f"os.chmod({str(secret)!r}, 0o777)",
        "read its parent's environment": "open(f'/proc/{os.getppid()}/environ').read()",
        "call the network": "socket.create_connection(('127.0.0.1', 5432), 1)",
        "call the database": "socket.socket(socket.AF_UNIX)",
        "start a program": "subprocess.run(['/bin/true'])",
        "become a program": "os.execv('/bin/true', ['true'])",
        "fork": "os.fork()",
        "kill its parent": "os.kill(os.getppid(), signal.SIGTERM)",
        "raise its limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99))",
        "import": "__import__('sqlite3')",
    }
    found = attacked(attacks, monkeypatch)
    assert {name: outcome for name, outcome in found.items() if not outcome.startswith("refused: ")} == {}
    assert found.keys() == attacks.keys()
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


@pytest.mark.only_for("linux")
def test_it_may_not_look_into_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = {"ptrace": "16, os.getppid(), 0, 0", "process_vm_readv": "os.getppid(), 0, 0, 0, 0, 0"}
    numbers = {"x86_64": {"ptrace": 101, "process_vm_readv": 310}, "aarch64": {"ptrace": 117, "process_vm_readv": 270}}
    of_machine = numbers[os.uname().machine]
    attacks = {
        name: f"(ctypes.CDLL(None, use_errno=True).syscall({of_machine[name]}, {values}), ctypes.get_errno())"
        for name, values in calls.items()
    }
    assert set(attacked(attacks, monkeypatch).values()) == {"(-1, 38)"}  # as if there were no such call


@pytest.mark.only_for("root")
def test_root_becomes_a_user_that_owns_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import os; from tasks.imports.confinement import *; import tasks.imports.confinement as c\n"
    code += "c._allow_computing_only = lambda: print(os.getresuid(), os.getresgid(), os.getgroups())\nconfine()"
    said = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert said.stdout.split("\n")[0] == f"{(65534,) * 3} {(65534,) * 3} []"


@pytest.mark.parametrize(
    "said",
    [
        "import pickle; pickle.dump(list(range(99)), sys.stdout.buffer); sys.stdout.flush()",
        "say(b'[' * 10**6)",
        "say(b'no JSON')",
        "say(b'7')",
        "say(b'{}')",
        "say(b'{\"sheet\": [7, false, [], false, true]}')",
        'say(b\'{"sheet": ["a", false, [[1, 2, "3", 4]], false, true]}\')',
        "say(b'{\"failure\": [{}, {}]}')",
        'say(b\'{"failure": ["never heard of", ""]}\')',
        'say(b\'{"rows": 1, "cells": ["before any sheet"]}\', whole(0, 1, 0))',
        'say(SHEET); say(b\'{"rows": 1, "cells": [null]}\', whole(0, 1, 0))',
        'say(SHEET); say(b\'{"rows": 1, "cells": [{}]}\', whole(0, 1, 0))',
        'say(SHEET); say(b\'{"rows": 1, "cells": [["int", 1%s]]}\' % (b\'0\' * 4000), whole(0, 1, 0))',
        'say(SHEET); say(b\'{"rows": 1, "cells": [["int", 1%s]]}\' % (b\'0\' * 5000), whole(0, 1, 0))',
        'say(SHEET); say(b\'{"rows": 1, "cells": [["date", "2013-02-30"]]}\', whole(0, 1, 0))',
        'say(SHEET); say(b\'{"rows": 1, "cells": [["moment", "2013-02-03T00:00:00+08:00"]]}\', whole(0, 1, 0))',
        'say(SHEET); say(b\'{"rows": 1, "cells": [["duration", [1e300, 0, 0]]]}\', whole(0, 1, 0))',
        'say(SHEET); say(b\'{"rows": 1, "cells": [["shown", [1.0, 5]]]}\', whole(0, 1, 0))',
        'say(SHEET); say(b\'{"rows": 1, "cells": [["shown", ["1", "0%"]]]}\', whole(0, 1, 0))',
        'say(SHEET); say(b\'{"rows": 1, "cells": [["shown", [1.0, "%s"]]]}\' % (b"0" * 300), whole(0, 1, 0))',
        'say(SHEET); say(b\'{"rows": 1, "cells": [["shown", [1.0]]]}\', whole(0, 1, 0))',
        'say(SHEET); say(b\'{"rows": 1, "cells": ["half: \\\\ud800"]}\', whole(0, 1, 0))',
        'say(SHEET); say(b\'{"rows": 1, "cells": ["a"]}\', whole(0, 1, 1))',
        'say(SHEET); say(b\'{"rows": 1, "cells": ["a"]}\', whole(0, 9, 0))',
        'say(SHEET); say(b\'{"rows": 1, "cells": ["a"]}\', whole(0, 0))',
        'say(SHEET); say(b\'{"rows": 2, "cells": ["a"]}\', whole(5, 5, 1, 1, 0, 0))',
        'say(SHEET); say(b\'{"rows": -1, "cells": ["a"]}\', whole(0, 1, 0))',
        'say(SHEET); say(b\'{"rows": 1.0, "cells": ["a"]}\', whole(0, 1, 0))',
        'say(SHEET); say(b\'{"rows": 1, "cells": ["a"]}\', b\'odd\')',
    ],
    ids=lambda said: said[-60:],
)
def test_what_no_reader_of_ours_sends_is_refused_as_an_attack(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    read_by(f"{PIECES}\n{said}\ntime.sleep(60)", monkeypatch)
    with pytest.raises(FileHostile, match=r"01-plain\.xlsx made the program that reads it"):
        read_workbook(DATA / "01-plain.xlsx")


@pytest.mark.parametrize(
    "said",
    [
        "while True: sys.stdout.buffer.write(b'\\xff' * 2**20)",
        "while True: say(b'{\"sheet\": [\"%s\", false, [], false, true]}' % (b'x' * 10**7))",
        "while True: say(SHEET)",
        "say(b'{\"sheet\": [\"a\", false, [%s], false, true]}' % b','.join([b'[0,0,0,0]'] * 1_000_001))",
        """say(SHEET)
for n in range(0, 10**9, 999):
    say(b'{"rows": 999, "cells": [""]}', whole(*range(n, n + 999), 16000, *[1] * 998, *[0] * 16998))""",
    ],
    ids=["bytes", "long names", "sheets", "merged ranges", "cells"],
)
def test_who_sends_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    read_by(f"{PIECES}\n{said}", monkeypatch)
    with pytest.raises((FileTooLarge, FileHostile)):
        read_workbook(DATA / "01-plain.xlsx")


@pytest.mark.parametrize("code", ["", "say(SHEET)", "sys.stdout.buffer.write(b'1')\nsys.stdout.buffer.flush()"])
def test_who_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(workbook, "PATIENCE", 1)
    read_by(f"{PIECES}\n{code}\ntime.sleep(60)", monkeypatch)
    with pytest.raises(FileTooLarge, match="takes too long to read"):
        read_workbook(DATA / "01-plain.xlsx")


def test_what_it_says_of_a_failure_is_one_short_line(monkeypatch: pytest.MonkeyPatch) -> None:
    failure = json.dumps({"failure": ["not a workbook", "\n2026-11-28 | all is well\x1b[2J\u2028" + "x" * 9999]})
    read_by(f"{PIECES}\nsay({failure.encode()!r})", monkeypatch)
    with pytest.raises(LedgerFileError) as refusal:
        read_workbook(DATA / "01-plain.xlsx")
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 800
