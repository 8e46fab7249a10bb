"""What all tables share: naming, exact money, moments in UTC, words stored by value."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from sqlalchemy import DateTime, Enum, Index, MetaData, Numeric, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

from models import words

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def stored_by_value(word: type[words.Word], name: str = "") -> Enum:
    """A text column holding the word's value, refused by the database when it is no such word."""
    return Enum(
        word,
        name=name or word.__name__.lower(),
        native_enum=False,
        length=32,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
    )


WORDS = {word: stored_by_value(word) for word in words.Word.__subclasses__()}
Money = Annotated[Decimal, mapped_column(Numeric(20, 2))]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Recorded = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]


def labelled(label: str, *schema: Any, **options: Any) -> MappedColumn[Any]:
    """A column with the name people know it by, as the history of changes prints it."""
    return mapped_column(*schema, info={"label": label}, **options)


def partial_index(name: str | None, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, postgresql_where=text(where))


class Base(DeclarativeBase):
    """Days end in `_on`, moments (aware, UTC) in `_at`, keys in `_id`."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        dict[str, Any]: JSONB(),
        list[str]: JSONB(),
        **WORDS,
    }


class Recordable:
    """A fact knows the moment it was recorded, apart from the day it happened."""

    recorded_at: Mapped[Recorded]
