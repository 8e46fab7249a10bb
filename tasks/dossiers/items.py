"""The parts of a dossier that tell of what is owed: blockers, visits, and everything else with a due date."""

from collections.abc import Iterable, Iterator

from models.escalation.action_item import ActionItem, Blocker, Visit
from models.i18n import gettext
from models.i18n import gettext as _
from models.words import ItemKind
from tasks.documents.sections import Card, Fact, Row, Section, grid, known
from tasks.documents.text import span, text_of
from tasks.dossiers.facts import Known
from tasks.dossiers.history_labels import TOPICS
from tasks.items.wording import what
from tasks.ledger.lookups import person_choice


def blockers(about: Known) -> Section:
    """Each problem with its recipient, its dates and what became of it."""
    found = [(item, item.blocker) for item in about.items if item.blocker]
    cards = [_blocker(about, number, *each) for number, each in enumerate(found, 1)]
    return Section(_("Blockers"), _("No blocker has been reported."), cards)


def _blocker(about: Known, number: int, item: ActionItem, blocker: Blocker) -> Card:
    problem, solution = blocker.description, text_of(blocker.proposed_solution)
    facts = [
        *known((_("What the problem is"), problem), (_("Proposed solution"), solution), is_wide=True),
        *known((_("Unit that must solve it"), blocker.recipient_unit.name), (_("State"), _standing(about, item))),
        *_clock(item),
        *known((_("Coordination asked for on"), blocker.coordination_asked_on)),
        *known((_("How it was resolved"), blocker.resolution), is_wide=True),
        *_stops(item),
    ]
    title = _("Blocker %(no)s: %(category)s") % {"no": number, "category": blocker.category.label}
    return Card(facts, title)


def visits(about: Known) -> Section:
    """Each visit to the project or to its investor, planned and done, with the topics of the revisit register."""
    owed = [item for item in about.items if item.kind is ItemKind.VISIT]
    cards = [_visit(about, number, item) for number, item in enumerate(owed, 1)]
    return Section(_("Follow-up visits"), _("No follow-up visit is planned or done yet."), cards)


def _visit(about: Known, number: int, item: ActionItem) -> Card:
    is_to_investor = item.investor_id is not None
    title = _("Visit %(no)s, to the investor: %(state)s") if is_to_investor else _("Visit %(no)s: %(state)s")
    heard = _("What the investor said") if is_to_investor else _("Progress")
    found = _found(item.visit, heard) if item.visit else ()
    return Card([*_clock(item), *found, *_stops(item)], title % {"no": number, "state": _standing(about, item)})


def _found(visit: Visit, heard: str) -> Iterator[Fact]:
    """What a visit found; a topic nobody said anything of is left out."""
    yield Fact(_("Visited on"), str(visit.visited_on))
    yield Fact(_("Outcome"), visit.outcome.label)
    yield Fact(_("Filled in by"), visit.filled_in_by)
    yield Fact(heard, visit.progress, is_wide=True)
    topics = known(*((gettext(title), visit.topics.get(name)) for name, title in TOPICS.items()), is_wide=True)
    yield from topics or [Fact(_("Six topics of the revisit"), _("Nothing was filled in."), is_wide=True)]


def other_items(about: Known) -> Section:
    """Milestones that are owed, verifications, procedures, reports: all that is neither blocker nor visit."""
    others = [item for item in about.items if item.kind not in (ItemKind.BLOCKER, ItemKind.VISIT)]
    heads = (_("Owed"), _("By whom"), _("Opened on"), _("Due"), _("State"), _("Extensions and holds"))
    return Section(
        _("Other items owed"),
        _("Nothing else was or is owed."),
        grid(heads, (36, 26, 24, 24, 22, 38), [_line(about, item) for item in others]),
    )


def _line(about: Known, item: ActionItem) -> Row:
    stops = "\n".join(_("%(field)s: %(value)s") % {"field": name, "value": told} for name, told, _wide in _stops(item))
    owner = person_choice(item.owner) or item.unit.name
    state = "\n".join(filter(None, (_standing(about, item), str(item.closed_on) if item.closed_on else "")))
    return what(item), owner, item.opened_on, item.due_on, state, stops


def _clock(item: ActionItem) -> list[Fact]:
    """Who owes an item, and by when."""
    return known(
        (_("Owner"), text_of(person_choice(item.owner))),
        (_("Responsible leader"), text_of(person_choice(item.leader))),
        (_("Opened on"), item.opened_on),
        (_("Due"), item.due_on),
        (_("Promised by"), item.promised_on),
        (_("Closed on"), item.closed_on),
        (_("Round"), item.round if item.round > 1 else ""),
    )


def _standing(about: Known, item: ActionItem) -> str:
    return item.result.label if item.result else about.states[item.id]


def _stops(item: ActionItem) -> list[Fact]:
    """When the clock was set to another day or stood still, why, and by whose word."""
    extensions = (
        _("%(former)s → %(new)s, granted by %(who)s: %(reason)s")
        % {"former": each.former_due_on, "new": each.due_on, "who": each.granted_by, "reason": each.reason}
        for each in item.extensions
    )
    pauses = (
        _("%(days)s, granted by %(who)s: %(reason)s")
        % {"days": span(each.from_on, each.until_on), "who": each.granted_by, "reason": each.reason}
        for each in item.pauses
    )
    return known((_("Extensions"), _lines(extensions)), (_("On hold"), _lines(pauses)), is_wide=True)


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(texts)
