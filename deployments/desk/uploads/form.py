"""A form with a file as it comes in: its fields are kept, its file goes straight to disk."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from python_multipart.multipart import MultipartParser, parse_options_header

from deployments.desk.errors import RequestRefused
from deployments.desk.uploads.space import UNFINISHED
from models.i18n import gettext as _
from tasks.files import Folder, folder
from tasks.imports.workbook.read import LARGEST_FILE, SUFFIXES

LONGEST_FIELD = 2000
MOST_FIELDS = 12
LARGEST_REQUEST = LARGEST_FILE + MOST_FIELDS * LONGEST_FIELD
"""Bytes of a form with a file, its fields and what stands between them."""


@dataclass
class HandedIn:
    """A form that has arrived: its fields, and its file, under a name that nobody finds yet."""

    fields: dict[str, str]
    name: str
    """As the browser tells it."""
    path: Path
    digest: str


class Intake:
    """Receives a form piece by piece, as the parser finds its parts; `check` looks at the fields before the file."""

    def __init__(self, boundary: bytes, check: Callable[[dict[str, str]], None]) -> None:
        self.form: HandedIn | None = None
        self._fields: dict[str, str] = {}
        self._name, self._size, self._taken = "", 0, 0
        self._path = folder(Folder.INCOMING) / f"{UNFINISHED}{secrets.token_hex(8)}"
        self._file: BinaryIO | None = None
        self._check, self._digest = check, hashlib.sha256()
        self._header_name, self._header_value, self._part = b"", b"", bytearray()
        self._field, self._is_file = "", False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers,
                "on_part_data": self._on_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
        )

    def take(self, piece: bytes) -> None:
        """Take the next piece of the request's body."""
        self._taken += len(piece)
        if self._taken > LARGEST_REQUEST:
            raise too_large()
        self._parser.write(piece)

    def close(self) -> None:
        """Let go of the file; what is not complete is deleted."""
        if self._file:
            self._file.close()
        if self.form is None:
            self._path.unlink(missing_ok=True)

    def _begin(self) -> None:
        self._header_name, self._header_value, self._part = b"", b"", bytearray()
        self._field, self._is_file = "", False

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            _kind, options = parse_options_header(self._header_value)
            self._field = options.get(b"name", b"").decode("utf-8", "replace")
            if b"filename" in options:
                self._is_file = True
                self._name = options[b"filename"].decode("utf-8", "replace").replace("%22", '"')
        self._header_name, self._header_value = b"", b""

    def _on_headers(self) -> None:
        if not self._is_file:
            return
        if self._file:
            raise incomplete()
        self._check(self._fields)
        check_name(self._name)
        self._file = self._path.open("xb")

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        if self._is_file and self._file:
            self._size += len(piece)
            if self._size > LARGEST_FILE:
                raise too_large()
            self._digest.update(piece)
            self._file.write(piece)
            return
        self._part += piece
        if len(self._part) > LONGEST_FIELD:
            raise incomplete()

    def _on_part_end(self) -> None:
        if self._is_file:
            return
        self._fields[self._field] = self._part.decode("utf-8", "replace")
        if len(self._fields) > MOST_FIELDS:
            raise incomplete()

    def _on_end(self) -> None:
        if self._file is None:
            self._check(self._fields)
            raise RequestRefused(400, _("No file was chosen."), _("Go back and choose the ledger's file."))
        if self._size == 0:
            raise RequestRefused(400, _("The file is empty."), _("Go back and choose the ledger's file."))
        self._file.close()
        self.form = HandedIn(self._fields, self._name, self._path, self._digest.hexdigest())


def check_name(name: str) -> None:
    """Take only files that are called like ledgers.

    Raises:
        RequestRefused: 400 without a file, 415 for any other kind.
    """
    if not name:
        raise RequestRefused(400, _("No file was chosen."), _("Go back and choose the ledger's file."))
    if not name.lower().endswith(SUFFIXES):
        raise RequestRefused(
            415,
            _("Files of this kind are not taken in."),
            _("Open it in Excel and save it as .xlsx. Taken are: %(suffixes)s.") % {"suffixes": " ".join(SUFFIXES)},
        )


def too_large() -> RequestRefused:
    """The file is larger than Luodi takes in."""
    return RequestRefused(
        413,
        _("The file is larger than %(mb)s MB.") % {"mb": LARGEST_FILE // 2**20},
        _("Copy the ledger's rows into a new workbook without pictures, or split it."),
    )


def incomplete() -> RequestRefused:
    """What arrived is no form of the desk's."""
    return RequestRefused(
        400, _("The form was not complete."), _("Go back, load the page again, and send it once more.")
    )
