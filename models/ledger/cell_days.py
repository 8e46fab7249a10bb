"""As of which day the files brought the cells of the ledger."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

ANY_CELL = "*"  # stands for the cells that are not named: of rows entered before days were kept


class CellDays(Base):
    """A day for each cell that files gave; rows of which the same is known share an entry."""

    __tablename__ = "cell_days"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)  # follows from the days
    days: Mapped[dict[str, Any]]  # by cell: 2013-06-30
    latest_on: Mapped[date]


class RowDays(Base):
    """Which entry of `cell_days` holds for a row of the ledger.

    It has no foreign key, as most rows are a project's: to check 100,000 of them takes a second.
    """

    __tablename__ = "row_days"

    row_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    table_name: Mapped[str] = mapped_column(primary_key=True)
    cell_days_id: Mapped[int] = mapped_column(BigInteger)
