"""A project that its file calls stopped, going on or under construction: believed or named."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from models.escalation.action_item import Pause
from models.office_files.rows import Effect, LedgerRow, MilestoneCells
from models.words import Clock, ItemKind, MilestoneKind, Stage, VisitOutcome
from support.ledgers.file_of_rows import PROBLEM, ROW, STARTED, TODAY, bring, counts, history, items, project
from tasks.database import transaction
from tasks.items.assignments import turn_clock
from tasks.ledger.locks import lock_project

pytestmark = pytest.mark.usefixtures("in_english", "ledger")

STOPPED = replace(ROW, clock=Clock.HOLD, claim_cell="停工", exit_reason="资金未到位")
GOES_ON = replace(ROW, clock=Clock.RESUME, claim_cell="已复工")
LATER = date(2013, 7, 1)


def pauses() -> list[tuple[str, str, date, date | None]]:
    with transaction() as session:
        columns = Pause.reason, Pause.granted_by, Pause.from_on, Pause.until_on
        return [tuple(row) for row in session.execute(select(*columns).order_by(Pause.id))]


def by_hand(clock: Clock, reason: str = "停电", day: date = TODAY) -> None:
    with transaction("张三") as session:
        turn_clock(session, lock_project(session, project().id), clock, reason, "张三", day)


def notes(result: Any) -> list[tuple[str, Effect]]:
    return [(problem.value, problem.effect) for problem in result.problems]


def test_a_stopped_project_is_on_hold_with_the_files_reason_and_twice_changes_nothing():
    result = bring(replace(STOPPED, blockers=(PROBLEM,)))
    assert (counts(result), result.problems) == ((1, 0, 0), ())
    assert pauses() == [("资金未到位", "六月台账.xlsx", TODAY, None)] * 2
    assert all(item.is_paused and item.next_fires_on is None for kind in ItemKind for item in items(kind))
    before = history()
    assert counts(bring(replace(STOPPED, blockers=(PROBLEM,)), as_of=LATER)) == (0, 0, 1)
    assert history() == before


def test_a_known_project_that_stops_has_changed():
    bring(ROW)
    assert counts(bring(STOPPED)) == (0, 1, 0)
    assert pauses() == [("资金未到位", "六月台账.xlsx", TODAY, None)]


def test_a_stop_takes_its_reason_from_the_problems_of_its_row():
    bring(replace(STOPPED, exit_reason="", blockers=(PROBLEM,)))
    assert {reason for reason, *_rest in pauses()} == {PROBLEM.description}


def test_a_stop_without_any_reason_is_named_and_the_clock_runs():
    result = bring(replace(STOPPED, exit_reason=""))
    assert notes(result) == [("停工", Effect.CELL_LEFT_OUT)]
    assert "needs its reason" in result.problems[0].reason
    assert pauses() == []


def test_a_project_that_goes_on_again_is_on_hold_no_more_and_no_older_file_stops_it():
    bring(STOPPED)
    assert counts(bring(GOES_ON, as_of=LATER)) == (0, 1, 0)
    assert pauses() == [("资金未到位", "六月台账.xlsx", TODAY, LATER)]
    (visit,) = items(ItemKind.VISIT)
    assert (visit.is_paused, visit.next_fires_on is None) == (False, False)
    before = history()
    assert counts(bring(GOES_ON, as_of=LATER)) == (0, 0, 1)
    result = bring(STOPPED, as_of=LATER)
    assert (counts(result), notes(result)) == ((0, 0, 1), [("停工", Effect.NOTE)])
    assert history() == before


def test_a_new_stop_for_another_reason_holds_again():
    bring(STOPPED)
    bring(GOES_ON, as_of=LATER)
    assert counts(bring(replace(STOPPED, exit_reason="洪水"), as_of=LATER)) == (0, 1, 0)
    assert [reason for reason, _by, _from, until in pauses() if until is None] == ["洪水"]


def test_what_people_resumed_no_file_stops_again():
    bring(STOPPED)
    by_hand(Clock.RESUME, day=LATER)
    assert notes(bring(STOPPED, as_of=LATER)) == [("停工", Effect.NOTE)]
    assert all(until for *_rest, until in pauses())


def test_what_people_stopped_no_file_resumes():
    bring(ROW)
    by_hand(Clock.HOLD)
    for row in (GOES_ON, replace(ROW, clock=Clock.KEEP, claim_cell="推进中")):
        result = bring(row, as_of=LATER)
        assert (counts(result), notes(result)) == ((0, 0, 1), [(row.claim_cell, Effect.NOTE)])
        assert "张三" in result.problems[0].reason
    assert [until for *_rest, until in pauses()] == [None]


def test_only_a_word_that_says_so_resumes_what_a_file_stopped():
    bring(STOPPED)
    result = bring(replace(ROW, clock=Clock.KEEP, claim_cell="推进中"), as_of=LATER)
    assert (counts(result), notes(result)) == ((0, 0, 1), [("推进中", Effect.NOTE)])
    assert "已复工" in result.problems[0].reason


def test_a_milestone_without_its_day_is_named_with_its_column():
    row = replace(ROW, reached=MilestoneKind.CONSTRUCTION_STARTED, claim_cell="在建")
    result = bring(row)
    assert notes(result) == [("在建", Effect.CELL_LEFT_OUT)]
    assert "开工时间" in result.problems[0].reason
    assert project().milestones == []


@pytest.mark.parametrize("kind", [MilestoneKind.CONSTRUCTION_STARTED, MilestoneKind.COMPLETED], ids=str)
def test_a_milestone_whose_day_or_a_later_ones_the_ledger_knows_needs_no_other(kind):
    bring(replace(ROW, milestones=(MilestoneCells(kind, None, date(2013, 5, 2), "证"),)))
    row = replace(ROW, reached=MilestoneKind.CONSTRUCTION_STARTED, claim_cell="在建")
    assert bring(row).problems == ()
    assert bring(replace(row, milestones=(STARTED,))).problems == ()


@pytest.mark.parametrize(
    "row",
    [
        replace(STOPPED, exit_reason=""),
        STOPPED,
        replace(ROW, clock=Clock.KEEP, claim_cell="推进中"),
        replace(ROW, reached=MilestoneKind.IN_PRODUCTION, claim_cell="已投产"),
    ],
    ids=["stopped without reason", "stopped", "goes on", "in production"],
)
def test_a_file_opens_no_project_that_has_ended_and_says_so(row: LedgerRow):
    bring(replace(ROW, claim=VisitOutcome.TERMINATED, claim_cell="终止", exit_reason="资金"))
    result = bring(row)
    assert (counts(result), notes(result)) == ((0, 0, 1), [(row.claim_cell, Effect.NOTE)])
    assert "correction" in result.problems[0].reason
    assert (project().stage, pauses()) == (Stage.EXITED, [])
