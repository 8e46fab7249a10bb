"""The form that undoes a sweep."""

from typing import Annotated

from pydantic import Field

from models.i18n import mark
from tasks.runs.forms import choice_of
from tasks.runs.parameters import FILLED_IN

Sweep = Annotated[
    str,
    FILLED_IN,
    Field(
        title=mark("Sweep"),
        description=mark("Its number, the day it fired for, when it fired, and how many of its steps stand"),
        json_schema_extra=choice_of("sweeps", preselected=False),
    ),
]
Reason = Annotated[
    str,
    FILLED_IN,
    Field(
        title=mark("Reason"),
        description=mark("Who was told by mistake reads it, and it stands beside each void number"),
    ),
]
