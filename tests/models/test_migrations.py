"""The database's shape comes from migrations alone."""

import re
from datetime import date

import pytest
from alembic import command
from sqlalchemy import Enum, inspect, select, text

from deployments.database import prepare
from models.escalation.action_item import ActionItem
from models.ledger.history import DERIVED, HISTORIC_TABLES, SECRET
from models.tables import Base
from models.words import ItemResult, Step
from tasks import database

OLD_LEDGER = (
    "INSERT INTO unit (name) VALUES ('清丰县')",
    """INSERT INTO project (code, name, sector, unit_id, amount, signed_on)
       SELECT 'PY-1', '家具产业园', 'furniture', id, 1, '2013-03-01' FROM unit""",
    """INSERT INTO action_item (kind, project_id, unit_id, opened_on, due_on)
       SELECT 'visit', id, unit_id, signed_on, '2013-06-14' FROM project""",
)
"""What an installation held before it had a ladder."""
NOT_HISTORIC = {
    *("ask", "run", "change", "counter", "sweep_log", "workday"),
    *("escalation", "notice", "delivery", "imported_file", "revisit_visit", "bulletin"),
    *("undone_sweep", "withdrawn_escalation", "withdrawn_notice", "void_number"),
}


@pytest.mark.usefixtures("ledger")
def test_migrations_from_zero_equal_the_models() -> None:
    assert database.pending_migrations() == []
    with database.engine().connect() as connection:
        command.check(database.alembic_config(connection))


@pytest.mark.usefixtures("ledger")
def test_every_migration_can_be_undone_and_done_again() -> None:
    with database.engine().begin() as connection:
        command.downgrade(database.alembic_config(connection), "base")
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    database.upgrade()
    assert database.pending_migrations() == []


@pytest.mark.usefixtures("ledger")
def test_an_older_ledger_is_brought_up_and_its_items_get_their_clocks() -> None:
    with database.engine().begin() as connection:
        command.downgrade(database.alembic_config(connection), "0003")
        for statement in OLD_LEDGER:
            connection.execute(text(statement))
    prepare()
    with database.transaction() as session:
        item = session.scalars(select(ActionItem)).one()
        assert (item.next_step, item.next_fires_on) == (Step.REMINDER_BEFORE, date(2013, 6, 8))
        item.result, item.closed_on, item.next_step, item.next_fires_on = (
            ItemResult.NOT_VERIFIED,
            item.due_on,
            None,
            None,
        )
    with database.engine().begin() as connection:
        command.downgrade(database.alembic_config(connection), "0003")
        assert connection.scalar(text("SELECT result FROM action_item")) == ItemResult.DONE
    prepare()


@pytest.mark.usefixtures("ledger")
def test_every_table_that_holds_facts_writes_history() -> None:
    triggers = text(
        "SELECT event_object_table, count(DISTINCT event_manipulation) FROM information_schema.triggers "
        "WHERE action_statement LIKE '%write_history%' GROUP BY 1"
    )
    with database.engine().connect() as connection:
        found = dict(connection.execute(triggers).all())
    assert found == dict.fromkeys(HISTORIC_TABLES, 3)
    assert set(HISTORIC_TABLES) | NOT_HISTORIC == set(Base.metadata.tables)


@pytest.mark.usefixtures("ledger")
def test_history_leaves_out_exactly_what_is_derived_or_secret() -> None:
    triggers = text(
        "SELECT event_object_table, action_statement FROM information_schema.triggers "
        "WHERE action_statement LIKE '%write_history%'"
    )
    with database.engine().connect() as connection:
        found = [(table, re.findall(r"'([^']*)'", said)[1:]) for table, said in connection.execute(triggers)]
    assert found
    assert all(left_out == [*DERIVED.get(table, ()), *SECRET.get(table, ())] for table, left_out in found)


@pytest.mark.usefixtures("ledger")
def test_the_database_takes_exactly_the_words_there_are() -> None:
    """Alembic does not compare check constraints: a word added in the code alone would be refused
    when stored.
    """
    checks = text("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'")
    with database.engine().connect() as connection:
        stored = {name: set(re.findall(r"'([^']*)'", told)) for name, told in connection.execute(checks)}
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, Enum):
                assert stored[f"ck_{table.name}_{column.type.name}"] == set(column.type.enums)
