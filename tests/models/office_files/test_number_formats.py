"""What a cell shows of a number, by its number format."""

from decimal import Decimal

import pytest

from models.office_files.amounts.amounts import UNKNOWN_UNIT, AmountUnit, amount_unit_of
from models.office_files.amounts.number_formats import LONGEST_FORMAT, appearance, is_telling
from models.office_files.amounts.shown_amounts import shown_amount
from models.office_files.cells import BadCell, plain
from models.office_files.reading import kept
from models.office_files.sheets.sheet import Shown
from models.words import Currency

pytestmark = pytest.mark.usefixtures("in_english")

ACCOUNTING = '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ '
STEPS = '[>=100000000]0!.00,,"亿元";[>=10000]0!.0,"万元";0"元"'


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (5000, '0.0"万元"', "5000.0万元"),
        (1.2, '0"亿元"', "1.2亿元"),
        (50001234.5, '0!.0,"万元"', "5000.12345万元"),
        (50000000, '0!.0000"万元"', "5000.0000万元"),
        (5000000, '0.0,"千元"', "5000.0千元"),
        (120000000, STEPS, "1.20亿元"),
        (50000, STEPS, "5.0万元"),
        (500, STEPS, "500元"),
        (0.515, "0%", "51.5%"),
        (12, "00000", "00012"),
        (1, '"PY-"000', "PY-001"),
        (20130609, "0000-00-00", "2013-06-09"),
        (12345, '0"亿"0000"万元"', "1亿2345万元"),
        (5000, 'General"万元"', "5000万元"),
        (5000, 'G/通用格式"万元"', "5000万元"),
        (5000, r"0\万\元", "5000万元"),
        (5000, ACCOUNTING, "¥5000.00"),
        (-5000, ACCOUNTING, "¥-5000.00"),
        (0, ACCOUNTING, "¥-"),
        (5000, "[$$-409]#,##0.00", "$5000.00"),
        (5000, "[$HK$]#,##0", "HK$5000"),
        (5000, "[$€-2] 0", "€ 5000"),
        (-5, '#,##0"元";[Red]-#,##0"元"', "-5元"),
        (-5, '0"元"', "-5元"),
    ],
)
def test_a_cell_shows_what_its_number_format_makes_of_the_number(value, code, shown):
    assert is_telling(code)
    found = appearance(value, code)
    assert found is not None
    assert found.text == shown


@pytest.mark.parametrize(
    "code",
    [
        *(
            "General",
            "0.00",
            "#,##0.00",
            "#,##0_);(#,##0)",
            "0.00_ ",
            "[Red]0",
            "@",
            "",
            "0;-0;;@",
            "#,##0;[Red]-#,##0",
        ),
        *("yyyy-mm-dd", 'm"月"d"日"', "[$-804]aaaa", "h:mm", "[h]:mm", "0.00E+00", "# ?/?", "[DBNum2]General"),
    ],
)
def test_formats_that_only_round_or_show_days_tell_nothing(code):
    assert not is_telling(code)


@pytest.mark.parametrize(
    "code", ["[", '"', "\\", "_", "*", "[$", "[>=", "[>=1]", "0;0;0;0;0;0", ";", "0" * 300, "[=>5]0", "."]
)
def test_a_faulty_format_harms_nothing(code):
    assert is_telling(code) in {True, False}
    for value in (0.0, -1.5, 5e300, 1e-300):
        appearance(value, code)
    assert not is_telling('0"万元"' + " " * LONGEST_FORMAT)


YUAN, WAN, YI, WAN_DOLLARS = (amount_unit_of(f"总投资（{unit}）") for unit in ("元", "万元", "亿元", "万美元"))


@pytest.mark.parametrize(
    ("value", "code", "unit", "yuan"),
    [
        (5000, '0.0"万元"', WAN, 50_000_000),
        (5000, '0.0"万元"', UNKNOWN_UNIT, 50_000_000),
        (5000, '0.0"万"', WAN, 50_000_000),
        (50, '0"万"', WAN, 500_000),
        (1.2, '0"亿元"', UNKNOWN_UNIT, 120_000_000),
        (12345678, '0!.0,"万元"', WAN, 12_345_678),
        (50000000, "0!.0,", WAN, 50_000_000),
        (5000, ACCOUNTING, WAN, 50_000_000),
        (0, ACCOUNTING, WAN, 0),
        (0, '0"亿元"', WAN, 0),
        (5000, '"约"0', WAN, 50_000_000),
        (1.5, "00.0", YI, 150_000_000),
    ],
)
def test_an_amount_is_what_the_reader_of_the_sheet_sees(value, code, unit, yuan):
    assert shown_amount(Shown(value, code), unit) == (Decimal(yuan), Currency.CNY)


