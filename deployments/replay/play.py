"""The replay: day after day people act, the sweep fires, and the ledger is checked."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sqlalchemy import select

from deployments.replay import PROJECTS
from deployments.replay.checks.bulletins import MONDAY, Bulletins, wrong_sums
from deployments.replay.checks.faults import faults
from deployments.replay.checks.raw import Raw, Workdays, read_raw
from deployments.replay.city.course import Course, draw_course
from deployments.replay.city.opening import EVE, Opening
from deployments.replay.city.signing import Signing
from deployments.replay.city.world import Deed, JournalLine, ReplayFailed, Today, World
from deployments.replay.people import inspectors, leaders, officers, revisits, units
from deployments.replay.people.cast import draw_cast, in_a_file
from models.campaigns.clock import CampaignClock, clock_of
from models.campaigns.hundred_days import hundred_days_of_2013
from models.escalation.action_item import ActionItem, Blocker
from models.escalation.calendar import official_calendar
from models.i18n import gettext as _
from models.ledger.organisation import Person
from models.ledger.project import Project
from models.office_files.rows import LedgerRow
from models.refusal import Refused
from models.words import OPEN_STAGES
from tasks.campaigns.plan import adopt
from tasks.campaigns.targets import TargetStanding, evaluate
from tasks.database import snapshot, transaction
from tasks.escalation.sweep import sweep
from tasks.imports.entering.import_file import import_ledger
from tasks.ledger.current_campaign import current_campaign
from tasks.notices.digest import gather

YEARS = (2010, 2015)


@dataclass(frozen=True)
class Evening:
    day: date
    standings: list[TargetStanding]
    raw: Raw
    clock: CampaignClock


class Replay:
    """A campaign played for one seed on the empty ledger that `LUODI_DATABASE_URL` names."""

    def __init__(self, seed: int, projects: int) -> None:
        self.plan = hundred_days_of_2013()
        self.world = World(seed, draw_cast(seed), official_calendar(*YEARS))
        self._signing, self._share = Signing(self.world.cast, seed), projects / PROJECTS
        opening = Opening(self.world.calendar, Random(f"{seed} eve"))  # noqa: S311 - a play, no secret
        _enter(self.world, list(opening.projects(self._signing, projects)), EVE)
        with transaction(source="luodi replay") as session:
            adopt(session, self.plan)
        self.workdays, self.bulletins = Workdays(), Bulletins()
        stages = read_raw()["project"].stage
        self.world.ended_before = Counter(stages[stages.isin(["landed", "exited"])])

    def days(self, until: date) -> Iterator[Evening]:
        """Play every day through `until`; ReplayFailed on the first on which something is wrong."""
        for number in range((until - self.plan.starts_on).days + 1):
            evening = self.play(self.plan.starts_on + timedelta(number))
            if evening.day == until:
                _stop_at(until, list(self.bulletins.changed_since()))
            yield evening

    def play(self, day: date) -> Evening:
        """Play one day and check the ledger; ReplayFailed when something is wrong."""
        today = Today(self.world, day)
        try:
            _act(today, self._signing, self._share)
        except Refused as refusal:
            message = _("The ledger refused what its rules allow: %(why)s")
            raise ReplayFailed(day, [message % {"why": refusal}]) from refusal
        before = read_raw()
        problems = list(_fire(today))
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


def _act(today: Today, signing: Signing, share: float) -> None:
    """Whoever acts before the sweep: on a day off only some officers do."""
    if not today.is_working:
        officers.act(today)
        return
    today.world.pass_day(today.day)
    revisits.act(today)
    leaders.hold_projects(today)
    for people in (officers, units, leaders, inspectors):
        people.act(today)
    dice = today.dice("signing")
    if rows := list(signing.on(dice, today.day, share)):
        _enter(today.world, [(row, draw_course(dice, row.code, row.units, {})) for row in rows], today.day)


def _enter(world: World, rows: Sequence[tuple[LedgerRow, Course]], day: date) -> None:
    """Import the rows as one office's file; open projects go their course from then on."""
    file = in_a_file(world.cast, f"台账{day:%Y%m%d}.xlsx", tuple(row for row, _course in rows))
    if faults := import_ledger(file, day).faults:
        raise ReplayFailed(day, [f"{fault.value}: {fault.reason}" for fault in faults])
    courses = {course.code: course for _row, course in rows}
    with transaction() as session:
        world.names |= dict(session.execute(select(Person.id, Person.name)).all())
        entered = select(Project).where(Project.code.in_(courses)).order_by(Project.id)
        for project in session.scalars(entered).all():
            world.journal.lines.append(JournalLine(day, Deed.SIGNED, project.id))
            if project.stage in OPEN_STAGES:
                world.courses[project.id] = courses[project.code]
        blockers = select(ActionItem.project_id, ActionItem.id, Blocker.description).join(Blocker)
        for blocker in session.execute(blockers.order_by(ActionItem.id)).all():
            world.name_blocker(*blocker)


def _fire(today: Today) -> Sequence[str]:
    """What the flows `escalation-sweep` and `notice-delivery` do, but for the runs and the sending.

    The digests are gathered on days off too. Returns whose digest could not be written, and why.
    """
    if today.is_swept:
        for escalation_id in sweep(today.day, today=today.day):
            today.note(Deed.RAISED, escalation_id)
    return gather(today.day)


def _stop_at(day: date, problems: list[str]) -> None:
    if problems:
        raise ReplayFailed(day, problems)
