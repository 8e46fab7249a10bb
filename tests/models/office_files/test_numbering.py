"""Several texts in one cell are told apart as offices count them, and written so that each is found
again.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.office_files.names.names import clean_text
from models.office_files.words.numbering import in_numbers, numbered


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1、土地未供 2、资金", ["1、土地未供 2、资金"]),
        ("1、土地未供；2、资金", ["土地未供", "资金"]),
        ("(1)土地\n(2)资金", ["土地", "资金"]),
        ("“1、土地\n2、资金”", ["1、土地\n2、资金"]),
        ("1、“土地；”\n2、“他说“缓””。”", ["土地；", "他说“缓”。"]),
    ],
    ids=repr,
)
def test_texts_are_told_apart_where_they_are_counted(text, parts):
    assert numbered(text) == parts


@given(st.lists(st.text("12、.①②;；\n “”地a", min_size=1).map(clean_text).filter(bool), min_size=1))
def test_texts_written_into_one_cell_are_all_found_again(parts):
    assert numbered(clean_text(in_numbers(parts))) == parts
