"""Slow landing, counted once more from the raw tables: whom it is about, and day by day where its
days went.
"""

import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

import pandas as pd

from models.campaigns.slow_landing import FIRST_VISIT, Hands, SlowRule
from models.escalation.calendar import official_calendar
from models.words import AT_OFFICE, RAISED, MilestoneKind
from support.recount.tables import Tables, tables

DEFINITION = (MilestoneKind.REGISTERED, MilestoneKind.CONSTRUCTION_STARTED)
CALENDAR = official_calendar(2011, 2015)
Row = dict[str, Any]
Turn = tuple[Hands, date, date | None]


def is_missing(value: object) -> bool:
    """Whether a cell of a table is empty."""
    return value is None or value is pd.NaT


class Raw:
    """The raw tables, and what each project of a cohort had gone through by a day."""

    def __init__(self, day: date, raw: Tables | None = None, signed: tuple[date, date] = (date.min, date.max)) -> None:
        self.day, (self.first, self.last) = day, signed
        raw = raw or tables()
        self.rows: dict[str, list[Row]] = {
            name: [{str(key): value for key, value in row.items()} for row in raw[name].to_dict("records")]
            for name in ("project", "milestone", "action_item", "blocker", "visit", "escalation", "pause")
        }
        self.items = {item["id"]: item for item in self.rows["action_item"]}
        self.of: Callable[[str, int], list[tuple[Row, Row]]] = cache(self._of)
        self.reached: Callable[[int], dict[MilestoneKind, date]] = cache(self._reached)

    def _reached(self, project_id: int) -> dict[MilestoneKind, date]:
        return {
            row["kind"]: row["done_on"]
            for row in self.rows["milestone"]
            if row["project_id"] == project_id
            and row["evidence"].strip()
            and not is_missing(row["done_on"])
            and row["done_on"] <= self.day
        }

    def landed_on(self, project: Row) -> date | None:
        reached = self.reached(project["id"])
        if self.is_out(project) or not set(DEFINITION) <= set(reached):
            return None
        return max(reached[kind] for kind in DEFINITION)

    def is_out(self, project: Row) -> bool:
        return not is_missing(project["exit"]) and project["ended_on"] <= self.day

    def signed(self) -> list[Row]:
        last = min(self.last, self.day)
        return [project for project in self.rows["project"] if self.first <= project["signed_on"] <= last]

    def _of(self, table: str, project_id: int) -> list[tuple[Row, Row]]:
        """Rows of a table about a project's items, each with its item."""
        rows = ((row, self.items[row["item_id"]]) for row in self.rows[table])
        return [(row, item) for row, item in rows if item["project_id"] == project_id]


@cache
def working(first: date, last: date) -> list[date]:
    """The working days after `first` through `last`."""
    return [
        first + timedelta(n) for n in range(1, (last - first).days + 1) if CALENDAR.is_working(first + timedelta(n))
    ]


def behind(raw: Raw, rule: SlowRule) -> tuple[list[Row], int | None]:
    """The projects that are behind, and the limit."""
    took = [len(working(p["signed_on"], landed)) for p in raw.signed() if (landed := raw.landed_on(p))]
    still = [p for p in raw.signed() if not raw.landed_on(p) and not raw.is_out(p)]
    if len(took) < rule.fewest:
        before = (pd.Timestamp(raw.day) - pd.DateOffset(months=rule.months)).date()
        return [p for p in still if p["signed_on"] < before], None
    half = statistics.median_low(took)
    return [p for p in still if len(working(p["signed_on"], raw.day)) > half], half


def reached_in_order(raw: Raw, project: Row) -> list[tuple[date, str]]:
    """What the project has reached by the day, and when; nothing from before its signing."""
    visits = [row["visited_on"] for row, _item in raw.of("visit", project["id"]) if row["visited_on"] <= raw.day]
    things: list[tuple[date, str]] = [(min(visits), FIRST_VISIT)] if visits else []
    things += [(on, kind) for kind, on in raw.reached(project["id"]).items()]
    order: list[str] = [FIRST_VISIT, *MilestoneKind]
    dated = [(max(on, project["signed_on"]), step) for on, step in things]
    return sorted(dated, key=lambda pair: (pair[0], order.index(pair[1])))


