"""The columns of ledger files, declared once: field, headers in real ledgers, how cells are read."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

from opencc import OpenCC

from models.i18n import gettext as _
from models.i18n import in_any_locale, mark
from models.office_files.cells import AmountUnit, BadCell, is_blank, parse_amount, parse_day, parse_yes, plain
from models.office_files.names import clean_name, clean_text, has_phone, split_names
from models.office_files.numbering import numbered
from models.office_files.vocabulary import (
    CATEGORIES,
    CATEGORY_HINTS,
    CLAIMS,
    HEADERS,
    MILESTONE_VERBS,
    ROLE_HINTS,
    ROLES,
    SECTOR_HINTS,
    SECTORS,
    UNIT_KIND_HINTS,
    UNIT_KINDS,
)
from models.words import BlockerCategory, Exit, Role, Sector, Stage, UnitKind, VisitOutcome, Word

Reader = Callable[[object, AmountUnit], Any]
"""Takes a cell and what a plain figure stands for in its column; raises `BadCell`."""


@dataclass(frozen=True)
class Partly:
    """A cell understood only in part: `value` is taken, and the cell itself is kept beside it."""

    value: Any


@dataclass(frozen=True)
class Column:
    """A field of a row, the headers it goes by, and how its cells are read."""

    field: str
    headers: tuple[str, ...]
    read: Reader
    is_required: bool = False


def ledger(field: str, read: Reader, *, is_required: bool = False) -> Column:
    """A column of the ledger's own sheet, with its headers of the vocabulary."""
    return Column(field, HEADERS["ledger"][field], read, is_required)


def name(cell: object, _unit: AmountUnit) -> str:
    """A name on one line."""
    return _short(clean_name(cell))


def code(cell: object, _unit: AmountUnit) -> str:
    """A code: half-width, without spaces."""
    if isinstance(cell, int | float) and abs(cell) >= MOST_EXACT:
        raise BadCell(
            _("Excel keeps 15 digits of a number, and lost the others: format the column as text, type it anew.")
        )
    said = _short(cell) if isinstance(cell, str) else cell
    return _short(plain(said).replace(" ", ""))


def text(cell: object, _unit: AmountUnit) -> str:
    """Running text."""
    return clean_text(cell)


def first_name(cell: object, _unit: AmountUnit) -> str | Partly:
    """The first of the people a cell names; the cell is kept when there are more, or telephone numbers."""
    first, *others = split_names(cell) or [""]
    return Partly(_short(first)) if others or has_phone(cell) else _short(first)


def names(cell: object, _unit: AmountUnit) -> tuple[str, ...]:
    """Every name in a cell."""
    return tuple(map(_short, split_names(cell)))


def _short(said: str) -> str:
    """A name or a code that an index of the ledger can hold."""
    if len(said) > LONGEST_NAME:
        raise BadCell(_("A name or a code has at most %(count)s characters.") % {"count": LONGEST_NAME})
    return said


def amount(cell: object, unit: AmountUnit) -> Any:
    """Amount and currency; a plain figure is in the unit of its column or its sheet."""
    return parse_amount(cell, unit)


def day(cell: object, _unit: AmountUnit) -> date:
    """A day on which something happened."""
    return parse_day(cell)


def deadline(cell: object, _unit: AmountUnit) -> date:
    """A day by which something is due or planned; a month means its last day."""
    return parse_day(cell, month_is_its_last_day=True)


def yes(cell: object, _unit: AmountUnit) -> bool:
    """是 or 否."""
    return parse_yes(cell)


def word_of(exact: Mapping[str, Word | None], hints: Mapping[str, Word], otherwise: Word | None) -> Reader:
    """Reads a word by the office's names for it, by its label, else by a hint inside it, or `otherwise`."""
    kind = next(type(word) for word in exact.values() if word)

    def read(cell: object, _unit: AmountUnit) -> Word | Partly | None:
        said = simplified(clean_name(cell))
        if said in exact:
            return exact[said]
        try:
            return kind(said)
        except ValueError:
            return Partly(next((word for hint, word in hints.items() if hint in said), otherwise))

    return read


def each(read: Reader) -> Reader:
    """Reads what is said of each problem of a row (1、… 2、…), part by part; gives a tuple where there are several."""

    def read_each(cell: object, unit: AmountUnit) -> Any:
        parts = numbered(clean_text(cell)) if isinstance(cell, str) else [cell]
        if len(parts) == 1:
            return read(parts[0], unit)
        said = [None if is_blank(part) else read(part, unit) for part in parts]
        values = tuple(value.value if isinstance(value, Partly) else value for value in said)
        return Partly(values) if any(isinstance(value, Partly) for value in said) else values

    return read_each


def claim(cell: object, unit: AmountUnit) -> Any:
    """What a row says has become of its project; None while it is open."""
    said = simplified(clean_name(cell))
    for kind in (Stage, Exit):
        with suppress(ValueError):
            if (word := kind(said)) is not Stage.EXITED:
                return ENDINGS.get(word)
    return CLAIM(cell, unit)


