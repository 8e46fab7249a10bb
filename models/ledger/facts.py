"""Reports on projects and the rules for them. Plain values; days in the office's time zone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.campaigns.campaign import Campaign
from models.i18n import enumerated
from models.i18n import gettext as _
from models.ledger.project import Milestone, Project
from models.refusal import Refused
from models.words import BlockerCategory, CapitalKind, Currency, MilestoneKind, VisitOutcome


@dataclass(frozen=True)
class MilestoneReached:
    kind: MilestoneKind
    done_on: date
    evidence: str


@dataclass(frozen=True)
class FoundBlocker:
    category: BlockerCategory
    recipient_unit: str
    description: str
    proposed_solution: str
    due_on: date | None  # None: as many working days ahead as the policy says


@dataclass(frozen=True)
class CapitalReported:
    """Capital paid in or increased on a day; the amount in whole units of the currency."""

    kind: CapitalKind
    amount: Decimal
    currency: Currency
    happened_on: date
    evidence: str = ""


@dataclass(frozen=True)
class Facts:
    happened_on: date
    reported_by: str
    outcome: VisitOutcome
    progress: str = ""
    reason: str = ""
    milestones: tuple[MilestoneReached, ...] = ()
    blockers: tuple[FoundBlocker, ...] = ()


def check_days(facts: Facts, project: Project, as_of: date) -> None:
    """Raise `Refused` if a day is still to come or before the project was signed."""
    for reached in facts.milestones:
        check_past(reached.done_on, as_of)
    check_day(facts.happened_on, project, as_of)


def check_day(day: date, project: Project, as_of: date) -> None:
    """Raise `Refused` if the day is before the signing or after `as_of`."""
    check_past(day, as_of)
    if day < project.signed_on:
        problem = _("%(day)s is before the project was signed (%(signed)s).")
        raise Refused(problem % {"day": day, "signed": project.signed_on})


def check_past(day: date, as_of: date) -> None:
    """Raise `Refused` if the day is after `as_of`."""
    if day > as_of:
        raise Refused(_("%(day)s is still to come: report it when it has happened.") % {"day": day})


def check_exit(facts: Facts) -> None:
    """Raise `Refused` if an exit gives no reason."""
    if facts.outcome in (VisitOutcome.TERMINATED, VisitOutcome.LOST) and not facts.reason:
        raise Refused(_("An exit needs its reason: fill in “%(field)s”.") % {"field": _("Reason for the exit")})


def landing_definition(project: Project, campaigns: Iterable[Campaign], as_of: date) -> list[MilestoneKind]:
    """The milestones that together make a landing, by the project's newest running campaign."""
    running = [
        campaign
        for campaign in campaigns
        if campaign.starts_on <= as_of <= (campaign.ends_on or as_of)
        and (campaign.signed_from or project.signed_on) <= project.signed_on
        and project.signed_on <= (campaign.signed_until or project.signed_on)
    ]
    newest = max(running, key=lambda campaign: (campaign.starts_on, campaign.id))
    return [MilestoneKind(kind) for kind in newest.landing_definition]


def landed_on(milestones: Iterable[Milestone], definition: list[MilestoneKind]) -> date:
    """The day the last of these milestones was reached; raises `Refused`, naming those missing."""
    proven = {milestone.kind: milestone.done_on for milestone in milestones if milestone.is_proven}
    missing = [kind.label for kind in definition if kind not in proven]
    if missing:
        raise Refused(
            _("Not landed yet: these milestones still need a date and evidence: %(missing)s.")
            % {"missing": enumerated(missing)}
        )
    return max(day for kind, day in proven.items() if kind in definition and day is not None)
