"""What an installation is: where it lives, which databases and which server it uses."""

import errno
import json
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from deployments.embedded_postgres.folders import try_lock
from deployments.embedded_postgres.server import EmbeddedPostgres
from deployments.home_folder import close_to_others, no_home, opened, refuse_open
from deployments.retention import KEPT
from models.i18n import gettext as _
from models.settings import settings
from tasks.files import home as home
from tasks.files import write_secret

LEDGER, PREFECT = "luodi", "prefect"
CLIENT_HEADERS = "PREFECT_CLIENT_CUSTOM_HEADERS"
PREFECT_DATABASE = "PREFECT_API_DATABASE_CONNECTION_URL"
DEFAULT_PORT = 4200
SERVER_HOST = "127.0.0.1"  # a reverse proxy of the office may stand before it
DESK_GREETING = "luodi desk"  # what it answers at /health: another program on its port does not
# The addresses that stand for every network of the machine
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - named here so that the desk can be asked under another name
FULL = (errno.ENOSPC, errno.EDQUOT)  # no room: a part that can do without starts all the same
QUIET = {
    "DO_NOT_TRACK": "1",  # offices have no internet
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
    "PREFECT_SERVER_CSRF_TOKEN_EXPIRATION": "P1D",  # threads that renew one at once get in each other's way
    "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS": "1",  # else a hundred coming reconciliations fill the runs list
    "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_RUNS": "1",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",  # ours wait without limit; it reads all that do
    # What tasks tell is written together: one by one it kept the server from answering
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "10",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",  # in seconds
    # A slot whose holder has died comes free after two minutes, also when the server died with it
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION": "120",
    "PREFECT_WORKER_HEARTBEAT_SECONDS": "5",  # the doctor calls a worker dead that is silent for 20
    "PREFECT_WORKER_QUERY_SECONDS": "1",  # an answer's next form comes within seconds
    **KEPT,
    "PREFECT_CLIENT_MAX_RETRIES": "2",  # waits of 2 and 4 s; more double, up to 32: then reconciliation is quicker
}


PROCESS_HEADER = "X-Luodi-Process"  # tells the API that a process of this installation calls
# Variables that may name a file or folder from the current folder
PATHS = re.compile(
    r"PREFECT_[A-Z_]*(HOME|PATH|FILE|DIR|DIRECTORY)|PG(PASSFILE|SERVICEFILE|SYSCONFDIR)|PGSSL(CERT|KEY|ROOTCERT|CRL)"
    r"|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE"
)


def known_port() -> int:
    """The port to speak to: the one asked for, else the one last served here."""
    return settings().port or served_port()


def served_port() -> int:
    """The port the last `luodi up` of this home served."""
    path = home() / "port"
    text = path.read_text().strip() if path.exists() else ""
    return int(text) if text.isdecimal() else DEFAULT_PORT


def address(port: int) -> str:
    """Where the Prefect UI is."""
    return f"http://127.0.0.1:{port}"


def desk_port(ui_port: int) -> int:
    return ui_port + 1


def desk_host() -> str:
    """The address the desk listens on; this machine only, unless the office sets another."""
    return settings().desk_host


def desk_address(port: int) -> str:
    """Where this machine reaches the desk beside a UI on that port."""
    host = "127.0.0.1" if desk_host() in EVERYWHERE else desk_host()
    return f"http://{f'[{host}]' if ':' in host else host}:{desk_port(port)}"


def embedded() -> EmbeddedPostgres | None:
    """The PostgreSQL Luodi brings itself; None when both databases are the office's own."""
    server, office = EmbeddedPostgres(home()), settings()
    has_ledger = office.database_url in ("", server.url(LEDGER, "psycopg"))
    has_prefect = office.prefect_database_url in ("", server.url(PREFECT, "asyncpg"))
    return server if has_ledger or has_prefect else None


