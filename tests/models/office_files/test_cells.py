"""What the cells of real ledgers say, and what is refused with which reason."""

import re
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.office_files.amounts.amounts import amount_unit_of, parse_amount
from models.office_files.cells import BadCell, is_blank, parse_yes
from models.office_files.days.days import parse_day
from models.words import Currency

pytestmark = pytest.mark.usefixtures("in_english")
DAY = date(2013, 6, 9)


@pytest.mark.parametrize(
    ("cell", "header", "amount"),
    [
        ("10亿", "总投资", "1000000000"),
        ("5000万元", "总投资（亿元）", "50000000"),
        ("１.２亿元", "总投资", "120000000"),
        ("１０．５亿", "总投资", "1050000000"),
        ("人民币3000万元", "总投资", "30000000"),
        ("￥1,234.56", "总投资（元）", "1234.56"),
        ("1，200", "总投资（万元）", "12000000"),
        ("约 8 亿元", "总投资", "800000000"),
        ("2千万", "总投资", "20000000"),
        (0.3, "总投资（亿元）", "30000000"),
        (0.1 + 0.2, "总投资（亿元）", "30000000"),
        (1 / 3, "总投资（亿元）", "33333333.33"),
        (5000, "总投资（万元）", "50000000"),
        (5000, "总投资/万元", "50000000"),
        (2.5, "计划总投资(单位：亿元)", "250000000"),
        ("3亿元", "总投资（亿元/亿美元）", "300000000"),
        (80000000, "总投资（元）", "80000000"),
        (1e9, "总投资（元）", "1000000000"),
        ("10个亿", "总投资", "1000000000"),
        ("1亿2000万元", "总投资", "120000000"),
        ("1.5億500萬", "总投资", "155000000"),
        ("5000元", "总投资（万元）", "5000"),
        ("5000(万元)", "总投资", "50000000"),
        ("5000（万元）", "总投资（亿元）", "50000000"),
        ("约1.2 （亿）", "总投资（万元）", "120000000"),
        ("3000万（人民币）", "总投资", "30000000"),
        ("1亿2000（万元）", "总投资", "120000000"),
        ("5000（元）", "总投资（万元）", "5000"),
        (Decimal("1E+9"), "总投资（元）", "1000000000"),
        (0, "总投资", "0"),
    ],
    ids=repr,
)
def test_an_amount_is_read_exactly_in_yuan(cell, header, amount):
    assert parse_amount(cell, amount_unit_of(header)) == (Decimal(amount), Currency.CNY)


@pytest.mark.parametrize(
    ("cell", "header"),
    [
        ("1.2亿美元", "总投资（亿元）"),
        ("12000万美元", "总投资"),
        ("USD 120,000,000", "总投资"),
        ("$1.2亿", "总投资"),
        ("1.2亿（美元）", "总投资（万元）"),
        ("12000（万美元）", "总投资"),
        (1.2, "合同外资（亿美元）"),
        (12000, "合同外资（万美元）"),
        (120000000, "合同外资（美元）"),
    ],
    ids=repr,
)
def test_dollars_stay_dollars(cell, header):
    assert parse_amount(cell, amount_unit_of(header)) == (Decimal(120000000), Currency.USD)


@pytest.mark.parametrize("cell", [3, "3亿"])
def test_where_the_header_names_two_currencies_the_cell_must_say_which(cell):
    with pytest.raises(BadCell, match="yuan and dollars"):
        parse_amount(cell, amount_unit_of("总投资（亿元/亿美元）"))


@pytest.mark.parametrize("cell", ["5-8亿", "5~8亿元", "5亿—8亿", "5至8亿元", "５－８亿", "5到8亿"], ids=repr)
def test_a_range_is_refused_and_told_to_be_a_range(cell):
    with pytest.raises(BadCell, match="not a range"):
        parse_amount(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "面议",
        "-5亿",
        "几十亿",
        "5亿以上",
        "1,2亿",
        "1.2.3",
        "5000()",
        "5000(3000)",
        "5000万(万元)",
        "5000万元(美元)",
        "(5000)万元",
        True,
        float("nan"),
        float("inf"),
        DAY,
    ],
)
def test_what_is_no_amount_in_yuan_or_dollars_is_refused(cell):
    with pytest.raises(BadCell, match="not an amount"):
        parse_amount(cell)


@pytest.mark.parametrize(
    ("cell", "header"),
    [(500000000, "总投资（亿元）"), (306610.0, "总投资（亿元）"), ("9" * 60, "总投资（元）"), (1e300, "总投资（元）")],
    ids=repr,
)
def test_an_amount_no_project_has_points_at_the_unit(cell, header):
    with pytest.raises(BadCell, match="check the unit"):
        parse_amount(cell, amount_unit_of(header))


@given(st.decimals(min_value=0, max_value=10**11, places=2))
def test_a_plain_figure_comes_back_to_the_cent(amount):
    assert parse_amount(f"{amount:,}") == (amount, Currency.CNY)


