"""The ledger's database: can it be reached, is it of our shape, does it take changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from deployments.doctor.findings import HANGS, Finding, fine, notice, some, wrong
from deployments.schema import differences
from models.i18n import enumerated, mark
from models.i18n import gettext as _
from tasks.database import LedgerIsNewer, NoDatabase, lacking_migrations, ledger_address
from tasks.ledger.office_time import office_zone

CONNECT_PATIENCE = 2  # seconds
PATIENCE = "3s"  # of one statement, waiting for locks included
CLOCKS_APART = timedelta(seconds=30)
FEW_CONNECTIONS = 10  # left: fewer than the parts need when all are at work
MAKE_ROOM = mark("End programs that hold connections to the database, or raise its max_connections.")
REFUSALS = {  # words of PostgreSQL, and what to do then
    "timeout expired": HANGS,
    "password authentication failed": (
        login := mark("Correct user and password in LUODI_DATABASE_URL; the server's pg_hba.conf must admit them.")
    ),
    "no password supplied": login,
    "no pg_hba.conf entry": login,
    "does not exist": mark("Create what LUODI_DATABASE_URL names, or load your backup; then start `luodi up`."),
    "too many": MAKE_ROOM,
    "remaining connection slots": MAKE_ROOM,
    "No space left": mark("Make room on the database's disk, then start `luodi up` again."),
}


@contextmanager
def reading() -> Iterator[Session]:
    """A session that can change nothing, on a connection of its own, and waits for nobody long."""
    with _connected() as session:
        session.execute(text("SET TRANSACTION READ ONLY"))
        yield session


@contextmanager
def _connected() -> Iterator[Session]:
    engine = create_engine(ledger_address(), poolclass=NullPool, connect_args={"connect_timeout": CONNECT_PATIENCE})
    with Session(engine) as session, session.begin():
        session.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE}'"))
        yield session


def database() -> Iterator[Finding]:
    """Can the ledger be reached, and has it the newest shape?"""
    try:
        with reading() as session:
            lacking = lacking_migrations(session.connection())
    except LedgerIsNewer as problem:
        yield wrong(str(problem), _("Install the Luodi that made it, or a newer one."))
    except (SQLAlchemyError, NoDatabase) as problem:
        why = str(problem).splitlines()[0]
        yield wrong(_("The ledger database cannot be reached: %(why)s") % {"why": why}, _remedy(why))
    else:
        if lacking:
            what = _("The ledger database lacks migrations: %(names)s") % {"names": enumerated(lacking)}
            yield wrong(what, _("Run `luodi db upgrade`."))
        else:
            yield fine(_("The ledger database is reached and up to date."))


def _remedy(why: str) -> str:
    usual = _("Start Luodi with `luodi up`; with a PostgreSQL of your own, check LUODI_DATABASE_URL.")
    return next((_(remedy) for words, remedy in REFUSALS.items() if words in why), usual)


def shape() -> Iterator[Finding]:
    """Has the database the tables of the models, no more and no less?"""
    with _connected() as session:
        others = differences(session.connection())
    if others:
        what = _("The ledger database has another shape than this version of Luodi: %(names)s")
        remedy = _("Run `luodi db upgrade`; if it stays so, undo what was changed by hand, or restore a backup.")
        yield wrong(what % {"names": some(others)}, remedy)


def character_types() -> Iterator[Finding]:
    """Does the database know Chinese letters? Prefect's search finds nothing with the C locale."""
    with reading() as session:
        kind = session.scalar(text("SELECT datctype FROM pg_database WHERE datname = current_database()"))
    if kind in ("C", "POSIX"):
        what = _("The database's character type is %(kind)s: searching for Chinese names finds nothing.")
        yield notice(what % {"kind": kind}, _("Create the databases with LC_CTYPE C.UTF-8 or zh_CN.UTF-8."))


def changes() -> Iterator[Finding]:
    """Does the database take changes? A stand-by and one put to rest do not."""
    asked = """
        SELECT pg_is_in_recovery() OR reset_val = 'on'
        FROM pg_settings WHERE name = 'default_transaction_read_only'
    """
    with reading() as session:
        takes_none = session.scalar(text(asked))
    if takes_none:
        remedy = _("Promote the stand-by, or set default_transaction_read_only to off, or correct LUODI_DATABASE_URL.")
        yield wrong(_("The ledger database can be read, but takes no changes."), remedy)


def connections() -> Iterator[Finding]:
    """Are there connections left for the parts? Whoever is superuser gets in after all others."""
    asked = """
        SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
               - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
    """
    with reading() as session:
        left = session.scalar(text(asked)) or 0
    if left < FEW_CONNECTIONS:
        what = _("The database has room for %(count)s more connections only; then answers fail.")
        yield wrong(what % {"count": max(left, 0)}, _(MAKE_ROOM))


def clock() -> Iterator[Finding]:
    """Does the database know the office's time zone, and go by our time?"""
    asked = "SELECT clock_timestamp(), now() AT TIME ZONE :zone"
    with reading() as session:
        theirs, _local = session.execute(text(asked), {"zone": office_zone().key}).one()
    yield from clocks_apart(theirs, _("the database"))


def clocks_apart(theirs: datetime, whose: str) -> Iterator[Finding]:
    """Wrong if another machine's clock differs from ours by more than calls and rounding take."""
    apart = theirs - datetime.now(UTC)
    if abs(apart) > CLOCKS_APART:
        what = _("The clocks of this machine and of %(whose)s differ by %(count)s seconds.")
        what %= {"whose": whose, "count": round(abs(apart).total_seconds())}
        yield wrong(what, _("Let both machines set their clocks by one time server."))
