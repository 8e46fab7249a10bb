"""What looks like a project's code, and what only counts rows."""

import pytest

from models.office_files.names.codes import counts_rows, is_code


@pytest.mark.parametrize(
    "text",
    [
        *(
            "PY-1",
            "PY-2012-001",
            "2013001",
            "LD-2013-001",
            "清丰-012",
            "濮招〔2013〕12号",
            "2013-001",
            "00012",
            "13QF01",
        ),
        *("2018-410922-47-03-012345", "QF001", "第2013001号", "NOVA-1"),
    ],
)
def test_a_code_has_a_letter_before_a_digit_or_five_digits(text: str) -> None:
    assert is_code(text)


@pytest.mark.parametrize(
    "text", ["1", "01", "001", "1203", "第1号", "1号", "No.1", "NO12", "1.", "1、", "(1)", "一", "1-1", "#3", "", "甲"]
)
def test_a_running_number_is_no_code(text: str) -> None:
    assert not is_code(text)


def test_the_office_says_what_its_codes_look_like(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUODI_CODE_PATTERN", r"\d{3}")
    assert [text for text in ("001", "12", "PY-1", "LD-2013-001") if is_code(text)] == ["001", "LD-2013-001"]


@pytest.mark.parametrize(
    "column",
    [
        [(4, "1"), (5, "2"), (6, "3")],
        [(4, "00001"), (5, "00002"), (9, "00006")],  # the rows between were left out
        [(4, "1"), (5, "2"), (6, "2"), (7, "3")],  # two rows of one project
        [(4, "1"), (5, "2"), (8, "1"), (9, "2")],  # each county anew
        [(4, "1"), (5, "2"), (6, "3"), (7, "4"), (8, "PY-1"), (9, "6")],
    ],
)
def test_a_column_counts_rows_if_most_of_its_numbers_follow_each_other_from_one(column: list[tuple[int, str]]) -> None:
    assert counts_rows(column)


@pytest.mark.parametrize(
    "column",
    [
        [],
        [(4, "1")],
        [(4, "PY-1"), (5, "PY-2"), (6, "PY-3")],
        [(4, "2013001"), (5, "2013002"), (6, "2013003")],
        [(4, "37"), (5, "12"), (6, "25")],
        [(4, "101"), (5, "102"), (6, "103")],
    ],
)
def test_a_column_of_codes_does_not(column: list[tuple[int, str]]) -> None:
    assert not counts_rows(column)
