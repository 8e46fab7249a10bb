"""The ladder in the running system: owner, responsible leader, inspection office, and back to the
ground.
"""

from datetime import date

from sqlalchemy import func, select, update

from models.campaigns.campaign import Campaign
from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.notice import Delivery, Notice
from models.escalation.policy import Policy
from models.escalation.question import Ask
from models.i18n import written
from models.ledger.history import SweepLog
from models.ledger.organisation import Person
from models.ledger.project import Progress
from models.words import (
    BlockerOutcome,
    Finding,
    ItemKind,
    ItemResult,
    LeaderAnswer,
    MilestoneKind,
    OfficeAnswer,
    Role,
    Stage,
    Step,
    Verdict,
    VisitOutcome,
)
from support.office import Office, in_step
from support.office.days import days_ago, working_day
from support.office.ledger import BUREAU, COUNTY, INSPECTOR, LEADER, OFFICER, OTHER_LEADER
from support.programs.receiver import Receiver
from tasks.database import transaction
from tasks.dialogues.update_runs import enter_answers
from tasks.escalation.sweep import sweep
from tasks.ledger.questions import ESCALATION, RESOLUTION
from tasks.ledger.workdays import calendar_around

SIGNS = "清丰县 副县长"


def step_days(due_on: date) -> dict[Step, date]:
    with transaction() as session:
        calendar = calendar_around(session, due_on)
    counts = {Step.REMINDER_BEFORE: -3, Step.REMINDER_AFTER: 1, Step.LEADER: 2, Step.OFFICE: 5}
    return {step: calendar.add(due_on, count) for step, count in counts.items()}


def escalations(item_id: int) -> list[Escalation]:
    with transaction() as session:
        found = session.scalars(select(Escalation).where(Escalation.item_id == item_id).order_by(Escalation.id)).all()
        _loaded = [(each.recipient, each.on_behalf_of) for each in found]
        return list(found)


def counts() -> list[int]:
    with transaction() as session:
        return [
            session.scalar(select(func.count()).select_from(table)) or 0 for table in (Escalation, Notice, SweepLog)
        ]


def item_now(item_id: int) -> ActionItem:
    with transaction() as session:
        return session.get_one(ActionItem, item_id)


def test_a_blocker_left_alone_climbs_is_answered_resolved_verified_and_the_project_lands(
    office: Office, receiver: Receiver
) -> None:
    due_on = working_day(-12)
    project_id, item_id = office.stall(due_on)
    days = step_days(due_on)
    left_alone(office, receiver, item_id, days)
    leader_form = raise_to_the_leader(office, receiver, item_id, days)
    office_form = raise_to_the_office(office, receiver, item_id, days, leader_form)
    verify_form = instruct_and_resolve(office, receiver, item_id, office_form)
    verify(office, item_id, verify_form)
    land(office, project_id)
    every_message_came_once_and_signed(receiver)


def left_alone(office: Office, receiver: Receiver, item_id: int, days: dict[Step, date]) -> None:
    """The owner is reminded, before and after; nobody else hears, and no escalation run is
    opened.
    """
    for step in (Step.REMINDER_BEFORE, Step.REMINDER_AFTER):
        assert office.sweep(days[step])["state_type"] == "COMPLETED"
        assert office.sweep(days[step])["state_type"] == "COMPLETED"  # twice: nothing more
    assert [(each.step, each.raised_on, each.recipient and each.recipient.name) for each in escalations(item_id)] == [
        (Step.REMINDER_BEFORE, days[Step.REMINDER_BEFORE], OFFICER),
        (Step.REMINDER_AFTER, days[Step.REMINDER_AFTER], OFFICER),
    ]
    assert receiver.told(item_id) == []
    assert office.runs_of(ESCALATION, item_id) == []
    assert "用地指标缺口60亩" in inbox(OFFICER)


def inbox(person: str) -> str:
    """The newest digest that was put into somebody's built-in inbox."""
    with transaction() as session:
        sent = select(Delivery).join(Person, Person.id == Delivery.recipient_id).where(Person.name == person)
        delivery = session.scalars(sent.order_by(Delivery.id.desc()).limit(1)).one()
        assert (delivery.channel, delivery.attempts) == ("", 1)
        assert delivery.delivered_at
        return str(delivery.body["markdown"])


