"""W6, the weekly bulletin of a large ledger: counted, frozen and entered, beside the bare
aggregates it needs.

Each measurement is a process of its own, so that none pays for another's memory.
"""

import os
import sys
from datetime import date, timedelta

from sqlalchemy import delete

from benchmarks import bulletin_floor
from benchmarks.apart import measure_apart, tell
from benchmarks.figures import Row, Sample, compared
from benchmarks.large_ledger import TARGETS, fill
from benchmarks.runs import server_version
from models.bulletin.bulletin import Bulletin
from models.campaigns.campaign import Campaign
from models.words import ItemKind
from tasks.bulletin.issue import issue, week_of
from tasks.database import snapshot, transaction
from tasks.items.campaign_numbers import current_policy
from tasks.ledger.current_campaign import current_campaign
from tasks.ledger.office_time import day_of
from tasks.ledger.workdays import calendar_around

PROJECTS = int(os.environ.get("BENCH_PROJECTS") or 100_000)
REPEATS = int(os.environ.get("BENCH_BULLETIN_REPEATS") or 5)
"""How often the bulletin and the floor take turns."""
WEEK = timedelta(7)


def luodi() -> None:
    """Issue the bulletin of last week."""
    today = day_of("")
    issue(week_of("", today), today)


def floor() -> None:
    """The aggregates of last week."""
    bulletin_floor.aggregates(days(last_day()))


VARIANTS = {"luodi": luodi, "floor": floor}


def last_day() -> date:
    """The Sunday last week ended with."""
    return week_of("", day_of("")) + WEEK - timedelta(1)


def days(day: date) -> dict[str, date]:
    """What the floor's statements must know: the days they count from and until."""
    with snapshot() as session:
        campaign = current_campaign(session, day)
        soon_on = calendar_around(session, day).shift(day, current_policy(session, ItemKind.VISIT).reminder_before)
    return {
        "day": day,
        "monday": day - timedelta(6),
        "before": day - timedelta(13),
        "sunday_before": day - WEEK,
        "year": date(day.year, 1, 1),
        "soon_on": soon_on,
        **_of_campaign(campaign, day),
    }


def _of_campaign(campaign: Campaign, day: date) -> dict[str, date]:
    (_last, _rate, _goal, last), (_half, _same, _other, half) = TARGETS[:2]
    return {
        "starts_on": campaign.starts_on,
        "ends_on": campaign.ends_on or date.max,
        "signed_from": campaign.signed_from or date.min,
        "last_from": day + timedelta(last["signed_from"]),
        "last_until": day + timedelta(last["signed_until"]),
        "half_from": day + timedelta(half["signed_from"]),
        "half_until": day + timedelta(half["signed_until"]),
    }


def measure() -> list[Row]:
    """In the empty ledger that `LUODI_DATABASE_URL` names, which is filled first."""
    fill(PROJECTS, last_day())
    samples = {name: Sample(PROJECTS) for name in VARIANTS}
    for _turn in range(REPEATS):
        for name, sample in samples.items():
            measure_apart(__file__, sample, name)
        with transaction(source="bench") as session:
            session.execute(delete(Bulletin))  # else the next one would only be shown again
    return compared(
        f"W6 bulletin over {PROJECTS:,} projects", f"PostgreSQL {server_version()}", samples["luodi"], samples["floor"]
    )


if __name__ == "__main__":
    tell(VARIANTS[sys.argv[1]])
