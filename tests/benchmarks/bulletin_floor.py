"""The plain aggregates a bulletin needs, by hand: bare statements over the tables as they are, none
of Luodi's code.
"""

# ruff: noqa: S608 - every part of a statement stands in this file

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import text

from tasks.database import engine

REACHED = """
SELECT project_id, max(done_on) FILTER (WHERE kind = 'construction_started') AS started_on,
       max(done_on) FILTER (WHERE kind = 'completed') AS completed_on,
       CASE WHEN count(*) FILTER (WHERE kind IN ('registered', 'construction_started')) = 2
            THEN max(done_on) FILTER (WHERE kind IN ('registered', 'construction_started')) END AS landed_on
FROM milestone WHERE done_on <= :day AND btrim(evidence) <> '' GROUP BY project_id
"""
PROJECT = f"""
SELECT p.id, p.unit_id, p.leader_id, p.currency, p.amount, p.sector, p.signed_on, m.started_on, m.completed_on,
       CASE WHEN p.exit IS NULL OR p.ended_on > :day THEN m.landed_on END AS landed_on,
       CASE WHEN p.exit IS NOT NULL AND p.ended_on <= :day THEN p.ended_on END AS exited_on,
       CASE WHEN p.ended_on <= :day THEN p.ended_on END AS ended_on
FROM project p LEFT JOIN ({REACHED}) m ON m.project_id = p.id WHERE p.signed_on <= :day
"""
STRETCHES = {"week": ":monday", "before": ":before", "year": ":year", "campaign": ":starts_on"}


def _in(stretch: str, day: str) -> str:
    last = ":sunday_before" if stretch == "before" else ":day"
    return f"count(*) FILTER (WHERE {day} BETWEEN {STRETCHES[stretch]} AND {last})"


def _each(*days: str) -> str:
    return ", ".join(_in(stretch, day) for stretch in STRETCHES for day in days)


STEPS = f"""
SELECT unit_id, currency, count(*) FILTER (WHERE signed_on >= :signed_from),
       count(landed_on) FILTER (WHERE signed_on >= :signed_from),
       {_each("signed_on", "started_on", "completed_on", "landed_on", "exited_on")},
       {_each("signed_on").replace("count(*)", "sum(amount)")}
FROM ({PROJECT}) p GROUP BY unit_id, currency
"""
VISITS = f"SELECT {_each('visited_on')} FROM visit"
BLOCKERS = f"""
SELECT {_each("opened_on")}, {_each("CASE result WHEN 'resolved' THEN closed_on END")}
FROM action_item WHERE kind = 'blocker'
"""
INCREASES = f"""
SELECT currency, {_each("happened_on")}, {_each("happened_on").replace("count(*)", "sum(amount)")}
FROM capital_event WHERE kind = 'increase' GROUP BY currency
"""
FIRED = f"SELECT step, {_each('raised_on')} FROM escalation GROUP BY step"

TARGETS = f"""
SELECT unit_id, leader_id,
       count(*) FILTER (WHERE signed_on BETWEEN :last_from AND :last_until),
       count(landed_on) FILTER (WHERE signed_on BETWEEN :last_from AND :last_until),
       count(*) FILTER (WHERE signed_on BETWEEN :half_from AND :half_until),
       count(landed_on) FILTER (WHERE signed_on BETWEEN :half_from AND :half_until),
       count(*) FILTER (WHERE signed_on >= :starts_on AND amount >= 1000000000),
       count(*) FILTER (WHERE signed_on >= :starts_on AND amount >= 500000000),
       count(*) FILTER (WHERE amount >= 500000000 AND landed_on BETWEEN :starts_on AND :ends_on),
       count(*) FILTER (WHERE amount >= 500000000 AND exited_on IS NULL
                        AND (landed_on IS NULL OR landed_on BETWEEN :starts_on AND :ends_on)),
       count(*) FILTER (WHERE amount >= 1000000000 AND landed_on BETWEEN :starts_on AND :ends_on),
       count(*) FILTER (WHERE amount >= 1000000000 AND exited_on IS NULL
                        AND (landed_on IS NULL OR landed_on BETWEEN :starts_on AND :ends_on)),
       count(*) FILTER (WHERE sector = 'food' AND landed_on BETWEEN :starts_on AND :ends_on),
       count(*) FILTER (WHERE sector = 'food' AND exited_on IS NULL
                        AND (landed_on IS NULL OR landed_on BETWEEN :starts_on AND :ends_on))
FROM ({PROJECT}) p GROUP BY unit_id, leader_id
"""