def raise_to_the_leader(office: Office, receiver: Receiver, item_id: int, days: dict[Step, date]) -> Ask:
    """The leader hears by their system and acknowledges by the form; the clock runs on."""
    office.sweep(days[Step.LEADER])
    form = office.raised_asked(item_id)
    run = office.run(in_step(office, ESCALATION, item_id).flow_run_id)
    assert {COUNTY, Role.LEADER.label} <= set(run["tags"])
    assert all(word in form.brief for word in ("用地指标缺口60亩", LEADER, written(days[Step.LEADER]))), form.brief
    assert receiver.told(item_id) == [(Step.LEADER, "raised")]
    assert f"/v2/runs/flow-run/{form.flow_run_id}" in receiver.messages[-1].body["markdown"]

    answer = {"outcome": LeaderAnswer.ACKNOWLEDGE.label, "filled_in_by": SIGNS}
    assert office.answer(form, **answer).is_accepted

    again = office.raised_asked(item_id, form)
    assert escalations(item_id)[-1].acknowledged_by == SIGNS
    assert SIGNS in again.brief
    assert item_now(item_id).next_fires_on == days[Step.OFFICE]
    assert office.answer(again, **answer).is_accepted
    refused = office.raised_asked(item_id, again)
    assert office.ask(again).verdict is Verdict.REFUSED
    return refused


def raise_to_the_office(
    office: Office, receiver: Receiver, item_id: int, days: dict[Step, date], leader_form: Ask
) -> Ask:
    """Nobody replies, so the inspection office gets a numbered notice and the form; the leader's is
    out of date.
    """
    office.sweep(days[Step.OFFICE])
    form = office.raised_asked(item_id, leader_form)
    assert office.ask(leader_form).verdict is Verdict.SUPERSEDED
    assert form.flow_run_id == leader_form.flow_run_id
    assert {COUNTY, Role.INSPECTOR.label} <= set(office.run(form.flow_run_id)["tags"])
    *_before, raised = escalations(item_id)
    assert (raised.step, raised.recipient and raised.recipient.name) == (Step.OFFICE, INSPECTOR)
    assert f"督办〔{raised.raised_on.year}〕{raised.document_no}号" in form.brief
    assert sorted(receiver.told(item_id)[1:]) == [(Step.OFFICE, "copy"), (Step.OFFICE, "raised")]
    return form


def instruct_and_resolve(office: Office, receiver: Receiver, item_id: int, form: Ask) -> Ask:
    """The office sets a date, the unit reports the blocker resolved, and the second key is asked
    for.
    """
    instruction = {"outcome": OfficeAnswer.INSTRUCT.label, "text": "一周内落实用地指标", "day": str(working_day(5))}
    assert office.answer(form, filled_in_by=INSPECTOR, **instruction).is_accepted
    next_form = office.raised_asked(item_id, form)
    item = item_now(item_id)
    assert (item.due_on, item.round, item.entry_step) == (working_day(5), 2, Step.OFFICE)
    assert "一周内落实用地指标" in next_form.brief
    office.done("notice-delivery")
    assert (Step.OFFICE, "instructed") in receiver.told(item_id)

    resolution = {"outcome": BlockerOutcome.RESOLVED.label, "result": "已调剂60亩指标", "filled_in_by": BUREAU}
    assert office.answer(office.blocker_asked(item_id), **resolution).is_accepted

    verify_form = office.raised_asked(item_id, next_form)
    assert item_now(item_id).result is ItemResult.RESOLVED
    (verification,) = office.items(item_now(item_id).project_id or 0, ItemKind.VERIFY)
    assert (verification.verifies_id, verification.owner and verification.owner.name) == (item_id, INSPECTOR)
    assert (verification.due_on, verification.closed_on) == (working_day(5), None)
    return verify_form


