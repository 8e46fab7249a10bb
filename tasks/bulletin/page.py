"""A bulletin as a page in Markdown, with charts for who sees images, with bars of text for who may not."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from models.bulletin.figures import Figures
from models.i18n import gettext as _
from tasks.bulletin import words as words
from tasks.bulletin.charts import charts
from tasks.bulletin.issue import Issued
from tasks.bulletin.slow import slow_told
from tasks.bulletin.table import Table
from tasks.bulletin.tables import tables
from tasks.documents.charts_svg import image
from tasks.documents.markdown import listing
from tasks.documents.markdown import table as markdown_table
from tasks.documents.text import day_in_words

BAR_ENDS = Decimal(10)
"""Per cent a sign of a text bar stands for."""
Links = Sequence[tuple[str, str]]
"""What files are called, and where they are; an empty address where they only have a path."""


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
    found = {
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
    told = _("%(no)s. %(title)s")
    return {key: told % {"no": no, "title": each} for no, (key, each) in zip(numerals, found.items(), strict=False)}


def _sections(figures: Figures, *, has_images: bool) -> Iterator[str]:
    drawn = {chart.key: image(chart) for chart in charts(figures)} if has_images else {}
    listed, agenda, work = tables(figures), figures.agenda, figures.work
    after: dict[str, Sequence[str]] = {
        "facts": [words.week_told(figures), words.since_told(figures), _table(listed["facts"]), drawn.get("week", "")],
        "targets": [_table(listed["targets"]), drawn.get("targets", "")],
        "units": [*words.progress(figures), _table(listed["units"])],
        "ranking": [
            _ranking(figures, listed["ranking"], is_barred=not has_images),
            drawn.get("ranking", ""),
            drawn.get("lights", ""),
        ],
        "slow": [slow_told(figures), _table(listed["slow"])],
        "time": [words.clock(figures) or _("The campaign has no end.")],
        "work": [_table(listed["work"].without("no")), words.cut(len(work.shown), work.total)],
        "agenda": [_list(listed["agenda"].without("no").led_by("project")), words.cut(len(agenda.shown), agenda.total)],
        "call": [words.call()],
    }
    for key, heading in headings().items():
        yield f"## {heading}"
        yield from (part for part in after[key] if part)


def _table(table: Table) -> str:
    return markdown_table(table.heads, table.texts) if table.rows else _("Nothing.")


def _list(table: Table) -> str:
    return listing(table.heads, table.texts) if table.rows else _("Nothing.")


def _ranking(figures: Figures, table: Table, *, is_barred: bool) -> str:
    """The ranking, with a bar of text beside each rate where no chart is shown."""
    if not (is_barred and table.rows):
        return _table(table)
    bars = (bar(unit.cohort.percent) for unit in figures.counties)
    rows = [(*row, drawn) for row, drawn in zip(table.texts, bars, strict=True)]
    return markdown_table((*table.heads, _("Landing rate (one block: 10%)")), rows)


def bar(percent: Decimal | None) -> str:
    """A rate as a bar of text."""
    return "█" * int((percent or 0) / BAR_ENDS) + ("▌" if (percent or 0) % BAR_ENDS >= BAR_ENDS / 2 else "")
