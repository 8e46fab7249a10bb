"""The official ledger's first sheet: totals by unit, sector and stage, with native charts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd
from xlsxwriter.chart import Chart
from xlsxwriter.worksheet import Worksheet

from models.escalation.traffic_light import Light
from models.i18n import gettext as _
from models.ledger.project import TEN_THOUSAND
from models.words import Currency, Sector, Stage
from tasks.documents.excel import BLUE, GREEN, RED, Book, put
from tasks.documents.excel_tables import A3, begin, print_across, write_block
from tasks.documents.table import Column, Kind, Table
from tasks.exports.facts import ExportData

BARS_SHOWN = 30  # units a chart has room for
WIDTHS = (20, 8, 8, 8, 8, 17, 17, 13, 9, 7, 7, 7, 3)
CHART_COLUMN = len(WIDTHS)  # charts stand to the right of the tables, one below the other
CHART_HEIGHT, CHART_WIDTH = 300, 600
BAR_HEIGHT, HEAD_HEIGHT = 20, 80  # pixels a bar with its name takes, and what stands around the bars
NAMES_ACROSS = 8  # names of units that fit side by side below columns; more of them stand upright
ROOM_FOR_LABELS = 1.3  # how far the axis of landing rates goes: the label of a whole bar stays inside the chart
CHARTED = {"count": 1, "open": 2, "landed": 3, "exited": 4, "rate": 8}  # columns that charts are drawn of
UNIT, SECTOR, STAGE, CURRENCY, LIGHT = "unit", "sector", "stage", "currency", "light"


@dataclass(frozen=True)
class Line:
    """What a group of projects adds up to; amounts in whole yuan and dollars, to the cent."""

    name: str
    count: int
    landed: int
    exited: int
    amounts: Mapping[Currency, Decimal]
    lights: Mapping[Light, int]

    @property
    def open(self) -> int:
        return self.count - self.landed - self.exited

    @property
    def fraction(self) -> str:
        return f"{self.landed}/{self.count}"

    @property
    def rate(self) -> float:
        return self.landed / self.count if self.count else 0.0


class Totals:
    def __init__(self, units: Mapping[int, str]) -> None:
        self._units = units
        self._counts: Counter[tuple[object, ...]] = Counter()
        self._amounts: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)

    def add(self, data: ExportData) -> None:
        project = data.project
        key = (self._units[project.unit_id], project.sector, project.stage, project.currency, data.light)
        self._counts[key] += 1
        self._amounts[key] += project.amount

    def _groups(self) -> pd.DataFrame:
        rows = [(*key, count, self._amounts[key]) for key, count in self._counts.items()]
        return pd.DataFrame(rows, columns=[UNIT, SECTOR, STAGE, CURRENCY, LIGHT, "count", "amount"], dtype=object)

    def all(self) -> Line:
        return _line(_("Total"), self._groups())

    def by_unit(self) -> list[Line]:
        units = [_line(str(name), group) for name, group in self._groups().groupby(UNIT, sort=False)]
        return sorted(units, key=lambda line: -line.count)

    def by_word(self, column: str, words: Iterable[Sector | Stage]) -> list[Line]:
        groups = dict(iter(self._groups().groupby(column)))
        return [_line(word.label, groups[word]) for word in words if word in groups]


def _line(name: str, group: pd.DataFrame) -> Line:
    stages, lights = (group.groupby(column)["count"].sum() for column in (STAGE, LIGHT))
    amounts = group.groupby(CURRENCY)["amount"].sum()  # Decimals stay Decimals
    return Line(
        name,
        int(group["count"].sum()),
        stages.get(Stage.LANDED, 0),
        stages.get(Stage.EXITED, 0),
        {currency: amounts.get(currency, Decimal(0)) for currency in Currency},
        {light: lights.get(light, 0) for light in Light},
    )


def line_table(group: str, lines: Sequence[Line]) -> Table[Line]:
    """Lines below their header; `group` is what they stand for."""
    return Table(
        [
            Column("name", group, value=lambda line: line.name),
            Column("count", _("Number of projects"), kind=Kind.FIGURE, value=lambda line: line.count),
            Column("open", _("Open"), kind=Kind.FIGURE, value=lambda line: line.open),
            Column("landed", _("Landed"), kind=Kind.FIGURE, value=lambda line: line.landed),
            Column("exited", _("Exited"), kind=Kind.FIGURE, value=lambda line: line.exited),
            _amount(Currency.CNY, _("Amount (ten thousand yuan)")),
            _amount(Currency.USD, _("Amount (ten thousand dollars)")),
            Column("fraction", _("Landed / signed"), kind=Kind.SHORT, value=lambda line: line.fraction),
            Column("rate", _("Landing rate"), kind=Kind.SHARE, value=lambda line: line.rate),
            *map(_light, Light),
        ],
        lines,
    )


def _amount(currency: Currency, head: str) -> Column[Line]:
    return Column(currency, head, kind=Kind.FIGURE, value=lambda line: float(line.amounts[currency] / TEN_THOUSAND))


def _light(light: Light) -> Column[Line]:
    return Column(light, light.label, kind=Kind.FIGURE, value=lambda line: line.lights[light])


def write_summary(book: Book, sheet: Worksheet, totals: Totals, heading: str, remarks: Iterable[str]) -> None:
    """Fill the sheet: title and remarks, three tables one below the other, charts beside them."""
    begin(book, sheet, heading, WIDTHS)
    row = 1
    for row, remark in enumerate(remarks, start=1):
        put(sheet, row, 0, remark, book, book.note)
    whole = totals.all()
    groups = (
        (_("Responsible unit"), totals.by_unit()),
        (_("Sector"), totals.by_word(SECTOR, Sector)),
        (_("Stage"), totals.by_word(STAGE, Stage)),
    )
    places = []
    for name, lines in groups:
        places.append((row + 3, lines))
        row = write_block(book, sheet, row + 2, line_table(name, [*lines, whole]), WIDTHS, has_total=True)
    if whole.count:
        _charts(book, sheet, places)
    print_across(sheet, A3)
    sheet.fit_to_pages(1, 1)


def _charts(book: Book, sheet: Worksheet, places: Sequence[tuple[int, Sequence[Line]]]) -> None:
    (units_at, units), sectors, stages = places
    name, units = sheet.get_name(), units[:BARS_SHOWN]
    charts = (
        (_by_unit(book, name, units_at, units), CHART_HEIGHT),
        (_landing(book, name, units_at, units), max(CHART_HEIGHT, BAR_HEIGHT * len(units) + HEAD_HEIGHT)),
        (_shares(book, name, *sectors, _("Projects by sector")), CHART_HEIGHT),
        (_shares(book, name, *stages, _("Projects by stage")), CHART_HEIGHT),
    )
    top = 0
    for chart, tall in charts:
        chart.set_size({"width": CHART_WIDTH, "height": tall})
        sheet.insert_chart(1, CHART_COLUMN, chart, {"y_offset": top})
        top += tall + 10


def _series(sheet: str, top: int, lines: Sequence[Line], key: str) -> dict[str, object]:
    """A series over a table's lines; values are in the chart too: some viewers ignore cells."""
    column, last = CHARTED[key], top + len(lines) - 1
    return {
        "categories": [sheet, top, 0, last, 0],
        "values": [sheet, top, column, last, column],
        "categories_data": [line.name for line in lines],
        "values_data": [getattr(line, key) for line in lines],
    }


