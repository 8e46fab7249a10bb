"""Projects a ledger file calls landed or exited: believed if the rules are met."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from models.ledger.project import Project
from models.office_files.rows import Effect, LedgerRow, MilestoneCells
from models.words import (
    Exit,
    ItemKind,
    ItemResult,
    MilestoneKind,
    Stage,
    VisitOutcome,
)
from support.ledgers.file_of_rows import PROBLEM, REGISTERED, ROW, STARTED, TODAY, bring, counts, items, project
from tasks.database import transaction
from tasks.items import corrections
from tasks.ledger.locks import lock_project

pytestmark = pytest.mark.usefixtures("in_english", "ledger")


def test_a_landing_that_was_taken_back_is_not_believed_again_from_the_same_file():
    row = replace(ROW, claim=VisitOutcome.LANDED, claim_cell="已落地", milestones=(REGISTERED, STARTED))
    bring(row)
    assert project().stage is Stage.LANDED
    with transaction("张三") as session:
        corrections.reopen(session, lock_project(session, project().id), TODAY)
    result = bring(row)
    assert counts(result) == (0, 0, 1)
    assert project().stage is Stage.FOLLOW_UP
    assert [(note.value, note.effect) for note in result.problems] == [("已落地", Effect.NOTE)]


def test_a_project_proven_by_its_milestones_lands_and_owes_nothing():
    bring(replace(ROW, blockers=(PROBLEM,), milestones=(MilestoneCells(MilestoneKind.COMPLETED, TODAY),)))
    result = bring(replace(ROW, claim=VisitOutcome.LANDED, milestones=(REGISTERED, STARTED)))
    assert (counts(result), result.problems) == ((0, 1, 0), ())
    assert (project().stage, project().ended_on) == (Stage.LANDED, date(2013, 5, 2))
    for kind in (ItemKind.VISIT, ItemKind.BLOCKER, ItemKind.MILESTONE):
        (item,) = items(kind, is_open=False)
        assert (item.result, item.closed_on, items(kind)) == (ItemResult.PROJECT_ENDED, TODAY, [])


@pytest.mark.parametrize(
    "milestones", [(), (REGISTERED,), (REGISTERED, replace(STARTED, evidence=""))], ids=["none", "one", "unproven"]
)
def test_landed_without_date_and_evidence_stays_open_and_says_what_is_missing(milestones):
    result = bring(replace(ROW, claim=VisitOutcome.LANDED, claim_cell="已落地", milestones=milestones))
    (problem,) = result.problems
    assert (problem.column, problem.value, problem.effect) == ("项目状态", "已落地", Effect.CELL_LEFT_OUT)
    assert "Construction started" in problem.reason
    assert (project().stage, len(items(ItemKind.VISIT))) == (Stage.SIGNED, 1)


def test_a_project_landed_on_the_day_its_corrected_milestones_say():
    row = replace(ROW, claim=VisitOutcome.LANDED, claim_cell="已落地", milestones=(REGISTERED, STARTED))
    bring(row)
    later = replace(row, milestones=(REGISTERED, replace(STARTED, done_on=date(2013, 5, 20))))
    assert counts(bring(later)) == (0, 1, 0)
    assert (project().stage, project().ended_on) == (Stage.LANDED, date(2013, 5, 20))
    assert counts(bring(later)) == (0, 0, 1)


def test_an_end_needs_its_reason():
    bring(ROW)
    claim = replace(ROW, claim=VisitOutcome.LOST, ended_on=date(2013, 6, 3))
    assert [problem.column for problem in bring(claim).problems] == ["项目状态"]
    assert bring(replace(claim, exit_reason="投资方撤资")).problems == ()
    ended = project()
    assert (ended.stage, ended.exit, ended.exit_reason) == (Stage.EXITED, Exit.LOST, "投资方撤资")
    assert (ended.ended_on, items(ItemKind.VISIT)) == (date(2013, 6, 3), [])


def test_a_corrected_file_corrects_how_a_project_ended_and_an_old_one_does_not():
    row = replace(ROW, claim=VisitOutcome.TERMINATED, claim_cell="终止", exit_reason="资金", ended_on=date(2013, 5, 1))
    bring(row)
    right = replace(row, claim=VisitOutcome.LOST, exit_reason="资金不到位", ended_on=date(2013, 5, 2))
    assert (counts(bring(right)), counts(bring(right))) == ((0, 1, 0), (0, 0, 1))
    found = project()
    assert (found.exit, found.exit_reason, found.ended_on) == (Exit.LOST, "资金不到位", date(2013, 5, 2))
    assert counts(bring(LedgerRow(number=4, code="PY-1", claim=VisitOutcome.LOST))) == (0, 0, 1)
    with transaction("张三") as session:
        session.scalars(select(Project)).one().exit_reason = "投资方撤资"
    result = bring(right)
    assert (counts(result), project().exit_reason) == ((0, 0, 1), "投资方撤资")
    assert [(note.value, note.effect, "张三" in note.reason) for note in result.problems] == [
        ("资金不到位", Effect.NOTE, True)
    ]
    assert counts(bring(replace(right, exit_reason="另有项目"))) == (0, 1, 0)


def test_an_ended_project_stays_ended_and_its_problems_are_only_noted():
    landed = replace(ROW, claim=VisitOutcome.LANDED, milestones=(REGISTERED, STARTED))
    bring(landed)
    assert bring(landed).problems == ()
    terminated = replace(ROW, claim=VisitOutcome.TERMINATED, exit_reason="解约", blockers=(PROBLEM,))
    result = bring(terminated)
    assert [(problem.column, problem.effect) for problem in result.problems] == [
        ("项目状态", Effect.CELL_LEFT_OUT),
        ("存在的主要问题", Effect.NOTE),
    ]
    assert (project().stage, items(ItemKind.BLOCKER), len(result.faults)) == (Stage.LANDED, [], 1)
