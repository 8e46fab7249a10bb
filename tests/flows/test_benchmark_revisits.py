from datetime import timedelta

import pytest
from sqlalchemy import text

from benchmarks import revisits
from support.office import Office
from tasks.database import transaction
from tasks.ledger.office_time import day_of

WAITING = """
SELECT count(*) FROM action_item i JOIN ask a ON a.item_id = i.id AND a.verdict IS NULL AND a.flow_run_id IS NOT NULL
WHERE i.kind = 'visit' AND (i.project_id IN (SELECT id FROM project WHERE signed_on = :day)
                            OR i.investor_id IN (SELECT investor_id FROM project WHERE signed_on = :day))
"""


@pytest.mark.long
def test_a_campaign_is_measured_beside_its_bare_work(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisits, "PROJECTS", 8)
    mine = day_of("") - timedelta(revisits.SIGNED)

    rows = revisits.measure(office)

    assert [(row.workload, row.variant, row.n) for row in rows] == [
        ("W6 revisits of 8 projects", "luodi", 8),
        ("W6 revisits of 8 projects", "floor", 8),
    ]
    assert all(row.peak_mb and row.peak_mb < 700 for row in rows)
    with transaction() as session:
        waiting = session.scalar(text(WAITING), {"day": mine})
        left = session.scalar(text("SELECT count(*) FROM project WHERE signed_on = :day"), {"day": mine - timedelta(1)})
    assert (waiting, left) == (10, 0)
