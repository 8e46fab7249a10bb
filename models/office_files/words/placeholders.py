"""What stands in a cell instead of a value: 待定 for nobody yet, 同上 for the cell above it."""

from collections.abc import Callable, Iterable
from enum import Enum

from models.i18n import gettext as _
from models.office_files.cells import BadCell, plain
from models.office_files.vocabulary import PENDING, SAME_AS_ABOVE, SAME_AS_ELSEWHERE, UNKNOWN

LONGEST_UNKNOWN, LONGEST_SIGN = 10, 8  # characters, with brackets and spaces
AROUND = " \n\t\u3000\xa0(（[＂"  # may stand before a sign, too
TO_FULL_WIDTH = 0xFEE0


def _beginnings(words: Iterable[str]) -> frozenset[str]:
    """What a cell with one of the words begins with; hardly any other cell does."""
    first = {sign for word in words for sign in (word[0], word[0].upper())}
    return frozenset(AROUND) | first | {chr(ord(sign) + TO_FULL_WIDTH) for sign in first if "!" <= sign <= "~"}


SIGNS = _beginnings(SAME_AS_ABOVE | SAME_AS_ELSEWHERE)
UNKNOWNS = _beginnings(UNKNOWN)


class Sign(Enum):
    """A cell's value is the value of the cell above it."""

    SAME_AS_ABOVE = "same_as_above"


def is_unknown(cell: object) -> bool:
    """Whether a cell for a name says that nobody is known yet: 待定."""
    is_likely = isinstance(cell, str) and len(cell) <= LONGEST_UNKNOWN and cell[:1] in UNKNOWNS
    return is_likely and _bare(cell) in UNKNOWN


def is_pending(cell: str) -> bool:
    """Whether a cell for a text says that nothing is known yet: 待定, but not 未落实."""
    return is_unknown(cell) and _bare(cell) in PENDING


def sign_in(cell: str) -> Sign | None:
    """The sign that is all of a cell.

    Raises:
        BadCell: if it stands for another cell than the one above.
    """
    if len(cell) > LONGEST_SIGN or cell[:1] not in SIGNS:
        return None
    word = _bare(cell)
    if word in SAME_AS_ELSEWHERE:
        raise BadCell(_("This stands for another cell: write the value itself."))
    return Sign.SAME_AS_ABOVE if word in SAME_AS_ABOVE else None


def _bare(cell: object) -> str:
    return plain(cell).replace(" ", "").rstrip(".。").strip("()[]").casefold() or plain(cell)


def somebody(read: Callable[..., object]) -> Callable[..., object]:
    """Reads a cell for names, if it names anybody."""

    def read_name(cell: object) -> object:
        return None if is_unknown(cell) else read(cell)

    return read_name
