"""A trial of the sweep: what would fire on a day, and to whom. Everything is taken back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import NamedTuple

from prefect.artifacts import create_markdown_artifact
from psycopg.errors import LockNotAvailable
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.i18n import written
from models.refusal import Refused
from tasks.database import transaction
from tasks.documents.markdown import table
from tasks.escalation.clock import last_swept
from tasks.escalation.named_late import heard_by_now
from tasks.escalation.report import fired_sections
from tasks.escalation.sweep import ACTOR, lock_due, sweep_in
from tasks.items.campaign_numbers import has_campaign_numbers
from tasks.items.next_steps import keep_items
from tasks.ledger.office_time import day_of
from tasks.ledger.workdays import calendar_around

MOST_SWEEPS = 250  # about a year of working days
PATIENCE = "10s"  # while a trial waits for a lock, others may have to wait behind it


class Trial(NamedTuple):
    day: date
    fires: int  # how many steps
    before: Sequence[tuple[date, int]]  # the sweeps that would come first, and what each would fire
    sections: Sequence[str]  # of the report


def try_sweep(day: date, today: date | None = None) -> Trial:
    """What the sweep of a day would fire, after sweeps on each working day until then.

    They really fire, in a transaction that is rolled back: no number is taken, nobody hears.

    `Refused` for a day before the last that was swept, and for one that is too far ahead.
    """
    with trying(ACTOR, f"{ACTOR} {day}") as session:
        keep_for_sweeps(session, day)
        days = _days_to_sweep(session, day, today or day_of(""))
        *before, (_day, fired) = [(swept, sweep_in(session, swept, swept)) for swept in days]
        return Trial(day, len(fired), [(swept, len(ids)) for swept, ids in before], fired_sections(session, day, fired))


@contextmanager
def trying(actor: str, source: str) -> Iterator[Session]:
    """A transaction that is rolled back.

    `Refused` when it waits too long for what others are changing.
    """
    try:
        with transaction(actor, source) as session:
            session.execute(text("SELECT set_config('lock_timeout', :patience, true)"), {"patience": PATIENCE})
            yield session
            session.rollback()
    except OperationalError as fault:
        if not isinstance(fault.orig, LockNotAvailable):
            raise
        message = _("Others are changing the ledger just now: nothing was tried. Start it again a little later.")
        raise Refused(message) from fault


def keep_for_sweeps(session: Session, day: date, items: Sequence[int] = ()) -> None:
    """Lock what sweeps through that day fire, and those items.

    All at once: day by day, locks would be taken out of order.
    """
    if has_campaign_numbers(session):  # which may begin or end on the way
        keep_items(session)
    lock_due(session, day, [*items, *heard_by_now(session, day)])


def _days_to_sweep(session: Session, day: date, today: date) -> list[date]:
    """The working days through that one on which the sweep comes, as far as it has not yet."""
    swept, days = last_swept(session), [day]
    first = max(today, swept + timedelta(1)) if swept else today
    calendar = calendar_around(session, first, day)
    if calendar.elapsed(first, day) > MOST_SWEEPS:
        problem = _("%(day)s is too far ahead: a trial reaches over %(count)s sweeps.")
        raise Refused(problem % {"day": day, "count": MOST_SWEEPS})
    while (former := calendar.add(days[-1], -1)) >= first:
        days.append(former)
    return days[::-1]


def show_trial(trial: Trial) -> None:
    description = _("What the sweep of %(day)s would fire") % {"day": trial.day}
    create_markdown_artifact(page(trial), key=f"{ACTOR}-trial", description=description)


def page(trial: Trial) -> str:
    title = _("Trial: sweep of %(day)s") % {"day": trial.day}
    nothing = _("Nothing was fired: no number was taken, nobody was told.")
    return "\n\n".join([f"# {title}", f"{nothing}\n\n{_assumed(trial)}", *trial.sections, *_before(trial)])


def _assumed(trial: Trial) -> str:
    if not trial.before:
        return _("This is what the sweep would fire if it came now.")
    assumed = _(
        "This is what the sweep of %(day)s would fire if nobody acts until then, and the sweep comes on each working "
        "day from %(first)s on."
    )
    return assumed % {"day": trial.day, "first": trial.before[0][0]}


def _before(trial: Trial) -> list[str]:
    rows = [(written(day), str(count)) for day, count in trial.before if count]
    title = _("What sweeps on the days before would fire")
    return [f"## {title}", table((_("Sweep"), _("Steps")), rows)] if rows else []
