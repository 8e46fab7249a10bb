"""The ledger on the eve of the campaign: projects signed from 2011 on, some landed, some stuck."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from deployments.replay.city.course import EVIDENCE, Course, Trouble, draw_course
from deployments.replay.city.signing import Signing, spread
from deployments.replay.people.cast import TEAM
from models.escalation.calendar import Calendar
from models.office_files.rows import BlockerCells, LedgerRow, MilestoneCells
from models.words import MilestoneKind, VisitOutcome

Begun = tuple[LedgerRow, Course]  # a project as the ledger has it, and the course it is really on
ORDER = tuple(EVIDENCE)
HAS_A_BLOCKER = 0.4  # how many of the open projects with a problem have it known …
HAS_A_PLAN = 0.35  # … and how many of the open projects have a planned milestone


@dataclass(frozen=True)
class Cohort:
    """Projects signed within a span, in per cent: their share of the ledger, and how they ended."""

    first: date
    last: date
    share: int
    landed: int
    exited: int


EVE = date(2013, 6, 8)
COHORTS = (
    Cohort(date(2011, 1, 1), date(2011, 12, 31), share=28, landed=70, exited=8),
    Cohort(date(2012, 1, 1), date(2012, 12, 31), share=38, landed=58, exited=5),
    Cohort(date(2013, 1, 1), EVE, share=34, landed=16, exited=1),
)


@dataclass(frozen=True)
class Opening:
    """The dice that say how everything stood on the last day before the campaign."""

    calendar: Calendar
    dice: Random

    def projects(self, signing: Signing, count: int) -> Iterator[Begun]:
        """So many projects of all cohorts; the commerce bureau's own are all still to land."""
        for cohort in COHORTS:
            for number in range(round(count * cohort.share / 100)):
                signed_on = spread(self.dice, cohort.first, cohort.last)
                if cohort.first.year == 2012 and number < len(TEAM):
                    yield self._open(signing.of_the_bureau(self.dice, signed_on, number), signed_on)
                else:
                    yield self._stood(signing.project(self.dice, signed_on), signed_on, cohort)

    def _stood(self, row: LedgerRow, signed_on: date, cohort: Cohort) -> Begun:
        fate = self.dice.random() * 100
        if fate >= 100 - cohort.exited:
            why, ended_on = "投资方资金紧张，双方协议解除合同", spread(self.dice, signed_on, EVE)
            ended = replace(row, claim=VisitOutcome.TERMINATED, claim_cell="已终止", exit_reason=why, ended_on=ended_on)
            return ended, self._course(row, {})
        reached = self._reached(signed_on, ORDER)
        if fate < cohort.landed and len(reached) == len(ORDER):
            landed = replace(row, claim=VisitOutcome.LANDED, claim_cell="已落地", milestones=_cells(reached))
            return landed, self._course(row, reached)
        return self._open(row, signed_on)

    def _open(self, row: LedgerRow, signed_on: date) -> Begun:
        """An open project: its next visit, perhaps a known problem and a planned milestone."""
        reached = self._reached(signed_on, ORDER[: self.dice.choice((0, 1, 1, 2, 2))])
        course = self._course(row, reached)
        milestones = _cells(reached)
        is_known = bool(course.troubles) and self.dice.random() < HAS_A_BLOCKER
        blockers = (self._known(course.troubles[0]),) if is_known else ()
        ahead = [kind for kind in course.needs if kind is not MilestoneKind.FILED]
        if ahead and self.dice.random() < HAS_A_PLAN:
            planned_on = self._soon(course.needs[ahead[0]] - 8, course.needs[ahead[0]] + 20)
            milestones += (MilestoneCells(ahead[0], planned_on=planned_on),)
        row = replace(row, progress=("正在办理前期手续。",), visit_due_on=self._soon(-3, 20))
        return replace(row, milestones=milestones, blockers=blockers), course

    def _known(self, trouble: Trouble) -> BlockerCells:
        trouble.after = 0
        due_on = self._soon(-2, 25)
        return BlockerCells(trouble.description, trouble.category, trouble.recipient, trouble.solution, due_on)

    def _soon(self, least: int, most: int) -> date:
        return self.calendar.add(EVE, self.dice.randint(least, most) or 1)

    def _course(self, row: LedgerRow, reached: dict[MilestoneKind, date]) -> Course:
        return draw_course(self.dice, row.code, row.units, reached)

    def _reached(self, signed_on: date, kinds: tuple[MilestoneKind, ...]) -> dict[MilestoneKind, date]:
        """The milestones that were reached by the eve, in order."""
        reached: dict[MilestoneKind, date] = {}
        day = signed_on
        for kind in kinds:
            day += timedelta(self.dice.randint(15, 60))
            if day > EVE:
                break
            reached[kind] = day
        return reached


def _cells(reached: dict[MilestoneKind, date]) -> tuple[MilestoneCells, ...]:
    return tuple(MilestoneCells(kind, None, day, EVIDENCE[kind]) for kind, day in reached.items())
