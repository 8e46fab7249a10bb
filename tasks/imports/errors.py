"""Why a whole ledger file cannot be read; the docstrings are shown in logs."""

from models.office_files.rows import UsedColumn
from tasks.files import LedgerFileError


class FileLocked(LedgerFileError):
    """The workbook is protected by a password."""


class FileTooLarge(LedgerFileError):
    """The file holds more than is taken in at once, would grow to it, or takes too long to read."""


class NotAWorkbook(LedgerFileError):
    """The file is neither a workbook nor a table in a text file."""


class FileHostile(LedgerFileError):
    """The file took over the process that read it, which can do no harm."""


class NoSuchSheet(LedgerFileError):
    """The workbook has no sheet of that name."""


class NoHeader(LedgerFileError):
    """No row names the columns of a ledger."""

    columns: tuple[UsedColumn, ...] = ()


class MissingColumns(LedgerFileError):
    """A column that every ledger needs, or that `mapping` names, is not there."""

    columns: tuple[UsedColumn, ...] = ()


class UnknownField(LedgerFileError):
    """`mapping` names a field Luodi does not have."""


class FileClosed(LedgerFileError):
    """The worker cannot read a file or folder: it may not, or the disk fails."""


class FileChanging(LedgerFileError):
    """The file was changed while it was read; perhaps it is still being written."""


class NoRoom(LedgerFileError):
    """Luodi's home has no room for a copy of the file."""


class NotFollowed(LedgerFileError):
    """What lies at the path is a link, a device or the like, which nothing is read through."""


class OutsideFolders(LedgerFileError):
    """The path leads out of the folders that imports may read."""
