"""Connections that idle, trickle or are not read keep nobody else out of a real server."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from select import select
from threading import Thread

import httpx
import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from deployments.doors import connections
from support.programs.ports import free_port
from support.waiting import wait_for

BIG = 20_000_000  # more than the system takes in for somebody who does not read
CUT = r"reset|Broken|not connected"  # what a sender hears whose connection is gone
GET = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


async def application(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        return
    if scope["type"] != "http":
        return
    request = Request(scope, receive)
    reply: Response = PlainTextResponse("here")
    if scope["path"] == "/big":
        reply = Response(b"x" * BIG)
    elif scope["path"] == "/whole":
        reply = PlainTextResponse(str(len(await request.body())))
    elif scope["path"] == "/slow":
        await asyncio.sleep(1.5)
    elif scope["path"] == "/brief":
        await asyncio.sleep(0.6)
    elif scope["path"] == "/endless":
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    elif scope["path"] == "/stall":
        time.sleep(0.5)  # noqa: ASYNC251 - nothing else goes on meanwhile
    await reply(scope, receive, send)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(connections, "HEAD_PATIENCE", 0.5)
    monkeypatch.setattr(connections, "REST_PATIENCE", 0.5)
    monkeypatch.setattr(connections, "READ_PATIENCE", 0.5)
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 20)
    port = free_port()
    config = uvicorn.Config(
        application, port=port, log_level="error", lifespan="off", http=connections.PatientConnection
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started, "the server")
    yield port
    server.should_exit = server.force_exit = True
    thread.join(20)


@contextmanager
def opened(port: int, said: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(said)
        yield connection


def trickle(connection: socket.socket, said: bytes) -> None:
    for letter in said:
        connection.sendall(bytes([letter]))
        time.sleep(0.05)


def is_served(port: int) -> bool:
    return httpx.get(f"http://127.0.0.1:{port}/", timeout=5, trust_env=False).text == "here"


def ends(connection: socket.socket) -> bool:
    """Whether the server ends the connection, which is read to its end."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


def ended(held: list[socket.socket]) -> list[socket.socket]:
    """Those that the server has ended, of connections to which it has sent nothing."""
    return select(held, [], [], 0)[0]


@pytest.mark.parametrize("said", [b"", b"GET / HT", GET[:-2]], ids=["nothing", "a beginning", "no end"])
def test_who_does_not_finish_a_head_is_let_go(port, said):
    with opened(port, said) as connection:
        assert ends(connection)


def test_a_head_that_trickles_is_let_go_too(port):
    with opened(port) as connection, pytest.raises(OSError, match=CUT):
        trickle(connection, GET * 3)


def test_so_is_a_second_head_that_trickles(port):
    with opened(port, GET) as connection, pytest.raises(OSError, match=CUT):
        trickle(connection, GET * 3)


def test_the_rest_of_a_request_that_is_answered_is_not_waited_for(port):
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
    with opened(port, head) as connection, pytest.raises(OSError, match=CUT):
        trickle(connection, b" " * 100)


def test_a_reply_that_nobody_reads_is_given_up(port):
    with opened(port, GET.replace(b"/ ", b"/big ")) as connection:
        time.sleep(2)
        assert ends(connection)
        with pytest.raises(OSError, match=CUT):
            trickle(connection, GET)


def test_a_reply_that_is_read_slowly_arrives_whole(port, monkeypatch):
    monkeypatch.setattr(connections, "READ_PATIENCE", 1.0)
    came = 0
    with opened(port, GET.replace(b"/ ", b"/big ")) as connection:
        while came < BIG:
            piece = connection.recv(1_000_000)
            assert piece, came
            came += len(piece)
            time.sleep(0.02)


def test_a_long_answer_is_waited_for(port):
    with opened(port, GET.replace(b"/ ", b"/slow ")) as connection:
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_connection_serves_several_requests(port):
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        assert [client.post("/whole", content=b"x" * size).text for size in (3, 200_000)] == ["3", "200000"]
        time.sleep(0.2)
        assert client.get("/").text == "here"


