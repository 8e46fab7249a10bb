"""What a receiver's answer says of a message: taken, to be sent again later, or refused.

Robots (企业微信、钉钉、飞书) and many office systems answer 200 to everything, and say in the body,
as a rule a JSON object, whether they took it. Gateways pack that object into another or into a
list; a few answer with a bare word.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

HEALS = (408, 425, 429, 500, 502, 503, 504)  # statuses of HTTP
LONGEST = 200  # characters that are shown of what a receiver says

# These hold nothing but an error's number; of the others, a message may say what their number means
ERROR_NUMBERS = ("errcode", "errorcode", "errno")
NUMBERS = (*ERROR_NUMBERS, "code", "statuscode", "retcode", "returncode", "resultcode", "ret")
WORDS = ("status", "result", "state")  # they hold a word for it, or what else the receiver likes
FLAGS = ("success", "ok", "succeeded", "issuccess")
SURE = (*ERROR_NUMBERS, *FLAGS)  # no fact about anything else is called so
MESSAGES = (
    *("errmsg", "errormsg", "errormessage", "msg", "message", "statusmessage"),
    *("error", "errors", "detail", "reason"),
)

BUSY = -1  # as an error's number, at WeCom and DingTalk
# WeCom: 45009 too many a minute, 45033 too many at once. DingTalk: 130101 and 410100 too
# many a minute, 90030 too many a day. Feishu: 11232 and 99991400 too many. Its 9499 is both a wrong
# request and too many, as the message says.
LATER = (45009, 45033, 130101, 410100, 90030, 11232, 99991400)
LATER_WORDS = re.compile(
    r"too (many|fast|frequent)|freq(uency)? (out of )?limit|rate.?limit|out of limit|over limit|busy|try again|"
    r"频繁|频率|限流|超过限制|繁忙|稍后|稍候",
    re.IGNORECASE,
)
TAKEN = frozenset(("", "ok", "success", "succeed", "succeeded", "true", "成功", "操作成功", "请求成功", "发送成功"))
FAILED = frozenset(("false", "error", "err", "fail", "failed", "failure", "失败"))
SUCCESSES = frozenset((0, *range(200, 300), 20000))  # 20000: a common frame for office systems
PAGE = re.compile(rb"^\s*(<!doctype html|<html)", re.IGNORECASE)
# A bare word for it, at the head of an answer that is no JSON
REFUSAL = re.compile(
    r"\W*(err(or)?|fail(ed|ure)?|invalid|unauthori[sz]ed|forbidden|denied)\b|(?!.*(成功|(?<!未)送达|收到|(?<!不)受理|无失败)).{0,20}(失败|无效|非法|未授权|拒绝)",
    re.IGNORECASE,
)
DEEPEST = 4  # so far down an answer is looked for in others
FIRST_OF_LIST = 20
MEMBER = re.compile(r'[\s,]*("(?:[^"\\]|\\.)*")\s*:\s*')
FOR_PEOPLE = re.compile(rb"<(form|script|title|frameset|meta[^>]+refresh)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Objection:
    """Why a receiver did not take a message; `heals`: it may take it later."""

    why: str
    heals: bool


def is_page(body: bytes) -> bool:
    """Whether a page for people came back, such as a login, and no receiver's answer."""
    return bool(PAGE.match(body) and FOR_PEOPLE.search(body))


def objection(body: bytes) -> Objection | None:
    """What the body objects to a message; None if it took it, or says nothing of it."""
    return next(filter(None, map(_objection, _answers(_content(_text(body))))), None)


def _objection(answer: Mapping[str, object]) -> Objection | None:
    number = next((pair for pair in _numbers(answer) if not _is_success(*pair, answer)), None)
    if number is None and not _is_failure(answer):
        return None
    words = _words(answer)
    why = " ".join(filter(None, (f"{number[0]} {_short(number[1])}" if number else "", words)))
    code = _whole(number[1]) if number else _whole(answer.get("status"))
    is_busy = code == BUSY and number is not None and number[0] in ERROR_NUMBERS
    heals = is_busy or code in (*LATER, *HEALS) or (code is not None and 500 <= code < 600)
    return Objection(why or _short(json.dumps(answer, ensure_ascii=False)), heals or bool(LATER_WORDS.search(words)))


def _content(text: str) -> object:
    """What the body says: JSON, the whole beginning of JSON that was cut off, or text."""
    try:
        content: object = json.loads(text)
        if isinstance(content, str):  # some gateways pack it twice
            text = content
            content = json.loads(text)
    except (ValueError, RecursionError):
        is_cut = text.lstrip().startswith(("{", "[{"))
        return _cut_off(text, text.index("{") + 1) if is_cut else text.strip()
    return content


