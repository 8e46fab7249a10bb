"""`python -m models.locale.check`: is every text of the code translated, and does every translation still fit?

The texts in the code are the English ones, so `en` is complete by itself unless a text holds Chinese.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PACKAGES = ("models", "tasks", "flows", "deployments")
KEYWORDS = {"_": None, "gettext": None, "mark": None}
METHODS = [
    ("**.py", "python"),
    ("**/templates/*.html", "jinja2"),
    ("prefect.yaml", "models.locale.extract:descriptions"),
]
OPTIONS = {"**/templates/*.html": {"silent": "false", "newstyle_gettext": "true"}}
PLACEHOLDER = re.compile(r"%\(\w+\)s|`[^`]+`")
HAN = re.compile(r"[\u4e00-\u9fff]")


def texts_in_code() -> set[str]:
    """Every text the code marks for translation."""
    found: set[str] = set()
    for package in PACKAGES:
        messages = extract_from_dir(ROOT / package, method_map=METHODS, keywords=KEYWORDS, options_map=OPTIONS)
        for _file, _line, message, _comments, _context in messages:
            found.add(message if isinstance(message, str) else message[0])
    return found - {""}


def faults(catalogue: Catalog, texts: set[str]) -> Iterator[str]:
    """What is wrong with a catalogue, in plain words."""
    for text in sorted(texts):
        entry = catalogue.get(text)
        if entry is None or not entry.string:
            yield f"not translated: {text!r}"
        elif entry.fuzzy:
            yield f"marked fuzzy: {text!r}"
        elif sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(str(entry.string))):
            yield f"placeholders or commands differ: {text!r} → {entry.string!r}"
    for entry in catalogue:
        if entry.id and entry.id not in texts:
            yield f"no longer in the code: {entry.id!r}"


def main() -> int:
    """Print what is wrong; 1 when anything is."""
    texts = texts_in_code()
    found = [f"en: holds Chinese outside an example: {text!r}" for text in sorted(texts) if _is_chinese(text)]
    for path in sorted(Path(__file__).parent.glob("*/LC_MESSAGES/luodi.po")):
        with path.open("rb") as file:
            found += [f"{path.parts[-3]}: {fault}" for fault in faults(read_po(file), texts)]
    print("\n".join([*found, f"{len(texts)} texts, {len(found)} faults"]))
    return int(bool(found))


def _is_chinese(text: str) -> bool:
    return len(HAN.findall(text)) * 2 > len(text)


if __name__ == "__main__":
    sys.exit(main())
