"""The brief at the head of a form about a project or an investor; Markdown."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, joinedload

from models.campaigns.revisit import RevisitCampaign, RevisitVisit
from models.escalation.action_item import ActionItem, Visit
from models.escalation.escalation import Escalation
from models.i18n import clauses, enumerated, written
from models.i18n import gettext as _
from models.ledger.project import Investor, Progress, Project, in_words, latest_progress_first
from models.words import OPEN_STAGES, ItemKind
from tasks.documents.characters import shortened
from tasks.documents.markdown import cell, entry, lines
from tasks.items.counting import why_due
from tasks.items.open_items import open_items
from tasks.items.standing import state
from tasks.items.wording import answers, name_of, what, whom, whose
from tasks.runs.prefect_api import Label

LONGEST_SUBJECT = 48  # of a run's name, in half-widths
PROGRESS_SHOWN = 3
ANSWERS_SHOWN = 3
VISITS_SHOWN = 3
PROJECTS_SHOWN = 20  # open ones first, then the ended, each by the day of signing


def label(project: Project, subject: str = "") -> Label:
    """Code and name; county, sector and stage as tags."""
    name = f"{project.title} · {subject}" if subject else project.title
    return Label(name, (project.unit.name, project.sector.label, project.stage.label))


def item_label(item: ActionItem, subject: str) -> Label:
    subject = shortened(" ".join(subject.split()), LONGEST_SUBJECT)
    if item.project:
        return label(item.project, subject)
    return Label(f"{whose(item)} · {subject}", (item.unit.name,))


def brief(session: Session, project: Project, as_of: date, focus: ActionItem | None = None) -> str:
    """What somebody who fills in a form about the project must know, the item at hand first."""
    items = open_items(session, project.id)
    if focus is not None:
        items = [focus, *(item for item in items if item is not focus)]
    parts = [
        f"### {cell(project.title)}",
        owed(session, items, as_of),
        revisit(session, focus),
        _latest(session, project),
        _answers(session, ActionItem.project_id == project.id),
        _about(project),
    ]
    return "\n\n".join(part for part in parts if part)


def _about(project: Project) -> str:
    investor = project.investor.name if project.investor else ""
    facts: tuple[tuple[str, object], ...] = (
        (_("Investor"), investor),
        (_("Amount"), in_words(project.amount, project.currency)),
        (_("Sector"), project.sector.label),
        (_("Responsible unit"), project.unit.name),
        (_("Signed on"), project.signed_on),
        (_("Stage"), project.stage.label),
        (_("Assigned officer"), name_of(project.officer)),
        (_("Responsible leader"), name_of(project.leader)),
    )
    return lines(facts)


def revisit(session: Session, item: ActionItem | None) -> str:
    """The open campaigns a visit counts for, with days and squads; empty without any."""
    if item is None or item.kind is not ItemKind.VISIT:
        return ""
    held = select(RevisitCampaign).join(RevisitVisit).where(RevisitVisit.item_id == item.id)
    still = held.where(RevisitCampaign.closed_on.is_(None)).options(joinedload(RevisitCampaign.squad))
    campaigns = session.scalars(still.order_by(RevisitCampaign.id)).all()
    names = [_("%(name)s, by %(day)s") % {"name": campaign.name, "day": campaign.due_on} for campaign in campaigns]
    squads = dict.fromkeys(campaign.squad.name for campaign in campaigns if campaign.squad)
    return lines(((_("Revisit campaign"), clauses(names)), (_("Squad"), enumerated(squads))))


def owed(session: Session, items: Sequence[ActionItem], as_of: date) -> str:
    """Who owes what by when, and why by then."""
    if not items:
        return ""
    reasons = why_due(session, items)
    head = _("Owed, as of %(day)s:") % {"day": as_of}  # the form may wait for weeks
    return "\n".join([head, "", *(_owed(session, item, as_of, reasons.get(item.id)) for item in items)])


def _owed(session: Session, item: ActionItem, as_of: date, why: str | None) -> str:
    due = _("due %(day)s") % {"day": item.due_on}
    reason = why and _("Why then: %(why)s") % {"why": why}
    return entry(what(item), (whom(item), due, state(session, item, as_of)), reason or "")


def _answers(session: Session, are_its: ColumnElement[bool]) -> str:
    """What the leader or the inspection office last answered or ordered, the newest first."""
    answered_at = func.greatest(Escalation.replied_at, Escalation.handed_over_at)
    theirs = select(Escalation).join(ActionItem, ActionItem.id == Escalation.item_id).where(are_its)
    answered = theirs.where(answered_at.is_not(None)).order_by(answered_at.desc(), Escalation.id.desc())
    last = session.scalars(answered.limit(ANSWERS_SHOWN))
    given = [(at, words, what(raised.item)) for raised in last for at, words in answers(raised)]
    newest = sorted(given, key=lambda answer: answer[0], reverse=True)[:ANSWERS_SHOWN]
    line = _("%(answer)s (%(what)s)")
    shown = [f"- {line % {'answer': cell(words), 'what': cell(about)}}" for _at, words, about in newest]
    return "\n".join([_("What was answered or ordered last:"), "", *shown]) if shown else ""


def _latest(session: Session, project: Project) -> str:
    theirs = select(Progress).where(Progress.project_id == project.id)
    newest = theirs.order_by(*latest_progress_first()).limit(PROGRESS_SHOWN)
    lines = [_entry(entry.happened_on, entry.text, entry.reported_by) for entry in session.scalars(newest)]
    return "\n".join([_("What happened last:"), "", *lines]) if lines else ""


def _entry(day: date, text: str, who: str) -> str:
    entry = _("- %(day)s %(text)s (%(who)s)") if who else _("- %(day)s %(text)s")
    return entry % {"day": day, "text": cell(text), "who": cell(who)}


def investor_brief(session: Session, investor: Investor, as_of: date, item: ActionItem) -> str:
    """What somebody who fills in a form about the investor must know, the item at hand first."""
    parts = [
        f"### {cell(investor.title)}",
        lines(((_("Investor registered in"), investor.registered_in),)),
        revisit(session, item),
        owed(session, [item], as_of),
        _answers(session, ActionItem.investor_id == investor.id),
        _heard(session, investor),
        _projects(session, investor, as_of),
    ]
    return "\n\n".join(part for part in parts if part)


def _heard(session: Session, investor: Investor) -> str:
    made = select(Visit).join(ActionItem, ActionItem.id == Visit.item_id).where(ActionItem.investor_id == investor.id)
    last = session.scalars(made.order_by(Visit.visited_on.desc(), Visit.item_id.desc()).limit(VISITS_SHOWN))
    visits = [_entry(visit.visited_on, visit.progress, visit.filled_in_by) for visit in last]
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
    entries = [_project(project, debts.get(project.id, ""), latest.get(project.id, "")) for project in shown]
    cut = _("The first %(shown)s projects; there are more.") % {"shown": PROJECTS_SHOWN}
    more = ["", cut] if len(projects) > PROJECTS_SHOWN else []
    return "\n".join([_("The investor's projects:"), "", *entries, *more])


def _project(project: Project, debts: str, latest: str) -> str:
    facts = (project.unit.name, project.stage.label, in_words(project.amount, project.currency))
    fact = _("%(title)s: %(value)s")
    more = ((_("Owed"), debts), (_("What happened last"), latest))
    return entry(project.title, facts, *(fact % {"title": title, "value": value} for title, value in more if value))


def _debts(session: Session, projects: Sequence[int], as_of: date) -> dict[int, str]:
    parts = (ActionItem.blocker, ActionItem.milestone, ActionItem.verifies)
    wanted = select(ActionItem).where(ActionItem.project_id.in_(projects), ActionItem.closed_on.is_(None))
    debts: dict[int, list[str]] = {}
    for item in session.scalars(wanted.options(*map(joinedload, parts)).order_by(ActionItem.due_on, ActionItem.id)):
        debt = {"what": what(item), "day": item.due_on, "state": state(session, item, as_of)}
        debts.setdefault(item.project_id or 0, []).append(_("%(what)s, due %(day)s, %(state)s") % debt)
    return {project_id: clauses(owed) for project_id, owed in debts.items()}


def _latest_progress(session: Session, projects: Sequence[int]) -> dict[int, str]:
    newest = select(Progress).ext(distinct_on(Progress.project_id)).where(Progress.project_id.in_(projects))
    in_order = newest.order_by(Progress.project_id, *latest_progress_first())
    return {entry.project_id: f"{written(entry.happened_on)} {entry.text}" for entry in session.scalars(in_order)}
