"""The database's shape comes from migrations alone."""

import hashlib
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Enum, inspect, select, text

from deployments.database import prepare
from models import migrations
from models.escalation.action_item import ActionItem
from models.ledger.history import DERIVED, HISTORIC_TABLES, SECRET
from models.tables import Base
from models.words import ItemResult, Step
from tasks import database
from tasks.items.counting import uncounted, why_due

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
    *("undone_sweep", "withdrawn_escalation", "withdrawn_notice", "void_number", "remembered_mapping"),
    *("cell_days", "row_days", "outbox_event"),
}


LANDED = {
    "0001_tables.py": "149309936581fc1f92c0e5f1ef2813304ea6e50c5a0aaf2a95193977b57eab57",
    "0002_history.py": "58ff6cdadae2b8a16ef2a93407f2611ae5d27cc22de35c3af9eeb77e9280c649",
    "0003_defaults.py": "881ebdef7cf39aa233a1ea139090267b7b0991e30fa21b9b51d23639bd622468",
    "0004_ladder.py": "1c1e58607daa036a31916734a284bee044d2ff205244d852ccf3a03f0bf42b11",
    "0005_history_of_many_rows.py": "6f9dc6a6a75faeb6814565007b2f6126d41bdf2a934be09b4db5aa64420638c4",
    "0006_ledger_files.py": "5646cd7e8d520436e12aad16ad9630b2b2cc997f7d5fb76ab429a50441a1052f",
    "0007_campaigns.py": "a4c1f9d79092132b078281a48b2f0d63f4a31b5f93daa9ea49d7ea11b758ccd0",
    "0008_one_shape.py": "7e5940f60ff6a48f7829c86a0f523003636d5d4d1e11b7082b905451e202919b",
    "0009_channels.py": "201831186db59702a6cef76efee82b05ce43c02d02b06d643deb8a224d0a7691",
    "0010_undone_sweeps.py": "af4559cd4f61abb21ad9ab43152ba0bd3755f3e70ab7abdfe423739c4acd34c3",
    "0011_cell_days.py": "dce195c845da20caa546befc81f7fa9d3466c95bb0b5375e13d57c858fafe0e3",
    "0012_remembered_mappings.py": "122d22bc2e365d934c71318005456615c1427ac5f98b23cc76824d89cc47f95b",
    "0013_backlog.py": "711279eab5b638403d68e8f226942f279c3969aedbe21f4cb833e3400faca52d",
    "0014_empty_rungs.py": "c2033eac087171d5e89f4cadfc5737f20c40553048d7d38739049dc0fa6419f3",
    "0015_coordination.py": "9bd2f49f06b3d2a640c7c25de35a5fb945533dc05d46b8915482d70e15578e18",
    "0017_moment_of_request.py": "8e1113c392d1c6b722a746d63b834664ea914895a984b4b0954d7b90a2fa9d8d",
    "0018_moments_of_former_requests.py": "e22b759d06735b98bbbb9f6326617be552e3fc4d7abababd55e88e6d9321a44d",
    "0019_hand_over.py": "ce056b55a8a0c5cb7455efb15f0b772ca57a535ddf907ed3e7fc5850b69a0958",
    "0020_counted_dates.py": "411f3a5f9ce0d3c4f83cce386ff3aec80dd354efc301ff8a09b0266c26b0b1ba",
    "0021_former_counts.py": "e238513a220d1ad32f77ce56c2ca7e01d94aceba1e59af30c374b4c29de392ba",
    "0022_events.py": "8024202f503cac217de24c7faba080cce7a1350d1aab5638fdd677961f4808fe",
    "0023_pages.py": "97ecf8da25ad630fe0337150023bb10e79e4f42fce2af3f0b993285f1e0a603c",
}
"""The migrations that ledgers have been through, by the digest of their text."""


def test_a_landed_migration_is_never_edited() -> None:
    """Ledgers that have been through it would stay as they are: add a migration instead."""
    files = sorted(Path(migrations.__file__).parent.glob("versions/0*.py"))
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    assert {name: digests.get(name) for name in LANDED} == LANDED
    assert digests.keys() == LANDED.keys(), "add the new migration's digest"


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


def bring_up(version: str, statements: Iterable[str]) -> None:
    """Bring a ledger of a former version, filled by those statements, up to the present one."""
    with database.engine().begin() as connection:
        command.downgrade(database.alembic_config(connection), version)
        for statement in statements:
            connection.execute(text(statement))
    prepare()


@pytest.mark.usefixtures("ledger")
def test_an_older_ledger_is_brought_up_and_its_items_get_their_clocks() -> None:
    bring_up("0003", OLD_LEDGER)
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


FORMER_ITEMS = (
    "SELECT set_config('luodi.actor', '王科长', true)",
    *OLD_LEDGER[:2],
    """INSERT INTO action_item (kind, project_id, unit_id, opened_on, due_on)
       SELECT kind, p.id, p.unit_id, '2013-06-03', CAST(due_on AS date) FROM project p,
       (VALUES ('visit', '2013-06-18'), ('blocker', '2013-06-19'), ('blocker', '2013-06-25')) AS i (kind, due_on)""",
    """INSERT INTO blocker (item_id, category, recipient_unit_id, description, coordination_asked_on)
       SELECT id, 'land', unit_id, '指标', CASE WHEN due_on = '2013-06-25' THEN CAST('2013-06-07' AS date) END
       FROM action_item WHERE kind = 'blocker'""",
    """INSERT INTO action_item (kind, unit_id, opened_on, due_on)
       SELECT 'report', id, '2013-06-03', '2013-06-18' FROM unit""",
)
"""What was opened before dates said how they were counted: a visit due in ten working days,
problems due in eleven and in fifteen, and a report.
"""


@pytest.mark.usefixtures("ledger", "in_english")
def test_dates_that_a_former_version_counted_say_how_and_of_others_nothing_is_said() -> None:
    bring_up("0012", FORMER_ITEMS)
    with database.transaction() as session:
        items = session.scalars(select(ActionItem).order_by(ActionItem.id)).all()
        counted = [(item.counted_from, item.counted_days) for item in items]
        opened_on = date(2013, 6, 3)
        assert counted == [(opened_on, 10), (None, None), (opened_on, 15), (None, None)]
        reasons = why_due(session, items)
        assert reasons == {1: "10 working days from 2013-06-03", 3: "15 working days from 2013-06-03"}
        assert uncounted(session) == 2
        assert session.scalar(text("SELECT count(*) FROM change WHERE column_name LIKE 'counted%'")) == 0


@pytest.mark.usefixtures("ledger")
def test_the_moment_of_a_former_request_is_that_at_which_its_day_was_written_down() -> None:
    bring_up("0012", FORMER_ITEMS)
    with database.transaction() as session:
        moments = session.execute(text("SELECT coordination_asked_at FROM blocker ORDER BY item_id")).scalars().all()
        written = session.scalar(text("SELECT max(recorded_at) FROM change WHERE table_name = 'blocker'"))
        assert moments == [None, written]
