"""Visits that are owed to investors: what they find, how they climb, and whose rows are locked for
them.
"""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from prefect.settings import PREFECT_UI_URL, temporary_settings
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Visit
from models.escalation.escalation import Escalation
from models.escalation.notice import Delivery
from models.escalation.policy import Policy
from models.escalation.question import Ask, Run
from models.i18n import written
from models.ledger.facts import Facts, FoundBlocker
from models.ledger.organisation import Person
from models.ledger.project import Investor, Progress, Project, Subject
from models.office_files.rows import LedgerFile, LedgerRow
from models.refusal import Refused
from models.words import BlockerCategory, ItemKind, ItemResult, Sector, Stage, Step, Verdict, VisitOutcome
from support.waiting import wait_until_locked
from tasks.database import transaction
from tasks.dialogues.investor_visit import InvestorVisitDialogue
from tasks.dialogues.update_runs import dialogues
from tasks.escalation import sweep as sweeping
from tasks.escalation.answers import Answer, acknowledge, close, promise, reopen, verify
from tasks.escalation.report import report
from tasks.escalation.sweep import sweep
from tasks.imports.entering.import_file import import_ledger
from tasks.items import corrections
from tasks.items.facts import end_project, record_facts
from tasks.items.next_steps import keep_items, set_next_steps
from tasks.items.open_items import open_items, open_verification
from tasks.items.opening import plan_visit
from tasks.items.visits import record_investor_visit
from tasks.ledger.locks import lock_investor, lock_project, lock_projects_of, subject_of
from tasks.ledger.questions import ESCALATION, INVESTOR_VISIT, LIFECYCLE
from tasks.notices.digest import gather
from tasks.runs.dialogue import drain, put_question

OPENED, DUE = date(2013, 6, 3), date(2013, 6, 17)  # Mondays
LEADER_HEARD, ANSWERED, OFFICE_HEARD = date(2013, 6, 19), date(2013, 6, 20), date(2013, 6, 24)
NEW = date(2013, 7, 1)
LADDER = (date(2013, 6, 9), date(2013, 6, 18), LEADER_HEARD, OFFICE_HEARD)
INVESTOR, WHO = "闽兴家居集团", "清丰县招商局专员"
LAND = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "", NEW)


@pytest.fixture
def visit(city: int) -> int:
    """A visit owed to the investor of two projects, due on Monday, 17 June 2013; returns its item's
    number.
    """
    with transaction("测试") as session:
        first = session.get_one(Project, city)
        first.investor = Investor(name=INVESTOR, registered_in="福建泉州")
        second = Project(
            code="PY-2013-002",
            name="龙都家具配套园",
            sector=Sector.FURNITURE,
            unit=first.unit,
            amount=Decimal(50_000_000),
            signed_on=date(2013, 4, 1),
            investor=first.investor,
            leader=first.leader,
        )
        session.add(second)
        session.flush()
        plan_visit(session, second, NEW, OPENED)
        people = {"unit_id": first.unit_id, "owner_id": first.officer_id, "leader_id": first.leader_id}
        item = ActionItem(kind=ItemKind.VISIT, investor=first.investor, opened_on=OPENED, due_on=DUE, **people)
        session.add(item)
        session.flush()
        set_next_steps(session, items=[item.id])
        return item.id


@contextmanager
def answering(item_id: int) -> Iterator[tuple[Session, ActionItem]]:
    with transaction("测试") as session:
        InvestorVisitDialogue(item_id).lock(session)
        yield session, session.get_one(ActionItem, item_id)


def made(item_id: int, *problems: tuple[str, FoundBlocker], on: date = ANSWERED, as_of: date = ANSWERED) -> None:
    """The visit is made, and found these problems on the projects of those codes."""
    with answering(item_id) as (session, item):
        codes = {each.code: each for each in session.scalars(select(Project))}
        register = Visit(
            item_id=item_id, visited_on=on, outcome=VisitOutcome.CONTINUE, progress="拟增资", filled_in_by=WHO
        )
        record_investor_visit(session, item, register, [(codes[code], found) for code, found in problems], as_of)


def said(text: str = "下周一登门回访", as_of: date = ANSWERED) -> Answer:
    return Answer("分管副市长", text, datetime.combine(as_of, time(2), UTC), as_of)


def climb(*days: date) -> None:
    for day in days:
        sweep(day)


def state(item_id: int) -> ActionItem:
    with transaction() as session:
        found = session.get_one(ActionItem, item_id)
        _loaded = found.visit, found.investor
        return found


