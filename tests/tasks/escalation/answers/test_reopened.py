"""What a project owes once it is opened again."""

import uuid
from datetime import date

import pytest

from models.escalation.question import Run
from models.ledger.project import Milestone
from models.words import ItemKind, ItemResult, MilestoneKind, Stage, Step
from support.answers import (
    ANSWERED,
    DUE,
    LEADER_HEARD,
    OFFICE_HEARD,
    OPENED,
    climbed,
    locked,
    plan,
    resolve,
    state,
    sweep_daily,
    verification_of,
    verifications,
)
from tasks.database import transaction
from tasks.escalation.sweep import sweep
from tasks.items import corrections
from tasks.items.facts import end_project
from tasks.items.open_items import last_raised, open_items
from tasks.ledger.questions import ESCALATION


@pytest.mark.parametrize(
    ("last", "round_no", "entry"),
    [
        (OPENED, 1, Step.REMINDER_AFTER),
        (date(2013, 6, 9), 1, Step.REMINDER_AFTER),
        (date(2013, 6, 18), 1, Step.LEADER),
        (LEADER_HEARD, 2, Step.OFFICE),
        (date(2013, 7, 1), 2, Step.OFFICE),
    ],
)
def test_what_a_project_owed_begins_one_rung_up_when_it_is_opened_again(
    item: int, last: date, round_no: int, entry: Step
) -> None:
    sweep_daily(last)
    end(last)
    with locked() as (session, found):
        corrections.reopen(session, found, last)
    again = state(item)
    assert (again.closed_on, again.round, again.entry_step or Step.REMINDER_AFTER) == (None, round_no, entry)
    assert again.next_step is not None


def end(as_of: date) -> None:
    with locked() as (session, found):
        end_project(session, found, Stage.LANDED, as_of, as_of)


def test_a_project_opened_again_after_weeks_raises_nothing_higher_than_the_office(item: int) -> None:
    """What was closed owed nothing in that time: those weeks are no silence."""
    sweep_daily(LEADER_HEARD)
    end(ANSWERED)
    with locked() as (session, found):
        corrections.reopen(session, found, date(2013, 8, 30))
    sweep(date(2013, 9, 2))
    assert climbed(item)[-1] == (2, Step.OFFICE, date(2013, 9, 2))


def test_the_last_time_it_was_raised_is_told_from_reminders(item: int) -> None:
    sweep_daily(date(2013, 6, 18))
    with transaction() as session:
        assert last_raised(session, item) is None
    sweep_daily(OFFICE_HEARD, LEADER_HEARD)
    with transaction() as session:
        found = last_raised(session, item)
        assert found is not None
        assert found.step is Step.OFFICE


def test_a_verification_that_is_owed_again_with_its_project_gets_a_new_run(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    resolve(item, date(2013, 6, 26))
    with locked() as (session, _found):
        session.add(Run(flow=ESCALATION, subject_id=item, run_no=1, flow_run_id=uuid.uuid4()))
    end(date(2013, 6, 27))
    with locked() as (session, found):
        corrections.reopen(session, found, date(2013, 6, 28))
    assert verification_of(item) is not None
    with transaction() as session:
        served = session.get_one(Run, (ESCALATION, item))
        assert (served.run_no, served.flow_run_id) == (2, None)


def test_a_milestone_of_the_office_reached_while_its_project_was_closed_is_verified_at_once(city: int) -> None:
    planned = plan(city)
    sweep_daily(OFFICE_HEARD)
    end(date(2013, 6, 25))
    with locked() as (session, found):
        milestone = session.get_one(Milestone, planned.milestone_id)
        milestone.done_on, milestone.evidence = date(2013, 6, 24), "营业执照 4109"
    with locked() as (session, found):
        corrections.reopen(session, found, date(2013, 6, 26))
    assert verifications(planned.id) == [None]


def test_a_milestone_reached_while_its_project_was_closed_is_not_owed_again(city: int) -> None:
    planned = plan(city)
    end(date(2013, 6, 13))
    with locked() as (session, found):
        milestone = session.get_one(Milestone, planned.milestone_id)
        milestone.done_on, milestone.evidence = date(2013, 6, 12), "营业执照 4109"
    with locked() as (session, found):
        corrections.reopen(session, found, date(2013, 6, 14))
    assert (state(planned.id).result, state(planned.id).next_step) == (ItemResult.DONE, None)
    with locked() as (session, found):
        corrections.withdraw_milestone(session, found, MilestoneKind.REGISTERED, date(2013, 6, 14))
    with transaction() as session:
        owed = [item for item in open_items(session, city) if item.kind is ItemKind.MILESTONE]
    assert [(item.id != planned.id, item.due_on) for item in owed] == [(True, DUE)]
