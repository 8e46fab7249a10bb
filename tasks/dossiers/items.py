from collections.abc import Iterator

from models.escalation.action_item import ActionItem, Blocker, Visit
from models.i18n import gettext, written
from models.i18n import gettext as _
from models.words import ItemKind
from tasks.documents.sections import Card, Fact, Row, Section, grid, known
from tasks.documents.text import span, text_of
from tasks.dossiers.facts import DossierData
from tasks.dossiers.history import TOPICS
from tasks.items.wording import what
from tasks.ledger.lookups import person_choice


def blockers(data: DossierData) -> Section:
    problems = [(item, item.blocker) for item in data.items if item.blocker]
    cards = [_blocker(data, number, item, blocker) for number, (item, blocker) in enumerate(problems, 1)]
    return Section(_("Blockers"), _("No blocker has been reported."), cards)


def _blocker(data: DossierData, number: int, item: ActionItem, blocker: Blocker) -> Card:
    problem, solution = blocker.description, text_of(blocker.proposed_solution)
    facts = [
        *known((_("What the problem is"), problem), (_("Proposed solution"), solution), is_wide=True),
        *known((_("Unit that must solve it"), blocker.recipient_unit.name), (_("State"), _standing(data, item))),
        *_clock(data, item),
        *known((_("Coordination asked for on"), blocker.coordination_asked_on)),
        *known((_("What must be coordinated"), blocker.coordination_reason), is_wide=True),
        *known((_("How it was resolved"), blocker.resolution), is_wide=True),
        *_stops(item),
    ]
    title = _("Blocker %(no)s: %(category)s") % {"no": number, "category": blocker.category.label}
    return Card(facts, title)


def visits(data: DossierData) -> Section:
    items = [item for item in data.items if item.kind is ItemKind.VISIT]
    cards = [_visit(data, number, item) for number, item in enumerate(items, 1)]
    return Section(_("Follow-up visits"), _("No follow-up visit is planned or done yet."), cards)


def _visit(data: DossierData, number: int, item: ActionItem) -> Card:
    is_to_investor = item.investor_id is not None
    title = _("Visit %(no)s, to the investor: %(state)s") if is_to_investor else _("Visit %(no)s: %(state)s")
    heading = _("What the investor said") if is_to_investor else _("Progress")
    findings = _findings(item.visit, heading) if item.visit else ()
    return Card([*_clock(data, item), *findings, *_stops(item)], title % {"no": number, "state": _standing(data, item)})


def _findings(visit: Visit, heading: str) -> Iterator[Fact]:
    yield Fact(_("Visited on"), written(visit.visited_on))
    yield Fact(_("Outcome"), visit.outcome.label)
    yield Fact(_("Filled in by"), visit.filled_in_by)
    yield Fact(heading, visit.progress, is_wide=True)
    topics = known(*((gettext(title), visit.topics.get(name)) for name, title in TOPICS.items()), is_wide=True)
    yield from topics or [Fact(_("Six topics of the revisit"), _("Nothing was filled in."), is_wide=True)]


def other_items(data: DossierData) -> Section:
    others = [item for item in data.items if item.kind not in (ItemKind.BLOCKER, ItemKind.VISIT)]
    heads = (_("Owed"), _("By whom"), _("Opened on"), _("Due"), _("State"), _("Extensions and holds"))
    return Section(
        _("Other items owed"),
        _("Nothing else was or is owed."),
        grid(heads, (34, 24, 30, 30, 22, 30), [_line(data, item) for item in others]),
    )


def _line(data: DossierData, item: ActionItem) -> Row:
    stop = _("%(field)s: %(value)s")
    stops = "\n".join(stop % {"field": name, "value": value} for name, value, _is_wide in _stops(item))
    owner = person_choice(item.owner) or item.unit.name
    state = "\n".join(filter(None, (_standing(data, item), written(item.closed_on) if item.closed_on else "")))
    return what(item), owner, item.opened_on, _due(data, item), state, stops


def _clock(data: DossierData, item: ActionItem) -> list[Fact]:
    return known(
        (_("Owner"), text_of(person_choice(item.owner))),
        (_("Responsible leader"), text_of(person_choice(item.leader))),
        (_("Opened on"), item.opened_on),
        (_("Due"), _due(data, item)),
        (_("Promised by"), item.promised_on),
        (_("Closed on"), item.closed_on),
        (_("Round"), item.round if item.round > 1 else ""),
    )


def _due(data: DossierData, item: ActionItem) -> str:
    """The day, and why it is that."""
    return "\n".join(filter(None, (written(item.due_on), data.reasons.get(item.id))))


def _standing(data: DossierData, item: ActionItem) -> str:
    return data.states.get(item.id) or (item.result.label if item.result else "")


def _stops(item: ActionItem) -> list[Fact]:
    extensions = (
        _("%(former)s → %(new)s, granted by %(who)s: %(reason)s")
        % {"former": later.former_due_on, "new": later.due_on, "who": later.granted_by, "reason": later.reason}
        for later in item.extensions
    )
    pauses = (
        _("%(days)s, granted by %(who)s: %(reason)s")
        % {"days": span(pause.from_on, pause.until_on), "who": pause.granted_by, "reason": pause.reason}
        for pause in item.pauses
    )
    return known((_("Extensions"), "\n".join(extensions)), (_("On hold"), "\n".join(pauses)), is_wide=True)
