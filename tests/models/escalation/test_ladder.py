"""The ladder climbs by working days, whatever weekday or festival a due date falls on, however late
a sweep comes.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import Connection, insert, update

from models.escalation.action_item import ActionItem
from models.escalation.calendar import official_calendar
from models.escalation.ladder import Firing, due_step, firings, long_overdue_until, new_round, one_step_up, resumed
from models.escalation.policy import Policy
from models.escalation.recipients import MANNED
from models.ledger.organisation import Unit
from models.words import AT_OFFICE, RAISED, ItemKind, Step
from support.ledgers.spare import SpareLedgers
from tasks.database import engine

CALENDAR = official_calendar(2012, 2028)
POLICY = Policy(reminder_before=3, reminder_after=1, leader_after=2, office_after=3, office_repeat_every=5)
DUE = date(2013, 5, 20)

# Counted by hand on the State Council's lists for 2013 and 2026. A star: a Saturday or Sunday that
# was worked.
#  due           before  after   leader  office  level 2 level 3 level 4
CLIMBS = """
2013-05-20 Mon   05-15   05-21   05-22   05-27   06-03   06-08*  06-18    an ordinary week, then Dragon Boat (8, 9 June
2013-05-21 Tue   05-16   05-22   05-23   05-28   06-04   06-09*  06-19    worked, 10-12 June off)
2013-05-22 Wed   05-17   05-23   05-24   05-29   06-05   06-13   06-20
2013-05-23 Thu   05-20   05-24   05-27   05-30   06-06   06-14   06-21
2013-05-24 Fri   05-21   05-27   05-28   05-31   06-07   06-17   06-24
2013-06-01 Sat   05-29   06-03   06-04   06-07   06-17   06-24   07-01    due on a day off
2013-02-06 Wed   02-01   02-07   02-08   02-18   02-25   03-04   03-11    Spring Festival: 9-15 February off,
2013-02-08 Fri   02-05   02-16*  02-17*  02-20   02-27   03-06   03-13    16 and 17 worked
2013-02-12 Tue   02-06   02-16*  02-17*  02-20   02-27   03-06   03-13
2013-02-16 Sat*  02-06   02-17*  02-18   02-21   02-28   03-07   03-14
2013-02-18 Mon   02-08   02-19   02-20   02-25   03-04   03-11   03-18
2013-04-02 Tue   03-28   04-03   04-07*  04-10   04-17   04-24   05-02    Qingming: 4-6 April off, 7 worked;
2013-04-03 Wed   03-29   04-07*  04-08   04-11   04-18   04-25   05-03    27 and 28 April worked, 29 April - 1 May off
2013-04-05 Fri   04-01   04-07*  04-08   04-11   04-18   04-25   05-03
2013-04-07 Sun*  04-01   04-08   04-09   04-12   04-19   04-26   05-06
2013-04-08 Mon   04-02   04-09   04-10   04-15   04-22   04-27*  05-07
2013-09-27 Fri   09-24   09-29*  09-30   10-10   10-16   10-23   10-30    National Day: 1-7 October off,
2013-09-30 Mon   09-26   10-08   10-09   10-12*  10-18   10-25   11-01    29 September and 12 October worked
2013-10-04 Fri   09-27   10-08   10-09   10-12*  10-18   10-25   11-01
2013-10-08 Tue   09-27   10-09   10-10   10-14   10-21   10-28   11-04
2013-10-12 Sat*  10-09   10-14   10-15   10-18   10-25   11-01   11-08
2026-05-18 Mon   05-13   05-19   05-20   05-25   06-01   06-08   06-15    an ordinary week; Dragon Boat: 19-21 June off
2026-05-19 Tue   05-14   05-20   05-21   05-26   06-02   06-09   06-16
2026-05-20 Wed   05-15   05-21   05-22   05-27   06-03   06-10   06-17
2026-05-21 Thu   05-18   05-22   05-25   05-28   06-04   06-11   06-18
2026-05-22 Fri   05-19   05-25   05-26   05-29   06-05   06-12   06-22
2026-05-30 Sat   05-27   06-01   06-02   06-05   06-12   06-22   06-29    due on a day off
2026-02-12 Thu   02-09   02-13   02-14*  02-26   03-04   03-11   03-18    Spring Festival: 15-23 February off,
2026-02-14 Sat*  02-11   02-24   02-25   02-28*  03-06   03-13   03-20    14 and 28 worked
2026-02-18 Wed   02-12   02-24   02-25   02-28*  03-06   03-13   03-20
2026-02-24 Tue   02-12   02-25   02-26   03-02   03-09   03-16   03-23
2026-02-28 Sat*  02-25   03-02   03-03   03-06   03-13   03-20   03-27
2026-04-02 Thu   03-30   04-03   04-07   04-10   04-17   04-24   05-06    Qingming: 4-6 April off; 1-5 May off
2026-04-03 Fri   03-31   04-07   04-08   04-13   04-20   04-27   05-07
2026-04-05 Sun   04-01   04-07   04-08   04-13   04-20   04-27   05-07
2026-04-07 Tue   04-01   04-08   04-09   04-14   04-21   04-28   05-08
2026-09-28 Mon   09-22   09-29   09-30   10-10*  10-16   10-23   10-30    National Day: 1-7 October off, 10 worked;
2026-09-30 Wed   09-24   10-08   10-09   10-13   10-20   10-27   11-03    Mid-Autumn: 25-27 September off
2026-10-03 Sat   09-28   10-08   10-09   10-13   10-20   10-27   11-03
2026-10-08 Thu   09-28   10-09   10-10*  10-14   10-21   10-28   11-04
2026-10-10 Sat*  09-30   10-12   10-13   10-16   10-23   10-30   11-06
"""

# Sweeps ran daily through `last`, then none until `next`. What has fired by then stays fired; the
# time to answer counts
# from the day a step really fired.
#  due        last   next   fires            and after it
SILENCES = """
2013-05-20    05-10  05-20  reminder_before  reminder_after  05-21    ten days
2013-05-20    05-14  05-24  leader           office          05-29
2013-05-20    05-17  05-27  office           office_repeat_1 06-03
2013-05-20    05-21  05-31  office           office_repeat_1 06-07
2013-05-20    05-20  06-03  office_repeat_1  office_repeat_2 06-08    ten working days
2013-05-20    05-22  06-05  office_repeat_1  office_repeat_2 06-13
2013-05-23    05-23  06-02  office           office_repeat_1 06-07    ten days, swept on a Sunday by hand
2013-05-24    05-24  06-03  office           office_repeat_1 06-08
2013-02-08    02-08  02-18  leader           office          02-21    ten days, three of them worked
2013-02-08    02-08  02-27  office_repeat_1  office_repeat_2 03-06    ten working days
2013-04-03    04-03  04-13  office           office_repeat_1 04-19    ten days, swept on a Saturday by hand
2013-09-30    09-30  10-10  leader           office          10-14    ten days, three of them worked
2026-02-14    02-14  02-24  reminder_after   leader          02-25    ten days, one of them worked
2026-04-03    04-03  04-13  office           office_repeat_1 04-20
2026-09-30    09-30  10-10  leader           office          10-14
2026-09-28    10-10  10-23  office_repeat_2  office_repeat_3 10-30    ten working days
2026-09-28    10-23  11-06  office_repeat_3  -               -
"""


def rows(table: str, width: int) -> list[list[str]]:
    return [line.split()[:width] for line in table.strip().splitlines()]


def that_year(day: str, due: date) -> date:
    return date.fromisoformat(f"{due.year}-{day.rstrip('*')}")


def owed(due_on: date = DUE, **state: object) -> ActionItem:
    return ActionItem(**{"kind": ItemKind.VISIT, "due_on": due_on, "round": 1, "is_paused": False, **state})


STATE = ("round", "entry_step", "promised_on", "resumed_step", "fired_step", "fired_on")


class Rounds:
    """Lets an item begin a round by the ladder's columns in an UPDATE, as every write does, and
    reads it back.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        unit_id = connection.scalar(insert(Unit).values(name="清丰县").returning(Unit.id))
        new = insert(ActionItem).values(kind=ItemKind.VISIT, unit_id=unit_id, opened_on=DUE, due_on=DUE)
        self._item_id = connection.scalar(new.returning(ActionItem.id))

    def restart(self, item: ActionItem, entry: Step | None = None, promised_on: date | None = None) -> None:
        self._apply(item, new_round(entry=entry, promised_on=promised_on))

    def resume(self, item: ActionItem) -> None:
        self._apply(item, resumed(None))

    def _apply(self, item: ActionItem, columns: dict[str, object]) -> None:
        stored = update(ActionItem).where(ActionItem.id == self._item_id)
        self._connection.execute(stored.values({name: getattr(item, name) for name in STATE}))
        again = self._connection.execute(stored.values(**columns).returning(*(getattr(ActionItem, n) for n in STATE)))
        for name, value in again.mappings().one().items():
            setattr(item, name, value)


