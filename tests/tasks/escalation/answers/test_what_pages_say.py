"""How an item reads on notices, forms and pages: a request is a request, what is done waits for its
verification, and the office's latest order is the one that is shown.
"""

import uuid
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from flows import escalation_sweep, slow_landing, weekly_bulletin
from models.bulletin.figures import Concern
from models.escalation.action_item import ActionItem
from models.escalation.notice import Delivery, Notice
from models.escalation.question import Ask
from models.i18n import use_locale, written
from models.ledger.project import Progress
from models.words import AT_OFFICE, Clock, Occasion, Stage, Verdict
from support.answers import (
    ANSWERED,
    CALENDAR,
    DEPUTY,
    LEADER,
    LEADER_HEARD,
    NEW,
    OFFICE_HEARD,
    OFFICER,
    OPENED,
    answering,
    hold,
    promised,
    resolve,
    said,
    sweep_daily,
    told,
    verification_of,
)
from tasks.bulletin.issue import issue
from tasks.bulletin.page import page as bulletin_page
from tasks.bulletin.words import due
from tasks.database import transaction
from tasks.dialogues.blocker import BlockerDialogue
from tasks.dialogues.change_assignment import AssignmentDialogue
from tasks.dialogues.escalation import EscalationDialogue
from tasks.dialogues.visit import VisitDialogue
from tasks.documents.text import text_of
from tasks.dossiers.facts import gather as gather_dossier
from tasks.dossiers.items import blockers as dossier_blockers
from tasks.escalation.answers import Charge, grant_extension, hand_over, instruct, raised_before, reopen, verify
from tasks.escalation.report import report
from tasks.escalation.sweep import sweep
from tasks.items.blockers import ask_coordination
from tasks.items.counting import why_due
from tasks.items.facts import end_project
from tasks.items.wording import step_name
from tasks.ledger.locks import lock_project
from tasks.notices.digest import gather
from tasks.runs.brief import brief
from tasks.runs.dialogue import Dialogue

ASKED, WHY = date(2013, 6, 13), "请市政府协调省厅追加指标"
LATE = date(2013, 6, 26)  # after the due date; the office has heard


def coordination(item_id: int, as_of: date = ASKED, why: str = WHY) -> None:
    with answering(item_id) as (session, item):
        ask_coordination(session, item, why, "国土局科长", as_of)


def digest(person: int, as_of: date) -> str:
    """What a person's newest message says, gathered now."""
    assert gather(as_of) == []
    with transaction() as session:
        mine = select(Delivery).where(Delivery.recipient_id == person).order_by(Delivery.id.desc())
        newest = session.scalars(mine.limit(1)).one_or_none()
        return str(newest.body["markdown"]) if newest else ""


def form(item_id: int, as_of: date) -> str:
    """What stands at the head of the leader's, the office's or the verification form."""
    with transaction() as session:
        question = EscalationDialogue(item_id).question(session, as_of)
        assert question
        return question.brief


def owners_form(item_id: int, as_of: date) -> str:
    with transaction() as session:
        question = BlockerDialogue(item_id).question(session, as_of)
        assert question
        return question.brief


def swept(as_of: date) -> str:
    with transaction() as session:
        return report(session, as_of)


def dossier(project: int, as_of: date) -> str:
    with transaction() as session:
        section = dossier_blockers(gather_dossier(session, project, as_of))
        facts = [fact for card in section.blocks for fact in getattr(card, "facts", ())]
        return "\n".join(text_of(part) for fact in facts for part in fact[:2])


def progress() -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(Progress.text).order_by(Progress.id)))


def test_a_request_for_coordination_reaches_the_leader_with_its_reason_and_reads_as_one(item: int) -> None:
    coordination(item)
    assert told(Occasion.RAISED) == {"清丰县分包领导": WHY}
    message, head = digest(LEADER, ASKED), form(item, ASKED)
    for text in (message, head):
        assert WHY in text
        assert "请求分包领导协调" in text
        assert "请求协调" in text
        assert "提请分包领导督促" not in text
        assert "逾期" not in text.partition("\n\n办理经过：")[0]


