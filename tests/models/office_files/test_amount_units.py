"""An amount whose unit or currency nobody gives, or that two units fit, is named, never guessed."""

import re
from decimal import Decimal

import pytest

from models.office_files.amounts.amounts import amount_unit_of, parse_amount
from models.office_files.cells import BadCell, plain
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


@pytest.mark.parametrize(
    ("cell", "header", "amount"),
    [
        ("￥5000", "总投资（万元）", "50000000 CNY"),
        ("¥5,000.00", "总投资（万元）", "50000000 CNY"),
        ("CN¥1.2", "总投资（亿元）", "120000000 CNY"),
        ("5000人民币", "总投资（万元）", "50000000 CNY"),
        ("约RMB 5000", "总投资（万元）", "50000000 CNY"),
        ("$500", "合同外资（万美元）", "5000000 USD"),
        ("USD 500", "合同外资（万美元）", "5000000 USD"),
        ("￥5000万", "总投资（万元）", "50000000 CNY"),
        ("￥5000元", "总投资（万元）", "5000 CNY"),
        ("人民币5000元", "总投资（万元）", "5000 CNY"),
        ("500美元", "合同外资（万美元）", "500 USD"),
        ("$500万", "总投资（万元）", "5000000 USD"),
        ("￥80,000,000.00", "总投资", "80000000 CNY"),
        ("$0", "总投资（万元）", "0 USD"),
    ],
)
def test_a_bare_sign_of_money_is_the_currency_and_leaves_the_size_to_the_header(cell, header, amount):
    figure, currency = parse_amount(cell, amount_unit_of(header))
    assert f"{figure.normalize():f} {currency}" == amount


@pytest.mark.parametrize(
    ("cell", "header", "suggestion", "says"),
    [
        ("￥5000", "总投资", "5000万元", "says the unit"),
        ("$5000", "总投资", "", "says the unit"),
        ("$500", "总投资（万元）", "500万美元", "another currency"),
        ("￥5000", "合同外资（万美元）", "5000万元", "another currency"),
        ("￥80000000", "合同外资（万美元）", "80000000元", "another currency"),
        ("￥6.5万", "合同外资（万美元）", "", "another currency"),
        ("￥6.5万", "总投资（万元）", "65000万元", "can mean"),
        ("￥80,000,000.00", "总投资（万元）", "8000万元", "can mean"),
        ("$3", "总投资（亿元/亿美元）", "", "yuan and dollars"),
        ("人民币500美元", "总投资（万元）", "", "not an amount"),
    ],
)
def test_a_bare_sign_of_money_that_fits_no_header_is_named(cell, header, suggestion, says):
    lines = read_column(header.replace("合同外资", "总投资"), "50000万元", cell)
    assert named(lines) == [(plain(cell), suggestion)]
    assert says in lines.problems[0].reason


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("一亿", 10**8),
        ("五千万元", 5 * 10**7),
        ("十亿元", 10**9),
        ("两亿", 2 * 10**8),
        ("一亿二千万元", 12 * 10**7),
        ("一亿零五百万元", 105 * 10**6),
        ("一千二百万元", 12 * 10**6),
        ("三千零五十万", 3050 * 10**4),
        ("一百一十五亿", 115 * 10**8),
        ("三点五亿元", 35 * 10**7),
        ("约一亿元", 10**8),
        ("人民币壹亿元整", 10**8),
        ("伍仟万圆整", 5 * 10**7),
        ("三億元", 3 * 10**8),
    ],
)
def test_a_figure_in_chinese_signs_is_read(cell, amount):
    for header in ("总投资（万元）", "总投资"):
        assert parse_amount(cell, amount_unit_of(header)) == (amount, Currency.CNY)
    assert parse_amount(cell.replace("元", "美元").replace("圆", "美元").replace("人民币", "")).figure == amount


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "几千万",
            "数十亿",
            "十几亿",
            "二三十亿",
            "五六千万",
            "三、四亿",
            "一亿二",
            "三万五",
            "一二亿",
            "十万亿",
            "百万元",
            "亿元",
        ),
        *("一至二亿元", "二〇一三万", "一亿五百", "上十亿", "千万"),
    ],
)
def test_a_figure_in_chinese_signs_that_is_not_sure_is_refused(cell):
    with pytest.raises(BadCell) as refusal:
        parse_amount(cell, amount_unit_of("总投资（万元）"))
    assert refusal.value.suggestion == ""


@pytest.mark.parametrize(
    ("cell", "suggestion"),
    [
        ("5000余万元", "5000万元"),
        ("5000余万", "5000万"),
        ("5000多", "5000万元"),
        ("5000左右", "5000万元"),
        ("近5000万元", "5000万元"),
        ("超过1.2亿元", "1.2亿元"),
        ("3亿多元", "3亿元"),
        ("近十亿元", "10亿元"),
        ("不低于5000万美元", "5000万美元"),
        ("5000（暂定）", "5000万元"),
        ("5000万元（其中固定资产3000万元）", "5000万元"),
        ("￥5000多", "5000万元"),
        ("几千万左右", ""),
    ],
)
def test_an_amount_that_is_not_exact_is_refused_with_its_figure_as_suggestion(cell, suggestion):
    with pytest.raises(BadCell, match="not an amount") as refusal:
        parse_amount(cell, amount_unit_of("总投资（万元）"))
    assert refusal.value.suggestion == suggestion


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


@pytest.mark.parametrize(("cell", "currency"), [("500港币", "港币"), ("HK$5000", "HK$"), ("5000万欧元左右", "欧元")])
def test_a_cell_in_another_currency_is_told_which_it_is(cell, currency):
    with pytest.raises(BadCell, match=re.escape(f"This is in {currency}, neither in yuan nor in US dollars")):
        parse_amount(cell, amount_unit_of("总投资（万元）"))


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
