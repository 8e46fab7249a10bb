"""Due dates that were counted in working days follow a new calendar; those somebody gave stay."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from deployments.database import prepare
from models.escalation.action_item import ActionItem
from models.escalation.calendar import Workday
from models.escalation.question import Ask
from models.ledger.facts import FoundBlocker
from models.ledger.history import Change
from models.ledger.organisation import Person, Unit
from models.words import BlockerCategory, Clock, ItemKind, Role, Step, UnitKind
from support.ledgers.file_of_rows import PROBLEM, ROW, TODAY, bring, items
from tasks.database import transaction
from tasks.escalation.answers import Answer, close
from tasks.escalation.report import report
from tasks.escalation.sweep import sweep
from tasks.items.assignments import turn_clock
from tasks.items.blockers import extend, open_blocker, resolve_blocker
from tasks.items.counting import why_due
from tasks.items.open_items import open_items
from tasks.ledger.locks import lock_project
from tasks.runs.brief import brief

pytestmark = pytest.mark.usefixtures("in_english")
FESTIVAL = tuple(date(2013, 6, day) for day in (10, 11, 12))  # Dragon Boat
SATURDAY, SUNDAY = date(2013, 6, 8), date(2013, 6, 9)  # worked for it
DUE = date(2013, 6, 20)


@pytest.fixture
def unlisted(ledger: str) -> None:
    """The calendar as it was before the list was out: a week like any other."""
    with transaction("测试") as session:
        for day, works in (*((day, True) for day in FESTIVAL), (SATURDAY, False), (SUNDAY, False)):
            session.execute(update(Workday).where(Workday.day == day).values(is_working=works))


@pytest.fixture
def opened(unlisted: None) -> int:
    """A project entered on Monday, 3 June, with two problems, one of them without a date; there is
    an inspector.
    """
    with transaction("测试") as session:
        office = Unit(name="市政府督查室", kind=UnitKind.INSPECTION_OFFICE)
        session.add(Person(name="督查室科长", role=Role.INSPECTOR, unit=office))
    problems = (replace(PROBLEM, due_on=None), replace(PROBLEM, description="资金未到位", due_on=DUE))
    bring(replace(ROW, blockers=problems), as_of=date(2013, 6, 3))
    (visit,) = items(ItemKind.VISIT)
    assert visit.project_id
    return visit.project_id


def dates() -> dict[str, date]:
    with transaction() as session:
        rows = session.scalars(select(ActionItem).where(ActionItem.closed_on.is_(None)).order_by(ActionItem.id))
        return {item.blocker.description if item.blocker else item.kind.value: item.due_on for item in rows}


def counted(kind: ItemKind) -> list[tuple[date | None, int | None]]:
    return [(item.counted_from, item.counted_days) for item in items(kind)]


def said(day: date) -> Answer:
    return Answer("督查室科长", "情况已说明", datetime(day.year, day.month, day.day, 2, tzinfo=UTC), day)


def test_a_new_calendar_moves_the_dates_that_were_counted_and_no_other(opened: int) -> None:
    assert dates() == {"visit": date(2013, 6, 17), "用地指标未落实": date(2013, 6, 24), "资金未到位": DUE}
    assert prepare().moved == 2
    assert dates() == {"visit": date(2013, 6, 18), "用地指标未落实": date(2013, 6, 25), "资金未到位": DUE}
    assert prepare() == ([], 0)


def test_the_steps_follow_the_new_dates(opened: int) -> None:
    prepare()
    (visit,) = items(ItemKind.VISIT)
    assert (visit.next_step, visit.next_fires_on) == (Step.REMINDER_BEFORE, date(2013, 6, 13))


def test_history_and_the_next_sweeps_report_say_which_moved_from_when_to_when_and_why(opened: int) -> None:
    prepare()
    with transaction() as session:
        moves = select(Change.old, Change.new, Change.source).where(Change.column_name == "due_on")
        listed = "new-calendar 2013-06-08 2013-06-09 2013-06-10 2013-06-11 2013-06-12"
        assert session.execute(moves.order_by(Change.id)).all() == [
            ("2013-06-17", "2013-06-18", listed),
            ("2013-06-24", "2013-06-25", listed),
        ]
        page = report(session, date(2013, 6, 13))
    assert "## Due dates that a new calendar has moved (2)" in page
    assert "new in the calendar: 2013-06-08, 2013-06-09, 2013-06-10" in page
    assert "| 2013-06-17 | 2013-06-18 | 10 working days from 2013-06-03 |" in page
    sweep(date(2013, 6, 13))
    with transaction() as session:
        assert "a new calendar" not in report(session, date(2013, 6, 14))


def test_forms_that_wait_are_asked_anew_with_the_new_dates(opened: int) -> None:
    with transaction("测试") as session:
        ask = Ask(form_no="V-1", flow="project-lifecycle", subject_id=opened, is_standing=True, brief="")
        ask.schema_sent = {}
        session.add(ask)
    prepare()
    with transaction() as session:
        assert session.scalars(select(Ask.overtaken_at)).one() is not None


@pytest.mark.parametrize("reached", [Step.REMINDER_AFTER, Step.LEADER, Step.OFFICE])
def test_what_is_raised_already_stays_raised_in_its_round(opened: int, reached: Step) -> None:
    fires = {Step.REMINDER_AFTER: date(2013, 6, 18), Step.LEADER: date(2013, 6, 19), Step.OFFICE: date(2013, 6, 24)}
    for day in sorted(fires.values()):
        if day <= fires[reached]:
            sweep(day)
    prepare()
    (visit,) = items(ItemKind.VISIT)
    assert (visit.due_on, visit.fired_step, visit.round) == (date(2013, 6, 18), reached, 1)


def test_on_hold_a_counted_date_moves_too_and_a_resume_counts_on(opened: int) -> None:
    for clock, day in ((Clock.HOLD, date(2013, 6, 4)), (Clock.RESUME, date(2013, 6, 7))):
        with transaction("测试") as session:
            turn_clock(session, lock_project(session, opened), clock, "等规划", "副县长", day)
    assert counted(ItemKind.VISIT) == [(date(2013, 6, 3), 13)]
    assert counted(ItemKind.BLOCKER) == [(date(2013, 6, 3), 18), (DUE, 3)]
    assert dates()["visit"] == date(2013, 6, 20)
    prepare()
    assert dates() == {"visit": date(2013, 6, 21), "用地指标未落实": date(2013, 6, 28), "资金未到位": date(2013, 6, 25)}


def test_a_date_that_somebody_moved_is_counted_no_more(opened: int) -> None:
    (counted_one, _given) = items(ItemKind.BLOCKER)
    with transaction("测试") as session:
        lock_project(session, opened)
        item = session.get_one(ActionItem, counted_one.id)
        extend(session, item, date(2013, 7, 1), "等批复", "分包领导", date(2013, 6, 5))
    assert counted(ItemKind.BLOCKER) == [(None, None), (None, None)]
    prepare()
    assert dates()["用地指标未落实"] == date(2013, 7, 1)


def test_a_file_that_gives_a_date_makes_it_a_given_one(opened: int) -> None:
    problem = replace(PROBLEM, due_on=date(2013, 7, 1))
    bring(replace(ROW, blockers=(problem,), visit_due_on=date(2013, 7, 2)), as_of=date(2013, 6, 4))
    assert {*counted(ItemKind.VISIT), *counted(ItemKind.BLOCKER)} == {(None, None)}
    prepare()
    assert dates()["visit"] == date(2013, 7, 2)


def test_the_visit_after_the_last_solved_problem_is_counted(opened: int) -> None:
    for item in items(ItemKind.BLOCKER):
        with transaction("测试") as session:
            lock_project(session, opened)
            resolve_blocker(session, session.get_one(ActionItem, item.id), "已解决", "专员", date(2013, 6, 7))
    assert counted(ItemKind.VISIT) == [(date(2013, 6, 7), 3)]
    assert dates()["visit"] == date(2013, 6, 12)
    prepare()
    assert dates()["visit"] == date(2013, 6, 13)


def test_the_verification_and_the_visit_after_one_the_office_closed_are_counted(opened: int) -> None:
    sweep(date(2013, 7, 5))  # everything stands at the office
    (visit,), (problem, _other) = items(ItemKind.VISIT), items(ItemKind.BLOCKER)
    day = date(2013, 7, 8)
    with transaction("测试") as session:
        lock_project(session, opened)
        close(session, session.get_one(ActionItem, visit.id), said(day))
        resolve_blocker(session, session.get_one(ActionItem, problem.id), "已解决", "专员", day)
    assert counted(ItemKind.VISIT) == [(day, 20)]
    assert counted(ItemKind.VERIFY) == [(day, 5)]


def test_a_problem_entered_by_form_without_a_date_is_counted(project: int) -> None:
    found = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "", None)
    with transaction("测试") as session:
        open_blocker(session, lock_project(session, project), found, TODAY)
    assert counted(ItemKind.BLOCKER) == [(TODAY, 15)]
    assert counted(ItemKind.VISIT) == [(None, None)]


def test_the_brief_says_why_each_date_is_what_it_is(opened: int) -> None:
    (_counted_one, given) = items(ItemKind.BLOCKER)
    with transaction("市商务局科员") as session:
        project = lock_project(session, opened)
        before = brief(session, project, TODAY)
        extend(session, session.get_one(ActionItem, given.id), date(2013, 7, 1), "等批复", "分包领导", date(2013, 6, 5))
        after = brief(session, project, TODAY)
    entry = "- **%s**  \n  %s · due %s · on time  \n  Why then: %s"
    counted = entry % ("Follow-up visit", "清丰县招商局专员", "2013-06-17", "10 working days from 2013-06-03")
    assert counted in before
    assert "due 2013-06-24 · on time  \n  Why then: 15 working days from 2013-06-03" in before
    assert "due 2013-06-20 · on time  \n  Why then: as in the file 六月台账.xlsx" in before.partition("资金未到位**")[2]
    assert "due 2013-07-01 · on time  \n  Why then: moved by 分包领导 on " in after
    assert after.count("等批复") == 1


def test_what_a_person_entered_names_the_person(project: int) -> None:
    found = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "", date(2013, 7, 1))
    with transaction("清丰县招商局专员", "project-lifecycle V-1") as session:
        open_blocker(session, lock_project(session, project), found, TODAY)
        reasons = why_due(session, open_items(session, project))
    assert [why.split(" on ")[0] for why in reasons.values()] == ["set by 测试", "set by 清丰县招商局专员"]


@pytest.mark.usefixtures("unlisted")
def test_a_calendar_that_changes_nothing_that_is_counted_moves_nothing() -> None:
    assert prepare().moved == 0
