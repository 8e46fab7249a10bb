"""A ledger that lives for one replay: never the office's own."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from deployments import environment
from deployments.database import prepare
from deployments.embedded_postgres.server import EmbeddedPostgres, running
from models.i18n import gettext as _
from models.settings import settings
from tasks import database

LEDGER_URL = "LUODI_DATABASE_URL"
# What is thrown away afterwards need not survive a power cut
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class NoScratchLedger(RuntimeError):
    """There is no room for a scratch ledger: the message says what is in the way."""


@contextmanager
def scratch_ledger(home: Path, *, keep: bool) -> Iterator[str]:
    """An empty ledger that `LUODI_DATABASE_URL` names inside the block; then dropped unless kept.

    An office with a PostgreSQL of its own gets a database of another name there; otherwise one is
    started apart from that of the home, which may be serving. Gives the command that opens it.

    Raises:
        NoScratchLedger: when none can be made, or the one kept before is being served.
    """
    office = settings().database_url
    own = EmbeddedPostgres(home).url(environment.LEDGER, "psycopg")
    place = _on_server(office, keep=keep) if office not in ("", own) else _embedded(home, keep=keep)
    with place as (url, how_to_open):
        os.environ[LEDGER_URL] = url
        try:
            prepare()
            yield how_to_open
        finally:
            database.engine().dispose()
            os.environ[LEDGER_URL] = office


@contextmanager
def _on_server(office: str, *, keep: bool) -> Iterator[tuple[str, str]]:
    name = f"luodi_replay_{uuid.uuid4().hex[:12]}"
    url = make_url(office).set(database=name)
    shown = url.render_as_string(hide_password=True)
    _administer(office, f"CREATE DATABASE {name}")
    try:
        yield url.render_as_string(hide_password=False), f"{LEDGER_URL}={shown} luodi up"
    finally:
        if not keep:
            _administer(office, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    except SQLAlchemyError as problem:
        why = str(problem.__cause__ or problem).strip().partition("\n")[0]
        message = _("The scratch ledger could not be made or dropped at the server of LUODI_DATABASE_URL: %(why)s")
        raise NoScratchLedger(message % {"why": why}) from problem
    finally:
        engine.dispose()


@contextmanager
def _embedded(home: Path, *, keep: bool) -> Iterator[tuple[str, str]]:
    if not keep:
        with tempfile.TemporaryDirectory(prefix="luodi-replay-") as folder, _served(Path(folder), keep=False) as served:
            yield served
        return
    kept = home / "replay"
    kept.mkdir(parents=True, exist_ok=True)
    with environment.only_one(kept) as ours:
        if not ours:
            message = _("The ledger kept by the last replay is being served from %(home)s: stop that `luodi up` first.")
            raise NoScratchLedger(message % {"home": kept})
        EmbeddedPostgres(kept).delete()
        with _served(kept, keep=True) as served:
            yield served


@contextmanager
def _served(home: Path, *, keep: bool) -> Iterator[tuple[str, str]]:
    with running(home, QUICK, keep=keep) as server:
        server.ensure_databases(environment.LEDGER)
        yield server.url(environment.LEDGER, "psycopg"), f"LUODI_HOME={home} luodi up"
