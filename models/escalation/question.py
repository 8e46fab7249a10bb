import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Moment, Recorded, partial_index
from models.escalation.action_item import ActionItem
from models.words import Verdict


class Run(Base):
    """The one flow run that serves a subject; `run_no` rises when it is replaced."""

    __tablename__ = "run"

    flow: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    run_no: Mapped[int] = mapped_column(server_default="1")
    flow_run_id: Mapped[uuid.UUID | None]  # empty until Prefect has confirmed it

    @property
    def idempotency_key(self) -> str:
        """Prefect returns the same run for the same key, also when asked twice."""
        return f"{self.flow}:{self.subject_id}:{self.run_no}"


class Ask(Base):
    """A question put to a person by a form, and its answer. Never edited after its verdict."""

    __tablename__ = "ask"
    __table_args__ = (
        partial_index(
            "uq_ask_open_per_subject", "flow", "subject_id", where="verdict IS NULL AND is_standing", unique=True
        ),
        Index(None, "flow_run_id"),
        Index(None, "flow", "subject_id"),
        partial_index("ix_ask_overtaken", "overtaken_at", where="verdict IS NULL AND overtaken_at IS NOT NULL"),
    )

    # Also the pause key of the suspended run: fresh for every question.
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    form_no: Mapped[str]  # printed on the form: identifies answers to an older one
    flow: Mapped[str]
    subject_id: Mapped[int]
    is_standing: Mapped[bool]  # not asked by a run somebody started by hand
    flow_run_id: Mapped[uuid.UUID | None]
    page_id: Mapped[uuid.UUID | None]  # Prefect's number of the artifact that shows it with its run; empty until known
    form: Mapped[str] = mapped_column(server_default="")  # its class name; empty on old questions
    item_id: Mapped[int | None] = mapped_column(ForeignKey("action_item.id"), index=True)
    item: Mapped[ActionItem | None] = relationship()
    schema_sent: Mapped[dict[str, Any]]
    brief: Mapped[str]
    asked_at: Mapped[Recorded]
    overtaken_at: Mapped[Moment | None]  # when a fact that arrived another way made it out of date
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    answered_at: Mapped[Moment | None]
    filled_in_by: Mapped[str] = mapped_column(server_default="")
    # How often applying the answer was begun; a fault of ours raises it, a verdict ends it.
    attempts: Mapped[int] = mapped_column(server_default="0")
    verdict: Mapped[Verdict | None]
    reason: Mapped[str] = mapped_column(server_default="")
    judged_at: Mapped[Moment | None]

    def judge(self, verdict: Verdict, at: datetime, reason: str = "") -> None:
        self.verdict, self.judged_at, self.reason = verdict, at, reason

    @property
    def prefilled(self) -> dict[str, Any]:
        """What the ledger proposed: an answer that still says so changes nothing.

        Where a refused answer was given back, the form was filled in with that instead.
        """
        fields: dict[str, dict[str, Any]] = self.schema_sent["properties"]
        proposed = {name: field.get("proposed", field.get("default")) for name, field in fields.items()}
        return {name: value for name, value in proposed.items() if value is not None}

    @property
    def keyset(self) -> dict[str, str]:
        """The names Prefect keeps the form's parts and its answer under."""
        return {part: f"suspended-{self.id}-{part}" for part in ("description", "response", "schema")}
