"""A large ledger in the middle of a campaign: signed over two years, visited, held up, raised,
partly landed.
"""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.campaigns.campaign import Campaign
from models.campaigns.target import Target
from models.words import MilestoneKind, Role, Sector, TargetMeasure, UnitKind
from tasks.database import engine, transaction
from tasks.events.outbox import count_as_one
from tasks.items.next_steps import set_next_steps

STAFF = (
    (UnitKind.COUNTY, 20, 20, 5),
    (UnitKind.COMMERCE_BUREAU, 1, 20, 5),
    (UnitKind.INSPECTION_OFFICE, 1, 0, 0),
    (UnitKind.BUREAU, 10, 0, 0),
)
"""Units of a kind, and in each of them officers and leaders."""
UNIT = "INSERT INTO unit (name, kind) SELECT :kind || n, :kind FROM generate_series(1, :units) n"
PERSON = """
INSERT INTO person (name, role, unit_id)
SELECT :role || n, :role, id FROM unit, generate_series(1, :people) n WHERE kind = :kind ORDER BY id, n
"""

INVESTOR = (
    "INSERT INTO investor (name) SELECT format('闽兴家居%s有限公司', n) FROM generate_series(1, :projects / 3 + 1) n"
)
# One in five has landed, one in fifty has exited; signed on any day of two years.
PROJECT = """
INSERT INTO project (code, name, investor_id, sector, unit_id, officer_id, leader_id, amount, currency, signed_on,
                     stage, exit, exit_reason, ended_on)
SELECT format('PY-%s', lpad(n::text, 7, '0')), format('家具产业园%s号项目', n), i.id,
       (ARRAY['furniture', 'food', 'machinery', 'trade'])[n % 4 + 1], o.unit_id, o.id, l.id,
       (1 + n * 37 % 120) * 10000000, CASE WHEN n % 20 = 3 THEN 'USD' ELSE 'CNY' END, t.signed_on,
       CASE WHEN t.is_landed THEN 'landed' WHEN t.is_exited THEN 'exited' WHEN n % 3 = 0 THEN 'signed'
            ELSE 'follow_up' END,
       CASE WHEN t.is_exited THEN 'lost' END, CASE WHEN t.is_exited THEN '投资方撤资' ELSE '' END,
       CASE WHEN t.is_landed OR t.is_exited THEN least(t.signed_on + 30 + n * 11 % 300, :day) END
FROM generate_series(1, :projects) n
CROSS JOIN LATERAL (
    SELECT :day - n * 17 % 730 AS signed_on, n % 5 = 0 AS is_landed, n % 50 = 7 AS is_exited
) t
JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS at, id, unit_id FROM person WHERE role = 'officer') o
  ON o.at = n % (SELECT count(*) FROM person WHERE role = 'officer')
JOIN (SELECT row_number() OVER (PARTITION BY unit_id ORDER BY id) - 1 AS at, id, unit_id
      FROM person WHERE role = 'leader') l ON l.unit_id = o.unit_id AND l.at = n / 7 % 5
JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS at, id FROM investor) i
  ON i.at = n % (SELECT count(*) FROM investor)
ORDER BY n
"""
# What landed has all of the definition; of the others some have gone a part of the way, and some
# only plan it.
MILESTONE = """
INSERT INTO milestone (project_id, kind, planned_on, done_on, evidence)
SELECT p.id, k.kind, p.signed_on + k.after, t.done_on, CASE WHEN t.done_on IS NULL THEN '' ELSE '批文' END
FROM project p
JOIN (VALUES ('registered', 30, 2), ('filed', 60, 3), ('construction_started', 120, 4), ('completed', 300, 9),
             ('in_production', 360, 17)) k (kind, after, rare) ON p.id % k.rare = 0 OR p.id % 5 = 0
CROSS JOIN LATERAL (
    SELECT CASE WHEN p.id % 5 = 0 OR p.id % 11 < 6 THEN
        nullif(greatest(least(p.signed_on + k.after + p.id * 13 % 60, p.ended_on), p.signed_on), p.signed_on)
    END AS done_on
) t
WHERE t.done_on IS NULL OR t.done_on <= :day
ORDER BY p.id, k.after
"""
PROGRESS = """
INSERT INTO progress (project_id, happened_on, text)
SELECT id, least(signed_on + n * 40 + id % 30, :day), '正在办理土地手续'
FROM project, generate_series(1, 2) n ORDER BY id
"""
CAPITAL = """
INSERT INTO capital_event (project_id, kind, happened_on, amount, currency)
SELECT id, (ARRAY['increase', 'paid_in'])[id / 10 % 2 + 1], least(signed_on + id % 90, :day), 5000000, currency
FROM project WHERE id % 10 = 1
"""

