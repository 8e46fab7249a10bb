"""The templates of the desk's pages, in the office's language."""

from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.i18n import current_locale, gettext
from tasks.ledger.office_time import office_zone

HERE = Path(__file__).parent


def _moment(value: datetime | None) -> str:
    """A moment in the office's time zone; '' for None."""
    if value is None:
        return ""
    return format_datetime(value, "yyyy-MM-dd HH:mm", tzinfo=office_zone(), locale=current_locale())


def _plural(one: str, many: str, count: int) -> str:
    return gettext(one if count == 1 else many)


def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    templates.install_gettext_callables(gettext, _plural, newstyle=True)  # type: ignore[attr-defined]
    templates.filters["moment"] = _moment
    templates.filters["segment"] = lambda text: quote(str(text), safe="")
    templates.globals["language"] = lambda: current_locale().replace("_", "-")  # as HTML names it
    return templates


TEMPLATES = _templates()
