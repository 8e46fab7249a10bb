"""A day in two-digit numbers is read in the one order its column allows, or named."""

from datetime import date

import pytest

from support.ledgers.read_table import named, read_column, read_table, typed_rows

pytestmark = pytest.mark.usefixtures("in_english")


def days(header: str, *cells: str) -> list[str]:
    """The days read of a column; `named` for each cell that was not taken."""
    lines = read_column(header, *cells)
    unread = {value for value, _suggestion in named(lines)}
    read = [str(row.signed_on or row.visit_due_on or "") for row in typed_rows(lines)]
    left = iter(read)
    return [
        "named" if cell in unread and header == "签约日期" else next(left) or "named" for cell in map(str.strip, cells)
    ]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["13/6/9"], ["2013-06-09"]),
        (["13-6-9"], ["2013-06-09"]),
        (["13/06/09 8:30"], ["2013-06-09"]),
        (["１３／６／９"], ["2013-06-09"]),
        (["6/9/13"], ["named"]),
        (["6-9-13"], ["named"]),
        (["13/6/9", "12/11/30", "11/3/5"], ["2013-06-09", "2012-11-30", "2011-03-05"]),
        (["6/9/13", "5/20/13"], ["2013-06-09", "2013-05-20"]),
        (["6/9/13", "6/9/2013"], ["2013-06-09", "2013-06-09"]),
        (["6/9/13", "13/6/2013", "25/6/2013"], ["2013-09-06", "2013-06-13", "2013-06-25"]),
        (["6/9/13", "5/20/13", "13/6/9"], ["named", "2013-05-20", "2013-06-09"]),
        (["13/6/9", "6/9/2013", "6/9/13"], ["2013-06-09", "2013-06-09", "named"]),
        (["6/9/13", "2013-05-20", "2013年5月3日"], ["named", "2013-05-20", "2013-05-03"]),
        (["6/9/2013"], ["2013-06-09"]),
        (["13/6/2013"], ["2013-06-13"]),
        (["6/9/2013", "13/6/2013"], ["2013-09-06", "2013-06-13"]),
        (["6/9/2013", "13/6/2013", "6/13/2013"], ["named", "2013-06-13", "2013-06-13"]),
        (["98/6/9"], ["1998-06-09"]),
        (["12/11/10"], ["2012-11-10"]),
        (["11/3/5", "10/2/3", "09/12/1"], ["2011-03-05", "2010-02-03", "2009-12-01"]),
        (["11/3/5", "9/12/1"], ["2011-03-05", "named"]),
        (["12/11/10", "5/20/13"], ["2010-12-11", "2013-05-20"]),
        (["98.6.9"], ["1998-06-09"]),
        (["25/6/32"], ["named"]),
        (["13/13/9"], ["named"]),
        (["5/5/05"], ["2005-05-05"]),
        (["2/26/13", "12/5/7"], ["2013-02-26", "named"]),
        (["13/6/19", "9/6/13"], ["2013-06-19", "named"]),
        (["13-6/9"], ["named"]),
    ],
    ids=str,
)
def test_in_a_chinese_file_the_year_comes_first_unless_the_column_proves_otherwise(cells, expected):
    assert days("签约日期", *cells) == expected


def test_an_ambiguous_day_says_which_days_it_can_mean():
    (problem,) = read_column("签约日期", "6/9/13").problems
    assert ("2006-09-13" in problem.reason, "2013-06-09" in problem.reason) == (True, True)


def test_the_columns_of_a_sheet_are_each_read_in_their_own_order():
    lines = read_table(
        ["项目编号", "项目名称", "责任单位", "签约日期", "开工时间", "时间节点"],
        ["PY-1", "甲", "清丰县", "5/20/13", "13/6/9", "12/6/13"],
        ["PY-2", "乙", "清丰县", "6/9/13", "12/5/6", "13/7/1"],
    )
    first, second = typed_rows(lines)
    assert (first.signed_on, second.signed_on) == (date(2013, 5, 20), date(2013, 6, 9))
    assert [row.milestones[0].done_on for row in (first, second)] == [date(2013, 6, 9), date(2012, 5, 6)]
    assert (first.visit_due_on, second.visit_due_on) == (date(2012, 6, 13), date(2013, 7, 1))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["6/9/2013"], [None]),
        (["6/9/13"], [None]),
        (["6/9/2013", "6/20/2013"], ["2013-06-09", "2013-06-20"]),
        (["6/9/2013", "20/6/2013"], ["2013-09-06", "2013-06-20"]),
        (["6/9/13", "6/20/2013"], ["2013-06-09", "2013-06-20"]),
        (["6/9/13", "20/6/2013"], ["2013-09-06", "2013-06-20"]),
        (["6/9/13", "6/20/13"], ["2013-06-09", "2013-06-20"]),
        (["13/6/9"], [None]),
        (["6/6/2013"], ["2013-06-06"]),
        (["9 Jun 2013", "2013/6/9"], ["2013-06-09", "2013-06-09"]),
    ],
    ids=str,
)
def test_in_an_english_file_what_the_column_does_not_prove_is_named(cells, expected):
    head = ["Project code", "Project name", "Responsible unit", "Signed on"]
    lines = read_table(
        head, *([f"PY-{number}", f"Park {number}", "Qingfeng", cell] for number, cell in enumerate(cells))
    )
    read = {row.code: str(row.signed_on) for row in typed_rows(lines)}
    assert [read.get(f"PY-{number}") for number in range(len(cells))] == expected


def test_days_numbered_in_one_cell_prove_the_order_of_their_column():
    lines = read_table(
        ["项目编号", "项目名称", "责任单位", "到位资金（万元）", "资金到位日期"],
        ["PY-1", "甲", "清丰县", "1、300\n2、500", "1、6/9/13\n2、5/20/13"],
    )
    (row,) = typed_rows(lines)
    assert [cells.happened_on for cells in row.capital] == [date(2013, 6, 9), date(2013, 5, 20)]


def test_a_true_date_and_a_day_with_its_whole_year_are_not_concerned():
    lines = read_table(
        ["项目编号", "项目名称", "责任单位", "签约日期"],
        ["PY-1", "甲", "清丰县", date(2013, 6, 9)],
        ["PY-2", "乙", "清丰县", "2013/6/9"],
        ["PY-3", "丙", "清丰县", "13.6.9"],
    )
    assert {str(row.signed_on) for row in typed_rows(lines)} == {"2013-06-09"}
