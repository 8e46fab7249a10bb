"""Names and running text as offices write them, brought into the one form the ledger keeps."""

import re

from models.cells import INVISIBLE, plain

WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
GAP_IN_CHINESE = re.compile(rf"(?<=[{WIDE}]) | (?=[{WIDE}])")
SEPARATORS = re.compile(r"[，、,;；/]")
OFFICES = "县区市局委办处科乡镇长员导任记"
"""What names of offices and posts end in, and names of people hardly ever do."""
PERSON = re.compile(rf"[\u4e00-\u9fff]{{2,3}}(?<![{OFFICES}])")


def clean_name(value: object) -> str:
    """A name on one line: gaps inside Chinese text vanish, between other words one space stays."""
    if type(value) is str and " " not in value and value.isprintable():
        return value  # as most are
    return GAP_IN_CHINESE.sub("", " ".join(_visible(value).split()))


def clean_text(value: object) -> str:
    """Running text: its lines stay, spaces at their ends and empty lines go."""
    if type(value) is str and " " not in value and value.isprintable():
        return value
    lines = (" ".join(line.split()) for line in _visible(value).splitlines())
    return "\n".join(line for line in lines if line)


def split_names(value: object) -> list[str]:
    """The people a cell names, in order.

    Signs (，、,;；/) separate. A space or line break separates people (张三 李四), but not the halves of a
    padded name (张 三) nor the words of an office (清丰县 分包领导).
    """
    names: list[str] = []
    for piece in SEPARATORS.split(_visible(value)):
        words = piece.split()
        are_people = len(words) > 1 and all(PERSON.fullmatch(word) for word in words)
        names += words if are_people else [clean_name(piece)]
    return list(dict.fromkeys(name for name in names if name))


def _visible(value: object) -> str:
    return INVISIBLE.sub("", value if isinstance(value, str) else plain(value))
