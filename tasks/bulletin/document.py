"""A bulletin as a Word document, by the office's own template; if that is broken, by ours."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from models.i18n import gettext as _
from models.i18n import written
from tasks.bulletin import words
from tasks.bulletin.charts import IN_SECTION, charts
from tasks.bulletin.issue import Issued
from tasks.bulletin.tables import BulletinTable, tables
from tasks.bulletin.template import TEXTS, template_path, write_template
from tasks.documents.characters import printable
from tasks.documents.charts_word import NativeChart

Rows = list[dict[str, str]]


def write_document(issued: Issued, path: Path) -> str:
    """Write the bulletin to `path`; returns what is wrong with the office's template, or ''.

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
    name = type(problem).__name__
    return sentence % {"path": template, "why": f"{name}: {' '.join(str(problem).split()) or name}"}


def _print(issued: Issued, listed: Mapping[str, BulletinTable], template: Path, path: Path) -> None:
    document = DocxTemplate(str(template))
    document.init_docx()
    # The template is the office's own: it cannot reach our attributes; unknown names are errors.
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    drawn = {chart.key: NativeChart(document.docx, chart) for chart in charts(issued.figures)}
    pictures = {f"chart_{key}": drawn.get(key, "") for keys in IN_SECTION.values() for key in keys}
    texts = {key: printable(text) if isinstance(text, str) else text for key, text in context(issued, listed).items()}
    document.render(texts | pictures, environment, autoescape=True)
    document.save(str(path))


def context(issued: Issued, listed: Mapping[str, BulletinTable]) -> dict[str, str | Rows]:
    """What the template may name. Names must stay: offices have templates with them."""
    figures, sentences = issued.figures, words.sentences(issued.figures)
    return {
        "name": issued.name,
        "title": _("Weekly bulletin on investment projects"),
        "number": words.number_in_year(issued.year, issued.number),
        "period": words.period(figures),
        "issuers": "  ".join(figures.issuers) or "Luodi",
        "issued_on": written(figures.issued_on),
        "basis": words.basis(figures),
        **{name: text for key, names in TEXTS.items() for name, text in zip(names, sentences[key], strict=True)},
        **{f"{key}_cut": note for key, note in words.cut_notes(figures).items()},
        **{key: _rows(table) for key, table in listed.items()},
    }


def _rows(table: BulletinTable) -> Rows:
    keys = [column.key for column in table.columns]
    return [dict(zip(keys, map(printable, row), strict=True)) for row in table.texts]
