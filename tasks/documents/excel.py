"""Workbooks: formats, names of sheets, cells. Text is never taken for a formula or a link."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from models.escalation.traffic_light import Light
from models.i18n import current_locale, mark
from models.i18n import gettext as _
from models.office_files.columns import SIDE_SHEETS
from tasks.documents.characters import sheet_title
from tasks.documents.replacing import replacing
from tasks.documents.table import Kind, Plain

DAY = "yyyy-mm-dd"
DAYS = {"zh_CN": 'yyyy"年"m"月"d"日"', "en": DAY}  # how days are shown; the cells are days
LONG = 10**5  # a number above it is shown with two decimals at most; its cell holds them all
FONT = mark("Calibri")
RED, YELLOW, GREEN, GREY, BLUE = "#F8CBAD", "#FFE699", "#C6E0B4", "#EDEDED", "#D9E2F3"
LIGHTS = {Light.RED: RED, Light.YELLOW: YELLOW, Light.GREEN: GREEN}
SAFE = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class Exact(float):
    """A number written with all its figures; XlsxWriter otherwise rounds it to 16."""

    def __format__(self, _spec: str) -> str:
        return repr(float(self))


class Book:
    def __init__(self, workbook: Workbook, day_format: str) -> None:
        self._workbook = workbook
        self._titles: set[str] = {"history"}  # Excel keeps that one to itself
        basis = {"font_name": _(FONT), "font_size": 10, "valign": "vcenter", "text_wrap": True}
        add = workbook.add_format
        self.title = add({"font_name": _(FONT), "font_size": 16, "bold": True, "valign": "vcenter"})
        self.note = add({"font_name": _(FONT), "font_size": 9, "font_color": "#595959", "valign": "vcenter"})
        self.head = add(basis | {"bold": True, "align": "center", "bg_color": BLUE, "border": 1})
        self.computed = add(basis | {"bold": True, "align": "center", "bg_color": GREY, "border": 1})
        self.text = add(basis)
        self.right = add(basis | {"align": "right"})
        self.centred = add(basis | {"align": "center"})
        self.day = add(basis | {"align": "center", "num_format": day_format})
        self.whole = add(basis | {"num_format": "#,##0"})
        self.tenth = add(basis | {"num_format": "0.0"})
        self.figure = add(basis | {"num_format": "#,##0.00####"})
        self.cents = add(basis | {"num_format": "#,##0.00"})
        self.rate = add(basis | {"num_format": "0.0%"})
        total = basis | {"bold": True, "bg_color": GREY}
        self.total = add(total | {"num_format": "#,##0"})
        self.total_figure = add(total | {"num_format": "#,##0.00####"})
        self.total_cents = add(total | {"num_format": "#,##0.00"})
        self.total_text = add(total | {"align": "center"})
        self.total_rate = add(total | {"num_format": "0.0%"})
        self.lights: dict[Light, Format] = {
            light: add(basis | {"align": "center", "bg_color": LIGHTS[light]}) for light in Light
        }
        self.lines = add({"border": 1, "border_color": "#BFBFBF"})
        always = {Kind.SHORT: self.centred, Kind.NUMBER: self.centred, Kind.SHARE: self.rate}
        self.text_styles = {**always, Kind.FIGURE: self.right}
        self.value_styles = {**always, Kind.OWN: self.text}  # Excel itself knows how to fit any number

    def number(self, value: float) -> Format:
        """How a number is shown: with all its figures if they fit a column, never as ####."""
        if value == int(value):
            return self.whole
        return self.figure if abs(value) < LONG else self.cents

    def sheet(self, title: str, *, is_register: bool = False) -> Worksheet:
        """A new sheet, named as Excel allows, unlike others; only a register is named like one."""
        name, count = sheet_title(title), 1
        while name.casefold() in self._titles or (name in SIDE_SHEETS and not is_register):
            count += 1
            name = sheet_title(title, f"（{count}）")
        self._titles.add(name.casefold())
        return self._workbook.add_worksheet(name)

    def chart(self, **options: object) -> Chart:
        return self._workbook.add_chart(options)


@contextmanager
def writing(path: Path, *, is_exchanged: bool = False) -> Iterator[Book]:
    """A new workbook at `path`; a reader finds it there whole, or not at all.

    One that offices fill in or hand back (`is_exchanged`) shows its days as they are typed.
    """
    day_format = DAY if is_exchanged else DAYS[current_locale()]
    with replacing(path) as scratch, Workbook(str(scratch), SAFE) as workbook:
        workbook.set_properties({"title": path.stem, "comments": "Luodi"})
        yield Book(workbook, day_format)


def put(sheet: Worksheet, row: int, column: int, value: Plain, book: Book, style: Format | None = None) -> None:
    """Write one cell as what it is; text stays text, and nothing is an empty cell."""
    if value is None or value == "":
        return
    if isinstance(value, str):
        sheet.write_string(row, column, _plain(value), style or book.text)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, style or book.centred)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style or book.day)
    else:
        number = Exact(value)
        sheet.write_number(row, column, number, style or book.number(number))


def _plain(text: str) -> str:
    """Text that XlsxWriter does not take for rich text, which it would write unescaped."""
    is_rich = text.startswith("<r>") and text.endswith("</r>")
    return f'<r><t xml:space="preserve">{escape(text)}</t></r>' if is_rich else text
