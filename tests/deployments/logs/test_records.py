"""Whatever a library of ours logs or prints, no name in it begins a line of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.repository import REPOSITORY

FORGED = r"光谷\n2026-01-01 00:00:00.000 | ERROR | all is lost\x1b[31m\u2028x"
PROGRAMS = {
    "print": f"print('{FORGED}')",
    "logging": f"import logging; logging.getLogger('x').warning('%s', '{FORGED}')",
    "an error nobody caught": f"raise ValueError('{FORGED}')",
    "an error in a thread": f"import threading\ndef f(): raise ValueError('{FORGED}')\n"
    "threading.Thread(target=f).start()",
    "a warning": f"import warnings; warnings.warn('{FORGED}')",
    "prefect": f"from prefect.logging import get_logger; import prefect; "
    f"from prefect.logging.configuration import setup_logging; setup_logging(); get_logger('x').error('{FORGED}')",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_name_begins_no_line_of_a_log(tmp_path: Path, program: str) -> None:
    (tmp_path / "program.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "-m", "deployments.logs.records", "program"],
        env={**os.environ, "PYTHONPATH": f"{REPOSITORY}:{tmp_path}", "PREFECT_HOME": str(tmp_path / "prefect")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    assert "  | 2026-01-01 00:00:00.000 | ERROR | all is lost" in done.stdout
    assert not any(line.startswith("2026-01-01") for line in done.stdout.splitlines())
    assert "光谷" in done.stdout
    assert not {"\x1b", "\u2028"} & set(done.stdout)
