"""What really becomes of each project: known to nobody in the ledger until a visit finds it out."""

from dataclasses import dataclass, field
from datetime import date
from random import Random

from deployments.sample.words import PROBLEMS
from models.office_files.vocabulary import CATEGORIES
from models.words import BlockerCategory, MilestoneKind

# The milestones a project of the replay comes to in this order, and what proves them
EVIDENCE = {
    MilestoneKind.REGISTERED: "营业执照",
    MilestoneKind.FILED: "项目备案确认书",
    MilestoneKind.CONSTRUCTION_STARTED: "施工许可证、现场照片",
}
# Working days of work after the milestone before, at least and at most
WORK = {
    MilestoneKind.REGISTERED: (5, 30),
    MilestoneKind.FILED: (2, 8),
    MilestoneKind.CONSTRUCTION_STARTED: (10, 40),
}


@dataclass
class Trouble:
    """A problem that stops all work from some day of work on until it is solved."""

    description: str
    category: BlockerCategory
    recipient: str
    solution: str
    after: int  # working days of work after which it arises
    item_id: int | None = None  # the blocker it became once a visit had found it
    is_solved: bool = False


@dataclass
class Course:
    """A project's work in working days, what stops it, and how long its investor bears that."""

    code: str
    needs: dict[MilestoneKind, int]  # after how many days of work each milestone is reached
    troubles: list[Trouble]
    patience: int  # how many working days of standstill the investor still bears
    worked: int = 0
    reached: dict[MilestoneKind, date] = field(default_factory=dict)

    @property
    def standing(self) -> list[Trouble]:
        """The problems that hold it now."""
        return [problem for problem in self.troubles if problem.after <= self.worked and not problem.is_solved]

    def advance(self, day: date) -> None:
        """Let a working day pass."""
        if self.standing:
            self.patience -= 1
            return
        self.worked += 1
        for kind, needed in self.needs.items():
            if self.worked >= needed:
                self.reached.setdefault(kind, day)


def draw_course(dice: Random, code: str, unit: str, reached: dict[MilestoneKind, date]) -> Course:
    """The course of a project that has come to some milestones already."""
    needs: dict[MilestoneKind, int] = {}
    worked = 0
    for kind, days in WORK.items():
        if kind not in reached:
            worked += dice.randint(*days)
            needs[kind] = worked
    many = dice.choices((0, 1, 2), (30, 45, 25))[0]
    troubles = [_drawn(dice, index, unit, worked) for index in sorted(dice.sample(range(len(PROBLEMS)), many))]
    return Course(code, needs, troubles, patience=dice.randint(15, 70), reached=dict(reached))


def _drawn(dice: Random, index: int, unit: str, worked: int) -> Trouble:
    description, category, recipient, solution = PROBLEMS[index]
    return Trouble(description, CATEGORIES[category], recipient or unit, solution, dice.randint(0, worked))
