"""Who answers for what, read from the ledger."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.escalation.recipients import Directory
from models.ledger.organisation import Person, Unit
from models.words import Role


def directory(session: Session, as_of: date) -> Directory:
    """Who answers for what on that day. Whoever only owes something, and is never away, need not be looked up."""
    columns = (Person.id, Person.role, Person.unit_id, Unit.kind.label("unit_kind"))
    delegates = (Person.delegate_id, Person.delegate_from, Person.delegate_until)
    asked = Person.role.in_((Role.LEADER, Role.INSPECTOR)) | Person.delegate_id.is_not(None)
    everybody = select(*columns, *delegates).join(Unit, Unit.id == Person.unit_id).where(asked)
    return Directory(session.connection().execute(everybody).all(), as_of)  # past the ORM: it is asked on every sweep