DONE_VISIT = """
WITH made AS (
    INSERT INTO action_item (kind, project_id, unit_id, owner_id, leader_id, opened_on, due_on, closed_on, result)
    SELECT 'visit', id, unit_id, officer_id, leader_id, signed_on, signed_on + 14, signed_on + n * 30 + id % 20, 'done'
    FROM project, generate_series(1, 2) n WHERE signed_on + n * 30 + id % 20 <= :day ORDER BY id
    RETURNING id, closed_on
)
INSERT INTO visit (item_id, visited_on, outcome, progress, filled_in_by)
SELECT id, closed_on, 'continue', '主体工程施工中', '专员' FROM made
"""
SOLVED_BLOCKER = """
INSERT INTO action_item (kind, project_id, unit_id, owner_id, leader_id, opened_on, due_on, closed_on, result)
SELECT 'blocker', id, unit_id, officer_id, leader_id, signed_on + 5, signed_on + 26, signed_on + 20 + id % 40,
       'resolved'
FROM project WHERE id % 4 = 2 AND signed_on + 60 <= :day ORDER BY id
"""
# Six open items in ten are not due yet; the others are up to forty days late, and the ladder has
# come to one of its
# first four rungs.
OPEN_ITEM = """
INSERT INTO action_item (kind, project_id, unit_id, owner_id, leader_id, opened_on, due_on, fired_step, fired_on,
                         promised_on, is_paused)
SELECT k.kind, p.id, p.unit_id, p.officer_id, p.leader_id, least(p.signed_on, t.due_on), t.due_on,
       t.fired_step, CASE WHEN t.fired_step IS NOT NULL THEN :day END,
       CASE WHEN p.id % 97 = 1 THEN t.due_on + 10 END, p.id % 100 = 11
FROM project p
JOIN (VALUES ('visit', 1), ('blocker', 4)) k (kind, rare) ON p.id % k.rare = 0
CROSS JOIN LATERAL (SELECT (p.id * 7 + p.id / 100 + k.rare) % 100 AS at) s
CROSS JOIN LATERAL (
    SELECT CASE WHEN s.at < 60 THEN :day + 1 + s.at ELSE :day + 59 - s.at END AS due_on,
           CASE WHEN s.at >= 60 THEN (ARRAY['reminder_after', 'leader', 'office', 'office_repeat_1'])[s.at % 4 + 1]
           END AS fired_step
) t
WHERE p.stage IN ('signed', 'follow_up') ORDER BY p.id
"""
BLOCKER = """
INSERT INTO blocker (item_id, category, recipient_unit_id, description, proposed_solution, coordination_asked_on,
                     coordination_asked_at)
SELECT i.id, (ARRAY['land', 'permit', 'environment', 'financing'])[i.id % 4 + 1], u.id, '土地指标未落实',
       '市里协调指标', a.asked_on, CAST(a.asked_on AS timestamptz)
FROM action_item i
JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS at, id FROM unit WHERE kind = 'bureau') u ON u.at = i.id % 10
CROSS JOIN LATERAL (SELECT CASE WHEN i.closed_on IS NULL AND i.id % 9 = 0 THEN CAST(:day AS date) - 3 END
                    AS asked_on) a
WHERE i.kind = 'blocker'
"""
PAUSE = """
INSERT INTO pause (item_id, from_on, reason, granted_by) SELECT id, opened_on, '用地审批中', '市商务局'
FROM action_item WHERE is_paused
"""
# Every rung up to the one it has come to; one supervision notice where that is the office's, one
# reply in three.
ESCALATION = """
INSERT INTO escalation (item_id, round, step, recipient_id, policy_id, raised_on, due_on, document_no, replied_at)
SELECT i.id, 1, r.step, i.leader_id, (SELECT max(id) FROM policy), i.due_on + r.after, i.due_on,
       CASE WHEN r.step = 'office' THEN row_number() OVER (ORDER BY i.id) END,
       CASE WHEN i.id % 3 = 0 AND r.step = 'leader' THEN CAST(i.due_on + r.after AS timestamptz) END
FROM action_item i
JOIN (VALUES ('reminder_after', 1), ('leader', 1), ('office', 1), ('office_repeat_1', 1)) r (step, after)
  ON r.step = i.fired_step OR array_position(ARRAY['reminder_after', 'leader', 'office', 'office_repeat_1'], r.step)
     < array_position(ARRAY['reminder_after', 'leader', 'office', 'office_repeat_1'], i.fired_step::text)
WHERE i.fired_step IS NOT NULL
ORDER BY i.id
"""
HAPPENED = (PROGRESS, CAPITAL, DONE_VISIT, SOLVED_BLOCKER, OPEN_ITEM, BLOCKER, PAUSE, ESCALATION)

