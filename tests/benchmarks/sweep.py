"""W3, the sweep: a ledger of open items with one in a hundred due, and the bare statements firing
them needs.
"""

import os
from datetime import date

from sqlalchemy import text

from benchmarks.figures import Row, Sample, compared
from benchmarks.runs import server_version
from models.words import Role, Sector, Stage, Step, UnitKind
from tasks.database import engine, transaction
from tasks.escalation.sweep import sweep
from tasks.events.outbox import count_as_one
from tasks.items.next_steps import set_next_steps
from tasks.ledger.office_time import day_of
from tasks.ledger.workdays import calendar_around

ITEMS = int(os.environ.get("BENCH_ITEMS") or 100_000)
"""Open items, two on each project."""
REPEATS = int(os.environ.get("BENCH_REPEATS") or 5)
"""How often the sweep and the floor take turns, each on days of its own."""
UNITS = 200
SHARE = 100
"""One item in so many is due on a day."""
CALM, SETTLED = 60, 200
"""In so many working days the other items are due, and those that have fired."""

RUNGS: dict[Step, tuple[int, Step | None, int]] = {
    Step.REMINDER_BEFORE: (3, None, 0),
    Step.REMINDER_AFTER: (-1, Step.REMINDER_BEFORE, -4),
    Step.LEADER: (-2, Step.REMINDER_AFTER, -1),
    Step.OFFICE: (-5, Step.LEADER, -3),
    Step.OFFICE_REPEAT_1: (-10, Step.OFFICE, -5),
    Step.OFFICE_REPEAT_2: (-15, Step.OFFICE_REPEAT_1, -5),
    Step.OFFICE_REPEAT_3: (-20, Step.OFFICE_REPEAT_2, -5),
}
"""What makes a step fire on a day: the working days from that day to the item's date, what fired
before, and when.
"""

UNIT = "INSERT INTO unit (name, kind) SELECT :kind || n, :kind FROM generate_series(1, :units) n"
PERSON = "INSERT INTO person (name, role, unit_id) SELECT name || :role, :role, id FROM unit WHERE kind = :kind"
STAFF = (
    (UnitKind.COUNTY, UNITS, (Role.OFFICER, Role.LEADER)),
    (UnitKind.INSPECTION_OFFICE, 1, (Role.INSPECTOR,)),
    (UnitKind.COMMERCE_BUREAU, 1, (Role.LEADER,)),
)
PROJECTS = """
INSERT INTO project (code, name, sector, unit_id, officer_id, leader_id, amount, signed_on, stage)
SELECT 'PY-' || n, format('家具产业园%s期', n), :sector, o.unit_id, o.id, l.id, 1000000000, :signed_on, :stage
FROM generate_series(1, :items / 2) n
JOIN (SELECT row_number() OVER (ORDER BY id) AS at, id, unit_id FROM person WHERE role = 'officer') o
  ON o.at = n % :units + 1
JOIN person l ON l.unit_id = o.unit_id AND l.role = 'leader'
ORDER BY n
"""
ITEM = """
INSERT INTO action_item (kind, project_id, unit_id, owner_id, leader_id, opened_on, due_on, fired_step, fired_on)
SELECT (ARRAY['blocker', 'visit'])[n % 2 + 1], p.id, p.unit_id, p.officer_id, p.leader_id, p.signed_on,
       t.due_on, t.fired_step, t.fired_on
FROM generate_series(0, :items - 1) n
JOIN project p ON p.code = 'PY-' || n / 2 + 1
JOIN unnest(CAST(:slots AS int[]), CAST(:rungs AS int[]), CAST(:dues AS date[]), CAST(:fired AS text[]),
            CAST(:fired_days AS date[])) AS t (slot, rung, due_on, fired_step, fired_on)
  ON t.slot = (n + n / :share) % :share AND t.rung = n / :share % :steps
ORDER BY n
"""
BLOCKER = """
INSERT INTO blocker (item_id, category, recipient_unit_id, description)
SELECT id, 'land', unit_id, '土地指标未落实' FROM action_item WHERE kind = 'blocker'
"""

