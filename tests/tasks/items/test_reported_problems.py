"""A problem typed into a form is a blocker once, and none if it says that there is no problem."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Blocker
from models.escalation.question import Ask
from models.ledger.facts import Facts, FoundBlocker
from models.ledger.project import Project
from models.refusal import Refused
from models.words import BlockerCategory, ItemKind, Verdict, VisitOutcome
from support.dossier import answer
from tasks.database import transaction
from tasks.dialogues.record_fact import FactDialogue
from tasks.dialogues.visit import VisitDialogue
from tasks.items.blockers import resolve_blocker
from tasks.items.facts import record_facts
from tasks.ledger.locks import lock_project
from tasks.runs.dialogue import put_question

pytestmark = pytest.mark.usefixtures("in_english")

TODAY = date(2013, 6, 14)
DUE = date(2013, 7, 1)
TEXT = "用地指标未落实"
LAND = FoundBlocker(BlockerCategory.LAND, "市国土资源局", TEXT, "调剂指标", DUE)


def report(project: int, *texts: str, solution: str = "", due_on: date = date(2013, 8, 1)) -> list[str]:
    with transaction("专员", "测试") as session:
        problems = tuple(replace(LAND, description=text, proposed_solution=solution, due_on=due_on) for text in texts)
        said = Facts(TODAY, "专员", VisitOutcome.CONTINUE, blockers=problems)
        return record_facts(session, lock_project(session, project), said, TODAY)


def blockers(session: Session) -> list[tuple[str, str, date]]:
    found = select(Blocker.description, Blocker.proposed_solution, ActionItem.due_on).join(ActionItem)
    return [tuple(row) for row in session.execute(found.order_by(ActionItem.id))]


def opened() -> list[tuple[str, str, date]]:
    with transaction() as session:
        return blockers(session)


@pytest.fixture
def known(project: int) -> int:
    """A project with one open blocker."""
    assert report(project, TEXT, solution="调剂指标", due_on=DUE) == []
    return project


@pytest.mark.parametrize("text", ["无问题", "暂无问题", "1、无", "无", "/", "待定", "进展顺利，暂无问题", "無問題"])
def test_no_problem_opens_no_blocker_and_says_so(project: int, text: str) -> None:
    (remark,) = report(project, text)
    assert f"“{text}” says that there is no problem" in remark
    assert opened() == []


@pytest.mark.parametrize("text", ["环评手续没有批复（已解决）", "供电线路未通，现已全部解决。", "环评手续已批复"])
def test_a_problem_called_solved_opens_no_blocker_and_says_so(known: int, text: str) -> None:
    (remark,) = report(known, text)
    assert f"“{text}” says that the problem is solved" in remark
    assert opened() == [(TEXT, "调剂指标", DUE)]


@pytest.mark.parametrize("text", [TEXT, "1、用地指标，未落实。", "用地指标未落实；"])
def test_the_same_problem_again_opens_no_second_blocker_and_says_which_is_open(known: int, text: str) -> None:
    (remark,) = report(known, text)
    assert f"open already as “{TEXT}” (市国土资源局, due on {DUE:%Y-%m-%d})" in remark
    assert opened() == [(TEXT, "调剂指标", DUE)]


def test_a_longer_wording_is_taken_and_a_shorter_one_takes_nothing_away(known: int) -> None:
    longer = f"{TEXT}，尚缺120亩"
    assert len(report(known, longer, solution="增减挂钩")) == 1
    assert opened() == [(longer, "增减挂钩", DUE)]
    assert len(report(known, TEXT)) == 1
    assert opened() == [(longer, "增减挂钩", DUE)]


def test_what_may_be_an_open_problem_is_refused_with_what_to_do(known: int) -> None:
    with pytest.raises(Refused, match="worded like the open problem “用地指标未落实”"):
        report(known, "用地指标没有落实")
    with pytest.raises(Refused):
        report(known, f"{TEXT}，已解决")
    assert len(report(known, TEXT, "用地指标没有落实")) == 1  # both: so they are two
    assert [text for text, *_rest in opened()] == [TEXT, "用地指标没有落实"]


def test_another_problem_is_opened_beside_it_and_one_typed_twice_once(known: int) -> None:
    assert report(known, "环评未批", "1.环评未批。", "道路不通") == []
    assert [text for text, *_rest in opened()] == [TEXT, "环评未批", "道路不通"]


def test_a_problem_that_was_solved_and_is_back_is_a_new_blocker(known: int) -> None:
    with transaction("专员", "测试") as session:
        item = session.scalars(select(ActionItem).where(ActionItem.kind == ItemKind.BLOCKER)).one()
        lock_project(session, known)
        resolve_blocker(session, item, "已供地", "专员", TODAY)
    assert report(known, TEXT) == []
    assert len(opened()) == 2


def test_the_same_problem_on_another_project_is_its_own(known: int) -> None:
    with transaction("测试") as session:
        other = session.get_one(Project, known)
        twin = Project(
            **{name: getattr(other, name) for name in ("sector", "unit_id", "amount", "signed_on", "leader_id")},
            code="PY-2",
            name="另一项目",
        )
        session.add(twin)
        session.flush()
        number = twin.id
    assert report(number, TEXT) == []


def test_the_open_blockers_own_form_is_out_of_date(known: int) -> None:
    """Its brief shows the former wording."""
    with transaction("测试") as session:
        item = session.scalars(select(ActionItem).where(ActionItem.kind == ItemKind.BLOCKER)).one()
        ask = Ask(
            form_no="X", flow="blocker-resolution", subject_id=item.id, is_standing=True, schema_sent={}, brief=""
        )
        session.add(ask)
        session.flush()
        number = ask.id
    report(known, f"{TEXT}，尚缺120亩")
    with transaction() as session:
        assert session.get_one(Ask, number).overtaken_at is not None


@pytest.mark.parametrize(
    ("dialogue", "values"),
    [
        (VisitDialogue, {"visited_on": str(TODAY), "progress": "已平整", "next_visit_on": str(DUE)}),
        (FactDialogue, {"happened_on": str(TODAY), "progress": ""}),
    ],
    ids=["visit", "fact"],
)
def test_the_form_says_what_became_of_its_problems(known: int, dialogue, values) -> None:
    entry = {"category": BlockerCategory.LAND.label, "recipient_unit": "市国土资源局", "due_on": str(DUE)}
    entries = [{**entry, "description": text} for text in (TEXT, "暂无问题")]
    answer(dialogue(known), TODAY, "专员", **values, blockers=entries)
    with transaction() as session:
        ask = session.scalars(select(Ask).where(Ask.verdict == Verdict.APPLIED)).one()
        assert "open already" in ask.reason
        assert "no blocker was opened" in ask.reason
        assert blockers(session) == [(TEXT, "调剂指标", DUE)]
    with transaction() as session:
        following = put_question(session, VisitDialogue(known), None, TODAY)
        assert following is not None
        assert ("Of the last answer" in following.brief) == (dialogue is VisitDialogue)
