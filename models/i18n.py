"""Translation: texts are English in the code, other locales come from `locale/*.po`.

The office's locale is a setting; `use_locale` changes it for one block.
"""

import gettext as stdlib_gettext
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

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


class Text(str):
    """A text in a language: days that are put into it by `%` are written as that language does."""

    locale: str

    def __mod__(self, values: Any) -> str:
        if isinstance(values, Mapping):
            values = {name: self._written(value) for name, value in values.items()}
        return str.__mod__(self, values)

    def _written(self, value: object) -> object:
        return written(value, self.locale) if type(value) is date else value  # a moment is no day


def gettext(message: str, locale: str = "") -> str:
    """The text of `message` in `locale` (empty: the current one)."""
    return _text(message, locale or current_locale())


@cache
def _text(message: str, locale: str) -> Text:
    text = Text(_catalog(locale).gettext(message))
    text.locale = locale
    return text


def written(day: date, locale: str = "") -> str:
    """A day as the language writes it: 2013年6月9日; in English as everywhere else, 2013-06-09."""
    is_chinese = (locale or current_locale()) == "zh_CN"
    return f"{day.year}年{day.month}月{day.day}日" if is_chinese else day.isoformat()


def enumerated(names: Iterable[str]) -> str:
    """Names one after the other: 清丰县、南乐县."""
    return gettext(", ").join(names)


def clauses(parts: Iterable[str]) -> str:
    """Parts of a sentence, without the empty ones, set apart as the language does: ；."""
    return gettext("; ").join(filter(None, parts))


def of_each(name: str, what: str) -> str:
    """A part of a sentence that says something of somebody: 王建国：接收系统返回400."""
    return gettext("%(name)s: %(what)s") % {"name": name, "what": what.rstrip("。.")}


def sentences(parts: Iterable[str]) -> str:
    """Sentences one after the other; Chinese ones have no space between."""
    return ("" if current_locale() == "zh_CN" else " ").join(parts)


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
