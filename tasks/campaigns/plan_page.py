"""What a plan would change, and where its targets stand: for the operator who may adopt it."""

from collections.abc import Iterable, Sequence
from datetime import date

from prefect.artifacts import create_markdown_artifact

from models.campaigns.attainment import Attainment
from models.campaigns.clock import CampaignClock
from models.campaigns.plan import Plan, PlannedTarget
from models.i18n import enumerated
from models.i18n import gettext as _
from models.ledger.project import in_words
from models.words import Currency
from tasks.campaigns.plan import DEPLOYMENT, draft, former
from tasks.campaigns.targets import OfLeader, OfUnit, TargetStanding, evaluate_targets
from tasks.database import snapshot
from tasks.documents.markdown import cell, table
from tasks.ledger.current_campaign import clock_on

Row = tuple[str, ...]


def show_plan(plan: Plan, day: date) -> None:
    """Show what a plan would change, and where its targets stand.

    `Refused` when the plan makes no sense, or names what the ledger does not know.
    """
    with snapshot() as session:
        present = former(session, plan)
        campaign, targets = draft(session, plan)
        text = page(plan, present, evaluate_targets(session, campaign, targets, day), clock_on(session, campaign, day))
    create_markdown_artifact(text, key=DEPLOYMENT, description=_("The campaign and where its targets stand"))


def page(plan: Plan, former: Plan | None, standings: Sequence[TargetStanding], clock: CampaignClock | None) -> str:
    """The page, Markdown; `former` is the present plan, None for a new campaign."""
    changes, stands = _("What this plan changes"), _("Where each target stands")
    heads = (_("What is planned"), _("Present"), _("New"))
    changed = list(_changes(plan, former))
    day = _("As of %(day)s") % {"day": clock.day} if clock else ""
    return "\n\n".join(
        [
            f"# {cell(plan.name)}",
            clock_line(clock),
            f"## {changes}",
            table(heads, changed) if changed else _("Nothing."),
            f"## {stands}",
            day,
            *(target_tables(standings) if standings else [_("No targets.")]),
        ]
    )


def _changes(plan: Plan, former: Plan | None) -> Iterable[Row]:
    for title, text_of in (
        (_("First and last day"), _days),
        (_("Its projects: signed"), _cohort),
        (_("Counts as landed"), _landing),
    ):
        now, new = text_of(former) if former else "", text_of(plan)
        if now != new:
            yield title, now, new
    yield from _targets(plan, former)


def _targets(plan: Plan, former: Plan | None) -> Iterable[Row]:
    now = {target.name: described(target) for target in former.targets} if former else {}
    new = {target.name: described(target) for target in plan.targets}
    for name in dict.fromkeys([*now, *new]):
        if now.get(name) != new.get(name):
            yield name, now.get(name, ""), new.get(name, _("(left out)"))
    kept = [name for name in now if name in new]
    if kept != [name for name in new if name in now]:
        yield _("Order of the targets"), enumerated(kept), enumerated(name for name in new if name in now)


def described(target: PlannedTarget) -> str:
    """A target in words, without its name."""
    measure = {"measure": target.measure.label, "goal": Attainment(target.measure, target.goal, 0, 0).goal_text}
    days = _span(target.signed_from, target.signed_until)
    parts = [
        _("%(measure)s: at least %(goal)s") % measure,
        _("each county and zone") if target.each_county else target.unit,
        _("signed %(days)s") % {"days": days} if target.signed_from or target.signed_until else "",
        _("from %(amount)s") % {"amount": in_words(target.amount_from, Currency.CNY)} if target.amount_from else "",
        target.sector.label if target.sector else "",
        _("split over leaders") if target.by_leader else "",
    ]
    return " · ".join(filter(None, parts))


def _span(first: date | None, last: date | None) -> str:
    return f"{first or ''}–{last or ''}"


def _days(plan: Plan) -> str:
    return _span(plan.starts_on, plan.ends_on)


def _cohort(plan: Plan) -> str:
    return _span(plan.signed_from, plan.signed_until) if plan.signed_from or plan.signed_until else _("any day")


def _landing(plan: Plan) -> str:
    return enumerated(kind.label for kind in plan.landing)


def clock_line(clock: CampaignClock | None) -> str:
    """The campaign's clock in a sentence; '' for a campaign without an end."""
    if clock is None:
        return ""
    sentence = _("Day %(day_no)s of %(days)s; %(gone)s of %(working_days)s working days are gone, %(left)s are left.")
    return sentence % {
        "day_no": clock.day_no,
        "days": clock.days,
        "gone": clock.working_days_gone,
        "working_days": clock.working_days,
        "left": clock.working_days_left,
    }


def target_tables(standings: Sequence[TargetStanding]) -> list[str]:
    """A table of the targets, with a line per county where needed, and the splits over leaders."""
    heads = (_("Target"), _("Unit"), _("Goal"), _("Reached"), _("Still missing"), _("Against the time gone"))
    rows = [_line(standing, line) for standing in standings for line in standing.units]
    return [table(heads, rows), *_splits(standings)]


def _line(standing: TargetStanding, line: OfUnit) -> Row:
    attained = line.attained
    return (
        standing.target.name,
        line.unit or _("Whole city"),
        attained.goal_text,
        attained.text,
        str(attained.missing) if attained.missing else "",
        pace(attained, standing.clock),
    )


def pace(attained: Attainment, clock: CampaignClock | None) -> str:
    """Whether a target is reached, in time, or how many points behind the time gone."""
    if attained.has_nothing_to_reach:
        return _("no project in the cohort")
    if attained.is_reached:
        return _("reached")
    gone = clock.time_gone if clock else None
    if attained.is_behind(gone):
        return _("%(points)s points behind") % {"points": attained.points_behind(gone)}
    return _("in time")


def _splits(standings: Iterable[TargetStanding]) -> Iterable[str]:
    for standing in standings:
        if standing.target.by_leader:
            title = _("%(target)s: by responsible leader") % {"target": standing.target.name}
            heads = (_("Responsible leader"), _("Unit"), standing.target.measure.label, _("Projects it is about"))
            yield f"### {title}"
            yield table(heads, [_share(line) for line in standing.leaders]) if standing.leaders else _("Nothing.")


def _share(line: OfLeader) -> Row:
    return line.leader or _("(nobody)"), line.unit, line.attained.text, str(line.attained.whole)
