"""How offices' ledgers name fields and words, read from `vocabulary.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from models.words import BlockerCategory, MilestoneKind, Role, Sector, UnitKind, VisitOutcome, Word

W = TypeVar("W", bound=Word)

TABLES = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text("utf-8"))


def _texts(table: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(texts) for key, texts in table.items()}


def _words(table: Mapping[str, Iterable[str]], kind: type[W]) -> dict[str, W]:
    return {text: kind(value) for value, texts in table.items() for text in texts}


HEADERS = {sheet: _texts(table) for sheet, table in TABLES["headers"].items()}  # by sheet and field
MILESTONE_VERBS = {MilestoneKind(kind): tuple(verbs) for kind, verbs in TABLES["milestone_verbs"].items()}

SIZES = {text: int(size) for size, texts in TABLES["sizes"].items() for text in texts}
SIZE_WORDS = {int(size): texts[0] for size, texts in TABLES["sizes"].items() if not texts[0].isascii()}
SECTORS = _words(TABLES["sectors"], Sector)
SECTOR_HINTS = SECTORS | _words(TABLES["sector_hints"], Sector)
CATEGORIES = _words(TABLES["categories"], BlockerCategory)
CATEGORY_HINTS = _words(TABLES["category_hints"], BlockerCategory)
UNIT_KINDS = _words(TABLES["unit_kinds"], UnitKind)
UNIT_KIND_HINTS = _words(TABLES["unit_kind_hints"], UnitKind)
ROLES = _words(TABLES["roles"], Role)
ROLE_HINTS = _words(TABLES["role_hints"], Role)
CLAIMS = _words(TABLES["claims"], VisitOutcome)
REACHED = _words(TABLES["reached"], MilestoneKind)
UNCLAIMED, GOING_ON, UNDER_WAY, HOLDS, RESUMES, UNCLEAR, ALONE = (
    frozenset(TABLES[name]) for name in ("unclaimed", "going_on", "under_way", "holds", "resumes", "unclear", "alone")
)
PENDING, UNSETTLED, SAME_AS_ABOVE, SAME_AS_ELSEWHERE = (
    frozenset(text.casefold() for text in TABLES[name])
    for name in ("pending", "unsettled", "same_as_above", "same_as_elsewhere")
)
UNKNOWN = PENDING | UNSETTLED
PEOPLE = TABLES["people"]
POSTS: tuple[str, ...] = tuple(PEOPLE["posts"])
HONORIFICS: tuple[str, ...] = tuple(PEOPLE["honorifics"])
POST_REMARKS: tuple[str, ...] = tuple(PEOPLE["remarks"])
SURNAMES = "".join(sorted({*PEOPLE["surnames"]} - {*PEOPLE["not_surnames"]} - {"\n"}))
COMPOUND_SURNAMES: tuple[str, ...] = tuple(PEOPLE["compound_surnames"])
NO_NAMES: tuple[str, ...] = tuple(PEOPLE["not_names"])
SOUND_ALIKE: tuple[str, ...] = tuple(PEOPLE["sound_alike"])
