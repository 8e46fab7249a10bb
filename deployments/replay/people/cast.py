"""The people of the replay: offices of Puyang, each as diligent as a seeded draw makes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from deployments.sample import words
from models.i18n import mark
from models.office_files.rows import LedgerFile, LedgerRow, PersonRow, UnitRow
from models.words import Role, UnitKind, Word

DESKS = ("甲", "乙", "丙")  # the officers of a unit
# The commerce bureau's leaders, over whom its own large projects are split
TEAM = ("局长", "副局长甲", "副局长乙", "副局长丙", "总经济师")
AWAY_FROM, AWAY_UNTIL = date(2013, 6, 17), date(2013, 7, 12)  # one county's leader is away, the delegate acts


class Diligence(Word):
    PROMPT = "prompt", mark("Prompt")
    AVERAGE = "average", mark("Average")
    SLOW = "slow", mark("Slow")
    SILENT = "silent", mark("Never answers")


SPREAD = (Diligence.PROMPT, Diligence.AVERAGE, Diligence.SLOW)


@dataclass(frozen=True)
class Player:
    name: str
    role: Role
    unit: str
    diligence: Diligence


@dataclass(frozen=True)
class Cast:
    """Everybody by name, and how fast each unit solves what lies with it."""

    players: dict[str, Player]
    solving: dict[str, Diligence]
    away: str  # the leader who is away for some weeks
    delegate: str

    def officers(self, county: str) -> list[Player]:
        """Who is assigned to the projects of a county."""
        return [player for player in self.players.values() if player.unit == county and player.role is Role.OFFICER]

    def leader(self, unit: str) -> str:
        """The responsible leader of a unit; empty where nobody is named."""
        led = (player.name for player in self.players.values() if player.unit == unit and player.role is Role.LEADER)
        return next(led, "")


def draw_cast(seed: int) -> Cast:
    """Everybody for a seed: one officer and one leader never answer, another leader goes away."""
    dice = Random(f"{seed} cast")  # noqa: S311 - a play, no secret
    officers = [f"{county}招商局专员{desk}" for county in words.COUNTIES for desk in DESKS]
    leaders = [f"{county}分包领导" for county in words.COUNTIES if county != words.WITHOUT_LEADER]
    team = [f"{words.COMMERCE_BUREAU}{post}" for post in TEAM]
    bureau_leaders = [f"{bureau}分管领导" for bureau in words.BUREAUS if bureau != words.COMMERCE_BUREAU]
    silent = {dice.choice(officers), dice.choice(leaders)}
    away = dice.choice([leader for leader in leaders if leader not in silent])
    delegate = away.replace("分包领导", "副职领导")
    named = [(name, Role.OFFICER) for name in officers]
    named += [(name, Role.LEADER) for name in (*leaders, delegate, *team, *bureau_leaders)]
    named += [(f"{words.COMMERCE_BUREAU}项目专员{desk}", Role.OFFICER) for desk in DESKS]
    named += [(f"{words.INSPECTION_OFFICE}督查专员", Role.INSPECTOR)]
    players = {name: Player(name, role, _unit_of(name), _drawn(dice, name, silent)) for name, role in named}
    solving = {unit: dice.choices(SPREAD, (30, 40, 30))[0] for unit in (*words.COUNTIES, *words.BUREAUS)}
    return Cast(players, solving, away, delegate)


def _drawn(dice: Random, name: str, silent: set[str]) -> Diligence:
    drawn = dice.choices(SPREAD, (35, 35, 30))[0]
    return Diligence.SILENT if name in silent else drawn


def _unit_of(name: str) -> str:
    """The unit whose name a person's begins with: people of the replay are offices."""
    return next(unit for unit in (*words.COUNTIES, *words.BUREAUS, words.INSPECTION_OFFICE) if name.startswith(unit))


def in_a_file(cast: Cast, name: str, rows: tuple[LedgerRow, ...]) -> LedgerFile:
    """A ledger file with its sheets of units, people and squads, as the import reads them."""
    people = enumerate(cast.players.values(), start=2)
    return LedgerFile(
        name=name,
        headers={},
        rows=rows,
        row_count=len(rows),
        units=tuple(_units()),
        people=tuple(PersonRow(number, player.name, player.role, player.unit) for number, player in people),
        squads=words.SQUADS,
    )


def _units() -> Iterator[UnitRow]:
    kinds = dict.fromkeys(words.COUNTIES, UnitKind.COUNTY) | dict.fromkeys(words.BUREAUS, UnitKind.BUREAU)
    kinds |= {words.COMMERCE_BUREAU: UnitKind.COMMERCE_BUREAU, words.INSPECTION_OFFICE: UnitKind.INSPECTION_OFFICE}
    for number, (name, kind) in enumerate(kinds.items(), start=2):
        aliases = tuple(filter(None, words.ALIASES.get(name, "").split("、")))
        yield UnitRow(number, name, kind, is_kind_given=True, aliases=aliases)
