from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment


class RememberedMapping(Base):
    """What a person said of a header's columns: files with the same header are read by it."""

    __tablename__ = "remembered_mapping"

    digest: Mapped[str] = mapped_column(primary_key=True)  # of the header
    headers: Mapped[list[str]]  # from column A on
    mapping: Mapped[dict[str, Any]]  # fields by header, as an import takes them
    file: Mapped[str]  # that it was given with
    run_id: Mapped[str]  # of that file's import; Prefect knows who started it
    set_at: Mapped[Moment]
