"""A bulletin as a page in Markdown, with charts or, for readers without images, bars of text."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from models.bulletin.figures import Figures
from models.i18n import gettext as _
from models.i18n import written
from tasks.bulletin import words
from tasks.bulletin.charts import IN_SECTION, charts
from tasks.bulletin.issue import Issued
from tasks.bulletin.tables import BulletinTable, tables
from tasks.documents.charts_svg import image
from tasks.documents.markdown import list_of, table, table_of

BLOCK = Decimal(10)  # percent
Links = Sequence[tuple[str, str]]  # files by name with their addresses; '' if they only have a path


def page(issued: Issued, links: Links = (), remark: str = "", *, has_images: bool = True) -> str:
    """The whole bulletin; `remark` stands below its head, such as what has been corrected since."""
    figures = issued.figures
    head = _("%(issuers)s · issued on %(day)s · No. %(number)s of %(year)s") % {
        "issuers": " ".join(figures.issuers) or "Luodi",
        "day": written(figures.issued_on),
        "number": issued.number,
        "year": issued.year,
    }
    listed = "\n".join(_link(*link) for link in links)
    return _whole(figures, [head, remark, listed], has_images=has_images)


def trial_page(figures: Figures) -> str:
    return _whole(figures, [_("Dry run: this bulletin has no number, and was sent to nobody.")], has_images=True)


def _whole(figures: Figures, heads: Sequence[str], *, has_images: bool) -> str:
    parts = [f"# {words.title(figures)}", *heads]
    parts += [*_sections(figures, has_images=has_images), f"*{words.basis(figures)}*"]
    return "\n\n".join(part for part in parts if part)


def _link(name: str, address: str) -> str:
    return f"- [{name}]({address})" if address else f"- `{name}`"


def _sections(figures: Figures, *, has_images: bool) -> Iterator[str]:
    drawn = {chart.key: image(chart) for chart in charts(figures)} if has_images else {}
    listed = tables(figures)
    shown = {
        "facts": table_of(listed["facts"]),
        "targets": table_of(listed["targets"]),
        "units": table_of(listed["units"]),
        "ranking": table_of(listed["ranking"]) if has_images else _barred(figures, listed["ranking"]),
        "slow": table_of(listed["slow"]),
        "work": table_of(listed["work"].only("day", "project", "matter", "unit", "who")),
        "agenda": list_of(listed["agenda"].only("project", "concern", "matter", "unit", "leader", "due", "solution")),
    }
    sentences, cuts = words.sentences(figures), words.cut_notes(figures)
    for key, heading in words.headings().items():
        images = [drawn.get(chart, "") for chart in IN_SECTION.get(key, ())]
        parts = [f"## {heading}", *sentences.get(key, ()), shown.get(key, ""), *images, cuts.get(key, "")]
        yield from filter(None, parts)


def _barred(figures: Figures, ranking: BulletinTable) -> str:
    bars = [bar(unit.cohort.percent) for unit in figures.counties]
    rows = [(*row, drawn) for row, drawn in zip(ranking.texts, bars, strict=True)]
    return table((*ranking.heads, _("Landing rate (one block: 10%)")), rows) if rows else table_of(ranking)


def bar(percent: Decimal | None) -> str:
    return "█" * int((percent or 0) / BLOCK) + ("▌" if (percent or 0) % BLOCK >= BLOCK / 2 else "")