def test_a_request_is_not_overdue_after_its_date_until_it_is_answered(item: int) -> None:
    coordination(item)
    late = date(2013, 6, 19)
    head = form(item, late).partition("\n\n办理经过：")[0]
    assert "逾期" not in head
    assert WHY in head
    assert "逾期" not in owners_form(item, late).partition("- **土地：")[2].partition("\n- ")[0]
    figures = issue(date(2013, 6, 17), date(2013, 6, 24)).figures
    (asked,) = [each for each in figures.agenda.shown if each.matter.text]
    assert asked.request == WHY
    shown = bulletin_page(issue(date(2013, 6, 17), date(2013, 6, 24)))
    line = next(line for line in shown.splitlines() if WHY in line)
    assert "逾期" not in line


def test_a_leader_who_has_the_item_already_hears_the_reason_of_a_request(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    assert WHY not in digest(LEADER, LEADER_HEARD)
    coordination(item, ANSWERED)
    assert WHY in digest(LEADER, ANSWERED)
    coordination(item, ANSWERED)
    assert gather(ANSWERED) == []
    with transaction() as session:
        assert (
            session.scalars(select(Notice).where(Notice.delivery_id.is_(None), Notice.dropped_at.is_(None))).all() == []
        )


def test_a_request_made_on_hold_is_heard_with_its_reason_when_the_clock_goes_on(item: int) -> None:
    hold(Clock.HOLD, date(2013, 6, 5))
    coordination(item, date(2013, 6, 6))
    hold(Clock.RESUME, date(2013, 6, 7))
    assert WHY in digest(LEADER, date(2013, 6, 7))


def test_an_answered_request_is_over_and_one_made_again_counts(item: int) -> None:
    coordination(item)
    with answering(item) as (session, owed):
        grant_extension(session, owed, said(as_of=date(2013, 6, 14)), NEW)
    assert "请求协调" not in owners_form(item, ANSWERED).partition("土地：用地指标未落实 |")[2].partition("\n")[0]
    coordination(item, ANSWERED, "再请协调林地指标")
    assert "再请协调林地指标" in digest(LEADER, ANSWERED)
    assert "再请协调林地指标" in form(item, ANSWERED)


def test_what_is_reported_done_waits_for_verification_and_is_not_overdue(item: int, city: int) -> None:
    sweep_daily(OFFICE_HEARD)
    done = date(2013, 6, 25)
    resolve(item, done)
    inspector = verification_of(item).owner_id
    assert inspector
    message = digest(inspector, done)
    line = next(line for line in message.splitlines() if "土地：用地指标未落实" in line and "待核查" in line)
    assert "逾期" not in line
    head = form(item, LATE).partition("\n\n办理经过：")[0]
    assert "待核查" in head
    assert "逾期" not in head
    rows = [line for line in swept(LATE).splitlines() if "土地：用地指标未落实" in line]
    assert all("逾期" not in row for row in rows)
    assert any("待核查" in row for row in rows)
    assert "待核查" in dossier(city, LATE)
    with transaction() as session:
        owed = verification_of(item)
        text = brief(session, session.merge(owed).project, LATE)
    entry = next(entry for entry in text.split("\n- ") if entry.startswith("**核查"))
    assert "待核查" in entry


def test_a_verification_that_is_late_is_not_overdue_on_the_agenda(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 25))
    shown = bulletin_page(issue(date(2013, 7, 8), date(2013, 7, 15)))
    line = shown.splitlines()[next(no for no, line in enumerate(shown.splitlines()) if "核查：土地" in line)]
    assert "待核查" in line
    assert "逾期" not in line


