"""How Babel finds texts outside Python files."""

import io
from collections.abc import Iterator
from typing import Any

import yaml

READ_BY_PEOPLE = {"deployments": ("description", "tags"), "automations": ("name", "description", "subject", "body")}


def declared_texts(file: io.BufferedIOBase, _keywords: Any, _tags: Any, options: Any) -> Iterator[tuple[Any, ...]]:
    """The texts of deployments and automations in a YAML file, as Babel wants messages."""
    for kind, entries in yaml.safe_load(file).items():
        for field in READ_BY_PEOPLE.get(kind, ()):
            for entry in entries:
                texts = entry[field] if isinstance(entry[field], list) else [entry[field]]
                yield from ((1, "gettext", text, []) for text in texts)
