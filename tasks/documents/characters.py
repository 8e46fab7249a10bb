"""Characters that files hold, their width, names of sheets. Light: child processes import it."""

import re

CHINESE = "\u2000"  # characters beyond it are as wide as a Chinese one
NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\\x00-\x1f]+")
MAX_TITLE_LENGTH = 31  # of a sheet, as Excel counts


def printable(text: str) -> str:
    """The text without what no XML file may hold: control characters, lone surrogates."""
    return NOT_IN_XML.sub("", text)


def width(text: str, chinese: int = 2, latin: int = 1) -> int:
    """How wide a text is if a Chinese and a Latin character are that wide."""
    return latin * len(text) + (chinese - latin) * sum(map(CHINESE.__lt__, text))


def length(text: str) -> int:
    """How long a text is as Excel counts, in units of UTF-16: rare characters count twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shortened(text: str, most: int) -> str:
    """The text in at most `most` characters; an ellipsis shows that it is cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def sheet_title(title: str, end: str = "") -> str:
    """The title as Excel takes it, cut to make room for `end`."""
    plain = NOT_IN_TITLES.sub("_", printable(title)).strip("' ") or "_"
    while length(plain + end) > MAX_TITLE_LENGTH:
        plain = plain[:-1]
    return plain.rstrip("' ") + end
