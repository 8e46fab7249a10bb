"""The brief that heads a form about an investor: who it is, what it said last, how its projects stand. Markdown."""

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

VISITS_TOLD = 3
PROJECTS_TOLD = 20
"""An investor has few projects; of more the ended and the latest are left out."""


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
    last = session.scalars(made.order_by(Visit.visited_on.desc(), Visit.item_id.desc()).limit(VISITS_TOLD))
    told = [f"- {visit.visited_on} {cell(visit.progress)} ({cell(visit.filled_in_by)})" for visit in last]
    return "\n".join([_("What the investor said last:"), "", *told]) if told else ""


def _projects(session: Session, investor: Investor, as_of: date) -> str:
    theirs = select(Project).where(Project.investor_id == investor.id).options(joinedload(Project.unit))
    ended_last = case((Project.stage.in_(OPEN_STAGES), 0), else_=1)
    found = session.scalars(theirs.order_by(ended_last, Project.signed_on, Project.id).limit(PROJECTS_TOLD + 1)).all()
    if not found:
        return _("The ledger has no project of this investor.")
    told = found[:PROJECTS_TOLD]
    numbers = [project.id for project in told]
    debts, news = _debts(session, numbers, as_of), _news(session, numbers)
    rows = [
        (
            project.title,
            project.unit.name,
            project.stage.label,
            in_words(project.amount, project.currency),
            debts.get(project.id, ""),
            news.get(project.id, ""),
        )
        for project in told
    ]
    heads = (_("Project"), _("Responsible unit"), _("Stage"), _("Amount"), _("Owed"), _("What happened last"))
    cut = _("The first %(shown)s projects; there are more.") % {"shown": PROJECTS_TOLD}
    return "\n\n".join([table(heads, rows), *([cut] if len(found) > PROJECTS_TOLD else [])])


def _debts(session: Session, projects: Sequence[int], as_of: date) -> dict[int, str]:
    """What is owed on each project by when, and how it stands."""
    parts = (ActionItem.blocker, ActionItem.milestone, ActionItem.verifies)
    wanted = select(ActionItem).where(ActionItem.project_id.in_(projects), ActionItem.closed_on.is_(None))
    found: dict[int, list[str]] = {}
    for item in session.scalars(wanted.options(*map(joinedload, parts)).order_by(ActionItem.due_on, ActionItem.id)):
        told = {"what": what(item), "day": item.due_on, "state": state(session, item, as_of)}
        found.setdefault(item.project_id or 0, []).append(_("%(what)s, due %(day)s, %(state)s") % told)
    return {project_id: _("; ").join(each) for project_id, each in found.items()}


def _news(session: Session, projects: Sequence[int]) -> dict[int, str]:
    """The newest progress entry of each project."""
    newest = select(Progress).ext(distinct_on(Progress.project_id)).where(Progress.project_id.in_(projects))
    in_order = newest.order_by(Progress.project_id, Progress.happened_on.desc(), Progress.id.desc())
    return {each.project_id: f"{each.happened_on} {each.text}" for each in session.scalars(in_order)}
