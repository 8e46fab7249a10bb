from collections.abc import Sequence
from decimal import Decimal

from xlsxwriter.chart import Chart as ExcelChart
from xlsxwriter.worksheet import Worksheet

from tasks.documents.charts import Chart
from tasks.documents.excel import Book, put

WIDTH, BAR, GAP, AROUND = 640, 18, 12, 150  # pixels: a chart, a bar, between the names, around them all


def write_data(book: Book, sheet: Worksheet, row: int, chart: Chart) -> int:
    """Write the chart's values from `row` down below their header; returns the row below them."""
    for column, head in enumerate((chart.names_axis, *(series.name for series in chart.series))):
        put(sheet, row, column, head, book, book.head)
    for number, name in enumerate(chart.names):
        put(sheet, row + 1 + number, 0, name, book)
        for column, series in enumerate(chart.series, start=1):
            value = series.values[number]
            put(sheet, row + 1 + number, column, value, book, book.tenth if isinstance(value, Decimal) else None)
    return row + 1 + len(chart.names)


def native(book: Book, sheet: str, row: int, chart: Chart) -> ExcelChart:
    """The chart of the values that `write_data` wrote into the sheet from `row` down."""
    drawn = book.chart(type="bar", **({"subtype": "stacked"} if chart.is_stacked else {}))
    for column, series in enumerate(chart.series, start=1):
        first, last = row + 1, row + len(chart.names)
        drawn.add_series(
            {
                "name": series.name,
                "categories": [sheet, first, 0, last, 0],
                "values": [sheet, first, column, last, column],
                "categories_data": list(chart.names),
                "values_data": [float(value) for value in series.values],
                "fill": {"color": series.colour},
                "gap": 50,
                "data_labels": _labels(chart, column - 1),
            }
            | ({"overlap": 100} if chart.is_stacked else {})
        )
    _dress(drawn, chart)
    return drawn


def _labels(chart: Chart, series: int) -> dict[str, object]:
    texts: Sequence[str] = [chart.label(series, number) for number in range(len(chart.names))]
    custom = [{"value": text} if text else {"delete": True} for text in texts]
    return {"value": True, "custom": custom, "font": {"size": 9}}


def _dress(drawn: ExcelChart, chart: Chart) -> None:
    title, axis, small = {"size": 13}, {"size": 10, "bold": False}, {"size": 9}
    drawn.set_title({"name": chart.title, "name_font": title, "overlay": False})
    drawn.set_legend({"position": "bottom"} if len(chart.series) > 1 else {"none": True})
    end = {"max": float(chart.most)} if chart.most is not None else {}
    lines = {"visible": True, "line": {"color": "#D9D9D9"}}
    drawn.set_x_axis(
        {"name": chart.axis, "name_font": axis, "num_font": small, "min": 0, "major_gridlines": lines} | end
    )
    names = {"name": chart.names_axis, "name_font": axis, "num_font": small}
    drawn.set_y_axis(names | {"reverse": True, "crossing": "max", "interval_unit": 1})  # values stand below
    drawn.set_size({"width": WIDTH, "height": height(chart)})


def height(chart: Chart) -> int:
    """Pixels the chart needs so that every name and bar is seen."""
    bars = 1 if chart.is_stacked else len(chart.series)
    return AROUND + len(chart.names) * (BAR * bars + GAP)
