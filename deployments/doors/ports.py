"""The ports of server and desk: no other user of the machine gets one while a part is down.

Whoever listened there would be sent the password by worker, desk and browsers.
"""

import errno
import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

from deployments import environment
from models.i18n import gettext as _

LINGERING = 65.0  # seconds until the connections of a server that has ended are forgotten
LOOKS_AGAIN = 0.5


class PortTaken(RuntimeError):
    """Nothing can be served there: another program has the port, or the address is not ours."""


def hold(stack: ExitStack, host: str, port: int) -> None:
    """Keep the port for processes of our own user until the stack ends, without listening there.

    Raises:
        PortTaken: at once when something listens there, or nothing of this machine can.
    """
    deadline = time.monotonic() + LINGERING
    while True:
        _refuse_taken(host, port)  # also for a process of ours: two would share the port
        try:
            for own in bound(host, port):
                stack.callback(own.close)
            return
        except OSError as problem:
            if time.monotonic() > deadline:
                raise _taken(host, port, problem) from problem
            time.sleep(LOOKS_AGAIN)


def bound(host: str, port: int, *, again: bool = False) -> list[socket.socket]:
    """Sockets that have the port, of which other users get none; `again`: where we hold it."""
    with ExitStack() as stack:
        sockets = []
        for family, protocol, address in _addresses(host, port):
            own = stack.enter_context(socket.socket(family, socket.SOCK_STREAM, protocol))
            own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if again:
                own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                own.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            own.bind(address)
            sockets.append(own)
        stack.pop_all()
    return sockets


def refuse_listener(host: str, port: int) -> None:
    """Raise PortTaken when something listens there: a process of ours would share it."""
    for family, _protocol, address in _addresses(host, port):
        with socket.socket(family) as probe:
            if probe.connect_ex(address) == 0:
                raise _taken(host, port, OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE)))


def _addresses(host: str, port: int) -> Iterator[tuple[int, int, tuple[str, int]]]:
    """Family, protocol and address. A socket without a protocol serves too, but asyncio then leaves
    it to the system to hold back the end of each reply, for 40 ms.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, _type, protocol, _name, address in dict.fromkeys(found):
        yield family, protocol, address  # type: ignore[misc] # of IPv4 or IPv6


def _refuse_taken(host: str, port: int) -> None:
    try:
        for family, _protocol, address in _addresses(host, port):
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as problem:
        raise _taken(host, port, problem) from problem


def _taken(host: str, port: int, problem: OSError) -> PortTaken:
    hint = _("Nothing can listen on %(host)s, port %(port)s: %(why)s. Check LUODI_DESK_HOST and PORT.")
    if problem.errno == errno.EADDRINUSE:
        hint = _("Port %(port)s is in use by another program: stop it, or choose another one, like PORT=%(other)s.")
    other = environment.known_port() + 100
    return PortTaken(hint % {"host": host, "port": port, "why": problem.strerror, "other": other})
