"""The office's numbers are data: a new version applies at once to all that is open; what it changes
is shown first.
"""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import func, select

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.policy import EVERYTHING, Policy, PolicyNumbers
from models.ledger.facts import FoundBlocker
from models.ledger.history import Change, SweepLog
from models.refusal import Refused
from models.words import BlockerCategory, Clock, ItemKind, ItemResult, Step
from tasks.database import transaction
from tasks.escalation.policy import adopt, present, would_fire
from tasks.escalation.sweep import sweep
from tasks.items.assignments import turn_clock
from tasks.items.blockers import open_blocker
from tasks.items.open_items import open_visit
from tasks.ledger.locks import lock_project

OPENED, DUE = date(2013, 6, 3), date(2013, 6, 17)  # Mondays
DEFAULT = PolicyNumbers(
    reminder_before=3,
    reminder_after=1,
    leader_after=2,
    acknowledge_within=1,
    reply_within=3,
    office_after=3,
    office_repeat_every=5,
    verify_within=5,
    first_visit_within=10,
    visit_every=20,
    visit_after_resolution=3,
    blocker_within=15,
    extension_notice=1,
)
PATIENT = DEFAULT.model_copy(update={"reminder_before": 1, "leader_after": 4, "office_after": 6})
HURRIED = DEFAULT.model_copy(
    update={"reminder_before": 5, "reply_within": 1, "office_after": 1, "office_repeat_every": 1}
)


def block(project: int, *dues: date) -> list[int]:
    with transaction("测试") as session:
        found = lock_project(session, project)
        land = [FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "", due) for due in dues]
        items = [open_blocker(session, found, each, OPENED) for each in land]
        session.flush()
        return [item.id for item in items]


def take(numbers: PolicyNumbers, kind: ItemKind | None = None, campaign_id: int | None = None) -> int:
    with transaction("督查室") as session:
        return adopt(session, numbers, (campaign_id, kind))


def clocks() -> dict[int, tuple[Step | None, date | None]]:
    with transaction() as session:
        rows = session.execute(select(ActionItem.id, ActionItem.next_step, ActionItem.next_fires_on))
        return {item: (step, day) for item, step, day in rows}


def steps_of(escalations: list[int]) -> Counter[Step]:
    with transaction() as session:
        return Counter(session.scalars(select(Escalation.step).where(Escalation.id.in_(escalations))))


def compared(
    numbers: PolicyNumbers, kind: ItemKind | None, as_of: date, campaign_id: int | None = None
) -> dict[Step, tuple[int, int]]:
    """Only the steps that would fire."""
    with transaction() as session:
        fired = would_fire(session, numbers, (campaign_id, kind), as_of)
        return {step: counts for step, counts in fired.items() if any(counts)}


@pytest.mark.parametrize(
    ("wrong", "lower", "higher"),
    [
        ({"reminder_after": 2}, "reminder_after", "leader_after"),
        ({"reminder_after": 4, "leader_after": 3}, "reminder_after", "leader_after"),
        ({"acknowledge_within": 4}, "acknowledge_within", "reply_within"),
        ({"reply_within": 4}, "reply_within", "office_after"),
        ({"office_after": 2}, "reply_within", "office_after"),
    ],
    ids=str,
)
def test_numbers_that_pass_somebody_over_are_refused(
    ledger: str, wrong: dict[str, int], lower: str, higher: str
) -> None:
    numbers = DEFAULT.model_copy(update=wrong)
    with pytest.raises(Refused, match=f"“{PolicyNumbers.title(lower)}”") as refusal:
        numbers.check()
    assert f"“{PolicyNumbers.title(higher)}”" in str(refusal.value)
    with pytest.raises(Refused), transaction() as session:
        adopt(session, numbers)
    with pytest.raises(Refused), transaction() as session:
        would_fire(session, numbers, EVERYTHING, DUE)
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Policy)) == 1


def test_a_leader_may_have_as_long_to_acknowledge_as_to_reply_and_until_the_office_hears() -> None:
    DEFAULT.model_copy(update={"acknowledge_within": 3, "reply_within": 3, "office_after": 3}).check()
    DEFAULT.model_copy(update={"reminder_after": 1, "leader_after": 2, "reminder_before": 0}).check()


def test_an_office_starts_with_the_default_numbers(ledger: str) -> None:
    with transaction() as session:
        assert present(session) == DEFAULT
        assert {present(session, (None, kind)) == DEFAULT for kind in ItemKind} == {True}


def test_new_numbers_are_a_new_version_and_the_former_stays(ledger: str) -> None:
    assert [take(PATIENT), take(HURRIED)] == [2, 3]
    with transaction() as session:
        versions = session.scalars(select(Policy).order_by(Policy.version)).all()
        assert [(each.version, each.kind, PolicyNumbers.model_validate(each)) for each in versions] == [
            (1, None, DEFAULT),
            (2, None, PATIENT),
            (3, None, HURRIED),
        ]
        said_by = select(Change.actor).where(Change.table_name == "policy", Change.column_name.is_(None))
        assert list(session.scalars(said_by.order_by(Change.id)))[-2:] == ["督查室", "督查室"]