def waits_for(raw: Raw, project: Row) -> str:
    """What the project is on its way to at the end of the day."""
    if not reached_in_order(raw, project):
        return FIRST_VISIT
    return next(kind for kind in MilestoneKind if kind in DEFINITION and kind not in raw.reached(project["id"]))


def step_on(raw: Raw, project: Row, day: date) -> str:
    """What the project was on its way to on a day."""
    return next((step for on, step in reached_in_order(raw, project) if day <= on), waits_for(raw, project))


def steps_counted(raw: Raw, slow: list[Row]) -> tuple[Counter[str], Counter[str]]:
    """For each step how many went through it or are in it, and how many are in it now."""
    now = Counter(waits_for(raw, project) for project in slow)
    return now + Counter(step for project in slow for _on, step in reached_in_order(raw, project)), now


def hands_counted(raw: Raw, slow: list[Row]) -> tuple[Counter[Hands], Counter[Hands]]:
    """With whom how many projects were or are, and how many are now."""
    tomorrow = raw.day + timedelta(1)
    now = {project["id"]: hands_on(turns_of(raw, project["id"]), tomorrow) for project in slow}
    ever = {number: {*days, now[number]} for number, days in hands_by_project(raw, slow).items()}
    return Counter(who for hands in ever.values() for who in hands), Counter(now.values())


def turns_of(raw: Raw, project_id: int) -> list[Turn]:
    """From when until when the project was with whom; without an end: still."""
    steps = raw.of("escalation", project_id)
    turns: list[Turn] = [(Hands.HOLD, row["from_on"], row["until_on"]) for row, _item in raw.of("pause", project_id)]
    for row, item in steps:
        ends = [other["raised_on"] for other, its in steps if its is item and after(other, row)]
        ends += [item["closed_on"]] if not is_missing(item["closed_on"]) else []
        ends += [row["replied_at"].tz_convert("Asia/Shanghai").date()] if not is_missing(row["replied_at"]) else []
        if row["step"] in RAISED:
            who = Hands.OFFICE if row["step"] in AT_OFFICE else Hands.LEADER
            turns.append((who, row["raised_on"], min(ends, default=None)))
    return turns


def hands_on(turns: list[Turn], day: date) -> Hands:
    """With whom the project was on a day."""
    now = {who for who, first, last in turns if lies(first, last, day)}
    return next((who for who in (Hands.HOLD, Hands.OFFICE, Hands.LEADER) if who in now), Hands.OWNER)


def after(other: Row, row: Row) -> bool:
    pair = (other["raised_on"], other["id"])
    return bool(pair > (row["raised_on"], row["id"]))


def lies(first: date, last: date | None, day: date) -> bool:
    return first < day and (last is None or is_missing(last) or day <= last)


def steps_by_project(raw: Raw, slow: list[Row]) -> dict[int, Counter[str]]:
    """For each project behind how many working days it spent on its way to what."""
    return {project["id"]: Counter(step_on(raw, project, day) for day in _days(raw, project)) for project in slow}


def hands_by_project(raw: Raw, slow: list[Row]) -> dict[int, Counter[Hands]]:
    """For each project behind how many working days it lay with whom."""
    hands = {}
    for project in slow:
        turns = turns_of(raw, project["id"])
        hands[project["id"]] = Counter(hands_on(turns, day) for day in _days(raw, project))
    return hands


def problems(raw: Raw, slow: list[Row]) -> Iterator[tuple[int, str, int, bool]]:
    """The blockers of the projects behind: the project's number, the category, its working days,
    whether it is open.
    """
    for project in slow:
        for row, item in raw.of("blocker", project["id"]):
            if item["opened_on"] <= raw.day:
                is_open = is_missing(item["closed_on"]) or item["closed_on"] > raw.day
                last = raw.day if is_open else item["closed_on"]
                yield project["id"], row["category"], len(working(item["opened_on"], last)), is_open


def _days(raw: Raw, project: Row) -> list[date]:
    return working(project["signed_on"], raw.day)
