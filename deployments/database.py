"""`luodi db upgrade`: the ledger database's shape and its calendar."""

import argparse

from deployments.schema import other_shape
from models.i18n import enumerated
from models.i18n import gettext as _
from tasks.database import pending_migrations, transaction, upgrade
from tasks.items.next_steps import keep_items, set_next_steps
from tasks.ledger.office_time import day_of
from tasks.ledger.workdays import refresh_calendar


def prepare() -> list[str]:
    """Bring the ledger's tables and calendar up to date; returns the migrations it lacked."""
    lacking = pending_migrations()
    upgrade()
    with transaction(source="luodi db upgrade") as session:
        keep_items(session)
        refresh_calendar(session, day_of(""))
        set_next_steps(session)  # a new calendar moves deadlines; items of an older version have no clock yet
    return lacking


def main(_arguments: argparse.Namespace) -> int:
    """Upgrade; 1 when the ledger database has another shape even then."""
    done = prepare()
    if problem := other_shape():
        print(problem)
        return 1
    print(_("The ledger database is ready. Migrations done: %(done)s") % {"done": enumerated(done) or "–"})
    return 0
