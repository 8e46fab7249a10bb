"""`luodi desk`: serves the desk. `luodi up` starts it, too."""

import argparse

import uvicorn

from deployments import environment
from deployments.desk.app import create_app
from deployments.desk.security.login import refuse_open

MAX_REQUESTS_AT_ONCE = 64  # the desk serves people, not programs


def main(_arguments: argparse.Namespace) -> int:
    """Serve until stopped.

    Raises:
        OpenToAll: if other machines could reach the desk without a password.
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
        limit_concurrency=MAX_REQUESTS_AT_ONCE,
    )
    return 0
