"""A bulletin's document and workbook, and where they lie."""

from pathlib import Path

from models.i18n import sentences
from tasks.bulletin.document import write_document
from tasks.bulletin.issue import Issued
from tasks.bulletin.workbook import write_book
from tasks.documents.replacing import replacing
from tasks.files import Folder, desk, folder

SUFFIXES = (".docx", ".xlsx")


def write_files(issued: Issued) -> tuple[list[Path], str]:
    """Write document and workbook; returns them, and what is wrong with the template, or ''."""
    problems, paths = [], [path_of(issued, suffix) for suffix in SUFFIXES]
    for path in paths:
        with replacing(path) as scratch:
            problems.append(write_file(issued, scratch))
    return paths, sentences(filter(None, problems))


def write_file(issued: Issued, path: Path) -> str:
    """Write the file of the path's suffix; returns what is wrong with the template, or ''."""
    if path.suffix == ".docx":
        return write_document(issued, path)
    write_book(issued, path)
    return ""


def path_of(issued: Issued, suffix: str) -> Path:
    return folder(Folder.EXPORTS) / f"{issued.name}{suffix}"


def links(issued: Issued) -> list[tuple[str, str]]:
    """The files by name with their addresses at the desk; '' if no desk is open."""
    paths = [path_of(issued, suffix) for suffix in SUFFIXES]
    if not desk():
        return [(str(path), "") for path in paths]
    return [(path.name, f"{desk()}/bulletins/{issued.year}-{issued.number}{path.suffix}") for path in paths]
