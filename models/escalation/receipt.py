"""What a receiver's answer says of a message: taken, to be sent again later, or refused.

Robots (企业微信、钉钉、飞书) and many office systems answer 200 to everything, and say in the body,
a JSON object, whether they took it.
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
FLAGS = ("success", "ok", "succeeded", "issuccess")
MESSAGES = ("errmsg", "errormsg", "errormessage", "msg", "message", "statusmessage", "error", "detail", "reason")

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
    answer = _answer(body)
    number = next((pair for pair in _numbers(answer) if not _is_success(*pair, answer)), None)
    if number is None and not _is_failure(answer):
        return None
    words = _words(answer)
    why = " ".join(filter(None, (f"{number[0]} {_short(number[1])}" if number else "", words)))
    code = _whole(number[1]) if number else _whole(answer.get("status"))
    is_busy = code == BUSY and number is not None and number[0] in ERROR_NUMBERS
    heals = is_busy or code in (*LATER, *HEALS) or (code is not None and 500 <= code < 600)
    return Objection(why or _short(json.dumps(answer, ensure_ascii=False)), heals or bool(LATER_WORDS.search(words)))


def _answer(body: bytes) -> Mapping[str, object]:
    """The JSON object, its keys in one spelling (`StatusCode`, `status_code`), or nothing."""
    try:
        content: object = json.loads(_text(body))
        if isinstance(content, str):  # some gateways pack it twice
            content = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {re.sub(r"[^a-z]", "", key.lower()): value for key, value in content.items()}


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
    status, error = answer.get("status"), answer.get("error")
    code = _whole(status)
    if _is_no(status) or (code is not None and 400 <= code < 600):
        return True
    has_code = any(_numbers(answer)) or any(flag in answer for flag in FLAGS)
    return not has_code and ((isinstance(error, dict) and bool(error)) or (isinstance(error, str) and _is_error(error)))


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
        if isinstance(words, dict):
            words = words.get("message") or words.get("msg")
        if isinstance(words, str) and words.strip():
            return _short(words)
    return ""


def _short(value: object) -> str:
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in str(value)[: 4 * LONGEST]).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
