"""Which names are one name, written with a slip or with a word more."""

import re

from rapidfuzz import fuzz

from models.office_files.columns import bare

SAME_NAME_SCORE = 85  # names at least this similar (0–100) count as the same
NUMERALS = re.compile(r"[0-9]+|[一二三四五六七八九十]+|[ⅠⅡⅢⅣⅤ]+")


def have_same_numerals(one: str, other: str) -> bool:
    """Whether both texts count alike: 一期 and 二期 are two."""
    return NUMERALS.findall(bare(one)) == NUMERALS.findall(bare(other))


def is_same_name(one: str, other: str) -> bool:
    return have_same_numerals(one, other) and fuzz.ratio(bare(one), bare(other)) >= SAME_NAME_SCORE
