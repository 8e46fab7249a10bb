"""What a revisit campaign's report is made of: its visits, and its projects' problems."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Blocker, Visit
from models.escalation.escalation import Escalation
from models.ledger.project import LATEST_PROGRESS_FIRST
from models.words import BlockerCategory, ItemResult, Step, VisitOutcome
from tasks.items.requests import is_unanswered
from tasks.ledger.office_time import office_zone

# The highest step of an item, over all its rounds.
HIGHEST = """
SELECT e.item_id, (CAST(:steps AS text[]))[max(array_position(CAST(:steps AS text[]), CAST(e.step AS text)))] AS step
FROM escalation e WHERE e.raised_on <= :day AND e.item_id IN ({items}) GROUP BY e.item_id
"""

# Items on hold at the end of the day, even if resumed since.
HELD = "SELECT item_id, reason FROM pause WHERE from_on <= :day AND (until_on IS NULL OR until_on > :day)"

VISITS = f"""
WITH asked AS (
    SELECT i.*, i.closed_on <= :day AS is_closed
    FROM revisit_visit r JOIN action_item i ON i.id = r.item_id WHERE r.campaign_id = :campaign
), latest AS (
    SELECT DISTINCT ON (project_id) project_id, happened_on, text FROM progress
    WHERE happened_on <= :day AND project_id IN (SELECT project_id FROM asked)
    ORDER BY project_id, {LATEST_PROGRESS_FIRST}
), highest AS ({HIGHEST.format(items="SELECT id FROM asked")})
SELECT i.id, coalesce(p.code, ''), coalesce(p.name, n.name), u.name, coalesce(o.name, ''), coalesce(l.name, ''),
       i.due_on, CASE WHEN i.is_closed THEN i.closed_on END, CASE WHEN i.is_closed THEN i.result END AS result,
       w.item_id IS NOT NULL, v.visited_on, v.outcome, coalesce(v.filled_in_by, ''),
       CASE WHEN p.id IS NULL THEN v.visited_on ELSE t.happened_on END,
       coalesce(CASE WHEN p.id IS NULL THEN v.progress ELSE t.text END, ''), h.step
FROM asked i
JOIN unit u ON u.id = i.unit_id
LEFT JOIN project p ON p.id = i.project_id
LEFT JOIN investor n ON n.id = i.investor_id
LEFT JOIN person o ON o.id = i.owner_id
LEFT JOIN person l ON l.id = i.leader_id
LEFT JOIN visit v ON v.item_id = i.id AND i.is_closed
LEFT JOIN latest t ON t.project_id = p.id
LEFT JOIN ({HELD}) w ON w.item_id = i.id
LEFT JOIN highest h ON h.item_id = i.id
ORDER BY u.id, p.code, n.name, i.id
"""  # noqa: S608 - only words of ours

# Projects that are visited, and all projects of investors that are. Problems closed before the
# campaign was opened are not its own.
PROBLEMS = f"""
WITH asked AS (
    SELECT i.project_id, i.investor_id
    FROM revisit_visit r JOIN action_item i ON i.id = r.item_id WHERE r.campaign_id = :campaign
), about AS (
    SELECT project_id AS id FROM asked WHERE project_id IS NOT NULL
    UNION SELECT p.id FROM project p JOIN asked a ON a.investor_id = p.investor_id
), known AS (
    SELECT i.* FROM action_item i JOIN about ON about.id = i.project_id
    WHERE i.kind = 'blocker' AND i.opened_on <= :day AND (i.closed_on IS NULL OR i.closed_on >= :opened_on)
), replies AS (
    SELECT DISTINCT ON (item_id) item_id, reply FROM escalation
    WHERE reply <> '' AND CAST(timezone(:zone, replied_at) AS date) <= :day AND item_id IN (SELECT id FROM known)
    ORDER BY item_id, replied_at DESC
), extensions AS (
    SELECT DISTINCT ON (item_id) item_id, reason FROM extension
    WHERE item_id IN (SELECT id FROM known) ORDER BY item_id, id DESC
), highest AS ({HIGHEST.format(items="SELECT id FROM known")})
SELECT i.id, p.code, p.name, u.name, b.category, r.name, b.description, b.proposed_solution, b.resolution,
       i.opened_on, i.due_on, CASE WHEN i.closed_on <= :day THEN i.closed_on END,
       CASE WHEN i.closed_on <= :day THEN i.result END AS result, b.coordination_asked_on,
       coalesce(w.reason, ''), coalesce(y.reply, ''), coalesce(x.reason, ''), h.step
