"""A project whose latest progress is nothing but an end or a stop waits for a person, by name."""

from dataclasses import replace
from datetime import date

import pytest

from models.office_files.rows import Effect
from models.words import Clock, ItemKind, VisitOutcome
from support.ledgers.file_of_rows import ROW, TODAY, bring, counts, items, project
from tasks.database import transaction
from tasks.items.assignments import turn_clock
from tasks.ledger.locks import lock_project

pytestmark = pytest.mark.usefixtures("in_english", "ledger")

STOPPED = replace(ROW, progress=("停工",), stop=Clock.HOLD)
ENDED = replace(ROW, progress=("已终止合作",), stop=VisitOutcome.TERMINATED)
LATER = date(2013, 7, 1)


@pytest.mark.parametrize(
    ("row", "flow"), [(STOPPED, "change-assignment"), (ENDED, "record-fact")], ids=["stopped", "ended"]
)
def test_progress_that_says_only_that_a_project_stopped_or_ended_is_named_until_somebody_settles_it(row, flow):
    for as_of in (TODAY, LATER):
        (fault,) = bring(row, as_of=as_of).problems
        assert (fault.value, fault.effect, fault.is_fault) == (row.progress[0], Effect.TO_SETTLE, True)
        assert flow in fault.reason
    assert not any(item.is_paused for kind in ItemKind for item in items(kind))
    assert bring(replace(row, progress=("正在施工",), stop=None), as_of=LATER).problems == ()


def test_a_project_on_hold_needs_nobody():
    bring(STOPPED)
    with transaction("张三") as session:
        turn_clock(session, lock_project(session, project().id), Clock.HOLD, "资金未到位", "张三", TODAY)
    result = bring(STOPPED, as_of=LATER)
    assert (counts(result), result.problems) == ((0, 0, 1), ())
    assert [problem.value for problem in bring(ENDED, as_of=LATER).problems] == ["已终止合作"]


def test_the_column_of_status_speaks_for_its_row():
    stopped = replace(STOPPED, clock=Clock.HOLD, claim_cell="停工", exit_reason="资金未到位")
    assert bring(stopped).problems == ()
    ended = replace(ENDED, claim=VisitOutcome.TERMINATED, claim_cell="终止", exit_reason="土地未批")
    assert bring(ended).problems == ()
    assert bring(ENDED, as_of=LATER).problems == ()


def test_a_status_that_goes_on_does_not_hide_the_stop():
    result = bring(replace(STOPPED, clock=Clock.KEEP, claim_cell="推进中"))
    assert [problem.effect for problem in result.problems] == [Effect.TO_SETTLE]


def test_a_status_that_only_stops_it_does_not_hide_the_end():
    result = bring(replace(ENDED, clock=Clock.HOLD, claim_cell="停工", exit_reason="资金未到位"))
    assert [(problem.value, problem.effect) for problem in result.problems] == [("已终止合作", Effect.TO_SETTLE)]
