"""Alembic's entry: migrates the database of `LUODI_DATABASE_URL`, or the connection it gets."""

from alembic import context
from sqlalchemy import Connection, create_engine

from models.settings import settings
from models.tables import Base


def migrate(connection: Connection) -> None:
    """Run the migrations on an open connection."""
    context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=True)
    with context.begin_transaction():
        context.run_migrations()


if handed := context.config.attributes.get("connection"):
    migrate(handed)
else:
    with create_engine(settings().database_url).connect() as opened:
        migrate(opened)
