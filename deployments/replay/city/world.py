"""What the simulated people share: how projects really stand, the day's dice, what was done."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from random import Random
from typing import NamedTuple

from sqlalchemy.orm import Session

from deployments.replay.city.course import Course
from deployments.replay.people.cast import Cast, Diligence
from models.escalation.calendar import Calendar
from models.i18n import gettext as _
from models.i18n import mark
from models.words import Word
from tasks.database import transaction
from tasks.escalation.answers import Answer
from tasks.ledger.office_time import office_zone

OFFICE_HOURS = time(10)
NOT_SWEPT = (date(2013, 8, 8), date(2013, 8, 9))  # working days without a sweep: the next one has to catch up


class ReplayFailed(RuntimeError):
    """The ledger is not as it must be: the message says on which day, and what is wrong."""

    def __init__(self, day: date, faults: Sequence[str]) -> None:
        message = _("The replay stopped on %(day)s, for the ledger is not as it must be:\n%(faults)s")
        super().__init__(message % {"day": day, "faults": "\n".join(f"- {fault}" for fault in faults)})


class Deed(Word):
    SIGNED = "signed", mark("Projects signed")
    VISITED = "visited", mark("Visits made")
    OPENED = "opened", mark("Blockers opened")
    RESOLVED = "resolved", mark("Blockers resolved")
    EXTENDED = "extended", mark("Extensions agreed before the date")
    HEARD = "heard", mark("Raised to a leader by the unit itself")
    COORDINATION = "coordination", mark("Coordination asked for")
    ACKNOWLEDGED = "acknowledged", mark("Acknowledged by a leader")
    PROMISED = "promised", mark("Promised by a leader")
    GRANTED = "granted", mark("Extensions granted by a leader")
    HANDED_OVER = "handed_over", mark("Handed over by a leader")
    REASSIGNED = "reassigned", mark("Projects given to another officer")
    INSTRUCTED = "instructed", mark("Instructed by the inspection office")
    CLOSED = "closed", mark("Closed by the inspection office")
    VERIFIED = "verified", mark("Verified by the inspection office")
    REOPENED = "reopened", mark("Opened again by the inspection office")
    HELD = "held", mark("Projects put on hold")
    RESUMED = "resumed", mark("Projects taken off hold")
    REFUSED = "refused", mark("Landings without evidence, refused")
    LANDED = "landed", mark("Projects landed")
    LOST = "lost", mark("Projects lost")
    RAISED = "raised", mark("Steps of the ladder fired by the sweep")


class JournalLine(NamedTuple):
    """What was done on a day to which project, item or escalation."""

    day: date
    deed: Deed
    subject: int


@dataclass
class Journal:
    """Every deed in order, kept beside the ledger: the ledger is held against it."""

    lines: list[JournalLine] = field(default_factory=list)

    def counts(self, first: date, last: date) -> Counter[Deed]:
        """How often each was done from `first` through `last`."""
        return Counter(line.deed for line in self.lines if first <= line.day <= last)

    def subjects(self, *deeds: Deed) -> set[int]:
        return {line.subject for line in self.lines if line.deed in deeds}


@dataclass
class World:
    """Everything of a replay that is not in the ledger."""

    seed: int
    cast: Cast
    calendar: Calendar
    courses: dict[int, Course] = field(default_factory=dict)  # by project; of those that ended there is none
    names: dict[int, str] = field(default_factory=dict)  # everybody's, by their number in the ledger
    journal: Journal = field(default_factory=Journal)
    held: dict[int, date] = field(default_factory=dict)  # projects on hold, and the day each is to go on
    ended_before: Counter[str] = field(default_factory=Counter)  # projects landed or exited on the eve, by stage
    owed_again: set[int] = field(default_factory=set)  # visits in place of ones the inspection office did not accept
    passed_on: set[int] = field(default_factory=set)  # projects of which a leader gave an item to another officer

    def pass_day(self, day: date) -> None:
        """Let a working day pass for every project that is not on hold."""
        for project_id, course in self.courses.items():
            if project_id not in self.held:
                course.advance(day)

    def name_blocker(self, project_id: int | None, item_id: int, description: str) -> None:
        """Let a course know the blocker that one of its problems has become."""
        course = self.courses.get(project_id or 0)
        for trouble in course.troubles if course else ():
            if trouble.description == description and trouble.item_id is None:
                trouble.item_id = item_id

    def solve(self, project_id: int | None, item_id: int, *, is_solved: bool = True) -> None:
        """Let a blocker hold its project no more, or again: what was called solved was not."""
        course = self.courses.get(project_id or 0)
        for trouble in course.troubles if course else ():
            if trouble.item_id == item_id:
                trouble.is_solved = is_solved

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
        return self.world.calendar.is_working(self.day)

    @property
    def is_swept(self) -> bool:
        return self.is_working and self.day not in NOT_SWEPT

    def after(self, count: int) -> date:
        """The working day so many after today."""
        return self.world.calendar.add(self.day, count)

    def late(self, due_on: date) -> int:
        """How many working days something due is late; below zero while there is time."""
        calendar = self.world.calendar
        return calendar.elapsed(due_on, self.day) or -calendar.elapsed(self.day, due_on)

    def dice(self, what: str) -> Random:
        """Today's dice of one thing: the same for a seed, whatever happens elsewhere."""
        return Random(f"{self.world.seed} {self.day} {what}")  # noqa: S311 - a play, no secret

    def answer(self, by: str, text: str = "") -> Answer:
        return Answer(by, text, datetime.combine(self.day, OFFICE_HOURS, office_zone()), self.day)

    def note(self, deed: Deed, subject: int) -> None:
        self.world.journal.lines.append(JournalLine(self.day, deed, subject))


def acting(by: str, flow: str) -> AbstractContextManager[Session]:
    """One person's act: one transaction, in history as theirs."""
    return transaction(by, f"{flow} (luodi replay)")
