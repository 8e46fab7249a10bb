"""The second key: the inspection office verifies what had reached it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import delete, select, update

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.notice import Notice
from models.ledger.facts import MilestoneReached
from models.ledger.organisation import Person, Unit
from models.ledger.project import Milestone
from models.refusal import Refused
from models.words import Clock, ItemKind, ItemResult, MilestoneKind, Occasion, Role, Step, VisitOutcome
from support.answers import (
    NEW,
    OFFICE_HEARD,
    answering,
    climbed,
    hold,
    locked,
    named,
    plan,
    raised,
    report,
    resolve,
    said,
    state,
    sweep_daily,
    told,
    verification_of,
    verifications,
    visit,
)
from tasks.database import transaction
from tasks.escalation.answers import reopen, verify
from tasks.escalation.sweep import sweep
from tasks.items.blockers import resolve_blocker
from tasks.items.open_items import open_visit
from tasks.ledger.locks import lock_project

PROOF = (
    MilestoneReached(MilestoneKind.REGISTERED, date(2013, 4, 1), "营业执照 4109"),
    MilestoneReached(MilestoneKind.CONSTRUCTION_STARTED, date(2013, 6, 3), "施工许可证 12"),
)


def test_what_reached_the_office_is_done_when_the_office_has_verified_it(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 26))
    owed = verification_of(item)
    assert owed is not None
    with transaction() as session:
        inspector = session.scalars(select(Person).where(Person.role == Role.INSPECTOR)).one()
    assert (owed.kind, owed.owner_id, owed.unit_id) == (ItemKind.VERIFY, inspector.id, inspector.unit_id)
    assert (owed.due_on, owed.opened_on) == (date(2013, 7, 3), date(2013, 6, 26))
    assert (owed.next_step, owed.next_fires_on) == (Step.REMINDER_BEFORE, date(2013, 6, 28))
    with answering(item) as (session, done):
        verify(session, done, said("现场核实", NEW, "督查室科长"))
        with pytest.raises(Refused):
            verify(session, done, said("再核实", NEW))
    report(as_of=date(2013, 7, 2), progress="开挖基础")
    assert verifications(item) == [ItemResult.DONE]
    sweep_daily(date(2013, 8, 30), date(2013, 7, 2))
    assert climbed(item)[-1] == (1, Step.OFFICE, OFFICE_HEARD)


def test_of_several_inspectors_those_verify_who_look_after_the_unit_else_all(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    with locked() as (session, _found):
        first, unit_id = named(session, "督查室科长"), session.get_one(ActionItem, item).unit_id
        second = Person(name="督查室副科长", role=Role.INSPECTOR, unit=first.unit)
        session.add(second)
        session.flush()
    both = {"督查室科长", "督查室副科长"}
    resolve(item, date(2013, 6, 26))
    owed = verification_of(item)
    assert owed is not None
    assert owed.owner_id is None
    assert set(told(Occasion.VERIFY)) == both
    sweep_daily(date(2013, 6, 28), date(2013, 6, 27))
    with transaction() as session:
        reminded = select(Person.name).join(Notice, Notice.recipient_id == Person.id).join(Notice.escalation)
        assert set(session.scalars(reminded.where(Escalation.item_id == owed.id))) == both
    with locked() as (session, _found):
        session.get_one(Person, second.id).looks_after = [unit_id]
    with answering(item) as (session, done):
        reopen(session, done, said("未完成", date(2013, 6, 28)), NEW)
    resolve(item, date(2013, 7, 1))
    owed = verification_of(item)
    assert owed is not None
    assert owed.owner_id == second.id


def test_a_verification_is_for_the_inspectors_of_the_verified_unit_on_every_step(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    with locked() as (session, _found):
        unit_id, other = session.get_one(ActionItem, item).unit_id, Unit(name="别县")
        session.add(other)
        session.flush()
        first = named(session, "督查室科长")
        first.looks_after = [other.id]
        for name in ("督查室副科长", "督查室科员"):
            session.add(Person(name=name, role=Role.INSPECTOR, unit=first.unit, looks_after=[unit_id]))
    resolve(item, date(2013, 6, 26))
    owed = verification_of(item)
    assert owed is not None
    sweep_daily(date(2013, 7, 31), date(2013, 6, 27))
    heard: dict[Step, set[str]] = {}
    with transaction() as session:
        notices = select(Escalation.step, Person.name).join(Notice, Notice.escalation_id == Escalation.id)
        notices = notices.join(Person, Person.id == Notice.recipient_id).where(Notice.occasion == Occasion.RAISED)
        for step, name in session.execute(notices.where(Escalation.item_id == owed.id)):
            heard.setdefault(step, set()).add(name)
    theirs = {"督查室副科长", "督查室科员"}
    assert heard == {step: theirs for step in Step if step is not Step.LEADER} | {Step.LEADER: {"市商务局局长"}}


def test_a_verification_that_fired_to_nobody_is_addressed_to_the_inspectors_of_the_verified_unit(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 26))
    owed = verification_of(item)
    assert owed is not None
    with locked() as (session, _found):
        unit_id, first = session.get_one(ActionItem, item).unit_id, named(session, "督查室科长")
        session.get_one(ActionItem, owed.id).owner_id = None
        session.add(Person(name="督查室副科长", role=Role.INSPECTOR, unit=first.unit, looks_after=[unit_id]))
    sweep(date(2013, 6, 28))
    with locked() as (session, _found):  # as former versions did: it fired, and nobody heard
        of_it = select(Escalation.id).where(Escalation.item_id == owed.id)
        session.execute(delete(Notice).where(Notice.escalation_id.in_(of_it)))
        session.execute(update(Escalation).where(Escalation.id.in_(of_it)).values(recipient_id=None))
    sweep(date(2013, 7, 1))
    with transaction() as session:
        names = select(Person.name).join(Notice, Notice.recipient_id == Person.id).join(Notice.escalation)
        assert session.scalars(names.where(Escalation.item_id == owed.id)).all() == ["督查室副科长"]


def test_while_no_inspector_is_known_a_verification_goes_to_nobody_it_does_not_concern(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    with locked() as (session, _found):
        inspector, director = named(session, "督查室科长"), named(session, "市商务局局长")
        inspector.role = Role.OPERATOR
    resolve(item, date(2013, 6, 25))
    verification = verification_of(item)
    assert verification is not None
    assert (verification.owner_id, verification.due_on) == (None, date(2013, 7, 2))
    sweep_daily(date(2013, 7, 4), date(2013, 6, 26))
    heard = {each.step: (each.raised_on, each.recipient_id) for each in raised(verification.id)}
    assert heard == {Step.LEADER: (date(2013, 7, 3), director.id)}  # the empty reminders are not waited out
    with locked() as (session, _found):
        session.get_one(Person, inspector.id).role = Role.INSPECTOR
    sweep_daily(date(2013, 7, 9), date(2013, 7, 5))
    assert raised(verification.id)[-1].recipient_id == inspector.id


def test_a_verification_nobody_makes_climbs_from_the_inspector(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 26))
    owed = verification_of(item)
    assert owed is not None
    sweep_daily(date(2013, 7, 4), date(2013, 6, 26))
    assert [(each.step, each.recipient_id) for each in raised(owed.id)] == [
        (Step.REMINDER_BEFORE, owed.owner_id),
        (Step.REMINDER_AFTER, owed.owner_id),
    ]


def test_what_is_not_done_is_owed_again_one_rung_up_in_a_new_round(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 26))
    with answering(item) as (session, done):
        reopen(session, done, said("指标未到账", date(2013, 6, 27), "督查室科长"), date(2013, 7, 8))
    again = state(item)
    assert (again.closed_on, again.result, again.round, again.due_on) == (None, None, 2, date(2013, 7, 8))
    assert (again.entry_step, verifications(item)) == (Step.OFFICE, [ItemResult.NOT_VERIFIED])
    assert told(Occasion.REOPENED) == {"清丰县招商局专员": "指标未到账", "清丰县分包领导": "指标未到账"}
    sweep_daily(date(2013, 7, 9), date(2013, 6, 27))
    assert climbed(item)[4:] == [(2, Step.REMINDER_BEFORE, date(2013, 7, 3)), (2, Step.OFFICE, date(2013, 7, 9))]
    resolve(item, date(2013, 7, 10))
    assert verifications(item) == [ItemResult.NOT_VERIFIED, None]


def test_what_is_not_done_a_second_time_does_not_begin_lower(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 26))
    for as_of, day in ((date(2013, 6, 27), date(2013, 7, 8)), (date(2013, 7, 5), date(2013, 7, 15))):
        with answering(item) as (session, done):
            reopen(session, done, said("仍未到账", as_of), day)
        sweep_daily(date(2013, 7, 4), as_of)  # in the second round no more than the reminder
        if as_of < date(2013, 7, 5):
            resolve(item, date(2013, 7, 4))
    assert state(item).entry_step is Step.OFFICE


def test_a_milestone_that_is_not_done_is_no_longer_reached(city: int) -> None:
    owed = plan(city)
    sweep_daily(OFFICE_HEARD)
    report(as_of=date(2013, 6, 25), milestones=PROOF[:1])
    assert verifications(owed.id) == [None]
    with answering(owed.id) as (session, done):
        reopen(session, done, said("执照未领", date(2013, 6, 26)), date(2013, 7, 8))
    with transaction() as session:
        again = session.get_one(Milestone, owed.milestone_id)
        assert (again.done_on, again.evidence) == (None, "")


def test_a_visit_that_is_not_accepted_is_made_up_for_by_the_next(city: int) -> None:
    sweep_daily(OFFICE_HEARD)
    made = visit(date(2013, 6, 25), date(2013, 7, 29))
    with answering(made) as (session, done):
        reopen(session, done, said("未见企业", date(2013, 6, 26)), date(2013, 7, 8))
        following = open_visit(session, city)
        assert following is not None
        assert (following.due_on, following.entry_step, following.round) == (date(2013, 7, 8), Step.OFFICE, 1)
    assert state(made).closed_on == date(2013, 6, 25)


def test_what_is_opened_again_on_a_project_on_hold_waits_with_the_rest(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 25))
    hold(Clock.HOLD, date(2013, 6, 26))
    with answering(item) as (session, done):
        reopen(session, done, said("指标未到账", date(2013, 6, 27)), date(2013, 7, 8))
    assert state(item).is_paused


def test_before_the_office_has_heard_one_key_is_enough(item: int) -> None:
    sweep_daily(date(2013, 6, 21))
    resolve(item, date(2013, 6, 21))
    assert verifications(item) == []


def test_nothing_is_verified_on_a_project_that_lands_with_the_same_report(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    made = visit(date(2013, 6, 25), date(2013, 7, 29), outcome=VisitOutcome.LANDED, milestones=PROOF)
    assert (verifications(made), verifications(item)) == ([], [])
    assert (state(made).result, state(item).result) == (ItemResult.DONE, ItemResult.PROJECT_ENDED)


def test_a_report_that_waits_for_the_sweep_asks_one_verification(item: int) -> None:
    """Its transaction is older than the sweep's, whose step it finds: moments of beginning say
    nothing of order.
    """
    sweep_daily(date(2013, 6, 21))
    with transaction("国土局科长") as session, ThreadPoolExecutor(1) as hands:
        assert hands.submit(sweep, OFFICE_HEARD).result(timeout=10)
        found = lock_project(session, 1)
        owed = session.get_one(ActionItem, item, populate_existing=True)
        resolve_blocker(session, owed, "指标已下达", "国土局科长", OFFICE_HEARD)
        assert found.is_open
    assert verifications(item) == [None]
    report(as_of=date(2013, 6, 25), progress="开挖基础")
    assert verifications(item) == [None]
