"""What the documents of the repository name is there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deployments.automations import declared
from models.events.catalogue import EVENTS

REPOSITORY = Path(__file__).parents[1]
DOCUMENTS = sorted(path.relative_to(REPOSITORY) for part in ("*.md", "docs/**/*.md") for path in REPOSITORY.glob(part))
NAMED = re.compile(r"(?<![\w./-])(?:deployments|docs|flows|models|tasks|tests)/[\w./*-]*[\w*/]", re.ASCII)
LINKED = re.compile(r"\]\((?!https?:)([^)#]+)")


def missing(document: Path) -> list[str]:
    """The files and folders a document names or links to that are not there."""
    text = (REPOSITORY / document).read_text()
    found = [(REPOSITORY, name) for name in NAMED.findall(text)]
    found += [((REPOSITORY / document).parent, link) for link in LINKED.findall(text)]
    return sorted({name for folder, name in found if not any(folder.glob(name))})


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_path_a_document_names_is_there(document: Path) -> None:
    assert missing(document) == []


def test_the_page_on_events_lists_those_there_are_with_their_payloads_and_every_automation() -> None:
    page = (REPOSITORY / "docs" / "events.md").read_text()
    rows = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| `luodi.")]
    stated = {name.strip(" `"): tuple(re.findall(r"`(\w+)`", payload)) for name, _when, payload in rows}
    assert stated == {name: kind.payload for name, kind in EVENTS.items()}
    assert all(f"\n| {entry['name']} |" in page for entry in declared())


def test_the_commands_of_contributing_that_ask_luodi_for_something_work(tmp_path: Path) -> None:
    (command,) = re.findall(r"python -c \\\n\s+'([^']+)'", (REPOSITORY / "CONTRIBUTING.md").read_text())
    environment = os.environ | {"LUODI_HOME": str(tmp_path), "LUODI_DATABASE_URL": ""}
    asked = subprocess.run(
        [sys.executable, "-c", command], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
    )
    assert asked.stdout.startswith("postgresql+psycopg://")