@pytest.fixture(scope="module")
def rounds(ledgers: SpareLedgers) -> Iterator[Rounds]:
    """An item in a ledger that takes on the state of another and begins its next round."""
    with ledgers.empty(), engine().connect() as connection:
        yield Rounds(connection)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=passed) for passed in range((last - first).days + 1)]


def sweep_on(
    item: ActionItem, swept: Iterable[date], policy: Policy = POLICY, manned: Collection[Step] = tuple(Step)
) -> list[Firing]:
    """What fires when sweeps run on those of the days that are worked, as the flow does."""
    fired = []
    for day in swept:
        if CALENDAR.is_working(day) and (firing := due_step(item, policy, CALENDAR, day, manned)):
            item.fired_step, item.fired_on = firing.step, day
            fired.append(Firing(firing.step, day))
    return fired


@pytest.mark.parametrize("row", rows(CLIMBS, 9), ids=" ".join)
def test_each_step_fires_on_its_working_day(row: list[str]) -> None:
    due = date.fromisoformat(row[0])
    assert (f"{due:%a}", CALENDAR.is_working(due) and due.weekday() >= 5) == (row[1].rstrip("*"), row[1].endswith("*"))
    expected = [Firing(step, that_year(day, due)) for step, day in zip(Step, row[2:], strict=True)]
    assert [f"{firing.day:%m-%d}{'*' * (firing.day.weekday() >= 5)}" for firing in expected] == row[2:]
    item = owed(due)
    assert sweep_on(item, days(due - timedelta(days=40), due + timedelta(days=80))) == expected
    assert next(firings(item, POLICY, CALENDAR), None) is None