RUNG = (
    "array_position(ARRAY['reminder_before', 'reminder_after', 'leader', 'office', 'office_repeat_1', "
    "'office_repeat_2', 'office_repeat_3'], e.step::text)"
)
OWED = f"""
SELECT i.*, coalesce(i.promised_on, i.due_on) AS day, coalesce(r.rung, 0) AS rung, o.office_on,
       EXISTS (SELECT FROM pause w WHERE w.item_id = i.id AND w.from_on <= :day
               AND (w.until_on IS NULL OR w.until_on > :day)) AS on_hold
FROM action_item i
LEFT JOIN (SELECT e.item_id, e.round, max({RUNG}) AS rung FROM escalation e WHERE e.raised_on <= :day
           GROUP BY e.item_id, e.round) r ON r.item_id = i.id AND r.round = i.round
LEFT JOIN (SELECT e.item_id, min(e.raised_on) AS office_on FROM escalation e
           WHERE e.raised_on <= :day AND e.step LIKE 'office%' GROUP BY e.item_id) o ON o.item_id = i.id
WHERE i.opened_on <= :day AND (i.closed_on IS NULL OR i.closed_on > :day)
"""
LIGHTS = f"""
SELECT unit_id, CASE WHEN is_raised OR last_on <= CAST(:day AS date) - interval '3 months' THEN 'red'
                     WHEN is_soon OR last_on <= CAST(:day AS date) - interval '2 months' THEN 'yellow'
                     ELSE 'green' END AS light,
       count(*) FILTER (WHERE landed_on IS NULL AND exited_on IS NULL AND ended_on IS NULL)
FROM (
    SELECT p.unit_id, p.landed_on, p.exited_on, p.ended_on, coalesce(i.is_raised, false) AS is_raised,
           coalesce(i.is_soon, false) AS is_soon,
           CASE WHEN i.on_hold THEN :day ELSE greatest(p.signed_on, g.last_on, m.last_on) END AS last_on
    FROM ({PROJECT}) p
    LEFT JOIN (SELECT project_id, bool_or(on_hold) AS on_hold,
                      bool_or(NOT on_hold AND day < :day AND rung >= 3) AS is_raised,
                      bool_or(NOT on_hold AND day <= :soon_on) AS is_soon
               FROM ({OWED}) owed GROUP BY project_id) i ON i.project_id = p.id
    LEFT JOIN (SELECT project_id, max(happened_on) AS last_on FROM progress WHERE happened_on <= :day
               GROUP BY project_id) g ON g.project_id = p.id
    LEFT JOIN (SELECT project_id, max(done_on) AS last_on FROM milestone WHERE done_on <= :day
               GROUP BY project_id) m ON m.project_id = p.id
) lit GROUP BY unit_id, light
"""
LISTED = f"""
SELECT i.kind, i.day, b.category, b.description, p.code, p.name, u.name AS unit, o.name AS owner, l.name AS leader,
       count(*) OVER () AS total
FROM ({OWED}) i JOIN unit u ON u.id = i.unit_id LEFT JOIN project p ON p.id = i.project_id
LEFT JOIN blocker b ON b.item_id = i.id LEFT JOIN person o ON o.id = i.owner_id LEFT JOIN person l ON l.id = i.leader_id
WHERE NOT i.on_hold
"""
WORK = f"""
{LISTED} AND i.day BETWEEN CAST(:day AS date) + 1 AND CAST(:day AS date) + 7
ORDER BY i.rung DESC, i.kind = 'blocker' DESC, i.day, p.amount DESC NULLS LAST, i.id LIMIT 30
"""
ASKED_ON = """
CASE WHEN b.coordination_asked_on <= :day AND NOT EXISTS (
    SELECT FROM escalation e WHERE e.item_id = b.item_id AND e.replied_at >= b.coordination_asked_at
    AND CAST(timezone('Asia/Shanghai', e.replied_at) AS date) <= :day) THEN b.coordination_asked_on END
"""
ENDED = f"SELECT id FROM ({PROJECT}) p WHERE coalesce(landed_on, exited_on, ended_on) IS NOT NULL"
AGENDA = f"""
{LISTED} AND (({ASKED_ON}) IS NOT NULL OR coalesce(i.project_id, 0) NOT IN ({ENDED})
              AND (i.day < :day OR i.kind <> 'verify' AND i.office_on IS NOT NULL))
ORDER BY CASE WHEN ({ASKED_ON}) IS NOT NULL THEN 1 WHEN i.kind = 'verify' THEN 4
              WHEN i.office_on IS NOT NULL THEN 2 ELSE 3 END,
         coalesce({ASKED_ON}, i.office_on, i.day),
         p.amount DESC NULLS LAST, i.id LIMIT 20
"""

