"""Receivers that keep a sender waiting, over plain sockets, and how each does it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Misbehave = Callable[[socket.socket, threading.Event], None]
PAUSE = 0.1  # seconds between the pieces that are trickled


def trickle(connection: socket.socket, over: threading.Event, piece: bytes) -> None:
    """Send the piece again and again, each time within any time-out per read."""
    while not over.wait(PAUSE):
        connection.sendall(piece)


def silence(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    over.wait()


def trickled_headers(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    trickle(connection, over, b"X-Wait: a little\r\n")


def trickled_status(connection: socket.socket, over: threading.Event) -> None:
    trickle(connection, over, b"H")


def endless_1xx(connection: socket.socket, over: threading.Event) -> None:
    trickle(connection, over, b"HTTP/1.1 103 Early Hints\r\n\r\n")


def flood_of_1xx(connection: socket.socket, over: threading.Event) -> None:
    while not over.is_set():
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000)


def failing_slowly(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    over.wait(0.4)
    connection.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")


def unread(_connection: socket.socket, over: threading.Event) -> None:
    over.wait()


def garbage(connection: socket.socket, _over: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"\x00\xff SSH-2.0 no HTTP\r\n\r\n")


def hang_up(connection: socket.socket, _over: threading.Event) -> None:
    connection.recv(10)


def endless_body(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not over.is_set():
        connection.sendall(b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n")


@contextmanager
def receiving(misbehave: Misbehave, scheme: str = "http") -> Iterator[str]:
    """The address of a receiver that does so with everybody who connects, inside the block."""
    over = threading.Event()
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            misbehave(connection, over)

    def accept() -> None:
        with suppress(OSError):
            while not over.is_set():
                connection, _peer = listener.accept()
                connection.settimeout(5)
                threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        threads.append(threading.Thread(target=accept, daemon=True))
        threads[0].start()
        try:
            yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/hook?token=topsecret"
        finally:
            over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join()
