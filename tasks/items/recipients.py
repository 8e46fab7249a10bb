"""Who answers for what, read from the ledger."""

from datetime import date

from sqlalchemy import case, select
from sqlalchemy.orm import Session, aliased

from models.escalation.action_item import ActionItem
from models.escalation.recipients import Staff, StaffOnDay
from models.ledger.organisation import Person, Unit
from models.words import Role

_VERIFIED = aliased(ActionItem)
_UNIT_OF_VERIFIED = select(_VERIFIED.unit_id).where(_VERIFIED.id == ActionItem.verifies_id).scalar_subquery()
# What the rules read of an item besides its kind.
IN_CHARGE = (
    ActionItem.owner_id,
    ActionItem.leader_id,
    ActionItem.unit_id,
    case((ActionItem.verifies_id.is_not(None), _UNIT_OF_VERIFIED), else_=ActionItem.unit_id).label("inspected_unit_id"),
)


def staff_on(session: Session, day: date) -> StaffOnDay:
    """The leaders and inspectors of that day, and officers who have a delegate."""
    columns = (Person.id, Person.role, Person.unit_id, Unit.kind)
    delegates = (Person.delegate_id, Person.delegate_from, Person.delegate_until, Person.looks_after)
    needed = Person.role.in_((Role.LEADER, Role.INSPECTOR)) | Person.delegate_id.is_not(None)
    rows = select(*columns, *delegates).join(Unit, Unit.id == Person.unit_id).where(needed)
    return StaffOnDay(map(Staff._make, session.connection().execute(rows)), day)  # past the ORM: every sweep asks
