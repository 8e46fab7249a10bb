"""What an installation is: where it lives, which databases and which server it uses."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deployments.embedded_postgres.server import EmbeddedPostgres
from models.i18n import gettext as _
from tasks.files import home as home

LEDGER, PREFECT = "luodi", "prefect"
PREFECT_DATABASE = "PREFECT_API_DATABASE_CONNECTION_URL"
DEFAULT_PORT = 4200
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - named here so that the desk can be asked under another name
"""The addresses that stand for every network of the machine."""
QUIET = {
    "DO_NOT_TRACK": "1",  # offices have no internet
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS": "1",  # else a hundred coming reconciliations fill the runs list
    "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_RUNS": "1",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",  # ours wait without limit; it reads all that do
    "PREFECT_WORKER_QUERY_SECONDS": "1",  # an answer's next form comes within seconds
}


class NotAPort(ValueError):
    """`PORT` is not the number of a port: set it to one from 1 to 65535, like 4200."""


def wanted_port() -> int | None:
    """The port `PORT` asks for; None when it is not set.

    Raises:
        NotAPort: when it asks for something else.
    """
    text = os.environ.get("PORT", "")
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise NotAPort(
            _("PORT=%(text)s is not a port: set it to a number from 1 to 65535, like 4200.") % {"text": text}
        )
    return int(text)


def served_port() -> int:
    """The port `luodi up` is to serve: the one asked for, else 4200."""
    return wanted_port() or DEFAULT_PORT


def known_port() -> int:
    """The port to speak to: the one asked for, else the one last served here."""
    return wanted_port() or told_port()


def told_port() -> int:
    """The port the last `luodi up` of this home says it serves."""
    told = home() / "port"
    text = told.read_text().strip() if told.exists() else ""
    return int(text) if text.isdecimal() else DEFAULT_PORT


def address(port: int) -> str:
    """Where the Prefect UI is."""
    return f"http://127.0.0.1:{port}"


def desk_port(port: int) -> int:
    """The port of the desk beside a UI on that port.

    Raises:
        NotAPort: when there is none beside the last one.
    """
    if not 0 < port < 65535:
        raise NotAPort(
            _("Port %(port)s has no port after it for the desk: set PORT to a number from 1 to 65534, like 4200.")
            % {"port": port}
        )
    return port + 1


def desk_host() -> str:
    """The address the desk listens on, `LUODI_DESK_HOST`; this machine only, unless it is set."""
    return os.environ.get("LUODI_DESK_HOST") or "127.0.0.1"


def desk_address(port: int) -> str:
    """Where this machine reaches the desk beside a UI on that port."""
    host = "127.0.0.1" if desk_host() in EVERYWHERE else desk_host()
    return f"http://{f'[{host}]' if ':' in host else host}:{desk_port(port)}"


def told_address() -> str:
    """Where the `luodi up` of this home says its UI is."""
    return address(told_port())


def embedded() -> EmbeddedPostgres | None:
    """The PostgreSQL Luodi brings itself; None when both databases are the office's own."""
    server = EmbeddedPostgres(home())
    ours = {"LUODI_DATABASE_URL": server.url(LEDGER, "psycopg"), PREFECT_DATABASE: server.url(PREFECT, "asyncpg")}
    is_needed = any(os.environ.get(name) in (None, "", url) for name, url in ours.items())
    return server if is_needed else None


def variables(port: int, *, serves: bool) -> dict[str, str]:
    """The environment of every process of the installation; what the office set itself stays.

    Whoever `serves` is the server, whatever PREFECT_API_URL says; the others speak to the one it names.
    """
    found = {"PREFECT_HOME": str(home() / "prefect"), **QUIET}
    if server := embedded():
        found["LUODI_DATABASE_URL"] = server.url(LEDGER, "psycopg")
        found[PREFECT_DATABASE] = server.url(PREFECT, "asyncpg")
    found |= {name: value for name, value in os.environ.items() if value}
    api = f"{address(port)}/api"
    if serves or not found.get("PREFECT_API_URL"):
        found["PREFECT_API_URL"] = api
    found.setdefault("PREFECT_UI_API_URL", api)
    found.setdefault("LUODI_DESK_URL", desk_address(port))
    found.setdefault("PREFECT_SERVER_CORS_ALLOWED_ORIGINS", address(port))  # no other page in the browser may call us
    found |= {"LUODI_HOME": str(home()), "PORT": str(port)}
    for name in ("NO_PROXY", "no_proxy"):  # a proxy for the internet is not for our own machine
        found[name] = ",".join(filter(None, (found.get(name), "127.0.0.1,localhost")))
    if secret := found.get("PREFECT_SERVER_API_AUTH_STRING"):
        found["PREFECT_API_AUTH_STRING"] = secret
    return found


def enter(port: int, *, serves: bool = False) -> None:
    """Make this process one of the installation's; before anything of Prefect is imported, which reads it once."""
    home().mkdir(parents=True, exist_ok=True)
    os.environ.update(variables(port, serves=serves))


@contextmanager
def only_one(home: Path) -> Iterator[bool]:
    """Whether this process is the only `luodi up` of its home, for as long as the block lasts."""
    with (home / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
