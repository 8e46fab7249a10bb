"""A ledger that is given out again holds nothing of the test before."""

import pytest
from sqlalchemy import text

from deployments.embedded_postgres.server import EmbeddedPostgres
from models.tables import Base
from support.ledgers.campaign_week import bulletin, busy_city
from support.ledgers.spare import SpareLedgers
from tasks.database import transaction

NEXT_NUMBERS = "SELECT sequencename, coalesce(last_value, start_value), last_value IS NULL FROM pg_sequences ORDER BY 1"


@pytest.fixture
def own(postgres: EmbeddedPostgres, template: str) -> SpareLedgers:
    """Ledgers that no other test has had."""
    return SpareLedgers(postgres, template)


def contents() -> tuple[dict[str, list[str]], list[tuple[object, ...]]]:
    """Every row of every table as text, and the numbers that come next."""
    with transaction() as session:
        tables = {
            name: sorted(session.scalars(text(f"SELECT {name}::text FROM {name}")))  # noqa: S608 - a table of ours
            for name in Base.metadata.tables
        }
        return tables, [tuple(row) for row in session.execute(text(NEXT_NUMBERS))]


def test_a_ledger_given_back_is_given_out_as_it_was_made(own: SpareLedgers) -> None:
    with own.empty() as first:
        made = contents()
        busy_city()
        bulletin()
        assert contents() != made
    with own.empty() as again:
        assert again == first
        assert contents() == made


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE more (day date)",
        "ALTER TABLE unit ADD COLUMN more date",
        "DROP TRIGGER append_only ON change",
        "DELETE FROM workday WHERE day = '2013-06-10'",
        "UPDATE workday SET day = day WHERE day = '2013-06-10'",
        "INSERT INTO unit (name) SELECT repeat('县', 99) || n FROM generate_series(1, 5000) n",
    ],
)
def test_one_that_cannot_simply_be_emptied_is_not_given_out_again(own: SpareLedgers, statement: str) -> None:
    with own.empty() as first:
        made = contents()
        with transaction() as session:
            session.execute(text(statement))
    with own.empty() as again:
        assert again != first
        assert contents() == made
