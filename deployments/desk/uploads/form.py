"""Parses a form as it comes in: fields stay in memory, the file goes straight to disk."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from python_multipart.multipart import MultipartParser, parse_options_header

from deployments.desk.errors import incomplete_form
from deployments.desk.uploads.space import UNFINISHED
from deployments.doors.refusal import RequestRefused
from models.i18n import gettext as _
from tasks.files import Folder, folder
from tasks.imports.workbook.read import LARGEST_FILE, SUFFIXES

MAX_FIELD_BYTES = 2000
MAX_FIELDS = 12
MAX_REQUEST_BYTES = LARGEST_FILE + MAX_FIELDS * MAX_FIELD_BYTES


@dataclass
class ReceivedForm:
    """A complete form. Its file still has a name that nobody looks for."""

    fields: dict[str, str]
    name: str  # of the file, as the browser sends it
    path: Path
    sha256: str


class FormReceiver:
    """Takes a form piece by piece; `form` is set once it is complete.

    `check` gets the fields that precede the file before any of the file is kept, and may raise.
    """

    def __init__(self, boundary: bytes, check: Callable[[dict[str, str]], None]) -> None:
        self.form: ReceivedForm | None = None
        self._fields: dict[str, str] = {}
        self._name, self._size, self._taken = "", 0, 0
        self._path = folder(Folder.INCOMING) / f"{UNFINISHED}{secrets.token_hex(8)}"
        self._file: BinaryIO | None = None
        self._check, self._hash = check, hashlib.sha256()
        self._begin_part()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._take_header_name,
                "on_header_value": self._take_header_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._open_file,
                "on_part_data": self._take_data,
                "on_part_end": self._end_part,
                "on_end": self._end_form,
            },
        )

    def take(self, piece: bytes) -> None:
        self._taken += len(piece)
        if self._taken > MAX_REQUEST_BYTES:
            raise too_large()
        self._parser.write(piece)

    def close(self) -> None:
        """Close the file; delete it if the form is not complete."""
        if self._file:
            self._file.close()
        if self.form is None:
            self._path.unlink(missing_ok=True)

    def _begin_part(self) -> None:
        self._header_name, self._header_value, self._value = b"", b"", bytearray()
        self._field, self._is_file = "", False

    def _take_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _take_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            _kind, options = parse_options_header(self._header_value)
            self._field = options.get(b"name", b"").decode("utf-8", "replace")
            if b"filename" in options:
                self._is_file = True
                self._name = options[b"filename"].decode("utf-8", "replace").replace("%22", '"')
        self._header_name, self._header_value = b"", b""

    def _open_file(self) -> None:
        if not self._is_file:
            return
        if self._file:
            raise incomplete_form()
        self._check(self._fields)
        check_name(self._name)
        self._file = self._path.open("xb")

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        if self._is_file and self._file:
            self._size += len(piece)
            if self._size > LARGEST_FILE:
                raise too_large()
            self._hash.update(piece)
            self._file.write(piece)
            return
        self._value += piece
        if len(self._value) > MAX_FIELD_BYTES:
            raise incomplete_form()

    def _end_part(self) -> None:
        if self._is_file:
            return
        self._fields[self._field] = self._value.decode("utf-8", "replace")
        if len(self._fields) > MAX_FIELDS:
            raise incomplete_form()

    def _end_form(self) -> None:
        if self._file is None:
            self._check(self._fields)
            raise _no_file(_("No file was chosen."))
        if self._size == 0:
            raise _no_file(_("The file is empty."))
        self._file.close()
        self.form = ReceivedForm(self._fields, self._name, self._path, self._hash.hexdigest())


def check_name(name: str) -> None:
    """Refuse a file without a name (400) or without a ledger's suffix (415)."""
    if not name:
        raise _no_file(_("No file was chosen."))
    if not name.lower().endswith(SUFFIXES):
        remedy = _("Open it in Excel and save it as .xlsx. Taken are: %(suffixes)s.") % {"suffixes": " ".join(SUFFIXES)}
        raise RequestRefused(415, _("Files of this kind are not taken in."), remedy)


def too_large() -> RequestRefused:
    what = _("The file is larger than %(mb)s MB.") % {"mb": LARGEST_FILE // 2**20}
    return RequestRefused(413, what, _("Copy the ledger's rows into a new workbook without pictures, or split it."))


def _no_file(what: str) -> RequestRefused:
    return RequestRefused(400, what, _("Go back and choose the ledger's file."))
