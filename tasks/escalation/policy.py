"""The office's numbers: a new version of them, and what it would change."""

from collections.abc import Mapping
from datetime import date

from prefect.artifacts import create_markdown_artifact
from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from models.campaigns.campaign import Campaign
from models.escalation.action_item import ActionItem
from models.escalation.ladder import due_step
from models.escalation.policy import EVERYTHING, Policies, Policy, PolicyNumbers, Scope, scopes
from models.i18n import enumerated
from models.i18n import gettext as _
from models.refusal import Refused
from models.words import Step
from tasks.database import snapshot, transaction
from tasks.documents.markdown import cell, table
from tasks.escalation.sweep import count_rungs
from tasks.items.campaign_numbers import followed_campaign, policies
from tasks.items.next_steps import RUNNING, calendar_of, keep_items, set_next_steps
from tasks.ledger.workdays import calendar_around

DEPLOYMENT = "ladder-policy"


def present(session: Session, scope: Scope = EVERYTHING) -> PolicyNumbers:
    return PolicyNumbers.model_validate(policies(session).of(*scope))


def adopt(session: Session, numbers: PolicyNumbers, scope: Scope = EVERYTHING) -> int:
    """Let the numbers apply as a new version, also to open items; returns the version.

    A scope that is given the numbers of the wider one has none of its own any more.

    `Refused` when the numbers do not fit together or to the kind, or are what applies already.
    """
    numbers.check()
    keep_items(session)
    now = policies(session)
    _check_kind(now, numbers, scope)
    gives_up = scope != EVERYTHING and numbers == PolicyNumbers.model_validate(now.without(scope))
    if numbers == present(session, scope) and not (gives_up and scope in now.own):
        raise Refused(_("These numbers apply already."))
    version = (session.scalar(select(func.max(Policy.version))) or 0) + 1
    campaign_id, kind = scope
    new = Policy(version=version, kind=kind, campaign_id=campaign_id, follows_general=gives_up, **numbers.model_dump())
    session.add(new)
    session.flush()
    set_next_steps(session)
    return version


def would_fire(session: Session, numbers: PolicyNumbers, scope: Scope, as_of: date) -> Mapping[Step, tuple[int, int]]:
    """How many items would fire each step on the working day after `as_of`: now, and by these.

    `Refused` when the numbers do not fit together or to the kind.
    """
    numbers.check()
    now, day = policies(session), calendar_around(session, as_of).add(as_of, 1)
    _check_kind(now, numbers, scope)
    campaigns = {campaign_id for campaign_id, _kind in (*now.own, scope) if campaign_id is not None}
    campaign = followed_campaign(ActionItem.project_id, literal(day), Campaign.id.in_(campaigns))
    rungs = count_rungs(session, day, campaign, *RUNNING)
    calendar = calendar_of(session, [rung.ticks for rung in rungs], day)
    new = Policy(**numbers.model_dump())
    counts = {step: [0, 0] for step in Step}
    for rung, number in rungs.items():
        tick = rung.ticks
        looked_up = scopes(tick.campaign_id, tick.kind)
        policy = now.of(tick.campaign_id, tick.kind)
        is_concerned = scope in looked_up and looked_up.index(scope) <= looked_up.index(policy.scope)
        for column, numbered in enumerate((policy, new if is_concerned else policy)):
            firing = due_step(tick, numbered, calendar, day, rung.manned, was_unheard=rung.was_unheard)
            if firing:
                counts[firing.step][column] += number
    return {step: (before, after) for step, (before, after) in counts.items()}


def _check_kind(now: Policies, numbers: PolicyNumbers, scope: Scope) -> None:
    _campaign_id, kind = scope
    if kind is None:
        return
    meaningless, wider = numbers.meaningless_for(kind), PolicyNumbers.model_validate(now.without(scope))
    idle = [(name, number) for name, number, _new in wider.changes(numbers) if name in meaningless]
    if idle:
        problem = _("These numbers mean nothing for “%(kind)s”; leave them as they are for every kind: %(names)s")
        names = enumerated(f"“{PolicyNumbers.title(name)}” ({number})" for name, number in idle)
        raise Refused(problem % {"kind": kind.label, "names": names})


def show_comparison(numbers: PolicyNumbers, scope: Scope, as_of: date) -> None:
    """Show beside the run what the numbers would change on the working day after `as_of`.

    `Refused` when the numbers do not fit together or to the kind.
    """
    with transaction() as session:
        firings = would_fire(session, numbers, scope, as_of)
        page = comparison(numbers, _label(session, scope), present(session, scope), firings)
    create_markdown_artifact(page, key=DEPLOYMENT, description=_("The present numbers and these"))


def _label(session: Session, scope: Scope) -> str:
    campaign_id, kind = scope
    label = kind.label if kind else _("(every kind)")
    return f"{session.get_one(Campaign, campaign_id).name} · {label}" if campaign_id else label


def comparison(
    numbers: PolicyNumbers, scope: str, former: PolicyNumbers, firings: Mapping[Step, tuple[int, int]]
) -> str:
    changes, fires = _("What changes"), _("What would fire on the next working day")
    changed = [(PolicyNumbers.title(name), str(now), str(new)) for name, now, new in former.changes(numbers)]
    steps = [(step.label, str(now), str(new)) for step, (now, new) in firings.items()]
    return "\n\n".join(
        [
            _("For: **%(kind)s**") % {"kind": cell(scope)},
            f"## {changes}",
            table((_("What is counted"), _("Present"), _("New")), changed) if changed else _("Nothing."),
            f"## {fires}",
            table((_("Step"), _("Present"), _("New")), steps),
        ]
    )


def adopt_numbers(who: str, numbers: PolicyNumbers, scope: Scope) -> int:
    """Adopt the numbers in a transaction of its own; `Refused` as `adopt`."""
    with transaction(who, DEPLOYMENT) as session:
        return adopt(session, numbers, scope)


def campaign_named(name: str) -> int:
    """The number of the planned campaign of that name; `Refused` when there is none."""
    with snapshot() as session:
        campaign_id = session.scalar(select(Campaign.id).where(Campaign.name == name, Campaign.ends_on.is_not(None)))
    if campaign_id is None:
        raise Refused(_("There is no planned campaign “%(name)s”.") % {"name": name})
    return campaign_id


def campaign_names(session: Session) -> list[str]:
    """The campaigns that are planned, the newest first."""
    planned = select(Campaign.name).where(Campaign.ends_on.is_not(None))
    return list(session.scalars(planned.order_by(Campaign.starts_on.desc(), Campaign.id.desc())))