def raised(item_id: int) -> list[Escalation]:
    with transaction() as session:
        found = session.scalars(select(Escalation).where(Escalation.item_id == item_id).order_by(Escalation.id)).all()
        _loaded = [each.recipient for each in found]
        return list(found)


def progress() -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(Progress.text)))


def visits_owed() -> list[ActionItem]:
    """The open visits to investors."""
    with transaction() as session:
        owed = select(ActionItem).where(ActionItem.investor_id.is_not(None), ActionItem.closed_on.is_(None))
        return list(session.scalars(owed.where(ActionItem.kind == ItemKind.VISIT)))


def ask(item_id: int, day: date = OPENED) -> Ask:
    """The question about the visit, put now."""
    with transaction() as session:
        asked = put_question(session, InvestorVisitDialogue(item_id), None, day)
        assert asked is not None
        return asked


def is_out_of_date(asked: Ask) -> bool:
    with transaction() as session:
        return session.get_one(Ask, asked.id).overtaken_at is not None


def answer(asked: Ask, item_id: int, **entries: object) -> Ask:
    """Answer the question as the UI does; returns what became of it."""
    with transaction() as session:
        given = session.get_one(Ask, asked.id)
        given.answer = {**given.prefilled, "filled_in_by": WHO, "visited_on": str(ANSWERED), **entries}
        given.answered_at, given.filled_in_by = datetime.combine(ANSWERED, time(9), UTC), WHO
    (judged,) = drain(None, InvestorVisitDialogue(item_id), None, str(ANSWERED))
    return judged


# What a visit finds


def test_a_visit_that_is_made_is_in_the_register_and_nothing_more_is_owed(visit: int) -> None:
    made(visit)
    item = state(visit)
    assert (item.closed_on, item.result, item.next_fires_on) == (ANSWERED, ItemResult.DONE, None)
    assert item.visit
    assert (item.visit.visited_on, item.visit.progress, item.visit.outcome) == (
        ANSWERED,
        "拟增资",
        VisitOutcome.CONTINUE,
    )
    assert visits_owed() == []
    assert progress() == []


def test_a_problem_is_a_blocker_on_the_project_it_concerns(visit: int) -> None:
    made(visit, ("PY-2013-002", LAND))
    with transaction() as session:
        second = session.scalars(select(Project).where(Project.code == "PY-2013-002")).one()
        (opened,) = (each for each in open_items(session, second.id) if each.kind is ItemKind.BLOCKER)
        assert opened.blocker
        assert (opened.blocker.description, opened.blocker.recipient_unit.name) == ("用地指标未落实", "市国土资源局")
        assert (opened.due_on, opened.leader_id, opened.investor_id) == (NEW, second.leader_id, None)
        assert second.stage is Stage.SIGNED, "the project itself was not visited"


def test_a_visit_with_a_problem_on_a_project_that_has_ended_is_refused_and_leaves_nothing_behind(visit: int) -> None:
    with transaction("测试") as session:
        project = lock_project(session, 1)
        project.exit, project.exit_reason = "lost", "投资方撤资"
        end_project(session, project, Stage.EXITED, OPENED, OPENED)
    with pytest.raises(Refused, match="退出"):
        made(visit, ("PY-2013-002", LAND), ("PY-2013-001", LAND))
    with transaction() as session:
        assert session.scalars(select(ActionItem).where(ActionItem.kind == ItemKind.BLOCKER)).all() == []
    assert state(visit).closed_on is None


@pytest.mark.parametrize("on", [date(2013, 6, 21), date(2014, 1, 1)])
def test_a_visit_still_to_come_is_refused(visit: int, on: date) -> None:
    with pytest.raises(Refused, match=written(on)):
        made(visit, on=on)


def test_a_visit_is_made_once(visit: int) -> None:
    made(visit)
    with pytest.raises(Refused):
        made(visit)


# The form


