"""Several texts in one cell, counted as offices do: 1、… 2、…, (1) … (2) …, ① … ② …"""

import re
from collections.abc import Sequence

from models.office_files.names.names import clean_text

# A number in brackets or a circle counts anywhere, another only at the beginning of a sentence.
NUMBERED = re.compile(
    r"\s*(?:[(（](\d{1,2})[)）]|([①-⑳])|(?:^|(?<=[\n;；。]))\s*(?:(\d{1,2})[)）]|(\d{1,2})(?:、|[.．](?!\d))))\s*"
)
# Before a text that stands alone, too.
NUMBER = re.compile(
    r"\s*(?:[①-⑳]|[(（][\d一二三四五六七八九十]{1,3}[)）]|[\d一二三四五六七八九十]{1,3}(?:、|[.．](?!\d)))"
)
# A text in quotes of its own: nothing in it counts; a quote inside is written twice.
QUOTED = re.compile(r"(?:\d+、)?“((?:[^”]|””)*)”(?:\n|$)")


def numbered(text: str) -> list[str]:
    """The parts of a text numbered from 1 up; a text that is not numbered is one part."""
    if quoted := _quoted(text):
        return quoted
    marks = list(NUMBERED.finditer(text))
    counted = [ord(mark[2]) - ord("①") + 1 if mark[2] else int(mark[1] or mark[3] or mark[4]) for mark in marks]
    if len(marks) < 2 or counted != list(range(1, len(marks) + 1)) or text[: marks[0].start()].strip():
        return [text]
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    parts = [text[mark.end() : end].strip(" \n;；。") for mark, end in zip(marks, ends, strict=True)]
    return [clean_text(part) for part in parts] if all(parts) else [text]


def without_number(text: str) -> str:
    """A text without the number it begins with: 1、无 is 无."""
    return NUMBER.sub("", text, count=1)


def _quoted(text: str) -> list[str]:
    """The texts in quotes, one a line; none if the text holds anything else."""
    parts, start = [], 0
    while start < len(text):
        quoted = QUOTED.match(text, start)
        if quoted is None:
            return []
        parts.append(quoted[1].replace("””", "”"))
        start = quoted.end()
    return parts


def in_numbers(parts: Sequence[str]) -> str:
    """Texts in one cell, written so that `numbered` finds each of them word for word."""
    text = parts[0] if len(parts) == 1 else _counted(parts)
    return text if numbered(text) == list(parts) else _counted([f"“{part.replace('”', '””')}”" for part in parts])


def _counted(parts: Sequence[str]) -> str:
    return "\n".join(f"{number}、{part}" for number, part in enumerate(parts, start=1))
