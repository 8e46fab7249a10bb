"""Writes .xls workbooks as Excel 97 keeps them, no more of them than ledgers need."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from struct import pack

from support.ledgers.pages import Look, Page

SECTOR, SMALLEST = 512, 4096  # bytes; shorter streams would be kept elsewhere
END, FREE, OF_TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
FIRST_FORMAT, DAY_FORMAT = 164, 14  # numbers of number formats
FIRST_DAY = date(1899, 12, 30)


def write_xls(path: Path, pages: Sequence[Page]) -> None:
    """Write the pages; their days look like days, whatever their number format."""
    looks = [Look(is_struck=is_struck) for is_struck in (False, True)]
    looks += {look: None for page in pages for row in page.rows for _value, look in row if look not in looks}
    formats = list(dict.fromkeys(look.number_format for look in looks if look.number_format))
    kinds = [(look, is_day) for look in looks for is_day in (False, True)]
    styles = {kind: 16 + number for number, kind in enumerate(kinds)}
    bodies = [_sheet(page, styles) for page in pages]
    start = _record(0x809, pack("<HHHHII", 0x600, 5, 0x0DBB, 0x07CC, 0, 6)) + _record(0x42, pack("<H", 1200))
    start += b"".join(_font(is_struck) for is_struck in (False, False, False, False, True))
    start += b"".join(
        _record(0x41E, pack("<H", FIRST_FORMAT + number) + _text(code)) for number, code in enumerate(formats)
    )
    start += b"".join(_style(0, 0, 0xFFF5) for _number in range(15)) + _style(0, 0, 1)
    for look, is_day in kinds:
        own = FIRST_FORMAT + formats.index(look.number_format) if look.number_format else 0
        code = DAY_FORMAT if is_day else own
        start += _style(5 if look.is_struck else 0, code, 1)
    start += _record(0x293, pack("<HBB", 0x8000, 0, 0xFF))
    ends = _record(0x0A, b"")
    place = len(start) + sum(len(_listed(page, 0)) for page in pages) + len(ends)
    listed = b""
    for page, body in zip(pages, bodies, strict=True):
        listed += _listed(page, place)
        place += len(body)
    path.write_bytes(_container(start + listed + ends + b"".join(bodies)))


def _record(number: int, content: bytes) -> bytes:
    return pack("<HH", number, len(content)) + content


def _text(text: str, *, is_short: bool = False) -> bytes:
    units = text.encode("utf-16-le")
    return pack("<BB" if is_short else "<HB", len(units) // 2, 1) + units


def _font(is_struck: bool) -> bytes:
    return _record(
        0x31, pack("<HHHHHBBBB", 220, 8 * is_struck, 0x7FFF, 400, 0, 0, 0, 134, 0) + _text("宋体", is_short=True)
    )


def _style(font: int, number_format: int, kind: int) -> bytes:
    return _record(0xE0, pack("<HHHBBBBIIH", font, number_format, kind, 0x20, 0, 0, 0xF8, 0, 0, 0x20C0))


def _listed(page: Page, place: int) -> bytes:
    return _record(0x85, pack("<IBB", place, 0, 0) + _text(page.title, is_short=True))


def _sheet(page: Page, styles: Mapping[tuple[Look, bool], int]) -> bytes:
    width = max((len(row) for row in page.rows), default=0)
    parts = [
        _record(0x809, pack("<HHHHII", 0x600, 0x10, 0x0DBB, 0x07CC, 0, 6)),
        _record(0x200, pack("<IIHHH", 0, len(page.rows), 0, width, 0)),
    ]
    for number, row in enumerate(page.rows):
        for column, (value, look) in enumerate(row):
            place = pack("<HHH", number, column, styles[look, isinstance(value, date)])
            if isinstance(value, date):
                value = float((value - FIRST_DAY).days)
            if isinstance(value, int | float):
                parts.append(_record(0x203, place + pack("<d", value)))
            elif value != "":
                parts.append(_record(0x204, place + _text(value)))
    if merged := tuple(page.merged):
        areas = b"".join(pack("<HHHH", top - 1, low - 1, left - 1, right - 1) for top, left, low, right in merged)
        parts.append(_record(0xE5, pack("<H", len(merged)) + areas))
    return b"".join((*parts, _record(0x0A, b"")))


def _container(stream: bytes) -> bytes:
    """One stream called Workbook in a compound file: table of sectors, directory, stream."""
    stream = stream.ljust(max(SMALLEST, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    count = len(stream) // SECTOR
    tables = 1
    while tables * (SECTOR // 4) < tables + 1 + count:
        tables += 1
    first = tables + 1
    chain = [OF_TABLE] * tables + [END] + [*range(first + 1, first + count), END]
    chain += [FREE] * (tables * (SECTOR // 4) - len(chain))
    header = bytes.fromhex("D0CF11E0A1B11AE1").ljust(24, b"\0") + pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header = header.ljust(44, b"\0") + pack("<IIIIIIII", tables, tables, 0, SMALLEST, END, 0, END, 0)
    header += pack("<109I", *range(tables), *[FREE] * (109 - tables))
    directory = _entry("Root Entry", 5, 1, END, 0) + _entry("Workbook", 2, FREE, first, len(stream))
    directory = directory.ljust(SECTOR, b"\0")
    return header + pack(f"<{len(chain)}I", *chain) + directory + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le")
    entry = encoded.ljust(64, b"\0") + pack("<HBBIII", len(encoded) + 2, kind, 1, FREE, FREE, child)
    return entry.ljust(116, b"\0") + pack("<IQ", start, size)