def test_the_form_tells_who_the_investor_is_and_how_its_projects_stand(visit: int) -> None:
    with transaction("测试") as session:
        told = Facts(OPENED, WHO, VisitOutcome.CONTINUE, progress="围墙已建成", blockers=(LAND,))
        record_facts(session, lock_project(session, 1), told, OPENED)
    asked = ask(visit)
    assert asked.form_no.startswith("INV-1-")
    for words in (
        f"### {INVESTOR}",
        "**福建泉州**",
        "- **回访投资方**  \n  清丰县招商局专员 · 时间节点2013年6月17日 · ",
        "- **PY-2013-001 龙都家具产业园**  \n  清丰县 · 已签约 · 10亿元  \n  待办事项：",
        "土地：用地指标未落实，时间节点2013年7月1日，期限内",
        "  \n  最新进展：2013年6月3日 围墙已建成",
        "- **PY-2013-002 龙都家具配套园**  \n  清丰县 · 已签约 · 5000万元",
    ):
        assert words in asked.brief, asked.brief
    entry = asked.schema_sent["definitions"]["ProblemEntry"]["properties"]
    assert entry["project"]["enum"] == ["PY-2013-001 龙都家具产业园", "PY-2013-002 龙都家具配套园"]
    assert (entry["project"]["position"], entry["project"]["title"]) == (0, "项目")


def test_an_answer_is_entered_and_the_next_brief_tells_of_it(visit: int) -> None:
    problem = {
        "project": "PY-2013-002 旧名称",  # renamed since the form was sent
        "category": "土地",
        "recipient_unit": "市国土资源局",
        "description": "配套园道路未通",
        "proposed_solution": "",
        "due_on": str(NEW),
    }
    topics = {"policy": "政策已兑现", "promises": ""}
    judged = answer(ask(visit), visit, progress="拟追加投资", topics=topics, problems=[problem])
    assert (judged.verdict, judged.reason) == (Verdict.APPLIED, "")
    item = state(visit)
    assert item.visit
    assert (item.visit.topics, item.visit.filled_in_by) == ({"policy": "政策已兑现"}, WHO)
    assert (item.result, item.closed_on) == (ItemResult.DONE, ANSWERED)
    with transaction() as session:
        assert put_question(session, InvestorVisitDialogue(visit), None, ANSWERED) is None
        again = ActionItem(kind=ItemKind.VISIT, investor_id=item.investor_id, unit_id=1, opened_on=NEW, due_on=NEW)
        session.add(again)
        session.flush()
        set_next_steps(session, items=[again.id])
        next_one = put_question(session, InvestorVisitDialogue(again.id), None, NEW)
        assert next_one
        assert "- 2013年6月20日 拟追加投资（清丰县招商局专员）" in next_one.brief
        assert "配套园道路未通" in next_one.brief


def test_a_problem_on_a_project_of_somebody_else_is_refused_and_the_next_form_says_so(visit: int) -> None:
    problem = {"category": "土地", "recipient_unit": "市国土资源局", "description": "x", "due_on": str(NEW)}
    judged = answer(ask(visit), visit, progress="进展", problems=[{**problem, "project": "PY-2013-009 别家项目"}])
    assert judged.verdict is Verdict.REFUSED
    assert "PY-2013-009 别家项目" in judged.reason
    assert state(visit).closed_on is None
    assert "不是该投资方的在办项目" in ask(visit).brief


def test_an_investor_without_an_open_project_is_visited_all_the_same(visit: int) -> None:
    with transaction("测试") as session:
        session.execute(update(Project).values(investor_id=None))
    asked = ask(visit)
    assert "台账中没有该投资方的项目" in asked.brief
    assert asked.schema_sent["definitions"]["ProblemEntry"]["properties"]["project"]["enum"] == ["（无在办项目）"]
    assert answer(asked, visit, progress="拟签新项目").verdict is Verdict.APPLIED


def test_what_changes_on_a_project_makes_the_question_about_its_investor_out_of_date(visit: int) -> None:
    asked = ask(visit)
    with transaction("测试") as session:
        record_facts(
            session, lock_project(session, 1), Facts(OPENED, WHO, VisitOutcome.CONTINUE, progress="围墙已建"), OPENED
        )
    assert is_out_of_date(asked)

    asked = ask(visit)
    row = LedgerRow(number=4, code="PY-2013-002", name="龙都家具配套园", units="清丰县", progress=("已开工",))
    import_ledger(LedgerFile("六月台账.xlsx", headers={}, rows=(row,), row_count=1), ANSWERED)
    assert is_out_of_date(asked)

    asked = ask(visit)
    with transaction("测试") as session:
        project = lock_project(session, 1)
        master = replace(corrections.master_of(project), investor="别家集团")
        corrections.correct(session, project, master, ANSWERED)
    assert is_out_of_date(asked)
    assert "PY-2013-001" not in ask(visit).brief


# The ladder


