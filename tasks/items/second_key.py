"""The second key: what reached the inspection office is done only when the office has verified it (两把钥匙、销号)."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.words import ItemKind
from tasks.items.next_steps import set_next_step, set_next_steps
from tasks.items.open_items import current_policy
from tasks.items.recipients import directory
from tasks.ledger.workdays import calendar_around

OF_PROJECTS = """
JOIN project p ON p.id = i.project_id
WHERE i.project_id = ANY(:projects) AND p.stage IN ('signed', 'follow_up')"""
OF_INVESTOR = "WHERE i.investor_id = :investor"

FINISHED = """
SELECT i.id
FROM action_item i {of}
  AND i.kind <> 'verify' AND i.result IN ('done', 'resolved')
  AND EXISTS (SELECT FROM escalation e WHERE e.item_id = i.id
              AND e.step IN ('office', 'office_repeat_1', 'office_repeat_2', 'office_repeat_3'))
  AND NOT EXISTS (SELECT FROM action_item v WHERE v.verifies_id = i.id
                  AND (v.result IS DISTINCT FROM 'not_verified' OR i.kind = 'visit'))
ORDER BY i.id
"""  # what was not verified was opened again, but for a visit: the next one took its place

VERIFICATIONS = """
INSERT INTO action_item (kind, project_id, investor_id, verifies_id, unit_id, owner_id, opened_on, due_on)
SELECT 'verify', i.project_id, i.investor_id, i.id, coalesce(:office, i.unit_id), :inspector, :as_of, :due_on
FROM action_item i WHERE i.id = ANY(:items) ORDER BY i.id
"""

TOLD = """
INSERT INTO notice (escalation_id, recipient_id, occasion)
SELECT max(e.id), :inspector, 'verify' FROM escalation e WHERE e.item_id = ANY(:items) GROUP BY e.item_id
ON CONFLICT (escalation_id, recipient_id, occasion) DO UPDATE SET delivery_id = NULL, dropped_at = NULL
"""


def ask_verification(session: Session, projects: Sequence[int], as_of: date) -> list[ActionItem]:
    """Open a verification for each item of those projects that is reported done, was at the office, and has none.

    Nothing is verified on a project that has ended: its end was proven, or it was given up. Returns the new items.
    """
    session.flush()
    finished = list(session.scalars(text(FINISHED.format(of=OF_PROJECTS)), {"projects": list(projects)}))
    if not finished:
        return []
    _open(session, finished, as_of)
    set_next_steps(session, projects)
    return _opened(session, finished)


def ask_investor_verification(session: Session, investor_id: int, as_of: date) -> None:
    """Open a verification for each visit to that investor that is reported done, was at the office, and has none."""
    session.flush()
    finished = list(session.scalars(text(FINISHED.format(of=OF_INVESTOR)), {"investor": investor_id}))
    if finished:
        _open(session, finished, as_of)
        set_next_step(session, *_opened(session, finished))


def _open(session: Session, finished: Sequence[int], as_of: date) -> None:
    """Open the verifications and tell the inspector; their next steps are set after."""
    who, within = directory(session, as_of), current_policy(session, ItemKind.VERIFY).verify_within
    given = {
        "items": list(finished),
        "office": who.inspection_office_id,
        "inspector": who.inspector_id,
        "as_of": as_of,
        "due_on": calendar_around(session, as_of).add(as_of, within),
    }
    session.execute(text(VERIFICATIONS), given)
    if inspector := who.inspector:
        session.execute(text(TOLD), {"items": list(finished), "inspector": inspector.person_id})


def _opened(session: Session, finished: Sequence[int]) -> list[ActionItem]:
    owed = ActionItem.verifies_id == func.any(list(finished))
    opened = select(ActionItem).where(owed, ActionItem.closed_on.is_(None))
    return list(session.scalars(opened))
