"""Opens an office's file as sheets of cells, within bounds of memory and time."""

import logging
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

from models.i18n import gettext as _
from models.office_files.sheets.sheet import Sheet
from tasks.files import FileMissing, LedgerFileError
from tasks.imports import child_processes
from tasks.imports.confinement import CPU_SECONDS, GRACE
from tasks.imports.errors import FileHostile, FileLocked, FileTooLarge, NotAWorkbook
from tasks.imports.workbook.child import TEXTS
from tasks.imports.workbook.pieces import Failure, Piece, Saved, SheetOpened
from tasks.imports.workbook.receiving import Misbehaved, Receiver, TooMuch
from tasks.ledger.office_time import office_day

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".et", ".ods", *TEXTS)  # WPS writes .xlsx and .xls alike as .et
LARGEST_FILE = 200 * 2**20  # bytes; a ledger of 100,000 projects takes a twentieth of it
MOST_CELLS = 20_000_000  # in the rows of all sheets that are not empty
PATIENCE = 600  # seconds until a reader is given up that neither computes nor ends
PIPE = 2**20  # bytes a reader can be ahead, where the system lets a pipe hold as much
logger = logging.getLogger(__name__)


class Workbook(dict[str, Sheet]):
    """Every sheet by name."""

    saved_on: date | None = None  # the day it was last saved, as it says itself


def read_workbook(path: Path) -> Workbook:
    """Every sheet by name. A child process reads the file, within its limits of memory and time.

    Raises:
        LedgerFileError: `FileMissing`, `FileLocked`, `FileTooLarge`, `FileHostile`,
            `NotAWorkbook`.
    """
    if not path.is_file():
        raise FileMissing(_("There is no file %(path)s: check the path; the worker must see it.") % {"path": path})
    check_size(path.name, path.stat().st_size)
    sheet, cells, width = Sheet(""), 0, 0
    sheets = Workbook()
    for piece in _pieces(path):
        if isinstance(piece, Failure):
            raise _refusal(path.name, piece)
        if isinstance(piece, Saved):
            sheets.saved_on = _office_day(datetime.fromisoformat(piece.moment))
            continue
        if isinstance(piece, SheetOpened):
            merged = tuple((top + 1, left, bottom + 1, right) for top, left, bottom, right in piece.merged)
            cells, width = cells + len(sheet.rows) * width, 0
            sheet = Sheet(piece.name, piece.is_hidden, merged, is_1904=piece.is_1904, has_looks=piece.has_looks)
            sheets[piece.name] = sheet
            continue
        sheet.numbers += [number + 1 for number in piece.numbers]
        sheet.rows += piece.rows
        width = max(width, *map(len, piece.rows)) if piece.rows else width
        if cells + len(sheet.rows) * width > MOST_CELLS:  # a table is as wide as its widest row
            raise _refusal(path.name, Failure("too large"))
    return sheets


def _office_day(moment: datetime) -> date:
    return office_day(moment) if moment.tzinfo else moment.date()


def check_size(name: str, size: int) -> None:
    """Refuse (`FileTooLarge`) a file of so many bytes if that is too many."""
    if size > LARGEST_FILE:
        raise _refusal(name, Failure("too large"))


def _pieces(path: Path) -> Iterator[Piece]:
    command = child_processes.command("tasks.imports.workbook.child", path.name)
    environment = child_processes.environment()
    with (
        path.open("rb") as file,
        subprocess.Popen(
            command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, pipesize=PIPE
        ) as child,
    ):
        try:
            if child.stdout:
                yield from Receiver(child.stdout.fileno(), PATIENCE).pieces()
        except EOFError:  # it reached a limit, perhaps within a piece
            yield Failure(_why_it_died(child))
        except TimeoutError:
            yield Failure("too slow")
        except TooMuch:
            yield Failure("too large")
        except Misbehaved:
            logger.warning("the process that read %r sent what none of ours does", path.name)
            yield Failure("hostile")
        finally:
            child.kill()


def _why_it_died(child: subprocess.Popen[bytes]) -> str:
    with suppress(subprocess.TimeoutExpired):
        if child.wait(GRACE) == -signal.SIGXCPU:
            return "too slow"
    return "too large"


def _refusal(name: str, failure: Failure) -> LedgerFileError:
    reasons = {
        "too large": _(
            "%(file)s is too large to take in: more than %(mb)s MB, or more than %(cells)s million cells, many of them "
            "perhaps empty ones that were formatted. Copy the ledger's rows into a new workbook, or split it."
        ),
        "too slow": _(
            "%(file)s takes too long to read: more than %(seconds)s seconds of computing. It is too large, or holds "
            "far more than it shows. Copy the ledger's rows into a new workbook, or split it."
        ),
        "hostile": _(
            "%(file)s made the program that reads it do what no ledger makes it do, as a file built for an attack "
            "does: nothing of it was taken in. Ask whoever sent it, and do not open it."
        ),
        "password": _(
            "%(file)s is protected by a password: open it in Excel, remove the password, save it, send it again."
        ),
        "web page": _("%(file)s is a web page, whatever its name: open it in Excel and save it as .xlsx."),
        "not text": _("%(file)s is no text in UTF-8 or GBK: open it in Excel and save it as .xlsx."),
        "not a table": _("%(file)s cannot be read as a table: open it in Excel and save it as .xlsx."),
        "not a workbook": _(
            "%(file)s is not an .xlsx, .xls, .ods or .csv file: open it in Excel and save it as .xlsx."
        ),
    }
    limits = {"mb": LARGEST_FILE // 2**20, "cells": MOST_CELLS // 10**6, "seconds": CPU_SECONDS}
    why = failure.why if failure.why in reasons else "hostile"
    reason = reasons[why] % (limits | {"file": name})
    errors = {"too large": FileTooLarge, "too slow": FileTooLarge, "password": FileLocked, "hostile": FileHostile}
    return errors.get(why, NotAWorkbook)(f"{reason} ({failure.detail})" if failure.detail else reason)
