"""Enters the answers of leaders and of the inspection office; the caller has locked the subject."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Extension, Pause
from models.escalation.escalation import Escalation
from models.i18n import gettext as _
from models.ledger.organisation import Person, Unit
from models.ledger.project import Progress, Project
from models.refusal import Refused
from models.words import AT_OFFICE, ItemKind, ItemResult, Occasion, Step
from tasks.items.blockers import move_due_date
from tasks.items.campaign_numbers import current_policy
from tasks.items.holds import current_hold, pause_items
from tasks.items.moving import move_item, pull_visit_forward
from tasks.items.open_items import last_raised, open_investor_visit, open_verification, open_visit
from tasks.items.opening import open_again, plan_visit
from tasks.items.recipients import staff_on
from tasks.items.telling import in_charge, tell, tell_order
from tasks.items.wording import what
from tasks.ledger.questions import RESOLUTION, overtake_subject, renew_run
from tasks.ledger.workdays import calendar_around


@dataclass(frozen=True)
class Answer:
    by: str
    text: str
    at: datetime
    as_of: date

    def moves_to(self, day: date) -> Extension:
        return Extension(due_on=day, reason=self.text, granted_by=self.by)


@dataclass(frozen=True)
class Charge:
    """Who is to be in charge of an item."""

    owner: Person | None
    leader: Person | None
    unit: Unit


def raised_before(session: Session, item_id: int) -> list[Escalation]:
    """Every step that fired for the item, oldest first."""
    return list(session.scalars(select(Escalation).where(Escalation.item_id == item_id).order_by(Escalation.id)))


def acknowledge(session: Session, item: ActionItem, answer: Answer) -> None:
    """Note that the leader has taken note; the time to reply goes on.

    `Refused` when it is acknowledged already, or not the leader's any more.
    """
    escalation = _with_leader(session, item)
    if escalation.acknowledged_at:
        raise Refused(_("It is acknowledged already. Reply with a promised date, or grant an extension."))
    escalation.acknowledged_at, escalation.acknowledged_by = answer.at, answer.by
    overtake_subject(session, item.subject)


def promise(session: Session, item: ActionItem, answer: Answer, day: date) -> None:
    """Enter the leader's promise; if it is broken, the office hears on the working day after.

    `Refused` when it does not say what will be done, the day is not to come, or a promise stands
    already.
    """
    escalation = _with_leader(session, item)
    if item.promised_on:
        problem = _("A promise until %(day)s stands already. Only an extension moves the date.")
        raise Refused(problem % {"day": item.promised_on})
    _check(answer, day)
    _reply(session, item, escalation, answer)
    move_item(session, item, item.due_on, answer.as_of, entry=Step.OFFICE, promised_on=day)


def grant_extension(session: Session, item: ActionItem, answer: Answer, day: date) -> None:
    """Move the due date by the leader's word.

    `Refused` when it gives no reason, or the day is no later one.
    """
    escalation = _with_leader(session, item)
    _check(answer, day)
    if day <= item.due_on:
        raise Refused(_("The new due date must be after %(day)s.") % {"day": item.due_on})
    _reply(session, item, escalation, answer)
    move_due_date(session, item, answer.moves_to(day), answer.as_of)


def hand_over(session: Session, item: ActionItem, answer: Answer, charge: Charge) -> None:
    """Put others in charge of the item; the ladder goes on: a hand-over solves nothing.

    `Refused` when nobody changes.
    """
    escalation = _with_leader(session, item)
    staff = staff_on(session, answer.as_of)
    before = in_charge(staff, item)
    former = (item.owner_id, item.leader_id, item.unit_id)
    item.owner, item.leader, item.unit = charge.owner, charge.leader, charge.unit
    if item.blocker:
        item.blocker.recipient_unit = charge.unit
    session.flush()
    if former == (item.owner_id, item.leader_id, item.unit_id):
        raise Refused(_("Nobody else was put in charge: choose another officer, leader or unit."))
    if not escalation.acknowledged_at:
        escalation.acknowledged_at, escalation.acknowledged_by = answer.at, answer.by
    escalation.handed_over_at, escalation.handed_over_by = answer.at, answer.by
    escalation.handed_over_with = answer.text
    tell(session, in_charge(staff, item) - before, escalation, Occasion.HANDED_OVER, answer.text)
    _overtake(session, item)


def instruct(session: Session, item: ActionItem, answer: Answer, day: date) -> None:
    """Set a new date by the inspection office's word; when it passes, the office hears first.

    `Refused` when it says nothing, the day is not to come, or the matter is not the office's.
    """
    escalation = _with_office(session, item)
    _check(answer, day)
    _reply(session, item, escalation, answer)
    move_due_date(session, item, answer.moves_to(day), answer.as_of, entry=Step.OFFICE)
    staff = staff_on(session, answer.as_of)
    tell_order(session, in_charge(staff, item), escalation, Occasion.INSTRUCTED, answer.text)


def close(session: Session, item: ActionItem, answer: Answer) -> None:
    """Close the item by the inspection office's word, without the unit's report.

    `Refused` when it does not say why, or the matter is not the office's.
    """
    escalation = _with_office(session, item)
    if item.kind is ItemKind.VERIFY:
        raise Refused(_("A verification ends with its finding: enter it in the form of the item that is verified."))
    if not answer.text:
        raise Refused(_("Say why it is closed: fill in “%(field)s”.") % {"field": _("Text")})
    if item.blocker:
        item.blocker.resolution = answer.text
    hold = current_hold(session, item.project_id)
    item.close(answer.as_of, ItemResult.WITHDRAWN)
    _reply(session, item, escalation, answer)
    session.flush()
    if item.project:
        _go_on(session, item.project, item.kind, hold, answer.as_of)


def _go_on(session: Session, project: Project, closed: ItemKind, hold: Pause | None, as_of: date) -> None:
    if closed is ItemKind.VISIT:
        every = current_policy(session, ItemKind.VISIT, project.id).visit_every
        next_on = calendar_around(session, as_of).add(as_of, every)
        plan_visit(session, project, next_on, as_of, hold, counted_days=every)
    elif closed is ItemKind.BLOCKER:
        pull_visit_forward(session, project, as_of)


def verify(session: Session, item: ActionItem, answer: Answer) -> None:
    """Turn the second key: the item the unit reported done is done.

    `Refused` when no verification is owed.
    """
    _verification(session, item).close(answer.as_of, ItemResult.DONE)
    if item.project_id is not None:
        text = (_("Verified: %(what)s. %(text)s") % {"what": what(item), "text": answer.text}).strip()
        session.add(Progress(project_id=item.project_id, happened_on=answer.as_of, text=text, reported_by=answer.by))
    _overtake(session, item)


def reopen(session: Session, item: ActionItem, answer: Answer, day: date) -> None:
    """Open an item that is reported done and is not, due on `day`; the office hears of it next.

    It had reached the office, the highest step. A visit that was made stays made: the project's
    next visit takes its place, or another visit to the investor.

    `Refused` when it does not say what is missing, the day is not to come, or no verification is
    owed.
    """
    verification = _verification(session, item)
    _check(answer, day)
    hold = current_hold(session, item.project_id)
    verification.close(answer.as_of, ItemResult.NOT_VERIFIED)
    session.flush()
    owed = _owed_again(session, item, day, answer.as_of)
    move_due_date(session, owed, answer.moves_to(day), answer.as_of, entry=Step.OFFICE)
    if hold and item.project:
        pause_items(session, [item.project.id], answer.as_of, hold)
    if escalation := last_raised(session, item.id):
        _note(escalation, answer)
        staff = staff_on(session, answer.as_of)
        tell_order(session, in_charge(staff, owed), escalation, Occasion.REOPENED, answer.text)
    _overtake(session, item)


def _owed_again(session: Session, item: ActionItem, day: date, as_of: date) -> ActionItem:
    if item.kind is ItemKind.VISIT and item.project:
        return open_visit(session, item.project.id) or plan_visit(session, item.project, day, as_of)
    if item.kind is ItemKind.VISIT and item.investor_id:
        return open_investor_visit(session, item.investor_id) or open_again(session, item, day, as_of)
    if item.milestone:
        item.milestone.done_on, item.milestone.evidence = None, ""
        owed = (ActionItem.milestone_id == item.milestone_id, ActionItem.closed_on.is_(None))
        if withdrawn := session.scalars(select(ActionItem).where(*owed)).one_or_none():
            return withdrawn  # a correction has taken it back already
    item.closed_on = item.result = None
    if item.blocker:
        item.blocker.resolution = ""
        renew_run(session, RESOLUTION, item.id)
    return item


def _with_leader(session: Session, item: ActionItem) -> Escalation:
    escalation = last_raised(session, item.id)
    if item.closed_on is not None or escalation is None:
        raise Refused(_("It is closed by now: nothing is left to answer."))
    if escalation.step in AT_OFFICE:
        problem = _("The inspection office has it since %(day)s and decides from now on.")
        raise Refused(problem % {"day": escalation.raised_on})
    return escalation


def _with_office(session: Session, item: ActionItem) -> Escalation:
    escalation = last_raised(session, item.id)
    if item.closed_on is not None or escalation is None or escalation.step not in AT_OFFICE:
        raise Refused(_("It is not before the inspection office any more."))
    return escalation


def _verification(session: Session, item: ActionItem) -> ActionItem:
    verification = open_verification(session, item.id)
    if verification is None:
        raise Refused(_("No verification is owed on this any more."))
    return verification


def _check(answer: Answer, day: date) -> None:
    if not answer.text:
        raise Refused(_("Say what will be done, or why: fill in “%(field)s”.") % {"field": _("Text")})
    if day <= answer.as_of:
        raise Refused(_("The new date must be after today: %(day)s is not.") % {"day": day})


def _reply(session: Session, item: ActionItem, escalation: Escalation, answer: Answer) -> None:
    _note(escalation, answer)
    _overtake(session, item)


def _note(escalation: Escalation, answer: Answer) -> None:
    """Keep the answer with what was raised, in place of an earlier one. It is no progress."""
    escalation.replied_at, escalation.replied_by, escalation.reply = answer.at, answer.by, answer.text
    if not escalation.acknowledged_at:
        escalation.acknowledged_at, escalation.acknowledged_by = answer.at, answer.by


def _overtake(session: Session, item: ActionItem) -> None:
    """The questions about the item are out of date."""
    session.flush()
    overtake_subject(session, item.subject)
