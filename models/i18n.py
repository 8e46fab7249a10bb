"""Translation: texts are English in the code, other locales come from `locale/*.po`.

The office's locale is a setting; `use_locale` changes it for one block.
"""

import gettext as stdlib_gettext
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = ("zh_CN", "en")
_chosen: ContextVar[str] = ContextVar("luodi_locale")


def current_locale() -> str:
    return _chosen.get("") or _office_locale(os.environ.get("LUODI_LOCALE"))


@cache
def _office_locale(_variable: str | None) -> str:
    """The setting, read once per value of its variable: texts are made by the hundred."""
    from models.settings import settings  # not above: settings have texts

    return settings().locale


@contextmanager
def use_locale(locale: str) -> Iterator[None]:
    """Make texts in another locale inside the block."""
    token = _chosen.set(locale)
    try:
        yield
    finally:
        _chosen.reset(token)


def gettext(message: str, locale: str = "") -> str:
    """The text of `message` in `locale` (empty: the current one)."""
    return _catalog(locale or current_locale()).gettext(message)


def in_any_locale(message: str) -> set[str]:
    """The texts of `message` in every locale: a form is answered in the one it was sent in."""
    return {gettext(message, locale) for locale in LOCALES}


def mark(message: str) -> str:
    """Mark a text for translation where it is only named; it is translated where it is shown."""
    return message


@cache
def _catalog(locale: str) -> stdlib_gettext.NullTranslations:
    if locale == "en":  # the texts in the code are the English ones
        return stdlib_gettext.NullTranslations()
    source = files("models") / "locale" / locale / "LC_MESSAGES" / "luodi.po"
    compiled = io.BytesIO()  # compiled in memory: no build step, no binary file to go stale
    with source.open("rb") as po:
        write_mo(compiled, read_po(po, locale=locale))
    compiled.seek(0)
    return stdlib_gettext.GNUTranslations(compiled)
