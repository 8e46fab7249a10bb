"""What the form of columns says becomes a mapping, or is refused."""

import pytest

from deployments.desk.routes.columns import mapping_of
from deployments.doors.refusal import RequestRefused
from models.i18n import LOCALES, use_locale
from models.office_files.rows import UsedColumn
from tasks.imports.columns_shown import _column_cells, _column_heads, shown_columns


def column(letter: str, header: str, field: str, unit: str = "", sheets: str = "台账") -> UsedColumn:
    return UsedColumn(sheets, letter, header, field, unit, field, "")


COLUMNS = [
    column("A", "序号", ""),
    column("B", "工程", "extra"),
    column("C", "总额", "amount", "万元"),
    column("D", "备注", "extra"),
    column("E", "备注", "extra"),
    column("F", "长" * 300, "extra"),
]
FIELDS = {"field-0": "", "field-1": "name", "field-2": "amount", "field-3": "extra", "field-5": "progress"}


def test_every_column_that_can_be_told_apart_is_in_the_mapping():
    assert mapping_of(COLUMNS, FIELDS) == {"工程": "name", "总额": "amount", "备注": "extra"}


def test_only_amounts_have_a_unit():
    units = {f"unit-{index}": "亿元" for index in range(6)}
    assert mapping_of(COLUMNS, FIELDS | units) == {"工程": "name", "总额": "amount 亿元", "备注": "extra"}


@pytest.mark.parametrize(
    "wrong",
    [{"field-3": "name"}, {"field-1": "password"}, {"unit-2": "斤"}, {"field-1": "name; drop"}],
    ids=["one field twice", "no field", "no unit", "more than a field"],
)
def test_what_no_mapping_says_is_refused(wrong):
    with pytest.raises(RequestRefused) as refused:
        mapping_of(COLUMNS, FIELDS | wrong)
    assert refused.value.status == 400


def test_one_header_on_two_sheets_means_one_field():
    columns = [column("A", "工程", "extra"), column("A", "工程", "extra", sheets="范县")]
    assert mapping_of(columns, {"field-0": "name", "field-1": "name"}) == {"工程": "name"}
    with pytest.raises(RequestRefused):
        mapping_of(columns, {"field-0": "name", "field-1": "progress"})


@pytest.mark.parametrize("locale", LOCALES)
def test_the_desk_reads_the_table_that_an_import_shows(locale):
    with use_locale(locale):
        rows = [dict(zip(_column_heads(), _column_cells(shown), strict=True)) for shown in COLUMNS]
    assert shown_columns(rows) == COLUMNS
