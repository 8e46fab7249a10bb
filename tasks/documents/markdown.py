"""Renders tables and lists as Markdown; what people wrote cannot become markup."""

import re
from collections.abc import Iterable, Sequence

from models.i18n import gettext as _

NOTHING = ("", "–", "—")
"""Cells that say nothing."""
MARKUP = re.compile(r"[\\`*_\[\]!|#]")
"""What Markdown would read as more than text."""


def lines(facts: Iterable[tuple[str, object]]) -> str:
    """A line for each fact that is known: what it is, and its value."""
    line = _("%(title)s: **%(value)s**")
    return "  \n".join(line % {"title": title, "value": cell(str(value))} for title, value in facts if value)


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [heads, tuple("---" for _head in heads), *rows]
    return "\n".join("| " + " | ".join(cell(each) for each in line) + " |" for line in lines)


def listing(heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    """What would make a table too wide for the UI, as a numbered list of Markdown: the first column, then the others.

    A cell without anything to say is left out.
    """
    told = _("%(title)s: %(value)s")
    items = []
    for number, (first, *others) in enumerate(rows, start=1):
        facts = zip(heads[1:], others, strict=True)
        said = [told % {"title": head, "value": cell(text)} for head, text in facts if text not in NOTHING]
        items.append(f"{number}. **{cell(first)}**  \n   {' · '.join(said)}")
    return "\n".join(items)


def cell(text: str) -> str:
    """Text that cannot break out of its place in Markdown."""
    flat = " ".join(str(text).split()).replace("<", "&lt;")
    return MARKUP.sub(r"\\\g<0>", flat)
