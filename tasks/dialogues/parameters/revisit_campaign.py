"""The forms that open a revisit campaign, and close it."""

from typing import Annotated

from pydantic import Field

from models.i18n import mark
from models.words import RevisitEnd
from tasks.runs.forms import choice_of, one_of
from tasks.runs.parameters import FILLED_IN

DEADLINE = mark("Deadline")

Name = Annotated[
    str,
    FILLED_IN,
    Field(
        title=mark("Name of the campaign"),
        description=mark("The same name again goes on with the same campaign"),
    ),
]
Deadline = Annotated[
    str, Field(title=DEADLINE, description=mark("A day like 2026-06-09; or leave it empty and give working days"))
]
WorkingDays = Annotated[
    int,
    Field(
        ge=0,
        le=500,
        title=mark("Working days"),
        description=mark("Until the deadline, where that is empty; 0: the deadline says it"),
    ),
]
SquadName = Annotated[
    str,
    Field(
        title=mark("Squad"),
        description=mark("Named on the visits' forms and in the report; no project changes its squad"),
        json_schema_extra=choice_of("squads"),
    ),
]
VisitProjects = Annotated[
    bool, Field(title=mark("One visit a project"), description=mark("Every open project that is selected"))
]
VisitInvestors = Annotated[
    bool,
    Field(
        title=mark("One visit an investor"),
        description=mark("The investors of the selected projects, also of landed ones"),
    ),
]

OpenCampaign = Annotated[
    str,
    FILLED_IN,
    Field(
        title=mark("Revisit campaign"),
        description=mark("One of those that are open"),
        json_schema_extra=choice_of("revisit campaigns", preselected=False),
    ),
]
End = Annotated[
    str,
    Field(
        title=mark("What becomes of it"),
        description=mark("The report is written in any case"),
        json_schema_extra=one_of(RevisitEnd),
    ),
]
Reason = Annotated[
    str, Field(title=mark("Reason"), description=mark("Needed to close or cancel it; it stands in the report"))
]
