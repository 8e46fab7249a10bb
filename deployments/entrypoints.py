"""The flows a worker executes: those `prefect.yaml` declares, whatever the server says."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.resources import files
from math import inf
from typing import Any, cast

import yaml
from prefect.flows import Flow


class ForeignEntrypoint(LookupError):
    """The entrypoint names none of Luodi's flows: nothing is imported."""


@cache
def _declaration() -> dict[str, Any]:
    return cast(dict[str, Any], yaml.safe_load((files("deployments") / "prefect.yaml").read_text("utf-8")))


def declared() -> list[dict[str, Any]]:
    """The deployments of `prefect.yaml`."""
    return cast(list[dict[str, Any]], _declaration()["deployments"])


def queues() -> Mapping[str, dict[str, int]]:
    """The work queues of `prefect.yaml`: the priority and the limit of each, by its name."""
    return cast(dict[str, dict[str, int]], _declaration()["definitions"]["queues"])


@cache
def entrypoints() -> Mapping[str, str]:
    """The entrypoint of each deployment, by its name, which is also its flow's."""
    return {entry["name"]: entry["entrypoint"] for entry in declared()}


def flow_at(entrypoint: str) -> Flow[..., Any]:
    """The declared flow; its module is imported at the first call, and never another one."""
    if entrypoint not in entrypoints().values():
        raise ForeignEntrypoint(entrypoint)
    module, _dot, name = entrypoint.rpartition(".")
    flow: Flow[..., Any] = getattr(import_module(module), name)
    return flow


def seconds_for(flow: str) -> float:
    """How long a run of that flow may take, as its decorator says."""
    return flow_at(entrypoints()[flow]).timeout_seconds or inf