def verify(office: Office, item_id: int, form: Ask) -> None:
    """The office finds it not done, it is done again, and then verified; the run ends."""
    missing = {"outcome": Finding.REOPEN.label, "text": "指标文件未见", "day": str(working_day(3))}
    assert office.answer(form, filled_in_by=INSPECTOR, **missing).is_accepted
    reopened = office.raised_asked(item_id, form)
    item = item_now(item_id)
    assert (item.closed_on, item.due_on, item.entry_step) == (None, working_day(3), Step.OFFICE)
    question = office.blocker_asked(item_id)
    assert "指标文件未见" in question.brief
    resolution = {"outcome": BlockerOutcome.RESOLVED.label, "result": "已取得指标批复", "filled_in_by": BUREAU}
    assert office.answer(question, **resolution).is_accepted
    again = office.raised_asked(item_id, reopened)
    verified = {"outcome": Finding.VERIFIED.label, "text": "已核对批复原件", "filled_in_by": INSPECTOR}
    assert office.answer(again, **verified).is_accepted

    assert office.finished(again.flow_run_id)["state_type"] == "COMPLETED"
    results = [each.result for each in office.items(item.project_id or 0, ItemKind.VERIFY)]
    assert results == [ItemResult.NOT_VERIFIED, ItemResult.DONE]
    assert office.live_runs(ESCALATION, item_id) == office.live_runs(RESOLUTION, item_id) == []
    with transaction() as session:
        told = session.scalars(select(Progress.text).where(Progress.project_id == item.project_id)).all()
    assert any("已核对批复原件" in each for each in told)


def land(office: Office, project_id: int) -> None:
    """The project lands with its evidence; nothing is owed any more."""
    proofs = [
        {"kind": kind.label, "done_on": str(days_ago(9)), "evidence": "证照齐全"}
        for kind in (MilestoneKind.REGISTERED, MilestoneKind.CONSTRUCTION_STARTED)
    ]
    form = office.visit_asked(project_id)
    assert office.visit(form, outcome=VisitOutcome.LANDED.label, milestones=proofs).is_accepted
    assert office.finished(form.flow_run_id)["state_type"] == "COMPLETED"
    assert office.project(project_id).stage is Stage.LANDED
    with transaction() as session:
        owed = select(ActionItem).where(ActionItem.project_id == project_id, ActionItem.closed_on.is_(None))
        assert session.scalars(owed).all() == []


def every_message_came_once_and_signed(receiver: Receiver) -> None:
    assert receiver.messages
    assert all(each.is_signed for each in receiver.messages)
    assert set(receiver.taken.values()) == {1}


def test_a_day_off_is_not_swept(office: Office) -> None:
    swept = office.done("escalation-sweep", as_of="2026-10-01")
    assert swept["state_type"] == "COMPLETED"
    assert "休息日" in swept["state"]["message"]
    with transaction() as session:
        assert session.scalars(select(SweepLog).where(SweepLog.as_of == date(2026, 10, 1))).all() == []


def test_a_trial_of_a_day_to_come_says_what_would_fire_and_fires_nothing(office: Office) -> None:
    office.stall(working_day(-2))
    day = working_day(3)
    before = counts()
    trial = office.done("escalation-sweep", as_of=str(day), dry_run=True)
    assert trial["state_type"] == "COMPLETED"
    assert "没有触发任何事项" in trial["state"]["message"]
    shown = office.artifact("escalation-sweep-trial")
    assert shown.startswith(f"# 试运行：{written(day)}督办扫描")
    assert counts() == before
    refused = office.done("escalation-sweep", as_of=str(day))
    assert refused["state_type"] == "FAILED"


def test_a_day_that_is_none_is_refused_in_words(office: Office) -> None:
    swept = office.done("escalation-sweep", as_of="10月1日")
    assert swept["state_type"] == "FAILED"
    assert "10月1日" in swept["state"]["message"]


def test_what_reaches_nobody_turns_the_sweep_red_until_somebody_is_named(office: Office) -> None:
    project_id, item_id = office.stall(working_day(-2))
    inspectors = update(Person).where(Person.name == INSPECTOR)
    with transaction(source="test") as session:
        alone = {"owner_id": None, "leader_id": None}
        session.execute(update(ActionItem).where(ActionItem.id == item_id).values(alone))
        session.execute(inspectors.values(role=Role.OPERATOR))
    swept = office.sweep(working_day(0))
    assert swept["state_type"] == "FAILED"
    assert office.project(project_id).code in swept["state"]["message"]
    assert escalations(item_id) == []

    with transaction(source="test") as session:
        leader = session.scalars(select(Person).where(Person.name == LEADER)).one()
        session.execute(update(ActionItem).where(ActionItem.id == item_id).values(leader_id=leader.id))
        session.execute(inspectors.values(role=Role.INSPECTOR))
    assert office.sweep(working_day(0))["state_type"] == "COMPLETED"
    (raised,) = escalations(item_id)
    assert raised.step is Step.LEADER
    assert raised.recipient
    assert raised.recipient.name == LEADER
    office.raised_asked(item_id)


