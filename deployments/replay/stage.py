"""One day of the replay: people act, projects are signed, the sweep fires, digests are gathered."""

from collections.abc import Sequence

from deployments.replay.city.course import draw_course
from deployments.replay.city.entering import enter
from deployments.replay.city.signing import Signing
from deployments.replay.city.world import Today
from deployments.replay.output.journal import Deed
from deployments.replay.people import holds, inspectors, leaders, officers, revisits, units
from tasks.escalation.sweep import address_unheard, sweep
from tasks.notices.digest import gather


def act(today: Today, signing: Signing, share: float) -> None:
    """Whoever acts before the sweep: on a day off only some officers do."""
    if today.is_working:
        today.world.pass_day(today.day)
        for people in (revisits, holds, officers, units, leaders, inspectors):
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


def fire(today: Today) -> Sequence[str]:
    """What the flows `escalation-sweep` and `notice-delivery` do, but for the runs and the sending.

    The sweep rests on days off, and on those on which nobody noticed that it was paused; the digests do not. Returns
    whose digest could not be written, and why.
    """
    if today.is_swept:
        address_unheard(today.day)
        for escalation_id in sweep(today.day):
            today.note(Deed.RAISED, "", escalation_id)
    return gather(today.day)
