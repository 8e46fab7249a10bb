"""One day of the replay: people act, projects are signed, the sweep fires, digests are gathered."""

from collections.abc import Sequence
from datetime import date

from deployments.replay import holds, inspectors, leaders, officers, units
from deployments.replay.course import draw_course
from deployments.replay.entering import enter
from deployments.replay.journal import Deed
from deployments.replay.signing import Signing
from deployments.replay.world import Today
from tasks.digests import gather
from tasks.ledger import lock_project as lock_project
from tasks.sweeping import address_unheard, sweep


def act(today: Today, signing: Signing, share: float) -> None:
    """Whoever acts before the sweep: on a day off only some officers do."""
    if today.is_working:
        today.world.pass_day(today.day)
        for people in (holds, officers, units, leaders, inspectors):
            people.act(today)
        sign(today, signing, share)
    else:
        officers.act(today)


def sign(today: Today, signing: Signing, share: float) -> None:
    """Enter what is signed today."""
    dice = today.dice("signing")
    rows = list(signing.on(dice, today.day, share))
    if rows:
        courses = [(row, draw_course(dice, row.code, row.units, {})) for row in rows]
        enter(today.world, courses, today.day)


def fire(today: Today) -> Sequence[int]:
    """What the flows `escalation-sweep` and `notice-delivery` do, but for the runs and the sending."""
    address_unheard(today.day)
    raised = sweep(today.day)
    for escalation_id in raised:
        today.note(Deed.RAISED, "", escalation_id)
    if failed := gather(today.day):
        raise RuntimeError(failed)
    return raised


def days(first: date, last: date) -> Sequence[date]:
    """Every day of a span."""
    return [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]