def test_the_sign_of_dollars_is_the_currency_and_leaves_the_size_to_the_header():
    assert shown_amount(Shown(5000, "[$$-409]#,##0"), WAN_DOLLARS) == (Decimal(50_000_000), Currency.USD)
    assert shown_amount(Shown(5000, '0"万"'), WAN_DOLLARS) == (Decimal(50_000_000), Currency.USD)


@pytest.mark.parametrize(
    ("value", "code", "unit", "suggestion"),
    [
        (1.2, '0.0"亿元"', WAN, "1.2亿元"),
        (5000, '0.0"万元"', YI, "5000.0万元"),
        (5000, '0"元"', WAN, "5000元"),
        (5000, '0"万美元"', WAN, "5000万美元"),
        (5000, '0!.0,"万"', YI, "0.5万"),
        (5000, '0"万"', YUAN, "5000万"),
    ],
)
def test_a_shown_unit_that_disagrees_with_the_header_is_named(value, code, unit, suggestion):
    with pytest.raises(BadCell, match="shows another unit") as refusal:
        shown_amount(Shown(value, code), unit)
    assert refusal.value.suggestion == suggestion


@pytest.mark.parametrize(
    ("value", "code", "unit", "suggestion"),
    [
        (5000, "[$$-409]#,##0", WAN, "5000万美元"),
        (5000, ACCOUNTING, WAN_DOLLARS, "5000万元"),
    ],
)
def test_a_shown_currency_that_disagrees_with_the_header_is_named(value, code, unit, suggestion):
    with pytest.raises(BadCell, match="names another currency") as refusal:
        shown_amount(Shown(value, code), unit)
    assert refusal.value.suggestion == suggestion


@pytest.mark.parametrize(
    ("value", "code", "yuan"),
    [(50_000_000, '0!.0,"万"', 50_000_000), (50_000_000, '0!.0,"万元"', 50_000_000), (6e8, '0.00,,"百万"', 6e8)],
)
def test_an_amount_in_yuan_that_its_cell_shows_scaled_is_that_amount(value, code, yuan):
    assert shown_amount(Shown(value, code), YUAN) == (Decimal(yuan), Currency.CNY)


@pytest.mark.parametrize(
    ("code", "unit", "says"),
    [
        (ACCOUNTING, UNKNOWN_UNIT, "says the unit"),
        ("[$$-409]0", UNKNOWN_UNIT, "says the unit"),
        ("0.0,", UNKNOWN_UNIT, "says the unit"),
        ("[$€-2] 0", WAN, "in €, neither in yuan nor in US dollars"),
        ("[$HK$]0", WAN, r"in HK\$, neither in yuan nor in US dollars"),
        ("[$$-C09]0", WAN, "not an amount"),
        ("[$¥-411]0", WAN, "not an amount"),
        ('0"万港元"', WAN, "in 港元, neither in yuan nor in US dollars"),
        ('0"亩"', WAN, "not an amount"),
        ("0%", WAN, "percentage"),
        (";;;", WAN, "hides"),
        ('0.0"亿"', amount_unit_of("总投资（亿元/亿美元）"), "names yuan and dollars"),
        ("[$$-409]0.0", amount_unit_of("总投资（亿元/亿美元）"), "names yuan and dollars"),
    ],
)
def test_what_is_shown_in_no_known_unit_is_no_amount(code, unit, says):
    with pytest.raises(BadCell, match=says):
        shown_amount(Shown(5000, code), unit)


def test_a_header_that_names_two_currencies_takes_the_one_that_is_shown():
    either = AmountUnit(None, Currency.CNY, is_either=True)
    assert shown_amount(Shown(1.2, '0.0"亿美元"'), either) == (Decimal(120_000_000), Currency.USD)


def test_numbers_that_look_unlike_are_not_one_cell():
    cells = {5000.0, Shown(5000, '0"万元"'), Shown(5000, '0"亿元"'), Shown(5000, '0"万元"')}
    assert len(cells) == 3
    assert Shown(5000, '0"万元"') != 5000.0
    assert Shown(5000, '0"万元"') != 5000.0


@pytest.mark.parametrize(
    ("value", "code", "result"),
    [
        (0.515, "0%", "51.5%"),
        (120, '0"亩"', "120亩"),
        (12, "00000", "00012"),
        (5000, ACCOUNTING, 5000),
        (5000.5, ACCOUNTING, 5000.5),
        (5000, "[$$-409]0", "$5000"),
        (50000000, "0!.0,", 5000),
        (0.5, "00.0", "00.5"),
    ],
)
def test_a_number_without_a_field_is_kept_as_its_cell_shows_it(value, code, result):
    cell = kept(Shown(value, code))
    assert cell == result
    assert type(cell) is type(result)


def test_a_text_is_what_the_cell_shows():
    assert plain(Shown(1, '"PY-"000')) == "PY-001"
    assert plain(Shown(5000, ";;;")) == "5000"
