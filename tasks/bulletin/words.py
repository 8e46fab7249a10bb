"""What a bulletin says in words: titles, sentences, amounts and matters."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from models.bulletin.figures import AgendaItem, Concern, Counts, Figures, Issue, Sum, UnitLine
from models.i18n import enumerated, written
from models.i18n import gettext as _
from models.words import Currency, ItemKind
from tasks.documents.text import NOTHING, cut_note, text_of


def number_in_year(year: int, number: int) -> str:
    return _("No. %(number)s of %(year)s") % {"number": number, "year": year}


def title(figures: Figures) -> str:
    return _("Weekly bulletin on investment projects (%(period)s)") % {"period": period(figures)}


def section_titles() -> dict[str, str]:
    return {
        "facts": _("Overall"),
        "targets": _("Targets"),
        "units": _("Progress of the counties"),
        "ranking": _("Ranking of the counties"),
        "slow": _("Projects that land slowly"),
        "time": _("Time left"),
        "work": _("Key work of the next week"),
        "agenda": _("Agenda of the weekly meeting"),
        "call": _("What is asked of all units"),
    }


def headings() -> dict[str, str]:
    numerals = _("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15").split()
    heading = _("%(no)s. %(title)s")
    both = zip(numerals, section_titles().items(), strict=False)
    return {key: heading % {"no": no, "title": title} for no, (key, title) in both}


def sentences(figures: Figures) -> dict[str, tuple[str, ...]]:
    """What the sections say in words, beside their tables."""
    return {
        "facts": (unreported(figures) + week_summary(figures), campaign_summary(figures)),
        "units": (
            _("Construction begun: %(units)s.") % {"units": _by_unit(figures.units, "started")},
            _("Construction completed: %(units)s.") % {"units": _by_unit(figures.units, "completed")},
            _("Landed: %(units)s.") % {"units": _by_unit(figures.units, "landed")},
        ),
        "slow": (slow_summary(figures),),
        "time": (clock(figures) or _("The campaign has no end."),),
        "call": (
            _(
                "All units are to hold their work against the targets and the dates set: what falls due next week is "
                "done by its day, or the unit says beforehand what keeps it, and the weekly meeting coordinates it."
            ),
        ),
    }


def unreported(figures: Figures) -> str:
    """That nothing was reported yet, if so: it goes before the week's summary."""
    if not figures.is_unreported:
        return ""
    sentence = _(
        "Up to %(day)s nobody has reported any progress yet: this bulletin shows the ledger as it was entered, and "
        "gives no traffic lights. "
    )
    return sentence % {"day": written(figures.week_until)}


def cut_notes(figures: Figures) -> dict[str, str]:
    work, agenda = figures.work, figures.agenda
    return {
        "work": cut_note(len(work.shown), work.total),
        "agenda": cut_note(len(agenda.shown), agenda.total),
    }


def amounts(counts: Counts) -> str:
    """What came in, the currencies side by side; 0 yuan if nothing came."""
    sums = [Sum(currency, amount).text for currency, amount in counts.amounts.items() if amount]
    return " + ".join(sums) or Sum(Currency.CNY, Decimal(0)).text


def period(figures: Figures) -> str:
    return span(figures.week_from, figures.week_until)


def span(first: date, last: date) -> str:
    return _("%(first)s to %(last)s") % {"first": written(first), "last": written(last)}


def week_summary(figures: Figures) -> str:
    week = figures.week
    sentence = _(
        "From %(period)s, %(signed)s projects were signed for %(amounts)s%(increases)s, %(started)s began "
        "construction, %(completed)s were completed, %(landed)s landed and %(exited)s exited. "
        "%(visits)s follow-up visits were made; %(opened)s problems were found and %(resolved)s solved; "
        "%(raised)s steps of the ladder fired."
    )
    return sentence % {
        "period": period(figures),
        "signed": week.signed,
        "amounts": amounts(week),
        "increases": _(" (%(count)s capital increases among it)") % {"count": week.increases} if week.increases else "",
        "started": week.started,
        "completed": week.completed,
        "landed": week.landed,
        "exited": week.exited,
        "visits": week.visits,
        "opened": week.blockers_opened,
        "resolved": week.blockers_resolved,
        "raised": week.steps,
    }


