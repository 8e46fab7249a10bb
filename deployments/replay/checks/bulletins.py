"""The figures of each week's bulletin, held against sums over its days, and at the end again."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from deployments.replay.checks.rates import landings
from deployments.replay.checks.raw import Raw
from deployments.replay.city.world import Deed, Journal
from models.bulletin.figures import Counts, Figures
from models.i18n import gettext as _
from tasks.bulletin.figures import week_figures
from tasks.database import snapshot
from tasks.ledger.current_campaign import current_campaign

MONDAY, WEEK = 0, 7
# What the journal counts too, for it is entered on the day it happens
NOTED = {"signed": Deed.SIGNED, "visits": Deed.VISITED, "blockers_opened": Deed.OPENED}


class Bulletins:
    """What the bulletin of every week said, and when it was known."""

    def __init__(self) -> None:
        self.issued: list[tuple[Figures, datetime]] = []

    def compute(self, day: date) -> Figures:
        """The figures of the week that ended before a Monday."""
        figures = _figures(day - timedelta(WEEK), day)
        self.issued.append((figures, datetime.now(UTC)))
        return figures

    def changed_since(self) -> Iterator[str]:
        """Weeks of which the ledger says something else today, when asked what was known then.

        Landings are left out: one found on a visit happened on its own day, maybe weeks before.
        """
        for former, known_at in self.issued:
            again = _figures(former.week_from, former.issued_on, known_at)
            if _lasting(again) != _lasting(former):
                message = _("The bulletin of the week from %(day)s, computed again, says something else.")
                yield message % {"day": former.week_from}


def _figures(week_from: date, issued_on: date, known_at: datetime | None = None) -> Figures:
    with snapshot() as session:
        campaign = current_campaign(session, week_from + timedelta(WEEK - 1))
        return week_figures(session, week_from, campaign, issued_on, known_at)


def _lasting(figures: Figures) -> tuple[object, ...]:
    week = figures.week
    counted = (week.signed, week.contracted, week.visits, week.blockers_opened, week.blockers_resolved, week.escalated)
    return (*counted, figures.work, figures.agenda)


def wrong_sums(figures: Figures, raw: Raw, journal: Journal, starts_on: date) -> Iterator[str]:
    """Where a week's figures are not the sums over its days, by the tables or by the journal."""
    days = [figures.week_from + timedelta(number) for number in range(WEEK)]
    days_before = [day - timedelta(WEEK) for day in days]
    by_day = _by_day(raw, figures)
    week = _counted(figures.week)
    compared = [(_("week"), week, _sum(by_day, days))]
    compared.append((_("week before"), _counted(figures.before), _sum(by_day, days_before)))
    if days[0] >= starts_on:
        done = journal.counts(days[0], days[-1])
        noted = Counter({name: done[deed] for name, deed in NOTED.items()})
        compared.append((_("journal"), Counter({name: week[name] for name in NOTED}), noted))
    message = _("Bulletin of the week from %(day)s, %(what)s: %(name)s is %(theirs)s, the sum over the days %(ours)s.")
    for what, theirs, ours in compared:
        for name in sorted(theirs.keys() | ours.keys()):
            if theirs[name] != ours[name]:
                values = {"day": figures.week_from, "what": what, "name": name}
                yield message % (values | {"theirs": theirs[name], "ours": ours[name]})


def _counted(counts: Counts) -> Counter[str]:
    names = ("signed", "started", "landed", "exited", "visits", "blockers_opened", "blockers_resolved")
    totals = Counter({name: getattr(counts, name) for name in names})
    return totals + Counter({fired.step.value: fired.count for fired in counts.escalated})


def _by_day(raw: Raw, figures: Figures) -> dict[str, Counter[date]]:
    """What happened on each day, by what it is called in the figures."""
    items, raised = raw["item"], raw["escalation"]
    projects = landings(raw, [kind.value for kind in figures.drive.landing], figures.week_until)
    blockers = items[items.kind == "blocker"]
    reached = raw["milestone"]
    is_start = (reached.kind == "construction_started") & (reached.evidence.str.strip() != "")
    days = {
        "signed": projects.signed_on,
        "started": reached[is_start].done_on,
        "landed": projects.landed_on,
        "exited": projects[projects.exited].ended_on,
        "visits": raw["visit"].visited_on,
        "blockers_opened": blockers.opened_on,
        "blockers_resolved": blockers[blockers.result == "resolved"].closed_on,
    }
    days |= {str(step): own.raised_on for step, own in raised.groupby("step")}
    return {name: Counter(days_of_it.dropna()) for name, days_of_it in days.items()}


def _sum(by_day: dict[str, Counter[date]], days: list[date]) -> Counter[str]:
    return Counter({name: sum(counted[day] for day in days) for name, counted in by_day.items()})
