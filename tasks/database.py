"""The one door to the ledger database."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.orm import Session

import models
from models.i18n import gettext as _
from models.settings import settings


class NoDatabase(RuntimeError):
    """No ledger database is named: start Luodi with `luodi up`, or set `LUODI_DATABASE_URL`."""


class LedgerIsNewer(RuntimeError):
    """The ledger was made by a newer Luodi: install that one, or one that is newer still."""


@cache
def _engine(url: str) -> Engine:
    return create_engine(url, pool_size=10, max_overflow=30, pool_pre_ping=True)


def ledger_address() -> str:
    """The address of the ledger that `LUODI_DATABASE_URL` names."""
    if url := settings().database_url:
        return url
    raise NoDatabase(_("LUODI_DATABASE_URL is not set: start Luodi with `luodi up`, or set it."))


def engine() -> Engine:
    """The engine of the ledger; made once."""
    return _engine(ledger_address())


@contextmanager
def transaction(actor: str = "luodi", source: str = "") -> Iterator[Session]:
    """One ledger transaction; history says that `actor` made its changes, coming from `source`."""
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        set_author(session, actor, source)
        yield session


@contextmanager
def snapshot() -> Iterator[Session]:
    """The ledger at one moment, for reports: every statement sees the same, none may write."""
    steady = engine().execution_options(isolation_level="REPEATABLE READ")
    with Session(steady, expire_on_commit=False) as session, session.begin():
        session.execute(text("SET TRANSACTION READ ONLY"))
        yield session


def set_author(session: Session, actor: str, source: str) -> None:
    """Name the author of the rest of this transaction in history."""
    session.execute(
        text("SELECT set_config('luodi.actor', :actor, true), set_config('luodi.source', :source, true)"),
        {"actor": actor, "source": source},
    )


@contextmanager
def coming_from(session: Session, source: str) -> Iterator[None]:
    """Inside the block history says that changes come from `source`."""
    asked = text("SELECT current_setting('luodi.source', true), set_config('luodi.source', :source, true)")
    former, _now = session.execute(asked, {"source": source}).one()
    yield
    session.execute(asked, {"source": former or ""})


def upgrade(revision: str = "head") -> None:
    """Bring the ledger database to the newest shape; safe when several do it at once."""
    with engine().begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('luodi.migrations'))"))
        command.upgrade(alembic_config(connection), revision)


def pending_migrations() -> list[str]:
    """The migrations the ledger database still lacks, oldest first."""
    with engine().connect() as connection:
        return lacking_migrations(connection)


def lacking_migrations(connection: Connection) -> list[str]:
    """The migrations the database of a connection lacks, oldest first."""
    script = ScriptDirectory.from_config(alembic_config(None))
    done, newest = MigrationContext.configure(connection).get_current_revision(), script.get_current_head()
    if done == newest:
        return []
    try:
        return [step.revision for step in reversed(list(script.iterate_revisions(newest, done)))]
    except (CommandError, RevisionError) as problem:
        newer = _("The ledger database is of another, probably newer Luodi: its migration %(name)s is not known here.")
        raise LedgerIsNewer(newer % {"name": done}) from problem


def alembic_config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(models.__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
