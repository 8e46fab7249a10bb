"""The raw tables as pandas reads them, for tests that count everything once more without our
code.
"""

import pandas as pd
from sqlalchemy import text

from tasks.database import engine

TABLES = (
    "project",
    "milestone",
    "action_item",
    "blocker",
    "visit",
    "escalation",
    "pause",
    "progress",
    "unit",
    "person",
    "capital_event",
)
Tables = dict[str, pd.DataFrame]


def tables() -> Tables:
    """The raw tables as they are; days as dates, what is missing as None."""
    with engine().connect() as connection:
        found = {name: pd.read_sql(text(f"SELECT * FROM {name}"), connection, coerce_float=False) for name in TABLES}  # noqa: S608
    return {name: frame.astype(object).where(frame.notna(), None) for name, frame in found.items()}
