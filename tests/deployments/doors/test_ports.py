"""While a part is down, no other user of the machine can listen in its place."""

import asyncio
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from deployments.doors.ports import PortTaken, bound, hold, refuse_listener
from support.programs.ports import free_port

NOBODY = 65534
HOST = "127.0.0.1"
TAKE = """
import socket, sys
for option in (None, socket.SO_REUSEADDR, socket.SO_REUSEPORT):
    with socket.socket() as other:
        if option:
            other.setsockopt(socket.SOL_SOCKET, option, 1)
        try:
            other.bind(("127.0.0.1", int(sys.argv[1])))
            other.listen()
        except OSError:
            continue
        print("taken")
"""


@pytest.fixture
def port() -> Iterator[int]:
    """One that is held."""
    port = free_port()
    with ExitStack() as stack:
        hold(stack, HOST, port)
        yield port


def taken_by_nobody(port: int) -> str:
    return subprocess.run(
        ["/usr/bin/python3", "-I", "-c", TAKE, str(port)],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.only_for("root")
def test_no_other_user_gets_a_port_that_is_held(port: int) -> None:
    assert taken_by_nobody(port) == ""
    with bound(HOST, port, again=True)[0] as served:
        served.listen()
        assert taken_by_nobody(port) == ""
    assert taken_by_nobody(port) == ""


def test_a_part_serves_where_the_port_is_held_and_again_after_it_died(port: int) -> None:
    with socket.socket() as caller:
        assert caller.connect_ex((HOST, port)) != 0  # nothing answers in the meantime
    for _life in range(2):
        with bound(HOST, port, again=True)[0] as served:
            served.listen()
            with socket.create_connection((HOST, port)), served.accept()[0] as connection:
                connection.send(b"x")  # closed by us: the connection lingers


def test_two_processes_of_ours_do_not_share_a_port(port: int) -> None:
    refuse_listener(HOST, port)
    with bound(HOST, port, again=True)[0] as served:
        served.listen()
        with pytest.raises(PortTaken):
            refuse_listener(HOST, port)
        with pytest.raises(PortTaken), ExitStack() as stack:
            hold(stack, HOST, port)


def test_a_port_held_by_another_home_is_taken(port: int) -> None:
    with pytest.raises(PortTaken), ExitStack() as stack:
        hold(stack, HOST, port)


def test_a_reply_is_sent_at_once_and_does_not_wait_to_be_acknowledged() -> None:
    async def is_sent_at_once() -> bool:
        answered = asyncio.get_running_loop().create_future()

        def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            served = writer.get_extra_info("socket")
            answered.set_result(served.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0)
            writer.close()

        port = free_port()
        async with await asyncio.start_server(answer, sock=bound(HOST, port, again=True)[0]):
            _reader, caller = await asyncio.open_connection(HOST, port)
            caller.close()
            return await answered

    assert asyncio.run(is_sent_at_once())
