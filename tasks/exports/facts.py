"""Reads the projects of the official ledger, some hundreds at a time: memory stays the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, TypeVarTuple

from sqlalchemy import Row, Select, SQLColumnExpression, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Blocker
from models.escalation.traffic_light import Light
from models.ledger.organisation import Person, Squad, Unit
from models.ledger.project import (
    CapitalEvent,
    Investor,
    Milestone,
    Progress,
    Project,
    latest_progress_first,
    project_co_unit,
)
from models.words import BlockerCategory, ItemKind, MilestoneKind, Step
from tasks.imports.entering.roster import Roster, with_unit
from tasks.items.lights import current_lights

Columns = TypeVarTuple("Columns")
BATCH = 500  # projects read at a time


class Item(NamedTuple):
    id: int
    kind: ItemKind
    due_on: date
    promised_on: date | None
    fired_step: Step | None
    is_paused: bool
    milestone: MilestoneKind | None
    category: BlockerCategory | None
    recipient_id: int | None
    description: str | None
    solution: str | None


@dataclass
class ExportData:
    project: Row[*tuple[Any, ...]]
    co_unit_ids: list[int] = field(default_factory=list)
    milestones: dict[MilestoneKind, Row[*tuple[Any, ...]]] = field(default_factory=dict)
    capital: list[Row[*tuple[Any, ...]]] = field(default_factory=list)
    progress: str = ""
    items: list[Item] = field(default_factory=list)
    light: Light | None = None  # None for a project that has ended

    def blockers(self) -> list[Item]:
        """Its open problems; of those with one text the latest, which an import takes for all."""
        by_age = sorted(self.items, key=lambda item: item.id)
        return list({item.description: item for item in by_age if item.kind is ItemKind.BLOCKER}.values())

    def visit_due_on(self) -> date | None:
        return next((item.due_on for item in self.items if item.kind is ItemKind.VISIT), None)


class NamesById:
    def __init__(self, session: Session) -> None:
        self.units = dict(session.execute(select(Unit.id, Unit.name)).all())
        self.squads = dict(session.execute(select(Squad.id, Squad.name)).all())
        people = session.execute(select(Person.id, Person.name, Person.unit_id))
        self._people = {number: (name, unit_id) for number, name, unit_id in people}
        self._roster = Roster(session)

    def unit_of(self, number: int | None) -> int | None:
        return self._people[number][1] if number else None

    def person(self, number: int | None, unit_id: int) -> str:
        """A person's name, with the unit if the name alone means somebody else there."""
        if number is None:
            return ""
        name, own = self._people[number]
        return name if self._roster.find(name, unit_id) == number else with_unit(self.units[own], name)


def data_of(session: Session, ids: Sequence[int], as_of: date) -> Iterator[ExportData]:
    lights = current_lights(session, ids, as_of)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        projects = _read(session, batch)
        for number in batch:
            projects[number].light = lights.get(number)
            yield projects[number]


def _read(session: Session, ids: Sequence[int]) -> dict[int, ExportData]:
    projects = {project.id: ExportData(project) for project in session.execute(_of(PROJECTS, Project.id, ids))}
    for number, unit_id in session.execute(_of(CO_UNITS, project_co_unit.c.project_id, ids)):
        if unit_id != projects[number].project.unit_id:
            projects[number].co_unit_ids.append(unit_id)
    for milestone in session.execute(_of(MILESTONES, Milestone.project_id, ids)):
        projects[milestone.project_id].milestones[milestone.kind] = milestone
    for event in session.execute(_of(CAPITAL, CapitalEvent.project_id, ids)):
        projects[event.project_id].capital.append(event)
    for number, text in session.execute(_of(PROGRESS, Progress.project_id, ids)):
        projects[number].progress = text
    for number, *item in session.execute(_of(ITEMS, ActionItem.project_id, ids)):
        projects[number].items.append(Item(*item))
    return projects


def _of(query: Select[*Columns], column: SQLColumnExpression[Any], ids: Sequence[int]) -> Select[*Columns]:
    return query.where(column == func.any(list(ids)))


PROJECTS = select(Project.__table__, Investor.name.label("investor"), Investor.registered_in).outerjoin(Investor)
CO_UNITS = select(project_co_unit.c.project_id, project_co_unit.c.unit_id).order_by(project_co_unit.c.unit_id)
MILESTONES = select(Milestone.__table__).order_by(Milestone.id)
PROOFS = func.string_agg(func.nullif(CapitalEvent.evidence, ""), aggregate_order_by(literal("；"), CapitalEvent.id))
CAPITAL = (
    select(
        CapitalEvent.project_id,
        CapitalEvent.kind,
        CapitalEvent.happened_on,
        CapitalEvent.currency,
        func.sum(CapitalEvent.amount).label("amount"),
        PROOFS.label("evidence"),
    )
    .group_by(CapitalEvent.project_id, CapitalEvent.kind, CapitalEvent.happened_on, CapitalEvent.currency)
    .order_by(CapitalEvent.project_id, CapitalEvent.kind, CapitalEvent.happened_on)
)
PROGRESS = (
    select(Progress.project_id, Progress.text)
    .ext(distinct_on(Progress.project_id))
    .order_by(Progress.project_id, *latest_progress_first())
)
ITEMS = (
    select(
        ActionItem.project_id,
        ActionItem.id,
        ActionItem.kind,
        ActionItem.due_on,
        ActionItem.promised_on,
        ActionItem.fired_step,
        ActionItem.is_paused,
        Milestone.kind,
        Blocker.category,
        Blocker.recipient_unit_id,
        Blocker.description,
        Blocker.proposed_solution,
    )
    .outerjoin_from(ActionItem, Blocker, Blocker.item_id == ActionItem.id)
    .outerjoin(Milestone, Milestone.id == ActionItem.milestone_id)
    .where(ActionItem.closed_on.is_(None))
    .order_by(ActionItem.due_on, ActionItem.id)
)


def extra_headers(session: Session, ids: Sequence[int]) -> list[str]:
    """The headers of the offices' own columns in which one of those projects has a cell."""
    key = func.jsonb_object_keys(Project.extra).label("header")
    return list(session.scalars(select(key).distinct().where(Project.id == func.any(list(ids))).order_by(key)))
