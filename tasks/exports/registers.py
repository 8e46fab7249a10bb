"""The sheets of units, people and squads, by which an empty ledger takes the official one in."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.ledger.organisation import Person, Squad, Unit, UnitAlias
from models.office_files.columns import PEOPLE_SHEET, SIDE_SHEETS, SQUAD_SHEET, UNIT_SHEET
from models.office_files.names.names import in_one_cell
from tasks.documents.excel import Book
from tasks.documents.excel_tables import A4, SheetWriter
from tasks.documents.table import Cells
from tasks.exports.columns import register_columns
from tasks.exports.facts import ExportData, NamesById

Rows = Iterable[Cells]


@dataclass
class Named:
    """Who some projects name, by number."""

    units: set[int] = field(default_factory=set)
    people: set[int | None] = field(default_factory=set)
    squads: set[int | None] = field(default_factory=set)

    def add(self, data: ExportData, names: NamesById) -> None:
        project = data.project
        people = {project.officer_id, project.leader_id}
        recipients = {item.recipient_id for item in data.items}
        self.people |= people
        self.squads.add(project.squad_id)
        units = {project.unit_id, *data.co_unit_ids, *recipients, *map(names.unit_of, people)}
        self.units |= {unit for unit in units if unit}


def write_registers(book: Book, session: Session, remark: str, named: Named | None = None) -> None:
    """Everybody the ledger knows, each in their sheet; with `named` only those."""
    write_register(book, UNIT_SHEET, _units(session, named), remark)
    write_register(book, PEOPLE_SHEET, _people(session, named), remark)
    write_register(book, SQUAD_SHEET, _squads(session, named), remark)


def write_register(book: Book, title: str, rows: Rows, remark: str, blank: int = 1) -> SheetWriter[Cells]:
    heading = _("Register: %(sheet)s") % {"sheet": title}
    writer = SheetWriter(book, title, register_columns(SIDE_SHEETS[title]), heading, remark, is_register=True)
    for row in rows:
        writer.add(row)
    writer.finish(A4, blank=blank)
    return writer


def _units(session: Session, named: Named | None) -> Rows:
    aliases: dict[int, list[str]] = {}
    for name, unit_id in session.execute(select(UnitAlias.name, UnitAlias.unit_id).order_by(UnitAlias.name)):
        aliases.setdefault(unit_id, []).append(name)
    for number, name, kind in session.execute(select(Unit.id, Unit.name, Unit.kind).order_by(Unit.id)):
        if named is None or number in named.units:
            yield {"name": name, "kind": kind.label, "aliases": in_one_cell(aliases.get(number, []))}


def _people(session: Session, named: Named | None) -> Rows:
    units = dict(session.execute(select(Unit.id, Unit.name)).all())
    everybody = select(Person.id, Person.name, Person.role, Person.unit_id, Person.channels, Person.looks_after)
    for number, name, role, unit, channels, looks_after in session.execute(everybody.order_by(Person.id)):
        if named is None or number in named.people:
            cells = {"name": name, "role": role.label, "unit": units[unit], "channels": in_one_cell(channels)}
            yield cells | {"looks_after": in_one_cell(units[looked_after] for looked_after in looks_after)}


def _squads(session: Session, named: Named | None) -> Rows:
    for number, name in session.execute(select(Squad.id, Squad.name).order_by(Squad.id)):
        if named is None or number in named.squads:
            yield {"name": name}
