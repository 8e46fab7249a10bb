"""The bulletin's charts as data: readers draw them, for the server may have no Chinese font."""

from decimal import Decimal

from models.bulletin.figures import Figures
from models.escalation.traffic_light import Light
from models.i18n import gettext as _
from tasks.bulletin.goals import done
from tasks.documents.charts import BLUE, GREEN, GREY, RED, YELLOW, Chart, Series

MAX_BARS = 30  # names a chart has room for
WHOLE = Decimal(100)
IN_SECTION = {"facts": ("week",), "targets": ("targets",), "ranking": ("ranking", "lights")}


def charts(figures: Figures) -> list[Chart]:
    """The bulletin's charts, without empty ones."""
    made = (week_chart(figures), ranking_chart(figures), lights_chart(figures), targets_chart(figures))
    return [chart for chart in made if chart.names]


def week_chart(figures: Figures) -> Chart:
    counted = (
        (_("Signings"), "signed"),
        (_("Visits made"), "visits"),
        (_("New problems"), "blockers_opened"),
        (_("Problems solved"), "blockers_resolved"),
        (_("Begun"), "started"),
        (_("Completed"), "completed"),
        (_("Landings"), "landed"),
    )
    both = ((_("This week"), BLUE, figures.week), (_("Week before"), GREY, figures.before))
    return Chart(
        "week",
        _("This week and the week before"),
        [name for name, _field in counted],
        [Series(name, colour, [getattr(counts, field) for _name, field in counted]) for name, colour, counts in both],
        _("Number"),
        _("Indicator"),
    )


def ranking_chart(figures: Figures) -> Chart:
    """The counties' landing rates, best first, each name with the fraction."""
    ranked = [unit for unit in figures.counties if unit.rank][:MAX_BARS]
    named = _("%(unit)s (%(part)s/%(whole)s)")
    names = [named % {"unit": unit.name, "part": unit.cohort.part, "whole": unit.cohort.whole} for unit in ranked]
    return Chart(
        "ranking",
        _("Landing rate by county"),
        names,
        [Series(_("Landing rate"), BLUE, [unit.cohort.percent or Decimal(0) for unit in ranked])],
        _("Landing rate (%)"),
        _("County or zone (landed/signed)"),
        labels=[f"{unit.cohort.percent}%" for unit in ranked],
        most=WHOLE,
    )


def lights_chart(figures: Figures) -> Chart:
    units = [] if figures.is_unreported else [unit for unit in figures.units if unit.open][:MAX_BARS]
    colours = {Light.RED: RED, Light.YELLOW: YELLOW, Light.GREEN: GREEN}
    return Chart(
        "lights",
        _("Traffic lights of open projects"),
        [unit.name for unit in units],
        [
            Series(light.label, colour, [getattr(unit, light.value) for unit in units])
            for light, colour in colours.items()
        ],
        _("Open projects (number)"),
        _("County or unit"),
        is_stacked=True,
    )


def targets_chart(figures: Figures) -> Chart:
    goals, clock = figures.targets[:MAX_BARS], figures.drive.clock
    series = [Series(_("Share of the goal"), BLUE, [done(goal) for goal in goals])]
    if clock:
        gone = clock.time_gone.percent or Decimal(0)
        series.append(Series(_("Time gone"), GREY, [gone] * len(goals)))
    return Chart(
        "targets",
        _("Targets against the time gone"),
        [goal.name for goal in goals],
        series,
        _("Share (%)"),
        _("Target"),
        most=WHOLE,
    )
