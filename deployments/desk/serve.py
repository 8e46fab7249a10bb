"""`luodi desk`: serves the desk; `luodi up` does it, too."""

import argparse

import uvicorn

from deployments import environment
from deployments.desk.app import create_app
from deployments.desk.security.login import refuse_open

MOST_REQUESTS = 64
"""Requests under way at once; the desk serves people, not programs."""


def main(_arguments: argparse.Namespace) -> int:
    """Serve until it is stopped.

    Raises:
        OpenToAll: when it would be reached from other machines without a password.
    """
    host = environment.desk_host()
    refuse_open(host)
    uvicorn.run(
        create_app(),
        host=host,
        port=environment.desk_port(environment.known_port()),
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_REQUESTS,
    )
    return 0