def process_environment(port: int, *, serves: bool) -> dict[str, str]:
    """The environment of every process of the installation; what the office set itself stays.

    Whoever `serves` is the server, whatever PREFECT_API_URL says; the others speak to the one it
    names.
    """
    office, api = settings(), f"{address(port)}/api"
    variables = {
        "PREFECT_HOME": str(home() / "prefect"),
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home() / "prefect" / "ui"),  # Prefect's own package may be root's
        **QUIET,
    }
    if server := embedded():
        server.refuse_stranger()
        variables["LUODI_DATABASE_URL"] = server.url(LEDGER, "psycopg")
        variables[PREFECT_DATABASE] = server.url(PREFECT, "asyncpg")
    variables |= {name: value for name, value in os.environ.items() if value}
    variables |= {
        "LUODI_HOME": str(home()),
        "PORT": str(port),
        "LUODI_DESK_URL": office.desk_url or desk_address(port),
        "PREFECT_API_URL": api if serves else office.prefect_api_url or api,
        "PREFECT_UI_API_URL": office.prefect_ui_api_url or api,
        # no other page in the browser may call us
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": office.prefect_origins or address(port),
    }
    for name in ("NO_PROXY", "no_proxy"):  # a proxy for the internet is not for our own machine
        variables[name] = ",".join(filter(None, (variables.get(name), "127.0.0.1,localhost")))
    if office.prefect_password:
        variables["PREFECT_API_AUTH_STRING"] = office.prefect_password
        variables[CLIENT_HEADERS] = with_process_key(variables.get(CLIENT_HEADERS, "{}"))
    return variables


def with_process_key(headers: str) -> str:
    """The headers of Prefect's clients, as JSON, with the key only processes of this home can read:
    they need not wait while others guess the password.
    """
    try:
        return json.dumps({**json.loads(headers), PROCESS_HEADER: process_key()})
    except (OSError, ValueError, TypeError):  # another user's home; headers that Prefect itself refuses
        return headers


def of_server() -> dict[str, str]:
    """The server's environment: without the key, for it shows its settings to all who ask."""
    variables = dict(os.environ)
    with suppress(KeyError, ValueError, TypeError, AttributeError):  # none, or some that Prefect itself refuses
        headers = json.loads(variables[CLIENT_HEADERS])
        headers.pop(PROCESS_HEADER, None)
        variables[CLIENT_HEADERS] = json.dumps(headers)
    return variables


def process_key() -> str:
    """A secret of this home, made when it is first asked for."""
    path = home() / "run" / "process.key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        write_secret(path, secrets.token_urlsafe(32))
    return path.read_text()


def enter(*, serves: bool = False, writes: bool = True) -> None:
    """Make this process one of the installation's; before Prefect is imported, which reads it once.

    One that writes nothing makes no folder either, neither ours nor Prefect's.

    Raises:
        NoHome: when its folder cannot be made, or not be written in.
    """
    try:
        if writes:
            home().parent.mkdir(parents=True, exist_ok=True)
            os.umask(0o077)  # what an office keeps is nobody else's
            home().mkdir(exist_ok=True)
            close_to_others(home())
            tempfile.TemporaryFile(dir=home()).close()
        else:
            refuse_other_than_folder(home())
            if home().exists():
                refuse_open(home())
    except OSError as problem:
        if problem.errno not in FULL:
            raise no_home(home(), problem.strerror or str(problem)) from problem
    port = (settings().port or DEFAULT_PORT) if serves else known_port()
    os.environ.update(process_environment(port, serves=serves))
    leave_folder()
    if not writes and not (home() / "prefect").exists():
        os.environ["PREFECT_HOME"] = os.devnull  # Prefect makes the folder that is named here unless it is there


def leave_folder() -> None:
    """Go where root alone puts files: Prefect takes settings, which can name programs to run, from
    `prefect.toml`, `pyproject.toml` and `.env` of the current folder, whoever put them there.
    """
    for name, value in os.environ.items():
        if PATHS.fullmatch(name) and value and not value.startswith("~"):
            os.environ[name] = str(Path(value).absolute())
    modules = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if any(modules):
        os.environ["PYTHONPATH"] = os.pathsep.join(str(Path(folder).absolute()) for folder in modules if folder)
    os.chdir("/")


def refuse_other_than_folder(path: Path) -> None:
    """Raise OSError for what is no folder, or one that we may not look into; nothing is fine."""
    with suppress(FileNotFoundError):
        os.scandir(path).close()


@contextmanager
def only_one(home: Path) -> Iterator[bool]:
    """Whether this process is the only `luodi up` of its home, for as long as the block lasts.

    Raises:
        NoHome: when the lock is not a file of our own: whoever made it could keep us out.
    """
    path = home / "up.lock"
    with ExitStack() as stack:
        try:
            lock = stack.enter_context(opened(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW))
        except OSError as problem:
            raise no_home(home, f"{path}: {problem.strerror}") from problem
        status = os.fstat(lock)
        if not stat.S_ISREG(status.st_mode) or status.st_uid not in (os.geteuid(), home.stat().st_uid):
            raise no_home(home, _("%(path)s is not ours") % {"path": path})
        yield try_lock(lock)
