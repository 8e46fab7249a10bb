"""What the doctor finds, and how bad it is."""

from dataclasses import dataclass
from enum import StrEnum

from models.i18n import enumerated, mark

HANGS = mark("It hangs, or is overloaded: if it stays so, stop `luodi up` and start it again.")


class Level(StrEnum):
    """The rule by which every check decides.

    WRONG: something Luodi promises does not happen, or stops by itself some day, until whoever runs
    it mends it. The command ends with 1.
    NOTICE: all of it happens. The office should know of it, or its data lack something.
    """

    FINE = "✓"
    NOTICE = "!"
    WRONG = "✗"


@dataclass(frozen=True)
class Finding:
    """A state of the installation, and how to mend it."""

    level: Level
    what: str
    remedy: str = ""

    @property
    def is_wrong(self) -> bool:
        return self.level is Level.WRONG


def fine(what: str) -> Finding:
    return Finding(Level.FINE, what)


def notice(what: str, remedy: str) -> Finding:
    return Finding(Level.NOTICE, what, remedy)


def wrong(what: str, remedy: str) -> Finding:
    return Finding(Level.WRONG, what, remedy)


def some(names: list[str], most: int = 5) -> str:
    """The first names of a list, as examples."""
    return enumerated(names[:most]) + (" …" if len(names) > most else "")
