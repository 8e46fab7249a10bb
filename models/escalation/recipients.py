"""Who hears of a step of the ladder on a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import NamedTuple, Protocol

from models.words import AT_OFFICE, ItemKind, Role, Step, UnitKind

REMINDERS = (Step.REMINDER_BEFORE, Step.REMINDER_AFTER)

MANNED = {
    heard: frozenset(step for step in Step if heard[0 if step in REMINDERS else 1 if step is Step.LEADER else 2])
    for heard in product((False, True), repeat=3)  # reminders, leader, inspection office
}


class Staff(NamedTuple):
    """What the rules read of a person."""

    id: int
    role: Role
    unit_id: int
    unit_kind: UnitKind
    delegate_id: int | None = None
    delegate_from: date | None = None
    delegate_until: date | None = None
    looks_after: Sequence[int] = ()  # an inspector's units


class InCharge(Protocol):
    @property
    def owner_id(self) -> int | None: ...
    @property
    def leader_id(self) -> int | None: ...
    @property
    def unit_id(self) -> int: ...
    @property
    def inspected_unit_id(self) -> int: ...
    @property
    def kind(self) -> ItemKind: ...


@dataclass(frozen=True)
class Recipient:
    """Who hears, and whom they act for."""

    person_id: int
    on_behalf_of_id: int | None = None


class StaffOnDay:
    """Who answers for what on one day; of several leaders of a unit the one entered first."""

    def __init__(self, people: Iterable[Staff], as_of: date) -> None:
        self._acting: dict[int, int] = {}
        self._reached: dict[int, Recipient] = {}
        self._leaders: dict[int, int] = {}
        self._bureau: int | None = None
        self._inspectors: list[int] = []
        self._looked_after: dict[int, list[int]] = {}  # the inspectors of a unit
        self.inspection_office_id: int | None = None
        for person in sorted(people, key=lambda person: person.id):
            self._enter(person, as_of)

    def _enter(self, person: Staff, as_of: date) -> None:
        first_on, last_on = person.delegate_from, person.delegate_until
        if person.delegate_id and first_on and last_on and first_on <= as_of <= last_on:
            self._acting[person.id] = person.delegate_id
        if person.role is Role.LEADER:
            self._leaders.setdefault(person.unit_id, person.id)
            if person.unit_kind is UnitKind.COMMERCE_BUREAU:
                self._bureau = self._bureau or person.id
        elif person.role is Role.INSPECTOR:
            self._inspectors.append(person.id)
            self.inspection_office_id = self.inspection_office_id or person.unit_id
            for unit_id in person.looks_after:
                self._looked_after.setdefault(unit_id, []).append(person.id)

    def inspectors_of(self, unit_id: int) -> Sequence[int]:
        """The inspectors who look after the unit; all of them if none does."""
        return self._looked_after.get(unit_id) or self._inspectors

    def reach_inspectors(self, unit_id: int) -> Sequence[Recipient]:
        """The inspectors who look after the unit, or who acts for each; nobody twice."""
        reached = (self._reach(person_id) for person_id in self.inspectors_of(unit_id))
        return list({recipient.person_id: recipient for recipient in reached if recipient}.values())

    def responsible_leader(self, item: InCharge) -> Recipient | None:
        """The leader or their delegate, else the unit's leader, else the commerce bureau's.

        A verification is the inspection office's, never the verified unit's.
        """
        unit_id = self.inspection_office_id if item.kind is ItemKind.VERIFY else item.unit_id
        return self._reach(item.leader_id or (unit_id and self._leaders.get(unit_id)) or self._bureau)

    def addressees(self, step: Step, item: InCharge) -> Sequence[Recipient]:
        """Who must act: the owner (without one, the leader), the leader, the inspectors."""
        is_reminder = step in REMINDERS
        if is_reminder and item.owner_id is not None:
            recipient = self._reach(item.owner_id)
        elif step in AT_OFFICE or (is_reminder and item.kind is ItemKind.VERIFY):
            return self.reach_inspectors(item.inspected_unit_id)
        else:
            recipient = self.responsible_leader(item)
        return [recipient] if recipient else ()

    def manned(self, item: InCharge) -> frozenset[Step]:
        """The steps of the ladder that somebody hears."""
        has_inspectors, is_led = bool(self._inspectors), item.leader_id is not None
        is_led = is_led or self.responsible_leader(item) is not None
        is_owned = item.owner_id is not None or (has_inspectors if item.kind is ItemKind.VERIFY else is_led)
        return MANNED[is_owned, is_led, has_inspectors]

    def copies(self, step: Step, item: InCharge, *, is_first_at_office: bool) -> Recipient | None:
        """The owner gets a copy of the leader's step; the leader, or the owner where there is none,
        when the office first hears.
        """
        if step is Step.LEADER:
            return self._reach(item.owner_id)
        if step in AT_OFFICE and is_first_at_office:
            return self.responsible_leader(item) or self._reach(item.owner_id)
        return None

    def _reach(self, person_id: int | None) -> Recipient | None:
        """The person, or who acts for them: delegates are pairs (AB角), not chains."""
        if person_id is None:
            return None
        if person_id not in self._reached:
            acting = self._acting.get(person_id)
            self._reached[person_id] = Recipient(acting, person_id) if acting else Recipient(person_id)
        return self._reached[person_id]