ESCALATIONS = """
INSERT INTO escalation (item_id, round, step, recipient_id, policy_id, due_on, raised_on)
SELECT id, round, next_step,
       CASE WHEN next_step LIKE 'reminder%' THEN owner_id WHEN next_step = 'leader' THEN leader_id ELSE inspector END,
       policy, due_on, CAST(:day AS date)
FROM action_item,
     (SELECT min(id) FROM person WHERE role = 'inspector') AS i (inspector),
     (SELECT max(id) FROM policy) AS p (policy)
WHERE closed_on IS NULL AND next_fires_on <= :day
"""
NOTICES = """
INSERT INTO notice (escalation_id, recipient_id, occasion)
SELECT e.id, n.recipient_id, n.occasion
FROM action_item i
JOIN escalation e ON e.item_id = i.id AND e.round = i.round AND e.step = i.next_step
CROSS JOIN LATERAL (VALUES
    (e.recipient_id, 'raised'),
    (CASE e.step WHEN 'leader' THEN i.owner_id WHEN 'office' THEN i.leader_id END, 'copy')
) AS n (recipient_id, occasion)
WHERE i.closed_on IS NULL AND i.next_fires_on <= :day AND n.recipient_id IS NOT NULL
"""
UNDO = (
    "DELETE FROM notice WHERE escalation_id IN (SELECT id FROM escalation WHERE raised_on = :day)",
    "DELETE FROM escalation WHERE raised_on = :day",
)
SETTLE = """
UPDATE action_item SET round = round + 1, due_on = :due_on, fired_step = NULL, fired_on = NULL
WHERE id IN (SELECT item_id FROM escalation WHERE raised_on = :day)
"""


def measure() -> list[Row]:
    """Both workloads, on the empty ledger that `LUODI_DATABASE_URL` names."""
    days = fill(2 * REPEATS)
    database = f"PostgreSQL {server_version()}"
    share = f"{100 // SHARE} % of {ITEMS:,} due"
    first, again = swept(days)
    return [
        *compared(f"W3 sweep, {share}", database, *first),
        *compared("W3 sweep again, nothing due", database, *again),
    ]


def swept(days: list[date]) -> tuple[list[Sample], list[Sample]]:
    """The first run and one more, each beside its floor; every run on a day nobody has swept."""
    ours, bare, ours_again, bare_again = Sample(ITEMS // SHARE), Sample(ITEMS // SHARE), Sample(1), Sample(1)
    for mine, theirs in zip(days[::2], days[1::2], strict=True):
        with ours.measured(os.getpid()):
            sweep(mine, today=mine)
        tidy_up()
        with ours_again.measured(os.getpid()):
            sweep(mine, today=mine)
        with bare_again.measured():
            fire_barely(mine)
        settle(mine)
        with bare.measured():
            fire_barely(theirs)
        undo(theirs)
        sweep(theirs, today=theirs)
        settle(theirs)
    return [ours, bare], [ours_again, bare_again]


def fire_barely(day: date) -> tuple[int, int]:
    """The floor: an INSERT … SELECT for the escalations and one for the notices; returns how many
    there are of each.
    """
    with transaction() as session:
        count_as_one(session)  # the floor tells nobody
        connection = session.connection()
        raised = connection.execute(text(ESCALATIONS), {"day": day}).rowcount
        return raised, connection.execute(text(NOTICES), {"day": day}).rowcount


def fill(count: int) -> list[date]:
    """Enter people, projects and items, and wind every clock; returns the days on which items are
    due.
    """
    today = day_of("")
    with transaction(source="bench") as session:
        count_as_one(session)
        calendar = calendar_around(session, today)
        days = [calendar.add(today, ahead) for ahead in range(1, count + 1)]
        for kind, units, roles in STAFF:
            session.execute(text(UNIT), {"kind": kind, "units": units})
            for role in roles:
                session.execute(text(PERSON), {"kind": kind, "role": role})
        known = {"items": ITEMS, "units": UNITS, "sector": Sector.FURNITURE, "stage": Stage.SIGNED}
        session.execute(text(PROJECTS), known | {"signed_on": calendar.add(today, -90)})
        ticks = [
            (slot, rung, calendar.add(day, due), fired, fired and calendar.add(day, fired_on))
            for slot, day in enumerate(days)
            for rung, (due, fired, fired_on) in enumerate(RUNGS.values())
        ]
        ticks += [
            (slot, rung, calendar.add(today, CALM + slot), None, None)
            for slot in range(count, SHARE)
            for rung in range(len(RUNGS))
        ]
        columns = zip(
            ("slots", "rungs", "dues", "fired", "fired_days"), map(list, zip(*ticks, strict=True)), strict=True
        )
        session.execute(text(ITEM), {"items": ITEMS, "share": SHARE, "steps": len(RUNGS), **dict(columns)})
        session.execute(text(BLOCKER))
        set_next_steps(session)
    tidy_up()
    return days


def undo(day: date) -> None:
    """Take back what the floor has fired on a day."""
    with transaction(source="bench") as session:
        for statement in UNDO:
            session.execute(text(statement), {"day": day})
    tidy_up()


def settle(day: date) -> None:
    """What fired on a day starts a new round with a date far off: as many items are open as
    before.
    """
    with transaction(source="bench") as session:
        due_on = calendar_around(session, day).add(day, SETTLED)
        session.execute(text(SETTLE), {"day": day, "due_on": due_on})
        set_next_steps(session)
    tidy_up()


def tidy_up() -> None:
    """What autovacuum does between two sweeps."""
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE)"))
