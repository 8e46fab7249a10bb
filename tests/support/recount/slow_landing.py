"""Slow landing, counted once more from the raw tables: whom it is about, and day by day where its days went."""

import statistics
from collections import Counter
from datetime import date, timedelta
from functools import cache

import pandas as pd

from models.campaigns.slow_landing import FIRST_VISIT, Hands
from models.escalation.calendar import official_calendar
from models.words import AT_OFFICE, RAISED, MilestoneKind
from support.recount.tables import tables

DEFINITION = (MilestoneKind.REGISTERED, MilestoneKind.CONSTRUCTION_STARTED)
CALENDAR = official_calendar(2011, 2015)


class Raw:
    """The raw tables, and what each project of a cohort had gone through by a day."""

    def __init__(self, day, raw=None, signed=(date.min, date.max)):
        self.day, self.first, self.last = day, *signed
        raw = raw or tables()
        for table in ("project", "milestone", "action_item", "blocker", "visit", "escalation", "pause"):
            setattr(self, table, [row._asdict() for row in raw[table].itertuples()])
        self.items = {item["id"]: item for item in self.action_item}
        self.of, self.reached = cache(self.of), cache(self.reached)

    def reached(self, project_id):
        rows = [row for row in self.milestone if row["project_id"] == project_id]
        return {
            row["kind"]: row["done_on"]
            for row in rows
            if row["evidence"].strip() and not pd.isna(row["done_on"]) and row["done_on"] <= self.day
        }

    def landed_on(self, project):
        reached = self.reached(project["id"])
        if self.is_out(project) or not set(DEFINITION) <= set(reached):
            return None
        return max(reached[kind] for kind in DEFINITION)

    def is_out(self, project):
        return not pd.isna(project["exit"]) and project["ended_on"] <= self.day

    def signed(self):
        return [project for project in self.project if self.first <= project["signed_on"] <= min(self.last, self.day)]

    def of(self, table, project_id):
        """Rows of a table about a project's items."""
        rows = ((row, self.items[row["item_id"]]) for row in getattr(self, table))
        return [(row, item) for row, item in rows if item["project_id"] == project_id]


@cache
def working(first, last):
    """The working days after `first` through `last`."""
    return [
        first + timedelta(n) for n in range(1, (last - first).days + 1) if CALENDAR.is_working(first + timedelta(n))
    ]


def behind(raw, rule):
    """The projects that are behind, and the limit."""
    took = [len(working(p["signed_on"], landed)) for p in raw.signed() if (landed := raw.landed_on(p))]
    still = [p for p in raw.signed() if not raw.landed_on(p) and not raw.is_out(p)]
    if len(took) < rule.fewest:
        before = (pd.Timestamp(raw.day) - pd.DateOffset(months=rule.months)).date()
        return [p for p in still if p["signed_on"] < before], None
    half = statistics.median_low(took)
    return [p for p in still if len(working(p["signed_on"], raw.day)) > half], half


def reached_in_order(raw, project):
    """What the project has reached by the day, and when; nothing from before its signing."""
    visits = [row["visited_on"] for row, _item in raw.of("visit", project["id"]) if row["visited_on"] <= raw.day]
    things = [(min(visits), FIRST_VISIT)] if visits else []
    things += [(on, kind) for kind, on in raw.reached(project["id"]).items()]
    order = [FIRST_VISIT, *MilestoneKind]
    dated = [(max(on, project["signed_on"]), step) for on, step in things]
    return sorted(dated, key=lambda each: (each[0], order.index(each[1])))


def waits_for(raw, project):
    """What the project is on its way to at the end of the day."""
    if not reached_in_order(raw, project):
        return FIRST_VISIT
    return next(kind for kind in MilestoneKind if kind in DEFINITION and kind not in raw.reached(project["id"]))


def step_on(raw, project, day):
    """What the project was on its way to on a day."""
    return next((step for on, step in reached_in_order(raw, project) if day <= on), waits_for(raw, project))


def steps_counted(raw, slow):
    """For each step how many went through it or are in it, and how many are in it now."""
    now = Counter(waits_for(raw, each) for each in slow)
    return now + Counter(step for each in slow for _on, step in reached_in_order(raw, each)), now


def hands_counted(raw, slow):
    """With whom how many projects were or are, and how many are now."""
    now = {each["id"]: hands_on(turns_of(raw, each["id"]), raw.day + timedelta(1)) for each in slow}
    ever = {number: {*days, now[number]} for number, days in hands_by_project(raw, slow).items()}
    return Counter(who for found in ever.values() for who in found), Counter(now.values())


def turns_of(raw, project_id):
    """From when until when the project was with whom; without an end: still."""
    told = raw.of("escalation", project_id)
    found = [(Hands.HOLD, row["from_on"], row["until_on"]) for row, _item in raw.of("pause", project_id)]
    for row, item in told:
        ends = [other["raised_on"] for other, its in told if its is item and after(other, row)]
        ends += [item["closed_on"]] if not pd.isna(item["closed_on"]) else []
        ends += [row["replied_at"].tz_convert("Asia/Shanghai").date()] if not pd.isna(row["replied_at"]) else []
        if row["step"] in RAISED:
            who = Hands.OFFICE if row["step"] in AT_OFFICE else Hands.LEADER
            found.append((who, row["raised_on"], min(ends, default=None)))
    return found


def hands_on(turns, day):
    """With whom the project was on a day."""
    now = {who for who, first, last in turns if lies(first, last, day)}
    return next((who for who in (Hands.HOLD, Hands.OFFICE, Hands.LEADER) if who in now), Hands.OWNER)


def after(other, row):
    return (other["raised_on"], other["id"]) > (row["raised_on"], row["id"])


def lies(first, last, day):
    return first < day and (last is None or pd.isna(last) or day <= last)


def steps_by_project(raw, slow):
    """For each project behind how many working days it spent on its way to what."""
    return {each["id"]: Counter(step_on(raw, each, one) for one in _days(raw, each)) for each in slow}


def hands_by_project(raw, slow):
    """For each project behind how many working days it lay with whom."""
    found = {}
    for each in slow:
        turns = turns_of(raw, each["id"])
        found[each["id"]] = Counter(hands_on(turns, one) for one in _days(raw, each))
    return found


def problems(raw, slow):
    """The blockers of the projects behind: the project's number, the category, its working days, whether it is open."""
    for each in slow:
        for row, item in raw.of("blocker", each["id"]):
            if item["opened_on"] <= raw.day:
                is_open = pd.isna(item["closed_on"]) or item["closed_on"] > raw.day
                last = raw.day if is_open else item["closed_on"]
                yield each["id"], row["category"], len(working(item["opened_on"], last)), is_open


def _days(raw, project):
    return working(project["signed_on"], raw.day)
