"""Ports for what a test starts."""

import secrets
import socket
from contextlib import suppress

BELOW_EPHEMERAL = 32000  # Linux gives out ports from 32768 on, other systems higher ones


def free_port() -> int:
    """A port nobody listens on, nor on the one after it, where the desk is.

    Not one of those the system gives to whoever connects somewhere: the desk may be started minutes
    later.
    """
    while True:
        port = BELOW_EPHEMERAL - 2 * secrets.randbelow(5000)
        with socket.socket() as probe, socket.socket() as after, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            after.bind(("127.0.0.1", port + 1))
            return port
