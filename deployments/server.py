"""Prefect's server as `luodi up` serves it."""

import sys

from prefect.plugins import load_prefect_collections
from prefect.server.api import server
from starlette.types import ASGIApp

from deployments import environment
from deployments.doors.api import ApiDoor
from deployments.doors.connections import serve
from deployments.doors.tokens import without_check


def create_app() -> ASGIApp:
    """Its application behind our door, with our worker type loaded first.

    Prefect loads it after migrating its database, and migrating puts the current folder first on
    the path: a `flows/` there would hide ours.
    """
    load_prefect_collections()
    return ApiDoor(without_check(server.create_app()))


if __name__ == "__main__":
    serve(create_app, environment.SERVER_HOST, int(sys.argv[1]), is_factory=True)