@pytest.mark.parametrize("row", rows(SILENCES, 6), ids=" ".join)
def test_after_ten_days_without_a_sweep_the_step_that_stands_fires_alone(row: list[str]) -> None:
    due = date.fromisoformat(row[0])
    last, late = (that_year(day, due) for day in row[1:3])
    item = owed(due)
    sweep_on(item, days(due - timedelta(days=40), last))
    firing = due_step(item, POLICY, CALENDAR, late)
    assert firing is not None
    assert firing.step == row[3]
    item.fired_step, item.fired_on = firing.step, late
    assert due_step(item, POLICY, CALENDAR, late) is None, "a second sweep that day fires nothing more"
    following = next(firings(item, POLICY, CALENDAR), None)
    assert following == (None if row[4] == "-" else Firing(Step(row[4]), that_year(row[5], due)))


def test_a_promise_is_reminded_of_and_broken_goes_to_the_office_on_the_working_day_after(rounds: Rounds) -> None:
    item = owed()
    sweep_on(item, days(date(2013, 5, 1), date(2013, 5, 23)))
    assert (item.fired_step, item.round) == (Step.LEADER, 1)
    rounds.restart(item, entry=Step.OFFICE, promised_on=date(2013, 6, 9))  # a Sunday that was worked
    assert (item.fired_step, item.fired_on, item.round) == (None, None, 2)
    assert sweep_on(item, days(date(2013, 5, 24), date(2013, 6, 30))) == [
        Firing(Step.REMINDER_BEFORE, date(2013, 6, 6)),
        Firing(Step.OFFICE, date(2013, 6, 13)),  # after Dragon Boat
        Firing(Step.OFFICE_REPEAT_1, date(2013, 6, 20)),
        Firing(Step.OFFICE_REPEAT_2, date(2013, 6, 27)),
    ]


@pytest.mark.parametrize("fired", [None, Step.REMINDER_BEFORE, Step.REMINDER_AFTER])
def test_until_the_leader_has_heard_a_new_date_stays_in_the_round_and_repeats_no_reminder(
    rounds: Rounds, fired: Step | None
) -> None:
    item = owed(fired_step=fired, fired_on=fired and DUE)
    rounds.restart(item)
    assert (item.round, item.fired_step) == (1, fired)
    item.due_on = date(2013, 7, 1)
    again = [firing.step for firing in sweep_on(item, days(DUE, date(2013, 9, 1)))]
    assert again == [step for step in Step if fired is None or step.position > fired.position]