def _cut_off(text: str, position: int) -> dict[str, object]:
    """The members of an object without end, from that position; half a word is left out."""
    members: dict[str, object] = {}
    while member := MEMBER.match(text, position):
        key, begin = json.loads(member[1], strict=False), member.end()
        try:
            members[key], position = json.JSONDecoder().raw_decode(text, begin)
        except (ValueError, RecursionError):
            return members | ({key: _cut_off(text, begin + 1)} if text[begin : begin + 1] == "{" else {})
        if position == len(text) and _spelling(key) not in ERROR_NUMBERS:  # 2 may be the beginning of 200
            del members[key]
    return members


def _answers(content: object, depth: int = 0, *, is_settled: bool = False) -> Iterable[Mapping[str, object]]:
    """The objects that may say whether it was taken, the outer ones first, keys in one spelling.

    An inner object may be about something else. Its numbers count if their names stand for nothing
    else; others, beside words for a person, unless an outer object has said already whether it was
    taken (`is_settled`).
    """
    if isinstance(content, str) and depth == 0 and (REFUSAL.match(content) or _is_busy(content)):
        yield {"error": content}
    elif content is False and depth == 0:
        yield {"success": False}
    elif isinstance(content, list) and depth < DEEPEST:
        for part in content[:FIRST_OF_LIST]:
            yield from _answers(part, max(depth, 1), is_settled=is_settled) if isinstance(part, dict) else ()
    elif isinstance(content, dict):
        answer = {_spelling(key): value for key, value in content.items()}
        says = any(key in answer for key in (*NUMBERS, *FLAGS))
        words = {key: answer[key] for key in MESSAGES if key in answer}
        sure = {key: answer[key] for key in SURE if key in answer}
        yield answer if depth == 0 or (words and not is_settled) else sure and words | sure
        for value in content.values() if depth < DEEPEST else ():
            yield from _answers(value, depth + 1, is_settled=is_settled or says)


def _spelling(key: str) -> str:
    """`StatusCode` and `status_code` are one."""
    return re.sub(r"[^a-z]", "", key.lower())


def _is_busy(text: str) -> bool:
    return len(text) <= LONGEST and not text.startswith("<") and bool(LATER_WORDS.search(text))


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("gb18030", errors="replace")


def _numbers(answer: Mapping[str, object]) -> Iterable[tuple[str, object]]:
    """The keys that say by a number, or a word for one, whether it was taken."""
    return ((key, answer[key]) for key in NUMBERS if isinstance(answer.get(key), str | int | float))


def _is_success(key: str, value: object, answer: Mapping[str, object]) -> bool:
    if value is True or (isinstance(value, str) and value.strip().lower() in TAKEN):
        return True
    code = None if value is False else _whole(value)
    if code in SUCCESSES:
        return True
    if key in ERROR_NUMBERS or code in LATER or value is False:
        return False
    # 1 is success in some systems and an error in others: their own word decides
    return any(answer.get(flag) is True for flag in FLAGS) or _words(answer).lower() in TAKEN - {""}


def _is_failure(answer: Mapping[str, object]) -> bool:
    """Whether it says without a number that the message was not taken."""
    if any(_is_no(answer[flag]) for flag in FLAGS if flag in answer):
        return True
    code = _whole(answer.get("status"))
    if any(_is_no(answer.get(key)) for key in WORDS) or (code is not None and 400 <= code < 600):
        return True
    if any(_numbers(answer)) or any(flag in answer for flag in FLAGS):
        return False
    error = answer.get("error") or answer.get("errors")
    is_error = _is_error(error) if isinstance(error, str) else isinstance(error, dict | list) and bool(error)
    return is_error or _is_no(_words(answer))


def _is_no(value: object) -> bool:
    return value is False or (isinstance(value, str) and value.strip().lower() in FAILED)


def _is_error(text: str) -> bool:
    return text.strip().lower() not in TAKEN | {"none", "null", "no", "false", "0", "无"}


def _whole(value: object) -> int | None:
    """The number, also written as text; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return None if isinstance(value, float) and not value.is_integer() else int(value)
    except (ValueError, OverflowError):
        return None


def _words(answer: Mapping[str, object]) -> str:
    """What it says in words, on one line."""
    for key in MESSAGES:
        words = answer.get(key)
        if isinstance(words, list) and words:
            words = words[0]
        if isinstance(words, dict):
            words = words.get("message") or words.get("msg")
        if isinstance(words, str) and words.strip():
            return _short(words)
    return ""


def _short(value: object) -> str:
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in str(value)[: 4 * LONGEST]).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
