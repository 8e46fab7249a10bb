"""The styles of an .ods workbook: their number formats, and what they strike through."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import IO
from zipfile import ZipFile

from tasks.imports.workbook.marks.look import PLAIN, Look, Strike, look_of

MOST_DIGITS = 30
NUMBER_STYLES = {"number-style", "currency-style", "percentage-style", "text-style"}


@dataclass
class _Style:
    """A style of cells or of letters; None is what its parent says."""

    parent: str
    number_format: str | None = None  # the name of a style of numbers
    is_struck: bool | None = None


class OdsStyles:
    """The styles of cells and of letters that tell something."""

    def __init__(self, archive: ZipFile) -> None:
        self.is_whole = True
        self._codes: dict[str, str] = {}
        self._styles: dict[tuple[str, str], _Style] = {}
        for name in ("styles.xml", "content.xml"):
            if name in archive.namelist():
                with archive.open(name) as stream:
                    self._read(stream)
        self.looks = {
            name: look
            for family, name in self._styles
            if family == "table-cell" and (look := self._look(name)) != PLAIN
        }
        self.looks_by_name = {
            escape(name).encode(): look for name, look in self.looks.items()
        }  # as the tables write it
        self.struck_letters = {name for family, name in self._styles if family == "text" and self.strikes_letters(name)}

    def _read(self, stream: IO[bytes]) -> None:
        try:
            for element in _styles_of(stream):
                kind, name = _kind(element), _value(element, "name")
                if kind == "style":
                    self._styles[_value(element, "family"), name] = _style(element)
                else:
                    self._codes[name] = _code(element, self._codes)
        except ET.ParseError:
            self.is_whole = False

    def _look(self, name: str) -> Look:
        number_format = self._inherited("table-cell", name, "number_format")
        strike = Strike.WHOLE if self._inherited("table-cell", name, "is_struck") else Strike.NONE
        return look_of(self._codes.get(str(number_format), ""), strike)

    def strikes_letters(self, name: str) -> bool | None:
        """Whether letters of a style are struck through; None if it says nothing of it."""
        is_struck = self._inherited("text", name, "is_struck")
        return None if is_struck is None else bool(is_struck)

    def _inherited(self, family: str, name: str, part: str) -> object:
        for _generation in range(20):
            style = self._styles.get((family, name))
            if style is None:
                return None
            if (value := getattr(style, part)) is not None:
                return value
            name = style.parent
        return None


def _styles_of(stream: IO[bytes]) -> Iterator[ET.Element]:
    """The styles of cells, letters and numbers in a part, which come before its tables."""
    depth = 0
    for event, element in ET.iterparse(stream, ("start", "end")):  # noqa: S314 - expat bounds entities, the process memory
        if event == "start":
            if _kind(element) in ("body", "master-styles"):
                return
            depth += 1
            continue
        depth -= 1
        if depth == 2 and (_kind(element) == "style" or _kind(element).endswith(("number-style", "-style"))):
            yield element
            element.clear()


def _style(element: ET.Element) -> _Style:
    style = _Style(_value(element, "parent-style-name"), _value(element, "data-style-name") or None)
    for properties in element:
        if _kind(properties) == "text-properties":
            line = _value(properties, "text-line-through-style") or _value(properties, "text-line-through-type")
            style.is_struck = line != "none" if line else None
    return style


def _code(style: ET.Element, codes: Mapping[str, str]) -> str:
    """A style of numbers as Excel writes a number format; empty for days, texts and yes or no."""
    if _kind(style) not in NUMBER_STYLES:
        return ""
    sections = []
    for element in style:
        if _kind(element) == "map":
            condition = _value(element, "condition").replace("value()", "").replace("!=", "<>")
            sections.append(f"[{condition}]{codes.get(_value(element, 'apply-style-name'), '')}")
    code = "".join(map(_piece, style))
    if _kind(style) == "text-style":  # the numbers have sections of their own
        return ";".join(sections)
    return ";".join([*sections, code.replace("\\%", "%") if _kind(style) == "percentage-style" else code])


def _piece(element: ET.Element) -> str:
    kind, text = _kind(element), element.text or ""
    if kind == "number":
        return _digits(element)
    if kind == "text":
        return _literal(text)
    if kind == "currency-symbol" and text:
        place = "-".join(filter(None, (_value(element, "language"), _value(element, "country"))))
        return f"[${text.replace(']', '')}-{place}]"
    return "0E+0" if kind in ("scientific-number", "fraction") else ""


def _literal(text: str) -> str:
    return "".join(f"\\{sign}" for sign in text)


def _digits(element: ET.Element) -> str:
    shortest = min(number(_value(element, "min-integer-digits"), 0), MOST_DIGITS)
    inner = {number(_value(part, "position"), 0): _literal(part.text or "") for part in element}
    longest = max(1, shortest, *(place + 1 for place in inner if place < MOST_DIGITS))
    whole = [("0" if place < shortest else "#") + inner.get(place, "") for place in reversed(range(longest))]
    decimals = "0" * min(
        number(_value(element, "min-decimal-places") or _value(element, "decimal-places"), 0), MOST_DIGITS
    )
    thousands = "," * ((len(str(number(_value(element, "display-factor")))) - 1) // 3)
    return "".join(whole) + ("." + decimals if decimals else "") + thousands


def _kind(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _value(element: ET.Element, name: str) -> str:
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), "")


def number(text: str | None, otherwise: int = 1) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise
