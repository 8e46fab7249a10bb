"""Whatever state of this repository made a ledger, it is brought to the shape of the models."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text

from deployments.database import prepare
from deployments.embedded_postgres.server import EmbeddedPostgres
from deployments.schema import differences, other_shape
from models.escalation.action_item import ActionItem
from models.escalation.policy import Policy
from support.ledgers.dumps import restore
from tasks.database import engine, transaction

RELEASED = sorted((Path(__file__).parents[1] / "data" / "released").glob("*.sql.xz"))
CHANGES = (
    "ALTER TABLE progress DROP COLUMN reported_by",
    "DROP INDEX ix_ask_overtaken",
    "ALTER TABLE policy DROP CONSTRAINT uq_policy_version",
    "DROP TRIGGER history_of_update ON unit",
    "ALTER TABLE visit DISABLE TRIGGER history_of_insert",
    "ALTER TABLE notice ADD note text",
    "DROP TRIGGER tell_visit_made ON visit",
    "ALTER TABLE investor ALTER name DROP NOT NULL",
    "ALTER TABLE unit DROP CONSTRAINT ck_unit_unitkind, ADD CONSTRAINT ck_unit_unitkind CHECK (kind IN ('county'))",
)


@pytest.fixture(params=RELEASED, ids=lambda path: path.name.partition(".")[0])
def released(
    request: pytest.FixtureRequest, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A ledger with a few rows in every table, as a commit of ours made it."""
    name = f"released_{request.node.callspec.id}"
    postgres.ensure_databases(name)
    restore(postgres, name, request.param)
    monkeypatch.setenv("LUODI_DATABASE_URL", postgres.url(name, "psycopg"))
    yield
    engine().dispose()


@pytest.mark.usefixtures("released")
def test_a_ledger_of_any_shape_gets_that_of_the_models_and_loses_no_row() -> None:
    before = rows()
    assert "0008" in prepare().migrations
    assert named() == []
    after = rows()
    assert {table: after[table] for table in before} == before
    with transaction() as session:
        items = dict(session.execute(select(ActionItem.id, ActionItem.next_step)).all())
        versions = session.scalars(select(Policy.version)).all()
    assert [number for number, step in sorted(items.items()) if step is None] == [2, 4]  # on hold, closed
    assert sorted(versions) == [1, 2]
    assert prepare() == ([], 0)


@pytest.mark.usefixtures("ledger", "in_english")
def test_every_way_in_which_a_ledger_can_differ_is_named() -> None:
    assert named() == []
    with engine().begin() as connection:
        for change in CHANGES:
            connection.execute(text(change))
    assert named() == [
        "lacks ask, index ix_ask_overtaken",
        "lacks policy, constraint uq_policy_version",
        "lacks policy, index uq_policy_version",
        "lacks progress, column reported_by",
        "lacks unit, trigger history_of_update",
        "lacks visit, trigger history_of_insert",
        "lacks visit, trigger tell_visit_made",
        "has too much: notice, column note",
        "differs: investor, column name",
        "differs: unit, constraint ck_unit_unitkind",
    ]


@pytest.mark.usefixtures("ledger", "in_english")
def test_a_server_on_which_nothing_can_be_compared_is_no_reason_not_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with engine().begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS plain"))
        connection.execute(text("CREATE ROLE plain"))
        connection.execute(text(f"REVOKE TEMPORARY ON DATABASE {connection.engine.url.database} FROM PUBLIC"))
    monkeypatch.setenv("LUODI_DATABASE_URL", f"{os.environ['LUODI_DATABASE_URL']}&options=-crole%3Dplain")
    assert "permission denied to create temporary tables" in other_shape()
    engine().dispose()


def named() -> list[str]:
    with engine().connect() as connection:
        return differences(connection)


def rows() -> dict[str, int]:
    """How many rows each table has that is not written by the upgrade itself."""
    with engine().connect() as connection:
        tables = set(inspect(connection).get_table_names()) - {"alembic_version", "change", "workday"}
        return {table: connection.scalar(select(func.count()).select_from(text(table))) or 0 for table in tables}
