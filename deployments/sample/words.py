"""The words and figures of the sample ledger, read from `words.toml`."""

import tomllib
from pathlib import Path
from typing import NamedTuple

_TABLES = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


class Origin(NamedTuple):
    """Where an investor is from, and who met it at which activity."""

    place: str
    activity: str
    squad: str
    companies: list[str]


class SectorWords(NamedTuple):
    """A sector, how its companies are called, and what they make."""

    name: str
    company: str
    products: list[str]


class Problem(NamedTuple):
    """A problem of a project; without a recipient it lies with the project's unit."""

    description: str
    category: str
    recipient: str
    solution: str


COUNTIES: list[str] = _TABLES["counties"]
WITHOUT_LEADER: str = _TABLES["without_leader"]
INSPECTION_OFFICE: str = _TABLES["inspection_office"]
BUREAUS: list[str] = _TABLES["bureaus"]
COMMERCE_BUREAU = BUREAUS[0]
BUREAU_LEADERS: list[str] = _TABLES["bureau_leaders"]
ALIASES: dict[str, str] = _TABLES["aliases"]
ORIGINS = [Origin(**table) for table in _TABLES["origins"]]
SQUADS = tuple(origin.squad for origin in ORIGINS)
SECTORS = [SectorWords(**table) for table in _TABLES["sectors"]]
PROBLEMS = [Problem(**table) for table in _TABLES["problems"]]
COLUMNS: dict[str, int] = _TABLES["columns"]
# In ten thousand yuan, by the number of the project
LARGE_AMOUNTS: dict[int, int] = {int(number): amount for number, amount in _TABLES["large_amounts"].items()}
