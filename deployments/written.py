"""What Luodi has written of each deployment, kept beside it as a variable in Prefect's database.

By it the next `luodi deploy` tells what an operator has changed since.
"""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal, Self

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import VariableCreate, VariableUpdate
from prefect.client.schemas.objects import Variable
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import SCHEDULE_TYPES, CronSchedule, IntervalSchedule
from prefect.exceptions import ObjectAlreadyExists
from pydantic import BaseModel

from deployments.entrypoints import entrypoints
from tasks.runs.prefect_api import PAGE

TAG = "luodi"  # of the variables
DEFAULT_QUEUE = "default"  # every pool has it


class Rhythm(BaseModel):
    """When a schedule starts a run."""

    cron: str = ""
    seconds: float = 0
    timezone: str = ""
    id: str = ""  # the server's number: an operator may drop the slug

    @classmethod
    def of(cls, schedule: SCHEDULE_TYPES, number: object = "") -> Self:
        if isinstance(schedule, CronSchedule):
            return cls(cron=schedule.cron, timezone=schedule.timezone or "", id=str(number))
        if isinstance(schedule, IntervalSchedule):
            return cls(seconds=schedule.interval.total_seconds(), id=str(number))
        return cls(id=str(number))

    @property
    def times(self) -> tuple[str, float]:
        return self.cron, self.seconds


class Written(BaseModel):
    """The parts of a deployment that an operator may change, as Luodi wrote them."""

    deployment: str = ""  # its id: one that was deleted and made anew has been written by nobody
    description: str = ""  # its fingerprint
    tags: list[str] = []
    queue: str = DEFAULT_QUEUE
    limit: int | None = None
    collision: Literal["ENQUEUE", "CANCEL_NEW"] | None = None
    schedules: dict[str, Rhythm] = {}  # by slug


def fingerprint(text: str | None) -> str:
    return hashlib.sha256((text or "").encode()).hexdigest()[:12]


def last_written(client: SyncPrefectClient) -> dict[str, Written]:
    """What was written last, by deployment; none for those that a former version registered."""
    names = [variable_name(name) for name in entrypoints()]
    body = {"variables": {"name": {"any_": names}}, "limit": PAGE}
    found: Any = client.request("POST", "/variables/filter", json=body).json()
    variables = [Variable.model_validate(each) for each in found]
    return {each.name: Written.model_validate(each.value) for each in variables}


def last_of(deployment: DeploymentResponse, written: Mapping[str, Written]) -> Written | None:
    last = written.get(variable_name(deployment.name))
    return last if last and last.deployment == str(deployment.id) else None


def remember(client: SyncPrefectClient, name: str, now: Written, before: Mapping[str, Written]) -> None:
    """Keep what is written now; a variable that an operator has deleted is made again."""
    variable, value = variable_name(name), now.model_dump(exclude_defaults=True)
    if before.get(variable) == now:
        return
    if variable not in before:
        with suppress(ObjectAlreadyExists):  # registered by two at once: both wrote the same
            client.create_variable(VariableCreate(name=variable, value=value, tags=[TAG]))
            return
    client.update_variable(VariableUpdate(name=variable, value=value, tags=[TAG]))


def variable_name(deployment: str) -> str:
    return f"{TAG}_{deployment.replace('-', '_')}"
