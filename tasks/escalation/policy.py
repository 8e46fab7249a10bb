"""The office's numbers: a new version of them, and what it would change."""

from collections.abc import Mapping
from datetime import date

from prefect.artifacts import create_markdown_artifact
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.escalation.ladder import due_step
from models.escalation.policy import Policy, PolicyNumbers
from models.i18n import gettext as _
from models.refusal import Refused
from models.words import ItemKind, Step
from tasks.database import transaction
from tasks.documents.markdown import table
from tasks.items.next_steps import RUNNING, TICKS, Ticks, calendar_of, keep_items, set_next_steps
from tasks.items.open_items import current_policy, policies
from tasks.ledger.workdays import calendar_around

DEPLOYMENT = "ladder-policy"


def present(session: Session, kind: ItemKind | None) -> PolicyNumbers:
    """What applies now to that kind of item, or to every kind without numbers of its own."""
    if kind is not None:
        return PolicyNumbers.model_validate(current_policy(session, kind))
    general = select(Policy).where(Policy.kind.is_(None), Policy.campaign_id.is_(None))
    return PolicyNumbers.model_validate(session.scalars(general.order_by(Policy.version.desc()).limit(1)).one())


def adopt(session: Session, numbers: PolicyNumbers, kind: ItemKind | None) -> int:
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
    session.add(Policy(version=version, kind=kind, follows_general=follows_general, **numbers.model_dump()))
    session.flush()
    set_next_steps(session)
    return version


def would_fire(
    session: Session, numbers: PolicyNumbers, kind: ItemKind | None, as_of: date
) -> Mapping[Step, tuple[int, int]]:
    """How many items would fire each step on the working day after `as_of`: by the present numbers, and by these.

    Raises:
        Refused: when the numbers do not fit together or to the kind.
    """
    numbers.check()
    _check_kind(session, numbers, kind)
    now, day = policies(session), calendar_around(session, as_of).add(as_of, 1)
    concerned = {own for own, policy in now.items() if own is kind or (kind is None and policy.kind is None)}
    new = Policy(**numbers.model_dump())
    rows = session.execute(select(*TICKS, func.count()).where(*RUNNING).group_by(*TICKS)).all()
    ticks = [Ticks._make(row[:-1]) for row in rows]
    calendar = calendar_of(session, ticks, day)
    counts = {step: [0, 0] for step in Step}
    for tick, row in zip(ticks, rows, strict=True):
        policy = now[tick.kind]
        for column, numbered in enumerate((policy, new if tick.kind in concerned else policy)):
            if firing := due_step(tick, numbered, calendar, day):
                counts[firing.step][column] += row[-1]
    return {step: (before, after) for step, (before, after) in counts.items()}


def _check_kind(session: Session, numbers: PolicyNumbers, kind: ItemKind | None) -> None:
    if kind is None:
        return
    meaningless = numbers.meaningless_for(kind)
    idle = [(name, now) for name, now, _new in present(session, None).changes(numbers) if name in meaningless]
    if idle:
        problem = _("These numbers mean nothing for “%(kind)s”; leave them as they are for every kind: %(names)s")
        names = ", ".join(f"“{PolicyNumbers.title(name)}” ({now})" for name, now in idle)
        raise Refused(problem % {"kind": kind.label, "names": names})


def comparison(
    numbers: PolicyNumbers, kind: ItemKind | None, former: PolicyNumbers, firings: Mapping[Step, tuple[int, int]]
) -> str:
    """What changes, and what would fire on the next working day by the former numbers and by these. Markdown."""
    changes, fires = _("What changes"), _("What would fire on the next working day")
    changed = [(PolicyNumbers.title(name), str(now), str(new)) for name, now, new in former.changes(numbers)]
    steps = [(step.label, str(now), str(new)) for step, (now, new) in firings.items()]
    return "\n\n".join(
        [
            _("For: **%(kind)s**") % {"kind": kind.label if kind else _("(every kind)")},
            f"## {changes}",
            table((_("What is counted"), _("Present"), _("New")), changed) if changed else _("Nothing."),
            f"## {fires}",
            table((_("Step"), _("Present"), _("New")), steps),
        ]
    )


def show_comparison(numbers: PolicyNumbers, kind: ItemKind | None, as_of: date) -> None:
    """Show beside the run what the numbers would change on the working day after `as_of`.

    Raises:
        Refused: when the numbers do not fit together or to the kind.
    """
    with transaction() as session:
        page = comparison(numbers, kind, present(session, kind), would_fire(session, numbers, kind, as_of))
    create_markdown_artifact(page, key=DEPLOYMENT, description=_("The present numbers and these"))


def adopt_numbers(who: str, numbers: PolicyNumbers, kind: ItemKind | None) -> int:
    """Adopt the numbers in a transaction of its own; returns their version.

    Raises:
        Refused: when the numbers do not fit together or to the kind, or are what applies already.
    """
    with transaction(who, DEPLOYMENT) as session:
        return adopt(session, numbers, kind)
