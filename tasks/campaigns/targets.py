"""How a campaign's targets stand on a day: one statement for the ledger, counted by `models.campaigns.target_rules`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.campaigns.attainment import Attainment
from models.campaigns.campaign import Campaign
from models.campaigns.clock import CampaignClock
from models.campaigns.target import Target
from models.campaigns.target_rules import cohort, counts, is_part_of
from models.ledger.organisation import Person
from models.words import MilestoneKind, UnitKind
from tasks.ledger.as_of import as_known, projects_as_of, units_as_known
from tasks.ledger.current_campaign import clock_on, targets_of


@dataclass(frozen=True)
class OfUnit:
    """What a unit has of a target; without number and name: the whole city."""

    unit_id: int | None
    unit: str
    attained: Attainment


@dataclass(frozen=True)
class OfLeader:
    """A responsible leader's projects among those a target is about; without number: those of nobody."""

    leader_id: int | None
    leader: str
    unit: str
    """The leader's own."""
    attained: Attainment
    """Counted against the goal of all leaders together."""


@dataclass(frozen=True)
class TargetStanding:
    """A target as it stands: one line, or one for each county."""

    target: Target
    clock: CampaignClock | None
    """None in a campaign without an end: nothing is behind there."""
    units: Sequence[OfUnit]
    leaders: Sequence[OfLeader]
    """Only where the target is to be split; those with most projects first."""

    @property
    def total(self) -> Attainment:
        """All lines together; of counties this says how much was done, not whether each has reached the goal."""
        return _sum(self.target, (line.attained for line in self.units))

    @property
    def reached(self) -> int:
        """How many of the lines have reached the goal."""
        return sum(line.attained.is_reached for line in self.units)

    @property
    def behind(self) -> Sequence[OfUnit]:
        """The lines that are behind the time gone."""
        gone = self.clock.time_gone if self.clock else None
        return [line for line in self.units if line.attained.is_behind(gone)]


def evaluate(session: Session, campaign: Campaign, day: date, known_at: datetime | None = None) -> list[TargetStanding]:
    """Each target of the campaign, in order, as it stood by the end of `day`; `known_at` as in `projects_as_of`."""
    return evaluate_targets(session, campaign, targets_of(session, campaign), day, known_at)


def evaluate_targets(
    session: Session, campaign: Campaign, targets: Sequence[Target], day: date, known_at: datetime | None = None
) -> list[TargetStanding]:
    """As `evaluate`, for targets of the campaign that need not be in the ledger; nothing is written."""
    counts = _count(session, campaign, targets, day, known_at) if targets else []
    units = units_as_known(session, known_at)
    counties = [number for number, (_name, kind) in units.items() if kind is UnitKind.COUNTY]
    names = {number: name for number, (name, _kind) in units.items()}
    clock = clock_on(session, campaign, day)
    leaders = _leaders(session, {count.leader_id for count in counts}, names, known_at)
    found = []
    for number, target in enumerate(targets):
        places = counties if target.each_county else [target.unit_id]
        own = [count for count in counts if places == [None] or count.unit_id in places]
        attained = _fold(target, number, own, _nowhere if places == [None] else _where)
        lines = [OfUnit(place, names.get(place or 0, ""), attained.get(place, _nothing(target))) for place in places]
        split = _by_leader(target, number, own, leaders) if target.by_leader else ()
        found.append(TargetStanding(target, clock, lines, split))
    return found


class _Count(NamedTuple):
    """Projects of one unit and leader: for each target those that count, and what they are a part of."""

    unit_id: int
    leader_id: int | None
    figures: Sequence[int]

    def of(self, number: int) -> tuple[int, int]:
        """Part and whole of one target, by its place."""
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


def _where(count: _Count) -> int | None:
    return count.unit_id


def _nowhere(_count: _Count) -> int | None:
    return None


def _fold(
    target: Target, number: int, counted: Iterable[_Count], group: Callable[[_Count], int | None]
) -> dict[int | None, Attainment]:
    """What is attained of one target, by its place, in each group."""
    sums: dict[int | None, list[int]] = {}
    for count in counted:
        part, whole = count.of(number)
        own = sums.setdefault(group(count), [0, 0])
        own[0] += part
        own[1] += whole
    return {key: Attainment(target.measure, target.goal, *figures) for key, figures in sums.items()}


def _by_leader(
    target: Target, number: int, counted: Iterable[_Count], leaders: dict[int | None, tuple[str, str]]
) -> list[OfLeader]:
    split = _fold(target, number, counted, lambda count: count.leader_id)
    found = [OfLeader(leader, *leaders[leader], attained) for leader, attained in split.items() if attained.whole]
    return sorted(found, key=lambda each: (-each.attained.whole, -each.attained.part, each.leader_id or 0))


def _sum(target: Target, parts: Iterable[Attainment]) -> Attainment:
    return sum(parts, start=_nothing(target))


def _nothing(target: Target) -> Attainment:
    return Attainment(target.measure, target.goal, 0, 0)


def _leaders(
    session: Session, ids: set[int | None], units: dict[int, str], known_at: datetime | None
) -> dict[int | None, tuple[str, str]]:
    """Name and unit of people by number; of nobody none."""
    person = as_known(Person, ("id", "name", "unit_id"), known_at)
    asked = select(person.c.id, person.c.name, person.c.unit_id).where(person.c.id == func.any([*filter(None, ids)]))
    return {None: ("", ""), **{number: (name, units[unit]) for number, name, unit in session.execute(asked)}}
