"""What the columns of an imported file were taken for: as a table, and on the report's page."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from prefect.artifacts import create_table_artifact

from models.i18n import gettext as _
from models.office_files.columns import EXTRA
from models.office_files.rows import UsedColumn
from models.office_files.sheets.mapping import field_label
from tasks.documents.markdown import cell, table

COLUMNS_SHOWN = 200
COLUMNS_KEY = "ledger-import-columns"  # of the table that the desk reads again


def show_columns(columns: Sequence[UsedColumn]) -> None:
    """Show what each column was taken for, as a table that the desk reads again."""
    if columns:
        rows = [dict(zip(_column_heads(), _column_cells(column), strict=True)) for column in _chosen(columns)]
        create_table_artifact(rows, key=COLUMNS_KEY, description=_("What each column was taken for"))


def shown_columns(rows: Iterable[Mapping[str, str]]) -> list[UsedColumn]:
    """The columns of such a table, whatever language its heads are in."""
    columns = []
    for row in rows:
        sheets, letter, header, _label, unit, value, remark = row.values()
        columns.append(UsedColumn(sheets, letter, header, value.partition(" ")[0], unit, value, remark))
    return columns


def _column_heads() -> tuple[str, ...]:
    return _("Sheet"), _("Column"), _("Header"), _("Taken for"), _("Unit of amounts"), _("In `mapping`"), _("Remark")


def _column_cells(column: UsedColumn) -> tuple[str, ...]:
    label = field_label(column.field)
    return column.sheets, column.letter, column.header, label, column.unit, column.value, column.remark


def columns_page(columns: Sequence[UsedColumn]) -> list[str]:
    """What each column was taken for, by sheet; above all those from which nothing is read."""
    page: list[str] = []
    for sheets, of_sheets in groupby(_chosen(columns), lambda column: column.sheets):
        title = _("Columns of %(sheets)s") % {"sheets": cell(sheets)}
        rows = [
            (column.letter, column.header, field_label(column.field), column.unit, column.remark)
            for column in of_sheets
        ]
        heads = _("Column"), _("Header"), _("Taken for"), _("Unit of amounts"), _("Remark")
        page += ["", f"## {title}", "", table(heads, rows)]
    if len(columns) > COLUMNS_SHOWN:
        page += ["", _("… and %(count)s more.") % {"count": len(columns) - COLUMNS_SHOWN}]
    return page


def _chosen(columns: Sequence[UsedColumn]) -> list[UsedColumn]:
    """The columns that are shown, in their order: where there are too many, what is only kept."""
    kept_first = sorted(range(len(columns)), key=lambda index: columns[index].field != EXTRA)
    return [columns[index] for index in sorted(kept_first[:COLUMNS_SHOWN])]
