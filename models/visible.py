"""Texts as they may stand in a log or a terminal: what they hold cannot pass for something else."""

import re

# Control characters but for tab and line feed; separators of lines; what turns the writing around
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
CONTINUED = "\n  | "  # begins each further line of one text


def visible(text: str) -> str:
    """The text; characters that a terminal would obey or take for a new line are spelled out."""
    return HIDDEN.sub(_escaped, text)


def one_record(text: str) -> str:
    """The text so that no line of it can be taken for a text of its own."""
    return visible(text).replace("\n", CONTINUED)


def _escaped(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"
