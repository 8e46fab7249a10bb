"""The desk as a server of its own: what comes in piece by piece, or not at all."""

import http.client
import os
import socket
import subprocess
import time
from asyncio import Semaphore
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Thread

import httpx
import pytest
import uvicorn

from deployments import environment
from deployments.desk.app import create_app
from deployments.desk.security import hosts_and_headers, tokens
from deployments.desk.uploads import form, receive, space
from deployments.doors import body
from deployments.doors.connections import SERVED
from deployments.up import own_command
from support.programs.desk_visitor import COOKIE, incoming
from support.programs.ports import free_port
from support.repository import REPOSITORY
from support.waiting import wait_for


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a desk that is served as `luodi desk` serves it."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(), port=port, **SERVED))
    thread = Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started, "the desk")
    yield port
    server.should_exit = True
    thread.join(20)


HEAD = (
    b'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n%s\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
)


def sending(port: int, *length: tuple[str, str]) -> http.client.HTTPConnection:
    """A browser that has begun to send a file."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest("POST", "/imports")
    own = {"Origin": f"http://127.0.0.1:{port}", "Cookie": f"{tokens.COOKIE}={COOKIE}"}
    for name, value in (*own.items(), ("Content-Type", "multipart/form-data; boundary=b"), *length):
        connection.putheader(name, value)
    connection.endheaders()
    return connection


def chunk(piece: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece)


def test_a_file_of_untold_length_is_stopped_at_the_limit(port, monkeypatch):
    monkeypatch.setattr(form, "LARGEST_FILE", 2**20)
    connection = sending(port, ("Transfer-Encoding", "chunked"))
    connection.send(chunk(HEAD % tokens.token_for(COOKIE).encode()))
    for _each in range(20):
        connection.send(chunk(b"x" * 2**17))
    connection.send(b"0\r\n\r\n")
    reply = connection.getresponse()  # it gets an answer, not a cut, though it went on sending
    assert (reply.status, "MB" in reply.read().decode()) == (413, True)
    assert incoming() == []
    connection.close()


def test_many_fields_are_as_limited_as_a_file(port, monkeypatch):
    monkeypatch.setattr(form, "MAX_REQUEST_BYTES", 2**20)
    connection = sending(port, ("Transfer-Encoding", "chunked"))
    for _each in range(2000):
        connection.send(chunk(b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + b"x" * 1000 + b"\r\n"))
    connection.send(b"0\r\n\r\n")
    assert connection.getresponse().status == 413
    connection.close()


def test_a_length_over_the_limit_is_refused_before_anything_is_kept(port, monkeypatch):
    monkeypatch.setattr(receive, "MAX_DRAIN", 0.2)
    connection = sending(port, ("Content-Length", str(10**12)))
    connection.send(HEAD % tokens.token_for(COOKIE).encode())
    assert connection.getresponse().status == 413
    connection.close()


def test_a_browser_that_goes_away_leaves_nothing(port):
    connection = sending(port, ("Content-Length", "100000"))
    connection.send(HEAD % tokens.token_for(COOKIE).encode() + b"x" * 5000)
    wait_for(lambda: [name for name in incoming() if name.startswith(space.UNFINISHED)], "the file's beginning")
    connection.close()
    wait_for(lambda: incoming() == [] and not receive.SLOTS.locked(), "its end")


def test_a_browser_that_falls_silent_is_not_waited_for(port, monkeypatch):
    monkeypatch.setattr(body, "WINDOW", 0.3)
    connection = sending(port, ("Content-Length", "100000"))
    connection.send(HEAD % tokens.token_for(COOKIE).encode() + b"x" * 5000)
    assert connection.getresponse().status == 408
    assert (incoming(), receive.SLOTS.locked()) == ([], False)
    connection.close()


def test_those_who_hold_connections_keep_nobody_out(port):
    with ExitStack() as held:
        for said in (b"", b"GET / HT", b"POST /imports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n"):
            for _each in range(hosts_and_headers.MOST_AT_WORK):
                held.enter_context(socket.create_connection(("127.0.0.1", port))).sendall(said)
        assert httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).is_success


def test_a_byte_now_and_then_does_not_hold_a_place(port, monkeypatch):
    monkeypatch.setattr(body, "WINDOW", 0.5)
    connection = sending(port, ("Content-Length", "100000"))
    connection.send(HEAD % tokens.token_for(COOKIE).encode())
    for _each in range(15):
        connection.send(b"x")
        time.sleep(0.05)
    assert connection.getresponse().status == 408
    assert (incoming(), receive.SLOTS.locked()) == ([], False)
    connection.close()


def test_one_address_leaves_a_place_for_others(port, monkeypatch):
    monkeypatch.setattr(receive, "SLOTS", Semaphore(4))
    places = [sending(port, ("Content-Length", "100000")) for _each in range(receive.MOST_PER_ADDRESS)]
    for connection in places:
        connection.send(HEAD % tokens.token_for(COOKIE).encode())
    wait_for(lambda: receive.RECEIVING["127.0.0.1"] == receive.MOST_PER_ADDRESS, "their beginning")
    monkeypatch.setattr(receive, "MAX_DRAIN", 0.1)
    late = sending(port, ("Content-Length", "100000"))
    assert late.getresponse().status == 503
    for connection in (late, *places):
        connection.close()
    wait_for(lambda: not receive.RECEIVING, "their end")


def test_a_chinese_name_written_raw_into_a_header_is_no_fault(port):
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall("GET /nothing HTTP/1.1\r\nHost: 招商.office\r\nCookie: luodi-desk=招商\r\n\r\n".encode())
        assert raw.recv(100).split()[1] == b"400"


def test_luodi_refuses_to_show_it_to_other_machines_without_a_password(tmp_path):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "LUODI_"))}
    ours = {
        "LUODI_HOME": str(tmp_path),
        "PORT": str(free_port()),
        "LUODI_DESK_HOST": environment.EVERYWHERE[0],
        "LUODI_LOCALE": "en",
    }
    for command in ("desk", "up"):
        result = subprocess.run(
            own_command(command),
            env={**kept, **ours, "PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert result.returncode == 1
        assert "set PREFECT_SERVER_API_AUTH_STRING=user:password, or remove LUODI_DESK_HOST" in result.stderr
