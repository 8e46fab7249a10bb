"""The figures of a revisit campaign's report, all that its page and workbook show."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from operator import itemgetter

from models.campaigns.rates import Rate, half_up
from models.escalation.calendar import Calendar
from models.i18n import clauses
from models.i18n import gettext as _
from models.words import BlockerCategory, VisitOutcome
from tasks.revisits.facts import Asked, Problem

AGES = ((0, 30), (31, 60), (61, 90))  # days; open problems are grouped by age, older ones together


@dataclass(frozen=True)
class Coverage:
    """How many of the visits asked for were made, to projects and to investors."""

    unit: str
    projects: Rate
    investors: Rate


@dataclass(frozen=True)
class Group:
    name: str
    count: int
    overdue: int
    age: Decimal  # mean days since they were opened


@dataclass(frozen=True)
class Report:
    name: str
    opened_on: date
    due_on: date
    as_of: date
    squad: str
    filters: str  # in words
    ending: str  # how it ends, and why; empty while it goes on
    visits: Sequence[Asked]
    problems: Sequence[Problem]  # the oldest first
    calendar: Calendar

    @cached_property
    def projects(self) -> list[Asked]:
        return [visit for visit in self.visits if visit.code]

    @cached_property
    def investors(self) -> list[Asked]:
        return [visit for visit in self.visits if not visit.code]

    @cached_property
    def coverage(self) -> list[Coverage]:
        units = dict.fromkeys(visit.unit for visit in self.visits)
        return [_coverage(unit, [visit for visit in self.visits if visit.unit == unit]) for unit in units]

    @cached_property
    def whole(self) -> Coverage:
        return _coverage(_("Total"), self.visits)

    @cached_property
    def unanswered(self) -> list[Asked]:
        open_visits = [visit for visit in self.visits if visit.is_open]
        return sorted(open_visits, key=lambda visit: (visit.due_on, visit.item_id))

    @cached_property
    def closed_otherwise(self) -> list[Asked]:
        """Visits closed without having been made."""
        return [visit for visit in self.visits if not visit.is_open and not visit.is_visited]

    @cached_property
    def outcomes(self) -> list[tuple[str, int]]:
        counts = Counter(visit.outcome for visit in self.projects)
        return [(outcome.label, counts[outcome]) for outcome in VisitOutcome if counts[outcome]]

    @cached_property
    def open_problems(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.closed_on is None]

    @cached_property
    def solved(self) -> list[Problem]:
        """Problems solved in the campaign's time, by day."""
        solved = [problem for problem in self.problems if problem.is_solved]
        return sorted(solved, key=lambda problem: (problem.closed_on or self.as_of, problem.item_id))

    @cached_property
    def solved_in_time(self) -> Rate:
        """Solved by their due dates, of those solved."""
        in_time = sum((problem.closed_on or self.as_of) <= problem.due_on for problem in self.solved)
        return Rate(in_time, len(self.solved))

    @cached_property
    def solved_rate(self) -> Rate:
        """Solved, of all problems that were open in its time."""
        return Rate(len(self.solved), len(self.problems))

    @cached_property
    def by_category(self) -> list[Group]:
        labels = [category.label for category in BlockerCategory]
        return self._groups(labels, lambda problem: problem.category.label)

    @cached_property
    def by_recipient(self) -> list[Group]:
        names = sorted({problem.recipient for problem in self.open_problems})
        return sorted(self._groups(names, lambda problem: problem.recipient), key=lambda group: -group.count)

    @cached_property
    def by_age(self) -> list[Group]:
        between = _("%(first)s to %(last)s days")
        names = [between % {"first": first, "last": last} for first, last in AGES]
        names.append(_("more than %(days)s days") % {"days": AGES[-1][1]})
        return self._groups(names, lambda problem: names[bisect_left(AGES, self.age(problem), key=itemgetter(1))])

    def age(self, problem: Problem) -> int:
        """Days from the opening of a problem to its end, or to the day of the report."""
        return ((problem.closed_on or self.as_of) - problem.opened_on).days

    def late(self, due_on: date) -> int:
        """Working days since a date; 0 if it is not over."""
        return self.calendar.elapsed(due_on, self.as_of)

    def why(self, problem: Problem) -> str:
        asked_on = problem.coordination_asked_on
        reasons = (
            _("on hold: %(why)s") % {"why": problem.hold_reason} if problem.hold_reason else "",
            _("needs coordination since %(day)s") % {"day": asked_on} if asked_on else "",
            _("last reply: %(text)s") % {"text": problem.reply} if problem.reply else "",
            _("extended: %(why)s") % {"why": problem.extension_reason} if problem.extension_reason else "",
        )
        return clauses(reasons) or _("no reason was given")

    def _groups(self, names: Sequence[str], name_of: Callable[[Problem], str]) -> list[Group]:
        members: dict[str, list[Problem]] = {name: [] for name in names}
        for problem in self.open_problems:
            members[name_of(problem)].append(problem)
        return [self._group(name, problems) for name, problems in members.items() if problems]

    def _group(self, name: str, problems: Sequence[Problem]) -> Group:
        overdue = sum(problem.due_on < self.as_of and not problem.hold_reason for problem in problems)
        age = half_up(Decimal(sum(map(self.age, problems))) / len(problems))
        return Group(name, len(problems), overdue, age)


def _coverage(unit: str, visits: Sequence[Asked]) -> Coverage:
    projects = [visit.is_visited for visit in visits if visit.code]
    investors = [visit.is_visited for visit in visits if not visit.code]
    return Coverage(unit, Rate(sum(projects), len(projects)), Rate(sum(investors), len(investors)))
