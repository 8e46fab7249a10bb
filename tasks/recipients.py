"""Who answers for what, read from the ledger."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.organisation import Person, Unit
from models.recipients import Directory


def directory(session: Session, as_of: date) -> Directory:
    """Who answers for what on that day."""
    columns = (Person.id, Person.role, Person.unit_id, Unit.kind.label("unit_kind"))
    delegates = (Person.delegate_id, Person.delegate_from, Person.delegate_until)
    everybody = select(*columns, *delegates).join(Unit, Unit.id == Person.unit_id)
    return Directory(session.connection().execute(everybody), as_of)  # past the ORM: it is asked on every sweep