def campaign_summary(figures: Figures) -> str:
    """What was signed and landed since the campaign began, or in all if it has no end."""
    campaign = figures.campaign
    sentence = _(
        "Since %(first)s, when “%(campaign)s” began, %(signed)s projects were signed for %(amounts)s and %(landed)s "
        "landed. The landing rate is %(rate)s."
    )
    if figures.drive.clock is None:
        sentence = _("In all, %(signed)s projects were signed for %(amounts)s and %(landed)s landed: %(rate)s.")
    return sentence % {
        "first": written(figures.drive.starts_on),
        "campaign": figures.drive.name,
        "signed": campaign.signed,
        "amounts": amounts(campaign),
        "landed": campaign.landed,
        "rate": figures.cohort.text,
    }


def basis(figures: Figures) -> str:
    drive = figures.drive
    landing = _(" and ").join(kind.label for kind in drive.landing)
    sentence = _(
        "Landed: %(landing)s, each with evidence. Rates count the projects signed %(cohort)s, exited ones among them. "
        "Each project counts once, with its responsible unit; a capital increase counts by its increment. Rates and "
        "amounts are rounded half up to one decimal. Everything is as it stood at the end of %(day)s."
    )
    return sentence % {
        "landing": landing,
        "cohort": _cohort(drive.signed_from, drive.signed_until),
        "day": written(figures.week_until),
    }


def _cohort(first: date | None, last: date | None) -> str:
    if first and last:
        return span(first, last)
    if first:
        return _("since %(day)s") % {"day": written(first)}
    return _("until %(day)s") % {"day": written(last)} if last else _("at any time")


def slow_summary(figures: Figures) -> str:
    sentence = _(
        "Of %(open)s open projects signed for the campaign %(behind)s land slowly; for %(silent)s of these no problem "
        "is named."
    )
    slow = figures.slow
    return sentence % {"open": slow.open, "behind": slow.behind, "silent": slow.without_blocker}


def clock(figures: Figures) -> str:
    """How much of the campaign's time is gone and left; empty if it has no end."""
    gone = figures.drive.clock
    if gone is None:
        return ""
    sentence = _(
        "“%(campaign)s” ends on %(last)s. %(gone)s of its days are gone; %(days)s days, %(working)s of them working "
        "days, are left."
    )
    return sentence % {
        "campaign": figures.drive.name,
        "last": written(gone.ends_on),
        "gone": gone.time_gone.text,
        "days": gone.days_left,
        "working": gone.working_days_left,
    }


def _by_unit(units: Iterable[UnitLine], step: str) -> str:
    """Which units took a step in the week, most first: 清丰县2个、南乐县1个."""
    counts = sorted(((getattr(unit.week, step), unit.name) for unit in units), key=lambda count: -count[0])
    names = [_("%(unit)s %(count)s") % {"unit": unit, "count": count} for count, unit in counts if count]
    return enumerated(names) or _("none")


def matter(item: AgendaItem) -> str:
    """What is owed: its kind, and the problem or milestone it is about."""
    named = _("%(kind)s: %(what)s")
    problem = named % {"kind": item.category.label, "what": item.text} if item.category else ""
    if item.kind is ItemKind.BLOCKER:
        return problem or item.kind.label
    what = problem or (item.milestone.label if item.milestone else "")
    return named % {"kind": item.kind.label, "what": what} if what else item.kind.label


def project(item: AgendaItem) -> str:
    return f"{item.code} {item.project}".strip() or item.unit


def who(item: AgendaItem) -> str:
    return item.owner or item.leader or NOTHING


def due(issue: Issue) -> str:
    day = issue.matter.due_on
    is_request = issue.concern is Concern.COORDINATION and issue.notice_no is None  # not before the office yet
    if not issue.late or is_request:
        return text_of(day)
    is_done = issue.concern is Concern.TO_VERIFY
    late = _("verification %(count)s working days late") if is_done else _("%(count)s working days overdue")
    return f"{text_of(day)}\n{late % {'count': issue.late}}"


def concern(issue: Issue) -> str:
    number = {"no": issue.notice_no, "year": issue.notice_year}
    notice = _("Supervision notice No. %(no)s of %(year)s") % number if issue.notice_no is not None else ""
    return "\n".join(filter(None, (issue.concern.label, issue.request, notice)))
