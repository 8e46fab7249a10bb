"""An amount whose unit or currency nobody gives, or that two units fit, is named, never guessed."""

from decimal import Decimal

import pytest

from models.office_files.cells import BadCell, amount_unit_of, parse_amount
from models.words import Currency
from support.ledgers.read_table import named, read_column, read_table

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.mark.parametrize("cell", [5000, 80000000, 1e9, "50,000,000", "6.5"], ids=repr)
def test_an_amount_without_any_unit_is_refused_however_large(cell):
    with pytest.raises(BadCell, match="says the unit"):
        parse_amount(cell, amount_unit_of("总投资"))


def test_zero_needs_no_unit():
    assert parse_amount(0, amount_unit_of("总投资")).figure == 0


@pytest.mark.parametrize(
    ("cells", "beside", "expected"),
    [
        (("5000万元", 3000), "备注", [("3000", "3000万元")]),
        (("5亿元", "1.2亿", 3), "备注", [("3", "3亿元")]),
        (("800万美元", 500), "备注", [("500", "500万美元")]),
        ((3000,), "今年计划投资（万元）", [("3000", "3000万元")]),
        ((3,), "固定资产投资(亿元)", [("3", "3亿元")]),
        (("5000万元", 80000000), "备注", [("80000000", "80000000元")]),
        ((80000000, 3000, 3), "备注", [("80000000", "80000000元"), ("3000", "3000万元"), ("3", "")]),
        (("5亿元", 30000), "备注", [("30000", "30000万元")]),
        (("5000万元", "12,000.5"), "备注", [("12,000.5", "12000.5万元")]),
    ],
    ids=str,
)
def test_the_unit_of_its_neighbours_is_suggested(cells, beside, expected):
    assert named(read_column("总投资", *cells, beside=beside)) == expected


@pytest.mark.parametrize(
    ("cell", "header", "neighbours", "suggestion"),
    [
        ("6.5万", "总投资（万元）", (50000, 12000), "65000万元"),
        ("50万", "总投资（万元）", (60, 45), "50万元"),
        ("6.5万", "总投资（万元）", (), ""),
        ("5千", "总投资（万元）", (3000,), "5000万元"),
        ("6.5万", "合同外资（万美元）", (800, 50000), "65000万美元"),
    ],
    ids=str,
)
def test_a_size_that_the_column_has_already_is_named(cell, header, neighbours, suggestion):
    lines = read_column(header.replace("合同外资", "总投资"), *neighbours, cell)
    assert named(lines) == [(cell, suggestion)]
    assert "can mean" in lines.problems[0].reason


@pytest.mark.parametrize(
    ("cell", "header", "amount"),
    [
        ("6.5万元", "总投资（万元）", "65000"),
        ("5000万", "总投资（万元）", "50000000"),
        ("5000万元", "总投资（万元）", "50000000"),
        ("6.5亿", "总投资（万元）", "650000000"),
        ("0.3亿", "总投资（万元）", "30000000"),
        ("3亿", "总投资（亿元）", "300000000"),
        ("5000万", "总投资（亿元）", "50000000"),
        ("6.5万", "总投资（元）", "65000"),
        ("6.5万", "总投资", "65000"),
    ],
)
def test_a_size_that_only_fits_in_one_way_is_taken(cell, header, amount):
    assert parse_amount(cell, amount_unit_of(header)) == (Decimal(amount), Currency.CNY)


CURRENCIES = (
    *("港元", "港币", "HK$", "HKD", "新台币", "台币", "NT$", "日元", "JPY", "JP¥", "円", "欧元", "歐元", "€", "EUR"),
    *("英镑", "£", "韩元", "₩", "A$", "澳元", "C$", "加元", "S$", "新加坡元", "R$", "RUB", "卢布", "瑞士法郎", "MOP"),
    *("港幣", "新臺幣", "HK dollars", "Hong Kong dollars", "Taiwan dollars", "euros", "yen", "AUD", "CAD$"),
)


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("header", ["总投资（{}）", "总投资（万{}）", "总投资（亿 {}）", "总投资({}/万元)"])
def test_a_header_in_another_currency_gives_no_yuan_and_no_dollars(currency, header):
    for cell in (5000, 5.0, 3_000_000, "5000万"):
        with pytest.raises(BadCell, match="neither in yuan nor in US dollars"):
            parse_amount(cell, amount_unit_of(header.format(currency)))
    assert parse_amount("5000万元", amount_unit_of(header.format(currency))).figure == 50_000_000


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("cell", ["5000万{}", "{}5000万", "{} 5,000", "5000万（{}）", "5000万元({})"])
def test_a_cell_in_another_currency_is_refused_and_no_figure_suggested(currency, cell):
    with pytest.raises(BadCell) as refusal:
        parse_amount(cell.format(currency), amount_unit_of("总投资（万元）"))
    assert refusal.value.suggestion == ""


@pytest.mark.parametrize("title", ["单位：万港元", "单位：亿日元", "Unit: million HKD", "（万欧元）", "单位：港币万元"])
def test_a_title_in_another_currency_gives_no_yuan(title):
    rows = [title], ["项目编号", "项目名称", "责任单位", "总投资"], ["PY-1", "家具园", "清丰县", 5000]
    assert named(read_table(*rows)) == [("5000", "")]


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("合同外资（万美金）", (10**4, Currency.USD)),
        ("合同外资（万USD）", (10**4, Currency.USD)),
        ("总投资（万人民币）", (10**4, Currency.CNY)),
        ("总投资（亿 RMB）", (10**8, Currency.CNY)),
        ("总投资（萬圓）", (10**4, Currency.CNY)),
    ],
)
def test_a_size_counts_whatever_the_currency_behind_it_is_called(header, unit):
    assert amount_unit_of(header)[:2] == unit


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("高新元件项目投资额（万元）", (10**4, Currency.CNY)),
        ("较上年增加元数（元）", (1, Currency.CNY)),
        ("总投资（US$ million）", (10**6, Currency.USD)),
        ("Investment (million US dollars)", (10**6, Currency.USD)),
        ("总投资（￥）", (1, Currency.CNY)),
        ("总投资（$）", (1, Currency.USD)),
    ],
)
def test_what_only_looks_like_another_currency_is_none(header, unit):
    assert amount_unit_of(header)[:2] == unit
