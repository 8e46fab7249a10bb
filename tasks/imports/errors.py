"""Why a whole ledger file cannot be read; the docstrings are shown in logs."""

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


class MissingColumns(LedgerFileError):
    """A column that every ledger needs, or that `mapping` names, is not there."""


class UnknownField(LedgerFileError):
    """`mapping` names a field Luodi does not have."""


class FolderClosed(LedgerFileError):
    """The worker may not read a folder of ledger files."""
