"""The ledger as it stood on the eve of the campaign: projects signed from 2011 on, some landed, some stuck."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from deployments.replay.cast import TEAM
from deployments.replay.course import ORDER, Course, draw_course
from deployments.replay.signing import Signing, spread
from models.calendar import Calendar
from models.words import MilestoneKind, VisitOutcome
from tasks.ledger_rows import BlockerCells, LedgerRow, MilestoneCells

EVIDENCE = {
    MilestoneKind.REGISTERED: "营业执照",
    MilestoneKind.FILED: "项目备案确认书",
    MilestoneKind.CONSTRUCTION_STARTED: "施工许可证、现场照片",
}


@dataclass(frozen=True)
class Cohort:
    """Projects signed within a span: their share of the ledger, and what had become of them by the eve, in per cent."""

    first: date
    last: date
    share: int
    landed: int
    exited: int


def cohorts(eve: date) -> tuple[Cohort, ...]:
    """The years of signing the campaign looks at."""
    return (
        Cohort(date(2011, 1, 1), date(2011, 12, 31), 28, 70, 8),
        Cohort(date(2012, 1, 1), date(2012, 12, 31), 38, 58, 5),
        Cohort(date(2013, 1, 1), eve, 34, 16, 1),
    )


def opening(signing: Signing, calendar: Calendar, eve: date, projects: int, seed: int) -> list[tuple[LedgerRow, Course]]:
    """Every row of the ledger on the eve, with the course its project is on."""
    dice = Random(f"{seed} opening")  # noqa: S311
    found = []
    for cohort in cohorts(eve):
        for number in range(round(projects * cohort.share / 100)):
            signed_on = spread(dice, cohort.first, cohort.last)
            is_bureau = cohort.first.year == 2012 and number < len(TEAM)
            row = signing.of_the_bureau(dice, signed_on, number) if is_bureau else signing.project(dice, signed_on)
            found.append(_stood(dice, row, cohort, calendar, eve))
    return found


def _stood(dice: Random, row: LedgerRow, cohort: Cohort, calendar: Calendar, eve: date) -> tuple[LedgerRow, Course]:
    fate = dice.random() * 100
    reached = _reached(dice, row.signed_on or eve, eve, ORDER if fate < cohort.landed else ORDER[: dice.choice((0, 1, 1, 2, 2))])
    course = draw_course(dice, row.code, row.units, reached)
    row = replace(row, milestones=tuple(MilestoneCells(kind, None, day, EVIDENCE[kind]) for kind, day in reached.items()))
    if len(reached) == len(ORDER):
        return replace(row, claim=VisitOutcome.LANDED, claim_cell="已落地"), course
    if fate > 100 - cohort.exited:
        ended = {"exit_reason": "投资方资金紧张，双方协议解除合同", "ended_on": spread(dice, row.signed_on or eve, eve)}
        return replace(row, claim=VisitOutcome.TERMINATED, claim_cell="已终止", **ended), course
    return _underway(dice, row, course, calendar, eve), course


def _reached(dice: Random, signed_on: date, eve: date, kinds: tuple[MilestoneKind, ...]) -> dict[MilestoneKind, date]:
    """The milestones that were reached by the eve, in order."""
    reached: dict[MilestoneKind, date] = {}
    day = signed_on
    for kind in kinds:
        day += timedelta(dice.randint(15, 60))
        if day > eve:
            break
        reached[kind] = day
    return reached


def _underway(dice: Random, row: LedgerRow, course: Course, calendar: Calendar, eve: date) -> LedgerRow:
    """What is owed on an open project: its next visit, perhaps a known problem and a planned milestone."""
    row = replace(row, visit_due_on=calendar.add(eve, dice.randint(-3, 20) or 1), progress=("正在办理前期手续。",))
    if course.troubles and dice.random() < 0.4:
        trouble = course.troubles[0]
        trouble.after = 0
        due_on = calendar.add(eve, dice.randint(-2, 25) or 1)
        named = BlockerCells(trouble.description, trouble.category, trouble.recipient, trouble.solution, due_on)
        row = replace(row, blockers=(named,))
    ahead = [kind for kind in course.needs if kind is not MilestoneKind.FILED]
    if ahead and dice.random() < 0.35:
        planned = MilestoneCells(ahead[0], planned_on=calendar.add(eve, course.needs[ahead[0]] + dice.randint(-8, 20)))
        row = replace(row, milestones=(*row.milestones, planned))
    return row
