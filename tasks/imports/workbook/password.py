"""Tells a workbook that wants a password from a file that is no workbook: calamine cannot.

Its opener tries one format after the other and reports the last refusal, not the password.
"""

import sys
from contextlib import suppress
from typing import IO
from zipfile import BadZipFile, ZipFile

PACKAGE = "EncryptedPackage".encode("utf-16-le")  # the stream in which Excel encrypts an .xlsx
MANIFEST = "META-INF/manifest.xml"
LONGEST_MANIFEST = 2**20  # bytes


def is_locked(file: IO[bytes]) -> bool:
    """Whether a file is an .xlsx, .xls or .ods protected by a password."""
    from xlrd import open_workbook

    file.seek(0)
    content = file.read()
    if PACKAGE in content:
        return True
    with suppress(BadZipFile, KeyError), ZipFile(file) as archive, archive.open(MANIFEST) as manifest:
        return b"encryption-data" in manifest.read(LONGEST_MANIFEST)
    try:
        open_workbook(file_contents=content, on_demand=True, logfile=sys.stderr)
    except Exception as problem:
        return "encrypted" in str(problem)  # by Excel 95 too, of which msoffcrypto-tool says nothing
    return False
