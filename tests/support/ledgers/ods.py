"""Writes .ods workbooks as LibreOffice keeps them: a merged cell says how many rows it covers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from support.ledgers.pages import PLAIN, Cell, Look, Page

KIND = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = {
    name: f"urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0"
    for name, kind in {
        **{name: name for name in ("office", "table", "text", "manifest", "style")},
        "number": "datastyle",
        "fo": "xsl-fo-compatible",
    }.items()
}
for prefix, address in NAMESPACES.items():
    Xml.register_namespace(prefix, address)  # readers know the usual prefixes only
FIGURE_WITH_UNIT = re.compile(r'(#,##)?0(?:\.(0+))?"(.+)"')  # the number formats that are written


def write_ods(path: Path, pages: Sequence[Page]) -> None:
    content = _element("office:document-content")
    looks = {look: None for page in pages for row in page.rows for _value, look in row if look != PLAIN}
    styles = {look: f"ce{number}" for number, look in enumerate(looks)}
    automatic = _element("office:automatic-styles", content)
    for look, name in styles.items():
        _style(automatic, look, name)
    body = _element("office:spreadsheet", _element("office:body", content))
    for page in pages:
        _table(_element("table:table", body, {"table:name": page.title}), page, styles)
    manifest = _element("manifest:manifest")
    for place, kind in (("/", KIND), ("content.xml", "text/xml")):
        _element("manifest:file-entry", manifest, {"manifest:full-path": place, "manifest:media-type": kind})
    with ZipFile(path, "w") as archive:
        archive.writestr("mimetype", KIND, ZIP_STORED)
        archive.writestr("content.xml", Xml.tostring(content, "utf-8"), ZIP_DEFLATED)
        archive.writestr("META-INF/manifest.xml", Xml.tostring(manifest, "utf-8"), ZIP_DEFLATED)


def _style(automatic: Xml.Element, look: Look, name: str) -> None:
    attributes = {"style:name": name, "style:family": "table-cell", "style:parent-style-name": "Default"}
    if figure := FIGURE_WITH_UNIT.fullmatch(look.number_format):
        style = _element("number:number-style", automatic, {"style:name": f"N{name}"})
        thousands, decimals, unit = figure.groups()
        digits = {"number:decimal-places": str(len(decimals or "")), "number:min-integer-digits": "1"}
        _element("number:number", style, digits | ({"number:grouping": "true"} if thousands else {}))
        _element("number:text", style).text = unit
        attributes["style:data-style-name"] = f"N{name}"
    style = _element("style:style", automatic, attributes)
    if look.is_struck:
        _element("style:text-properties", style, {"style:text-line-through-style": "solid"})


def _table(table: Xml.Element, page: Page, styles: Mapping[Look, str]) -> None:
    sizes = {(top, left): (low - top + 1, right - left + 1) for top, left, low, right in page.merged}
    covered = set(_covered(page.merged))
    for number, cells in enumerate(page.rows, 1):
        row = _element("table:table-row", table)
        for place, cell in enumerate(cells, 1):
            if (number, place) in covered:
                _element("table:covered-table-cell", row)
            else:
                _cell(row, cell, sizes.get((number, place), (1, 1)), styles)


def _covered(merged: Iterable[tuple[int, int, int, int]]) -> Iterable[tuple[int, int]]:
    for top, left, low, right in merged:
        places = ((row, column) for row in range(top, low + 1) for column in range(left, right + 1))
        yield from (place for place in places if place != (top, left))


def _cell(row: Xml.Element, cell: Cell, size: tuple[int, int], styles: Mapping[Look, str]) -> None:
    value, look = cell
    attributes: dict[str, str] = {}
    if size != (1, 1):
        attributes = {"table:number-rows-spanned": str(size[0]), "table:number-columns-spanned": str(size[1])}
    if look in styles:
        attributes["table:style-name"] = styles[look]
    attributes |= _typed(value)
    element = _element("table:table-cell", row, attributes)
    for line in str(value).split("\n") if value != "" else ():
        _element("text:p", element).text = line


def _typed(value: Any) -> dict[str, str]:
    if isinstance(value, int | float):
        return {"office:value-type": "float", "office:value": str(value)}
    if isinstance(value, date):
        return {"office:value-type": "date", "office:date-value": value.isoformat()}
    return {"office:value-type": "string"} if value != "" else {}


def _element(name: str, parent: Xml.Element | None = None, attributes: Mapping[str, str] | None = None) -> Xml.Element:
    full = {_full(key): value for key, value in (attributes or {}).items()}
    return Xml.Element(_full(name), full) if parent is None else Xml.SubElement(parent, _full(name), full)


def _full(name: str) -> str:
    prefix, _colon, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"
