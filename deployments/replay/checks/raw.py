"""The ledger's raw tables, read for checks that share no code with what they check."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import pandas as pd
from sqlalchemy import text

from tasks.database import snapshot

TABLES = {
    "project": "SELECT id, code, stage, exit, ended_on, signed_on, amount, sector, unit_id, officer_id FROM project",
    "milestone": "SELECT project_id, kind, done_on, evidence FROM milestone",
    "item": """
        SELECT id, kind, project_id, unit_id, owner_id, leader_id, opened_on, due_on, promised_on, closed_on, result,
               is_paused, round, entry_step, resumed_step, begins_on, fired_step, fired_on, unheard_since, next_step
        FROM action_item""",
    "escalation": """
        SELECT id, item_id, round, step, raised_on, due_on, document_no, recipient_id, acknowledged_at, replied_at
        FROM escalation""",
    "pause": "SELECT item_id FROM pause WHERE until_on IS NULL",
    "visit": "SELECT visited_on FROM visit",
    "blocker": "SELECT item_id, category, recipient_unit_id, coordination_asked_on FROM blocker",
    "unit": "SELECT id, name, kind FROM unit",
    "person": "SELECT p.id, p.role, p.unit_id, u.kind FROM person p JOIN unit u ON u.id = p.unit_id ORDER BY p.id",
    "campaign": """
        SELECT landing_definition, starts_on, ends_on FROM campaign WHERE id IN (SELECT campaign_id FROM target)""",
    "target": """
        SELECT id, name, measure, signed_from, signed_until, amount_from, sector, unit_id, each_county
        FROM target ORDER BY position, id""",
    "revisit": """
        SELECT c.name, c.closed_on, c.is_cancelled, v.was_opened, i.project_id, i.closed_on IS NULL AS is_open,
               t.visited_on
        FROM revisit_visit v JOIN revisit_campaign c ON c.id = v.campaign_id JOIN action_item i ON i.id = v.item_id
        LEFT JOIN visit t ON t.item_id = i.id""",
    "waiting": "SELECT id FROM notice WHERE delivery_id IS NULL AND dropped_at IS NULL",
}
Raw = dict[str, pd.DataFrame]  # tables by name; their cells are plain values, empty ones None


def read_raw() -> Raw:
    """Read every table the checks look at in one snapshot."""
    raw: Raw = {}
    with snapshot() as session:
        for name, statement in TABLES.items():
            rows = session.execute(text(statement))
            raw[name] = pd.DataFrame(rows.all(), columns=list(rows.keys()), dtype=object)
    return raw


def rows(table: pd.DataFrame, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return table[list(columns)].itertuples(index=False, name=None)


class Workdays:
    """Working days, counted by walking over the calendar a day at a time."""

    def __init__(self) -> None:
        with snapshot() as session:
            self._working = set(session.scalars(text("SELECT day FROM workday WHERE is_working")))
        self.after = lru_cache(maxsize=None)(self._after)

    def is_working(self, day: date) -> bool:
        return day in self._working

    def between(self, first: date, last: date) -> int:
        """How many working days lie from the first through the last."""
        return sum(self.is_working(date.fromordinal(day)) for day in range(first.toordinal(), last.toordinal() + 1))

    def _after(self, day: date, count: int) -> date:
        """The working day so many after a day, or before it when `count` is below zero."""
        step = timedelta(1 if count > 0 else -1)
        for _number in range(abs(count)):
            day += step
            while day not in self._working:
                day += step
        return day
