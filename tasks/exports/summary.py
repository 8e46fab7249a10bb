"""The official ledger's first sheet: totals by unit, sector and stage, and charts that Excel draws itself."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from xlsxwriter.worksheet import Worksheet

from models.escalation.traffic_light import Light
from models.i18n import gettext as _
from models.ledger.project import TEN_THOUSAND
from models.words import Currency, Sector, Stage
from tasks.documents.excel import A3, BLUE, GREEN, LONG, RED, Book, frame, height, print_across, put
from tasks.exports.facts import Facts

BARS_SHOWN = 30
"""Units a chart has room for."""
WIDTHS = (20, 8, 8, 8, 8, 17, 17, 13, 9, 7, 7, 7, 3)
CHART_COLUMN = len(WIDTHS)
"""Charts stand to the right of the tables, one below the other."""
CHART_HEIGHT, CHART_WIDTH = 300, 600
BAR_HEIGHT, HEAD_HEIGHT = 20, 80
"""Pixels a bar with its name takes, and what stands around the bars."""
NAMES_ACROSS = 8
"""Names of units that fit side by side below columns; more of them stand upright."""
ROOM_FOR_LABELS = 1.3
"""How far the axis of landing rates goes, so that the label of a whole bar stays inside the chart."""
RATE = 8
"""The column of the landing rate."""


@dataclass
class Line:
    """What a group of projects adds up to; amounts in whole yuan and dollars."""

    name: str
    count: int = 0
    landed: int = 0
    exited: int = 0
    amounts: dict[Currency, Decimal] = field(default_factory=lambda: dict.fromkeys(Currency, Decimal(0)))
    lights: dict[Light, int] = field(default_factory=lambda: dict.fromkeys(Light, 0))

    def add(self, facts: Facts) -> None:
        """Count one more project."""
        project = facts.project
        self.count += 1
        self.landed += project.stage is Stage.LANDED
        self.exited += project.stage is Stage.EXITED
        self.amounts[project.currency] += project.amount
        if facts.light:
            self.lights[facts.light] += 1

    @property
    def fraction(self) -> str:
        """The landing rate as what it is made of."""
        return f"{self.landed}/{self.count}"

    @property
    def rate(self) -> float:
        """Projects that landed, of all that were signed."""
        return self.landed / self.count if self.count else 0.0

    def cells(self) -> Sequence[Any]:
        """The line as the sheet shows it."""
        open_ = self.count - self.landed - self.exited
        amounts = [float(amount / TEN_THOUSAND) for amount in self.amounts.values()]
        lights = [self.lights[light] for light in Light]
        return (self.name, self.count, open_, self.landed, self.exited, *amounts, self.fraction, self.rate, *lights)


def header_of(group: str) -> Sequence[str]:
    """The header above such lines."""
    return (
        group,
        _("Number of projects"),
        _("Open"),
        _("Landed"),
        _("Exited"),
        _("Amount (ten thousand yuan)"),
        _("Amount (ten thousand dollars)"),
        _("Landed / signed"),
        _("Landing rate"),
        *(light.label for light in Light),
    )


class Totals:
    """Counts the projects of a ledger by unit, sector and stage, while they pass."""

    def __init__(self, units: dict[int, str]) -> None:
        self._units = units
        self._groups: tuple[dict[Any, Line], ...] = ({}, {}, {})
        self.all = Line("")

    def add(self, facts: Facts) -> None:
        """Count one more project: once, with its responsible unit."""
        project = facts.project
        self.all.add(facts)
        names = (self._units[project.unit_id], project.sector, project.stage)
        for group, name in zip(self._groups, names, strict=True):
            group.setdefault(name, Line(getattr(name, "label", name))).add(facts)

    def by_unit(self) -> list[Line]:
        """The units, those with most projects first."""
        return sorted(self._groups[0].values(), key=lambda line: -line.count)

    def by_sector(self) -> list[Line]:
        """The sectors that occur."""
        return [self._groups[1][sector] for sector in Sector if sector in self._groups[1]]

    def by_stage(self) -> list[Line]:
        """The stages that occur."""
        return [self._groups[2][stage] for stage in Stage if stage in self._groups[2]]


def write_summary(book: Book, sheet: Worksheet, totals: Totals, heading: str, remarks: Iterable[str]) -> None:
    """Fill the sheet: title and remarks, three tables one below the other, charts beside them."""
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    sheet.set_row(0, 26)
    put(sheet, 0, 0, heading, book, book.title)
    row = 1
    for row, remark in enumerate(remarks, start=1):
        put(sheet, row, 0, remark, book, book.note)
    groups = (
        (_("Responsible unit"), totals.by_unit()),
        (_("Sector"), totals.by_sector()),
        (_("Stage"), totals.by_stage()),
    )
    places = []
    for name, lines in groups:
        places.append((row + 3, lines))
        row = _table(book, sheet, row + 2, name, [*lines, _total(totals)])
    if totals.all.count:
        _charts(book, sheet, places)
    print_across(sheet, A3)
    sheet.fit_to_pages(1, 1)


def _total(totals: Totals) -> Line:
    whole = totals.all
    return Line(_("Total"), whole.count, whole.landed, whole.exited, whole.amounts, whole.lights)


def _table(book: Book, sheet: Worksheet, row: int, group: str, lines: Sequence[Line]) -> int:
    """Write the lines below their header; returns the last one's row."""
    sheet.set_row(row, 30)
    for place, text in enumerate(header_of(group)):
        put(sheet, row, place, text, book, book.head)
    for at, line in enumerate(lines, start=row + 1):
        sheet.set_row(at, height(line.name, WIDTHS[0]))
        for place, value in enumerate(line.cells()):
            put(sheet, at, place, value, book, _style(book, place, value, is_total=line is lines[-1]))
    frame(book, sheet, row, row + len(lines), len(header_of(group)))
    return row + len(lines)