@pytest.mark.parametrize("fired", RAISED)
def test_once_the_leader_has_heard_a_new_date_is_a_new_round_in_which_every_step_may_fire(
    rounds: Rounds, fired: Step
) -> None:
    item = owed(fired_step=fired, fired_on=DUE, entry_step=Step.OFFICE, promised_on=DUE)
    rounds.restart(item)
    assert (item.round, item.fired_step, item.fired_on) == (2, None, None)
    assert (item.entry_step, item.promised_on) == (None, None)
    item.due_on = date(2013, 7, 1)
    assert [firing.step for firing in sweep_on(item, days(DUE, date(2013, 9, 1)))] == list(Step)


@pytest.mark.parametrize(
    ("reached", "first"),
    [
        (None, Step.REMINDER_AFTER),
        (Step.REMINDER_BEFORE, Step.REMINDER_AFTER),
        (Step.REMINDER_AFTER, Step.LEADER),
        *((step, Step.OFFICE) for step in RAISED),
    ],
)
def test_what_is_opened_again_begins_one_step_up_at_most_at_the_office(
    rounds: Rounds, reached: Step | None, first: Step
) -> None:
    item = owed(date(2013, 7, 1), fired_step=reached, fired_on=reached and DUE)
    rounds.restart(item, entry=one_step_up(reached))
    after = [firing for firing in sweep_on(item, days(DUE, date(2013, 7, 2))) if firing.step.reaches(first)]
    assert after == [Firing(first, date(2013, 7, 2))]


def test_after_a_resume_the_rung_that_was_reached_fires_again_before_any_above_it(rounds: Rounds) -> None:
    item = owed(date(2013, 6, 18), fired_step=Step.LEADER, fired_on=date(2013, 6, 21))  # late: the 20th was its day
    rounds.resume(item)
    assert (item.round, item.resumed_step) == (2, Step.LEADER)
    rounds.resume(item)  # stopped again before any sweep
    assert (item.round, item.resumed_step) == (2, Step.LEADER)
    assert sweep_on(item, days(date(2013, 6, 25), date(2013, 7, 5))) == [
        Firing(Step.LEADER, date(2013, 6, 25)),
        Firing(Step.OFFICE, date(2013, 6, 28)),
        Firing(Step.OFFICE_REPEAT_1, date(2013, 7, 5)),
    ]
    rounds.restart(item)
    assert item.resumed_step is None


@pytest.mark.parametrize("fired", [None, Step.REMINDER_BEFORE, Step.REMINDER_AFTER])
def test_a_resume_before_the_leader_has_heard_stays_in_the_round(rounds: Rounds, fired: Step | None) -> None:
    item = owed(fired_step=fired, fired_on=fired and DUE)
    rounds.resume(item)
    assert (item.round, item.fired_step, item.resumed_step) == (1, fired, None)


@pytest.mark.parametrize(
    ("entry", "climb"),
    [
        (None, ["reminder_after 06-09", "leader 06-14", "office 06-19", "office_repeat_1 06-26"]),
        (Step.LEADER, ["leader 06-09", "office 06-17", "office_repeat_1 06-24"]),
        (Step.OFFICE, ["office 06-09", "office_repeat_1 06-19", "office_repeat_2 06-26"]),
    ],
)
def test_what_came_in_long_overdue_begins_with_its_entry_step_on_its_day(entry: Step | None, climb: list[str]) -> None:
    item = owed(date(2012, 3, 1), begins_on=date(2013, 6, 9), entry_step=entry)
    fired = sweep_on(item, days(date(2013, 6, 1), date(2013, 6, 26)))
    assert [f"{firing.step} {firing.day:%m-%d}" for firing in fired] == climb


def test_on_a_day_off_it_begins_on_the_next_working_day() -> None:
    item = owed(date(2012, 3, 1), begins_on=date(2013, 6, 10))
    assert next(firings(item, POLICY, CALENDAR)) == Firing(Step.REMINDER_AFTER, date(2013, 6, 13))


