"""The broken states of an installation: how each comes about, and what the doctor must say."""

from dataclasses import dataclass

from deployments.doctor import pool
from deployments.doctor.findings import Level
from deployments.entrypoints import declared
from support.programs.broken import (
    Break,
    both,
    called,
    patched,
    set_in_deployment,
    set_in_schedule,
    stated,
    unheard,
    with_run,
    without_schedule,
)

WRONG, NOTICE = Level.WRONG, Level.NOTICE
STARTING_THEMSELVES = [entry["name"] for entry in declared() if "schedules" in entry]
SHANGHAI = {"timezone": "Asia/Shanghai"}
POOL = "/work_pools/luodi"
DEFAULT_QUEUE = f"{POOL}/queues/default"
UNSETTLED = "delivered_at IS NULL AND refused_at IS NULL AND dropped_at IS NULL"


@dataclass(frozen=True)
class Broken:
    """A state, which check must tell it, how bad it is, and in which words."""

    name: str
    breaks: Break
    subject: str
    level: Level
    words: str


def by_api(name: str, breaks: Break, words: str, subject: str = "schedules", level: Level = WRONG) -> Broken:
    return Broken(name, breaks, subject, level, words)


def in_ledger(name: str, breaking: str, mending: str, words: str, subject: str, level: Level = WRONG) -> Broken:
    return Broken(name, stated("luodi", breaking, mending), subject, level, words)


def on_pool(name: str, words: str, mended: object = None, **values: object) -> Broken:
    (key,) = values
    breaks = called(("PATCH", POOL, values), ("PATCH", POOL, {key: mended}))
    return Broken(name, breaks, "the work pool", WRONG, words)


def on_queue(name: str, words: str, mended: object = None, **values: object) -> Broken:
    (key,) = values
    breaks = called(("PATCH", DEFAULT_QUEUE, values), ("PATCH", DEFAULT_QUEUE, {key: mended}))
    return Broken(name, breaks, "the work pool", WRONG, words)


def odd_run(
    flow: str,
    state: str,
    message: str,
    words: str,
    subject: str = "the last runs",
    *,
    aged: str = "0 s",
    level: Level = WRONG,
) -> Broken:
    body = {"type": state, "message": message}
    return Broken(f"{flow} {state} {message}", with_run(flow, body, aged), subject, level, words)


