import base64
import math
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from xml.sax.saxutils import escape

from tasks.documents.characters import shortened, width
from tasks.documents.charts import Chart

WIDTH, MARGIN, TITLE, LEGEND, AXIS = 760, 16, 34, 24, 52  # pixels: the whole, around it, above and below the bars
BAR, GAP, SIZE = 16, 12, 13
MAX_NAME_LENGTH = 16
FONTS = "'Noto Sans CJK SC','Microsoft YaHei','PingFang SC','Source Han Sans SC',SimHei,sans-serif"
LABEL_ROOM = 110


def svg(chart: Chart) -> str:
    return _Drawing(chart).draw()


def image(chart: Chart) -> str:
    """The chart as an image in Markdown, whole in its address, so that it lies nowhere else."""
    coded = base64.b64encode(svg(chart).encode()).decode()
    return f"![{chart.title}](data:image/svg+xml;base64,{coded})"


def ticks(largest: Decimal, most: Decimal | None) -> list[Decimal]:
    """Round values along the axis, from 0 past the longest bar: four to ten of them."""
    end = most if most is not None else max(largest, Decimal(4))
    step = next(size * 10**power for power in count() for size in (1, 2, 5) if end <= 10 * size * 10**power)
    marks = math.ceil(end / step)
    return [Decimal(step * number) for number in range(marks + 1)]


class _Drawing:
    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.names = [shortened(name, MAX_NAME_LENGTH) for name in chart.names]
        self.left = MARGIN + SIZE + 12 + max(_wide(name) for name in self.names)
        self.bars = 1 if chart.is_stacked else len(chart.series)
        self.top = MARGIN + TITLE + (LEGEND if len(chart.series) > 1 else 0)
        self.row = self.bars * BAR + GAP
        self.bottom = self.top + max(self.row * len(self.names), _wide(chart.names_axis))
        self.ticks = ticks(chart.largest, chart.most)
        self.scale = Decimal(WIDTH - self.left - LABEL_ROOM) / self.ticks[-1]

    def draw(self) -> str:
        height = self.bottom + AXIS
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        )
        parts = [f'{head} font-family="{FONTS}" font-size="{SIZE}" fill="#333">']
        parts += [f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>']
        parts += [_text(WIDTH // 2, MARGIN + 12, self.chart.title, "middle", ' font-size="16" font-weight="bold"')]
        parts += [*self._legend(), *self._grid(), *self._names(), *self._rows(), "</svg>"]
        return "".join(parts)

    def _x(self, value: Decimal | int) -> int:
        return self.left + int(self.scale * value)

    def _legend(self) -> Iterator[str]:
        if len(self.chart.series) == 1:
            return
        x, line = self.left, MARGIN + TITLE
        for series in self.chart.series:
            yield f'<rect x="{x}" y="{line - 10}" width="12" height="12" fill="{series.colour}"/>'
            yield _text(x + 18, line, series.name)
            x += 42 + _wide(series.name)

    def _grid(self) -> Iterator[str]:
        for tick in self.ticks:
            x = self._x(tick)
            yield f'<path d="M{x} {self.top}V{self.bottom}" stroke="{"#999" if not tick else "#e3e3e3"}"/>'
            yield _text(x, self.bottom + 16, f"{tick.normalize():f}", "middle")
        yield _text(self._x(self.ticks[-1] / 2), self.bottom + 38, self.chart.axis, "middle")
        middle = (self.top + self.bottom) // 2
        turned = f' transform="rotate(-90 {MARGIN + 4} {middle})"'
        yield _text(MARGIN + 4, middle, self.chart.names_axis, "middle", turned)

    def _names(self) -> Iterator[str]:
        for number, name in enumerate(self.names):
            yield _text(self.left - 8, self._line(number) + self.bars * BAR // 2 + 5, name, "end")

    def _line(self, number: int) -> int:
        return self.top + GAP // 2 + number * self.row

    def _rows(self) -> Iterator[str]:
        for number in range(len(self.names)):
            x, y = self.left, self._line(number)
            for index, series in enumerate(self.chart.series):
                value = series.values[number]
                length, label = int(self.scale * value), self.chart.label(index, number)
                yield f'<rect x="{x}" y="{y}" width="{length}" height="{BAR - 2}" fill="{series.colour}"/>'
                if self.chart.is_stacked:
                    yield _text(x + length // 2, y + BAR - 4, label, "middle") if length > _wide(label) else ""
                    x += length
                else:
                    yield _text(x + length + 5, y + BAR - 4, label)
                    y += BAR


def _wide(text: str) -> int:
    return width(text, SIZE, SIZE * 6 // 10)


def _text(x: int, y: int, text: str, anchor: str = "start", extra: str = "") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}"{extra}>{escape(text)}</text>'
