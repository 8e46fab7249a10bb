"""Units that a person adds by a form: new ones, or another name of one that the ledger knows."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from models.i18n import gettext as _
from models.ledger.organisation import Unit, UnitAlias
from models.office_files.columns import LONGEST_NAME
from models.office_files.names.names import clean_name
from models.refusal import Refused
from models.words import UnitKind
from tasks.database import transaction


class UnitRefused(Refused):
    """A unit cannot be added: it has no name, one that another unit has, or is of another kind."""


def known_units() -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(Unit.name).order_by(Unit.name)))


def add_unit(name: str, kind: UnitKind, *, actor: str) -> None:
    """Add a unit to the ledger; the same one twice changes nothing."""
    with transaction(actor, actor) as session:
        name = _checked(name)
        if session.scalar(select(UnitAlias.unit_id).where(UnitAlias.name == name)):
            raise UnitRefused(_taken(name))
        known = session.scalar(select(Unit.kind).where(Unit.name == name))
        if known not in (None, kind):
            reason = _("The ledger knows “%(name)s” already, as this: %(kind)s. It stays what it is.")
            raise UnitRefused(reason % {"name": name, "kind": known.label})
        session.execute(insert(Unit).values(name=name, kind=kind).on_conflict_do_nothing())


def add_alias(name: str, unit: str, *, actor: str) -> None:
    """Add another name of a unit."""
    with transaction(actor, actor) as session:
        name = _checked(name)
        unit_id = session.scalar(select(Unit.id).where(Unit.name == unit))
        if unit_id is None:
            raise UnitRefused(_("The ledger knows no unit “%(name)s”.") % {"name": unit})
        owner = session.scalar(select(UnitAlias.unit_id).where(UnitAlias.name == name))
        if session.scalar(select(Unit.id).where(Unit.name == name)) or owner not in (None, unit_id):
            raise UnitRefused(_taken(name))
        session.execute(insert(UnitAlias).values(name=name, unit_id=unit_id).on_conflict_do_nothing())


def _checked(name: str) -> str:
    cleaned = clean_name(name)
    if not cleaned:
        raise UnitRefused(_("The name is empty: fill it in."))
    if len(cleaned) > LONGEST_NAME:
        raise UnitRefused(_("A name or a code has at most %(count)s characters.") % {"count": LONGEST_NAME})
    return cleaned


def _taken(name: str) -> str:
    return _("“%(name)s” is a name of another unit already: a name belongs to one unit.") % {"name": name}
