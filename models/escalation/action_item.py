"""The action item: somebody owes something by a date. One table, one ladder."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Recordable, stored_by_value
from models.i18n import mark
from models.ledger.organisation import Person, Unit
from models.ledger.project import Investor, Milestone, Project
from models.ledger.subject import Subject
from models.words import BlockerCategory, ItemKind, ItemResult, Step, VisitOutcome


class ActionItem(Recordable, Base):
    """Somebody owes something by a date; `next_fires_on` says when the ladder moves without them."""

    __tablename__ = "action_item"
    __table_args__ = (
        CheckConstraint("num_nonnulls(project_id, investor_id) <= 1", name="one_subject"),
        CheckConstraint("(closed_on IS NULL) = (result IS NULL)", name="closed_says_why"),
        CheckConstraint("kind <> 'milestone' OR milestone_id IS NOT NULL", name="milestone_item_names_it"),
        CheckConstraint("(kind = 'verify') = (verifies_id IS NOT NULL)", name="verification_names_its_item"),
        CheckConstraint("(fired_step IS NULL) = (fired_on IS NULL)", name="fired_has_day"),
        CheckConstraint("(next_step IS NULL) = (next_fires_on IS NULL)", name="next_has_day"),
        CheckConstraint("next_step IS NULL OR (closed_on IS NULL AND NOT is_paused)", name="only_the_open_fire"),
        Index("ix_action_item_clock", "next_fires_on", postgresql_where=text("closed_on IS NULL")),
        Index(
            "uq_action_item_open_visit",
            "project_id",
            unique=True,
            postgresql_where=text("kind = 'visit' AND closed_on IS NULL"),
        ),
        Index(
            "uq_action_item_open_investor_visit",
            "investor_id",
            unique=True,
            postgresql_where=text("kind = 'visit' AND closed_on IS NULL AND investor_id IS NOT NULL"),
        ),
        Index(None, "investor_id", postgresql_where=text("investor_id IS NOT NULL")),
        Index(
            "uq_action_item_open_milestone",
            "milestone_id",
            unique=True,
            postgresql_where=text("closed_on IS NULL AND milestone_id IS NOT NULL"),
        ),
        Index(
            "uq_action_item_open_verification",
            "verifies_id",
            unique=True,
            postgresql_where=text("closed_on IS NULL AND verifies_id IS NOT NULL"),
        ),
        Index("ix_action_item_verifies_id", "verifies_id", postgresql_where=text("verifies_id IS NOT NULL")),
        Index(None, "milestone_id", postgresql_where=text("milestone_id IS NOT NULL")),
        Index(None, "project_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ItemKind] = mapped_column(info={"label": mark("Kind")})
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    project: Mapped[Project | None] = relationship()
    investor_id: Mapped[int | None] = mapped_column(ForeignKey("investor.id"), info={"label": mark("Investor")})
    investor: Mapped[Investor | None] = relationship()
    # Always known; the subject itself if there is neither project nor investor.
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True, info={"label": mark("Unit")})
    unit: Mapped[Unit] = relationship()
    milestone_id: Mapped[int | None] = mapped_column(ForeignKey("milestone.id"), info={"label": mark("Milestone")})
    milestone: Mapped[Milestone | None] = relationship()
    verifies_id: Mapped[int | None] = mapped_column(
        ForeignKey("action_item.id"), info={"label": mark("What is verified")}
    )
    # The finished item a verification is about.
    verifies: Mapped["ActionItem | None"] = relationship(remote_side="ActionItem.id")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info={"label": mark("Owner")})
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info={"label": mark("Responsible leader")})
    leader: Mapped[Person | None] = relationship(foreign_keys=[leader_id])
    opened_on: Mapped[date] = mapped_column(info={"label": mark("Opened on")})
    due_on: Mapped[date] = mapped_column(info={"label": mark("Due")})
    closed_on: Mapped[date | None] = mapped_column(info={"label": mark("Closed on")})
    result: Mapped[ItemResult | None] = mapped_column(info={"label": mark("Result")})
    is_paused: Mapped[bool] = mapped_column(server_default="false", info={"label": mark("Put on hold")})
    # The leader's promise; the ladder counts from this day instead of the due date.
    promised_on: Mapped[date | None] = mapped_column(info={"label": mark("Promised by")})
    round: Mapped[int] = mapped_column(server_default="1", info={"label": mark("Round")})
    # The first step after the date in this round, if it is not the reminder: after a promise or a
    # reopening.
    entry_step: Mapped[Step | None] = mapped_column(
        stored_by_value(Step, "entry_step"), info={"label": mark("First step after the due date")}
    )
    # The step reached before a pause: after it, this step fires again before any above it.
    resumed_step: Mapped[Step | None] = mapped_column(
        stored_by_value(Step, "resumed_step"), info={"label": mark("Step at which the clock stopped")}
    )
    # The highest step that has fired in this round.
    fired_step: Mapped[Step | None] = mapped_column(stored_by_value(Step, "fired_step"))
    fired_on: Mapped[date | None]
    next_step: Mapped[Step | None]
    next_fires_on: Mapped[date | None]

    blocker: Mapped["Blocker | None"] = relationship(back_populates="item")
    visit: Mapped["Visit | None"] = relationship(back_populates="item")
    pauses: Mapped[list["Pause"]] = relationship(order_by="Pause.id")
    extensions: Mapped[list["Extension"]] = relationship(order_by="Extension.id")

    @property
    def subject(self) -> Subject:
        """The project or the investor it is owed on."""
        return Subject(self.project_id, self.investor_id)

    def close(self, on: date, result: ItemResult) -> None:
        """Nothing is owed any more; nothing can fire."""
        self.closed_on, self.result = on, result
        self.next_step = self.next_fires_on = None
        self.is_paused = False
        for pause in self.pauses:
            pause.until_on = pause.until_on or on


class Pause(Recordable, Base):
    """A time in which an item's ladder stands still ("on hold"), granted by somebody for a reason."""

    __tablename__ = "pause"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("action_item.id"), index=True)
    from_on: Mapped[date] = mapped_column(info={"label": mark("On hold from")})
    # The day the ladder went on; empty while it is paused.
    until_on: Mapped[date | None] = mapped_column(info={"label": mark("On hold until")})
    reason: Mapped[str] = mapped_column(info={"label": mark("Reason")})
    granted_by: Mapped[str] = mapped_column(info={"label": mark("Granted by")})


