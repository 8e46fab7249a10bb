"""The history of a project in words: when, who, from where, what, old and new values."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, Enum, Numeric

from models.escalation.action_item import ActionItem
from models.i18n import gettext, mark, written
from models.i18n import gettext as _
from models.ledger.project import CapitalEvent, Project, in_words
from models.tables import Base
from models.words import Currency, Word
from tasks.documents.sections import Row
from tasks.documents.text import entered, moment, yes_or_no
from tasks.dossiers.history_steps import Cell, HistoryStep, Subject, steps_of
from tasks.items.wording import what
from tasks.ledger.history import History, points_to
from tasks.ledger.sources import named, source

EMPTY = mark("(empty)")
NOUNS = {
    "project": mark("Project"),
    "project_co_unit": mark("Supporting unit"),
    "progress": mark("Progress"),
    "capital_event": mark("Capital"),
    "investor": mark("Investor"),
    "person": mark("Acts for the leader"),
}
TOPICS = {  # of the revisit register, by the names visits store them under
    "policy": mark("Policies carried out"),
    "promises": mark("Promises kept"),
    "supplies": mark("Land, power, labour and funds secured"),
    "environment": mark("Investment environment"),
    "service": mark("Service"),
    "difficulties": mark("Difficulties and problems"),
}

Side = Mapping[str, object]


class Words:
    """One project's history in words, read newest first to know the currency of older amounts."""

    def __init__(
        self, history: History, project: Project, items: Sequence[ActionItem], capital: Sequence[CapitalEvent]
    ) -> None:
        self._history = history
        self._milestones = {milestone.id: milestone for milestone in project.milestones}
        self._items = {item.id: item for item in items}
        self._currencies: dict[Subject, Currency] = {("project", str(project.id)): project.currency}
        self._currencies |= {("capital_event", str(increase.id)): increase.currency for increase in capital}

    def rows(self) -> list[Row]:
        """A row for each step, oldest first: moment, who, source, of what, what changed."""
        rows = [self._row(step) for step in reversed(steps_of(self._history.entries))]
        return [row for row in reversed(rows) if row[-1]]

    def _row(self, step: HistoryStep) -> Row:
        first = step.first
        lines = list(self._lines(step))
        change = "\n".join([gettext(step.verb), *lines] if step.verb and lines else lines)
        return moment(first.recorded_at), named(first.actor), source(first.source), self._what(step), change

    def _what(self, step: HistoryStep) -> str:
        table, row_id = step.subject
        if table in NOUNS:
            return gettext(NOUNS[table])
        if table == "milestone":
            return _("%(kind)s: %(what)s") % {"kind": _("Milestone"), "what": self._named(table, int(row_id))}
        item = self._items.get(self._history.items_of.get((table, row_id)) or int(row_id))
        if item is None:
            return row_id
        kind = {"pause": _("On hold"), "extension": _("Extension")}.get(table)
        return _("%(kind)s: %(what)s") % {"kind": kind, "what": what(item)} if kind else what(item)

    def _lines(self, step: HistoryStep) -> Iterator[str]:
        """One line a field; of something new, only what it says."""
        now = self._currencies.get(step.subject, Currency.CNY)
        before, after = _currencies(step, now)
        self._currencies[step.subject] = before
        for cell in sorted(step.cells, key=lambda cell: cell.place):
            label = gettext(cell.label)
            if isinstance(cell.old, dict) or isinstance(cell.new, dict):
                old, new = (side if isinstance(side, dict) else {} for side in (cell.old, cell.new))
                yield from _members(label, cell.column, old, new, is_change=not step.verb)
                continue
            values = self._value(cell, cell.old, before), self._value(cell, cell.new, after)
            if line := _line(label, *values, is_change=not step.verb):
                yield line

    def _value(self, cell: Cell, value: Any, currency: Currency) -> str:
        if value is None or value == "":
            return ""
        if target := points_to(cell.table, cell.column):
            return self._named(target, value)
        column = Base.metadata.tables[cell.table].columns.get(cell.column)
        return _readable(value, column.type if column is not None else None, currency)

    def _named(self, table: str, key: int) -> str:
        if table == "milestone" and key in self._milestones:
            return self._milestones[key].kind.label
        if table == "action_item" and key in self._items:
            return what(self._items[key])
        return self._history.names.get((table, key)) or _("No. %(id)s") % {"id": key}


def _readable(value: Any, kind: object, currency: Currency) -> str:
    match kind:
        case Enum(enum_class=word) if word is not None and issubclass(word, Word):
            return next((known.label for known in word if known == value), str(value))  # or a word of former days
        case Boolean():
            return yes_or_no(bool(value))
        case Numeric():
            return in_words(Decimal(str(value)), currency)
        case DateTime():
            return moment(datetime.fromisoformat(value))
        case Date():
            return written(date.fromisoformat(value))
    return entered(value)


def _currencies(step: HistoryStep, now: Currency) -> tuple[Currency, Currency]:
    """The currency before and after a step; `now` is the one after it unless the step says."""
    changed = next((cell for cell in step.cells if cell.column == "currency"), None)
    old, new = (changed.old, changed.new) if changed else (None, None)
    return Currency(str(old or new or now)), Currency(str(new or old or now))


def _members(label: str, column: str, old: Side, new: Side, *, is_change: bool) -> Iterator[str]:
    """The members of a JSON column that differ, each by its own name."""
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            title = gettext(TOPICS[name]) if column == "topics" and name in TOPICS else name
            values = (entered(side[name]) if side.get(name) is not None else "" for side in (old, new))
            if line := _line(_("%(kind)s: %(what)s") % {"kind": label, "what": title}, *values, is_change=is_change):
                yield line


def _line(label: str, old: str, new: str, *, is_change: bool) -> str:
    if is_change:
        values = {"old": old or gettext(EMPTY), "new": new or gettext(EMPTY)}
        return _("%(field)s: %(old)s → %(new)s") % {"field": label, **values}
    return _("%(field)s: %(value)s") % {"field": label, "value": new or old} if new or old else ""
