"""Who a cell names: a person, whatever post stands beside the name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.office_files.names.names import clean_name
from models.office_files.names.people import as_person, people_in


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("县长 高某", ["高某"]),
        ("县长高某", ["高某"]),
        ("高某 县长", ["高某"]),
        ("高某县长", ["高某"]),
        ("副市长李四", ["李四"]),
        ("县委书记：王五", ["王五"]),
        ("分包领导: 王五", ["王五"]),
        ("张三（副县长）", ["张三"]),
        ("张三(县委常委、副县长)", ["张三"]),
        ("张三（副县长）李四（局长）", ["张三", "李四"]),
        ("张三（副县长）、李四", ["张三", "李四"]),
        ("李四（副县长，13812345678）", ["李四"]),
        ("李四（电话 13812345678）", ["李四"]),
        ("县委常委、副县长 王五", ["王五"]),
        ("清丰县副县长李四", ["李四"]),
        ("市商务局局长 张三", ["张三"]),
        ("清丰县 县长 高某", ["高某"]),
        ("常务副县长欧阳春", ["欧阳春"]),
        ("王建国副县长", ["王建国"]),
        ("县长 高某\n书记 王五", ["高某", "王五"]),
        ("高某 县长 王五 书记", ["高某", "王五"]),
        ("县长高某、副县长王建国/李四同志", ["高某", "王建国", "李四"]),
        ("王建国同志", ["王建国"]),
        ("县委书记\n王五", ["王五"]),
        ("王书记\n李县长", ["王书记", "李县长"]),
        ("王书记 张三", ["王书记", "张三"]),
        ("王县长 张三", ["王县长", "张三"]),
        ("赵县长（主抓）", ["赵县长"]),
        ("赵县长（主抓）、李副市长（分管）", ["赵县长", "李副市长"]),
        ("暂定张三", ["张三"]),
        ("张三（暂定）", ["张三"]),
        ("张三等", ["张三"]),
        ("张三等人", ["张三"]),
        ("张三等3人", ["张三"]),
        ("张三、李四等三位同志", ["张三", "李四"]),
        ("县长高某等", ["高某"]),
        ("张三 13812345678 13912345678", ["张三"]),
        ("张三13812345678/0393-4412345", ["张三"]),
        ("张三（138 1234 5678 139 1234 5678）", ["张三"]),
        ("张三 4412345", ["张三"]),
        ("张三 0393-4412345转801", ["张三"]),
        ("13812345678 张三", ["张三"]),
    ],
)
def test_post_and_name_are_told_apart(cell: str, names: list[str]) -> None:
    found = people_in(cell)
    assert (found.names, found.is_whole) == (names, found.names == cell.split())


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "王建国",
            "张三",
            "欧阳春",
            "高某",
            "阿里·马",
            "John Smith",
            "王书记",
            "李县长",
            "清丰县分包领导",
            "清丰县招商局专员",
        ),
        *(
            "范县县长",
            "许昌市长",
            "高新区主任",
            "管委会主任",
            "文化局长",
            "史家庄书记",
            "张三2013",
            "张等",
            "招商局等",
            "范县县长（主抓）",
            "李伟（女）",
            "王强（大）",
        ),
        *(
            "市商务局·张三",
            "招商局",
            "县委",
            "市长助理",
            "主任科员",
            "项目办主任",
            "负责人待定",
            "领导干部",
            "国土局局长",
        ),
    ],
)
def test_a_name_and_a_post_alone_stay_as_they_are_written(cell: str) -> None:
    assert people_in(cell) == ([cell], True)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("清丰县 分包领导", ["清丰县分包领导"]),
        ("张 三", ["张三"]),
        ("张三、李四；王小五", ["张三", "李四", "王小五"]),
        ("张三/李四", ["张三", "李四"]),
        ("张三 李四", ["张三", "李四"]),
        ("范县 县长", ["范县县长"]),
        ("“张三（副县长）”", ["张三（副县长）"]),
        ("“县长高某”、李四", ["县长高某", "李四"]),
        ("", []),
    ],
)
def test_several_people_in_a_cell_are_told_apart_as_before(cell: str, names: list[str]) -> None:
    assert people_in(cell) == (names, True)


@given(st.text("张三李县长书记·A （副）“”、,;；/:：1", min_size=1).map(clean_name).filter(bool))
def test_a_persons_name_written_into_a_cell_is_found_again(name: str) -> None:
    assert people_in(as_person(name)) == ([name], True)
