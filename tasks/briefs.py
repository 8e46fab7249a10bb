"""The brief that heads a form: what the project is, who owes what by when, what happened last. Markdown."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.i18n import gettext as _
from models.ledger.organisation import Person
from models.ledger.project import Progress, Project, in_words
from models.words import ItemKind, UnitKind
from tasks.ledger import calendar_around, open_items, person_choice
from tasks.prefect_api import Label
from tasks.revisit_campaigns import asking_for

LATEST = 3
NOTHING = ("", "–", "—")
"""Cells that say nothing."""
MARKUP = re.compile(r"[\\`*_\[\]!|#]")
"""What Markdown would read as more than text."""


def label(project: Project, subject: str = "") -> Label:
    """How a project's run is found: code and name; tags for county, sector and stage."""
    name = f"{project.title} · {subject}" if subject else project.title
    return Label(name, (project.unit.name, project.sector.label, project.stage.label))


def item_label(item: ActionItem, subject: str) -> Label:
    """How the run of one item is found: its project's label, or the investor's name and the unit in charge."""
    if item.project:
        return label(item.project, subject)
    return Label(f"{whose(item)} · {subject}", (item.unit.name,))


def whose(item: ActionItem) -> str:
    """The project or the investor an item is owed on; empty for neither."""
    subject = item.project or item.investor
    return subject.title if subject else ""


def brief(session: Session, project: Project, as_of: date, focus: ActionItem | None = None) -> str:
    """What somebody who fills in a form about the project must know, the item at hand first."""
    items = open_items(session, project.id)
    if focus is not None:
        items = [focus, *(item for item in items if item is not focus)]
    parts = [
        f"### {cell(project.title)}",
        _about(project),
        revisit(session, focus),
        owed(session, items, as_of),
        _latest(session, project),
    ]
    return "\n\n".join(part for part in parts if part)


def lines(facts: Iterable[tuple[str, object]]) -> str:
    """A line for each fact that is known: what it is, and its value."""
    line = _("%(title)s: **%(value)s**")
    return "  \n".join(line % {"title": title, "value": cell(str(value))} for title, value in facts if value)


def _about(project: Project) -> str:
    investor = project.investor.name if project.investor else ""
    facts: tuple[tuple[str, object], ...] = (
        (_("Investor"), investor),
        (_("Amount"), in_words(project.amount, project.currency)),
        (_("Sector"), project.sector.label),
        (_("Responsible unit"), project.unit.name),
        (_("Signed on"), project.signed_on),
        (_("Stage"), project.stage.label),
        (_("Assigned officer"), _name(project.officer)),
        (_("Responsible leader"), _name(project.leader)),
    )
    return lines(facts)


def revisit(session: Session, item: ActionItem | None) -> str:
    """The open campaigns a visit is made for, each with its day and its squad; empty where there are none."""
    if item is None or item.kind is not ItemKind.VISIT:
        return ""
    asking = asking_for(session, item.id)
    told = [_("%(name)s, by %(day)s") % {"name": each.name, "day": each.due_on} for each in asking]
    squads = dict.fromkeys(each.squad.name for each in asking if each.squad)
    return lines(((_("Revisit campaign"), "; ".join(told)), (_("Squad"), "、".join(squads))))


def owed(session: Session, items: Sequence[ActionItem], as_of: date) -> str:
    """Who owes what by when, as a table."""
    if not items:
        return ""
    rows = [(what(item), _whom(item), str(item.due_on), state(session, item, as_of)) for item in items]
    told = _("As of %(day)s") % {"day": as_of}  # the form may wait for weeks
    return f"{table((_('Owed'), _('By whom'), _('Due'), _('State')), rows)}\n\n{told}"


def _whom(item: ActionItem) -> str:
    if item.kind is ItemKind.BLOCKER:
        return item.unit.name  # the recipient; the owner only sees to it
    if item.kind is ItemKind.VERIFY:
        return _name(item.owner) or UnitKind.INSPECTION_OFFICE.label
    return _name(item.owner) or item.unit.name


def what(item: ActionItem) -> str:
    """An item in words: its kind, and the problem or milestone it is about."""
    told = _("%(kind)s: %(what)s")
    if item.kind is ItemKind.BLOCKER and item.blocker:
        return told % {"kind": item.blocker.category.label, "what": item.blocker.description}
    if item.kind is ItemKind.MILESTONE and item.milestone:
        return told % {"kind": item.kind.label, "what": item.milestone.kind.label}
    if item.kind is ItemKind.VERIFY and item.verifies:
        return told % {"kind": item.kind.label, "what": what(item.verifies)}
    if item.kind is ItemKind.VISIT and item.investor_id is not None:
        return _("Visit to the investor")
    return item.kind.label


def document_name(escalation: Escalation | None) -> str:
    """The number of a supervision notice as offices write it; empty without one."""
    if escalation is None or escalation.document_no is None:
        return ""
    numbers = {"year": escalation.raised_on.year, "no": escalation.document_no}
    return _("Supervision notice No. %(no)s of %(year)s") % numbers


def recipient_names(escalation: Escalation) -> str:
    """Who must act on it, and for whom, if they only act for somebody."""
    if escalation.recipient is None:
        return _("(nobody)")
    name = person_choice(escalation.recipient)
    if escalation.on_behalf_of is None:
        return name
    return _("%(delegate)s, for %(absent)s") % {"delegate": name, "absent": escalation.on_behalf_of.name}


def state(session: Session, item: ActionItem, as_of: date) -> str:
    """How an open item stands: on hold, promised, overdue or on time."""
    if item.is_paused:
        return _("on hold")
    if item.promised_on and item.promised_on >= as_of:
        return _("promised by %(day)s") % {"day": item.promised_on}
    late = calendar_around(session, item.due_on, as_of).elapsed(item.due_on, as_of)
    return _("%(count)s working days overdue") % {"count": late} if late else _("on time")


def _latest(session: Session, project: Project) -> str:
    entries = session.scalars(
        select(Progress)
        .where(Progress.project_id == project.id)
        .order_by(Progress.happened_on.desc(), Progress.id.desc())
        .limit(LATEST)
    )
    lines = [f"- {entry.happened_on} {cell(entry.text)} {_by(entry.reported_by)}".rstrip() for entry in entries]
    return "\n".join([_("What happened last:"), "", *lines]) if lines else ""


def _by(name: str) -> str:
    return f"({cell(name)})" if name else ""


def _name(person: Person | None) -> str:
    return person.name if person else ""


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [heads, tuple("---" for _head in heads), *rows]
    return "\n".join("| " + " | ".join(cell(each) for each in line) + " |" for line in lines)


def listing(heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    """What would make a table too wide for the UI, as a numbered list of Markdown: the first column, then the others.

    A cell without anything to say is left out.
    """
    told = _("%(title)s: %(value)s")
    items = []
    for number, (first, *others) in enumerate(rows, start=1):
        facts = zip(heads[1:], others, strict=True)
        said = [told % {"title": head, "value": cell(text)} for head, text in facts if text not in NOTHING]
        items.append(f"{number}. **{cell(first)}**  \n   {' · '.join(said)}")
    return "\n".join(items)


def cell(text: str) -> str:
    """Text that cannot break out of its place in Markdown."""
    flat = " ".join(str(text).split()).replace("<", "&lt;")
    return MARKUP.sub(r"\\\g<0>", flat)
