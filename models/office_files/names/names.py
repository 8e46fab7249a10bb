"""Names and running text as offices write them, in the one form the ledger keeps."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import NamedTuple

from models.office_files.cells import INVISIBLE, plain

WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
GAP_IN_CHINESE = re.compile(rf"(?<=[{WIDE}]) | (?=[{WIDE}])")
BESIDE_BRACKETS = re.compile(r"(?<=[()\[\]]) | (?=[()\[\]])|(?<=[\u2e80-\u9fff]) | (?=[\u2e80-\u9fff])")
NOT_HAN = re.compile(r"[^\u4e00-\u9fff]")
SEPARATORS = re.compile(r"[，、,;；/]")
# A name in quotes may hold any sign; a quote inside is written twice.
QUOTED = re.compile(r"\s*“((?:[^”]|””){1,300})”\s*(?=[，、,;；/]|$)")
OFFICES = "县区市局委办处科乡镇长员导任记"  # names of offices and posts end so, names of people hardly ever
# A telephone number, or several, with what stands around them; before a name or behind it.
NUMBER = r"(?:1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}|0\d{2,3}[\s-]?\d{7,8}|(?<!\d)[2-8]\d{6,7})(?!\d)(?:(?:转|-)\d{1,5}(?!\d))?"
LABEL = r"(?:(?:联系)?电话(?:号码)?|手机号?)?[:：]?\s{0,9}"
PHONE = re.compile(
    rf"(?:(?:[(（]|(?<=\s)|(?<=[\u4e00-\u9fff])|^)\s{{0,9}}{LABEL}{NUMBER}\s{{0,9}}[)）]?\s{{0,9}}){{1,5}}$"
    rf"|^\s*{LABEL}{NUMBER}\s+(?=[\u4e00-\u9fff])"
)
DECORATION = re.compile(r"^\d{1,3}[.、．\s-]+|[(（][^)）]*[)）]$|\d+$")  # of a sheet's name
COUNTY = re.compile(r"(?!全|各|本|[一-鿿]*(?:汇|合|总|统|其|[县縣][區区]))(?:[一-鿿]{1,8}[县縣]|[一-鿿]{2,8}[區区])")
PERSON = re.compile(rf"[\u4e00-\u9fff]{{2,3}}(?<![{OFFICES}])")


def clean_name(value: object) -> str:
    """A name on one line: gaps inside Chinese text vanish, between other words one space stays."""
    if type(value) is str and " " not in value and value.isprintable():
        return value  # as most are
    return GAP_IN_CHINESE.sub("", " ".join(visible(value).split()))


def unit_of_sheet(title: str, known: Collection[str]) -> str:
    """The unit that a sheet is called after: 清丰县, 3.清丰县, 清丰县（12个）; "" if it is none.

    `known` are the units' names; a county is one by its last sign, too.
    """
    name = clean_name(DECORATION.sub("", clean_name(title)))
    return next((text for text in (clean_name(title), name) if text in known or COUNTY.fullmatch(text)), "")


def clean_text(value: object) -> str:
    """Running text: lines stay; spaces at their ends and empty lines go."""
    if type(value) is str and " " not in value and value.isprintable():
        return value
    lines = (" ".join(line.split()) for line in visible(value).splitlines())
    return "\n".join(line for line in lines if line)


def name_key(name: str) -> str:
    """What a name has in common with itself in other widths: ＡＢＣ（一期） and ABC(一期)."""
    folded = name if unicodedata.is_normalized("NFKC", name) else unicodedata.normalize("NFKC", name)
    return BESIDE_BRACKETS.sub("", folded) if " " in folded else folded


def may_have_widths(name: str) -> bool:
    """Whether a name holds any sign that is written in two widths."""
    return NOT_HAN.search(name) is not None


class Piece(NamedTuple):
    """One name of a cell; in quotes it is one name, with any sign in it."""

    text: str
    is_quoted: bool = False


def pieces(text: str) -> list[Piece]:
    """The parts of a cell between the signs ，、,;；/, which separate nothing within “…”."""
    if "“" not in text:
        return [Piece(piece) for piece in SEPARATORS.split(text)]
    parts, start = [], 0
    while start <= len(text):
        if quoted := QUOTED.match(text, start):
            parts.append(Piece(quoted[1].replace("””", "”"), is_quoted=True))
            end = quoted.end()
        else:
            sign = SEPARATORS.search(text, start)
            end = sign.start() if sign else len(text)
            parts.append(Piece(text[start:end]))
        start = end + 1
    return parts


def split_names(value: object) -> list[str]:
    """The people a cell names, in order.

    A space or line break separates people (张三 李四), but not the halves of a padded name (张 三)
    nor the words of an office (清丰县 分包领导). Telephone numbers are dropped: with one the same
    person would be somebody else in the next file.
    """
    names: list[str] = []
    for piece in pieces(visible(value)):
        text = piece.text if piece.is_quoted else PHONE.sub("", piece.text)
        words = text.split()
        are_people = not piece.is_quoted and len(words) > 1 and all(PERSON.fullmatch(word) for word in words)
        names += words if are_people else [clean_name(text)]
    return list(dict.fromkeys(name for name in names if name))


def in_one_cell(names: Iterable[str]) -> str:
    """Names in one cell, written so that `split_names` finds each of them."""
    return "、".join(map(_quoted, names))


def _quoted(name: str) -> str:
    is_plain = split_names(name) == [name] and not name.startswith("“")
    return name if is_plain else quoted(name)


def quoted(name: str) -> str:
    return f"“{name.replace('”', '””')}”"


def visible(value: object) -> str:
    return INVISIBLE.sub("", value if isinstance(value, str) else plain(value))
