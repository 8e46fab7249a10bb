"""Asks for a campaign's visits, with one statement per step for all of them.

A change to a project or an investor needs its row: once they are locked, their items stay the same.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date
from operator import add
from typing import NamedTuple

from sqlalchemy import Integer, column, func, insert, literal, select, table, text, true
from sqlalchemy.orm import Session

from models.campaigns.revisit import RevisitCampaign, RevisitVisit
from models.i18n import gettext as _
from models.ledger.project import Project
from models.refusal import Refused
from models.words import OPEN_STAGES, ItemKind, Stage
from tasks.items.holds import pause_items
from tasks.items.moving import bring_forward
from tasks.items.next_steps import first_steps
from tasks.items.opening import new_items, opened_items
from tasks.ledger.questions import overtake_items
from tasks.ledger.selection import Selection, filters_of

VISITED_STAGES = (*OPEN_STAGES, Stage.LANDED)  # for a campaign that names no stage

IN_CHARGE = ("project_id", "investor_id", "unit_id", "owner_id", "leader_id")
STAGED_VISIT = table("staged_revisit", *(column(name, Integer) for name in (*IN_CHARGE, "item_id")))

LOCK_INVESTORS = """
SELECT id FROM investor WHERE id IN (SELECT investor_id FROM project WHERE id = ANY(:projects))
ORDER BY id FOR NO KEY UPDATE
"""

STAGED = """
CREATE TEMPORARY TABLE staged_revisit (
    project_id int, investor_id int, unit_id int, owner_id int, leader_id int, item_id int, due_on date, pause_id int
) ON COMMIT DROP
"""

# One visit per project: its open one, or a new one, which waits if the project is on hold.
PROJECTS = """
WITH held AS (
    SELECT DISTINCT ON (i.project_id) i.project_id, w.id
    FROM pause w JOIN action_item i ON i.id = w.item_id
    WHERE w.until_on IS NULL AND i.closed_on IS NULL
    ORDER BY i.project_id, w.id
), asked AS (
    SELECT a.project_id FROM revisit_visit v JOIN action_item a ON a.id = v.item_id WHERE v.campaign_id = :campaign
)
INSERT INTO staged_revisit
SELECT p.id, NULL, p.unit_id, p.officer_id, p.leader_id, i.id, i.due_on, h.id
FROM project p
LEFT JOIN action_item i ON i.project_id = p.id AND i.kind = 'visit' AND i.closed_on IS NULL
LEFT JOIN held h ON h.project_id = p.id
WHERE p.id = ANY(:projects) AND p.stage IN ('signed', 'follow_up')
  AND NOT EXISTS (SELECT FROM asked WHERE asked.project_id = p.id)
ORDER BY p.id
"""

# One visit per investor, by those in charge of the largest selected project; open projects first.
INVESTORS = """
WITH chosen AS (
    SELECT DISTINCT ON (investor_id) investor_id, unit_id, officer_id, leader_id
    FROM project WHERE id = ANY(:projects) AND investor_id IS NOT NULL
    ORDER BY investor_id, stage IN ('signed', 'follow_up') DESC, amount DESC, id
), asked AS (
    SELECT a.investor_id FROM revisit_visit v JOIN action_item a ON a.id = v.item_id WHERE v.campaign_id = :campaign
)
INSERT INTO staged_revisit
SELECT NULL, c.investor_id, c.unit_id, c.officer_id, c.leader_id, i.id, i.due_on, NULL
FROM chosen c
LEFT JOIN action_item i ON i.investor_id = c.investor_id AND i.kind = 'visit' AND i.closed_on IS NULL
WHERE NOT EXISTS (SELECT FROM asked WHERE asked.investor_id = c.investor_id)
ORDER BY c.investor_id
"""

# A visit's own due day is kept if it is later than the campaign's. If the visit is due on the day
# of another open campaign, that campaign has kept it; a visit opened by a campaign has none.
LINK = """
WITH held AS (
    SELECT v.item_id, min(c.due_on) AS due_on, bool_or(v.was_opened) AS was_opened, max(v.former_due_on) AS own_due_on,
           max(v.former_counted_from) AS counted_from, max(v.former_counted_days) AS counted_days
    FROM revisit_visit v JOIN revisit_campaign c ON c.id = v.campaign_id
    WHERE c.closed_on IS NULL AND c.id <> :campaign
    GROUP BY v.item_id
    HAVING bool_or(v.was_opened) OR max(v.former_due_on) IS NOT NULL
), planned AS (
    SELECT s.item_id,
           CASE WHEN h.item_id IS NULL THEN s.due_on WHEN NOT h.was_opened THEN h.own_due_on END AS own_due_on,
           CASE WHEN h.item_id IS NULL THEN i.counted_from ELSE h.counted_from END AS counted_from,
           CASE WHEN h.item_id IS NULL THEN i.counted_days ELSE h.counted_days END AS counted_days
    FROM staged_revisit s
    JOIN action_item i ON i.id = s.item_id
    LEFT JOIN held h ON h.item_id = s.item_id AND h.due_on = s.due_on
)
INSERT INTO revisit_visit (campaign_id, item_id, former_due_on, former_counted_from, former_counted_days, was_opened)
SELECT :campaign, item_id, CASE WHEN own_due_on > :due_on THEN own_due_on END,
       CASE WHEN own_due_on > :due_on THEN counted_from END, CASE WHEN own_due_on > :due_on THEN counted_days END, false
