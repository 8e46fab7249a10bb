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
    MILESTONES,
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
    for kind, verbs in MILESTONES.items():
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
    Column("code", ("项目编号", "项目编码", "项目代码", "编号", "Project code", "Code", "Project no."), code),
    Column("name", ("项目名称", "项目", "签约项目", "签约项目名称", "Project name", "Project"), name, is_required=True),
    Column(
        "investor",
        ("投资方", "投资方名称", "投资单位", "投资企业", "投资商", "投资者", "客商", "外来投资方", "Investor"),
        name,
    ),
    Column("registered_in", ("投资方注册地", "投资方所在地", "注册地", "资金来源地", "Investor registered in"), name),
    Column(
        "sector",
        ("产业大类", "所属产业", "产业类别", "所属行业", "行业", "行业类别", "Sector", "Industry"),
        word_of(SECTORS, SECTOR_HINTS, Sector.OTHER),
    ),
    Column(
        "units",
        (
            "责任单位",
            "所属县区",
            "县区",
            "县(区)",
            "承办单位",
            "责任县区",
            "落地县区",
            "Responsible unit",
            "Unit",
            "County",
        ),
        text,
        is_required=True,
    ),
    Column(
        "amount",
        (
            *(
                "总投资",
                "总投资额",
                "投资总额",
                "计划总投资",
                "合同金额",
                "合同总金额",
                "协议投资额",
                "投资额",
                "投资规模",
            ),
            *("Total investment", "Investment", "Amount"),
        ),
        amount,
        is_required=True,
    ),
    Column(
        "signed_on",
        ("签约日期", "签约时间", "合同签订时间", "签订日期", "Signed on", "Date signed", "Signing date"),
        day,
        is_required=True,
    ),
    Column("officer", ("项目分包人员", "分包人员", "责任人", "项目专员", "Assigned officer", "Officer"), first_name),
    Column("leader", ("分包领导", "责任领导", "包联领导", "联系领导", "Responsible leader", "Leader"), first_name),
    Column("squad", ("招商小分队", "专业招商小分队", "小分队", "Squad"), name),
    Column("is_sme", ("中小企业", "是否中小企业", "SME"), yes),
    Column("origin_activity", ("招商活动", "签约活动", "来源活动", "Origin activity"), name),
    Column("progress", ("进展情况", "项目进展", "目前进展", "工程进度", "本月进展", "项目进展情况", "Progress"), text),
    Column(
        "problem",
        (
            *("存在的主要问题", "存在问题", "主要问题", "存在的问题", "制约问题", "问题和建议", "存在的困难和问题"),
            *("Problem", "Problems", "Main problem", "Main problems", "Blocker"),
        ),
        text,
    ),
    Column(
        "category",
        ("问题类别", "问题类型", "Problem category"),
        each(word_of(CATEGORIES, CATEGORY_HINTS, BlockerCategory.OTHER)),
    ),
    Column(
        "solution", ("拟采取的解决办法", "解决办法", "解决措施", "拟解决办法", "Proposed solution", "Solution"), text
    ),
    Column("recipient", ("解决单位", "问题责任单位", "协调单位", "Unit to solve it"), each(name)),
    Column("due_on", ("时间节点", "办结时限", "完成时限", "Due on", "Due date"), each(deadline)),
    Column(
        "visit_due_on",
        (
            *("下次回访时间", "下次回访日期", "下次回访", "回访时限", "回访时间节点"),
            *("Next visit due", "Next visit due on", "Next visit"),
        ),
        deadline,
    ),
    Column("claim", ("项目状态", "落地情况", "是否落地", "Status", "State"), claim),
    Column("exit_reason", ("终止原因", "退出原因", "Reason for the exit"), text),
    Column("ended_on", ("终止日期", "终止时间", "退出日期", "Ended on"), day),
    *milestone_columns(),
    Column("evidence", ("佐证材料", "落地佐证材料", "证明材料", "Evidence"), text),
)
UNITS = (
    Column("name", ("名称", "单位名称", "单位", "Name"), name, is_required=True),
    Column("kind", ("类型", "单位类型", "单位类别", "Type"), word_of(UNIT_KINDS, UNIT_KIND_HINTS, UnitKind.COUNTY)),
    Column("aliases", ("别名", "曾用名", "简称", "Aliases"), names),
)
PEOPLE = (
    Column("name", ("姓名", "名称", "人员", "Name"), name, is_required=True),
    Column("role", ("角色", "职责", "Role"), word_of(ROLES, ROLE_HINTS, Role.OFFICER), is_required=True),
    Column("unit", ("单位", "所在单位", "单位名称", "Unit"), name, is_required=True),
    Column("channels", ("通知渠道", "通知方式", "Channels"), names),
)
SQUADS = (Column("name", ("名称", "小分队", "招商小分队", "Name"), name, is_required=True),)
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
