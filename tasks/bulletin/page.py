"""A bulletin as a page in Markdown, with charts or, for readers without images, bars of text."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from models.bulletin.figures import Figures
from models.i18n import gettext as _
from tasks.bulletin import words as words
from tasks.bulletin.charts import charts
from tasks.bulletin.issue import Issued
from tasks.bulletin.slow import slow_summary
from tasks.bulletin.tables import BulletinTable, tables
from tasks.documents.charts_svg import image
from tasks.documents.markdown import list_of, table, table_of
from tasks.documents.text import cut_note, day_in_words

BLOCK = Decimal(10)  # percent
Links = Sequence[tuple[str, str]]  # files by name with their addresses; '' if they only have a path


def page(issued: Issued, links: Links = (), remark: str = "", *, has_images: bool = True) -> str:
    """The whole bulletin; `remark` stands below its head, such as what has been corrected since."""
    figures = issued.figures
    head = _("%(issuers)s · issued on %(day)s · No. %(number)s of %(year)s") % {
        "issuers": " ".join(figures.issuers) or "Luodi",
        "day": day_in_words(figures.issued_on),
        "number": issued.number,
        "year": issued.year,
    }
    parts = [f"# {title(figures)}", head, remark, "\n".join(_link(*link) for link in links)]
    parts += [*_sections(figures, has_images=has_images), f"*{words.basis(figures)}*"]
    return "\n\n".join(part for part in parts if part)


def title(figures: Figures) -> str:
    """What the bulletin is called, with its week."""
    return _("Weekly bulletin on investment projects (%(period)s)") % {"period": words.period(figures)}


def _link(name: str, address: str) -> str:
    return f"- [{name}]({address})" if address else f"- `{name}`"


def headings() -> dict[str, str]:
    """The sections in the order of the real bulletins, numbered."""
    numerals = _("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15").split()
    titles = {
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
    heading = _("%(no)s. %(title)s")
    both = zip(numerals, titles.items(), strict=False)
    return {key: heading % {"no": no, "title": title} for no, (key, title) in both}


def _sections(figures: Figures, *, has_images: bool) -> Iterator[str]:
    drawn = {chart.key: image(chart) for chart in charts(figures)} if has_images else {}
    listed, work, agenda = tables(figures), figures.work, figures.agenda
    after: dict[str, Sequence[str]] = {
        "facts": [
            words.week_summary(figures),
            words.campaign_summary(figures),
            table_of(listed["facts"]),
            drawn.get("week", ""),
        ],
        "targets": [table_of(listed["targets"]), drawn.get("targets", "")],
        "units": [*words.progress(figures), table_of(listed["units"])],
        "ranking": [
            table_of(listed["ranking"]) if has_images else _barred(figures, listed["ranking"]),
            drawn.get("ranking", ""),
            drawn.get("lights", ""),
        ],
        "slow": [slow_summary(figures), table_of(listed["slow"])],
        "time": [words.clock(figures) or _("The campaign has no end.")],
        "work": [
            table_of(listed["work"].only("day", "project", "matter", "unit", "who")),
            cut_note(len(work.shown), work.total),
        ],
        "agenda": [
            list_of(listed["agenda"].only("project", "concern", "matter", "unit", "leader", "due", "solution")),
            cut_note(len(agenda.shown), agenda.total),
        ],
        "call": [words.call()],
    }
    for key, heading in headings().items():
        yield f"## {heading}"
        yield from (part for part in after[key] if part)


def _barred(figures: Figures, ranking: BulletinTable) -> str:
    """The ranking with a bar of text beside each rate."""
    bars = [bar(unit.cohort.percent) for unit in figures.counties]
    rows = [(*row, drawn) for row, drawn in zip(ranking.texts, bars, strict=True)]
    return table((*ranking.heads, _("Landing rate (one block: 10%)")), rows) if rows else table_of(ranking)


def bar(percent: Decimal | None) -> str:
    """A rate as a bar of text."""
    return "█" * int((percent or 0) / BLOCK) + ("▌" if (percent or 0) % BLOCK >= BLOCK / 2 else "")