def test_each_new_order_of_the_office_takes_the_place_of_the_last(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    with answering(item) as (session, owed):
        instruct(session, owed, said("第一次要求：一周内落实", OFFICE_HEARD, "督查室科长"), NEW)
    resolve(item, date(2013, 6, 25))
    with answering(item) as (session, owed):
        reopen(session, owed, said("第二次要求：补齐批复文件", LATE, "督查室科长"), date(2013, 7, 3))
    for text in (owners_form(item, LATE), form(item, LATE), swept(LATE), digest(OFFICER, LATE)):
        assert "第二次要求：补齐批复文件" in text
        assert "第一次要求" not in text


def test_an_answer_to_what_was_raised_is_no_progress_of_the_project(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    promised(item)
    sweep_daily(date(2013, 7, 5), date(2013, 6, 20))
    with answering(item) as (session, owed):
        instruct(session, owed, said("一周内落实", date(2013, 7, 5)), date(2013, 7, 12))
    assert progress() == []
    resolve(item, date(2013, 7, 8))
    with answering(item) as (session, owed):
        reopen(session, owed, said("未见批复", date(2013, 7, 9)), date(2013, 7, 15))
    resolve(item, date(2013, 7, 10))
    with answering(item) as (session, owed):
        verify(session, owed, said("批复已核", date(2013, 7, 11)))
    assert [text.partition("：")[0] for text in progress()] == ["问题已解决", "问题已解决", "核查销号"]


def test_a_hand_over_is_no_progress_either(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    with answering(item) as (session, owed):
        deputy = session.get_one(type(owed.leader), DEPUTY)
        hand_over(session, owed, said("由副县长牵头"), Charge(owed.owner, deputy, owed.unit))
    assert progress() == []
    assert "由副县长牵头" in digest(DEPUTY, ANSWERED)


def test_repeats_at_the_office_read_as_the_second_and_third_time_it_heard(item: int) -> None:
    sweep_daily(date(2013, 7, 9))
    with transaction() as session:
        names = [step_name(each) for each in raised_before(session, item)][-3:]
    assert names == ["提请督查室督办", "督查室第2次督办", "督查室第3次督办"]
    assert "督查室第3次督办" in form(item, date(2013, 7, 9))


def test_what_a_late_sweep_brings_to_the_office_is_no_repeat(item: int) -> None:
    sweep(date(2013, 8, 20))
    with transaction() as session:
        (fired,) = raised_before(session, item)
        assert (fired.step in AT_OFFICE[1:], step_name(fired)) == (True, "提请督查室督办")


def applied(dialogue: Dialogue[Any], subject: int, **entered: object) -> str:
    """The message of a run whose form was answered so."""
    run_id = uuid.uuid4()
    with transaction("测试") as session:
        values = {
            "form_no": "PY-1",
            "filled_in_by": "孙科长",
            "answer": {"form_no": "PY-1", "filled_in_by": "孙科长", **entered},
        }
        ask = Ask(id=uuid.uuid4(), flow=dialogue.flow, subject_id=subject, is_standing=dialogue.is_standing, **values)
        ask.flow_run_id, ask.form, ask.schema_sent, ask.brief = run_id, dialogue.form.__name__, {}, ""
        ask.verdict, ask.judged_at, ask.answered_at = Verdict.APPLIED, datetime.now(UTC), datetime.now(UTC)
        session.add(ask)
    with transaction() as session:
        return dialogue.ending(session, run_id)


def test_a_run_that_ends_says_what_happened(item: int, city: int) -> None:
    kept = {
        "officer": "赵",
        "leader": "钱",
        "squad": "（无）",
        "delegate": "孙",
        "delegate_from": "2013-06-05",
        "delegate_until": "2013-06-05",
    }
    hold(Clock.HOLD, date(2013, 6, 5))
    held = applied(AssignmentDialogue(city), city, **kept, clock=Clock.HOLD, reason="环评公示", granted_by="副市长")
    assert (
        held == "PY-2013-001 龙都家具产业园：自2013年6月5日起暂停计时。已录入：调整分包责任，填报人孙科长，表单PY-1。"
    )
    hold(Clock.RESUME, date(2013, 6, 7))
    resumed = applied(AssignmentDialogue(city), city, **kept, clock=Clock.RESUME, reason="已公示", granted_by="副市长")
    assert "已恢复计时" in resumed
    changed = applied(AssignmentDialogue(city), city, **kept)
    assert changed == "已录入：调整分包责任，填报人孙科长，表单PY-1。"
    sweep_daily(date(2013, 7, 1), date(2013, 6, 7))
    resolve(item, date(2013, 7, 2))
    assert applied(BlockerDialogue(item), item) == "土地：用地指标未落实：2013年7月2日报办结，待核查。"
    with answering(item) as (session, owed):
        verify(session, owed, said("批复已核", date(2013, 7, 3)))
    assert applied(EscalationDialogue(item), item) == "土地：用地指标未落实：2013年7月2日已解决。"
    with transaction("测试") as session:
        end_project(session, lock_project(session, city), Stage.LANDED, LATE, LATE)
    assert applied(VisitDialogue(city), city) == "PY-2013-001 龙都家具产业园：2013年6月26日已落地。"


def test_requests_and_verifications_read_well_in_english(item: int) -> None:
    coordination(item)
    with use_locale("en"):
        head = form(item, ASKED)
    assert "Coordination requested of the responsible leader" in head
    assert "coordination requested on" in head


def test_the_bulletin_calls_no_answered_request_open(item: int) -> None:
    coordination(item)
    promised(item)  # on 20 June, for 12 July
    figures = issue(date(2013, 7, 15), date(2013, 7, 22)).figures
    (listed,) = [each for each in figures.agenda.shown if each.matter.text]
    assert listed.concern is Concern.OVERDUE
    assert listed.request == ""


def test_a_request_before_the_office_still_shows_how_late_it_is(item: int) -> None:
    """The leader was asked and did not answer: the office got it, and it is late."""
    coordination(item)
    sweep_daily(OFFICE_HEARD, ASKED)
    head = form(item, LATE).partition("\n\n办理经过：")[0]
    assert "请求协调" in head
    assert "逾期" in head
    figures = issue(date(2013, 6, 24), date(2013, 7, 1)).figures
    (listed,) = [each for each in figures.agenda.shown if each.matter.text]
    assert (listed.concern, listed.request) == (Concern.COORDINATION, WHY)
    assert "逾期" in due(listed)


def test_notices_and_dossiers_say_why_a_date_is_what_it_is(item: int) -> None:
    """On the notice only while the date still holds."""
    with transaction("测试") as session:
        owed = session.get_one(ActionItem, item)
        owed.counted_from, owed.counted_days = OPENED, CALENDAR.elapsed(OPENED, owed.due_on)
        project = owed.project_id or 0
    sweep_daily(LEADER_HEARD)
    counted = f"自{written(OPENED)}起"
    assert counted in digest(LEADER, LEADER_HEARD)
    assert counted in dossier(project, LEADER_HEARD)


def test_who_set_a_date_is_named_by_what_people_know_it_as(item: int) -> None:
    """A part of Luodi that set it is named in words."""
    with transaction("revisit-campaign", "revisit-campaign 夏季回访") as session:
        owed = session.get_one(ActionItem, item)
        owed.due_on = date(2013, 7, 1)
        session.flush()
        assert "回访活动 夏季回访" in why_due(session, [owed])[item]
        session.rollback()


def test_a_form_to_which_nothing_was_entered_ends_with_words(item: int) -> None:
    with transaction() as session:
        project = session.get_one(ActionItem, item).project_id or 0
        assert AssignmentDialogue(project).ending(session, uuid.uuid4()) != ""


def test_runs_are_named_by_days_as_the_language_writes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for flow in (escalation_sweep, slow_landing, weekly_bulletin):
        monkeypatch.setattr(flow, "flow_run", SimpleNamespace(parameters={"as_of": "2013-06-09"}))
        assert "2013年6月9日" in flow.run_name()
        monkeypatch.setattr(flow, "flow_run", SimpleNamespace(parameters={"as_of": "昨天"}))
        assert "昨天" in flow.run_name()
