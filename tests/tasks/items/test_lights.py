"""The traffic light follows what is owed and when something last happened, and nothing else."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest

from models.campaigns.campaign import Campaign
from models.escalation.action_item import ActionItem
from models.escalation.policy import Policy
from models.escalation.traffic_light import Light, is_overdue
from models.ledger.organisation import Unit
from models.ledger.project import Project
from models.words import ItemKind, Sector, Step
from tasks.database import transaction
from tasks.items.lights import current_lights

TODAY = date(2013, 6, 17)
SOON = date(2013, 6, 20)  # the ladder reminds three working days ahead
FAR = date(2013, 9, 1)


@dataclass(frozen=True)
class Item:
    due_on: date = FAR
    promised_on: date | None = None
    fired_step: Step | None = None
    is_paused: bool = False


Lights = Callable[..., Light]


@pytest.fixture
def light(ledger: str) -> Lights:
    """The light of a project that owes these items, on which something happened last on a day."""

    def of(*items: Item, last: date = TODAY, as_of: date = TODAY, numbers: Iterable[Policy] = ()) -> Light:
        with transaction() as session:
            session.add_all(numbers)
            unit = Unit(name="清丰县")
            amount = Decimal(10**9)
            project = Project(
                code="PY-1", name="家具园", sector=Sector.FURNITURE, unit=unit, amount=amount, signed_on=last
            )
            session.add(project)
            session.flush()
            for item in items:
                fired_on = item.fired_step and TODAY
                owed = {"kind": ItemKind.BLOCKER, "project_id": project.id, "unit_id": unit.id, "opened_on": last}
                session.add(ActionItem(**owed, **vars(item), fired_on=fired_on))
            session.flush()
            lit = current_lights(session, [project.id], as_of)[project.id]
            session.rollback()
        return lit

    return of


LATE = TODAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (Item(), Light.GREEN),
        (Item(SOON), Light.YELLOW),
        (Item(SOON + timedelta(days=1)), Light.GREEN),
        (Item(TODAY), Light.YELLOW),
        (Item(LATE), Light.YELLOW),
        (Item(LATE, fired_step=Step.REMINDER_AFTER), Light.YELLOW),
        (Item(LATE, fired_step=Step.LEADER), Light.RED),
        (Item(LATE, fired_step=Step.OFFICE_REPEAT_3), Light.RED),
        (Item(FAR, fired_step=Step.LEADER), Light.GREEN),
        (Item(LATE, promised_on=FAR, fired_step=Step.LEADER), Light.GREEN),
        (Item(FAR, promised_on=LATE), Light.YELLOW),
        (Item(LATE, fired_step=Step.OFFICE, is_paused=True), Light.GREEN),
    ],
    ids=str,
)
def test_one_item_sets_the_light(light: Lights, item: Item, expected: Light) -> None:
    assert light(item) is expected


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (date(2013, 3, 17), Light.RED),
        (date(2013, 3, 18), Light.YELLOW),
        (date(2013, 4, 17), Light.YELLOW),
        (date(2013, 4, 18), Light.GREEN),
    ],
    ids=str,
)
def test_without_progress_it_turns_yellow_after_two_months_and_red_after_three(
    light: Lights, last: date, expected: Light
) -> None:
    assert light(last=last) is expected


def test_the_worst_of_several_items_counts(light: Lights) -> None:
    assert light(Item(), Item(SOON), Item(LATE, fired_step=Step.LEADER)) is Light.RED


def test_a_project_on_hold_does_not_stall(light: Lights) -> None:
    assert light(Item(is_paused=True), last=date(2012, 1, 1)) is Light.GREEN


def test_the_day_itself_is_not_overdue() -> None:
    assert not is_overdue(Item(TODAY), TODAY)
    assert is_overdue(Item(LATE), TODAY)
    assert not is_overdue(Item(LATE, is_paused=True), TODAY)


@pytest.mark.parametrize(
    ("day", "last", "expected"),
    [
        (date(2013, 5, 31), date(2013, 2, 28), Light.RED),
        (date(2013, 5, 31), date(2013, 3, 1), Light.YELLOW),
        (date(2013, 1, 31), date(2012, 11, 30), Light.YELLOW),
        (date(2013, 1, 31), date(2012, 12, 1), Light.GREEN),
        (date(2012, 5, 31), date(2012, 2, 29), Light.RED),
        (date(2012, 5, 31), date(2012, 3, 1), Light.YELLOW),
    ],
    ids=str,
)
def test_months_are_counted_by_the_calendar_and_a_shorter_one_ends_sooner(
    light: Lights, day: date, last: date, expected: Light
) -> None:
    assert light(last=last, as_of=day) is expected


def campaign(days: int = 100, **cohort: date) -> int:
    """A campaign of that many days that begins today."""
    with transaction("测试") as session:
        new = Campaign(name="百日攻坚", starts_on=TODAY, landing_definition=["registered"], **cohort)
        new.ends_on = TODAY + timedelta(days - 1)
        session.add(new)
        session.flush()
        return new.id


FIVE_AHEAD = date(2013, 6, 24)  # working days


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ([], Light.GREEN),
        ([(False, None, 5)], Light.YELLOW),
        ([(False, ItemKind.BLOCKER, 5)], Light.YELLOW),
        ([(False, ItemKind.VISIT, 5)], Light.GREEN),
        ([(True, None, 5)], Light.YELLOW),
        ([(True, ItemKind.BLOCKER, 5)], Light.YELLOW),
        ([(True, ItemKind.VISIT, 5)], Light.GREEN),
        ([(False, None, 5), (True, None, 4)], Light.GREEN),
        ([(True, None, 5), (True, ItemKind.BLOCKER, 4)], Light.GREEN),
        ([(True, None, 5), (False, ItemKind.BLOCKER, 4)], Light.YELLOW),
    ],
    ids=str,
)
def test_due_soon_is_what_the_ladder_reminds_of_by_the_numbers_of_its_campaign_and_kind(
    light: Lights, own: list[tuple[bool, ItemKind | None, int]], expected: Light
) -> None:
    number = campaign()
    versions = [
        Policy(version=version, campaign_id=number if is_of_campaign else None, kind=kind, reminder_before=days)
        for version, (is_of_campaign, kind, days) in enumerate(own, start=2)
    ]
    assert light(Item(FIVE_AHEAD), numbers=versions) is expected


def test_the_numbers_of_a_campaign_that_is_over_set_no_light(light: Lights) -> None:
    own = Policy(version=2, campaign_id=campaign(days=1), reminder_before=6)
    assert light(Item(FIVE_AHEAD), as_of=TODAY + timedelta(1), numbers=[own]) is Light.GREEN


def test_the_numbers_of_a_campaign_for_another_cohort_set_no_light(light: Lights) -> None:
    own = Policy(version=2, campaign_id=campaign(signed_from=TODAY + timedelta(1)), reminder_before=6)
    assert light(Item(FIVE_AHEAD), numbers=[own]) is Light.GREEN
