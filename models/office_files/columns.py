"""The columns of ledger files: field, headers in real ledgers, how cells are read."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from opencc import OpenCC

from models.i18n import current_locale, in_any_locale, mark
from models.i18n import gettext as _
from models.office_files.amounts.amounts import AmountUnit, parse_amount
from models.office_files.cells import BadCell, is_blank, parse_yes, plain
from models.office_files.days.day_order import DayOrder
from models.office_files.days.days import parse_day
from models.office_files.names.names import clean_name, clean_text, split_names
from models.office_files.names.people import people_in
from models.office_files.vocabulary import (
    CATEGORIES,
    CATEGORY_HINTS,
    HEADERS,
    MILESTONE_VERBS,
    ROLE_HINTS,
    ROLES,
    SECTOR_HINTS,
    SECTORS,
    UNIT_KIND_HINTS,
    UNIT_KINDS,
)
from models.office_files.words.no_problem import is_no_problem, may_say_none
from models.office_files.words.numbering import numbered, without_number
from models.office_files.words.placeholders import is_pending, is_unknown, sign_in, somebody
from models.office_files.words.standing import Standing, standing
from models.words import BlockerCategory, CapitalKind, Exit, Role, Sector, Stage, UnitKind, VisitOutcome, Word

# Of a cell, of a `unit` for amounts and of an `order` for days; raises `BadCell`.
Reader = Callable[..., object]


@dataclass(frozen=True)
class Partly:
    """A cell understood only in part: `value` is taken, and the cell is kept beside it."""

    value: object


@dataclass(frozen=True)
class Column:
    field: str
    headers: tuple[str, ...]
    read: Reader
    is_required: bool = False
    has_unit: bool = False  # of amounts, in its header or the sheet's title
    has_days: bool = False
    unit: AmountUnit | None = None  # that a person gave it, whatever its header says
    given_for: str = ""  # the header as that person wrote it


def ledger(
    field: str, read: Reader, *, is_required: bool = False, has_unit: bool = False, has_days: bool = False
) -> Column:
    """A column of the ledger's own sheet, with its headers of the vocabulary."""
    return Column(field, HEADERS["ledger"][field], read, is_required, has_unit, has_days)


def name(cell: object) -> str:
    return _short(clean_name(cell))


def project_name(cell: object) -> str:
    """The name of a project: 863, but not 12, as a summary counts them in its column 项目."""
    text = name(cell)
    if text.isdecimal() and len(text) < 3:
        raise BadCell(_("A number is no project's name: write the name. If the column counts projects, only keep it."))
    return text


def code(cell: object) -> str:
    """A code in half-width characters, without spaces."""
    if isinstance(cell, int | float) and abs(cell) >= FIRST_INEXACT:
        raise BadCell(
            _("Excel keeps 15 digits of a number, and lost the others: format the column as text, type it anew.")
        )
    return _short(plain(_short(cell) if isinstance(cell, str) else cell).replace(" ", ""))


def first_name(cell: object) -> str | Partly:
    """The first person a cell names; the cell is kept if it names more, a post, or a telephone."""
    people = people_in(cell)
    for person in people.names if len(people.names) > 1 else ():
        if sign_in(person):
            raise BadCell(_("This stands for another cell: write the value itself."))
    first, *others = [name for name in people.names if not is_unknown(name)] or [""]
    return Partly(_short(first)) if others or not people.is_whole else _short(first)


def names(cell: object) -> tuple[str, ...]:
    return tuple(map(_short, split_names(cell)))


def _short(name: str) -> str:
    if len(name) > LONGEST_NAME:
        raise BadCell(_("A name or a code has at most %(count)s characters.") % {"count": LONGEST_NAME})
    return name


def problem(cell: object) -> str | None:
    """The problems in a cell; None if it says that there are none."""
    text = clean_text(cell)
    if not may_say_none(text):
        return text  # as most do
    if says_no_problem(text):
        return None
    on_lines = NUMBER_WITHIN.sub("\n", text)  # 1.无 2.土地未落实
    return on_lines if on_lines != text and any(map(says_no_problem, numbered(on_lines))) else text


