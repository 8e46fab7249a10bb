"""`python -m models.locale.check TEMPLATE`: is every text translated, and does each still fit?

The template holds the texts that `pybabel extract` finds in the code: they are the English ones.
Babel sees unknown placeholders, but neither that one is missing nor that a command differs.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

KEPT = re.compile(r"%\(\w+\)\w|`[^`]+`")
HAN = re.compile(r"[\u4e00-\u9fff]")


def faults(catalogue: Catalog, template: Catalog) -> Iterator[str]:
    catalogue.update(template, no_fuzzy_matching=True)
    for message, problems in catalogue.check():
        yield from (f"{problem}: {message.id!r} → {message.string!r}" for problem in problems)
    for message in filter(lambda each: each.id, catalogue):  # without the header
        if not message.string:
            yield f"not translated: {message.id!r}"
        elif message.fuzzy:
            yield f"marked fuzzy: {message.id!r}"
        elif sorted(KEPT.findall(str(message.id))) != sorted(KEPT.findall(str(message.string))):
            yield f"placeholders or commands differ: {message.id!r} → {message.string!r}"
    yield from (f"no longer in the code: {message.id!r}" for message in catalogue.obsolete.values())


def main() -> int:
    texts = _read(Path(sys.argv[1]))
    found = [f"en: holds Chinese outside an example: {text.id!r}" for text in texts if _is_chinese(text)]
    for path in sorted(Path(__file__).parent.glob("*/LC_MESSAGES/luodi.po")):
        found += [f"{path.parts[-3]}: {fault}" for fault in faults(_read(path), texts)]
    print("\n".join([*found, f"{len(texts)} texts, {len(found)} faults"]))
    return int(bool(found))


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def _is_chinese(text: Message) -> bool:
    return len(HAN.findall(str(text.id))) * 2 > len(str(text.id))


if __name__ == "__main__":
    sys.exit(main())
