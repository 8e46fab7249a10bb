"""Writes .ods workbooks as LibreOffice keeps them: a merged cell says how many rows it covers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

KIND = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = {
    name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "table", "text", "manifest")
}
for prefix, address in NAMESPACES.items():
    Xml.register_namespace(prefix, address)  # readers know the usual prefixes only
Grid = Sequence[Sequence[Any]]
Merged = Iterable[tuple[int, int, int]]  # first row, last row, column; all from 1


def write_ods(path: Path, sheets: Mapping[str, Grid], merged: Merged = ()) -> None:
    """Write sheets of texts, figures and days; `merged` are cells of the first sheet."""
    content = _element("office:document-content")
    body = _element("office:spreadsheet", _element("office:body", content))
    for title, grid in sheets.items():
        _table(_element("table:table", body, {"table:name": title}), grid, merged)
        merged = ()
    manifest = _element("manifest:manifest")
    for place, kind in (("/", KIND), ("content.xml", "text/xml")):
        _element("manifest:file-entry", manifest, {"manifest:full-path": place, "manifest:media-type": kind})
    with ZipFile(path, "w") as archive:
        archive.writestr("mimetype", KIND, ZIP_STORED)
        archive.writestr("content.xml", Xml.tostring(content, "utf-8"), ZIP_DEFLATED)
        archive.writestr("META-INF/manifest.xml", Xml.tostring(manifest, "utf-8"), ZIP_DEFLATED)


def _table(table: Xml.Element, grid: Grid, merged: Merged) -> None:
    heights = {(first, column): last - first + 1 for first, last, column in merged}
    covered = {(row, column) for first, last, column in merged for row in range(first + 1, last + 1)}
    for number, cells in enumerate(grid, 1):
        row = _element("table:table-row", table)
        for place, value in enumerate(cells, 1):
            if (number, place) in covered:
                _element("table:covered-table-cell", row)
            else:
                _cell(row, value, heights.get((number, place), 1))


def _cell(row: Xml.Element, value: Any, height: int) -> None:
    attributes = {"table:number-rows-spanned": str(height), "table:number-columns-spanned": "1"} if height > 1 else {}
    if isinstance(value, int | float):
        attributes |= {"office:value-type": "float", "office:value": str(value)}
    elif isinstance(value, date):
        attributes |= {"office:value-type": "date", "office:date-value": value.isoformat()}
    elif value != "":
        attributes["office:value-type"] = "string"
    cell = _element("table:table-cell", row, attributes)
    if value != "":
        _element("text:p", cell).text = str(value)


def _element(name: str, parent: Xml.Element | None = None, attributes: Mapping[str, str] | None = None) -> Xml.Element:
    full = {_full(key): value for key, value in (attributes or {}).items()}
    return Xml.Element(_full(name), full) if parent is None else Xml.SubElement(parent, _full(name), full)


def _full(name: str) -> str:
    prefix, _colon, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"
