"""Which of a project's blockers have the problems that somebody names, however worded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.office_files.names.likeness import Wording, compare_wording


@dataclass(frozen=True)
class KnownBlocker:
    item_id: int
    text: str
    is_open: bool = True


class Reworded(NamedTuple):
    """A known blocker, and how the new text stands to its own."""

    blocker: KnownBlocker
    wording: Wording


def reworded(texts: Sequence[str], known: Sequence[KnownBlocker]) -> dict[int, Reworded]:
    """By position, the texts whose problem has a blocker, or may have one; each blocker has one.

    A closed blocker has the problem if the two say the same, as it has one worded the same.
    """
    recognised: dict[int, Reworded] = {}
    free = list(known)
    for wordings in ((Wording.SAME,), (Wording.LONGER, Wording.SHORTER), (Wording.SIMILAR,)):
        for position, text in enumerate(texts):
            if position in recognised:
                continue
            for blocker in free:
                wording = compare_wording(text, blocker.text)
                if wording in wordings and (blocker.is_open or wording is Wording.SAME):
                    recognised[position] = Reworded(blocker, wording)
                    free.remove(blocker)
                    break
    return recognised