def test_an_escalation_run_that_was_cancelled_comes_back(office: Office) -> None:
    _project_id, item_id = office.stall(working_day(-2))
    office.sweep(working_day(0))
    form = office.raised_asked(item_id)
    office.cancel(form.flow_run_id)
    office.finished(form.flow_run_id)
    office.reconcile()
    again = office.raised_asked(item_id, form)
    assert again.flow_run_id != form.flow_run_id
    in_step(office, ESCALATION, item_id)


def test_a_delegate_gets_the_notice_and_the_form_says_for_whom(office: Office, receiver: Receiver) -> None:
    with transaction(source="test") as session:
        leader = session.scalars(select(Person).where(Person.name == LEADER)).one()
        deputy = session.scalars(select(Person).where(Person.name == OTHER_LEADER)).one()
        leader.delegate, leader.delegate_from, leader.delegate_until = deputy, working_day(0), working_day(0)
    _project_id, item_id = office.stall(working_day(-2))
    office.sweep(working_day(0))
    with transaction(source="test") as session:
        leader = session.scalars(select(Person).where(Person.name == LEADER)).one()
        leader.delegate = leader.delegate_from = leader.delegate_until = None
    assert receiver.told(item_id) == []
    assert f"{OTHER_LEADER}（代{LEADER}）" in office.raised_asked(item_id).brief


def test_a_promise_is_waited_for_and_a_broken_one_goes_to_the_office(office: Office) -> None:
    _project_id, item_id = office.stall(working_day(-2))
    office.sweep(working_day(0))
    form = office.raised_asked(item_id)
    promised_on = working_day(4)
    promise = {"outcome": LeaderAnswer.PROMISE.label, "text": "月底前完成供地", "day": str(promised_on)}
    assert office.answer(form, filled_in_by=SIGNS, **promise).is_accepted
    waiting = office.raised_asked(item_id, form)
    assert all(word in waiting.brief for word in ("月底前完成供地", written(promised_on)))
    office.sweep(working_day(4))
    assert [each.step for each in escalations(item_id)] == [Step.LEADER, Step.REMINDER_BEFORE]
    office.sweep(working_day(5))
    *_before, broken = escalations(item_id)
    assert (broken.step, broken.round, broken.due_on) == (Step.OFFICE, 2, promised_on)
    assert "月底前完成供地" in office.raised_asked(item_id, waiting).brief


def test_an_answer_given_while_no_worker_was_there_is_entered_before_the_sweep_judges(office: Office) -> None:
    _project_id, item_id = office.stall(working_day(-2))
    office.sweep(working_day(0))
    form = office.raised_asked(item_id)
    office.kill_worker()
    promise = {"outcome": LeaderAnswer.PROMISE.label, "text": "月底前完成供地", "day": str(working_day(9))}
    assert office.answer(form, filled_in_by=SIGNS, **promise).is_accepted
    with office.client():
        assert enter_answers() == []  # as a sweep does that is the first to run again
    assert office.verdicts(ESCALATION, item_id) == [Verdict.APPLIED]
    sweep(working_day(3), today=working_day(3))
    assert [each.step for each in escalations(item_id)] == [Step.LEADER]
    office.start_worker()
    assert "月底前完成供地" in office.raised_asked(item_id, form).brief


def test_an_answer_whose_run_failed_is_entered_before_the_sweep_judges(office: Office) -> None:
    _project_id, item_id = office.stall(working_day(-5))
    office.sweep(working_day(-3))
    form = office.raised_asked(item_id)
    promise = {"outcome": LeaderAnswer.PROMISE.label, "text": "月底前完成供地", "day": str(working_day(9))}
    with office.trigger("change", "NEW.column_name = 'promised_on'", "RAISE EXCEPTION 'spoilt by a test'"):
        assert office.answer(form, filled_in_by=SIGNS, **promise).is_accepted
        assert office.finished(form.flow_run_id)["state_type"] == "FAILED"
    assert office.verdicts(ESCALATION, item_id) == [None]
    assert office.sweep(working_day(0))["state_type"] == "COMPLETED"
    assert office.verdicts(ESCALATION, item_id)[0] is Verdict.APPLIED
    assert [each.step for each in escalations(item_id)] == [Step.LEADER]
    office.reconcile()
    assert "月底前完成供地" in office.raised_asked(item_id, form).brief


