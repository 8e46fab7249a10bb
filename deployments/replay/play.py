"""The replay itself: day after day, each held against its checks."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from deployments.replay import stage
from deployments.replay.checks.bulletins import MONDAY, Bulletins, wrong_sums
from deployments.replay.checks.failures import ReplayFailed
from deployments.replay.checks.faults import faults
from deployments.replay.checks.raw import Raw, Workdays, read_raw
from deployments.replay.city.entering import enter
from deployments.replay.city.opening import Eve
from deployments.replay.city.signing import Signing
from deployments.replay.city.world import Today, World
from deployments.replay.options import PROJECTS
from deployments.replay.people.cast import draw_cast
from models.campaigns.clock import CampaignClock, clock_of
from models.campaigns.plan import Plan
from models.escalation.calendar import official_calendar
from models.i18n import gettext as _
from models.refusal import Refused
from tasks.campaigns.plan import adopt
from tasks.campaigns.targets import TargetStanding, evaluate
from tasks.database import snapshot, transaction
from tasks.ledger.current_campaign import current_campaign

YEARS = (2010, 2015)


@dataclass(frozen=True)
class Evening:
    """A day of the replay at its end."""

    day: date
    standings: list[TargetStanding]
    raw: Raw
    clock: CampaignClock


class Replay:
    """A campaign played for one seed on the ledger that `LUODI_DATABASE_URL` names, which must be empty."""

    def __init__(self, plan: Plan, seed: int, projects: int = PROJECTS) -> None:
        """Draw the people, and bring in what the ledger held on the eve, and the campaign."""
        self.plan, self.eve = plan, plan.starts_on - timedelta(1)
        self.world = World(seed, draw_cast(seed), official_calendar(*YEARS))
        self._signing, self._share = Signing(self.world.cast, seed), projects / PROJECTS
        eve = Eve(self.eve, self.world.calendar, Random(f"{seed} eve"))  # noqa: S311 - a play, no secret
        enter(self.world, list(eve.projects(self._signing, projects)), self.eve)
        with transaction(source="luodi replay") as session:
            adopt(session, plan)
        self.workdays, self.bulletins = Workdays(), Bulletins()
        stages = read_raw()["project"].stage
        self.world.ended_before = Counter(stages[stages.isin(["landed", "exited"])])

    def days(self, until: date) -> Iterator[Evening]:
        """Play every day through `until`.

        Raises:
            ReplayFailed: on the first day on which something is wrong.
        """
        for number in range((until - self.plan.starts_on).days + 1):
            evening = self.play(self.plan.starts_on + timedelta(number))
            if evening.day == until:
                _stop_at(until, list(self.bulletins.changed_since()))
            yield evening

    def play(self, day: date) -> Evening:
        """Play one day and hold the ledger against its checks.

        Raises:
            ReplayFailed: when something is wrong.
        """
        today = Today(self.world, day)
        try:
            stage.act(today, self._signing, self._share)
        except Refused as refusal:
            message = _("The ledger refused what its rules allow: %(why)s")
            raise ReplayFailed(day, [message % {"why": refusal}]) from refusal
        before = read_raw()
        problems = list(stage.fire(today))
        after = read_raw()
        with snapshot() as session:
            campaign = current_campaign(session, day)
            standings = evaluate(session, campaign, day)
        problems += faults(today, self.workdays, before, after, standings)
        if day.weekday() == MONDAY:
            figures = self.bulletins.compute(day)
            problems += wrong_sums(figures, after, self.world.journal, self.plan.starts_on)
        _stop_at(day, problems)
        clock = clock_of(self.plan.starts_on, self.plan.ends_on, self.world.calendar, day)
        return Evening(day, standings, after, clock)


def _stop_at(day: date, problems: list[str]) -> None:
    if problems:
        raise ReplayFailed(day, problems)