ORDINALS = """
LEFT JOIN workday s ON s.day = p.signed_on LEFT JOIN workday d ON d.day = p.landed_on
"""
COHORT = f"""
SELECT count(*) FILTER (WHERE landed_on IS NULL AND exited_on IS NULL), percentile_disc(0.5)
       WITHIN GROUP (ORDER BY greatest(d.ordinal - s.ordinal, 0)) FILTER (WHERE landed_on IS NOT NULL)
FROM ({PROJECT}) p {ORDINALS} WHERE p.signed_on >= :signed_from
"""
BEHIND = f"""
CREATE TEMPORARY TABLE behind ON COMMIT DROP AS
SELECT p.id, p.signed_on FROM ({PROJECT}) p {ORDINALS}
WHERE p.signed_on >= :signed_from AND p.landed_on IS NULL AND p.exited_on IS NULL
  AND (SELECT ordinal FROM workday WHERE day = :day) - s.ordinal > :took
"""
DAYS_BY_STEP = """
WITH reached AS (
    SELECT id AS project_id, 'signed' AS step, signed_on AS day, 0 AS place FROM behind
    UNION ALL SELECT b.id, 'first_visit', greatest(min(v.visited_on), b.signed_on), 1
    FROM behind b JOIN action_item i ON i.project_id = b.id JOIN visit v ON v.item_id = i.id AND v.visited_on <= :day
    GROUP BY b.id, b.signed_on
    UNION ALL SELECT b.id, m.kind, greatest(m.done_on, b.signed_on),
                     2 + array_position(CAST(:kinds AS text[]), m.kind::text)
    FROM behind b JOIN milestone m ON m.project_id = b.id WHERE m.done_on <= :day AND btrim(m.evidence) <> ''
    UNION ALL SELECT id, 'pending', :day, 99 FROM behind
), cut AS (
    SELECT step, ordinal - lag(ordinal) OVER in_order AS days, count(*) OVER whole AS count,
           bool_or(step = 'registered') OVER whole AS is_registered
    FROM reached JOIN workday USING (day)
    WINDOW whole AS (PARTITION BY project_id), in_order AS (PARTITION BY project_id ORDER BY day, place)
)
SELECT CASE WHEN step <> 'pending' THEN step WHEN count = 2 THEN 'first_visit'
            WHEN is_registered THEN 'construction_started' ELSE 'registered' END,
       count(*), sum(days), count(*) FILTER (WHERE step = 'pending')
FROM cut WHERE days IS NOT NULL GROUP BY 1
"""
DAYS_BY_HANDS = """
WITH turn AS (
    SELECT i.project_id, e.step, e.raised_on AS from_on,
           least(lead(e.raised_on) OVER (PARTITION BY e.item_id ORDER BY e.raised_on, e.id),
                 CAST(timezone('Asia/Shanghai', e.replied_at) AS date), i.closed_on) AS until_on
    FROM behind b JOIN action_item i ON i.project_id = b.id JOIN escalation e ON e.item_id = i.id
    WHERE e.raised_on <= :day
    UNION ALL SELECT i.project_id, 'hold', w.from_on, w.until_on
    FROM behind b JOIN action_item i ON i.project_id = b.id JOIN pause w ON w.item_id = i.id WHERE w.from_on <= :day
), turns AS (
    SELECT project_id, from_on, until_on, (step = 'hold')::int AS hold, (step LIKE 'office%')::int AS office,
           (step = 'leader')::int AS leader
    FROM turn WHERE step = 'hold' OR step = 'leader' OR step LIKE 'office%'
), event AS (
    SELECT id AS project_id, signed_on AS day, 0 AS place, 0 AS hold, 0 AS office, 0 AS leader FROM behind
    UNION ALL SELECT id, :day, 1, 0, 0, 0 FROM behind
    UNION ALL SELECT t.project_id, greatest(t.from_on, b.signed_on), 0, hold, office, leader
    FROM turns t JOIN behind b ON b.id = t.project_id
    UNION ALL SELECT t.project_id, greatest(t.until_on, t.from_on, b.signed_on), 0, -hold, -office, -leader
    FROM turns t JOIN behind b ON b.id = t.project_id WHERE t.until_on <= :day
), span AS (
    SELECT project_id, place = 1 AS is_last,
           coalesce(lead(w.ordinal) OVER in_order - w.ordinal, 0) AS days,
           CASE WHEN sum(hold) OVER in_order > 0 THEN 'hold' WHEN sum(office) OVER in_order > 0 THEN 'office'
                WHEN sum(leader) OVER in_order > 0 THEN 'leader' ELSE 'owner' END AS hands
    FROM event JOIN workday w USING (day) WINDOW in_order AS (PARTITION BY project_id ORDER BY day, place)
), spent AS (
    SELECT project_id, hands, sum(days) AS days, bool_or(is_last) AS is_now FROM span GROUP BY project_id, hands
)
SELECT hands, count(*) FILTER (WHERE days > 0 OR is_now), sum(days), count(*) FILTER (WHERE is_now)
FROM spent GROUP BY hands
"""
DAYS_BY_CATEGORY = """
SELECT b.category, count(*), sum(greatest(least(coalesce(c.ordinal, t.ordinal), t.ordinal) - o.ordinal, 0)),
       count(*) FILTER (WHERE i.closed_on IS NULL OR i.closed_on > :day)
FROM behind JOIN action_item i ON i.project_id = behind.id JOIN blocker b ON b.item_id = i.id
JOIN workday o ON o.day = i.opened_on JOIN workday t ON t.day = :day LEFT JOIN workday c ON c.day = i.closed_on
WHERE i.kind = 'blocker' AND i.opened_on <= :day GROUP BY b.category
"""
WITHOUT_BLOCKER = """
SELECT count(*) FROM behind WHERE NOT EXISTS (
    SELECT FROM action_item i WHERE i.project_id = behind.id AND i.kind = 'blocker' AND i.opened_on <= :day
    AND (i.closed_on IS NULL OR i.closed_on > :day)
)
"""

STATEMENTS = {
    "steps": STEPS,
    "visits": VISITS,
    "blockers": BLOCKERS,
    "increases": INCREASES,
    "fired": FIRED,
    "lights": LIGHTS,
    "targets": TARGETS,
    "cohort": COHORT,
    "behind": BEHIND,
    "analyse": "ANALYZE behind",
    "by_step": DAYS_BY_STEP,
    "by_hands": DAYS_BY_HANDS,
    "by_category": DAYS_BY_CATEGORY,
    "without_blocker": WITHOUT_BLOCKER,
    "work": WORK,
    "agenda": AGENDA,
}
KINDS = ["registered", "filed", "land_paid", "construction_started", "completed", "in_production", "at_capacity"]


def aggregates(given: Mapping[str, date]) -> dict[str, Any]:
    """What each statement says; `given` are the days they name."""
    found: dict[str, Any] = {}
    values: dict[str, Any] = {**given, "kinds": KINDS}
    with engine().begin() as connection:
        for name, statement in STATEMENTS.items():
            result = connection.execute(text(statement), values)
            found[name] = result.all() if result.returns_rows else None
            if name == "cohort":
                values["took"] = found[name][0][1]
    return found