def test_left_alone_it_climbs_to_its_own_people(visit: int) -> None:
    climb(*LADDER)
    steps = [(each.step, each.raised_on, each.recipient and each.recipient.name) for each in raised(visit)]
    assert steps == [
        (Step.REMINDER_BEFORE, LADDER[0], "清丰县招商局专员"),
        (Step.REMINDER_AFTER, LADDER[1], "清丰县招商局专员"),
        (Step.LEADER, LEADER_HEARD, "清丰县分包领导"),
        (Step.OFFICE, OFFICE_HEARD, "督查室科长"),
    ]
    assert raised(visit)[-1].document_no


def test_its_people_read_whom_to_visit_and_are_sent_to_its_form(visit: int) -> None:
    runs = {INVESTOR_VISIT: uuid.uuid4(), ESCALATION: uuid.uuid4()}
    with transaction() as session:
        session.add_all(Run(flow=flow, subject_id=visit, flow_run_id=run) for flow, run in runs.items())
    for day, flow in ((LADDER[0], INVESTOR_VISIT), (LEADER_HEARD, ESCALATION)):
        climb(day)
        with temporary_settings({PREFECT_UI_URL: "http://127.0.0.1:4200"}):
            assert gather(day) == []
        with transaction() as session:
            told = [line for each in session.scalars(select(Delivery)) for line in each.body["notices"]]
        line = [each for each in told if each["item_id"] == visit and each["occasion"] == "raised"][-1]
        assert (line["project"], line["investor"]) == ("", INVESTOR)
        assert line["form"] == f"http://127.0.0.1:4200/v2/runs/flow-run/{runs[flow]}"
        assert line["markdown"].startswith(f"**{INVESTOR}** · 回访投资方 · 清丰县")


def test_the_sweeps_report_names_the_investor(visit: int) -> None:
    climb(*LADDER)
    with transaction() as session:
        page = report(session, OFFICE_HEARD)
    assert page.count(f"{INVESTOR} · 回访投资方 | 清丰县") == 2  # fired, and open at the office


def test_a_leader_acknowledges_and_promises_without_an_entry_in_any_projects_progress(visit: int) -> None:
    climb(*LADDER[:3])
    with answering(visit) as (session, item):
        acknowledge(session, item, said())
        promise(session, item, said(), NEW)
    item = state(visit)
    assert (item.promised_on, item.round, item.entry_step) == (NEW, 2, Step.OFFICE)
    assert raised(visit)[-1].reply == "下周一登门回访"
    assert progress() == []


def test_what_the_office_closes_is_followed_by_no_other_visit(visit: int) -> None:
    climb(*LADDER)
    with answering(visit) as (session, item):
        close(session, item, said("投资方已撤销"))
    assert state(visit).result is ItemResult.WITHDRAWN
    assert visits_owed() == []
    assert progress() == []


def test_what_was_at_the_office_is_verified_when_it_was_made(visit: int) -> None:
    climb(*LADDER)
    made(visit, as_of=OFFICE_HEARD)
    with answering(visit) as (session, item):
        owed = open_verification(session, visit)
        assert owed
        assert (owed.investor_id, owed.project_id, owed.owner and owed.owner.name) == (
            item.investor_id,
            None,
            "督查室科长",
        )
        assert owed.next_step is Step.REMINDER_BEFORE
        verify(session, item, said("已电话核实"))
        assert (owed.result, item.result) == (ItemResult.DONE, ItemResult.DONE)
    assert progress() == []


def test_a_visit_that_never_reached_the_office_needs_one_key(visit: int) -> None:
    climb(*LADDER[:3])
    made(visit)
    with transaction() as session:
        assert open_verification(session, visit) is None


@pytest.mark.parametrize("planned", [False, True])
def test_a_visit_that_was_not_really_made_is_owed_again_by_the_same_people(visit: int, *, planned: bool) -> None:
    climb(*LADDER)
    made(visit, as_of=OFFICE_HEARD)
    if planned:  # another campaign has asked for a visit meanwhile
        with transaction("测试") as session:
            item = state(visit)
            new = ActionItem(kind=ItemKind.VISIT, investor_id=item.investor_id, unit_id=1, owner_id=item.owner_id)
            new.leader_id, new.opened_on, new.due_on = item.leader_id, OFFICE_HEARD, date(2013, 7, 15)
            session.add(new)
            session.flush()
            set_next_steps(session, items=[new.id])
    with answering(visit) as (session, item):
        reopen(session, item, said("未见回访记录", OFFICE_HEARD), NEW)
    (owed,) = visits_owed()
    former = state(visit)
    assert owed.id != visit
    assert (owed.due_on, owed.entry_step, owed.owner_id, owed.leader_id, owed.unit_id) == (
        NEW,
        Step.OFFICE,
        former.owner_id,
        former.leader_id,
        former.unit_id,
    )
    assert former.result is ItemResult.DONE