class Extension(Recordable, Base):
    """A later due date, granted by somebody for a reason."""

    __tablename__ = "extension"
    __table_args__ = (CheckConstraint("due_on > former_due_on", name="later"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("action_item.id"), index=True)
    former_due_on: Mapped[date] = mapped_column(info={"label": mark("Former due date")})
    due_on: Mapped[date] = mapped_column(info={"label": mark("New due date")})
    reason: Mapped[str] = mapped_column(info={"label": mark("Reason")})
    granted_by: Mapped[str] = mapped_column(info={"label": mark("Granted by")})


class Visit(Recordable, Base):
    """What a follow-up visit found: the revisit register's six topics (province form of 2012) and its outcome."""

    __tablename__ = "visit"

    item_id: Mapped[int] = mapped_column(ForeignKey("action_item.id"), primary_key=True)
    item: Mapped[ActionItem] = relationship(back_populates="visit")
    visited_on: Mapped[date] = mapped_column(info={"label": mark("Visited on")})
    outcome: Mapped[VisitOutcome] = mapped_column(info={"label": mark("Outcome")})
    progress: Mapped[str] = mapped_column(info={"label": mark("Progress")})
    # The six topics by name (`policy`, `promises`, …); only what was filled in.
    topics: Mapped[dict[str, Any]] = mapped_column(
        server_default="{}", info={"label": mark("Six topics of the revisit")}
    )
    filled_in_by: Mapped[str] = mapped_column(info={"label": mark("Filled in by")})


class Blocker(Recordable, Base):
    """One distinct problem with one category, one recipient unit, one owner and one date (制约问题)."""

    __tablename__ = "blocker"

    item_id: Mapped[int] = mapped_column(ForeignKey("action_item.id"), primary_key=True)
    item: Mapped[ActionItem] = relationship(back_populates="blocker")
    category: Mapped[BlockerCategory] = mapped_column(info={"label": mark("Category")})
    recipient_unit_id: Mapped[int] = mapped_column(
        ForeignKey("unit.id"), index=True, info={"label": mark("Unit that must solve it")}
    )
    recipient_unit: Mapped[Unit] = relationship()
    description: Mapped[str] = mapped_column(info={"label": mark("What the problem is")})
    proposed_solution: Mapped[str] = mapped_column(server_default="", info={"label": mark("Proposed solution")})
    resolution: Mapped[str] = mapped_column(server_default="", info={"label": mark("How it was resolved")})
    # The day the recipient said that it cannot solve this alone; if it says so again on hold, that
    # day.
    coordination_asked_on: Mapped[date | None] = mapped_column(info={"label": mark("Coordination asked for on")})
