"""The office's numbers: a new version of them, and what it would change."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.escalation.ladder import due_step
from models.escalation.policy import Policy
from models.i18n import gettext as _
from models.i18n import mark
from models.refusal import Refused
from models.words import ItemKind, Step
from tasks.documents.markdown import table
from tasks.items.next_steps import RUNNING, TICKS, Ticks, calendar_of, keep_items, set_next_steps
from tasks.items.open_items import current_policy, policies
from tasks.ledger.workdays import calendar_around

TITLES = {
    "reminder_before": mark("Reminder: working days before the due date"),
    "reminder_after": mark("Reminder: working days after the due date"),
    "leader_after": mark("To the leader: working days after the due date"),
    "acknowledge_within": mark("The leader acknowledges within working days"),
    "reply_within": mark("The leader replies within working days"),
    "office_after": mark("To the inspection office: working days after the leader heard"),
    "office_repeat_every": mark("Again to the inspection office: every so many working days"),
    "verify_within": mark("The inspection office verifies within working days"),
    "first_visit_within": mark("First visit: within working days of entering the ledger"),
    "visit_every": mark("Visits: working days from one to the next"),
    "visit_after_resolution": mark("Visit after the last blocker is resolved: within working days"),
    "blocker_within": mark("A blocker is solved within working days"),
    "extension_notice": mark("An extension is asked for: working days before the due date"),
}


FROM_NOW_ON = ("verify_within", "first_visit_within", "visit_every", "visit_after_resolution", "blocker_within")
"""The numbers that set a date when something is opened or planned; all others apply at once to all that is open."""
READ_ONLY_FOR = {
    "verify_within": ItemKind.VERIFY,
    "first_visit_within": ItemKind.VISIT,
    "visit_every": ItemKind.VISIT,
    "visit_after_resolution": ItemKind.VISIT,
    "blocker_within": ItemKind.BLOCKER,
    "extension_notice": ItemKind.BLOCKER,
}
"""The numbers that mean something for one kind of item only."""


@dataclass(frozen=True)
class Numbers:
    """Everything a policy says, in working days."""

    reminder_before: int
    reminder_after: int
    leader_after: int
    acknowledge_within: int
    reply_within: int
    office_after: int
    office_repeat_every: int
    verify_within: int
    first_visit_within: int
    visit_every: int
    visit_after_resolution: int
    blocker_within: int
    extension_notice: int

    def check(self) -> None:
        """Rungs come one after another, and nobody is passed over before their time to answer is up.

        Raises:
            Refused: naming the numbers that do not fit together.
        """
        for lower, higher, may_be_equal in (
            ("reminder_after", "leader_after", False),
            ("acknowledge_within", "reply_within", True),
            ("reply_within", "office_after", True),
        ):
            first, second = getattr(self, lower), getattr(self, higher)
            if first < second or (may_be_equal and first == second):
                continue
            names = {"lower": _(TITLES[lower]), "higher": _(TITLES[higher])}
            if may_be_equal:
                clash = _("“%(higher)s” (%(second)s) must not be less than “%(lower)s” (%(first)s).")
            else:
                clash = _("“%(higher)s” (%(second)s) must be more than “%(lower)s” (%(first)s).")
            raise Refused(clash % (names | {"first": str(first), "second": str(second)}))


def numbers_of(policy: Policy) -> Numbers:
    """What a policy says."""
    return Numbers(**{each.name: getattr(policy, each.name) for each in fields(Numbers)})


def present(session: Session, kind: ItemKind | None) -> Numbers:
    """What applies now to that kind of item, or to every kind without numbers of its own."""
    if kind is not None:
        return numbers_of(current_policy(session, kind))
    general = select(Policy).where(Policy.kind.is_(None), Policy.campaign_id.is_(None))
    return numbers_of(session.scalars(general.order_by(Policy.version.desc()).limit(1)).one())


def adopt(session: Session, numbers: Numbers, kind: ItemKind | None) -> int:
    """Let the numbers apply from now on, as a new version; every open item's next step is set by them at once.

    A kind that is given the general numbers has none of its own any more.

    Raises:
        Refused: when the numbers do not fit together or to the kind, or are what applies already.
    """
    numbers.check()
    keep_items(session)
    _check_kind(session, numbers, kind)
    follows_general = kind is not None and numbers == present(session, None)
    gives_up = follows_general and kind is not None and current_policy(session, kind).kind is not None
    if numbers == present(session, kind) and not gives_up:
        raise Refused(_("These numbers apply already."))
    version = (session.scalar(select(func.max(Policy.version))) or 0) + 1
    session.add(Policy(version=version, kind=kind, follows_general=follows_general, **asdict(numbers)))
    session.flush()
    set_next_steps(session)
    return version


def would_fire(
    session: Session, numbers: Numbers, kind: ItemKind | None, as_of: date
) -> Mapping[Step, tuple[int, int]]:
    """How many items would fire each step on the working day after `as_of`: by the present numbers, and by these.

    Raises:
        Refused: when the numbers do not fit together or to the kind.
    """
    numbers.check()
    _check_kind(session, numbers, kind)
    now, day = policies(session), calendar_around(session, as_of).add(as_of, 1)
    concerned = {each for each, policy in now.items() if each is kind or (kind is None and policy.kind is None)}
    new = Policy(**asdict(numbers))
    rows = session.execute(select(*TICKS, func.count()).where(*RUNNING).group_by(*TICKS)).all()
    ticks = [Ticks._make(row[:-1]) for row in rows]
    calendar = calendar_of(session, ticks, day)
    found = {step: [0, 0] for step in Step}
    for each, row in zip(ticks, rows, strict=True):
        policy = now[each.kind]
        for column, numbered in enumerate((policy, new if each.kind in concerned else policy)):
            if firing := due_step(each, numbered, calendar, day):
                found[firing.step][column] += row[-1]
    return {step: (before, after) for step, (before, after) in found.items()}


def _check_kind(session: Session, numbers: Numbers, kind: ItemKind | None) -> None:
    if kind is None:
        return
    general, wanted = asdict(present(session, None)), asdict(numbers)
    idle = [name for name, only in READ_ONLY_FOR.items() if only is not kind and wanted[name] != general[name]]
    if idle:
        told = _("These numbers mean nothing for “%(kind)s”; leave them as they are for every kind: %(names)s")
        names = ", ".join(f"“{_(TITLES[name])}” ({general[name]})" for name in idle)
        raise Refused(told % {"kind": kind.label, "names": names})


EVERY_KIND = mark("(every kind)")


def _comparison(
    numbers: Numbers, kind: ItemKind | None, former: Numbers, firings: Mapping[Step, tuple[int, int]]
) -> str:
    changes, fires = mark("What changes"), mark("What would fire on the next working day")
    heads = (mark("What is counted"), mark("Present"), mark("New"))
    changed = [
        (mark(TITLES[name]), str(now), str(new))
        for (name, now), new in zip(asdict(former).items(), asdict(numbers).values(), strict=True)
        if now != new
    ]
    steps = [(step.label, str(now), str(new)) for step, (now, new) in firings.items()]
    return "\n\n".join(
        [
            mark("For: **%(kind)s**") % {"kind": kind.label if kind else mark(EVERY_KIND)},
            f"## {changes}",
            table(heads, changed) if changed else mark("Nothing."),
            f"## {fires}",
            table((mark("Step"), mark("Present"), mark("New")), steps),
        ]
    )
