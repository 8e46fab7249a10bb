"""Visits to investors: what is owed to one, and what a visit found. One transaction is the caller's."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Visit
from models.i18n import gettext as _
from models.ledger.facts import FoundBlocker, check_past
from models.ledger.project import Project
from models.refusal import Refused
from models.words import ItemResult
from tasks.items.blockers import open_blocker
from tasks.items.second_key import ask_investor_verification
from tasks.ledger.questions import ESCALATION, overtake_investor, overtake_projects


def record_investor_visit(
    session: Session, item: ActionItem, visit: Visit, problems: Sequence[tuple[Project, FoundBlocker]], as_of: date
) -> None:
    """Enter a visit to an investor: its register entry, and each problem as a blocker on the project it concerns.

    Nothing else is entered of the projects: what the investor says is not yet their progress. No next visit is planned.

    Raises:
        Refused: with the reason, when a rule does not accept it.
    """
    if item.closed_on is not None or item.investor_id is None:
        raise Refused(_("This visit is closed already."))
    check_past(visit.visited_on, as_of)
    for project, problem in problems:
        if not project.is_open:
            raise Refused(_("The project is closed: %(stage)s.") % {"stage": project.stage.label})
        open_blocker(session, project, problem, as_of)
        overtake_projects(session, [project.id], (ESCALATION,))
    item.close(as_of, ItemResult.DONE)
    session.add(visit)
    session.flush()
    ask_investor_verification(session, item.investor_id, as_of)
    overtake_investor(session, item.investor_id)
