"""Opens a blocker for each problem somebody reports by a form, once, however it is worded."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Blocker, Pause
from models.i18n import gettext as _
from models.ledger.facts import FoundBlocker
from models.ledger.project import Project
from models.office_files.columns import says_no_problem
from models.office_files.names.likeness import Wording, says_solved, wording_key
from models.office_files.words.rewording import KnownBlocker, reworded
from models.refusal import Refused
from tasks.items.blockers import open_blocker
from tasks.ledger.questions import overtake_projects


def report_problems(
    session: Session, project: Project, problems: Sequence[FoundBlocker], as_of: date, hold: Pause | None = None
) -> list[str]:
    """Open a blocker for each new problem; returns for which none was opened, and why.

    `Refused` when `open_blocker` refuses one, or one may be an open problem in other words.
    """
    real = [problem for problem in problems if not says_no_problem(problem.description)]
    remarks = [_none_opened(problem.description) for problem in problems if problem not in real]
    once = {wording_key(problem.description): problem for problem in reversed(real)}
    new = list(reversed(once.values()))
    matches = reworded([problem.description for problem in new], _open_blockers(session, project))
    for position, problem in enumerate(new):
        if position not in matches and says_solved(problem.description):
            remarks.append(_solved(problem.description))
            continue
        if position not in matches:
            open_blocker(session, project, problem, as_of, hold)
            continue
        blocker, wording = matches[position]
        if wording is Wording.SIMILAR:
            raise Refused(_which(problem, blocker))
        item = session.get_one(ActionItem, blocker.item_id)
        remarks.append(_add_to(session.get_one(Blocker, item.id), item.due_on, problem, wording))
    if matches:
        overtake_projects(session, [project.id])
    return remarks


def _open_blockers(session: Session, project: Project) -> list[KnownBlocker]:
    session.flush()
    blockers = select(ActionItem.id, Blocker.description).join(Blocker)
    theirs = blockers.where(ActionItem.project_id == project.id, ActionItem.closed_on.is_(None))
    return [KnownBlocker(*row) for row in session.execute(theirs.order_by(ActionItem.id.desc()))]


def _add_to(blocker: Blocker, due_on: date, problem: FoundBlocker, wording: Wording) -> str:
    """Keep what the report says more of an open problem; returns what became of it."""
    known = blocker.description
    if wording is Wording.LONGER:
        blocker.description = problem.description
    blocker.proposed_solution = problem.proposed_solution or blocker.proposed_solution
    remark = _(
        "“%(problem)s” is open already as “%(known)s” (%(unit)s, due on %(day)s): no second blocker was opened. To "
        "change its due date, use its own form."
    )
    values = {"problem": problem.description, "known": known, "unit": blocker.recipient_unit.name, "day": due_on}
    return remark % values


def _none_opened(text: str) -> str:
    return _("“%(text)s” says that there is no problem: no blocker was opened.") % {"text": text}


def _solved(text: str) -> str:
    return _("“%(text)s” says that the problem is solved, and no blocker of it is open: none was opened.") % {
        "text": text
    }


def _which(problem: FoundBlocker, blocker: KnownBlocker) -> str:
    reason = _(
        "“%(problem)s” is worded like the open problem “%(known)s”. If it is the same, write it like that. If it is "
        "another, add an entry for “%(known)s” beside it; if the former is solved, say so in its form first."
    )
    return reason % {"problem": problem.description, "known": blocker.text}
