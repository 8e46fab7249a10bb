"""Events as Prefect takes them: of whom they speak by name, what they say in numbers and words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.campaigns.revisit import RevisitCampaign
from models.events.catalogue import COUNTS, EVENTS, WORDS
from models.events.outbox import OutboxEvent
from models.i18n import clauses, of_each
from models.i18n import gettext as _
from models.ledger.organisation import Person, Unit
from models.ledger.project import Investor, Project

Resource = dict[str, str]
ID, NAME, ROLE = "prefect.resource.id", "prefect.resource.name", "prefect.resource.role"


@dataclass(frozen=True)
class Named:
    """Those the events speak of, by their numbers."""

    projects: Mapping[int, Project]
    investors: Mapping[int, Investor]
    units: Mapping[int, Unit]
    people: Mapping[int, Person]
    campaigns: Mapping[int, RevisitCampaign]


def described(session: Session, rows: Sequence[OutboxEvent]) -> list[dict[str, Any]]:
    """The events of the rows, in the office's language; who is gone is named by number."""
    named = _named(session, rows)
    return [_described(row, named) for row in rows]


def _named(session: Session, rows: Sequence[OutboxEvent]) -> Named:
    projects = _by_id(session, Project, (row.project_id for row in rows))
    leaders = [project.leader_id for project in projects.values()]
    units = [project.unit_id for project in projects.values()]
    return Named(
        projects,
        _by_id(session, Investor, (row.investor_id for row in rows)),
        _by_id(session, Unit, (*units, *(row.unit_id for row in rows))),
        _by_id(session, Person, (*leaders, *(row.leader_id for row in rows))),
        _by_id(session, RevisitCampaign, (row.payload.get("campaign_id") for row in rows)),
    )


def _by_id(session: Session, table: Any, numbers: Iterable[int | None]) -> dict[int, Any]:
    wanted = {number for number in numbers if number is not None}
    if not wanted:
        return {}
    options = [joinedload(Person.unit)] if table is Person else []
    return {row.id: row for row in session.scalars(select(table).where(table.id.in_(wanted)).options(*options))}


def _described(row: OutboxEvent, named: Named) -> dict[str, Any]:
    kind = EVENTS[row.name]
    said = {name: row.payload.get(name) for name in kind.payload}
    words = [WORDS[name](value).label for name, value in said.items() if name in WORDS and value]
    words += [_(COUNTS[name]) % {"count": value} for name, value in said.items() if name in COUNTS and value]
    return {
        "id": str(row.event_id),
        "occurred": row.occurred_at.isoformat(),
        "event": row.name,
        "resource": ABOUT[kind.about](row, named) if kind.about else _subject(row, named),
        "related": _related(row, named),
        "payload": {**said, "summary": of_each(_(kind.label), clauses(words)) if words else _(kind.label)},
    }


def _subject(row: OutboxEvent, named: Named) -> Resource:
    if row.project_id is not None:
        project = named.projects.get(row.project_id)
        return _resource("project", row.project_id, project.title if project else "")
    if row.investor_id is not None:
        investor = named.investors.get(row.investor_id)
        return _resource("investor", row.investor_id, investor.name if investor else "")
    unit = named.units.get(row.unit_id or 0)
    return _resource("unit", row.unit_id, unit.name if unit else "")


def _related(row: OutboxEvent, named: Named) -> list[Resource]:
    """The unit that owes something, the unit of the project if it is another, and the leader."""
    project = named.projects.get(row.project_id or 0)
    numbers = dict.fromkeys((row.unit_id, project.unit_id if project else None))
    units = [named.units[number] for number in numbers if number and number in named.units]
    leader = named.people.get(row.leader_id or (project.leader_id if project else None) or 0)
    related = [_resource("unit", unit.id, unit.name) | {ROLE: "unit"} for unit in units]
    return related + ([_resource("person", leader.id, leader.name) | {ROLE: "leader"}] if leader else [])


def _resource(kind: str, number: object, name: str) -> Resource:
    return {ID: f"luodi.{kind}.{number}", NAME: name or str(number)}


def _bulletin(row: OutboxEvent, _named: Named) -> Resource:
    name = _("Weekly bulletin No. %(number)s of %(year)s") % row.payload
    return _resource("bulletin", row.payload["bulletin_id"], name)


def _campaign(row: OutboxEvent, named: Named) -> Resource:
    number = row.payload["campaign_id"]
    campaign = named.campaigns.get(number)
    return _resource("campaign", number, campaign.name if campaign else "")


def _sweep(row: OutboxEvent, _named: Named) -> Resource:
    number = row.payload["sweep_id"]
    return _resource("sweep", number, _("Sweep No. %(id)s") % {"id": number})


def _ledger(row: OutboxEvent, _named: Named) -> Resource:
    """With counts as labels: an automation can ask for files by which a project has landed."""
    counts = {f"luodi.{name}": str(row.payload[name]) for name in COUNTS}
    return {ID: "luodi.ledger", NAME: _("Ledger of projects"), **counts}


ABOUT: Mapping[str, Callable[[OutboxEvent, Named], Resource]] = {
    "bulletin": _bulletin,
    "campaign": _campaign,
    "sweep": _sweep,
    "ledger": _ledger,
}
