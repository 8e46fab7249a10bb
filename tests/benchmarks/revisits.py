"""W6, a revisit campaign: its visits asked for and the runs that wait for their reports, beside the
bare work it needs.

The floor is one INSERT … SELECT of as many visits and the bare calls that open as many runs.
Projects have neither visit nor run before; four belong to one investor, who is visited, too. Each
measurement is a process of its own.
"""

import os
import sys
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from sqlalchemy import select, text

from benchmarks.apart import measure_apart, tell
from benchmarks.figures import Row, Sample, compared
from benchmarks.floor import Floor
from benchmarks.runs import server_version
from models.escalation.question import Ask
from support.office import Office
from support.programs.api import api_client
from tasks.database import engine, transaction
from tasks.dialogues.update_runs import try_to_update_runs
from tasks.events.outbox import count_as_one
from tasks.ledger.office_time import day_of
from tasks.ledger.questions import LIFECYCLE
from tasks.ledger.selection import Selection
from tasks.ledger.workdays import calendar_around
from tasks.revisits.open import open_campaign
from tasks.revisits.progress import move_bars
from tasks.revisits.terms import Terms

PROJECTS = int(os.environ.get("BENCH_REVISITS") or 10_000)
REPEATS = int(os.environ.get("BENCH_REVISIT_REPEATS") or 1)
"""How often the campaign and the floor take turns: with as many runs one turn takes minutes."""
WITHIN = 20
"""Working days the visits are due in."""
SIGNED = 400
"""So many days ago the projects of the first turn were signed; no others were on the same day."""

INVESTOR = """
INSERT INTO investor (name) SELECT format('闽兴家居%s号%s', n, :day) FROM generate_series(0, (:projects - 1) / 4) n
"""
PROJECT = """
INSERT INTO project (code, name, sector, investor_id, unit_id, officer_id, leader_id, amount, signed_on)
SELECT format('HF-%s-%s', :day, n), format('家具产业园%s期', n), 'furniture', i.id, o.unit_id, o.id, l.id, 1000000000,
       :day
FROM generate_series(1, :projects) n
JOIN investor i ON i.name = format('闽兴家居%s号%s', (n - 1) / 4, :day)
JOIN (SELECT * FROM person WHERE role = 'officer' ORDER BY id LIMIT 1) o ON true
JOIN LATERAL (SELECT * FROM person WHERE role = 'leader' AND unit_id = o.unit_id ORDER BY id LIMIT 1) l ON true
ORDER BY n
"""
VISITS = """
INSERT INTO action_item (kind, project_id, investor_id, unit_id, owner_id, leader_id, opened_on, due_on)
SELECT 'visit', p.id, NULL, p.unit_id, p.officer_id, p.leader_id, :today, :due_on
FROM project p WHERE p.signed_on = :day
UNION ALL
SELECT DISTINCT ON (p.investor_id) 'visit', NULL, p.investor_id, p.unit_id, p.officer_id, p.leader_id, :today, :due_on
FROM project p WHERE p.signed_on = :day
"""
UNDO = (
    "DELETE FROM action_item WHERE project_id IN (SELECT id FROM project WHERE signed_on = :day)",
    "DELETE FROM action_item WHERE investor_id IN (SELECT investor_id FROM project WHERE signed_on = :day)",
    "DELETE FROM project WHERE signed_on = :day",
)


def luodi(day: date) -> None:
    """What the flow `revisit-campaign` does, but for its page: projects signed on the day, and
    their investors.
    """
    today = day_of("")
    selection = Selection(signed_from=day, signed_until=day)
    open_campaign(Terms(f"回访 {day}", selection, working_days=WITHIN), today)
    move_bars()
    if missing := try_to_update_runs(str(today)):
        raise RuntimeError(missing)


def ask_barely(day: date) -> int:
    """One statement for the visits; returns how many."""
    today = day_of("")
    with transaction() as session:
        due_on = calendar_around(session, today).add(today, WITHIN)
    with engine().begin() as connection:
        return connection.execute(text(VISITS), {"day": day, "today": today, "due_on": due_on}).rowcount


def prepared_floor(day: date) -> Callable[[], None]:
    """The floor's work, with its deployment made and its questions written."""
    with transaction() as session:
        like = session.scalars(select(Ask).where(Ask.flow == LIFECYCLE).limit(1)).one()
    http = api_client(os.environ["PREFECT_API_URL"], timeout=60)
    bare = Floor(http, like, f"bench-revisits-{day}")
    asks = bare.prepare(PROJECTS + (PROJECTS + 3) // 4)

    def work() -> None:
        ask_barely(day)
        bare.open(asks)

    return work


def measure(office: Office) -> list[Row]:
    """In turns; what the floor has entered is taken back, that no run be opened for it."""
    ours, bare = Sample(PROJECTS), Sample(PROJECTS)
    environment = {"PREFECT_API_URL": office.api, "BENCH_REVISITS": str(PROJECTS)}
    for turn in range(REPEATS):
        mine, theirs = (day_of("") - timedelta(SIGNED + 2 * turn + each) for each in range(2))
        sign(mine)
        measure_apart(__file__, ours, "luodi", str(mine), environment=environment)
        sign(theirs)
        measure_apart(__file__, bare, "floor", str(theirs), environment=environment)
        with transaction(source="bench") as session:
            for statement in UNDO:
                session.execute(text(statement), {"day": theirs})
    return compared(f"W6 revisits of {PROJECTS:,} projects", f"PostgreSQL {server_version()}", ours, bare)


def sign(day: date) -> None:
    """Enter the projects of a turn and their investors."""
    with transaction(source="bench") as session:
        count_as_one(session)
        for statement in (INVESTOR, PROJECT):
            session.execute(text(statement), {"projects": PROJECTS, "day": day})
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE)"))


def main() -> None:
    """Do one variant's work once and say what it took."""
    variant, day = sys.argv[1], date.fromisoformat(sys.argv[2])
    tell(partial(luodi, day) if variant == "luodi" else prepared_floor(day))


if __name__ == "__main__":
    main()