CAMPAIGNS = {"去年百日攻坚": (-450, -350), "招商引资年": (-160, 200), "百日攻坚": (-40, 59)}
"""When each begins and ends, in days from the last one told of."""
TARGETS = (
    ("上年签约项目落地率", TargetMeasure.LANDING_RATE, 80, {"signed_from": -730, "signed_until": -366}),
    ("今年签约项目落地率", TargetMeasure.LANDING_RATE, 50, {"signed_from": -365, "signed_until": -1}),
    ("各县区签约10亿元以上项目", TargetMeasure.SIGNED, 2, {"signed_from": -40, "amount_from": 10, "each_county": True}),
    ("各县区签约5亿元以上项目", TargetMeasure.SIGNED, 3, {"signed_from": -40, "amount_from": 5, "each_county": True}),
    ("各县区落地5亿元以上项目", TargetMeasure.LANDED, 2, {"amount_from": 5, "each_county": True}),
    ("市商务局自身项目落地", TargetMeasure.LANDED, 5, {"amount_from": 10, "unit": True, "by_leader": True}),
    ("食品项目落地", TargetMeasure.LANDED, 2, {"sector": Sector.FOOD}),
)
"""Of every campaign; days as above, amounts in hundreds of millions of yuan."""


def fill(projects: int, day: date) -> None:
    """Enter so many projects and what has become of them by that day, into an empty ledger."""
    with transaction(source="bench") as session:
        count_as_one(session)
        staff(session)
        for statement in (INVESTOR, "ANALYZE investor", PROJECT, "ANALYZE project", MILESTONE, *HAPPENED):
            session.execute(text(statement), {"projects": projects, "day": day})
        session.execute(text("ANALYZE action_item"))
        for name, (first, last) in CAMPAIGNS.items():
            _enter_campaign(session, name, day + timedelta(first), day + timedelta(last), day)
        set_next_steps(session)
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE)"))


def staff(session: Session) -> None:
    """Enter the units and who works there."""
    for kind, units, officers, leaders in STAFF:
        session.execute(text(UNIT), {"kind": kind, "units": units})
        for role, people in ((Role.OFFICER, officers), (Role.LEADER, leaders)):
            session.execute(text(PERSON), {"kind": kind, "role": role, "people": people})


def _enter_campaign(session: Session, name: str, first: date, last: date, day: date) -> None:
    campaign = Campaign(
        name=name,
        starts_on=first,
        ends_on=last,
        signed_from=day - timedelta(730),
        landing_definition=[MilestoneKind.REGISTERED, MilestoneKind.CONSTRUCTION_STARTED],
    )
    session.add(campaign)
    bureau = session.scalar(text("SELECT id FROM unit WHERE kind = 'commerce_bureau'"))
    for position, (title, measure, goal, rules) in enumerate(TARGETS):
        target = Target(campaign=campaign, name=title, position=position, measure=measure, goal=Decimal(goal))
        for rule, value in rules.items():
            if rule.startswith("signed"):
                setattr(target, rule, day + timedelta(value))
            elif rule == "amount_from":
                target.amount_from = Decimal(value) * 10**8
            elif rule == "unit":
                target.unit_id = bureau
            else:
                setattr(target, rule, value)
        session.add(target)
    session.flush()
