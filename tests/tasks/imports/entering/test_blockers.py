"""The problems of a ledger file: each is a blocker once, with its unit and its due date."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from models.escalation.action_item import ActionItem
from models.ledger.history import Change
from models.office_files.rows import BlockerCells, Effect, LedgerRow
from models.words import (
    BlockerCategory,
    ItemKind,
)
from support.ledgers.file_of_rows import BUREAU, COUNTY, OFFICER, PROBLEM, ROW, TODAY, bring, counts, items
from tasks.database import transaction
from tasks.items.blockers import extend, resolve_blocker

pytestmark = pytest.mark.usefixtures("in_english", "ledger")


def test_a_problem_becomes_a_blocker_of_the_unit_that_can_solve_it():
    bring(replace(ROW, blockers=(PROBLEM,)))
    (item,) = items(ItemKind.BLOCKER)
    assert item.blocker
    assert item.owner
    assert (item.blocker.description, item.blocker.category) == ("用地指标未落实", BlockerCategory.LAND)
    assert (item.blocker.recipient_unit.name, item.unit.name, item.owner.name) == (BUREAU, BUREAU, OFFICER)
    assert (item.opened_on, item.due_on, item.blocker.proposed_solution) == (TODAY, date(2013, 6, 20), "统筹调剂")


def test_a_problem_without_unit_category_or_date_falls_to_the_responsible_unit_within_fifteen_working_days():
    bring(replace(ROW, blockers=(BlockerCells("道路不通"),)))
    (item,) = items(ItemKind.BLOCKER)
    assert item.blocker
    assert (item.blocker.recipient_unit.name, item.blocker.category) == (COUNTY, BlockerCategory.OTHER)
    assert item.due_on == date(2013, 7, 3)


def test_the_problems_of_a_row_are_numbered_as_they_stand():
    told = [replace(PROBLEM, description=f"问题{n}") for n in range(9, 0, -1)]
    bring(replace(ROW, blockers=tuple(told)))
    assert [item.blocker.description for item in items(ItemKind.BLOCKER)] == [each.description for each in told]


def test_an_unknown_recipient_leaves_the_problem_with_the_responsible_unit():
    result = bring(replace(ROW, blockers=(replace(PROBLEM, recipient="市土地局"),)))
    assert [(problem.column, problem.effect) for problem in result.problems] == [("解决单位", Effect.CELL_LEFT_OUT)]
    (item,) = items(ItemKind.BLOCKER)
    assert item.unit.name == COUNTY


def test_an_old_file_takes_no_extension_back():
    bring(replace(ROW, blockers=(PROBLEM,)))
    with transaction() as session:
        blocker = session.scalars(select(ActionItem).where(ActionItem.kind == ItemKind.BLOCKER)).one()
        extend(session, blocker, date(2013, 7, 31), "等待批复", "副县长", TODAY)
    assert counts(bring(replace(ROW, blockers=(PROBLEM,)))) == (0, 0, 1)
    assert [item.due_on for item in items(ItemKind.BLOCKER)] == [date(2013, 7, 31)]


def test_a_resolved_problem_is_not_opened_again_by_the_same_words():
    bring(replace(ROW, blockers=(PROBLEM,)))
    with transaction() as session:
        blocker = session.scalars(select(ActionItem).where(ActionItem.kind == ItemKind.BLOCKER)).one()
        resolve_blocker(session, blocker, "已落实", "国土局", TODAY)
    result = bring(replace(ROW, blockers=(PROBLEM,)))
    assert (items(ItemKind.BLOCKER), result.faults) == ([], ())
    assert [(note.column, note.effect) for note in result.problems] == [("存在的主要问题", Effect.NOTE)]
    bring(replace(ROW, blockers=(replace(PROBLEM, description="二期用地指标未落实"),)))
    assert len(items(ItemKind.BLOCKER)) == 1


def test_a_problem_told_again_with_more_detail_is_the_same_blocker():
    bring(replace(ROW, blockers=(BlockerCells("用地指标未落实"),)))
    assert counts(bring(replace(ROW, blockers=(PROBLEM,)))) == (0, 1, 0)
    (item,) = items(ItemKind.BLOCKER)
    assert item.blocker
    assert (item.blocker.category, item.blocker.proposed_solution) == (BlockerCategory.LAND, "统筹调剂")
    assert (item.unit.name, item.due_on) == (BUREAU, date(2013, 6, 20))


def texts(*, is_open: bool = True) -> list[str]:
    return [item.blocker.description for item in items(ItemKind.BLOCKER, is_open=is_open) if item.blocker]


def problems_of(*descriptions: str) -> LedgerRow:
    return replace(ROW, blockers=tuple(BlockerCells(description) for description in descriptions))


@pytest.mark.parametrize(
    "text", ["用地指标未落实。", "用地 指标\n未落实", "1.用地指标未落实", "（1）用地指标未落实；", "用地指標未落實"]
)
def test_a_problem_that_says_the_same_is_the_same_blocker(text):
    bring(problems_of("用地指标未落实"))
    result = bring(problems_of(text))
    assert (counts(result), result.problems, texts()) == ((0, 0, 1), (), ["用地指标未落实"])


def test_a_longer_text_of_a_problem_replaces_the_shorter_and_a_shorter_does_not():
    longer = "用地指标未落实，尚缺120亩"
    bring(problems_of("用地指标未落实"))
    assert counts(bring(problems_of(longer))) == (0, 1, 0)
    assert texts() == [longer]
    for text in (longer, "用地指标未落实"):
        result = bring(problems_of(text))
        assert (counts(result), result.problems, texts()) == ((0, 0, 1), (), [longer])
    with transaction() as session:
        cell = select(Change.old, Change.new, Change.source).where(Change.column_name == "description")
        assert session.execute(cell).all() == [("用地指标未落实", longer, "六月台账.xlsx · 台账 · row 4")]


def test_problems_of_two_parts_of_a_project_are_two():
    bring(problems_of("一期土地未批"))
    assert bring(problems_of("二期土地未批")).faults == ()
    assert texts() == ["一期土地未批", "二期土地未批"]


def test_a_problem_worded_like_an_open_one_is_named_and_not_opened_beside_it():
    bring(problems_of("用地指标未落实"))
    for _time in range(2):
        result = bring(problems_of("用地指标没有落实"))
        assert [(fault.row, fault.column, fault.value, fault.suggestion) for fault in result.faults] == [
            (4, "存在的主要问题", "用地指标没有落实", "用地指标未落实")
        ]
        assert (counts(result), result.rows_left_out, texts()) == ((0, 0, 1), 0, ["用地指标未落实"])


def test_two_problems_worded_alike_in_one_row_are_two():
    both = "用地指标未落实", "用地指标没有落实"
    bring(problems_of(both[0]))
    for expected in ((0, 1, 0), (0, 0, 1)):
        result = bring(problems_of(*both))
        assert (counts(result), result.faults, texts()) == (expected, (), list(both))


def test_of_several_open_problems_each_is_recognised_once():
    bring(problems_of("土地未批", "道路不通"))
    result = bring(problems_of("道路不通，影响施工", "2、土地未批。", "供电不足"))
    assert (counts(result), result.faults) == ((0, 1, 0), ())
    assert texts() == ["土地未批", "道路不通，影响施工", "供电不足"]


def test_a_resolved_problem_is_not_opened_again_by_another_sign():
    bring(replace(ROW, blockers=(PROBLEM,)))
    with transaction() as session:
        blocker = session.scalars(select(ActionItem).where(ActionItem.kind == ItemKind.BLOCKER)).one()
        resolve_blocker(session, blocker, "已落实", "国土局", TODAY)
    result = bring(problems_of("用地指标未落实。"))
    assert (texts(), [note.effect for note in result.problems]) == ([], [Effect.NOTE])
    assert bring(problems_of("用地指标没有落实")).problems == ()  # it is back, worded anew
    assert texts() == ["用地指标没有落实"]


def test_rows_of_one_project_that_word_a_problem_alike_have_one():
    rows = problems_of("用地指标未落实"), replace(problems_of("用地指标未落实。"), number=5)
    bring(*rows)
    assert len(texts()) == 1
