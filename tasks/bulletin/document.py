"""A bulletin as a Word document, by the office's own template; if that is broken, by ours."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from models.bulletin.figures import Figures
from models.i18n import gettext as _
from tasks.bulletin import words as words
from tasks.bulletin.charts import charts
from tasks.bulletin.issue import Issued
from tasks.bulletin.slow import slow_summary
from tasks.bulletin.tables import BulletinTable, tables
from tasks.bulletin.template import template_path, write_template
from tasks.documents.characters import printable
from tasks.documents.charts_word import NativeChart
from tasks.documents.text import cut_note, day_in_words

Rows = list[dict[str, str]]
CHART_KEYS = ("week", "targets", "ranking", "lights")


def write_document(issued: Issued, path: Path) -> str:
    """Write the bulletin to `path` (.docx); returns what is wrong with the office's template, or ''.

    Nobody else may read `path` meanwhile. The template is made if it is missing. If it is broken,
    the returned text names it with the reason, and our own template prints the bulletin.
    """
    listed, template = tables(issued.figures), template_path()
    try:
        if not template.exists():
            write_template(template, listed)
        _print(issued, listed, template, path)
    except Exception as problem:  # whatever an office's own document may hold
        with tempfile.TemporaryDirectory(prefix="luodi-template-") as folder:
            own = Path(folder) / template.name
            write_template(own, listed)
            _print(issued, listed, own, path)
        return _problem(template, problem)
    return ""


def _problem(template: Path, problem: Exception) -> str:
    sentence = _(
        "The template %(path)s is broken (%(why)s): the bulletin was printed by the built-in one. Correct it, or "
        "delete it: it is made anew."
    )
    why = " ".join(str(problem).split()) or type(problem).__name__
    return sentence % {"path": template, "why": f"{type(problem).__name__}: {why}"}


def _print(issued: Issued, listed: Mapping[str, BulletinTable], template: Path, path: Path) -> None:
    document = DocxTemplate(str(template))
    document.init_docx()
    # The template is the office's own: it cannot reach our attributes; unknown names are errors.
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    drawn = {chart.key: NativeChart(document.docx, chart) for chart in charts(issued.figures)}
    pictures = {f"chart_{key}": drawn.get(key, "") for key in CHART_KEYS}
    texts = {key: printable(text) if isinstance(text, str) else text for key, text in context(issued, listed).items()}
    document.render(texts | pictures, environment, autoescape=True)
    document.save(str(path))


def context(issued: Issued, listed: Mapping[str, BulletinTable]) -> dict[str, str | Rows]:
    """What the template may name. Names must stay: offices have templates with them."""
    figures = issued.figures
    started, completed, landed = words.progress(figures)
    return {
        "name": issued.name,
        "title": _("Weekly bulletin on investment projects"),
        "number": _("No. %(number)s of %(year)s") % {"number": issued.number, "year": issued.year},
        "period": words.period(figures),
        "issuers": _issuers(figures),
        "issued_on": day_in_words(figures.issued_on),
        "week_told": words.week_summary(figures),
        "since_told": words.campaign_summary(figures),
        "started_told": started,
        "completed_told": completed,
        "landed_told": landed,
        "slow_told": slow_summary(figures),
        "clock": words.clock(figures) or _("The campaign has no end."),
        "call": words.call(),
        "basis": words.basis(figures),
        "work_cut": cut_note(len(figures.work.shown), figures.work.total),
        "agenda_cut": cut_note(len(figures.agenda.shown), figures.agenda.total),
        **{key: _rows(table) for key, table in listed.items()},
    }


def _issuers(figures: Figures) -> str:
    return "  ".join(figures.issuers) or "Luodi"


def _rows(table: BulletinTable) -> Rows:
    keys = [column.key for column in table.columns]
    return [dict(zip(keys, map(printable, row), strict=True)) for row in table.texts]
