"""What JSON may hold so that Prefect and PostgreSQL can store it."""

import json
import re
from contextlib import suppress
from itertools import accumulate

from deployments.doors.refusal import RequestRefused
from models.i18n import gettext as _

MAX_DEPTH = 64  # lists and objects within each other; Prefect's own calls have about twenty

SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")  # may stand for NUL or for half a character
ESCAPE = re.compile(
    rb"\\(?:"
    rb"u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # two halves: a character
    rb"|u(?P<bad>0000|[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|.)",
    re.DOTALL,
)
KIND = b"__prefect_kind"  # names a value that Prefect takes as a template, or as JSON within JSON
ASCII_ESCAPE = re.compile(rb"\\u00([2-7][0-9a-fA-F])")  # another way to write such a name
STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
SQUARE = bytes.maketrans(b"{}", b"[]")


def check_json(body: bytes) -> None:
    """Refuse (422) JSON with characters that cannot be stored, templates, or nested too deeply."""
    if b"\0" in body or not _is_utf8(body) or _has_bad_escape(body):
        raise cannot_be_stored()
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_deep(body):
        raise RequestRefused(422, _("The request's JSON is nested too deeply."), _("Send it as simple values."))
    if KIND in body or (b"\\u00" in body and KIND in ASCII_ESCAPE.sub(_character, body)):
        with suppress(ValueError):  # no JSON: Prefect says so
            _check_kinds(json.loads(body))


def cannot_be_stored() -> RequestRefused:
    return RequestRefused(
        422,
        _("The request holds a character that cannot be stored: NUL, half of a surrogate pair, or no UTF-8."),
        _("Remove what looks like a box or a question mark from the text, and send it again."),
    )


def _character(escape: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escape[1].decode())


def _is_utf8(body: bytes) -> bool:
    if body.isascii():
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _has_bad_escape(body: bytes) -> bool:
    if b"\\" not in body:
        return False
    return bool(SUSPICIOUS.search(body)) and any(escape["bad"] for escape in ESCAPE.finditer(body))


def _check_kinds(value: object) -> None:
    """Refuse what Prefect makes of values with a `__prefect_kind`, if it can do harm.

    It renders templates in its only thread: one that computes 9**(9**9) brings it to a standstill.
    """
    match value:
        case {"__prefect_kind": "jinja"}:
            raise RequestRefused(422, _("A value here cannot be a template."), _("Enter the value itself."))
        case {"__prefect_kind": "json", "value": str(text)}:
            check_json(text.encode("utf-8", "surrogatepass"))
        case dict():
            for part in value.values():
                _check_kinds(part)
        case list():
            for part in value:
                _check_kinds(part)


def _is_deep(body: bytes) -> bool:
    """Whether lists and objects stand within each other more deeply than MAX_DEPTH."""
    brackets = STRING.sub(b"", body).translate(SQUARE, NO_BRACKETS)
    steps = map((92).__sub__, brackets)  # 1 for [, -1 for ]
    return max(accumulate(steps), default=0) > MAX_DEPTH
