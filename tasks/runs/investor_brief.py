"""The brief that heads a form about an investor, Markdown."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import case, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, joinedload

from models.escalation.action_item import ActionItem, Visit
from models.i18n import gettext as _
from models.ledger.project import Investor, Progress, Project, in_words
from models.words import OPEN_STAGES
from tasks.documents.markdown import cell, lines, table
from tasks.items.wording import state, what
from tasks.runs.brief import owed, revisit

VISITS_SHOWN = 3
PROJECTS_SHOWN = 20  # open ones first, then the ended, each by the day of signing


def investor_brief(session: Session, investor: Investor, as_of: date, item: ActionItem) -> str:
    """What somebody who fills in a form about the investor must know, the item at hand first."""
    parts = [
        f"### {cell(investor.title)}",
        lines(((_("Investor registered in"), investor.registered_in),)),
        revisit(session, item),
        owed(session, [item], as_of),
        _heard(session, investor),
        _projects(session, investor, as_of),
    ]
    return "\n\n".join(part for part in parts if part)


def _heard(session: Session, investor: Investor) -> str:
    """What the investor said when it was visited last."""
    made = select(Visit).join(ActionItem, ActionItem.id == Visit.item_id).where(ActionItem.investor_id == investor.id)
    last = session.scalars(made.order_by(Visit.visited_on.desc(), Visit.item_id.desc()).limit(VISITS_SHOWN))
    visits = [f"- {visit.visited_on} {cell(visit.progress)} ({cell(visit.filled_in_by)})" for visit in last]
    return "\n".join([_("What the investor said last:"), "", *visits]) if visits else ""


def _projects(session: Session, investor: Investor, as_of: date) -> str:
    theirs = select(Project).where(Project.investor_id == investor.id).options(joinedload(Project.unit))
    ended_last = case((Project.stage.in_(OPEN_STAGES), 0), else_=1)
    projects = session.scalars(
        theirs.order_by(ended_last, Project.signed_on, Project.id).limit(PROJECTS_SHOWN + 1)
    ).all()
    if not projects:
        return _("The ledger has no project of this investor.")
    shown = projects[:PROJECTS_SHOWN]
    numbers = [project.id for project in shown]
    debts, latest = _debts(session, numbers, as_of), _latest_progress(session, numbers)
    rows = [
        (
            project.title,
            project.unit.name,
            project.stage.label,
            in_words(project.amount, project.currency),
            debts.get(project.id, ""),
            latest.get(project.id, ""),
        )
        for project in shown
    ]
    heads = (_("Project"), _("Responsible unit"), _("Stage"), _("Amount"), _("Owed"), _("What happened last"))
    cut = _("The first %(shown)s projects; there are more.") % {"shown": PROJECTS_SHOWN}
    return "\n\n".join([table(heads, rows), *([cut] if len(projects) > PROJECTS_SHOWN else [])])


def _debts(session: Session, projects: Sequence[int], as_of: date) -> dict[int, str]:
    """What is owed by when, and how it stands, by project."""
    parts = (ActionItem.blocker, ActionItem.milestone, ActionItem.verifies)
    wanted = select(ActionItem).where(ActionItem.project_id.in_(projects), ActionItem.closed_on.is_(None))
    debts: dict[int, list[str]] = {}
    for item in session.scalars(wanted.options(*map(joinedload, parts)).order_by(ActionItem.due_on, ActionItem.id)):
        debt = {"what": what(item), "day": item.due_on, "state": state(session, item, as_of)}
        debts.setdefault(item.project_id or 0, []).append(_("%(what)s, due %(day)s, %(state)s") % debt)
    return {project_id: _("; ").join(owed) for project_id, owed in debts.items()}


def _latest_progress(session: Session, projects: Sequence[int]) -> dict[int, str]:
    """The newest progress entry, by project."""
    newest = select(Progress).ext(distinct_on(Progress.project_id)).where(Progress.project_id.in_(projects))
    in_order = newest.order_by(Progress.project_id, Progress.happened_on.desc(), Progress.id.desc())
    return {entry.project_id: f"{entry.happened_on} {entry.text}" for entry in session.scalars(in_order)}
