"""What counts for a target.

A project counts once, for its responsible unit and leader, even if others share it; a capital
increase is no project. Its day of signing decides its cohort, its amount as signed whether it is
large enough. `projects_as_of` says when it landed, by the campaign's definition. A rate takes the
whole cohort: projects that exited stay in the whole, those landed before the campaign in the part.
Projects to be landed count only if they landed from the campaign's first day through its last.
Signed projects count even if they exited later.
"""

from sqlalchemy import ColumnElement, FromClause, and_, true

from models.campaigns.campaign import Campaign
from models.campaigns.target import Target
from models.words import TargetMeasure


def cohort(target: Target, ledger: FromClause) -> ColumnElement[bool]:
    """The projects a target is about, by day of signing, amount and sector; of all units."""
    project = ledger.c
    rules: list[ColumnElement[bool]] = [true()]
    if target.signed_from is not None:
        rules.append(project.signed_on >= target.signed_from)
    if target.signed_until is not None:
        rules.append(project.signed_on <= target.signed_until)
    if target.amount_from is not None:
        rules.append(project.amount >= target.amount_from)
    if target.sector is not None:
        rules.append(project.sector == target.sector)
    return and_(*rules)


def counts(target: Target, campaign: Campaign, ledger: FromClause) -> ColumnElement[bool]:
    """Which projects of the cohort count towards the goal."""
    if target.measure is TargetMeasure.SIGNED:
        return true()
    if target.measure is TargetMeasure.LANDING_RATE:
        return ledger.c.landed_on.is_not(None)
    return _lands_in(campaign, ledger)


def is_part_of(target: Target, campaign: Campaign, ledger: FromClause) -> ColumnElement[bool]:
    """Which projects make the whole: all, or those landed in the campaign and those open."""
    if target.measure is not TargetMeasure.LANDED:
        return true()
    is_open = and_(ledger.c.landed_on.is_(None), ledger.c.exited_on.is_(None))
    return is_open | _lands_in(campaign, ledger)


def _lands_in(campaign: Campaign, ledger: FromClause) -> ColumnElement[bool]:
    landed_on = ledger.c.landed_on
    return and_(landed_on >= campaign.starts_on, landed_on <= campaign.ends_on if campaign.ends_on else true())
