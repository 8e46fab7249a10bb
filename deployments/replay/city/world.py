"""What the simulated people share: the day's dice, the calendar they live by, and the projects as they really stand."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from random import Random

from sqlalchemy.orm import Session

from deployments.replay.city.course import Course
from deployments.replay.output.journal import Deed, Journal
from deployments.replay.people.cast import Cast, Diligence
from models.escalation.calendar import Calendar
from tasks.database import transaction
from tasks.escalation.answers import Answer
from tasks.ledger.office_time import office_zone

OFFICE_HOURS = time(10)
# Two working days on which the sweep did not run: the next one has to catch up
NOT_SWEPT = (date(2013, 8, 8), date(2013, 8, 9))


@dataclass
class World:
    """Everything of a replay that is not in the ledger."""

    seed: int
    cast: Cast
    calendar: Calendar
    # By project; of those that ended there is none
    courses: dict[int, Course] = field(default_factory=dict)
    # Everybody's name by their number in the ledger
    names: dict[int, str] = field(default_factory=dict)
    journal: Journal = field(default_factory=Journal)
    # Projects on hold, and the day each is to go on
    held: dict[int, date] = field(default_factory=dict)
    # How many projects had landed or exited on the eve, by stage
    ended_before: Counter[str] = field(default_factory=Counter)
    # Visits that took the place of ones the inspection office did not accept
    owed_again: set[int] = field(default_factory=set)
    # Projects of which a leader has given something to another officer already
    passed_on: set[int] = field(default_factory=set)

    def pass_day(self, day: date) -> None:
        """Let a working day pass for every project that is not on hold."""
        for project_id, course in self.courses.items():
            if project_id not in self.held:
                course.advance(day)

    def dice(self, day: date, what: str) -> Random:
        """The dice of one thing on one day: the same for a seed, whatever happens elsewhere."""
        return Random(f"{self.seed} {day} {what}")  # noqa: S311 - a play, no secret

    def solve(self, project_id: int | None, item_id: int, *, is_solved: bool = True) -> None:
        """Let a blocker hold its project no more, or again."""
        if course := self.courses.get(project_id or 0):
            course.solve(item_id, is_solved=is_solved)

    def diligence(self, person_id: int | None) -> Diligence:
        """How diligent somebody is; nobody never answers."""
        player = self.cast.players.get(self.names.get(person_id or 0, ""))
        return player.diligence if player else Diligence.SILENT


@dataclass(frozen=True)
class Today:
    """A day of the replay, as whoever acts on it needs it."""

    world: World
    day: date

    @property
    def is_working(self) -> bool:
        """Whether offices work today."""
        return self.world.calendar.is_working(self.day)

    @property
    def is_swept(self) -> bool:
        """Whether the sweep runs today."""
        return self.is_working and self.day not in NOT_SWEPT

    def after(self, count: int) -> date:
        """The working day so many after today."""
        return self.world.calendar.add(self.day, count)

    def late(self, due_on: date) -> int:
        """How many working days something due is late; below zero while there is time."""
        calendar = self.world.calendar
        return calendar.elapsed(due_on, self.day) or -calendar.elapsed(self.day, due_on)

    def dice(self, what: str) -> Random:
        """Today's dice of one thing."""
        return self.world.dice(self.day, what)

    def said(self, by: str, text: str = "") -> Answer:
        """What somebody says today."""
        return Answer(by, text, datetime.combine(self.day, OFFICE_HOURS, office_zone()), self.day)

    def note(self, deed: Deed, by: str, subject: int) -> None:
        """Write down what was done today."""
        self.world.journal.note(self.day, deed, by, subject)


@contextmanager
def acting(by: str, flow: str) -> Iterator[Session]:
    """One person's act: one transaction, in history as theirs."""
    with transaction(by, f"{flow} (luodi replay)") as session:
        yield session
