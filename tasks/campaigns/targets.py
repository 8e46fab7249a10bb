"""How a campaign's targets stand on a day, counted in one statement."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.campaigns.attainment import Attainment
from models.campaigns.campaign import Campaign
from models.campaigns.clock import CampaignClock
from models.campaigns.target import Target, cohort, counts, is_part_of
from models.ledger.organisation import Person
from models.words import MilestoneKind, UnitKind
from tasks.ledger.as_of import as_known, projects_as_of, units_as_known
from tasks.ledger.current_campaign import clock_on, targets_of


@dataclass(frozen=True)
class OfUnit:
    """What a unit has of a target; without id and name: the whole city."""

    unit_id: int | None
    unit: str
    attained: Attainment


@dataclass(frozen=True)
class OfLeader:
    """A leader's projects among those a target is about; without id: projects without a leader."""

    leader_id: int | None
    leader: str
    unit: str  # the leader's own
    attained: Attainment  # counted against the goal of all leaders together


@dataclass(frozen=True)
class TargetStanding:
    """A target as it stands: one line, or one for each county."""

    target: Target
    clock: CampaignClock | None  # None without an end: then nothing is behind
    units: Sequence[OfUnit]
    leaders: Sequence[OfLeader]  # most projects first; empty unless the target is split

    @property
    def total(self) -> Attainment:
        """All lines summed; for counties it does not say whether each has reached the goal."""
        return sum((line.attained for line in self.units), start=_nothing(self.target))

    @property
    def reached(self) -> int:
        return sum(line.attained.is_reached for line in self.units)


def evaluate(session: Session, campaign: Campaign, day: date, known_at: datetime | None = None) -> list[TargetStanding]:
    """The campaign's targets, in order, by the end of `day`; `known_at` as in `projects_as_of`."""
    return evaluate_targets(session, campaign, targets_of(session, campaign), day, known_at)


def evaluate_targets(
    session: Session, campaign: Campaign, targets: Sequence[Target], day: date, known_at: datetime | None = None
) -> list[TargetStanding]:
    """As `evaluate`, for targets that need not be in the ledger; nothing is written."""
    counts = _count(session, campaign, targets, day, known_at) if targets else []
    units = units_as_known(session, known_at)
    counties = [number for number, (_name, kind) in units.items() if kind is UnitKind.COUNTY]
    names = {number: name for number, (name, _kind) in units.items()}
    clock = clock_on(session, campaign, day)
    leaders = _leaders(session, {count.leader_id for count in counts}, names, known_at)
    standings = []
    for number, target in enumerate(targets):
        unit_ids = counties if target.each_county else [target.unit_id]
        is_whole_city = unit_ids == [None]
        own = [count for count in counts if is_whole_city or count.unit_id in unit_ids]
        of_units = _attained(target, number, ((None if is_whole_city else count.unit_id, count) for count in own))
        lines = [OfUnit(unit_id, names.get(unit_id or 0, ""), of_units[unit_id]) for unit_id in unit_ids]
        split = _by_leader(target, number, own, leaders) if target.by_leader else ()
        standings.append(TargetStanding(target, clock, lines, split))
    return standings


class _Count(NamedTuple):
    """Projects of one unit and leader: part and whole of every target, one after the other."""

    unit_id: int
    leader_id: int | None
    figures: Sequence[int]

    def of(self, number: int) -> tuple[int, int]:
        return self.figures[2 * number], self.figures[2 * number + 1]


def _count(
    session: Session, campaign: Campaign, targets: Sequence[Target], day: date, known_at: datetime | None
) -> list[_Count]:
    ledger = projects_as_of(day, [MilestoneKind(kind) for kind in campaign.landing_definition], known_at)
    figures = [
        func.count().filter(cohort(target, ledger), rule)
        for target in targets
        for rule in (counts(target, campaign, ledger), is_part_of(target, campaign, ledger))
    ]
    is_split = any(target.by_leader for target in targets)
    groups = (ledger.c.unit_id, ledger.c.leader_id) if is_split else (ledger.c.unit_id,)
    rows = session.execute(select(*groups, *figures).group_by(*groups))
    return [_Count(row[0], row[1] if is_split else None, row[len(groups) :]) for row in rows]


def _attained(
    target: Target, number: int, counts: Iterable[tuple[int | None, _Count]]
) -> defaultdict[int | None, Attainment]:
    attained: defaultdict[int | None, Attainment] = defaultdict(partial(_nothing, target))
    for key, count in counts:
        attained[key] += Attainment(target.measure, target.goal, *count.of(number))
    return attained


def _nothing(target: Target) -> Attainment:
    return Attainment(target.measure, target.goal, 0, 0)


def _by_leader(
    target: Target, number: int, counts: Iterable[_Count], leaders: dict[int | None, tuple[str, str]]
) -> list[OfLeader]:
    split = _attained(target, number, ((count.leader_id, count) for count in counts))
    lines = [OfLeader(leader, *leaders[leader], attained) for leader, attained in split.items() if attained.whole]
    return sorted(lines, key=lambda line: (-line.attained.whole, -line.attained.part, line.leader_id or 0))


def _leaders(
    session: Session, ids: set[int | None], units: dict[int, str], known_at: datetime | None
) -> dict[int | None, tuple[str, str]]:
    person = as_known(Person, ("id", "name", "unit_id"), known_at)
    people = select(person.c.id, person.c.name, person.c.unit_id).where(person.c.id == func.any([*filter(None, ids)]))
    return {None: ("", ""), **{number: (name, units[unit]) for number, name, unit in session.execute(people)}}
