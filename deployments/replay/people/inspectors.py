"""The inspection office: it instructs, closes, and verifies or reopens what is called done."""

from random import Random

from sqlalchemy.orm import Session

from deployments.replay.city.world import Deed, Today
from deployments.replay.people.matters import Matter, acting_on, matters
from deployments.sample.words import INSPECTION_OFFICE
from models.escalation.action_item import ActionItem
from models.words import ItemKind
from tasks.escalation.answers import close, instruct, reopen, verify
from tasks.items.open_items import open_investor_visit, open_visit
from tasks.ledger.questions import ESCALATION

INSPECTOR = f"{INSPECTION_OFFICE}督查专员"
ANSWERS, VERIFIES = 0.3, 0.25  # how likely the office gets to a matter on a working day
CLOSES, IS_PATIENT_UNTIL = 0.4, 3  # how often it gives a matter up, from which round on
IS_NOT_DONE = 0.15


def act(today: Today) -> None:
    dice = today.dice("inspectors")
    for matter in matters():
        if matter.kind is ItemKind.VERIFY:
            if dice.random() < VERIFIES:
                _verify(today, dice, matter)
        elif matter.is_with_office and dice.random() < ANSWERS:
            _answer(today, dice, matter)


def _verify(today: Today, dice: Random, matter: Matter) -> None:
    with acting_on(matter, INSPECTOR, ESCALATION, matter.verifies_id or 0) as (session, item):
        if dice.random() < IS_NOT_DONE:
            reopen(session, item, today.answer(INSPECTOR, "现场核查未完成"), today.after(dice.randint(4, 8)))
            today.note(Deed.REOPENED, item.id)
            if item.kind is ItemKind.VISIT and (owed_again := _next_visit(session, matter)):
                today.world.owed_again.add(owed_again.id)
            today.world.solve(matter.project_id, item.id, is_solved=False)
        else:
            verify(session, item, today.answer(INSPECTOR, "现场核查属实"))
            today.note(Deed.VERIFIED, item.id)


def _next_visit(session: Session, matter: Matter) -> ActionItem | None:
    if matter.investor_id is not None:
        return open_investor_visit(session, matter.investor_id)
    return open_visit(session, matter.project_id or 0)


def _answer(today: Today, dice: Random, matter: Matter) -> None:
    gives_up = matter.round >= IS_PATIENT_UNTIL and dice.random() < CLOSES
    with acting_on(matter, INSPECTOR, ESCALATION) as (session, item):
        if gives_up:
            close(session, item, today.answer(INSPECTOR, "不再列入督办，转日常调度"))
            today.note(Deed.CLOSED, item.id)
            today.world.solve(matter.project_id, item.id)
        else:
            instruct(session, item, today.answer(INSPECTOR, "限期办结并书面反馈"), today.after(dice.randint(3, 8)))
            today.note(Deed.INSTRUCTED, item.id)
