"""`make check` names a text whose translation is missing or does not fit."""

import pytest
from babel.messages.catalog import Catalog

from models.locale.check import faults


def template(*texts: str) -> Catalog:
    found = Catalog()
    for text in texts:
        found.add(text, "")
    return found


@pytest.mark.parametrize(
    ("text", "translation", "fault"),
    [
        ("Signed", "", "not translated: 'Signed'"),
        ("On %(day)s", "这一天", "placeholders or commands differ: 'On %(day)s' → '这一天'"),
        ("Got %(value)r", "收到", "placeholders or commands differ: 'Got %(value)r' → '收到'"),
        ("Run `luodi up`", "运行", "placeholders or commands differ: 'Run `luodi up`' → '运行'"),
        ("%s is missing", "缺少", "placeholders are incompatible: '%s is missing' → '缺少'"),
        (
            "%(n)d days",
            "%(n)s天",
            "incompatible format for placeholder 'n': 's' and 'd' are not compatible: '%(n)d days' → '%(n)s天'",
        ),
    ],
)
def test_a_translation_that_does_not_fit_is_named(text: str, translation: str, fault: str) -> None:
    catalogue = Catalog("zh_CN")
    catalogue.add(text, translation)
    assert fault in faults(catalogue, template(text))


def test_a_text_without_an_entry_is_not_translated() -> None:
    assert list(faults(Catalog("zh_CN"), template("Signed"))) == ["not translated: 'Signed'"]


def test_a_guess_is_no_translation() -> None:
    catalogue = Catalog("zh_CN")
    catalogue.add("Signed", "签约", flags=["fuzzy"])
    assert list(faults(catalogue, template("Signed"))) == ["marked fuzzy: 'Signed'"]


def test_what_is_no_longer_in_the_code_is_named() -> None:
    catalogue = Catalog("zh_CN")
    catalogue.add("Signed", "签约")
    catalogue.add("Landed", "落地")
    assert list(faults(catalogue, template("Signed"))) == ["no longer in the code: 'Landed'"]


def test_a_translation_that_fits_is_no_fault() -> None:
    catalogue = Catalog("zh_CN")
    catalogue.add("Run `luodi up` on %(day)s", "%(day)s运行`luodi up`")
    assert list(faults(catalogue, template("Run `luodi up` on %(day)s"))) == []
