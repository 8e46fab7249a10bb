"""What looks like a project's code, and what only counts the rows of a file (1, 2, 3 …)."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from models.settings import settings

OF_LUODI = re.compile(r"LD-\d{4}-\d{3,}")  # a code Luodi gave to a project whose office gave none
COUNTED = re.compile(r"(?:第|no\.?|#)?\(?(\d{1,9})\)?(?:号|[.、])?", re.IGNORECASE)
LONGEST_CODE = 100  # characters; an office's pattern may take seconds on longer text
MOSTLY = 0.8  # this share of a column's codes


def is_code(text: str) -> bool:
    """Whether a text looks like the code of a project: like the office's, or Luodi's own."""
    return bool(codes_among([text]))


def codes_among(texts: Iterable[str]) -> set[str]:
    pattern = settings().code_pattern
    return {
        text for text in texts if len(text) <= LONGEST_CODE and (pattern.fullmatch(text) or OF_LUODI.fullmatch(text))
    }


def counts_rows(column: Sequence[tuple[int, str]]) -> bool:
    """Whether the codes of a sheet, each with its row, are mostly running numbers from 1 on.

    A row may be missing or have two lines, and each county may begin anew.
    """
    numbers = [(row, int(match[1])) for row, text in column if (match := COUNTED.fullmatch(text))]
    if len(numbers) < 2 or len(numbers) < MOSTLY * len(column) or numbers[0][1] > 2:
        return False
    steps = pairwise(numbers)
    following = sum(number == 1 or number - last in (0, 1, row - last_row) for (last_row, last), (row, number) in steps)
    return following >= MOSTLY * (len(numbers) - 1)