def _by_unit(book: Book, sheet: str, top: int, lines: Sequence[Line]) -> Chart:
    chart = book.chart(type="column", subtype="stacked")
    bars = {"open": (_("Open"), BLUE), "landed": (_("Landed"), GREEN), "exited": (_("Exited"), RED)}
    for key, (name, colour) in bars.items():
        chart.add_series(_series(sheet, top, lines, key) | {"name": name, "fill": {"color": colour}, "gap": 60})
    chart.set_title({"name": _("Projects by unit"), "name_font": {"size": 13}})
    chart.set_legend({"position": "bottom"})
    upright = {"num_font": {"rotation": -90, "size": 8}} if len(lines) > NAMES_ACROSS else {}
    chart.set_x_axis({"interval_unit": 1} | upright)
    chart.set_y_axis({"min": 0, "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    return chart


def _landing(book: Book, sheet: str, top: int, lines: Sequence[Line]) -> Chart:
    chart = book.chart(type="bar")
    labels = [{"value": f"{line.rate:.1%} ({line.fraction})"} for line in lines]
    labelled = {"data_labels": {"value": True, "custom": labels}, "fill": {"color": GREEN}, "gap": 50}
    chart.add_series(_series(sheet, top, lines, "rate") | labelled)
    chart.set_title({"name": _("Landing rate by unit (landed / signed)"), "name_font": {"size": 13}})
    chart.set_legend({"none": True})
    chart.set_x_axis({"min": 0, "max": ROOM_FOR_LABELS, "visible": False, "major_gridlines": {"visible": False}})
    chart.set_y_axis({"reverse": True, "interval_unit": 1})
    return chart


def _shares(book: Book, sheet: str, top: int, lines: Sequence[Line], title: str) -> Chart:
    chart = book.chart(type="doughnut")
    labelled = {"data_labels": {"category": True, "value": True, "separator": " "}}
    chart.add_series(_series(sheet, top, lines, "count") | labelled)
    chart.set_title({"name": title, "name_font": {"size": 13}})
    chart.set_legend({"position": "right"})
    return chart