FROM known i
JOIN blocker b ON b.item_id = i.id
JOIN project p ON p.id = i.project_id
JOIN unit u ON u.id = p.unit_id
JOIN unit r ON r.id = b.recipient_unit_id
LEFT JOIN ({HELD}) w ON w.item_id = i.id
LEFT JOIN replies y ON y.item_id = i.id
LEFT JOIN extensions x ON x.item_id = i.id
LEFT JOIN highest h ON h.item_id = i.id
ORDER BY i.opened_on, i.id
"""  # noqa: S608 - only words of ours


class Asked(NamedTuple):
    """A visit that counts for the campaign, as it stands on the day of the report."""

    item_id: int
    code: str  # the project's; empty for an investor
    name: str
    unit: str
    officer: str
    leader: str
    due_on: date
    closed_on: date | None
    result: ItemResult | None
    is_paused: bool
    visited_on: date | None
    outcome: VisitOutcome | None
    filled_in_by: str
    latest_on: date | None
    latest: str  # the project's latest progress, or what the investor said
    step: Step | None  # the highest of the ladder that was reached

    @property
    def is_visited(self) -> bool:
        return self.visited_on is not None

    @property
    def is_open(self) -> bool:
        return self.closed_on is None

    @property
    def title(self) -> str:
        return f"{self.code} {self.name}".strip()


class Problem(NamedTuple):
    """A blocker of one of the campaign's projects, as it stands on the day of the report."""

    item_id: int
    code: str
    name: str
    unit: str
    category: BlockerCategory
    recipient: str
    description: str
    proposed_solution: str
    resolution: str
    opened_on: date
    due_on: date
    closed_on: date | None
    result: ItemResult | None
    coordination_asked_on: date | None  # by the day of the report, and not answered
    hold_reason: str
    reply: str  # the latest of the leader or the inspection office
    extension_reason: str
    step: Step | None

    @property
    def is_solved(self) -> bool:
        return self.result is ItemResult.RESOLVED

    @property
    def title(self) -> str:
        return f"{self.code} {self.name}"


def visits_of(session: Session, campaign_id: int, day: date) -> list[Asked]:
    visits = text(VISITS).columns(result=ActionItem.result.type, outcome=Visit.outcome.type, step=Escalation.step.type)
    return list(map(Asked._make, session.execute(visits, {"campaign": campaign_id, "day": day, "steps": list(Step)})))


def problems_of(session: Session, campaign_id: int, opened_on: date, day: date) -> list[Problem]:
    problems = text(PROBLEMS).columns(
        category=Blocker.category.type, result=ActionItem.result.type, step=Escalation.step.type
    )
    values = {"campaign": campaign_id, "opened_on": opened_on, "day": day, "zone": office_zone().key}
    known = list(map(Problem._make, session.execute(problems, values | {"steps": list(Step)})))
    asked = [each.item_id for each in known if each.coordination_asked_on and each.coordination_asked_on <= day]
    waits = is_unanswered(Blocker.item_id, Blocker.coordination_asked_at, day)
    waiting = set(session.scalars(select(Blocker.item_id).where(Blocker.item_id == func.any(asked), waits)))
    return [each if each.item_id in waiting else each._replace(coordination_asked_on=None) for each in known]