@pytest.mark.parametrize(
    "cell",
    [
        DAY,
        datetime(2013, 6, 9, 10, 30),  # noqa: DTZ001 - as Excel's cells come
        "2013.6.9",
        "2013．6．9",
        "2013-06-09",
        "2013/6/9",
        "2013年6月9日",
        " 2013 年 6 月 9 日 ",
        "13年6月9日",
        "20130609",
        20130609,
        20130609.0,
        "13/6/9",
        "13-06-09",
        "6/9/2013",
        "2013-06-09 00:00:00",
        "2013/6/9 8:30",
        "2013-06-09 上午",
        "2013-06-09 下午 3:30",
        "13.6.9",
        "二〇一三年六月九日",
        "二零一三年六月九日",
        "二○一三年6月9号",
        "2013.6.9.",
        "9-Jun-13",
        "09-JUN-2013",
        "9 Jun 2013",
        "9 June 2013",
        "9th June, 2013",
        "9/Jun/2013",
        "Jun 9, 2013",
        "June 9 2013",
        "Jun. 9, 2013",
        "2013-Jun-09",
        "9-Jun-2013 10:30",
        41434,
        41434.5,
        "41434",
    ],
    ids=repr,
)
def test_a_day_is_read_however_it_is_written(cell):
    assert parse_day(cell) == DAY


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("2013年6月", "Only a month"),
        ("2013.6", "Only a month"),
        (2013.6, "Only a month"),
        (201306, "Only a month"),
        (2013.1, "October"),
        ("2013-02-30", "no such day"),
        ("2013.13.1", "no such day"),
        ("6/9/13", "can be 2006-09-13 / 2013-06-09"),
        ("13/45/13", "no such day"),
        ("2013", "not a date"),
        ("6月9日", "year is missing"),
        ("年底", "not a date"),
        ("", "not a date"),
        ("Jun-13", "not a date"),
        ("9-Jun", "not a date"),
        ("9-Juno-13", "not a date"),
        ("31-Jun-13", "no such day"),
        (True, "not a date"),
        ("1913-06-09", "1913 cannot be right"),
        ("2913-06-09", "2913 cannot be right"),
        (date(1905, 7, 5), "1905 cannot be right"),
    ],
    ids=repr,
)
def test_what_is_not_one_day_is_refused_with_its_reason(cell, reason):
    with pytest.raises(BadCell, match=re.escape(reason)):
        parse_day(cell)


@pytest.mark.parametrize("cell", ["2013年6月", "2013.6", 2013.6, "2013-06", "201306", "2013年6月份"], ids=repr)
def test_a_month_something_is_due_in_is_its_last_day(cell):
    assert parse_day(cell, month_is_its_last_day=True) == date(2013, 6, 30)


def test_every_month_is_known_by_its_english_name():
    for month in range(1, 13):
        day = date(2013, month, 9)
        for form in ("%d-%b-%y", "%d %B %Y", "%b %d, %Y"):
            assert parse_day(day.strftime(form)) == day
    assert parse_day("9 Sept 2013") == date(2013, 9, 9)


@pytest.mark.parametrize(
    ("cell", "day"),
    [("二〇一三年十月三十日", (10, 30)), ("二〇一三年十二月二十一日", (12, 21)), ("二〇一三年十一月十日", (11, 10))],
)
def test_chinese_numbers_are_read_as_documents_write_them(cell, day):
    assert parse_day(cell) == date(2013, *day)


@pytest.mark.parametrize("cell", ["二〇一三年十三月九日", "二〇一三年六月一二十日", "年月日"])
def test_chinese_numbers_that_are_no_day_are_refused(cell):
    with pytest.raises(BadCell):
        parse_day(cell)


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans()))
def test_no_cell_breaks_the_reading_of_a_day_or_an_amount(cell):
    for parse in (parse_day, parse_amount, parse_yes):
        with suppress(BadCell):
            parse(cell)


@pytest.mark.parametrize("cell", [None, "", " 　\n", "无", "暂无。", "/", "——", "－"], ids=repr)
def test_the_signs_for_nothing_are_nothing(cell):
    assert is_blank(cell)


@pytest.mark.parametrize(
    ("cell", "yes"), [("是", True), ("√", True), (1, True), ("否", False), (False, False)], ids=repr
)
def test_yes_and_no_are_understood(cell, yes):
    assert parse_yes(cell) is yes


def test_neither_yes_nor_no_is_refused():
    with pytest.raises(BadCell, match="neither yes nor no"):
        parse_yes("不详")


@pytest.mark.parametrize("cell", ["〔仅供阅读〕全文见档案", "〔For reading only〕 cut", "〔仅供阅读〕第一行\n第二行"])
def test_a_cell_that_only_informs_says_nothing(cell):
    assert is_blank(cell)
    assert not is_blank("〔2013〕15号文件")


@pytest.mark.parametrize(
    ("cell", "figure"),
    [
        ("１．２亿元（含设备5000万）", "1.2亿元"),
        ("5000万元以上", "5000万元"),
        ("5000（待定）", ""),
        ("二期5000万元", ""),
    ],
    ids=repr,
)
def test_a_figure_with_a_remark_is_refused_and_the_figure_suggested(cell, figure):
    with pytest.raises(BadCell) as refusal:
        parse_amount(cell)
    assert refusal.value.suggestion == figure


def test_an_amount_may_end_in_a_full_stop_and_a_day_be_cut_by_long_dashes():
    assert parse_amount("5000万元。") == (Decimal(50_000_000), Currency.CNY)
    assert parse_day("2013—6—9") == date(2013, 6, 9)
