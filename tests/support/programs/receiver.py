"""A system that takes notices: a real HTTP server that checks signatures and counts messages by
their key.
"""

import hashlib
import hmac
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "与接收系统约定的密钥"


@dataclass
class Message:
    """One request as it came in."""

    key: str
    body: dict[str, Any]
    is_signed: bool
    status: int


@dataclass
class Receiver:
    """What came in, and what is answered next."""

    address: str = ""
    messages: list[Message] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    """What the next requests are answered with; 200 when the list is used up."""
    always: int = 200
    says: str = ""
    """The body of its answers."""
    takes: float = 0.0
    """Seconds until it answers."""

    @property
    def taken(self) -> Counter[str]:
        """How often each message was taken, by its idempotency key."""
        return Counter(each.key for each in self.messages if each.status == 200)

    def told(self, item_id: int) -> list[tuple[str, str]]:
        """The steps of an item and why they were told, in order."""
        lines = [line for each in self.messages if each.status == 200 for line in each.body["notices"]]
        return [(line["step"], line["occasion"]) for line in lines if line["item_id"] == item_id]

    def take(self, headers: Any, content: bytes) -> int:
        """Note a request, and say what it is answered with."""
        time.sleep(self.takes)
        moment = headers["X-Luodi-Timestamp"] or ""
        code = hmac.new(KEY.encode(), f"{moment}.".encode() + content, hashlib.sha256).hexdigest()
        is_signed = hmac.compare_digest(headers["X-Luodi-Signature"] or "", f"sha256={code}")
        is_fresh = moment.isdigit() and abs(time.time() - int(moment)) < 60
        status = self.statuses.pop(0) if self.statuses else self.always
        self.messages.append(Message(headers["Idempotency-Key"], json.loads(content), is_signed and is_fresh, status))
        return status


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens inside the block."""
    receiver, lock = Receiver(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                status = receiver.take(self.headers, content)
            self.send_response(status)
            says = receiver.says.encode()
            self.send_header("Content-Length", str(len(says)))
            self.end_headers()
            self.wfile.write(says)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.address = f"http://127.0.0.1:{server.server_port}/notices"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
