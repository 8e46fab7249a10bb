"""Enters capital, one entry per kind and day: the same file twice changes nothing."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.ledger.project import in_words
from models.office_files.rows import Effect, LedgerFile, Problem
from tasks.imports.entering.cell_days import FileAge, keep_days, subsets
from tasks.imports.entering.changed_since import CAPITAL, withhold
from tasks.imports.entering.identity.matched_project import MatchedProject
from tasks.imports.entering.staging import CAPITAL_CELLS
from tasks.imports.entering.write import Changes

# A file gives paid-in capital as the total by a day, the ledger stores what came in that day.
# Before that day came the file's own former total, and what the ledger has between the two days.
INCREMENTS = """
UPDATE staged_capital s SET amount = n.amount - n.former - n.meanwhile
FROM (
    SELECT row_no, happened_on, currency, amount, coalesce(former, 0) AS former, (
        SELECT coalesce(sum(e.amount), 0) FROM capital_event e
        WHERE e.project_id = t.project_id AND e.kind = 'paid_in' AND e.currency = t.currency
          AND e.happened_on < t.happened_on AND e.happened_on > coalesce(t.former_on, '-infinity')
    ) AS meanwhile
    FROM (SELECT *, lag(amount) OVER w AS former, lag(happened_on) OVER w AS former_on
          FROM staged_capital WHERE kind = 'paid_in'
          WINDOW w AS (PARTITION BY row_no, currency ORDER BY happened_on)) t
) n
WHERE s.kind = 'paid_in' AND (s.row_no, s.happened_on, s.currency) = (n.row_no, n.happened_on, n.currency)
"""

KNOWN = """
UPDATE staged_capital s
SET event_id = e.id, event_count = e.count, event_amount = e.amount, event_currency = e.currency
FROM (
    SELECT project_id, kind, happened_on, max(id) AS id, count(*) AS count, sum(amount) AS amount,
           string_agg(DISTINCT currency, ' ') AS currency
    FROM capital_event WHERE project_id IN (SELECT project_id FROM staged_capital)
    GROUP BY project_id, kind, happened_on
) e
WHERE (e.project_id, e.kind, e.happened_on) = (s.project_id, s.kind, s.happened_on)
"""

# The total by a later day stays what the file that gave it says: of it, less came in on that day.
LATER = """
WITH added AS (
    SELECT project_id, currency, max(happened_on) AS day, max(row_no) AS row_no,
           sum(amount - CASE WHEN event_id IS NULL THEN 0 ELSE event_amount END) AS amount
    FROM staged_capital
    WHERE kind = 'paid_in' AND amount > 0 AND (event_id IS NULL OR event_count = 1 AND event_currency = currency)
    GROUP BY project_id, currency
)
SELECT DISTINCT ON (a.project_id, a.currency) a.project_id, a.currency, a.row_no, a.day, e.id, e.happened_on,
       e.amount - a.amount AS amount
FROM added a
JOIN capital_event e ON e.project_id = a.project_id AND e.kind = 'paid_in' AND e.currency = a.currency
     AND e.happened_on > a.day
JOIN row_days r ON r.row_id = e.id AND r.table_name = 'capital_event'
WHERE a.amount <> 0
ORDER BY a.project_id, a.currency, e.happened_on
"""
LESS = "UPDATE capital_event SET amount = :amount WHERE id = :id"
NOTHING = "DELETE FROM capital_event WHERE id = :id"
LEAVE = """
UPDATE staged_capital SET amount = NULL WHERE project_id = :project_id AND currency = :currency AND kind = 'paid_in'
"""

NEW = """
INSERT INTO capital_event (project_id, kind, happened_on, amount, currency, evidence)
SELECT project_id, kind, happened_on, amount, currency, coalesce(evidence, '')
FROM staged_capital WHERE event_id IS NULL AND amount > 0 ORDER BY row_no, kind, happened_on
RETURNING project_id
"""

CHANGED = """
UPDATE capital_event e SET amount = n.amount, currency = n.currency, evidence = n.evidence
FROM (
    SELECT e.id, coalesce(s.amount, e.amount) AS amount, coalesce(s.currency, e.currency) AS currency,
           coalesce(nullif(s.evidence, ''), e.evidence) AS evidence
    FROM capital_event e JOIN staged_capital s ON s.event_id = e.id
    WHERE s.event_count = 1 AND (s.amount IS NULL OR s.amount > 0)
) n
WHERE e.id = n.id AND (e.amount, e.currency, e.evidence) IS DISTINCT FROM (n.amount, n.currency, n.evidence)
RETURNING e.project_id
"""

NOT_ENTERED = """
SELECT row_no, kind, happened_on, event_count FROM staged_capital
WHERE amount < 0 OR amount = 0 AND event_id IS NOT NULL
   OR event_count > 1 AND (amount, currency) IS DISTINCT FROM (event_amount, event_currency)
ORDER BY row_no, kind, happened_on
"""


GIVEN = """
SELECT e.id AS row_id, s.pattern FROM staged_capital s JOIN capital_event e USING (project_id, kind, happened_on)
"""


def enter_capital(changes: Changes, file: LedgerFile, matches: Sequence[MatchedProject], age: FileAge) -> list[Problem]:
    """Enter the staged capital, correct entries of the same day; a problem for each left out."""
    session = changes.session
    for statement in (INCREMENTS, KNOWN):
        session.execute(text(statement))
    problems = withhold(session, CAPITAL, file, matches, age)
    problems += _lessen_later(session, file, matches)
    changes.run(NEW)
    changes.run(CHANGED)
    keep_days(session, "capital_event", GIVEN, subsets(CAPITAL_CELLS), age.day)
    for row_no, kind, happened_on, event_count in session.execute(text(NOT_ENTERED)):
        row = matches[row_no].row
        cells = next(cells for cells in row.capital if (cells.kind, cells.happened_on) == (kind, happened_on))
        amount, reason = in_words(cells.amount, cells.currency), _why_not(event_count or 0)
        problems.append(file.problem(row, f"{kind}.amount", amount, reason, Effect.CELL_LEFT_OUT))
    return problems


def _lessen_later(session: Session, file: LedgerFile, matches: Sequence[MatchedProject]) -> list[Problem]:
    """Keep later totals that this file does not give; a problem for each that is smaller."""
    problems = []
    for later in session.execute(text(LATER)).mappings().all():
        bound = dict(later)
        if later["amount"] >= 0:
            session.execute(text(LESS if later["amount"] else NOTHING), bound)
            continue
        row = matches[later["row_no"]].row
        cells = next(cells for cells in row.capital if cells.happened_on == later["day"])
        amount, reason = in_words(cells.amount, cells.currency), _why_more() % {"day": later["happened_on"]}
        problems.append(file.problem(row, f"{cells.kind}.amount", amount, reason, Effect.CELL_LEFT_OUT))
        session.execute(text(LEAVE), bound)
    return problems


def _why_more() -> str:
    return _("By %(day)s less was paid in altogether, as the ledger has it from another file: check both totals.")


def _why_not(event_count: int) -> str:
    if event_count > 1:
        return _("The ledger has several entries for that day, which together are another amount: check them there.")
    return _("More was paid in before that day, as the ledger has it: write the total that was paid in by then.")
