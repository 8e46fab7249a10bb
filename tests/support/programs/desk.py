"""The desk of an office, served as `luodi up` serves it."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from deployments import children
from deployments.up import own_command
from support.office import Office
from support.waiting import wait_for


@contextmanager
def serving(office: Office) -> Iterator[str]:
    """The desk beside the office's UI; its address. Afterwards it has met no error of ours."""
    log, address = office.folder / "desk.log", f"http://127.0.0.1:{office.port + 1}"
    process = children.start(own_command("desk"), log, office.environment())

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return httpx.get(f"{address}/health").is_success
        except httpx.TransportError:
            return False

    try:
        wait_for(answers, f"the desk; see {log}")
        yield address
    finally:
        children.stop(process, 20)
    assert "Traceback" not in log.read_text()