def test_numbers_that_apply_already_are_refused(ledger: str) -> None:
    for numbers, kind in ((DEFAULT, None), (DEFAULT, ItemKind.VISIT)):
        with pytest.raises(Refused):
            take(numbers, kind)
    take(PATIENT)
    take(HURRIED, ItemKind.VISIT)
    for numbers, kind in ((PATIENT, None), (HURRIED, ItemKind.VISIT), (PATIENT, ItemKind.BLOCKER)):
        with pytest.raises(Refused):
            take(numbers, kind)


def test_a_new_version_sets_every_running_clock_anew_and_no_other(project: int) -> None:
    resting, raised, closed = block(project, date(2013, 6, 18), DUE, DUE)
    with transaction() as session:
        visit = open_visit(session, project)
        assert visit is not None
        session.get_one(ActionItem, closed).close(OPENED, ItemResult.WITHDRAWN)
    sweep(date(2013, 6, 19))  # the leader hears of what was due on the 17th, the owner of what was due on the 18th
    before = clocks()
    assert before == {
        visit.id: (Step.OFFICE, date(2013, 6, 24)),
        raised: (Step.OFFICE, date(2013, 6, 24)),
        resting: (Step.LEADER, date(2013, 6, 20)),
        closed: (None, None),
    }
    take(PATIENT)
    assert clocks() == {
        visit.id: (Step.OFFICE, date(2013, 6, 27)),
        raised: (Step.OFFICE, date(2013, 6, 27)),
        resting: (Step.LEADER, date(2013, 6, 24)),
        closed: (None, None),
    }
    take(DEFAULT)
    assert clocks() == before


def test_a_clock_that_stands_still_is_set_by_the_numbers_of_the_day_it_goes_on(project: int) -> None:
    for clock, day in ((Clock.HOLD, date(2013, 6, 13)), (Clock.RESUME, date(2013, 6, 14))):
        with transaction() as session:
            turn_clock(session, lock_project(session, project), clock, "环评公示", "副市长", day)
        if clock is Clock.HOLD:
            take(PATIENT)
            assert list(clocks().values()) == [(None, None)]
    assert list(clocks().values()) == [(Step.REMINDER_BEFORE, DUE)]  # the working day before the 18th


def test_the_numbers_of_a_kind_come_before_the_general_ones_whichever_is_newer(project: int) -> None:
    (blocker,) = block(project, DUE)
    with transaction() as session:
        visit = open_visit(session, project)
        assert visit is not None
    take(HURRIED, ItemKind.BLOCKER)
    assert clocks() == {
        visit.id: (Step.REMINDER_BEFORE, date(2013, 6, 9)),
        blocker: (Step.REMINDER_BEFORE, date(2013, 6, 7)),
    }
    take(PATIENT)
    assert clocks() == {
        visit.id: (Step.REMINDER_BEFORE, date(2013, 6, 14)),
        blocker: (Step.REMINDER_BEFORE, date(2013, 6, 7)),
    }
    with transaction() as session:
        assert present(session) == PATIENT
        assert (present(session, (None, ItemKind.VISIT)), present(session, (None, ItemKind.BLOCKER))) == (
            PATIENT,
            HURRIED,
        )


def test_a_kind_that_is_given_the_general_numbers_follows_them_again(project: int) -> None:
    (blocker,) = block(project, DUE)
    take(HURRIED, ItemKind.BLOCKER)
    assert compared(DEFAULT, ItemKind.BLOCKER, date(2013, 6, 6)) == {Step.REMINDER_BEFORE: (1, 0)}
    take(DEFAULT, ItemKind.BLOCKER)
    assert clocks()[blocker] == (Step.REMINDER_BEFORE, date(2013, 6, 9))
    with pytest.raises(Refused):
        take(DEFAULT, ItemKind.BLOCKER)
    assert compared(PATIENT, None, date(2013, 6, 8)) == {Step.REMINDER_BEFORE: (2, 0)}
    take(PATIENT)
    assert clocks()[blocker] == (Step.REMINDER_BEFORE, date(2013, 6, 14))
    with transaction() as session:
        assert present(session, (None, ItemKind.BLOCKER)) == PATIENT
    take(HURRIED, ItemKind.BLOCKER)
    assert clocks()[blocker] == (Step.REMINDER_BEFORE, date(2013, 6, 7))


@pytest.mark.parametrize(
    ("kind", "idle"),
    [
        (ItemKind.BLOCKER, "visit_every"),
        (ItemKind.VISIT, "blocker_within"),
        (ItemKind.MILESTONE, "extension_notice"),
        (ItemKind.VISIT, "verify_within"),
    ],
)
def test_a_kind_is_refused_numbers_that_mean_nothing_for_it(ledger: str, kind: ItemKind, idle: str) -> None:
    numbers = HURRIED.model_copy(update={idle: 7})
    with pytest.raises(Refused, match=PolicyNumbers.title(idle)):
        take(numbers, kind)
    with pytest.raises(Refused, match=PolicyNumbers.title(idle)):
        compared(numbers, kind, DUE)
    take(HURRIED, kind)
    take(HURRIED.model_copy(update={"verify_within": 7}), ItemKind.VERIFY)


