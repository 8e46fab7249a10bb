"""Finds projects, units, people, squads and campaigns by what people call them, or refuses."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from models.campaigns.campaign import Campaign
from models.i18n import gettext as _
from models.ledger.organisation import Person, Squad, Unit, UnitAlias
from models.ledger.project import Project
from models.refusal import Refused


def project_by_code(session: Session, code: str) -> Project:
    """The project of that code; `Refused` when there is none: the text says how codes look here."""
    project = session.scalars(select(Project).where(Project.code == code.strip())).one_or_none()
    if project is None:
        example = session.scalar(select(func.min(Project.code))) or ""
        problem = _("There is no project with the code “%(code)s”. Codes look like “%(example)s”.")
        raise Refused(problem % {"code": code, "example": example})
    return project


def campaigns(session: Session) -> list[Campaign]:
    return list(session.scalars(select(Campaign)))


def unit_named(session: Session, name: str) -> Unit:
    """The unit of that name or alias; `Refused` when the ledger knows no such unit."""
    by_alias = select(UnitAlias.unit_id).where(UnitAlias.name == name)
    unit = session.scalars(select(Unit).where((Unit.name == name) | Unit.id.in_(by_alias))).first()
    if unit is None:
        raise Refused(_("The ledger knows no unit “%(name)s”.") % {"name": name})
    return unit


def unit_names(session: Session) -> list[str]:
    return list(session.scalars(select(Unit.name).order_by(Unit.id)))


def person_choice(person: Person | None) -> str:
    """How a person is offered in a form: unit and name; empty for nobody."""
    return f"{person.unit.name} · {person.name}" if person else ""


def people(session: Session) -> dict[str, Person]:
    """Everybody, by the choice that offers them in a form."""
    everybody = session.scalars(select(Person).options(selectinload(Person.unit)).order_by(Person.unit_id, Person.id))
    return {person_choice(person): person for person in everybody}


def squad_names(session: Session) -> list[str]:
    return list(session.scalars(select(Squad.name).order_by(Squad.id)))
