from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Recordable, labelled, partial_index, stored_by_value
from models.i18n import mark
from models.ledger.organisation import Person, Unit
from models.ledger.project import Investor, Milestone, Project, Subject
from models.words import BlockerCategory, ItemKind, ItemResult, Step, VisitOutcome


def _one_open(what: str, column: str, where: str) -> Index:
    return partial_index(f"uq_action_item_open_{what}", column, where=where, unique=True)


class ActionItem(Recordable, Base):
    """Somebody owes something by a date; at `next_fires_on` the ladder moves without them."""

    __tablename__ = "action_item"
    __table_args__ = (
        CheckConstraint("num_nonnulls(project_id, investor_id) <= 1", name="one_subject"),
        CheckConstraint("(closed_on IS NULL) = (result IS NULL)", name="closed_says_why"),
        CheckConstraint("kind <> 'milestone' OR milestone_id IS NOT NULL", name="milestone_item_names_it"),
        CheckConstraint("(kind = 'verify') = (verifies_id IS NOT NULL)", name="verification_names_its_item"),
        CheckConstraint("(fired_step IS NULL) = (fired_on IS NULL)", name="fired_has_day"),
        CheckConstraint("(counted_from IS NULL) = (counted_days IS NULL)", name="counted_from_and_days"),
        CheckConstraint("(next_step IS NULL) = (next_fires_on IS NULL)", name="next_has_day"),
        CheckConstraint("next_step IS NULL OR (closed_on IS NULL AND NOT is_paused)", name="only_the_open_fire"),
        partial_index("ix_action_item_clock", "next_fires_on", where="closed_on IS NULL"),
        _one_open("visit", "project_id", "kind = 'visit' AND closed_on IS NULL"),
        _one_open("investor_visit", "investor_id", "kind = 'visit' AND closed_on IS NULL AND investor_id IS NOT NULL"),
        _one_open("milestone", "milestone_id", "closed_on IS NULL AND milestone_id IS NOT NULL"),
        _one_open("verification", "verifies_id", "closed_on IS NULL AND verifies_id IS NOT NULL"),
        partial_index(None, "investor_id", where="investor_id IS NOT NULL"),
        partial_index(None, "milestone_id", where="milestone_id IS NOT NULL"),
        partial_index(None, "verifies_id", where="verifies_id IS NOT NULL"),
        Index(None, "project_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ItemKind] = labelled(mark("Kind"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    project: Mapped[Project | None] = relationship()
    investor_id: Mapped[int | None] = labelled(mark("Investor"), ForeignKey("investor.id"))
    investor: Mapped[Investor | None] = relationship()
    # The subject itself if there is neither project nor investor.
    unit_id: Mapped[int] = labelled(mark("Unit"), ForeignKey("unit.id"), index=True)
    unit: Mapped[Unit] = relationship()
    milestone_id: Mapped[int | None] = labelled(mark("Milestone"), ForeignKey("milestone.id"))
    milestone: Mapped[Milestone | None] = relationship()
    verifies_id: Mapped[int | None] = labelled(mark("What is verified"), ForeignKey("action_item.id"))
    verifies: Mapped["ActionItem | None"] = relationship(remote_side="ActionItem.id")
    owner_id: Mapped[int | None] = labelled(mark("Owner"), ForeignKey("person.id"))
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    leader_id: Mapped[int | None] = labelled(mark("Responsible leader"), ForeignKey("person.id"))
    leader: Mapped[Person | None] = relationship(foreign_keys=[leader_id])
    opened_on: Mapped[date] = labelled(mark("Opened on"))
    due_on: Mapped[date] = labelled(mark("Due"))
    # The due date is so many working days after that day; empty: somebody or a file gave the date.
    counted_from: Mapped[date | None] = labelled(mark("Due date counted from"))
    counted_days: Mapped[int | None] = labelled(mark("Due date counted in working days"))
    closed_on: Mapped[date | None] = labelled(mark("Closed on"))
    result: Mapped[ItemResult | None] = labelled(mark("Result"))
    is_paused: Mapped[bool] = labelled(mark("Put on hold"), server_default="false")
    # The leader's promise; the ladder counts from this day instead of the due date.
    promised_on: Mapped[date | None] = labelled(mark("Promised by"))
    # Long overdue when a file brought it: the ladder begins on this day, not above its entry step.
    begins_on: Mapped[date | None] = labelled(mark("Raised from this day on"))
    round: Mapped[int] = labelled(mark("Round"), server_default="1")
    # Set by a promise or a reopening; else the reminder.
    entry_step: Mapped[Step | None] = labelled(
        mark("First step after the due date"), stored_by_value(Step, "entry_step")
    )
    # The step reached before a pause: after it, this step fires again before any above it.
    resumed_step: Mapped[Step | None] = labelled(
        mark("Step at which the clock stopped"), stored_by_value(Step, "resumed_step")
    )
    fired_step: Mapped[Step | None] = mapped_column(stored_by_value(Step, "fired_step"))  # highest
    fired_on: Mapped[date | None]
    # No step could tell anybody of it; over once it was raised on that day or later.
    unheard_since: Mapped[date | None] = labelled(mark("Nobody could be told of it since"))
    next_step: Mapped[Step | None]
    next_fires_on: Mapped[date | None]

    blocker: Mapped["Blocker | None"] = relationship(back_populates="item")
    visit: Mapped["Visit | None"] = relationship(back_populates="item")
    pauses: Mapped[list["Pause"]] = relationship(order_by="Pause.id")
    extensions: Mapped[list["Extension"]] = relationship(order_by="Extension.id")

    @property
    def subject(self) -> Subject:
        return Subject(self.project_id, self.investor_id)

    def close(self, on: date, result: ItemResult) -> None:
        """Nothing is owed any more; nothing can fire."""
        self.closed_on, self.result = on, result
        self.next_step = self.next_fires_on = None
        self.is_paused = False
        for pause in self.pauses:
            pause.until_on = pause.until_on or on


class Pause(Recordable, Base):
    """A time in which the ladder of an item stands still ("on hold")."""

    __tablename__ = "pause"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("action_item.id"), index=True)
    from_on: Mapped[date] = labelled(mark("On hold from"))
    until_on: Mapped[date | None] = labelled(mark("On hold until"))  # the ladder went on that day
    reason: Mapped[str] = labelled(mark("Reason"))
    granted_by: Mapped[str] = labelled(mark("Granted by"))


class Extension(Recordable, Base):
    __tablename__ = "extension"
    __table_args__ = (CheckConstraint("due_on > former_due_on", name="later"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("action_item.id"), index=True)
    former_due_on: Mapped[date] = labelled(mark("Former due date"))
    due_on: Mapped[date] = labelled(mark("New due date"))
    reason: Mapped[str] = labelled(mark("Reason"))
    granted_by: Mapped[str] = labelled(mark("Granted by"))


class Visit(Recordable, Base):
    """What a visit found: the six topics of the province's form of 2012, and its outcome."""

    __tablename__ = "visit"

    item_id: Mapped[int] = mapped_column(ForeignKey("action_item.id"), primary_key=True)
    item: Mapped[ActionItem] = relationship(back_populates="visit")
    visited_on: Mapped[date] = labelled(mark("Visited on"))
    outcome: Mapped[VisitOutcome] = labelled(mark("Outcome"))
    progress: Mapped[str] = labelled(mark("Progress"))
    # The six topics by name (`policy`, `promises`, …); only what was filled in.
    topics: Mapped[dict[str, Any]] = labelled(mark("Six topics of the revisit"), server_default="{}")
    filled_in_by: Mapped[str] = labelled(mark("Filled in by"))


class Blocker(Recordable, Base):
    """One problem with one category, one unit to solve it, one owner and one date (制约问题)."""

    __tablename__ = "blocker"
    __table_args__ = (
        CheckConstraint(
            "(coordination_asked_on IS NULL) = (coordination_asked_at IS NULL)", name="coordination_has_moment"
        ),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("action_item.id"), primary_key=True)
    item: Mapped[ActionItem] = relationship(back_populates="blocker")
    category: Mapped[BlockerCategory] = labelled(mark("Category"))
    recipient_unit_id: Mapped[int] = labelled(mark("Unit that must solve it"), ForeignKey("unit.id"), index=True)
    recipient_unit: Mapped[Unit] = relationship()
    description: Mapped[str] = labelled(mark("What the problem is"))
    proposed_solution: Mapped[str] = labelled(mark("Proposed solution"), server_default="")
    resolution: Mapped[str] = labelled(mark("How it was resolved"), server_default="")
    # The day the recipient said that it cannot solve this alone, or said it again after an answer
    # or on hold.
    coordination_asked_on: Mapped[date | None] = labelled(mark("Coordination asked for on"))
    # … and the moment: a reply of the same day may come before or after it.
    coordination_asked_at: Mapped[datetime | None] = labelled(
        mark("Coordination asked for at"), DateTime(timezone=True)
    )
    coordination_reason: Mapped[str] = labelled(mark("What must be coordinated"), server_default="")
