"""Prefect's server as `luodi up` serves it."""

from fastapi import FastAPI
from prefect.plugins import load_prefect_collections
from prefect.server.api import server


def create_app() -> FastAPI:
    """Its application, with our worker type loaded first.

    Prefect loads it after migrating its database, and migrating puts the current folder first on
    the path: a `flows/` there would hide ours.
    """
    load_prefect_collections()
    return server.create_app()