def test_two_workers_that_sweep_at_once_fire_each_step_once(office: Office) -> None:
    second = office.start_worker()
    items = [office.stall(working_day(-5))[1] for _each in range(3)]
    office.forget_sweeps_after(working_day(-3))
    try:
        with office.without_limit("escalation-sweep"):
            for day in (-3, -2, 0):
                runs = [office.start("escalation-sweep", as_of=str(working_day(day))) for _each in range(4)]
                assert {office.finished(run)["state_type"] for run in runs} == {"COMPLETED"}
    finally:
        office.stop_worker(second)
    for item_id in items:
        assert [each.step for each in escalations(item_id)] == [Step.LEADER, Step.OFFICE]
        in_step(office, ESCALATION, item_id)


def test_new_numbers_are_tried_before_they_apply_and_prefill_the_next_form(office: Office) -> None:
    _project_id, item_id = office.stall(working_day(7))
    present = prefilled_numbers(office)
    numbers = {**present, "reminder_before": present["reminder_before"] + 2}
    who = "市商务局 王主任"

    tried = office.done("ladder-policy", filled_in_by=who, numbers=numbers)
    assert (tried["state_type"], item_now(item_id).next_fires_on) == ("COMPLETED", working_day(4))
    told = office.artifact("ladder-policy")
    assert all(
        words in told for words in ("（所有事项）", "| 到期前提醒：提前工作日数 | 3 | 5 |", "下一个工作日将触发")
    )
    clash = office.done("ladder-policy", filled_in_by=who, numbers={**numbers, "leader_after": 1}, dry_run=False)
    assert clash["state_type"] == "FAILED"
    applied = office.done("ladder-policy", filled_in_by=who, numbers=numbers, dry_run=False)

    assert applied["state_type"] == "COMPLETED", applied["state"]["message"]
    assert item_now(item_id).next_fires_on == working_day(2)
    (written,) = office.changes("policy", policy_id(), None)
    assert (written.actor, written.source) == (who, "ladder-policy")
    assert prefilled_numbers(office) == numbers
    restored = office.done("ladder-policy", filled_in_by="test", numbers=present, dry_run=False)
    assert restored["state_type"] == "COMPLETED", restored["state"]["message"]


def test_a_campaign_that_is_planned_is_offered_and_given_numbers_of_its_own(office: Office) -> None:
    name, starts_on = "明年再攻坚", days_ago(-400)  # long after all other tests
    planned = {"name": name, "starts_on": str(starts_on), "days": 100, "landing": [MilestoneKind.REGISTERED.label]}
    planned |= {"ends_on": "", "signed_from": "", "signed_until": "", "targets": []}  # prefilled by other tests
    run = office.done("campaign-plan", filled_in_by="test", dry_run=False, **planned)
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    deployment = office.http.get(f"/deployments/{office.deployment('ladder-policy')}").json()
    offered = deployment["parameter_openapi_schema"]["properties"]["campaign"]
    assert offered["enum"][:2] == [offered["default"], name]
    numbers = prefilled_numbers(office)
    hurried = {**numbers, "office_after": numbers["office_after"] + 1}

    given = office.done("ladder-policy", filled_in_by="test", numbers=hurried, campaign=name, dry_run=False)

    assert given["state_type"] == "COMPLETED", given["state"]["message"]
    assert f"{name} · （所有事项）" in office.artifact("ladder-policy")
    with transaction() as session:
        policy = session.get_one(Policy, policy_id())
        campaign = session.scalars(select(Campaign).where(Campaign.name == name)).one()
    assert (policy.campaign_id, policy.office_after) == (campaign.id, hurried["office_after"])
    assert prefilled_numbers(office) == numbers


def prefilled_numbers(office: Office) -> dict[str, int]:
    deployment = office.http.get(f"/deployments/{office.deployment('ladder-policy')}").json()
    return deployment["parameters"]["numbers"]


def policy_id() -> int:
    with transaction() as session:
        return session.scalars(select(Policy.id).order_by(Policy.version.desc()).limit(1)).one()
