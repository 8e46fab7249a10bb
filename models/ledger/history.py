"""The append-only history, written by the database itself, and the counters of documents."""

from datetime import date
from typing import Any

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment, Recordable, partial_index


class Change(Recordable, Base):
    """Who changed what, when and from where; for a new row `new` holds all of it."""

    __tablename__ = "change"
    __table_args__ = (
        Index(None, "table_name", "row_id"),
        partial_index("ix_change_cell", "table_name", "column_name", "row_id", where="column_name IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    actor: Mapped[str]
    source: Mapped[str]
    table_name: Mapped[str]
    row_id: Mapped[str]
    column_name: Mapped[str | None]
    old: Mapped[Any | None] = mapped_column(JSONB)
    new: Mapped[Any | None] = mapped_column(JSONB)


HISTORIC_TABLES = (
    "unit",
    "unit_alias",
    "person",
    "squad",
    "investor",
    "project",
    "project_co_unit",
    "milestone",
    "progress",
    "capital_event",
    "action_item",
    "pause",
    "extension",
    "visit",
    "blocker",
    "policy",
    "campaign",
    "target",
    "revisit_campaign",
    "channel",
)
# Columns history leaves out: the ladder's rule derives them, and `escalation` has what fired.
DERIVED = {"action_item": ("next_step", "next_fires_on", "fired_step", "fired_on")}
# … and what must be readable nowhere but where it is kept.
SECRET = {"channel": ("sealed", "sealed_with")}


class Counter(Base):
    """Gapless numbers for documents: taken under a row lock, in the transaction that uses them."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(server_default="0")


class SweepLog(Recordable, Base):
    """A finished sweep; one that was undone stands in `undone_sweep` instead."""

    __tablename__ = "sweep_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    as_of: Mapped[date] = mapped_column(index=True)
    finished_at: Mapped[Moment]
    fired: Mapped[int]
    # Who said that the day was right after the clock had leapt: asserted, not proven.
    confirmed_by: Mapped[str] = mapped_column(server_default="")
