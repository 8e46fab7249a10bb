"""A reverse proxy before the office's server: what it gets goes on as it is, host and path too."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


class Proxy(ThreadingTCPServer):
    """Listens on a port of its own; `passed` counts the connections it passed on."""

    daemon_threads = True

    def __init__(self, host: str) -> None:
        super().__init__((host, 0), BaseRequestHandler)
        self.port = self.server_address[1]
        self.before = 0  # the port it stands before
        self.passed = 0

    def finish_request(self, request: socket.socket | tuple[bytes, socket.socket], _client: object) -> None:
        assert isinstance(request, socket.socket)
        self.passed += 1
        with socket.create_connection(("127.0.0.1", self.before)) as server:
            back = Thread(target=_pass_on, args=(server, request), daemon=True)
            back.start()
            _pass_on(request, server)
            back.join()


@contextmanager
def proxying(host: str = "127.0.0.1") -> Iterator[Proxy]:
    with Proxy(host) as proxy:
        thread = Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