FROM planned ORDER BY item_id
"""

BY_UNIT = """
SELECT u.name,
       count(s.project_id) FILTER (WHERE s.item_id IS NULL),
       count(s.project_id) FILTER (WHERE s.due_on > :due_on),
       count(s.project_id) FILTER (WHERE s.due_on <= :due_on),
       count(s.pause_id),
       count(s.investor_id) FILTER (WHERE s.item_id IS NULL),
       count(s.investor_id) FILTER (WHERE s.due_on > :due_on),
       count(s.investor_id) FILTER (WHERE s.due_on <= :due_on)
FROM staged_revisit s JOIN unit u ON u.id = s.unit_id
GROUP BY u.id ORDER BY u.id
"""

PASSED = """
SELECT count(*) FILTER (WHERE stage NOT IN ('signed', 'follow_up')),
       count(*) FILTER (WHERE investor_id IS NULL)
FROM project WHERE id = ANY(:projects)
"""


@dataclass(frozen=True)
class Line:
    """Visits of a unit that are new to a campaign: opened, brought forward, or due before it."""

    unit: str
    projects_opened: int = 0
    projects_brought_forward: int = 0
    projects_due_before: int = 0
    projects_on_hold: int = 0  # included in the three above
    investors_opened: int = 0
    investors_brought_forward: int = 0
    investors_due_before: int = 0

    @property
    def projects(self) -> int:
        return self.projects_opened + self.projects_brought_forward + self.projects_due_before

    @property
    def investors(self) -> int:
        return self.investors_opened + self.investors_brought_forward + self.investors_due_before

    @property
    def counts(self) -> tuple[int, ...]:
        _unit, *counts = astuple(self)
        return tuple(counts)

    def __add__(self, other: "Line") -> "Line":
        return Line(self.unit, *map(add, self.counts, other.counts))


class Passed(NamedTuple):
    """Selected projects without a visit to the project or to an investor."""

    ended: int  # landed or exited: the project itself is not visited
    without_investor: int


def ask_visits(
    session: Session, campaign: RevisitCampaign, selection: Selection, as_of: date
) -> tuple[list[Line], Passed]:
    """Give the campaign a visit to everybody selected who has none in it; returns these, by unit.

    An open visit is brought forward to the campaign's day, never put off; a missing one is opened.
    Refused when its day is over and visits are still missing.
    """
    projects = _lock(session, selection, campaign)
    values = {"campaign": campaign.id, "projects": projects, "due_on": campaign.due_on, "as_of": as_of}
    session.execute(text(STAGED))
    for is_wanted, statement in ((campaign.visits_projects, PROJECTS), (campaign.visits_investors, INVESTORS)):
        if is_wanted:
            session.execute(text(statement), values)
    session.execute(text("ANALYZE staged_revisit"))
    lines = [Line(*row) for row in session.execute(text(BY_UNIT), values)]
    if lines and as_of > campaign.due_on:
        message = _("The campaign's day %(day)s is over: nobody more can be asked. Open another campaign for the rest.")
        raise Refused(message % {"day": campaign.due_on})
    if lines:
        _ask(session, campaign, projects, values, as_of)
    return lines, Passed(*session.execute(text(PASSED), values).one())


def _lock(session: Session, selection: Selection, campaign: RevisitCampaign) -> Sequence[int]:
    stages = Project.stage.in_(selection.stages or VISITED_STAGES)
    chosen = select(Project.id).where(*filters_of(session, selection), stages).order_by(Project.id)
    projects = list(session.scalars(chosen.with_for_update(of=Project)))
    if campaign.visits_investors:
        session.execute(text(LOCK_INVESTORS), {"projects": projects})
    return projects


def _ask(
    session: Session, campaign: RevisitCampaign, projects: Sequence[int], values: dict[str, object], as_of: date
) -> None:
    open_visits = select(STAGED_VISIT.c.item_id).where(STAGED_VISIT.c.item_id.is_not(None))
    session.execute(text(LINK), values)
    bring_forward(session, open_visits, campaign.due_on, as_of)
    _open(session, campaign, as_of)
    pause_items(session, projects, as_of)
    overtake_items(session, open_visits)  # their forms now name the campaign


def _open(session: Session, campaign: RevisitCampaign, as_of: date) -> None:
    staged = STAGED_VISIT.c
    columns = {name: staged[name] for name in IN_CHARGE}
    days = {"opened_on": literal(as_of), "due_on": literal(campaign.due_on)}
    position = func.row_number().over(order_by=(staged.project_id, staged.investor_id))
    new = new_items(ItemKind.VISIT, columns | days | {"position": position}).where(staged.item_id.is_(None))
    opened = opened_items(new, first_steps(session, [(ItemKind.VISIT, campaign.due_on)])).cte("opened")
    links = select(literal(campaign.id), opened.c.id, true())
    session.execute(insert(RevisitVisit).from_select(("campaign_id", "item_id", "was_opened"), links))
