"""The inspection office: it instructs, closes, verifies what is called done, and opens it again when it is not."""

from random import Random

from sqlalchemy.orm import Session

from deployments.replay.city.world import Today, acting
from deployments.replay.output.journal import Deed
from deployments.replay.people.matters import Matter, matters
from deployments.sample.words import INSPECTION_OFFICE
from models.escalation.action_item import ActionItem
from models.words import ItemKind
from tasks.database import transaction
from tasks.escalation.answers import close, instruct, reopen, verify
from tasks.items.open_items import open_investor_visit, open_visit
from tasks.ledger.locks import lock_subject
from tasks.ledger.questions import ESCALATION

INSPECTOR = f"{INSPECTION_OFFICE}督查专员"
ANSWERS, VERIFIES = 0.3, 0.25  # how likely the office gets to a matter on a working day
CLOSES, IS_PATIENT_UNTIL = 0.4, 3  # how often it gives a matter up, from which round on
IS_NOT_DONE = 0.15


def act(today: Today) -> None:
    """The office works off what lies with it."""
    dice = today.dice("inspectors")
    with transaction() as session:
        lying = matters(session)
    for matter in lying:
        if matter.kind is ItemKind.VERIFY:
            if dice.random() < VERIFIES:
                _verify(today, dice, matter)
        elif matter.is_with_office and dice.random() < ANSWERS:
            _answer(today, dice, matter)


def _verify(today: Today, dice: Random, matter: Matter) -> None:
    verified = matter.verifies_id or 0
    with acting(INSPECTOR, ESCALATION) as session:
        lock_subject(session, matter.subject)
        item = session.get_one(ActionItem, verified)
        if dice.random() < IS_NOT_DONE:
            reopen(session, item, today.said(INSPECTOR, "现场核查未完成"), today.after(dice.randint(4, 8)))
            today.note(Deed.REOPENED, INSPECTOR, verified)
            if item.kind is ItemKind.VISIT and (next_visit := _next_visit(session, matter)):
                today.world.owed_again.add(next_visit.id)
            today.world.solve(matter.project_id, verified, is_solved=False)
        else:
            verify(session, item, today.said(INSPECTOR, "现场核查属实"))
            today.note(Deed.VERIFIED, INSPECTOR, verified)


def _next_visit(session: Session, matter: Matter) -> ActionItem | None:
    """The visit that is owed in place of one that was not accepted."""
    if matter.investor_id is not None:
        return open_investor_visit(session, matter.investor_id)
    return open_visit(session, matter.project_id or 0)


def _answer(today: Today, dice: Random, matter: Matter) -> None:
    gives_up = matter.round >= IS_PATIENT_UNTIL and dice.random() < CLOSES
    with acting(INSPECTOR, ESCALATION) as session:
        lock_subject(session, matter.subject)
        item = session.get_one(ActionItem, matter.item_id)
        if gives_up:
            close(session, item, today.said(INSPECTOR, "不再列入督办，转日常调度"))
            today.note(Deed.CLOSED, INSPECTOR, item.id)
            today.world.solve(matter.project_id, item.id)
        else:
            instruct(session, item, today.said(INSPECTOR, "限期办结并书面反馈"), today.after(dice.randint(3, 8)))
            today.note(Deed.INSTRUCTED, INSPECTOR, item.id)