@pytest.mark.parametrize(
    ("manned", "entry", "climb"),
    [
        ({Step.REMINDER_AFTER, *AT_OFFICE}, None, ["reminder_after 06-09", "office 06-19", "office_repeat_1 06-26"]),
        (AT_OFFICE, None, ["office 06-19", "office_repeat_1 06-26"]),
        (AT_OFFICE, Step.LEADER, ["office 06-17", "office_repeat_1 06-24"]),
        (AT_OFFICE, Step.OFFICE, ["office 06-09", "office_repeat_1 06-19", "office_repeat_2 06-26"]),
        ({Step.LEADER, *AT_OFFICE}, None, ["leader 06-14", "office 06-19", "office_repeat_1 06-26"]),
    ],
)
def test_of_what_came_in_long_overdue_empty_rungs_below_the_office_are_waited_out(
    manned: Collection[Step], entry: Step | None, climb: list[str]
) -> None:
    item = owed(date(2012, 3, 1), begins_on=date(2013, 6, 9), entry_step=entry)
    fired = sweep_on(item, days(date(2013, 6, 1), date(2013, 6, 26)), manned=manned)
    assert [f"{firing.step} {firing.day:%m-%d}" for firing in fired] == climb


def test_a_rung_at_which_the_clock_stopped_below_the_entry_holds_back_what_is_above_the_entry() -> None:
    item = owed(entry_step=Step.OFFICE, resumed_step=Step.LEADER)
    assert [firing.step for firing in firings(item, POLICY, CALENDAR)][1:] == [Step.OFFICE]
    late = due_step(item, POLICY, CALENDAR, date(2013, 9, 2))
    assert late is not None
    assert late.step is Step.OFFICE


DUES = some.dates(date(2013, 1, 1), date(2026, 12, 31))
SWEPT = some.sets(some.integers(-60, 200), max_size=40).map(sorted)


@some.composite
def policies(draw: some.DrawFn) -> Policy:
    """Numbers the operator's form and its check let pass."""
    reminder = draw(some.integers(1, 8))
    return Policy(
        reminder_before=draw(some.integers(0, 15)),
        reminder_after=reminder,
        leader_after=reminder + draw(some.integers(1, 8)),
        office_after=draw(some.integers(1, 15)),
        office_repeat_every=draw(some.integers(1, 15)),
    )


def sweeps_since(due: date, passed: Iterable[int]) -> list[date]:
    return [due + timedelta(days=each) for each in passed]


@given(DUES, policies(), SWEPT)
def test_steps_only_rise_and_none_fires_twice_on_a_day_off_or_before_its_day(
    due: date, policy: Policy, passed: list[int]
) -> None:
    in_time = {firing.step: firing.day for firing in firings(owed(due), policy, CALENDAR)}
    fired = sweep_on(owed(due), sweeps_since(due, passed), policy)
    for before, after in pairwise(fired):
        assert after.step.position > before.step.position
        assert after.day > before.day
    for firing in fired:
        assert CALENDAR.is_working(firing.day)
        assert firing.day >= in_time[firing.step]


@given(DUES, policies(), SWEPT, some.sampled_from([None, Step.LEADER, Step.OFFICE]))
def test_what_came_in_long_overdue_begins_low_however_late_the_sweeps_and_cuts_nobodys_time(
    day: date, policy: Policy, passed: list[int], entry: Step | None
) -> None:
    item = owed(date(2012, 3, 1), begins_on=day, entry_step=entry)
    fired = sweep_on(item, sweeps_since(day, passed), policy)
    assert [firing.step for firing in fired[:1]] == [entry or Step.REMINDER_AFTER] * bool(fired)
    assert all(firing.day >= day for firing in fired)
    for before, after in pairwise(fired):
        assert after.step.position > before.step.position
        if after.step is Step.LEADER:
            assert CALENDAR.elapsed(before.day, after.day) >= policy.leader_after
        if before.step is Step.LEADER:
            assert CALENDAR.elapsed(before.day, after.day) >= policy.office_after


@given(DUES, policies(), some.integers(1, 12))
def test_long_overdue_is_exactly_what_the_first_sweep_would_raise_to_the_office(
    as_of: date, policy: Policy, around: int
) -> None:
    until, first_sweep = long_overdue_until(policy, CALENDAR, as_of), CALENDAR.add(as_of, 1)
    for due in days(until - timedelta(around), until + timedelta(around)):
        step = due_step(owed(due), policy, CALENDAR, first_sweep)
        assert (due <= until) == (step is not None and step.step in AT_OFFICE)


