"""Names people new to the ledger that may be known ones, written with a slip."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from models.i18n import gettext as _
from models.office_files.names.likeness import is_mistakable, masked
from models.office_files.names.people import is_person, is_titled
from models.office_files.rows import Effect, LedgerFile, Problem
from tasks.imports.entering.identity.matched_project import MatchedProject
from tasks.imports.entering.roster import Roster
from tasks.imports.entering.staging import people_named, responsible_unit

TELLING_LENGTH = 3  # shorter names that differ in a sign are too many to be noted


class Likeness(NamedTuple):
    """A known person whom a new one is like, and what that means."""

    known: str
    reason: str
    effect: Effect = Effect.NOTE


@dataclass
class NameIndex:
    """Names by what is left of them when one sign is covered, and by their surname."""

    by_mask: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # the sign, and the name
    by_surname: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Sequence[str]) -> "NameIndex":
        index = cls()
        for name in names:
            index.add(name)
        return index

    def add(self, name: str) -> None:
        for mask, sign in masked(name):
            self.by_mask.setdefault(mask, []).append((sign, name))
        if is_person(name):
            self.by_surname.setdefault(name[0], name)

    def mistakable(self, name: str) -> str:
        """A name that is easily written for another one; empty if there is none."""
        return next((other for sign, old, other in self._near(name) if is_mistakable(sign, old)), "")

    def near(self, name: str) -> str:
        return next((other for _sign, _old, other in self._near(name)), "") if len(name) >= TELLING_LENGTH else ""

    def _near(self, name: str) -> Iterator[tuple[str, str, str]]:
        for mask, sign in masked(name):
            yield from ((sign, old, other) for old, other in self.by_mask.get(mask, ()) if other != name)


def enter_new_people(file: LedgerFile, roster: Roster, matches: Sequence[MatchedProject]) -> list[Problem]:
    """Enter the people whom projects name; problems of cells that name one much like a known one.

    Nobody is entered by a name that is easily mistaken for a known one; others are entered and
    noted once.
    """
    people = dict.fromkeys(people_named(matches))  # each is named by many projects
    newcomers = roster.newcomers((name, unit_id) for name, unit_id, _role in people)
    likenesses = _likenesses(roster, newcomers) if newcomers else {}
    problems = []
    for match in matches if likenesses else ():
        for name in ("officer", "leader"):
            person = roster.placed(getattr(match.row, name), responsible_unit(match))
            if likeness := likenesses.get(person):
                row = next(row for row, _units in match.rows if getattr(row, name) == getattr(match.row, name))
                value = getattr(row, name)
                problems.append(file.problem(row, name, value, likeness.reason, likeness.effect, likeness.known))
                if likeness.effect is Effect.NOTE:
                    del likenesses[person]
    roster.enter(people)
    return problems


def _likenesses(roster: Roster, newcomers: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Likeness]:
    names = roster.names_by_unit()
    above = NameIndex.of(
        [name for unit_id, own in names.items() if roster.serves_every_county(unit_id) for name in own]
    )
    of_units = {
        unit_id: NameIndex.of(names.get(unit_id, [])) for unit_id in dict.fromkeys(unit for _name, unit in newcomers)
    }
    entered: dict[int, NameIndex] = {}
    likenesses: dict[tuple[str, int], Likeness] = {}
    for name, unit_id in newcomers:
        likeness = _likeness(name, of_units[unit_id], above, entered.setdefault(unit_id, NameIndex()))
        if likeness:
            likenesses[name, unit_id] = likeness
        if likeness and likeness.effect is not Effect.NOTE:
            roster.leave_out(name, unit_id)
        else:
            entered[unit_id].add(name)
    return likenesses


def _likeness(name: str, own: NameIndex, above: NameIndex, entered: NameIndex) -> Likeness | None:
    if known := own.mistakable(name) or above.mistakable(name):
        reason = _(
            "The ledger has “%(known)s”, a name easily mistaken for this one, so nobody was entered. Correct the name, "
            "or, if they are two, add this person to the sheet 人员."
        )
        return Likeness(known, reason % {"known": known}, Effect.CELL_LEFT_OUT)
    if known := entered.mistakable(name):
        reason = _("This file names “%(known)s”, too: both were entered. If they are one, correct the name.")
        return Likeness(known, reason % {"known": known})
    if known := own.near(name):
        reason = _("Entered as a new person, but the ledger has “%(known)s”. If they are one, correct the name.")
        return Likeness(known, reason % {"known": known})
    if is_titled(name) and (known := own.by_surname.get(name[0]) or above.by_surname.get(name[0], "")):
        reason = _("Entered as a person of this name. If “%(known)s” is meant, or another one, write the whole name.")
        return Likeness(known, reason % {"known": known})
    return None
