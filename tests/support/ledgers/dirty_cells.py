"""Cells of ledgers, each with what it means and how it is dirty. Nothing of Luodi is used here."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from support.ledgers.dirty_words import (
    COUNTIES,
    ENDINGS,
    EXITS,
    FOREIGN,
    HOLDS,
    NO_PROBLEM,
    NOBODY,
    NOT_YET,
    OFFICERS,
    POSTS,
    PROBLEMS,
    PROBLEMS_LIKE_NONE,
    REACHED,
    SETTLED,
    TITLED,
)
from support.ledgers.pages import PLAIN, Look

TEN_THOUSAND, HUNDRED_MILLION = Decimal(10**4), Decimal(10**8)
SIZES = {"万元": TEN_THOUSAND, "亿元": HUNDRED_MILLION, "元": Decimal(1)}
NUMERALS = "零一二三四五六七八九"
# Number formats, and how much one of what they show is.
FORMATS_WITH_UNIT = {'0.0"万元"': TEN_THOUSAND, '0.00"亿元"': HUNDRED_MILLION, '#,##0"元"': Decimal(1)}
FORMATS_WITHOUT = ("0.0_ ;[Red]\\-0.0", "#,##0.00", "@", '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ')
EXCEL_EPOCH = date(1899, 12, 30)


@dataclass
class Written:
    """A cell: what stands there, what it means, and the kind of its dirt (empty: clean).

    `must_be_named`: nobody can know what is meant. `means` is None for what changes nothing.
    """

    shows: Any = ""
    means: Any = None
    kind: str = ""
    must_be_named: bool = False
    look: Look = PLAIN
    struck_part: str = ""  # of its text, struck through; stands before the rest
    has_header: bool = True  # else it may be kept without being understood
    does: str = ""  # of a word of status: exit, ending, hold, reached, nothing


@dataclass
class Truth:
    """A project as the office knows it on some day."""

    code: str
    name: str
    cells: dict[str, Any]
    is_over: bool = False  # as the ledger has it: what later files say of it does not count
    luodi_code: str = ""  # that the ledger gave it
    rarely: str = "investor"  # the one of the fields that tell it from a namesake which may change

    @property
    def key(self) -> tuple[str, str, str]:
        return self.name, self.cells["units"], self.code


@dataclass
class Settings:
    """What a table's cells have in common."""

    unit: str  # of its amounts; empty: none is named
    unit_kind: str = ""  # how the unit is dirty
    is_unit_doubtful: bool = False  # so that its figures must be named
    days: str = ""  # "ymd" or "mdy": years of two digits with slashes
    has: set[str] = field(default_factory=set)  # the fields with a column


