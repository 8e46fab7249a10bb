"""History is written on every path, and never edited."""

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DatabaseError

from models.ledger.history import Change
from models.ledger.organisation import Unit
from tasks.database import NoDatabase, engine, transaction


def history() -> list[tuple[str, str, str, str | None, object, object]]:
    columns = (Change.actor, Change.source, Change.row_id, Change.column_name, Change.old, Change.new)
    with transaction() as session:
        found = session.execute(select(*columns).where(Change.table_name == "unit").order_by(Change.id))
        return [tuple(row) for row in found]


@pytest.mark.usefixtures("ledger")
def test_a_changed_cell_leaves_who_where_old_and_new() -> None:
    with transaction("王科长", "台账.xlsx · 2") as session:
        unit = Unit(name="清丰县")
        session.add(unit)
        session.flush()
        unit.name = "清丰"
    assert history()[1:] == [("王科长", "台账.xlsx · 2", "1", "name", "清丰县", "清丰")]


@pytest.mark.usefixtures("ledger")
def test_bulk_statements_and_plain_sql_leave_history_too() -> None:
    with transaction("李科长", "导入") as session:
        session.execute(insert(Unit), [{"name": "范县"}, {"name": "台前县"}])
        session.execute(text("UPDATE unit SET kind = 'bureau'"))
        session.execute(text("DELETE FROM unit WHERE name = '范县'"))
    kinds = [(actor, column, old) for actor, _source, _row, column, old, _new in history()]
    assert kinds[:2] == [("李科长", None, None)] * 2
    assert kinds[2:4] == [("李科长", "kind", "county")] * 2
    assert kinds[4][2] == {"id": 1, "name": "范县", "kind": "bureau", "recorded_at": history()[4][4]["recorded_at"]}  # type: ignore[index]


@pytest.mark.usefixtures("ledger")
def test_an_update_that_changes_nothing_leaves_no_history() -> None:
    with transaction() as session:
        session.execute(insert(Unit), [{"name": "范县"}])
        session.execute(text("UPDATE unit SET name = name"))
    assert len(history()) == 1


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("statement", ["UPDATE change SET actor = 'x'", "DELETE FROM change", "TRUNCATE change"])
def test_history_cannot_be_edited(statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), engine().begin() as connection:
        connection.execute(text(statement))


def test_without_a_database_the_operator_is_told_what_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LUODI_DATABASE_URL", raising=False)
    with pytest.raises(NoDatabase, match="luodi up"):
        engine()
