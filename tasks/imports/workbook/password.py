"""Tells a workbook that wants a password from a file that is no workbook: calamine takes the two for the same."""

import struct
from contextlib import suppress
from typing import IO
from zipfile import BadZipFile, ZipFile

from tasks.imports.workbook.excel_97 import is_encrypted

PACKAGE = "EncryptedPackage".encode("utf-16-le")
"""What the stream is called in which Excel locks up an .xlsx."""
MANIFEST = "META-INF/manifest.xml"
LONGEST_MANIFEST = 2**20


def is_locked(file: IO[bytes]) -> bool:
    """Whether a file is an .xlsx, .xls or .ods protected by a password."""
    file.seek(0)
    content = file.read()
    if PACKAGE in content:
        return True
    with suppress(BadZipFile, KeyError), ZipFile(file) as archive, archive.open(MANIFEST) as manifest:
        return b"encryption-data" in manifest.read(LONGEST_MANIFEST)
    with suppress(struct.error, ValueError):
        return is_encrypted(content)
    return False
