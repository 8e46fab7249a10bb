"""What stands in a cell instead of a value: 待定 for nobody yet, 同上 for the cell above it."""

from collections.abc import Callable
from enum import Enum

from models.i18n import gettext as _
from models.office_files.cells import BadCell, plain
from models.office_files.vocabulary import SAME_AS_ABOVE, SAME_AS_ELSEWHERE, UNKNOWN

LONGEST_UNKNOWN, LONGEST_SIGN = 10, 8  # characters, with brackets and spaces
# Before a cell is looked at closely, as few are.
BEGINNINGS = {sign for word in SAME_AS_ABOVE | SAME_AS_ELSEWHERE for sign in (word[0], word[0].upper())} | set(
    " \n\t\u3000(（[＂"
)


class Sign(Enum):
    """A cell's value is the value of the cell above it."""

    SAME_AS_ABOVE = "same_as_above"


def is_unknown(cell: object) -> bool:
    """Whether a cell for a name says that nobody is known yet: 待定."""
    return isinstance(cell, str) and len(cell) <= LONGEST_UNKNOWN and _bare(cell) in UNKNOWN


def sign_in(cell: str) -> Sign | None:
    """The sign that is all of a cell.

    Raises:
        BadCell: if it stands for another cell than the one above.
    """
    if len(cell) > LONGEST_SIGN or cell[0] not in BEGINNINGS:
        return None
    word = _bare(cell)
    if word in SAME_AS_ELSEWHERE:
        raise BadCell(_("This stands for another cell: write the value itself."))
    return Sign.SAME_AS_ABOVE if word in SAME_AS_ABOVE else None


def _bare(cell: str) -> str:
    return plain(cell).replace(" ", "").rstrip(".。").strip("()[]").casefold() or plain(cell)


def somebody(read: Callable[..., object]) -> Callable[..., object]:
    """Reads a cell for names, if it names anybody."""

    def read_name(cell: object) -> object:
        return None if is_unknown(cell) else read(cell)

    return read_name