@pytest.mark.parametrize(
    "said",
    [b"", b"GET / HT", b"POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", GET.replace(b"/ ", b"/big ")],
    ids=["idle", "in the head", "in the body", "unread"],
)
def test_however_many_are_held_another_one_is_served(port, monkeypatch, said):
    for patience in ("HEAD_PATIENCE", "REST_PATIENCE", "READ_PATIENCE"):
        monkeypatch.setattr(connections, patience, 60)
    with ExitStack() as held:
        for _each in range(connections.MOST_CONNECTIONS * 2):
            held.enter_context(opened(port, said))
        assert all(is_served(port) for _each in range(3))


def test_of_a_burst_too_no_more_stay_than_may(port, monkeypatch):
    monkeypatch.setattr(connections, "HEAD_PATIENCE", 60)
    with ExitStack() as held, opened(port, GET.replace(b"/ ", b"/stall ")):
        time.sleep(0.1)
        burst = [held.enter_context(opened(port)) for _each in range(connections.MOST_CONNECTIONS * 2)]
        wait_for(lambda: len(ended(burst)) >= connections.MOST_CONNECTIONS, "half of the burst to be let go")
        assert is_served(port)


def test_who_comes_while_all_others_are_briefly_at_work_is_served(port, monkeypatch):
    monkeypatch.setattr(connections, "NEW", 1.0)
    with ExitStack() as held:
        brief = GET.replace(b"/ ", b"/brief ")
        at_work = [held.enter_context(opened(port, brief)) for _each in range(connections.MOST_CONNECTIONS)]
        time.sleep(0.2)
        assert is_served(port)
        assert all(each.recv(1000).startswith(b"HTTP/1.1 200") for each in at_work)


def test_while_all_others_stay_at_work_there_is_no_room(port, monkeypatch):
    monkeypatch.setattr(connections, "HEAD_PATIENCE", 60)
    with ExitStack() as held:
        endless = GET.replace(b"/ ", b"/endless ")
        at_work = [held.enter_context(opened(port, endless)) for _each in range(connections.MOST_CONNECTIONS)]
        time.sleep(0.2)
        assert ends(held.enter_context(opened(port)))
        assert ended(at_work) == []


def test_many_who_trickle_keep_nobody_out(port, monkeypatch):
    monkeypatch.setattr(connections, "HEAD_PATIENCE", 60)
    with ExitStack() as held:
        trickling = [held.enter_context(opened(port, b"GET /")) for _each in range(connections.MOST_CONNECTIONS * 2)]

        def are_half_let_go() -> bool:
            gone = ended(trickling)
            for each in set(trickling) - set(gone):
                with suppress(OSError):
                    each.send(b"x")
            return len(gone) >= connections.MOST_CONNECTIONS

        wait_for(are_half_let_go, "half of them to be let go")
        assert is_served(port)


def test_who_speaks_is_not_closed_for_those_who_are_silent(port, monkeypatch):
    monkeypatch.setattr(connections, "HEAD_PATIENCE", 60)
    with ExitStack() as held, opened(port, b"POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\n\r\n") as sender:
        for _each in range(60):
            sender.sendall(b"x")
            held.enter_context(opened(port))
            time.sleep(0.01)
        assert sender.recv(1000).endswith(b"60")


def test_websockets_have_a_number_of_their_own(port, monkeypatch):
    monkeypatch.setattr(connections, "MOST_WEBSOCKETS", 3)
    upgrade = (
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with ExitStack() as held:
        sockets = [held.enter_context(opened(port, upgrade)) for _each in range(3)]
        assert all(each.recv(1000).startswith(b"HTTP/1.1 101") for each in sockets)
        time.sleep(1)
        with opened(port, upgrade) as refused:
            assert ends(refused)
        assert is_served(port)
        sockets[0].settimeout(0.2)
        with pytest.raises(TimeoutError):
            sockets[0].recv(1)
