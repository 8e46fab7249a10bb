"""Checks that history is complete: as much was signed, visited, landed and raised as the simulated people did."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from sqlalchemy import text

from deployments.replay.checks.raw import Raw
from deployments.replay.output.journal import Deed, Journal
from models.i18n import gettext as _
from tasks.database import snapshot

HISTORY = """
SELECT table_name, CASE WHEN column_name IS NULL THEN '' ELSE new #>> '{}' END AS what, count(*) FROM change
WHERE column_name IS NULL AND table_name IN ('project', 'visit')
   OR column_name = 'stage' AND table_name = 'project' AND new #>> '{}' IN ('landed', 'exited')
GROUP BY 1, 2
"""


def gaps(journal: Journal, raw: Raw, ended_before: Counter[str]) -> Iterator[str]:
    """Where history or a table has another number than the journal; `ended_before`: what had ended on the eve."""
    done = journal.counts(date.min, date.max)
    with snapshot() as session:
        recorded = {(row[0], row[1]): row[2] for row in session.execute(text(HISTORY))}
    expected = {
        ("project", ""): done[Deed.SIGNED],
        ("visit", ""): done[Deed.VISITED],
        ("project", "landed"): done[Deed.LANDED] + ended_before["landed"],
        ("project", "exited"): done[Deed.LOST] + ended_before["exited"],
    }
    for (table, what), count in expected.items():
        if recorded.get((table, what), 0) != count:
            message = _("History has %(there)s entries of “%(table)s %(what)s”, the replay made %(count)s.")
            yield message % {"there": recorded.get((table, what), 0), "table": table, "what": what, "count": count}
    raised = done[Deed.RAISED] + done[Deed.HEARD]
    if len(raw["escalation"]) != raised:
        told_of = _("The ledger holds %(there)s escalations, %(count)s were raised.")
        yield told_of % {"there": len(raw["escalation"]), "count": raised}
    stages = raw["project"].stage.value_counts()
    for stage, deed in (("landed", Deed.LANDED), ("exited", Deed.LOST)):
        if stages.get(stage, 0) != done[deed] + ended_before[stage]:
            yield _("The ledger calls %(there)s projects “%(stage)s”, the replay made %(count)s.") % {
                "there": stages.get(stage, 0),
                "stage": stage,
                "count": done[deed] + ended_before[stage],
            }
