"""How an item stands on a day, in a few words: on time, overdue, on hold, requested, to verify."""

from datetime import date

from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.i18n import clauses
from models.i18n import gettext as _
from models.words import AT_OFFICE, ItemKind
from tasks.items.open_items import open_verification
from tasks.items.requests import asks_coordination
from tasks.ledger.workdays import calendar_around


def state(session: Session, item: ActionItem, as_of: date) -> str:
    if not item.is_paused and item.promised_on and item.promised_on >= as_of:
        return _("promised by %(day)s") % {"day": item.promised_on}
    return standing(session, item, item.due_on, as_of) or _("on time")


def standing(session: Session, item: ActionItem, due_on: date, as_of: date) -> str:
    """How an item that was due on `due_on` stands; empty while it is on time.

    What is reported done is not overdue: it waits for its verification. Nor is what waits for the
    leader's answer to the unit's request, until the inspection office has it.
    """
    late = calendar_around(session, due_on, as_of).elapsed(due_on, as_of)
    if item.closed_on is not None:
        done = _("reported done on %(day)s, waits for verification") % {"day": item.closed_on}
        return done if open_verification(session, item.id) else item.result.label if item.result else ""
    if item.is_paused:
        return on_hold(item)
    if item.kind is ItemKind.VERIFY:
        waiting = _("waits for verification")
        return _("waits for verification, %(count)s working days late") % {"count": late} if late else waiting
    overdue = _("%(count)s working days overdue") % {"count": late} if late else ""
    if item.blocker and asks_coordination(session, item):
        requested = _("coordination requested on %(day)s") % {"day": item.blocker.coordination_asked_on}
        return clauses([requested, overdue if item.fired_step in AT_OFFICE else ""])
    return overdue


def on_hold(item: ActionItem) -> str:
    since = next((pause.from_on for pause in reversed(item.pauses) if pause.until_on is None), None)
    return _("on hold since %(day)s") % {"day": since} if since else _("on hold")
