"""People as cells name them, each without the post that stands beside the name."""

import re
from typing import NamedTuple

from models.office_files.names.names import OFFICES, PERSON, PHONE, clean_name, pieces, quoted, visible
from models.office_files.vocabulary import COMPOUND_SURNAMES, HONORIFICS, NO_NAMES, POST_REMARKS, POSTS, SURNAMES

HAN = "\u4e00-\u9fff"
VILLAGES = "庄村街屯店寨路所"  # ends of places where somebody may hold a post: 史家庄书记
POST = rf"(?:{'|'.join((*POSTS, *HONORIFICS))})"
RANK = "(?:常务|第一)?副?"
NAME = (
    rf"(?!{'|'.join(NO_NAMES)})"
    rf"(?:(?:{'|'.join(COMPOUND_SURNAMES)})[{HAN}]{{1,2}}|[{SURNAMES}][{HAN}]{{1,2}})(?<![{OFFICES}])"
)
POSTED = re.compile(rf"[{HAN}]{{0,14}}?{POST}({NAME})")  # 清丰县副县长李四
NAMED_FIRST = re.compile(rf"({NAME})((?:{RANK}{POST})+)")  # 王建国副县长
TITLED = re.compile(rf"(?:{'|'.join(COMPOUND_SURNAMES)}|[{SURNAMES}]){RANK}{POST}")  # 王书记
ONLY_POST = re.compile(rf"[{HAN}]{{0,14}}{POST}")
IN_BRACKETS = re.compile(rf"((?<![{HAN}]){TITLED.pattern}|{NAME})\s*[(（]([^()（）]{{1,60}})[)）](?=(.?))")
NO_REMARK = re.compile(rf"(?!.*(?:{POST}|{'|'.join(POST_REMARKS)}|\d{{7}}))")
# 张三等, 张三等3人: the others are not named.
AND_OTHERS = re.compile(rf"(?<=[{HAN}])等(?:\d{{1,2}}|[一二两三四五六七八九十]{{1,3}})?(?:个人|同志|[人位名])*$")
PERSON_NAME = re.compile(rf"{NAME}")
WORDS = re.compile(r"[\s:：]+")


class People(NamedTuple):
    names: list[str]  # in order
    is_whole: bool  # the cell says no more: no post, no telephone number


def people_in(value: object) -> People:
    """The people a cell names.

    Their posts are left out (县长 高某, 张三（副县长）, 县委书记：王五): with one the same person
    would be another. A post alone (清丰县分包领导) and a surname with a post (王书记) stand for the
    person. A space separates people, but not the halves of a padded name (张 三). In quotes all is
    the name.
    """
    text = visible(value)
    if PERSON.fullmatch(text) and text[-1] != "等":
        return People([text], is_whole=True)  # as most are
    bare = text if "“" in text else IN_BRACKETS.sub(_without_post, text)
    names: list[str] = []
    posts: list[str] = []
    is_whole = bare == text
    for piece in pieces(bare):
        if piece.is_quoted:
            names.append(piece.text)
            continue
        without_phone = PHONE.sub("", piece.text)
        named, is_all = _of_piece(without_phone.strip())
        is_post = len(named) == 1 and is_all and ONLY_POST.fullmatch(named[0]) and not TITLED.fullmatch(named[0])
        (posts if is_post else names).extend(named)
        is_whole = is_whole and is_all and without_phone == piece.text
    if posts and not names:
        names = posts
    return People(list(dict.fromkeys(filter(None, names))), is_whole and (names is posts or not posts))


def _without_post(match: re.Match[str]) -> str:
    name, remark, following = match.groups()
    if NO_REMARK.match(remark):
        return match[0]
    return name if following in ("", *" \n，、,;；/") else f"{name}、"


def _of_piece(text: str) -> tuple[list[str], bool]:
    """The names of the words of a piece, and whether nothing else was left out."""
    first = AND_OTHERS.sub("", text)
    if first != text:
        people, _is_whole = _of_piece(first)
        if all(is_person(name) or is_titled(name) for name in people):
            return people, False
    words = [word for word in WORDS.split(text) if word]
    if len(words) > 1:
        names = [_name_of(word) for word in words]
        posts = [name == "" for name in names]
        if all(name is not None for name in names) and not all(posts):
            people = [name for name in names if name]
            return people, people == words
    joined = clean_name(text)
    name = _name_of("".join(words)) if words else None
    return [name or joined], not name or name == joined


def _name_of(word: str) -> str | None:
    """The name in a word, "" if it is a post alone, None if it is neither."""
    if TITLED.fullmatch(word):
        return word
    if posted := POSTED.fullmatch(word):
        return posted[1]
    if first := NAMED_FIRST.fullmatch(word):
        name, post = first.groups()
        is_place = (len(name) == 2 and "某" not in name) or name[-1] in VILLAGES  # 许昌市长, 史家庄书记
        return word if is_place and post not in HONORIFICS else name
    if ONLY_POST.fullmatch(word):
        return ""
    return word if PERSON.fullmatch(word) else None


def is_person(name: str) -> bool:
    """Whether a name is surely a person's: a surname and one or two signs."""
    return bool(PERSON_NAME.fullmatch(name))


def is_titled(name: str) -> bool:
    """Whether a name is a surname with a post: 王书记."""
    return bool(TITLED.fullmatch(name))


def as_person(name: str) -> str:
    """A person's name for a cell, in quotes if `people_in` would take it for something else."""
    is_plain = people_in(name) == ([name], True) and not name.startswith("“")
    return name if is_plain else quoted(name)
