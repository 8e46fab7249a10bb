"""Everybody the ledger knows, found by name and unit."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.ledger.organisation import Person, Unit, UnitAlias
from models.office_files.names.likeness import person_key
from models.words import Role, UnitKind

BETWEEN = "·"  # stands between a unit and its person; a person's name may hold it too


def with_unit(unit: str, name: str) -> str:
    """A person's name with their unit, for names that could mean somebody else: 市商务局·张三."""
    return f"{unit}{BETWEEN}{name}"


class KnownPerson(NamedTuple):
    name: str
    person_id: int


class Roster:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._ids: dict[tuple[str, int], int] = {}
        self._above: dict[str, list[int]] = {}
        self._by_key: dict[tuple[str, int], list[KnownPerson]] = {}
        self._left_out: set[tuple[str, int]] = set()
        self._units = dict(session.execute(select(UnitAlias.name, UnitAlias.unit_id)).all())
        self._units |= dict(session.execute(select(Unit.name, Unit.id)).all())
        kinds = dict(session.execute(select(Unit.id, Unit.kind)).all())
        self._units_above = {unit_id for unit_id, kind in kinds.items() if kind is not UnitKind.COUNTY}
        for name, unit_id, person_id in session.execute(select(Person.name, Person.unit_id, Person.id)):
            self._add(name, unit_id, person_id)
            if unit_id in self._units_above:
                self._above.setdefault(name, []).append(person_id)

    def _add(self, name: str, unit_id: int, person_id: int) -> None:
        self._ids[name, unit_id] = person_id
        self._by_key.setdefault((person_key(name), unit_id), []).append(KnownPerson(name, person_id))

    def find(self, name: str, unit_id: int) -> int | None:
        """The person named `with_unit`, else the unit's, else the city's only one of that name.

        Nobody else has the name: one with a post, or in traditional characters, is the same.
        """
        if not name:
            return None
        person = self.placed(name, unit_id)
        above = self._above.get(name, []) if person == (name, unit_id) else []
        return self._ids.get(person) or (above[0] if len(above) == 1 else self._likened(*person))

    def _likened(self, name: str, unit_id: int) -> int | None:
        people = self._by_key.get((person_key(name), unit_id), [])
        return people[0].person_id if len(people) == 1 else None

    def known_name(self, name: str, unit_id: int) -> str:
        """The name by which the ledger knows a unit's person."""
        people = self._by_key.get((person_key(name), unit_id), [])
        return people[0].name if len(people) == 1 and (name, unit_id) not in self._ids else name

    def newcomers(self, people: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
        """Name and unit of those that the ledger does not have, each once."""
        new = (self.placed(name, unit) for name, unit in people if self.find(name, unit) is None)
        return list(dict.fromkeys(new))

    def names_by_unit(self) -> dict[int, list[str]]:
        names: dict[int, list[str]] = {}
        for name, unit_id in self._ids:
            names.setdefault(unit_id, []).append(name)
        return names

    def serves_every_county(self, unit_id: int) -> bool:
        return unit_id in self._units_above

    def leave_out(self, name: str, unit_id: int) -> None:
        """Enter nobody of that name."""
        self._left_out.add((name, unit_id))

    def placed(self, name: str, unit_id: int) -> tuple[str, int]:
        """A person's name and unit; a known name is not split."""
        if BETWEEN not in name or (name, unit_id) in self._ids or name in self._above:
            return name, unit_id
        words = name.split(BETWEEN)
        parts = ((BETWEEN.join(words[:at]), BETWEEN.join(words[at:])) for at in range(1, len(words)))
        of_units = ((own, self._units[unit]) for unit, own in parts if unit in self._units and own)
        return next(of_units, (name, unit_id))

    def enter(self, people: Iterable[tuple[str, int, Role]]) -> None:
        new: dict[tuple[str, int], tuple[str, Role]] = {}
        for name, unit, role in people:
            if self.find(name, unit) is None and (person := self.placed(name, unit)) not in self._left_out:
                key = person_key(person[0]), person[1]
                new[key] = new[key][0] if key in new else person[0], role
        if new:
            rows = [{"name": name, "unit_id": unit, "role": role} for (_key, unit), (name, role) in new.items()]
            added = self._session.execute(insert(Person).returning(Person.name, Person.unit_id, Person.id), rows)
            for name, unit_id, person_id in added:
                self._add(name, unit_id, person_id)
