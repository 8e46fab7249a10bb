from collections.abc import Mapping
from typing import Any

from sqlalchemy import CursorResult, Executable, select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Pause


def change_items(
    session: Session, statement: Executable, values: Mapping[str, object] | None = None
) -> CursorResult[*tuple[Any, ...]]:
    """Execute a statement that writes items or pauses; loaded ones are read again."""
    session.flush()
    result = session.execute(statement, values, execution_options={"synchronize_session": False})
    loaded = list(session.identity_map.values())
    for table in (ActionItem, Pause):
        if ids := [row.id for row in loaded if isinstance(row, table)]:
            again = select(table).where(table.id.in_(ids))
            session.execute(again.execution_options(populate_existing=True)).all()
    return result  # type: ignore[return-value]
