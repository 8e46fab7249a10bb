"""Others are put in charge: by the leader, or with the project."""

from datetime import date

import pytest
from sqlalchemy import select

from models.escalation.action_item import ActionItem
from models.escalation.notice import Notice
from models.ledger.organisation import Person, Unit
from models.refusal import Refused
from models.words import Occasion, Role, Step
from support.answers import (
    ANSWERED,
    DEPUTY,
    DUE,
    LEADER,
    LEADER_HEARD,
    NEW,
    OFFICE_HEARD,
    answering,
    climbed,
    locked,
    named,
    promised,
    raised,
    resolve,
    said,
    state,
    sweep_daily,
    told,
    verification_of,
)
from tasks.database import transaction
from tasks.dialogues.escalation import EscalationDialogue
from tasks.dossiers.correspondence import escalations
from tasks.dossiers.facts import gather as gather_dossier
from tasks.escalation.answers import Charge, hand_over, instruct
from tasks.items.assignments import Assignment, reassign
from tasks.notices.digest import gather
from tasks.runs.brief import brief


def test_handing_over_puts_others_in_charge_and_tells_them_while_the_clock_runs_on(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    before = state(item)
    with answering(item) as (session, owed):
        named = {person.name: person for person in session.scalars(select(Person))}
        officer, chief = named["国土局科长"], named["国土局局长"]
        county = session.get_one(Unit, 1)
        hand_over(session, owed, said("请国土局牵头"), Charge(officer, chief, county))
    after = state(item)
    assert (after.owner_id, after.leader_id, after.unit_id) == (officer.id, chief.id, county.id)
    assert (after.next_step, after.next_fires_on, after.round) == (before.next_step, before.next_fires_on, 1)
    with transaction() as session:
        blocker = session.get_one(ActionItem, item).blocker
        assert blocker is not None
        assert blocker.recipient_unit_id == county.id
    assert raised(item)[2].acknowledged_at == said().at
    assert told(Occasion.HANDED_OVER) == {"国土局科长": "请国土局牵头", "国土局局长": "请国土局牵头"}
    sweep_daily(OFFICE_HEARD, ANSWERED)
    assert climbed(item)[3:] == [(1, Step.OFFICE, OFFICE_HEARD)]


def test_handing_over_to_the_same_people_is_refused(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    with answering(item) as (session, owed), pytest.raises(Refused):
        hand_over(session, owed, said(), Charge(owed.owner, owed.leader, owed.unit))


def test_where_no_leader_is_named_the_units_is_told_and_whoever_acts_for_them(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    with answering(item) as (session, owed):
        chief = session.scalars(select(Person).where(Person.name == "国土局局长")).one()
        chief.delegate_id, chief.delegate_from, chief.delegate_until = DEPUTY, ANSWERED, ANSWERED
        hand_over(session, owed, said("换人"), Charge(owed.owner, None, owed.unit))
    assert told(Occasion.HANDED_OVER)["清丰县副县长"] == "换人"


@pytest.mark.parametrize("last", [ANSWERED, OFFICE_HEARD])
def test_the_offices_notice_is_copied_to_who_acts_for_the_leader_that_day(item: int, last: date) -> None:
    with locked() as (session, _found):
        leader = session.get_one(Person, LEADER)
        leader.delegate_id, leader.delegate_from, leader.delegate_until = DEPUTY, DUE, last
    sweep_daily(OFFICE_HEARD)
    leader_step, office = raised(item)[2:]
    assert (leader_step.recipient_id, leader_step.on_behalf_of_id) == (DEPUTY, LEADER)
    with transaction() as session:
        copies = select(Notice.recipient_id).where(Notice.occasion == Occasion.COPY)
        copied = session.scalars(copies.where(Notice.escalation_id == office.id)).all()
    assert copied == [DEPUTY if last == OFFICE_HEARD else LEADER]


def test_without_a_unit_leader_the_commerce_bureaus_hears_and_may_promise(item: int) -> None:
    with locked() as (session, found):
        found.leader = None
        session.get_one(ActionItem, item).leader_id = None
        session.scalars(select(Person).where(Person.name == "国土局局长")).one().role = Role.OPERATOR
        director = session.scalars(select(Person.id).where(Person.name == "市商务局局长")).one()
    sweep_daily(LEADER_HEARD)
    assert raised(item)[2].recipient_id == director
    promised(item)
    assert state(item).promised_on == NEW


def put_in_charge(officer: str, leader: str) -> None:
    with locked() as (session, found):
        reassign(session, found, Assignment(named(session, officer), named(session, leader), None), ANSWERED)


def test_whoever_takes_over_a_project_is_told_of_what_was_raised_on_it(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    put_in_charge("国土局科长", "清丰县副县长")
    moved = state(item)
    with transaction() as session:
        assert (moved.owner_id, moved.leader_id) == (named(session, "国土局科长").id, DEPUTY)
    assert told(Occasion.HANDED_OVER) == {"国土局科长": "", "清丰县副县长": ""}
    assert (moved.round, moved.next_fires_on) == (1, OFFICE_HEARD)


def test_what_was_handed_to_others_stays_with_them_when_the_project_changes_hands(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    with answering(item) as (session, owed):
        chief, head = named(session, "国土局局长"), named(session, "国土局科长")
        hand_over(session, owed, said("请国土局牵头"), Charge(head, chief, owed.unit))
    put_in_charge("督查室科长", "清丰县副县长")
    assert (state(item).owner_id, state(item).leader_id) == (head.id, chief.id)
    assert set(told(Occasion.HANDED_OVER).values()) == {"请国土局牵头", ""}  # of the visit the new ones are told


def test_a_verification_stays_with_the_inspector_when_the_project_changes_hands(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 26))
    before = verification_of(item)
    with locked() as (_session, found):
        found.officer_id = before and before.owner_id  # even where the inspector was the project's officer
    put_in_charge("国土局科长", "清丰县副县长")
    after = verification_of(item)
    assert before
    assert after
    assert (after.owner_id, after.leader_id) == (before.owner_id, before.leader_id)


def test_decided_again_they_are_told_the_newer_text_also_when_they_have_the_older(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    with answering(item) as (session, owed):
        instruct(session, owed, said("一周内落实"), NEW)
    assert gather(ANSWERED) == []
    with answering(item) as (session, owed):
        instruct(session, owed, said("三日内落实", date(2013, 6, 25)), date(2013, 6, 28))
    with transaction() as session:
        again = session.scalars(select(Notice).where(Notice.occasion == Occasion.INSTRUCTED)).all()
    assert {(notice.text, notice.delivery_id) for notice in again} == {("三日内落实", None)}


def test_what_a_leader_writes_when_handing_over_stays_readable(item: int) -> None:
    """Also if nobody is told of it, as when only the unit changes."""
    sweep_daily(LEADER_HEARD)
    with answering(item) as (session, owed):
        bureau = session.scalars(select(Unit).where(Unit.id != owed.unit_id)).first()
        assert bureau
        hand_over(session, owed, said("请你单位牵头，五日内拿出方案"), Charge(owed.owner, owed.leader, bureau))
    promised(item)
    with transaction() as session:
        question = EscalationDialogue(item).question(session, date(2013, 6, 21))
        assert question
        head, background = question.brief.split("###")
        owed = session.get_one(ActionItem, item)
        assert owed.project
        visit_form = brief(session, owed.project, date(2013, 6, 21))
        dossier = str(escalations(gather_dossier(session, owed.project.id, date(2013, 6, 21))))
    for text in (head, background, visit_form, dossier):
        assert "请你单位牵头，五日内拿出方案" in text
        assert "本周内协调到位" in text