@given(DUES, policies(), SWEPT)
def test_a_sweep_fires_the_highest_step_that_stands_and_the_stored_day_hides_none(
    due: date, policy: Policy, passed: list[int]
) -> None:
    item = owed(due)
    for day in filter(CALENDAR.is_working, sweeps_since(due, passed)):
        following, stands = next(firings(item, policy, CALENDAR), None), due_step(item, policy, CALENDAR, day)
        assert (stands is not None) == (following is not None and following.day <= day)
        if stands:
            item.fired_step, item.fired_on = stands.step, day
            following = next(firings(item, policy, CALENDAR), None)
            assert following is None or (following.day > day and following.step.position == stands.step.position + 1)


@given(DUES, policies(), SWEPT)
def test_however_late_the_sweeps_nobodys_time_to_answer_is_cut(due: date, policy: Policy, passed: list[int]) -> None:
    for before, after in pairwise(sweep_on(owed(due), sweeps_since(due, passed), policy)):
        if before.step is Step.LEADER:
            assert CALENDAR.elapsed(before.day, after.day) >= policy.office_after
        if before.step in AT_OFFICE:
            assert CALENDAR.elapsed(before.day, after.day) >= policy.office_repeat_every


@settings(deadline=None)  # each example asks the database
@given(DUES, policies(), SWEPT, some.sampled_from(RAISED), some.integers(-60, 200))
def test_a_pause_cuts_nobodys_time_to_answer_either(
    rounds: Rounds, due: date, policy: Policy, passed: list[int], reached: Step, fired: int
) -> None:
    item = owed(due, fired_step=reached, fired_on=due + timedelta(days=fired))
    rounds.resume(item)
    again = sweep_on(item, sweeps_since(due, passed), policy)
    above = [firing for firing in again if firing.step.position > reached.position]
    assert not above or reached in {firing.step for firing in again}
    for before, after in pairwise(again):
        if before.step is Step.LEADER:
            assert CALENDAR.elapsed(before.day, after.day) >= policy.office_after


WITHOUT_LEADER = frozenset(Step) - {Step.LEADER}
WITHOUT_OFFICE = frozenset(Step) - set(AT_OFFICE)
ONLY_OFFICE = frozenset(AT_OFFICE)


@pytest.mark.parametrize(
    ("manned", "climbs"),
    [
        (WITHOUT_LEADER, "05-15 05-21 - 05-22 05-29 06-05 06-13"),
        (ONLY_OFFICE, "- - - 05-21 05-28 06-04 06-09"),
        (WITHOUT_OFFICE, "05-15 05-21 05-22 - - - -"),
        (frozenset({Step.LEADER}), "- - 05-21 - - - -"),
        (frozenset({Step.LEADER, *AT_OFFICE}), "- - 05-21 05-24 05-31 06-07 06-17"),
        (frozenset(), "- - - - - - -"),
    ],
)
def test_an_empty_step_is_not_waited_out(manned: frozenset[Step], climbs: str) -> None:
    expected = [Firing(step, that_year(day, DUE)) for step, day in zip(Step, climbs.split(), strict=True) if day != "-"]
    assert sweep_on(owed(), days(date(2013, 5, 2), date(2013, 7, 31)), manned=manned) == expected


def test_before_the_date_an_empty_step_brings_nothing_forward() -> None:
    assert due_step(owed(), POLICY, CALENDAR, DUE, ONLY_OFFICE) is None


def test_a_leader_found_late_has_his_days_though_the_office_was_found_with_him() -> None:
    item, found_on = owed(), date(2013, 6, 6)
    assert sweep_on(item, days(date(2013, 5, 2), date(2013, 6, 5)), manned=frozenset()) == []
    firing = due_step(item, POLICY, CALENDAR, found_on, was_unheard=True)
    assert firing == Firing(Step.LEADER, date(2013, 5, 22))
    item.fired_step, item.fired_on = Step.LEADER, found_on
    assert next(firings(item, POLICY, CALENDAR)) == Firing(Step.OFFICE, CALENDAR.add(found_on, 3))


def test_an_inspector_found_late_begins_with_the_first_notice() -> None:
    item = owed(fired_step=Step.LEADER, fired_on=date(2013, 5, 22))
    firing = due_step(item, POLICY, CALENDAR, date(2013, 7, 1), was_unheard=True)
    assert firing is not None
    assert firing.step is Step.OFFICE