def _style(book: Book, place: int, value: Any, *, is_total: bool) -> Any:
    if place == RATE:
        return book.total_rate if is_total else book.rate
    if isinstance(value, str):
        return book.total_text if is_total else book.centred if place else book.text
    if is_total:
        return book.total if value == int(value) else book.total_cents if value >= LONG else book.total_figure
    return None


def _charts(book: Book, sheet: Worksheet, places: Sequence[tuple[int, Sequence[Line]]]) -> None:
    (units_at, units), (sectors_at, sectors), (stages_at, stages) = places
    units = units[:BARS_SHOWN]
    drawn = [
        _by_unit(book, sheet.get_name(), units_at, units),
        _landing(book, sheet.get_name(), units_at, units),
        _shares(book, sheet.get_name(), sectors_at, sectors, _("Projects by sector")),
        _shares(book, sheet.get_name(), stages_at, stages, _("Projects by stage")),
    ]
    bars = max(CHART_HEIGHT, BAR_HEIGHT * len(units) + HEAD_HEIGHT)
    top = 0
    for chart, tall in zip(drawn, (CHART_HEIGHT, bars, CHART_HEIGHT, CHART_HEIGHT), strict=True):
        chart.set_size({"width": CHART_WIDTH, "height": tall})
        sheet.insert_chart(1, CHART_COLUMN, chart, {"y_offset": top})
        top += tall + 10


def _series(sheet: str, at: int, lines: Sequence[Line], column: int, value: Callable[[Line], float]) -> dict[str, Any]:
    """A series over the lines of a table; its values go into the chart too, for viewers that do not look at cells."""
    last = at + len(lines) - 1
    return {
        "categories": [sheet, at, 0, last, 0],
        "values": [sheet, at, column, last, column],
        "categories_data": [line.name for line in lines],
        "values_data": [value(line) for line in lines],
    }


def _by_unit(book: Book, sheet: str, at: int, lines: Sequence[Line]) -> Any:
    chart = book.chart(type="column", subtype="stacked")
    counts: tuple[tuple[str, int, str, Callable[[Line], float]], ...] = (
        (_("Open"), 2, BLUE, lambda line: line.count - line.landed - line.exited),
        (_("Landed"), 3, GREEN, lambda line: line.landed),
        (_("Exited"), 4, RED, lambda line: line.exited),
    )
    for name, column, colour, value in counts:
        series = _series(sheet, at, lines, column, value)
        chart.add_series(series | {"name": name, "fill": {"color": colour}, "gap": 60})
    chart.set_title({"name": _("Projects by unit"), "name_font": {"size": 13}})
    chart.set_legend({"position": "bottom"})
    upright = {"num_font": {"rotation": -90, "size": 8}} if len(lines) > NAMES_ACROSS else {}
    chart.set_x_axis({"interval_unit": 1} | upright)
    chart.set_y_axis({"min": 0, "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    return chart


def _landing(book: Book, sheet: str, at: int, lines: Sequence[Line]) -> Any:
    """The landing rate of each unit; what it is a part of stands at each bar."""
    chart = book.chart(type="bar")
    labels = [{"value": f"{line.rate:.1%} ({line.fraction})"} for line in lines]
    series = _series(sheet, at, lines, RATE, lambda line: line.rate)
    labelled = {"data_labels": {"value": True, "custom": labels}, "fill": {"color": GREEN}, "gap": 50}
    chart.add_series(series | labelled)
    chart.set_title({"name": _("Landing rate by unit (landed / signed)"), "name_font": {"size": 13}})
    chart.set_legend({"none": True})
    chart.set_x_axis({"min": 0, "max": ROOM_FOR_LABELS, "visible": False, "major_gridlines": {"visible": False}})
    chart.set_y_axis({"reverse": True, "interval_unit": 1})
    return chart


def _shares(book: Book, sheet: str, at: int, lines: Sequence[Line], title: str) -> Any:
    chart = book.chart(type="doughnut")
    series = _series(sheet, at, lines, 1, lambda line: line.count)
    chart.add_series(series | {"data_labels": {"category": True, "value": True, "separator": " "}})
    chart.set_title({"name": title, "name_font": {"size": 13}})
    chart.set_legend({"position": "right"})
    return chart
