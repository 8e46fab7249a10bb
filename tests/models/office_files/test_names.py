"""One form for every name, however the cell was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.office_files.names.names import clean_name, clean_text, in_one_cell, split_names


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("濮阳县\n食品 产业园", "濮阳县食品产业园"),
        ("　清丰县　", "清丰县"),
        ("New  Energy\nPark", "New Energy Park"),
        ("ABC 公司", "ABC公司"),
        ("\ufeff南乐县\u200b", "南乐县"),
    ],
    ids=repr,
)
def test_a_name_stands_on_one_line(cell, name):
    assert clean_name(cell) == name


def test_running_text_keeps_its_lines():
    assert clean_text(" 1. 已注册 \r\n\n  2. 待  供地 ") == "1. 已注册\n2. 待 供地"


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("清丰县分包领导", ["清丰县分包领导"]),
        ("清丰县 分包领导", ["清丰县分包领导"]),
        ("张 三", ["张三"]),
        ("张三、李四；王小五", ["张三", "李四", "王小五"]),
        ("张三，\n李四,张三", ["张三", "李四"]),
        ("张三 李四", ["张三", "李四"]),
        ("范县 县长", ["范县县长"]),
        ("清丰 濮阳", ["清丰", "濮阳"]),
        ("13812345678、督查群4412345", ["13812345678", "督查群4412345"]),
        ("“张三13812345678”", ["张三13812345678"]),
        ("张三2013", ["张三2013"]),
    ],
    ids=repr,
)
def test_several_names_in_a_cell_are_told_apart(cell, names):
    assert split_names(cell) == names


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("“水务局、城管局联合办”、清丰县", ["水务局、城管局联合办", "清丰县"]),
        ("濮阳“龙都”产业园", ["濮阳“龙都”产业园"]),
        ("“龙都”产业园、南乐县", ["“龙都”产业园", "南乐县"]),
        ("““龙都”””", ["“龙都”"]),
        ("“没有结束、清丰县", ["“没有结束", "清丰县"]),
    ],
    ids=repr,
)
def test_in_quotes_a_name_keeps_its_signs(cell, names):
    assert split_names(cell) == names


@given(st.lists(st.text("张三·A “”、,;；/", min_size=1).map(clean_name).filter(bool), min_size=1, unique=True))
def test_names_written_into_one_cell_are_all_found_again(names):
    assert split_names(in_one_cell(names)) == names