unscheduled = stated(
    "prefect",
    "CREATE TABLE scheduled AS SELECT r.id FROM flow_run r JOIN deployment d ON d.id = r.deployment_id"
    " WHERE r.state_type = 'SCHEDULED' AND r.auto_scheduled AND d.name = 'weekly-bulletin';"
    "UPDATE flow_run SET auto_scheduled = false WHERE id IN (SELECT id FROM scheduled);"
    "UPDATE deployment SET updated = now() - interval '1 hour' WHERE name = 'weekly-bulletin';"
    "UPDATE deployment_schedule s SET updated = now() - interval '1 hour' FROM deployment d"
    " WHERE d.id = s.deployment_id AND d.name = 'weekly-bulletin'",
    "UPDATE flow_run SET auto_scheduled = true WHERE id IN (SELECT id FROM scheduled); DROP TABLE scheduled;"
    "UPDATE deployment SET updated = now() WHERE name = 'weekly-bulletin'",  # Prefect then schedules it at once
)
SOUND_SCHEDULES = {
    "changed a moment ago": both(unscheduled, set_in_schedule("weekly-bulletin", parameters={})),
    "its run has just begun": both(
        unscheduled,
        with_run("weekly-bulletin", {"type": "RUNNING"}),
        stated(
            "prefect",
            "UPDATE flow_run SET auto_scheduled = true, expected_start_time = now() WHERE name = 'odd-run'",
            "UPDATE flow_run SET auto_scheduled = false WHERE name = 'odd-run'",
        ),
    ),
}
SCHEDULES = [
    *(
        by_api(f"{name}: schedule deleted", without_schedule(name), f"{name} has no schedule")
        for name in STARTING_THEMSELVES
    ),
    *(
        by_api(f"{name}: schedule paused", set_in_schedule(name, active=False), f"{name} is paused")
        for name in STARTING_THEMSELVES
    ),
    by_api(
        "a schedule that never comes",
        set_in_schedule("escalation-sweep", schedule={"cron": "30 8 30 2 *", **SHANGHAI}),
        "The schedule of escalation-sweep never comes",
    ),
    by_api(
        "a schedule that comes once in four years",
        set_in_schedule("escalation-sweep", schedule={"cron": "30 8 29 2 *", **SHANGHAI}),
        "escalation-sweep starts itself next on 20",
    ),
    by_api(
        "a schedule that is over",
        set_in_schedule("reconciliation", schedule={"rrule": "DTSTART:20200101T000000\nRRULE:FREQ=DAILY;COUNT=9"}),
        "The schedule of reconciliation never comes",
    ),
    by_api(
        "a schedule at another hour",
        set_in_schedule("escalation-sweep", schedule={"cron": "0 7 * * *", **SHANGHAI}),
        "escalation-sweep has a schedule of its own",
        level=NOTICE,
    ),
    by_api(
        "a schedule in another time zone",
        set_in_schedule("escalation-sweep", schedule={"cron": "30 8 * * *", "timezone": "UTC"}),
        "escalation-sweep has a schedule of its own",
        level=NOTICE,
    ),
    by_api("a paused deployment", set_in_deployment("escalation-sweep", paused=True), "escalation-sweep is paused"),
    by_api(
        "a sweep that is told one day for ever",
        set_in_deployment("escalation-sweep", parameters={"as_of": "2026-01-05"}),
        "escalation-sweep starts itself with as_of=2026-01-05",
    ),
    by_api(
        "a schedule that only rehearses",
        set_in_schedule("ledger-import", parameters={"dry_run": True}),
        "ledger-import starts itself with dry_run=True",
    ),
    by_api(
        "a server that schedules nothing",
        unscheduled,
        "The server has scheduled no run of weekly-bulletin",
    ),
]
DEPLOYMENTS = [
    by_api(
        "a deployment that is gone",
        stated(
            "prefect",
            "UPDATE deployment SET name = 'lost' WHERE name = 'correction'",
            "UPDATE deployment SET name = 'correction' WHERE name = 'lost'"
            " AND NOT EXISTS (SELECT FROM deployment WHERE name = 'correction');"
            "DELETE FROM deployment WHERE name = 'lost'",
        ),
        "Deployments are missing: correction",
        "deployments",
    ),
    by_api(
        "a foreign entrypoint",
        set_in_deployment("correction", entrypoint="/home/evil.py:f"),
        "The deployment correction starts a foreign flow: /home/evil.py:f",
        "deployments",
    ),
    by_api(
        "another work pool",
        both(
            called(
                ("POST", "/work_pools/", {"name": "other", "type": "process"}), ("DELETE", "/work_pools/other", None)
            ),
            set_in_deployment("correction", work_pool_name="other"),
        ),
        "The deployment correction is on the work pool other",
        "deployments",
    ),
    by_api(
        "a deployment's limit of 0",
        stated(
            "prefect",
            'INSERT INTO concurrency_limit_v2 (name, "limit", active, active_slots, denied_slots,'
            " slot_decay_per_second, avg_slot_occupancy_seconds) VALUES ('deployment:x', 0, true, 0, 0, 0, 2);"
            "UPDATE deployment SET concurrency_limit_id = l.id FROM concurrency_limit_v2 l"
            " WHERE l.name = 'deployment:x' AND deployment.name = 'correction'",
            "UPDATE deployment SET concurrency_limit_id = NULL;"
            "DELETE FROM concurrency_limit_v2 WHERE name = 'deployment:x'",
        ),
        "The concurrency limit of the deployment correction is 0",
        "deployments",
    ),
    by_api(
        "a paused deployment that starts by hand",
        set_in_deployment("correction", paused=True),
        "The deployment correction is paused",
        "deployments",
        NOTICE,
    ),
    by_api(
        "emptied parameters",
        set_in_deployment("ladder-policy", parameters={}),
        "The form that starts ladder-policy is not filled",
        "deployments",
        NOTICE,
    ),
    by_api(
        "a stranger's deployment on our pool",
        stated(
            "prefect",
            "INSERT INTO deployment (id, name, flow_id, entrypoint, work_queue_id)"
            " SELECT gen_random_uuid(), 'stranger', flow_id, '/home/evil.py:f', work_queue_id"
            " FROM deployment WHERE name = 'correction'",
            "DELETE FROM deployment WHERE name = 'stranger'",
        ),
        "deployments that are not Luodi's: stranger",
        "deployments",
        NOTICE,
    ),
]
POOLS = [
    on_pool("a paused pool", "The work pool luodi is paused", is_paused=True, mended=False),
    on_pool("a pool's limit of 0", "The concurrency limit of the work pool luodi is 0", concurrency_limit=0),
    on_queue("a paused queue", "The work queue default is paused", is_paused=True, mended=False),
    on_queue("a queue's limit of 0", "The concurrency limit of the work queue default is 0", concurrency_limit=0),
    by_api(
        "a tag's limit of 0",
        called(
            ("POST", "/concurrency_limits/", {"tag": "清丰县", "concurrency_limit": 0}),
            ("DELETE", "/concurrency_limits/tag/清丰县", None),
        ),
        "The concurrency limit of tags is 0: 清丰县",
        "the work pool",
    ),
    by_api(
        "a pool of another type",
        stated("prefect", "UPDATE work_pool SET type = 'process'", "UPDATE work_pool SET type = 'in-process'"),
        "The work pool luodi is of another type: process",
        "the work pool",
    ),
    by_api(
        "no pool",
        patched(pool, "POOL", "lost"),
        "The work pool lost is missing",
        "the work pool",
    ),
    by_api(
        "a worker that hangs",
        unheard,
        "No worker is at work: answers wait. One was last heard at 20",
        "workers",
    ),
]
EXCEPTION = "Flow run encountered an exception: OSError"
RUNS = [
    odd_run(
        "correction",
        "PENDING",
        "",
        "1 runs are in the state Pending for more than 2 minutes: odd-run",
        "runs that are stuck",
        aged="3 min",
    ),
    odd_run(
        "correction",
        "RUNNING",
        "",
        "1 runs are in the state Running for more than 125 minutes: odd-run",
        "runs that are stuck",
        aged="126 min",
    ),
    odd_run(
        "correction",
        "CANCELLING",
        "",
        "1 runs are in the state Cancelling for more than 15 minutes",
        "runs that are stuck",
        aged="16 min",
    ),
    odd_run("escalation-sweep", "PAUSED", "", "The run “odd-run” starts itself, but waits for an answer"),
    odd_run(
        "escalation-sweep", "CRASHED", "killed", "The last run of escalation-sweep, “odd-run”, did not end well: killed"
    ),
    odd_run("weekly-bulletin", "FAILED", EXCEPTION, "The last run of weekly-bulletin, “odd-run”"),
    odd_run("ledger-import", "FAILED", "4 rows were left out", "did not end well: 4 rows were left out", level=NOTICE),
    odd_run("reconciliation", "FAILED", "Not everything could be mended", "The last run of reconciliation"),
    by_api(
        "runs that no worker takes",
        both(
            called(("PATCH", POOL, {"is_paused": True}), ("PATCH", POOL, {"is_paused": False})),
            with_run(
                "correction",
                {"type": "SCHEDULED", "state_details": {"scheduled_time": "2026-01-01T00:00:00Z"}},
            ),
        ),
        "1 runs wait for a worker, since 2026-01-01 08:00: odd-run",
        "late runs",
    ),
    by_api(
        "runs that were deleted",
        stated(
            "prefect",
            "UPDATE flow_run SET state_type = 'COMPLETED' WHERE state_type = 'PAUSED'",
            "UPDATE flow_run SET state_type = 'PAUSED' WHERE state_name = 'Suspended'",
        ),
        "Runs are missing, so nobody can answer: project-lifecycle ",
        "runs that wait for answers",
    ),
]
LEDGER = [
    in_ledger(
        "a hole in the calendar",
        "CREATE TABLE hole AS SELECT * FROM workday WHERE day = '2026-06-10';"
        "DELETE FROM workday WHERE day = '2026-06-10'",
        "INSERT INTO workday SELECT * FROM hole; DROP TABLE hole",
        "The calendar has a hole: days before 2026-06-11 are missing",
        "the working calendar",
    ),
    in_ledger(
        "a working day that does not count",
        "UPDATE workday SET ordinal = ordinal - 1 WHERE day >= '2026-06-10'",
        "UPDATE workday SET ordinal = ordinal + 1 WHERE day >= '2026-06-10'",
        "The calendar counts working days wrongly from 2026-06-10 on",
        "the working calendar",
    ),
    in_ledger(
        "a ledger of a newer Luodi",
        "CREATE TABLE known AS SELECT * FROM alembic_version; UPDATE alembic_version SET version_num = '9999'",
        "UPDATE alembic_version SET version_num = (SELECT version_num FROM known); DROP TABLE known",
        "its migration 9999 is not known here",
        "the ledger database",
    ),
    in_ledger(
        "a ledger that lacks migrations",
        "CREATE TABLE known AS SELECT * FROM alembic_version; UPDATE alembic_version SET version_num = '0001'",
        "UPDATE alembic_version SET version_num = (SELECT version_num FROM known); DROP TABLE known",
        "The ledger database lacks migrations: 0002",
        "the ledger database",
    ),
    in_ledger(
        "notices that wait for three days",
        "CREATE TABLE waiting AS SELECT id, delivery_id, recorded_at FROM notice ORDER BY id LIMIT 1;"
        "UPDATE notice SET delivery_id = NULL, recorded_at = now() - interval '3 days'"
        " WHERE id IN (SELECT id FROM waiting)",
        "UPDATE notice n SET delivery_id = w.delivery_id, recorded_at = w.recorded_at FROM waiting w WHERE w.id = n.id;"
        "DROP TABLE waiting",
        "1 notices wait to be sent, since ",
        "notices",
    ),
    in_ledger(
        "a message tried nine times",
        "CREATE TABLE tried AS SELECT id, delivered_at FROM delivery ORDER BY id LIMIT 1;"
        "UPDATE delivery SET delivered_at = NULL, attempts = 9, lease_until = now() + interval '1 hour'"
        " WHERE id IN (SELECT id FROM tried)",
        "UPDATE delivery d SET delivered_at = t.delivered_at, attempts = 1, lease_until = NULL"
        " FROM tried t WHERE t.id = d.id;"
        "DROP TABLE tried",
        "1 messages could not be delivered yet: ",
        "messages",
    ),
    in_ledger(
        "an answer that is not entered",
        "UPDATE ask SET answer = '{}', answered_at = now() - interval '1 hour'"
        " WHERE id = (SELECT min(id::text)::uuid FROM ask)",
        "UPDATE ask SET answer = NULL, answered_at = NULL WHERE answer = '{}'",
        "1 answers are not entered yet, of form ",
        "answers",
    ),
    in_ledger(
        "nobody who inspects",
        "CREATE TABLE inspecting AS SELECT id FROM person WHERE role = 'inspector';"
        "UPDATE person SET role = 'leader' WHERE role = 'inspector'",
        "UPDATE person SET role = 'inspector' WHERE id IN (SELECT id FROM inspecting); DROP TABLE inspecting",
        "The inspection office has nobody who is told",
        "the inspection office",
    ),
    in_ledger(
        "a ledger that takes no changes",
        "ALTER DATABASE luodi SET default_transaction_read_only = on",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE;"
        "ALTER DATABASE luodi RESET default_transaction_read_only",
        "takes no changes",
        "whether the ledger takes changes",
    ),
]
STATES = [*SCHEDULES, *DEPLOYMENTS, *POOLS, *RUNS, *LEDGER]
