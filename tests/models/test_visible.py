"""No text can pass for another line of a log, or for something else in a terminal."""

import pytest

from models.visible import one_record, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b]0;gone\x07", "\\x1b[2J\\x1b]0;gone\\x07"),
        ("a\rb\x0bc\x0cd\x1ce\x85f", "a\\x0db\\x0bc\\x0cd\\x1ce\\x85f"),
        ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\udcff", "\\udcff"),
        ("光谷生物\t「二期」—— ✓ 🏗", "光谷生物\t「二期」—— ✓ 🏗"),
    ],
)
def test_what_a_terminal_obeys_is_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert len(shown.splitlines()) == 1


def test_further_lines_of_a_text_are_indented() -> None:
    assert one_record("a\nERROR: forged\n\nb").splitlines() == ["a", "  | ERROR: forged", "  | ", "  | b"]
