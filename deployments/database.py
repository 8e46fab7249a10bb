"""`luodi db upgrade`: the ledger database's shape and its calendar."""

import argparse
from typing import NamedTuple

from deployments.schema import other_shape
from models.i18n import enumerated
from models.i18n import gettext as _
from tasks.database import pending_migrations, transaction, upgrade
from tasks.items.counting import re_aim
from tasks.items.next_steps import keep_items, set_next_steps
from tasks.ledger.office_time import day_of
from tasks.ledger.workdays import refresh_calendar


class Prepared(NamedTuple):
    """What a ledger lacked."""

    migrations: list[str]
    moved: int  # due dates that a new calendar has moved

    @property
    def told(self) -> str:
        """What people must know of it; empty when it is nothing."""
        message = _("A new calendar has moved %(count)s due dates: the report of the next sweep names them.")
        return message % {"count": self.moved} if self.moved else ""


def prepare() -> Prepared:
    """Bring the ledger's tables and calendar up to date; open items follow the calendar."""
    lacking = pending_migrations()
    upgrade()
    with transaction(source="luodi db upgrade") as session:
        keep_items(session)
        changed = refresh_calendar(session, day_of(""))
        moved = re_aim(session, changed) if changed else 0
        set_next_steps(session)  # a new calendar moves deadlines; items of an older version have no clock yet
    return Prepared(lacking, moved)


def main(_arguments: argparse.Namespace) -> int:
    """Upgrade; 1 when the ledger database has another shape even then."""
    done = prepare()
    if problem := other_shape():
        print(problem)
        return 1
    ready = _("The ledger database is ready. Migrations done: %(done)s")
    told = (ready % {"done": enumerated(done.migrations) or "–"}, done.told)
    print("\n".join(filter(None, told)))
    return 0
