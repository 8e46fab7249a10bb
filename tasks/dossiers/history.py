"""Words the history of a project: when, who, from where, of what, and each field's old and new value."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.escalation.action_item import ActionItem
from models.i18n import gettext, mark
from models.i18n import gettext as _
from models.ledger.project import CapitalEvent, Milestone, Project
from models.tables import Base
from models.words import Currency
from tasks.documents.sections import Row
from tasks.documents.text import moment
from tasks.dossiers.history_labels import FIELDS, SOURCES, TOPICS
from tasks.dossiers.history_steps import Step, Subject, place, steps_of
from tasks.dossiers.history_values import readable, text
from tasks.items.wording import what
from tasks.ledger.history import History, points_to

EMPTY = mark("(empty)")
NOUNS = {
    "project": mark("Project"),
    "project_co_unit": mark("Supporting unit"),
    "progress": mark("Progress"),
    "capital_event": mark("Capital"),
    "investor": mark("Investor"),
    "person": mark("Acts for the leader"),
}
Side = Mapping[str, Any]


class Words:
    """Words one project's history, the newest step first: an amount is told in the currency it had at that time."""

    def __init__(
        self, history: History, project: Project, items: Sequence[ActionItem], capital: Sequence[CapitalEvent]
    ) -> None:
        self._history = history
        self._milestones = {each.id: each for each in project.milestones}
        self._items = {item.id: item for item in items}
        self._currencies: dict[Subject, Currency] = {("project", str(project.id)): project.currency}
        self._currencies |= {("capital_event", str(each.id)): each.currency for each in capital}

    def rows(self) -> list[Row]:
        """A row for each step, oldest first: moment, who, source, of what, what changed."""
        told = [self._row(step) for step in reversed(steps_of(self._history.entries))]
        return [row for row in reversed(told) if row[-1]]

    def _row(self, step: Step) -> Row:
        first = step.first
        lines = list(self._lines(step))
        told = "\n".join([gettext(step.verb), *lines] if step.verb and lines else lines)
        return moment(first.recorded_at), named(first.actor), source(first.source), self._what(step), told

    def _what(self, step: Step) -> str:
        table, row_id = step.subject
        if table in NOUNS:
            return gettext(NOUNS[table])
        if table == "milestone":
            return _("%(kind)s: %(what)s") % {"kind": _("Milestone"), "what": self._milestone(int(row_id))}
        item = self._items.get(self._history.items_of.get((table, row_id)) or int(row_id))
        if item is None:
            return row_id
        kind = {"pause": _("On hold"), "extension": _("Extension")}.get(table)
        return _("%(kind)s: %(what)s") % {"kind": kind, "what": what(item)} if kind else what(item)

    def _lines(self, step: Step) -> Iterator[str]:
        """One line a field; of something new, only what it says."""
        now = self._currencies.get(step.subject, Currency.CNY)
        before, after = _currencies(step, now)
        self._currencies[step.subject] = before
        for table, column, old, new in sorted(step.cells, key=place):
            label = gettext(FIELDS[table].get(column, column))
            if isinstance(old, dict) or isinstance(new, dict):
                yield from _members(label, column, old or {}, new or {}, is_change=not step.verb)
                continue
            values = self._value(table, column, old, before), self._value(table, column, new, after)
            if line := _line(label, *values, is_change=not step.verb):
                yield line

    def _value(self, table: str, column: str, value: Any, currency: Currency) -> str:
        """A stored value as people read it."""
        if value is None or value == "":
            return ""
        if target := points_to(table, column):
            return self._named(target, value)
        known = Base.metadata.tables[table].columns.get(column)
        return readable(value, known.type if known is not None else None, currency)

    def _named(self, table: str, key: int) -> str:
        if table == "milestone":
            return self._milestone(key)
        if table == "action_item" and key in self._items:
            return what(self._items[key])
        return self._history.names.get((table, key)) or _("No. %(id)s") % {"id": key}

    def _milestone(self, key: int) -> str:
        found: Milestone | None = self._milestones.get(key)
        return found.kind.label if found else _("No. %(id)s") % {"id": key}


def named(actor: str) -> str:
    """Who did it; Luodi's own parts by what they do."""
    return gettext(SOURCES[actor]) if actor in SOURCES else actor


def source(told: str) -> str:
    """Where it came from: a form and its number, a file with its sheet and row, a part of Luodi."""
    first, _space, rest = told.partition(" ")
    return f"{gettext(SOURCES[first])} {rest}".strip() if first in SOURCES else told


def _currencies(step: Step, now: Currency) -> tuple[Currency, Currency]:
    """The currency before and after a step; `now` is the one after it where the step does not say."""
    changed = next(((old, new) for _table, column, old, new in step.cells if column == "currency"), None)
    old, new = changed or (None, None)
    return Currency(old or new or now), Currency(new or old or now)


def _members(label: str, column: str, old: Side, new: Side, *, is_change: bool) -> Iterator[str]:
    """The members of a JSON column that differ, each by its own name."""
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            title = gettext(TOPICS[name]) if column == "topics" and name in TOPICS else name
            values = (text(side[name]) if side.get(name) is not None else "" for side in (old, new))
            if line := _line(_("%(kind)s: %(what)s") % {"kind": label, "what": title}, *values, is_change=is_change):
                yield line


def _line(label: str, old: str, new: str, *, is_change: bool) -> str:
    if is_change:
        values = {"old": old or gettext(EMPTY), "new": new or gettext(EMPTY)}
        return _("%(field)s: %(old)s → %(new)s") % {"field": label, **values}
    return _("%(field)s: %(value)s") % {"field": label, "value": new or old} if new or old else ""