def test_each_escalation_keeps_the_version_that_applied(city: int) -> None:
    (blocker,) = block(city, DUE)
    sweep(date(2013, 6, 9))
    take(PATIENT)
    sweep(date(2013, 6, 18))
    take(HURRIED, ItemKind.BLOCKER)
    sweep(date(2013, 6, 21))
    with transaction() as session:
        of = select(Escalation.step, Policy.version, Policy.kind).join(Policy).order_by(Escalation.id)
        rows = session.execute(of.where(Escalation.item_id == blocker)).all()
        others = session.execute(of.where(Escalation.item_id != blocker)).all()
    assert rows == [
        (Step.REMINDER_BEFORE, 1, None),
        (Step.REMINDER_AFTER, 2, None),
        (Step.OFFICE_REPEAT_1, 3, ItemKind.BLOCKER),  # leader 19, office 20, again on 21 June by the hurried numbers
    ]
    assert others == [(Step.REMINDER_BEFORE, 1, None), (Step.REMINDER_AFTER, 2, None), (Step.LEADER, 2, None)]


def test_a_dry_run_compares_the_next_working_day_and_writes_nothing(project: int) -> None:
    block(project, DUE, DUE)
    sweep(date(2013, 6, 18))
    before = clocks()
    assert compared(PATIENT, None, date(2013, 6, 18)) == {Step.LEADER: (3, 0)}
    assert compared(PATIENT, ItemKind.BLOCKER, date(2013, 6, 18)) == {Step.LEADER: (3, 1)}
    assert compared(HURRIED, None, date(2013, 6, 18)) == {Step.LEADER: (3, 3)}
    assert clocks() == before
    with transaction() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (Policy, Escalation, SweepLog)]
    assert counts == [1, 3, 1]


def test_a_dry_run_leaves_out_the_kinds_with_numbers_of_their_own(project: int) -> None:
    block(project, DUE, DUE)
    take(DEFAULT.model_copy(update={"blocker_within": 30}), ItemKind.BLOCKER)
    assert compared(HURRIED, None, date(2013, 6, 6)) == {Step.REMINDER_BEFORE: (0, 1)}
    assert compared(HURRIED, ItemKind.BLOCKER, date(2013, 6, 6)) == {Step.REMINDER_BEFORE: (0, 2)}


def test_the_day_after_a_dry_run_on_the_eve_of_a_festival_is_the_next_that_is_worked(project: int) -> None:
    block(project, date(2013, 6, 9))
    assert compared(PATIENT, None, date(2013, 6, 9)) == {
        Step.REMINDER_BEFORE: (1, 0),  # the visit's, of the 9th: not swept yet
        Step.REMINDER_AFTER: (1, 1),  # on the 13th, after Dragon Boat
    }


@pytest.mark.parametrize("numbers", [None, PATIENT, HURRIED], ids=["present", "patient", "hurried"])
@pytest.mark.parametrize("last", [date(2013, 6, 8), date(2013, 6, 19), date(2013, 6, 27)], ids=str)
def test_what_a_dry_run_says_is_what_the_next_sweep_fires(
    project: int, last: date, numbers: PolicyNumbers | None
) -> None:
    block(project, *(date(2013, 6, day) for day in (6, 7, 9, 13, 14, 18, 20, 24, 26, 28)))
    sweep(date(2013, 6, 7))
    sweep(last)
    said = compared(numbers or DEFAULT, None, last)
    if numbers:
        take(numbers)
    with transaction() as session:
        following = session.scalars(select(ActionItem.next_fires_on).where(ActionItem.closed_on.is_(None)))
        assert all(following)
    next_day = {8: date(2013, 6, 9), 19: date(2013, 6, 20), 27: date(2013, 6, 28)}[last.day]
    column = 1 if numbers else 0
    assert steps_of(sweep(next_day)) == {step: counts[column] for step, counts in said.items() if counts[column]}


def test_numbers_adopted_while_sweeps_run_fire_nothing_twice(project: int) -> None:
    block(project, *[DUE] * 10)
    days = [date(2013, 6, day) for day in (9, 13, 14, 17, 18, 19, 20, 21, 24, 25)]
    together = threading.Barrier(2)

    def change() -> None:
        for number in range(len(days)):
            together.wait(timeout=10)
            take((PATIENT, HURRIED)[number % 2])

    def fire() -> None:
        for day in days:
            together.wait(timeout=10)
            sweep(day)

    with ThreadPoolExecutor(2) as hands:
        for work in [hands.submit(change), hands.submit(fire)]:
            work.result(timeout=60)
    with transaction() as session:
        fired = session.execute(select(Escalation.item_id, Escalation.raised_on, Escalation.step)).all()
    assert len({(item, day) for item, day, _step in fired}) == len(fired)
    assert {item for item, _day, _step in fired} == set(clocks())
