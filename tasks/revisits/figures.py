"""The figures of a revisit campaign's report. Page and workbook are made of them alone."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from models.campaigns.rates import Rate, half_up
from models.escalation.calendar import Calendar
from models.i18n import gettext as _
from models.words import BlockerCategory, VisitOutcome
from tasks.revisits.facts import Asked, Problem

AGES = (30, 60, 90)
"""Where one age of an open problem ends and the next begins, in days."""


@dataclass(frozen=True)
class Coverage:
    """How many of the visits asked for were made, to projects and to investors."""

    unit: str
    projects: Rate
    investors: Rate


@dataclass(frozen=True)
class Group:
    """Problems alike that are open: how many, how many of them overdue, how old on average."""

    name: str
    count: int
    overdue: int
    age: Decimal
    """Mean of days since they were opened."""


@dataclass(frozen=True)
class Report:
    """A campaign as it stands on a day."""

    name: str
    opened_on: date
    due_on: date
    as_of: date
    squad: str
    filters: str
    """Whom it asks, in words."""
    ending: str
    """What becomes of it now, and why; empty while it goes on."""
    visits: Sequence[Asked]
    problems: Sequence[Problem]
    calendar: Calendar

    @cached_property
    def projects(self) -> list[Asked]:
        """Visits to projects."""
        return [each for each in self.visits if each.code]

    @cached_property
    def investors(self) -> list[Asked]:
        """Visits to investors."""
        return [each for each in self.visits if not each.code]

    @cached_property
    def coverage(self) -> list[Coverage]:
        """Coverage by the unit in charge of the visit."""
        units = dict.fromkeys(each.unit for each in self.visits)
        return [_coverage(unit, [each for each in self.visits if each.unit == unit]) for unit in units]

    @cached_property
    def whole(self) -> Coverage:
        """Coverage over all units."""
        return _coverage(_("Total"), self.visits)

    @cached_property
    def unanswered(self) -> list[Asked]:
        """Visits nobody has answered for, the longest due first."""
        return sorted((each for each in self.visits if each.is_open), key=lambda each: (each.due_on, each.item_id))

    @cached_property
    def closed_otherwise(self) -> list[Asked]:
        """Visits that were closed without having been made."""
        return [each for each in self.visits if not each.is_open and not each.is_visited]

    @cached_property
    def outcomes(self) -> list[tuple[str, int]]:
        """What the visits to projects concluded."""
        found = [each.outcome for each in self.projects if each.outcome]
        return [(outcome.label, found.count(outcome)) for outcome in VisitOutcome if outcome in found]

    @cached_property
    def open_problems(self) -> list[Problem]:
        """Problems that are not solved, the oldest first."""
        return [each for each in self.problems if each.closed_on is None]

    @cached_property
    def solved(self) -> list[Problem]:
        """Problems that were solved in the campaign's time, in the order they were."""
        done = [each for each in self.problems if each.is_solved]
        return sorted(done, key=lambda each: (each.closed_on or self.as_of, each.item_id))

    @cached_property
    def solved_in_time(self) -> Rate:
        """Of those solved, the ones that were by their dates."""
        return Rate(sum((each.closed_on or self.as_of) <= each.due_on for each in self.solved), len(self.solved))

    @cached_property
    def solved_rate(self) -> Rate:
        """Of all problems that were open in its time, those solved."""
        return Rate(len(self.solved), len(self.problems))

    @cached_property
    def by_category(self) -> list[Group]:
        """Open problems by what they are."""
        return self._groups([(word, word.label) for word in BlockerCategory], lambda each: each.category)

    @cached_property
    def by_recipient(self) -> list[Group]:
        """Open problems by the unit that must solve them, most first."""
        names = sorted({each.recipient for each in self.open_problems})
        groups = self._groups([(name, name) for name in names], lambda each: each.recipient)
        return sorted(groups, key=lambda group: -group.count)

    @cached_property
    def by_age(self) -> list[Group]:
        """Open problems by how long they have been."""
        spans = zip((0, *(age + 1 for age in AGES)), (*AGES, None), strict=True)
        names = [(number, _age_name(*span)) for number, span in enumerate(spans)]
        return self._groups(names, lambda each: bisect_left(AGES, self.age(each)))

    def age(self, problem: Problem) -> int:
        """Days from the day a problem was opened until it was closed, or until now."""
        return ((problem.closed_on or self.as_of) - problem.opened_on).days

    def late(self, due_on: date) -> int:
        """Working days since a date that is over; 0 otherwise."""
        return self.calendar.elapsed(due_on, self.as_of)

    def why(self, problem: Problem) -> str:
        """Why a problem is not solved, as far as anybody has said."""
        asked = problem.coordination_asked_on
        said = (
            _("on hold: %(why)s") % {"why": problem.hold_reason} if problem.hold_reason else "",
            _("needs coordination since %(day)s") % {"day": asked} if asked and asked <= self.as_of else "",
            _("last reply: %(text)s") % {"text": problem.reply} if problem.reply else "",
            _("extended: %(why)s") % {"why": problem.extension_reason} if problem.extension_reason else "",
        )
        return _("; ").join(filter(None, said)) or _("no reason was given")

    def _groups(self, names: Iterable[tuple[object, str]], kind: Callable[[Problem], object]) -> list[Group]:
        found = [(name, [each for each in self.open_problems if kind(each) == wanted]) for wanted, name in names]
        return [self._group(name, members) for name, members in found if members]

    def _group(self, name: str, members: Sequence[Problem]) -> Group:
        overdue = sum(each.due_on < self.as_of and not each.hold_reason for each in members)
        age = half_up(Decimal(sum(map(self.age, members))) / len(members))
        return Group(name, len(members), overdue, age)


def _coverage(unit: str, visits: Sequence[Asked]) -> Coverage:
    sides = ([each for each in visits if bool(each.code) is is_project] for is_project in (True, False))
    projects, investors = (Rate(sum(each.is_visited for each in side), len(side)) for side in sides)
    return Coverage(unit, projects, investors)


def _age_name(first: int, last: int | None) -> str:
    if last is None:
        return _("more than %(days)s days") % {"days": first - 1}
    return _("%(first)s to %(last)s days") % {"first": first, "last": last}