def says_no_problem(text: str) -> bool:
    """Whether each numbered part of a text says that there is no problem, or nothing yet."""
    parts = map(without_number, numbered(text))
    return all(is_blank(part) or is_pending(part) or is_no_problem(simplified(part)) for part in parts)


def parse_deadline(cell: object, order: DayOrder | None = None) -> date:
    """A day by which something is due or planned: a month means its last day."""
    return parse_day(cell, month_is_its_last_day=True, order=order)


def word_of(exact: Mapping[str, Word | None], hints: Mapping[str, Word], otherwise: Word | None) -> Reader:
    """Reads a word by the office's names, its label, or a hint inside it; else `otherwise`."""
    kind = next(type(word) for word in exact.values() if word)

    def read(cell: object) -> Word | Partly | None:
        text = simplified(clean_name(cell))
        if text in exact:
            return exact[text]
        try:
            return kind(text)
        except ValueError:
            return Partly(next((word for hint, word in hints.items() if hint in text), otherwise))

    return read


def numbered_parts(read: Reader) -> Reader:
    """Reads a cell numbered 1、… 2、… into a tuple, one with a single part as `read` does."""

    def read_parts(cell: object, **context: object) -> object:
        parts = numbered(clean_text(cell)) if isinstance(cell, str) else [cell]
        if len(parts) == 1:
            return read(parts[0], **context)
        results = [None if is_blank(part) else read(part, **context) for part in parts]
        values = tuple(result.value if isinstance(result, Partly) else result for result in results)
        return Partly(values) if any(isinstance(result, Partly) for result in results) else values

    return read_parts


def claim(cell: object) -> object:
    """Where a row says its project stands, as a `Standing`."""
    original = clean_name(cell)
    text = simplified(original)
    for kind in (Stage, Exit):
        with suppress(ValueError):
            if (word := kind(text)) is not Stage.EXITED:
                return Standing(ENDINGS.get(word))
    said = standing(text, original)
    return said if said.is_whole else Partly(said)


def milestone_columns() -> Iterable[Column]:
    """Three columns a milestone: 预计开工时间, 开工时间, 开工佐证材料."""
    for kind, verbs in MILESTONE_VERBS.items():
        english = str(kind).replace("_", " ")
        times = [f"{verb}{word}" for verb in verbs for word in ("时间", "日期")]
        plans = [f"{before}{when}" for when in (*times, *verbs) for before in ("预计", "计划", "拟")]
        facts = [*times, *(f"实际{when}" for when in (*times, *verbs))]
        proofs = [f"{verb}{word}" for verb in verbs for word in ("佐证材料", "佐证", "证明材料")]
        yield Column(f"{kind}.planned_on", (*plans, f"{english} planned on"), parse_deadline, has_days=True)
        yield Column(f"{kind}.done_on", (*facts, f"{english} on"), parse_day, has_days=True)
        yield Column(f"{kind}.evidence", (*proofs, f"{english} evidence"), clean_text)


ENDINGS: dict[Word, VisitOutcome] = {
    Stage.LANDED: VisitOutcome.LANDED,
    Exit.TERMINATED: VisitOutcome.TERMINATED,
    Exit.LOST: VisitOutcome.LOST,
}


def capital_columns() -> Iterable[Column]:
    """Three columns a kind of capital; several entries are numbered 1、… 2、…."""
    for kind in CapitalKind:
        yield ledger(f"{kind}.amount", numbered_parts(parse_amount), has_unit=True)
        yield ledger(f"{kind}.happened_on", numbered_parts(parse_day), has_days=True)
        yield ledger(f"{kind}.evidence", clean_text)


