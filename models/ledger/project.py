from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Column, ColumnElement, ForeignKey, Index, Table, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Money, Recordable, labelled
from models.i18n import gettext, mark
from models.ledger.organisation import Person, Squad, Unit
from models.words import OPEN_STAGES, CapitalKind, Currency, Exit, MilestoneKind, Sector, Stage


class Investor(Recordable, Base):
    __tablename__ = "investor"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = labelled(mark("Investor"), unique=True)
    registered_in: Mapped[str] = labelled(mark("Investor registered in"), server_default="")

    @property
    def code(self) -> str:
        """What its forms are numbered by; the office's ledger gives investors no code."""
        return f"INV-{self.id}"

    @property
    def title(self) -> str:
        return self.name


project_co_unit = Table(
    "project_co_unit",
    Base.metadata,
    Column("project_id", ForeignKey("project.id"), primary_key=True),
    Column("unit_id", ForeignKey("unit.id"), primary_key=True, info={"label": mark("Supporting unit")}),
)


class Project(Recordable, Base):
    """One row of the ledger; `amount` is in whole units of `currency`: 10亿元 is 1000000000.00."""

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("(stage = 'exited') = (exit IS NOT NULL)", name="exited_says_how"),
        CheckConstraint("exit IS NULL OR exit_reason <> ''", name="exit_has_reason"),
        CheckConstraint("(stage IN ('landed', 'exited')) = (ended_on IS NOT NULL)", name="ended_has_day"),
        Index(None, "name", "investor_id", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = labelled(mark("Project code"), unique=True)
    name: Mapped[str] = labelled(mark("Project name"))
    investor_id: Mapped[int | None] = labelled(mark("Investor"), ForeignKey("investor.id"), index=True)
    investor: Mapped[Investor | None] = relationship()
    sector: Mapped[Sector] = labelled(mark("Sector"))
    is_sme: Mapped[bool] = labelled(mark("Small or medium enterprise"), server_default="false")
    unit_id: Mapped[int] = labelled(mark("Responsible unit"), ForeignKey("unit.id"), index=True)
    unit: Mapped[Unit] = relationship()
    co_units: Mapped[list[Unit]] = relationship(secondary=project_co_unit, order_by=Unit.id)
    amount: Mapped[Money] = labelled(mark("Total investment"))
    currency: Mapped[Currency] = labelled(mark("Currency"), server_default=Currency.CNY)
    signed_on: Mapped[date] = labelled(mark("Signed on"), index=True)
    officer_id: Mapped[int | None] = labelled(mark("Assigned officer"), ForeignKey("person.id"))
    officer: Mapped[Person | None] = relationship(foreign_keys=[officer_id])
    leader_id: Mapped[int | None] = labelled(mark("Responsible leader"), ForeignKey("person.id"))
    leader: Mapped[Person | None] = relationship(foreign_keys=[leader_id])
    squad_id: Mapped[int | None] = labelled(mark("Squad"), ForeignKey("squad.id"))
    squad: Mapped[Squad | None] = relationship()
    origin_activity: Mapped[str] = labelled(mark("Promotion activity"), server_default="")
    stage: Mapped[Stage] = labelled(mark("Stage"), server_default=Stage.SIGNED, index=True)
    exit: Mapped[Exit | None] = labelled(mark("Kind of exit"))
    exit_reason: Mapped[str] = labelled(mark("Reason for the exit"), server_default="")
    ended_on: Mapped[date | None] = labelled(mark("Landed or exited on"))
    # Columns of the office's own ledger that Luodi has no field for, by header.
    extra: Mapped[dict[str, Any]] = labelled(mark("Other columns"), server_default="{}")

    milestones: Mapped[list["Milestone"]] = relationship(back_populates="project", order_by="Milestone.id")

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN_STAGES

    @property
    def title(self) -> str:
        return f"{self.code} {self.name}"


@dataclass(frozen=True)
class Subject:
    """What an item is about, by its number; that row is locked before one of its items changes."""

    project_id: int | None = None
    investor_id: int | None = None


class Milestone(Recordable, Base):
    """A step of a project: planned for a day, reached on a day, proven by evidence."""

    __tablename__ = "milestone"
    __table_args__ = (UniqueConstraint("project_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    project: Mapped[Project] = relationship(back_populates="milestones")
    kind: Mapped[MilestoneKind] = labelled(mark("Milestone"))
    planned_on: Mapped[date | None] = labelled(mark("Planned for"))
    done_on: Mapped[date | None] = labelled(mark("Reached on"))
    evidence: Mapped[str] = labelled(mark("Evidence"), server_default="")

    @property
    def is_proven(self) -> bool:
        return self.done_on is not None and bool(self.evidence.strip())


class Progress(Recordable, Base):
    """One entry of what happened on a project (进展情况)."""

    __tablename__ = "progress"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    happened_on: Mapped[date] = labelled(mark("Happened on"))
    text: Mapped[str] = labelled(mark("Progress"))
    reported_by: Mapped[str] = labelled(mark("Reported by"), server_default="")
    # Of a file without a day: its text is newer than the file before it, and nobody knows by how
    # much. `happened_on` is the day it came in.
    later_than: Mapped[date | None] = labelled(mark("Surely later than"))


# The one rule for what is a project's latest progress: that of the latest day which is sure; on one
# day a visit outranks a file.
LATEST_PROGRESS_FIRST = "coalesce(later_than, happened_on) DESC, reported_by = '', happened_on DESC, id DESC"


def latest_progress_first() -> tuple[ColumnElement[Any], ...]:
    """Sorts entries of progress by `LATEST_PROGRESS_FIRST`."""
    surely_on = func.coalesce(Progress.later_than, Progress.happened_on)
    return surely_on.desc(), Progress.reported_by == "", Progress.happened_on.desc(), Progress.id.desc()


class CapitalEvent(Recordable, Base):
    """Capital increased or paid in; a later increase counts only its increment."""

    __tablename__ = "capital_event"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    kind: Mapped[CapitalKind] = labelled(mark("Kind"))
    happened_on: Mapped[date] = labelled(mark("Happened on"))
    amount: Mapped[Money] = labelled(mark("Sum"))
    currency: Mapped[Currency] = labelled(mark("Currency"), server_default=Currency.CNY)
    evidence: Mapped[str] = labelled(mark("Evidence"), server_default="")


TEN_THOUSAND = Decimal(10**4)  # 万, the unit in which offices count amounts
AMOUNT_UNITS: dict[Currency, tuple[tuple[Decimal, str], ...]] = {
    Currency.CNY: (
        (Decimal(10**8), mark("%(figure)s hundred million yuan")),
        (TEN_THOUSAND, mark("%(figure)s ten thousand yuan")),
        (Decimal(0), mark("%(figure)s yuan")),
    ),
    Currency.USD: (
        (Decimal(10**8), mark("%(figure)s hundred million US dollars")),
        (TEN_THOUSAND, mark("%(figure)s ten thousand US dollars")),
        (Decimal(0), mark("%(figure)s US dollars")),
    ),
}


def in_words(amount: Decimal, currency: Currency, rounded: Callable[[Decimal], Decimal] | None = None) -> str:
    """An amount as offices write it, exact unless `rounded`: 1000000000 CNY is 10亿元."""
    size, words = next((size, words) for size, words in AMOUNT_UNITS[currency] if abs(amount) >= size)
    figure = amount / size if size else amount
    figure = rounded(figure) if rounded else figure
    return gettext(words) % {"figure": f"{figure.normalize():f}"}
