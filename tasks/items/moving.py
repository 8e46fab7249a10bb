"""Statements that move the due dates of many items and begin new rounds."""

from models.words import RAISED

# A date that is moved lets the ladder count anew, as `restart` in models/escalation/ladder.py does for one item.
RESTARTED = """
round = i.round + CASE WHEN i.fired_step IN {raised} THEN 1 ELSE 0 END,
fired_step = CASE WHEN i.fired_step IN {raised} THEN NULL ELSE i.fired_step END,
fired_on = CASE WHEN i.fired_step IN {raised} THEN NULL ELSE i.fired_on END,
entry_step = NULL, promised_on = NULL, resumed_step = NULL
""".format(raised=tuple(step.value for step in RAISED))
# On hold, the pause counts from the day the date was set, as `count_hold_from` does for one item.
MOVED = """
WITH moved AS ({update}), ended AS (
    UPDATE pause w SET until_on = :as_of FROM moved m WHERE w.item_id = m.id AND w.until_on IS NULL
    RETURNING w.item_id, w.reason, w.granted_by
), begun AS (
    INSERT INTO pause (item_id, from_on, reason, granted_by) SELECT item_id, :as_of, reason, granted_by FROM ended
)
SELECT project_id, blocker_id FROM moved
"""