def milestone_columns() -> Iterable[Column]:
    """Three columns a milestone: 预计开工时间, 开工时间, 开工佐证材料."""
    for kind, verbs in MILESTONE_VERBS.items():
        english = str(kind).replace("_", " ")
        times = [f"{verb}{word}" for verb in verbs for word in ("时间", "日期")]
        plans = [f"{before}{when}" for when in (*times, *verbs) for before in ("预计", "计划", "拟")]
        facts = [*times, *(f"实际{when}" for when in (*times, *verbs))]
        proofs = [f"{verb}{word}" for verb in verbs for word in ("佐证材料", "佐证", "证明材料")]
        yield Column(f"{kind}.planned_on", (*plans, f"{english} planned on"), deadline)
        yield Column(f"{kind}.done_on", (*facts, f"{english} on"), day)
        yield Column(f"{kind}.evidence", (*proofs, f"{english} evidence"), text)


CLAIM = word_of(CLAIMS, {}, None)
ENDINGS: dict[Word, VisitOutcome] = {
    Stage.LANDED: VisitOutcome.LANDED,
    Exit.TERMINATED: VisitOutcome.TERMINATED,
    Exit.LOST: VisitOutcome.LOST,
}
LEDGER = (
    ledger("code", code),
    ledger("name", name, is_required=True),
    ledger("investor", name),
    ledger("registered_in", name),
    ledger("sector", word_of(SECTORS, SECTOR_HINTS, Sector.OTHER)),
    ledger("units", text, is_required=True),
    ledger("amount", amount, is_required=True),
    ledger("signed_on", day, is_required=True),
    ledger("officer", first_name),
    ledger("leader", first_name),
    ledger("squad", name),
    ledger("is_sme", yes),
    ledger("origin_activity", name),
    ledger("progress", text),
    ledger("problem", text),
    ledger("category", each(word_of(CATEGORIES, CATEGORY_HINTS, BlockerCategory.OTHER))),
    ledger("solution", text),
    ledger("recipient", each(name)),
    ledger("due_on", each(deadline)),
    ledger("visit_due_on", deadline),
    ledger("claim", claim),
    ledger("exit_reason", text),
    ledger("ended_on", day),
    *milestone_columns(),
    ledger("evidence", text),
)
UNITS = (
    Column("name", HEADERS["units"]["name"], name, is_required=True),
    Column("kind", HEADERS["units"]["kind"], word_of(UNIT_KINDS, UNIT_KIND_HINTS, UnitKind.COUNTY)),
    Column("aliases", HEADERS["units"]["aliases"], names),
)
PEOPLE = (
    Column("name", HEADERS["people"]["name"], name, is_required=True),
    Column("role", HEADERS["people"]["role"], word_of(ROLES, ROLE_HINTS, Role.OFFICER), is_required=True),
    Column("unit", HEADERS["people"]["unit"], name, is_required=True),
    Column("channels", HEADERS["people"]["channels"], names),
)
SQUADS = (Column("name", HEADERS["squads"]["name"], name, is_required=True),)
RUNNING_NUMBER = mark("No.")
TRAFFIC_LIGHT = mark("Traffic light (automatic)")
OVERDUE_ITEMS = mark("Overdue items (automatic)")
LANDED_ON = mark("Landed on (automatic)")
AUTOMATIC = (RUNNING_NUMBER, TRAFFIC_LIGHT, OVERDUE_ITEMS, LANDED_ON)
"""Columns of the official ledger that are worked out from the others; nothing is taken from them."""
IGNORED = ("序号", "序號", "No")
"""Columns of a printed sheet that say nothing of the project: running numbers."""
REMARKS = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|(?:[/,，][千百万亿萬億]*|[千百万亿萬億]+)(?:元|美元)$")
SIGNS = re.compile(r"[\s*:_.]")
LONGEST_HEADER, LONGEST_NAME = 200, 500
"""Characters; a longer text is no header that is known, and no name."""
MOST_EXACT = 10**15
"""From here on Excel makes zeros of a number's last digits."""
EXTRA = "extra"
"""The field a `mapping` gives to a column that is only to be kept."""


def is_ignored(header: str) -> bool:
    """Whether a column says nothing of its own."""
    return len(header) <= LONGEST_HEADER and _flat(header) in _ignored()


@cache
def _ignored() -> set[str]:
    return {_flat(each) for each in (*IGNORED, *(said for name in AUTOMATIC for said in in_any_locale(name)))}


def _flat(header: str) -> str:
    return plain(header).replace(" ", "").casefold()


@lru_cache(4096)
def simplified(text: str) -> str:
    """Text in simplified characters: 總投資（萬元） is 总投资（万元）."""
    return str(_converter().convert(text))


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def bare(header: str) -> str:
    """A header without its unit, remarks, spaces and signs: 总投资（万元） and 總投資 are 总投资, Due_on is dueon."""
    return _bare(header) if len(header) <= LONGEST_HEADER else header


@lru_cache(2**14)
def _bare(header: str) -> str:
    text = REMARKS.sub("", plain(header).replace(" ", ""))
    return simplified(SIGNS.sub("", text)).casefold()


@cache
def by_header(columns: tuple[Column, ...]) -> dict[str, Column]:
    """The columns by every header they go by, the field's own name included."""
    return {bare(header): column for column in columns for header in (*column.headers, column.field)}