LEDGER = (
    ledger("code", somebody(code)),
    ledger("name", project_name, is_required=True),
    ledger("investor", somebody(name)),
    ledger("registered_in", somebody(name)),
    ledger("sector", word_of(SECTORS, SECTOR_HINTS, Sector.OTHER)),
    ledger("units", somebody(clean_text), is_required=True),
    ledger("amount", parse_amount, is_required=True, has_unit=True),
    ledger("signed_on", parse_day, is_required=True, has_days=True),
    ledger("officer", somebody(first_name)),
    ledger("leader", somebody(first_name)),
    ledger("squad", somebody(name)),
    ledger("is_sme", parse_yes),
    ledger("origin_activity", somebody(name)),
    ledger("progress", clean_text),
    ledger("problem", problem),
    ledger("category", numbered_parts(word_of(CATEGORIES, CATEGORY_HINTS, BlockerCategory.OTHER))),
    ledger("solution", clean_text),
    ledger("recipient", numbered_parts(somebody(name))),
    ledger("due_on", numbered_parts(parse_deadline), has_days=True),
    ledger("visit_due_on", parse_deadline, has_days=True),
    ledger("claim", claim),
    ledger("exit_reason", clean_text),
    ledger("ended_on", parse_day, has_days=True),
    *milestone_columns(),
    *capital_columns(),
    ledger("evidence", clean_text),
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
    Column("looks_after", HEADERS["people"]["looks_after"], names),
)
SQUADS = (Column("name", HEADERS["squads"]["name"], name, is_required=True),)
UNIT_SHEET, PEOPLE_SHEET, SQUAD_SHEET = "单位", "人员", "小分队"
SIDE_SHEETS = {UNIT_SHEET: UNITS, PEOPLE_SHEET: PEOPLE, SQUAD_SHEET: SQUADS}  # by name
RUNNING_NUMBER = mark("No.")
TRAFFIC_LIGHT = mark("Traffic light (automatic)")
OVERDUE_ITEMS = mark("Overdue items (automatic)")
LANDED_ON = mark("Landed on (automatic)")
# Columns of the official ledger that are calculated: an import takes nothing from them.
CALCULATED = (TRAFFIC_LIGHT, OVERDUE_ITEMS, LANDED_ON)
IGNORED = ("序号", "序號", "No")  # running numbers
REMARKS = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|(?:[/,，][千百万亿萬億]*|[千百万亿萬億]+)(?:元|美元)$")
SIGNS = re.compile(r"[\s*:_.]")
NUMBER_WITHIN = re.compile(r" (?=\d{1,2}[、.．](?!\d))")
LONGEST_HEADER, LONGEST_NAME = 200, 500  # characters
FIRST_INEXACT = 10**15  # from here on Excel replaces a number's last digits by zeros
EXTRA = "extra"  # the field a `mapping` gives to a column that is only to be kept


def is_ignored(header: str) -> bool:
    """Whether an import takes nothing from the column of that header."""
    return len(header) <= LONGEST_HEADER and _flat(header) in _ignored()


def is_official(headers: Iterable[str]) -> bool:
    """Whether a header is that of the official ledger, which Luodi wrote."""
    return not _calculated().isdisjoint(_flat(header) for header in headers if len(header) <= LONGEST_HEADER)


@cache
def _ignored() -> set[str]:
    return _calculated() | {_flat(header) for header in (*IGNORED, *in_any_locale(RUNNING_NUMBER))}


@cache
def _calculated() -> set[str]:
    return {_flat(header) for name in CALCULATED for header in in_any_locale(name)}


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
    """A header without unit, remarks, spaces and signs: 總投資（万元） is 总投资, Due_on is
    dueon.
    """
    return _bare(header) if len(header) <= LONGEST_HEADER else header


@lru_cache(2**14)
def _bare(header: str) -> str:
    text = REMARKS.sub("", plain(header).replace(" ", ""))
    return simplified(SIGNS.sub("", text)).casefold()


def official_name(column: Column) -> str:
    """How the official ledger calls a column, without its unit."""
    if current_locale() != "en":
        return column.headers[0]
    return next((name for name in column.headers if name.isascii()), column.field)


def usualness(column: Column, header: str) -> int:
    """The rank of a header among those of its column: 责任人 before 联络员.

    It is 0 for those of the official ledger: no office's own column comes before them.
    """
    name = bare(header)
    official = {column.headers[0], *(head for head in column.headers if head.isascii())}
    if any(bare(known) == name for known in official):
        return 0
    ranks = (rank for rank, known in enumerate(column.headers) if bare(known) == name)
    return next(ranks, len(column.headers))


@cache
def by_header(columns: tuple[Column, ...]) -> dict[str, Column]:
    """The columns by each of their headers and by the field's own name."""
    return {bare(header): column for column in columns for header in (*column.headers, column.field)}
