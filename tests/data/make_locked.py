"""Workbooks protected by a password, as Excel and LibreOffice lay them out; what is locked up in
them is noise.
"""

import random
import struct
from collections.abc import Mapping

from make_hostile import packed

SECTOR, FREE, END, TABLE, NOTHING = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
AGILE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><encryption xmlns="http://schemas.microsoft.com/office/2006/'
    'encryption"><keyData saltSize="16" blockSize="16" keyBits="256" hashSize="64" cipherAlgorithm="AES" '
    'cipherChaining="ChainingModeCBC" hashAlgorithm="SHA512" saltValue="MTIzNDU2Nzg5MDEyMzQ1Ng=="/></encryption>'
)
MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:'
    'manifest:1.0"><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml" '
    'manifest:size="9"><manifest:encryption-data manifest:checksum-type="SHA1" manifest:checksum="AAAA"/>'
    "</manifest:file-entry></manifest:manifest>"
)


def noise(size: int) -> bytes:
    """The same bytes each time, without any sense."""
    return random.Random(size).randbytes(size)  # noqa: S311 - nobody is to be kept from guessing it


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file (OLE) with these streams, each filled up to where it needs no short
    sectors.
    """
    following: list[int] = [TABLE, END]  # the table itself, then the directory
    body, entries = b"", [entry("Root Entry", 5, END, 0, child=1)]
    for at, (name, content) in enumerate(streams.items(), 1):
        padded = content.ljust(-(-max(len(content), 4096) // SECTOR) * SECTOR, b"\0")
        start, count = len(following), len(padded) // SECTOR
        following += [*range(start + 1, start + count), END]
        body += padded
        entries.append(entry(name, 2, start, len(padded), right=at + 1 if at < len(streams) else NOTHING))
    table = struct.pack("<128I", *following, *[FREE] * (128 - len(following)))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<10I", 0, 1, 1, 0, 4096, END, 0, END, 0, 0) + struct.pack("<108I", *[FREE] * 108)
    return head + table + b"".join(entries).ljust(SECTOR, b"\0") + body


def entry(name: str, kind: int, start: int, size: int, child: int = NOTHING, right: int = NOTHING) -> bytes:
    """One line of a compound file's directory."""
    text = name.encode("utf-16-le")
    links = struct.pack("<64sHBB3I", text, len(text) + 2, kind, 1, NOTHING, right, child)
    return links + bytes(36) + struct.pack("<IQ", start, size)


def excel() -> bytes:
    """What Excel makes of an .xlsx with a password: no zip file any more."""
    info = struct.pack("<HHI", 4, 4, 0x40) + AGILE.encode()
    return compound({"EncryptionInfo": info, "EncryptedPackage": struct.pack("<Q", 4000) + noise(4000)})


def excel_97() -> bytes:
    """An .xls whose records are locked up from the second on."""
    start = struct.pack("<HH4H8x", 0x809, 16, 0x600, 5, 0x1FAA, 1997)
    return compound({"Workbook": start + struct.pack("<HHHHH48s", 0x2F, 54, 1, 1, 1, noise(48)) + noise(4000)})


def libreoffice() -> bytes:
    """An .ods whose parts are locked up one by one."""
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return packed({"mimetype": kind, "META-INF/manifest.xml": MANIFEST, "content.xml": noise(900).hex()})


LOCKED = {
    "35-password.xlsx": excel,
    "57-excel-97-password.xls": excel_97,
    "58-libreoffice-password.ods": libreoffice,
}
