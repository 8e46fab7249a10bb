"""Who hears of a step: the people in charge, or who acts for them that day; no silence while
somebody is left.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from models.escalation.recipients import Recipient, Staff, StaffOnDay
from models.words import AT_OFFICE, ItemKind, Role, Step, UnitKind

TODAY = date(2013, 6, 14)
COUNTY, OTHER_COUNTY, BUREAU, OFFICE = 1, 2, 3, 4
KINDS = {
    COUNTY: UnitKind.COUNTY,
    OTHER_COUNTY: UnitKind.COUNTY,
    BUREAU: UnitKind.COMMERCE_BUREAU,
    OFFICE: UnitKind.INSPECTION_OFFICE,
}
REMINDERS = (Step.REMINDER_BEFORE, Step.REMINDER_AFTER)


@dataclass(frozen=True)
class Item:
    owner_id: int | None = 11
    leader_id: int | None = 12
    unit_id: int = COUNTY
    kind: ItemKind = ItemKind.VISIT

    @property
    def inspected_unit_id(self) -> int:
        return self.unit_id


def somebody(number: int, role: Role, unit_id: int) -> Staff:
    return Staff(number, role, unit_id, KINDS[unit_id])


OFFICER = somebody(11, Role.OFFICER, COUNTY)
LEADER = somebody(12, Role.LEADER, COUNTY)
DEPUTY = somebody(13, Role.LEADER, COUNTY)
DIRECTOR = somebody(31, Role.LEADER, BUREAU)
INSPECTOR = somebody(41, Role.INSPECTOR, OFFICE)
EVERYBODY = (OFFICER, LEADER, DEPUTY, DIRECTOR, INSPECTOR)


def who(*people: Staff, as_of: date = TODAY) -> StaffOnDay:
    return StaffOnDay(people, as_of)


def addressee(staff: StaffOnDay, step: Step, item: Item) -> Recipient | None:
    """The one who must act."""
    recipients = staff.addressees(step, item)
    assert len(recipients) <= 1
    return recipients[0] if recipients else None


def away(person: Staff, delegate_id: int, first: date = TODAY, last: date = TODAY) -> Staff:
    return person._replace(delegate_id=delegate_id, delegate_from=first, delegate_until=last)


def test_each_step_is_for_its_own_rung() -> None:
    heard = {step: addressee(who(*EVERYBODY), step, Item()) for step in Step}
    assert heard == {
        **dict.fromkeys(REMINDERS, Recipient(11)),
        Step.LEADER: Recipient(12),
        **dict.fromkeys(AT_OFFICE, Recipient(41)),
    }


@pytest.mark.parametrize(("passed", "acts"), [(-1, False), (0, True), (3, True), (6, True), (7, False)])
def test_a_delegate_acts_from_the_first_day_through_the_last(passed: int, acts: bool) -> None:
    absent = away(LEADER, 13, TODAY, TODAY + timedelta(days=6))
    staff = who(OFFICER, absent, DEPUTY, as_of=TODAY + timedelta(days=passed))
    assert staff.responsible_leader(Item()) == (Recipient(13, 12) if acts else Recipient(12))


def test_an_officer_and_an_inspector_can_be_away_too() -> None:
    staff = who(away(OFFICER, 13), LEADER, DEPUTY, away(INSPECTOR, 31), DIRECTOR)
    assert addressee(staff, Step.REMINDER_AFTER, Item()) == Recipient(13, 11)
    assert addressee(staff, Step.OFFICE, Item()) == Recipient(31, 41)


def test_a_delegate_who_is_away_passes_nothing_on() -> None:
    staff = who(away(LEADER, 13), away(DEPUTY, 11), OFFICER)
    assert staff.responsible_leader(Item()) == Recipient(13, 12)


def test_a_delegate_without_both_dates_does_not_act() -> None:
    half = LEADER._replace(delegate_id=13, delegate_from=TODAY)
    assert who(half, DEPUTY).responsible_leader(Item()) == Recipient(12)


@pytest.mark.parametrize(
    ("people", "leader"),
    [
        ((DEPUTY, LEADER, DIRECTOR), Recipient(12)),  # of two the one who was entered first, in whatever order read
        ((away(LEADER, 13), DEPUTY, DIRECTOR), Recipient(13, 12)),
        ((OFFICER, DIRECTOR), Recipient(31)),
        ((OFFICER, away(DIRECTOR, 11)), Recipient(11, 31)),
        ((OFFICER, somebody(21, Role.LEADER, OTHER_COUNTY)), None),
        ((OFFICER, somebody(32, Role.OFFICER, BUREAU), INSPECTOR), None),
        ((), None),
    ],
)
def test_without_a_leader_the_units_answers_then_the_commerce_bureaus(
    people: tuple[Staff, ...], leader: Recipient | None
) -> None:
    assert who(*people).responsible_leader(Item(leader_id=None)) == leader
    assert addressee(who(*people), Step.LEADER, Item(leader_id=None)) == leader


def test_a_leader_who_is_named_answers_though_the_unit_has_another() -> None:
    assert who(LEADER, DEPUTY).responsible_leader(Item(leader_id=13)) == Recipient(13)


@pytest.mark.parametrize("step", REMINDERS)
def test_without_an_owner_the_reminders_go_to_the_leader(step: Step) -> None:
    assert addressee(who(*EVERYBODY), step, Item(owner_id=None)) == Recipient(12)
    assert addressee(who(OFFICER), step, Item(owner_id=None, leader_id=None)) is None


@pytest.mark.parametrize("step", AT_OFFICE)
def test_without_an_inspector_nobody_hears_at_the_office(step: Step) -> None:
    staff = who(OFFICER, LEADER, DIRECTOR)
    assert addressee(staff, step, Item()) is None
    assert (staff.inspectors_of(COUNTY), staff.inspection_office_id) == ([], None)


def test_a_verification_without_owner_is_the_offices_and_never_the_verified_units() -> None:
    owed = Item(owner_id=None, leader_id=None, unit_id=COUNTY, kind=ItemKind.VERIFY)
    chief = somebody(43, Role.LEADER, OFFICE)
    assert {addressee(who(*EVERYBODY), step, owed) for step in REMINDERS} == {Recipient(41)}
    assert addressee(who(*EVERYBODY), Step.LEADER, owed) == Recipient(31)
    assert addressee(who(*EVERYBODY, chief), Step.LEADER, owed) == Recipient(43)
    unmanned = who(OFFICER, LEADER, DIRECTOR)
    assert {addressee(unmanned, step, owed) for step in REMINDERS} == {None}
    assert addressee(unmanned, Step.LEADER, owed) == Recipient(31)


@pytest.mark.parametrize("step", AT_OFFICE)
def test_of_several_inspectors_those_hear_who_look_after_the_unit_else_all(step: Step) -> None:
    second = somebody(42, Role.INSPECTOR, OFFICE)._replace(looks_after=[OTHER_COUNTY])
    third = somebody(43, Role.INSPECTOR, OFFICE)._replace(looks_after=[OTHER_COUNTY, BUREAU])
    staff = who(third, second, INSPECTOR)
    assert staff.addressees(step, Item()) == [Recipient(41), Recipient(42), Recipient(43)]
    assert staff.addressees(step, Item(unit_id=OTHER_COUNTY)) == [Recipient(42), Recipient(43)]
    assert staff.addressees(step, Item(unit_id=BUREAU)) == [Recipient(43)]
    assert staff.inspection_office_id == OFFICE


def test_an_inspector_who_acts_for_another_hears_once() -> None:
    staff = who(INSPECTOR, away(somebody(42, Role.INSPECTOR, OFFICE), 41))
    assert staff.addressees(Step.OFFICE, Item()) in ([Recipient(41)], [Recipient(41, 42)])


def test_the_steps_that_somebody_hears_are_known() -> None:
    nobody = Item(owner_id=None, leader_id=None)
    assert who(*EVERYBODY).manned(nobody) == frozenset(Step)
    assert who().manned(nobody) == frozenset()
    assert who(INSPECTOR).manned(nobody) == frozenset(AT_OFFICE)
    assert who().manned(Item(leader_id=None)) == frozenset(REMINDERS)
    assert who(LEADER).manned(nobody) == {*REMINDERS, Step.LEADER}
    assert who(INSPECTOR).manned(Item(owner_id=None, leader_id=None, kind=ItemKind.VERIFY)) == {*REMINDERS, *AT_OFFICE}


def test_without_a_leader_the_owner_hears_that_the_office_has_it() -> None:
    staff = who(OFFICER, INSPECTOR)
    assert staff.copies(Step.OFFICE, Item(leader_id=None), is_first_at_office=True) == Recipient(11)


def test_the_owner_hears_with_the_leader_and_the_leader_with_the_office_the_first_time() -> None:
    def copied(item: Item, *, is_first: bool) -> dict[Step, Recipient | None]:
        return {step: who(*EVERYBODY).copies(step, item, is_first_at_office=is_first) for step in Step}

    first = dict.fromkeys(REMINDERS) | {Step.LEADER: Recipient(11)} | dict.fromkeys(AT_OFFICE, Recipient(12))
    assert copied(Item(), is_first=True) == first
    assert copied(Item(), is_first=False) == first | dict.fromkeys(AT_OFFICE)
    assert copied(Item(owner_id=None), is_first=False)[Step.LEADER] is None


def test_copies_reach_whoever_acts() -> None:
    staff = who(away(OFFICER, 13), away(LEADER, 13), DEPUTY, INSPECTOR)
    assert staff.copies(Step.LEADER, Item(), is_first_at_office=False) == Recipient(13, 11)
    assert staff.copies(Step.OFFICE, Item(), is_first_at_office=True) == Recipient(13, 12)
