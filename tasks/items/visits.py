"""Enters the report of a visit."""

from datetime import date

from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Visit
from models.i18n import gettext as _
from models.ledger.facts import Facts
from models.refusal import Refused
from models.words import ItemResult, Stage, VisitOutcome
from tasks.items.facts import record_facts
from tasks.items.holds import current_hold
from tasks.items.next_visit import plan_visit
from tasks.ledger.questions import overtake_projects


def record_visit(session: Session, item: ActionItem, visit: Visit, facts: Facts, next_on: date, as_of: date) -> None:
    """Enter a visit: its facts, its register entry, and the next visit while the project stays open.

    Raises:
        Refused: with the reason, when a rule does not accept it.
    """
    project = item.project
    if project is None or item.closed_on is not None:
        raise Refused(_("This visit is closed already."))
    if facts.outcome is VisitOutcome.CONTINUE and next_on <= as_of:
        raise Refused(_("The next visit must be after today: %(day)s is not.") % {"day": next_on})
    hold = current_hold(session, project.id)
    item.close(as_of, ItemResult.DONE)
    session.flush()
    record_facts(session, project, facts, as_of, hold)
    session.add(visit)
    if project.is_open:
        if project.stage is not Stage.FOLLOW_UP:
            project.stage = Stage.FOLLOW_UP
            overtake_projects(session, [project.id])  # its runs are found by the stage
        plan_visit(session, project, next_on, as_of, hold)