class Cells:
    """Writes one cell after the other, always the same for a random generator's seed."""

    def __init__(self, random: Random, file_kind: str, *, is_from_1904: bool = False) -> None:
        self.random, self.file_kind, self.is_from_1904 = random, file_kind, is_from_1904
        self.has_looks = file_kind != "csv"

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def one_of(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def cell(self, name: str, truth: Any, table: Settings, above: Written | None) -> Written:
        is_dirty = self.chance(0.25)
        if self.has_looks and name not in ("name", "status", "progress") and self.chance(0.01):
            return Written(self._clean(name, truth, table), None, "9 cell struck through", True, Look(is_struck=True))
        if name != "name" and name != "status" and self.chance(0.004):
            return Written(self.one_of("#REF!", "#N/A", "#DIV/0!"), None, "4 error instead of a value", True)
        if name == "amount":
            return self.amount(truth, table, is_dirty=is_dirty)
        if name in ("signed_on", "planned_on"):
            return self.day(name, truth, table, is_dirty=is_dirty)
        if name == "status":
            return self._status() if self.chance(0.08) else Written("推进中", None, does="goes on")
        if name in ("officer", "leader", "units", "investor") and is_dirty and above and above.means == truth:
            return Written(self.one_of("同上", "〃", "上同", "同 上", "（同上）", "″"), truth, "6 the same as above")
        if is_dirty and name in ("officer", "leader"):
            return self._person(truth)
        if is_dirty and name == "units":
            return self._unit(truth)
        if is_dirty and name in ("name", "investor"):
            return self._name(truth)
        if name == "problem" and (is_dirty or self.chance(0.3)):
            return self._problem(truth)
        if name == "progress":
            return self._progress(truth)
        return Written(truth, truth, "12 column that is only kept" if name == "remark" else "")

    def _clean(self, name: str, truth: Any, table: Settings) -> Any:
        if name == "amount":
            return float(truth / SIZES[table.unit]) if table.unit else f"{truth / TEN_THOUSAND:f}万元"
        return truth

    def amount(self, amount: Decimal, table: Settings, *, is_dirty: bool) -> Written:
        if is_dirty and self.file_kind != "csv" and self.chance(0.4):
            return self._formatted(amount, table)
        if is_dirty:
            return self._amount_in_words(amount, table)
        if table.unit and (not table.is_unit_doubtful or self.chance(0.5)):
            figure = float(amount / SIZES[table.unit])
            meant = None if table.is_unit_doubtful else amount
            return Written(figure, meant, table.unit_kind, table.is_unit_doubtful)
        if not table.unit and self.chance(0.3):
            return Written(float(amount / TEN_THOUSAND), None, "5 figure without a unit", True)
        return Written(f"{in_figures(amount / TEN_THOUSAND)}万元", amount)

    def _amount_in_words(self, amount: Decimal, table: Settings) -> Written:
        wan = in_figures(amount / TEN_THOUSAND)
        draw = self.random.random()
        if draw < 0.2:
            return Written(self.random.choice(FOREIGN).format(wan), None, "5 another country's money", True)
        if draw < 0.28:
            meant = f"USD {amount:f}"
            return Written(self.one_of(f"{wan}万美元", f"{wan} 万美金", f"US${wan}万"), meant, "5 US dollars")
        if draw < 0.45:
            return self._amount_with_sign(amount, table)
        if draw < 0.6:
            text = self.one_of(f"{wan}余万元", f"约{wan}万元", f"{wan}多万元", f"{wan}万元左右", f"{wan}万元以上")
            return Written(text, amount, "5 about so much")
        if draw < 0.75:
            return Written(in_chinese(amount) + "元", amount, "5 figure in Chinese words")
        if draw < 0.8:
            text = self.one_of(f"{wan}-{in_figures(amount / 5000)}万元", f"{wan}～{in_figures(amount / 5000)}万元")
            return Written(text, None, "5 range", True)
        if draw < 0.85:
            return Written(self.one_of("待定", "暂无", "/", "面议"), None, "6 nothing yet")
        shapes = (
            wide(f"{wan}万元"),
            f"{wan}（万元）",
            f"{int(amount / TEN_THOUSAND):,}.00 万元",
            f"人民币{wan}万元",
            f"{in_figures(amount / HUNDRED_MILLION)}亿元",
            f"{wan}万元（其中外资200万美元）",
            f" {wan}万元。",
        )
        return Written(self.random.choice(shapes), amount, "5 unit in the cell")

    def _amount_with_sign(self, amount: Decimal, table: Settings) -> Written:
        sign = self.one_of("￥", "¥", "$", "￥ ", "US$", "RMB")
        if not table.unit:
            figure = in_figures(amount / TEN_THOUSAND)
            return Written(f"{sign}{figure}", None, "5 ￥ or $ before a figure", True)
        figure = in_figures(amount / SIZES[table.unit])
        is_yuan = "$" not in sign
        # A sign before millions means whole yuan, whatever unit the table has
        doubtful = not is_yuan or (table.is_unit_doubtful and table.unit != "元")
        return Written(f"{sign}{figure}", None if doubtful else amount, "5 ￥ or $ before a figure", doubtful)

    def _formatted(self, amount: Decimal, table: Settings) -> Written:
        """A figure whose format says the unit; another one than the header's must be named."""
        kind = "4 number format"
        if self.file_kind != "ods" and self.chance(0.4):
            return self._scaled(amount, table, kind)
        number_format = self.random.choice(list(FORMATS_WITH_UNIT))
        size = FORMATS_WITH_UNIT[number_format]
        # Below a section's title figures are in its unit, those that show their own in that
        is_in_section = table.unit_kind.startswith("5 section")
        clashes = bool(table.unit) and SIZES[table.unit] != size and not is_in_section
        meant = None if clashes else amount
        return Written(float(amount / size), meant, kind, clashes, Look(number_format))

    def _scaled(self, amount: Decimal, table: Settings, kind: str) -> Written:
        """A format that divides what the cell holds, colours it, or shows a sign."""
        draw = self.random.random()
        if draw < 0.3 and table.unit in ("", "元"):
            return Written(float(amount), amount, kind, look=Look('0!.0,"万"'))
        if draw < 0.5 and table.unit == "万元" and not table.is_unit_doubtful:
            return Written(float(amount), amount, kind, look=Look("0!.0000"))
        if draw < 0.7 and table.unit in ("", "元"):
            number_format = '[>=100000000]0!.00,,"亿元";[>=10000]0!.0,"万元";0"元"'
            return Written(float(amount), amount, kind, look=Look(number_format))
        if not table.unit or table.is_unit_doubtful:
            return Written(f"{in_figures(amount / TEN_THOUSAND)}万元", amount)
        return Written(float(amount / SIZES[table.unit]), amount, kind, look=Look(self.random.choice(FORMATS_WITHOUT)))

    def day(self, name: str, day: date, table: Settings, *, is_dirty: bool) -> Written:
        year = day.year % 100
        if table.days:
            text = f"{year}/{day.month}/{day.day}" if table.days == "ymd" else f"{day.month}/{day.day}/{year}"
            return Written(text, day, "13 years of two digits")
        if not is_dirty:
            return Written(day, day, "4 days counted from 1904" if self.is_from_1904 else "")
        draw = self.random.random()
        if draw < 0.1:
            return Written(f"{day.month}月{day.day}日", None, "13 day without a year", True)
        if draw < 0.2:
            if name == "signed_on":
                return Written(
                    self.one_of(f"{day.year}年{day.month}月", f"{day.year}.{day.month}月"), None, "13 month alone", True
                )
            last = (day.replace(day=1) + timedelta(31)).replace(day=1) - timedelta(1)
            return Written(
                self.one_of(f"{day.year}年{day.month}月", f"{day.year}年{day.month}月底"), last, "13 month alone"
            )
        if draw < 0.25:
            return Written(self.one_of("待定", "尽快", "年内", "/"), None, "13 no day")
        if draw < 0.4:
            shapes = (
                f"{year}.{day.month}.{day.day}",
                f"{year}年{day.month}月{day.day}日",
                f"{year}-{day.month}-{day.day}",
            )
            return Written(self.random.choice(shapes), day, "13 years of two digits")
        serial: Any = (day - EXCEL_EPOCH).days
        counts = () if self.is_from_1904 else (serial, str(serial))
        shapes = (
            f"{day.year}.{day.month}.{day.day}",
            f"{day.year}.{day.month:02}.{day.day:02}.",
            chinese(day),
            f"{day.year}年{day.month}月{day.day}号",
            wide(f"{day.year}-{day.month}-{day.day}"),
            f"{day:%Y%m%d}",
            int(f"{day:%Y%m%d}"),
            f"{day.year}/{day.month}/{day.day} 0:00:00",
            f"{day.year} . {day.month} . {day.day}",
            *counts,
        )
        return Written(self.random.choice(shapes), day, "13 day in words or figures")

    def _person(self, name: str) -> Written:
        draw = self.random.random()
        if draw < 0.25:
            return Written(self.random.choice(NOBODY), None, "6 nobody yet")
        if name in TITLED:
            shapes: tuple[str, ...] = (f"{name}（主抓）", f"{name}（牵头）", f"{name} 13912345678")
            return Written(self.random.choice(shapes), name, "11 surname and post")
        if draw < 0.45:
            other = self.random.choice([one for one in OFFICERS if one != name])
            shapes = (f"{name}、{other}", f"{name} {other}", f"{name}\n{other}", f"{name}，{other}", f"{name}等")
            return Written(self.random.choice(shapes), name, "11 several people")
        if draw < 0.6:
            shapes = (
                f"{name} 13912345678",
                f"{name}13912345678",
                f"{name}（13912345678）",
                f"{name} 13912345678 0393-4411223",
                f"{name}13912345678、13812345679",
                f"{name}：0393-4411223",
            )
            return Written(self.random.choice(shapes), name, "11 telephones")
        if draw < 0.7 and len(name) == 2:
            return Written(self.one_of(f"{name[0]} {name[1]}", f"{name[0]}\u3000{name[1]}"), name, "11 padded name")
        post = self.random.choice(POSTS)
        shapes = (
            f"{post} {name}",
            f"{post}{name}",
            f"{name}（{post}）",
            f"{post}：{name}",
            f"{name} {post}",
            f"{post}\n{name}",
            f"{name}同志",
            f"清丰县{post} {name}",
            f"{name}({post})",
        )
        return Written(self.random.choice(shapes), name, "11 post beside the name")

    def _unit(self, unit: str) -> Written:
        other = next(one for one in COUNTIES if one != unit)
        shapes = (f"{unit}、{other}", f"{unit}\n{other}", f" {unit} ", wide(unit), f"{unit}，{other}")
        return Written(self.random.choice(shapes), unit, "14 units in the cell")

    def _name(self, name: str) -> Written:
        half = len(name) // 2
        shapes = (wide(name), f" {name} ", f"{name}\u3000", f"{name[:half]}\n{name[half:]}", f"{name}\n")
        return Written(self.random.choice(shapes), name, "10 widths and line breaks")

    def _problem(self, problem: str) -> Written:
        draw = self.random.random()
        if draw < 0.3:
            return Written(self.random.choice(NO_PROBLEM), None, "6 no problem")
        if draw < 0.4:
            return Written(self.random.choice(SETTLED), None, "6 settled, or not yet known")
        if draw < 0.5:
            like = self.random.choice(PROBLEMS_LIKE_NONE)
            return Written(like, (like,), "6 problem that begins like none")
        if draw < 0.6:
            shapes: tuple[str, ...] = (
                f"{problem}，已解决",
                f"{problem}（已落实）",
                f"{problem}，问题已解决",
                f"{problem}已解决",
            )
            return Written(self.random.choice(shapes), None, "10 problem that is solved", True)
        if draw < 0.7:
            other = self.random.choice([one for one in PROBLEMS if one != problem])
            shapes = (f"1、{problem}\n2、{other}", f"（1）{problem}；（2）{other}", f"1.{problem}；2.{other}。")
            return Written(self.random.choice(shapes), (problem, other), "10 several problems")
        if draw < 0.75:
            return Written(self.one_of(f"1、无\n2、{problem}", f"1.{problem} 2.无"), (problem,), "6 no problem")
        if draw < 0.8 and self.file_kind == "xlsx":
            return Written(problem, None, "9 cell struck in part", True, struck_part="原方案；")
        shapes = (
            f"{problem}。",
            f"{problem}，影响开工",
            f"1.{problem}",
            f" {problem} ！",
            f"（1）{problem}；",
            f"1、{problem}",
        )
        return Written(self.random.choice(shapes), (problem,), "10 problem in other words")

    def _progress(self, text: str) -> Written:
        if self.chance(0.04):
            word, does = self.random.choice(
                [*((one, "exit") for one in EXITS[:7]), *((one, "hold") for one in HOLDS[:6])]
            )
            return Written(word, word, "9 status among the progress", does=does)
        return Written(text, text, "8 progress")

    def _status(self) -> Written:
        words = {"exit": EXITS, "ending": ENDINGS, "hold": HOLDS, "reached": REACHED, "nothing": NOT_YET}
        does = self.random.choice(list(words))
        return Written(self.random.choice(words[does]), None, "9 words of status", does=does)


def in_figures(figure: Decimal) -> str:
    return f"{figure.normalize():f}"


def chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def wide(text: str) -> str:
    """Signs as a Chinese keyboard types them."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def in_chinese(amount: Decimal) -> str:
    """An amount of whole ten thousands in Chinese numerals: 一亿二千万."""
    hundreds, rest = divmod(int(amount / TEN_THOUSAND), 10**4)
    parts = [_below_ten_thousand(hundreds) + "亿"] if hundreds else []
    if rest:
        parts.append(("零" if hundreds and rest < 1000 else "") + _below_ten_thousand(rest) + "万")
    return "".join(parts)


def _below_ten_thousand(number: int) -> str:
    text, has_gap = "", False
    for size, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // size % 10
        if digit:
            text += ("零" if has_gap and text else "") + NUMERALS[digit] + sign
        has_gap = not digit
    return text
