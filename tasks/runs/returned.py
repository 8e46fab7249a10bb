"""What a refused answer entered stands in the next form, so that nothing is typed twice."""

import json
from collections.abc import Mapping
from typing import Any

from tasks.runs.forms import REFERENCE, Schema

LONGEST = 200_000  # characters of an answer; nobody types more
MOST_ENTRIES = 100  # of a list
NOTHING: Any = object()  # for what the next form cannot show
TYPES: dict[str, type | tuple[type, ...]] = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}


def give_back(schema: Schema, entered: Mapping[str, Any], proposed: Mapping[str, Any]) -> None:
    """Prefill the form with what was entered; what the person left as `proposed` is proposed anew.

    What the ledger proposes instead is kept beside it: an answer that still says it changes
    nothing.
    """
    if len(json.dumps(entered, ensure_ascii=False)) > LONGEST:
        return
    for name, field in schema["properties"].items():
        if name == "form_no" or name not in entered or entered[name] == proposed.get(name):
            continue
        value = _fitting(field, entered[name], schema["definitions"])
        if value is not NOTHING:
            field["proposed"] = field.get("default")
            field["default"] = value


def _fitting(field: Schema, value: Any, definitions: Mapping[str, Schema]) -> Any:
    """The value as far as the field can show it."""
    if "$ref" in field:
        return _group(definitions[field["$ref"].removeprefix(REFERENCE)], value, definitions)
    if field.get("type") == "array":
        if not isinstance(value, list):
            return NOTHING
        entries = [_fitting(field["items"], entry, definitions) for entry in value[:MOST_ENTRIES]]
        return [entry for entry in entries if entry is not NOTHING]
    is_of_type = isinstance(value, TYPES.get(field.get("type", ""), ())) and (
        isinstance(value, bool) is (field["type"] == "boolean")
    )
    return value if is_of_type and value in field.get("enum", [value]) else NOTHING


def _group(group: Schema, value: Any, definitions: Mapping[str, Schema]) -> Any:
    if not isinstance(value, dict):
        return NOTHING
    fields = {name: field for name, field in group["properties"].items() if name in value}
    members = {name: _fitting(field, value[name], definitions) for name, field in fields.items()}
    return {name: member for name, member in members.items() if member is not NOTHING} or NOTHING