def test_a_step_at_which_the_clock_stopped_and_that_is_empty_by_now_holds_nothing_back() -> None:
    item = owed(resumed_step=Step.LEADER)
    assert [firing.step for firing in firings(item, POLICY, CALENDAR)][-1] is Step.LEADER
    above = [firing for firing in firings(item, POLICY, CALENDAR, WITHOUT_LEADER) if firing.step in RAISED]
    assert above == [Firing(Step.OFFICE, date(2013, 5, 22))]


@given(DUES, policies(), SWEPT, some.sets(some.sampled_from(Step)))
def test_nobody_is_passed_over_and_nothing_is_waited_out_for_nobody(
    due: date, policy: Policy, passed: list[int], manned: set[Step]
) -> None:
    every = {firing.step: firing.day for firing in firings(owed(due), policy, CALENDAR)}
    some_of_them = {firing.step: firing.day for firing in firings(owed(due), policy, CALENDAR, manned)}
    assert set(some_of_them) == manned
    assert all(day <= every[step] for step, day in some_of_them.items())
    assert all(day > due or step is Step.REMINDER_BEFORE for step, day in some_of_them.items())
    fired = sweep_on(owed(due), sweeps_since(due, passed), policy, manned)
    assert {firing.step for firing in fired} <= manned


STAFFS = [staff for staff in MANNED.values() if not (Step.LEADER in staff and Step.REMINDER_AFTER not in staff)]


@given(DUES, policies(), some.lists(some.sampled_from(STAFFS), min_size=40, max_size=40))
def test_whoever_comes_and_goes_nobody_is_passed_over_and_the_leader_has_his_days(
    due: date, policy: Policy, staffs: list[frozenset[Step]]
) -> None:
    item, heard = owed(due), dict[Step, date]()
    first = CALENDAR.shift(due, -2)
    for passed, manned in enumerate(staffs):
        day = CALENDAR.shift(first, passed)
        was_unheard = item.unheard_since is not None and not (
            item.fired_step in RAISED and item.fired_on >= item.unheard_since
        )
        firing = due_step(item, policy, CALENDAR, day, manned, was_unheard=was_unheard)
        would = due_step(item, policy, CALENDAR, day)
        if firing is None:
            if would and would.step is not Step.REMINDER_BEFORE:
                assert not any(item.fired_step is None or step.position > item.fired_step.position for step in manned)
                item.unheard_since = item.unheard_since if was_unheard else day
            continue
        assert firing.step in manned
        if firing.step in AT_OFFICE and Step.LEADER in heard:
            assert CALENDAR.elapsed(heard[Step.LEADER], day) >= policy.office_after
        elif firing.step in AT_OFFICE and item.fired_step not in AT_OFFICE:
            assert Step.LEADER not in manned, "a leader who is known hears before the office"
        heard[firing.step] = item.fired_on = day
        item.fired_step = firing.step


@settings(deadline=None)  # each example asks the database
@given(DUES, policies(), SWEPT)
def test_a_promise_gives_the_leader_until_its_day_and_never_sends_him_the_matter_again(
    rounds: Rounds, due: date, policy: Policy, passed: list[int]
) -> None:
    item = owed(fired_step=Step.LEADER, fired_on=DUE)
    rounds.restart(item, entry=Step.OFFICE, promised_on=due)
    fired = sweep_on(item, sweeps_since(due, passed), policy)
    assert not {firing.step for firing in fired} & {Step.REMINDER_AFTER, Step.LEADER}
    assert all(firing.day > due for firing in fired if firing.step in AT_OFFICE)


@settings(deadline=None)  # each example asks the database
@given(
    DUES,
    policies(),
    some.lists(some.tuples(SWEPT, some.sampled_from([None, Step.LEADER, Step.OFFICE])), min_size=1, max_size=4),
)
def test_in_every_round_each_step_fires_at_most_once(
    rounds: Rounds, due: date, policy: Policy, sweeps: list[tuple[list[int], Step | None]]
) -> None:
    item = owed(due)
    seen: list[tuple[int, Step]] = []
    for passed, entry in sweeps:
        fired = sweep_on(item, sweeps_since(item.due_on, passed), policy)
        seen += [(item.round, firing.step) for firing in fired]
        heard, former = item.fired_step in RAISED, item.round
        item.due_on += timedelta(days=200)
        rounds.restart(item, entry=entry)
        assert item.round == former + heard
        item.due_on = min(item.due_on, date(2026, 12, 31))
    assert len(seen) == len(set(seen))
