"""What reached the inspection office is done once the office verifies it (两把钥匙、销号)."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from models.escalation.action_item import ActionItem, Pause
from models.escalation.escalation import Escalation
from models.escalation.recipients import StaffOnDay
from models.ledger.project import Project
from models.words import AT_OFFICE, OPEN_STAGES, ItemKind, ItemResult, Occasion
from tasks.items.campaign_numbers import days_ahead
from tasks.items.holds import pause_items
from tasks.items.next_steps import first_steps
from tasks.items.opening import new_items, opened_items
from tasks.items.recipients import staff_on
from tasks.items.statements import change_items
from tasks.items.telling import tell_all


def ask_verification(session: Session, projects: Sequence[int], as_of: date, hold: Pause | None = None) -> None:
    """Open a verification for each item of those projects that is reported done and needs one.

    Nothing is verified on a project that has ended: its end was proven, or it was given up. `hold`
    is as in `pause_items`.
    """
    on_open_project = select(Project.id).where(Project.id == func.any(list(projects)), Project.stage.in_(OPEN_STAGES))
    if _ask(session, ActionItem.project_id.in_(on_open_project), as_of):
        pause_items(session, projects, as_of, hold)


def ask_investor_verification(session: Session, investor_id: int, as_of: date) -> None:
    _ask(session, ActionItem.investor_id == investor_id, as_of)


def _ask(session: Session, which: ColumnElement[bool], as_of: date) -> bool:
    """Open the verifications and tell the inspectors; whether there are any."""
    session.flush()
    unverified = select(ActionItem.id, ActionItem.unit_id).where(which, *_is_unverified()).order_by(ActionItem.id)
    units = dict(session.execute(unverified).all())
    finished = list(units)
    if not finished:
        return False
    staff, days = staff_on(session, as_of), days_ahead(session, ItemKind.VERIFY, "verify_within", as_of)
    verification = {
        "project_id": ActionItem.project_id,
        "investor_id": ActionItem.investor_id,
        "verifies_id": ActionItem.id,
        "unit_id": func.coalesce(staff.inspection_office_id, ActionItem.unit_id),
        "owner_id": _inspector(staff, set(units.values())),
        "opened_on": literal(as_of),
        **days.columns(ActionItem.project_id),
        "position": ActionItem.id,
    }
    are_finished = ActionItem.id == func.any(finished)
    new = new_items(ItemKind.VERIFY, verification).where(are_finished)
    change_items(
        session, opened_items(new, first_steps(session, [(ItemKind.VERIFY, day) for day in set(days.days.values())]))
    )
    for unit_id in set(units.values()):
        theirs = [item_id for item_id, unit in units.items() if unit == unit_id]
        last = select(func.max(Escalation.id)).where(Escalation.item_id == func.any(theirs))
        people = [recipient.person_id for recipient in staff.reach_inspectors(unit_id)]
        tell_all(session, people, last.group_by(Escalation.item_id), Occasion.VERIFY)
    return True


def _inspector(staff: StaffOnDay, units: set[int]) -> ColumnElement[int | None]:
    """The inspector of each unit; nobody where there are several, who all hear then."""
    of_units = {unit_id: staff.inspectors_of(unit_id) for unit_id in units}
    alone = {unit_id: literal(people[0]) for unit_id, people in of_units.items() if len(people) == 1}
    nobody = literal(None, ActionItem.owner_id.type)
    return case(alone, value=ActionItem.unit_id, else_=nobody) if alone else nobody


def _is_unverified() -> Sequence[ColumnElement[bool]]:
    """Reported done, was at the office, and neither verified nor to be verified.

    What was not verified was opened again, except a visit: the next one took its place.
    """
    verification = aliased(ActionItem)
    counts = or_(verification.result.is_distinct_from(ItemResult.NOT_VERIFIED), ActionItem.kind == ItemKind.VISIT)
    return (
        ActionItem.kind != ItemKind.VERIFY,
        ActionItem.result.in_((ItemResult.DONE, ItemResult.RESOLVED)),
        exists().where(Escalation.item_id == ActionItem.id, Escalation.step.in_(AT_OFFICE)),
        ~exists().where(verification.verifies_id == ActionItem.id, counts),
    )