def test_who_leads_by_now_hears_of_what_reached_nobody(visit: int) -> None:
    with transaction("测试") as session:
        people = session.scalars(select(Person)).all()
        former = {each: each.role for each in people}
        for each in people:
            each.role = "operator"
        session.execute(update(ActionItem).where(ActionItem.id == visit).values(owner_id=None, leader_id=None))
    sweep(LEADER_HEARD)
    assert raised(visit) == []
    with transaction("测试") as session:
        for each in session.scalars(select(Person)):
            each.role = next(role for person, role in former.items() if person.id == each.id)
    sweep(LEADER_HEARD)
    assert [each.recipient and each.recipient.name for each in raised(visit)] == ["清丰县分包领导"]


# Locks


def test_a_sweep_waits_for_who_answers_and_leaves_it_out(visit: int) -> None:
    with ThreadPoolExecutor(1) as hands:
        with transaction("测试") as session:
            investor = subject_of(session, visit).investor_id or 0
            lock_investor(session, investor)
            swept = hands.submit(sweep, LEADER_HEARD)
            wait_until_locked()
            item = session.get_one(ActionItem, visit)
            item.close(ANSWERED, ItemResult.DONE)
        swept.result(timeout=10)
    assert raised(visit) == []


def test_who_answers_waits_for_the_sweep_and_sees_what_fired(visit: int) -> None:
    with ThreadPoolExecutor(1) as hands:
        with transaction("escalation-sweep") as session:
            assert sweeping._fire(session, sweeping.lock_due(session, OFFICE_HEARD), OFFICE_HEARD, 1)
            done = hands.submit(made, visit, as_of=OFFICE_HEARD)
            wait_until_locked()
        done.result(timeout=10)
    assert [each.step for each in raised(visit)] == [Step.OFFICE]
    with transaction() as session:
        assert open_verification(session, visit)


def test_new_numbers_wait_for_whoever_moves_an_investors_clock(visit: int) -> None:
    def adopt() -> None:
        with transaction("测试") as session:
            keep_items(session)
            session.execute(update(Policy).values(reminder_before=2))
            set_next_steps(session)

    with ThreadPoolExecutor(1) as hands:
        with transaction("测试") as session:
            lock_investor(session, subject_of(session, visit).investor_id or 0)
            item = session.get_one(ActionItem, visit)
            item.due_on = NEW
            session.flush()
            set_next_steps(session, items=[visit])
            adopted = hands.submit(adopt)
            wait_until_locked()
        adopted.result(timeout=10)
    assert state(visit).next_fires_on == date(2013, 6, 27)


def test_a_file_that_says_where_an_investor_is_registered_and_a_visit_never_wait_for_each_other(
    visit: int,
) -> None:
    place = {"investor": INVESTOR, "registered_in": "福建晋江"}
    row = LedgerRow(number=4, code="PY-2013-001", name="龙都家具产业园", units="清丰县", **place)
    file = LedgerFile("六月台账.xlsx", headers={}, rows=(row,), row_count=1)
    with ThreadPoolExecutor(1) as hands:
        with transaction("测试") as session:
            investor = subject_of(session, visit).investor_id or 0
            lock_projects_of(session, investor)
            imported = hands.submit(import_ledger, file, ANSWERED)
            wait_until_locked()
            lock_investor(session, investor)
        assert imported.result(timeout=10).faults == ()
    with transaction() as session:
        assert session.get_one(Investor, investor).registered_in == "福建晋江"


# Whose runs are looked after


def test_an_investors_runs_are_its_visits_and_those_of_its_projects(visit: int) -> None:
    made_for = {(each.flow, each.subject_id) for each in dialogues(subject=subject_of_visit(visit))}
    assert made_for == {(LIFECYCLE, 1), (LIFECYCLE, 2), (INVESTOR_VISIT, visit)}
    of_project = {(each.flow, each.subject_id) for each in dialogues(subject=Subject(project_id=1))}
    assert of_project == {(LIFECYCLE, 1)}
    climb(*LADDER[:3])
    assert (ESCALATION, visit) in {(each.flow, each.subject_id) for each in dialogues()}
    made(visit)
    assert visit not in {each.subject_id for each in dialogues(subject=subject_of_visit(visit))}


def subject_of_visit(item_id: int) -> Subject:
    with transaction() as session:
        return subject_of(session, item_id)
