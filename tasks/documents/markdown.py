"""Prints tables and lists as Markdown; what people wrote cannot become markup."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from models.i18n import gettext as _
from models.i18n import written
from tasks.documents.table import Row, Table

SILENT = ("", "–", "—")  # cells that say nothing
MARKUP = re.compile(r"[\\`*_\[\]!|#]")


def lines(facts: Iterable[tuple[str, object]]) -> str:
    """A line for each fact that is known: what it is, and its value."""
    line = _("%(title)s: **%(value)s**")
    return "  \n".join(line % {"title": title, "value": cell(value)} for title, value in facts if value)


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Texts as a table; a column of whole numbers stands on the right."""
    is_number = [bool(rows) and all(isinstance(row[index], int) for row in rows) for index in range(len(heads))]
    rule = ["---:" if stands_right else "---" for stands_right in is_number]
    printed = [map(cell, heads), rule, *(map(cell, row) for row in rows)]
    return "\n".join("| " + " | ".join(row) + " |" for row in printed)


def table_of(source: Table[Row]) -> str:
    """A table, or that there is nothing in it."""
    return table(source.heads, texts) if (texts := source.texts) else _("Nothing.")


def list_of(source: Table[Row]) -> str:
    """A table too wide for the UI as a numbered list: the first column, then the others."""
    fact = _("%(title)s: %(value)s")
    items = []
    for number, (first, *others) in enumerate(source.texts, start=1):
        facts = zip(source.heads[1:], others, strict=True)
        known = [fact % {"title": head, "value": cell(text)} for head, text in facts if text not in SILENT]
        items.append(f"{number}. **{cell(first)}**  \n   {' · '.join(known)}")
    return "\n".join(items) or _("Nothing.")


def entry(head: object, facts: Iterable[object], *more: object) -> str:
    """An entry of a list instead of a wide table's row: its head, what is known, and more below.

    Prefect's dialog is narrow.
    """
    known = " · ".join(cell(fact) for fact in facts if fact)
    return "  \n  ".join([f"- **{cell(head)}**", *filter(None, [known, *map(cell, more)])])


def cell(value: object) -> str:
    """A value that cannot break out of its place in Markdown."""
    text = written(value) if isinstance(value, date) else str(value)
    flat = " ".join(text.split()).replace("<", "&lt;")
    return MARKUP.sub(r"\\\g<0>", flat)
