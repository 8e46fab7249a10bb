"""Words are stored by value and chosen by label, in whatever locale the form was sent."""

import pytest

from models.i18n import current_locale, gettext, use_locale
from models.settings import WrongSetting
from models.words import Stage, VisitOutcome, Word


@pytest.mark.parametrize("text", ["landed", "已落地", "Landed", " 已落地 "])
def test_a_word_is_found_by_its_value_and_by_its_label_in_any_locale(text: str) -> None:
    assert Stage(text) is Stage.LANDED


def test_an_unknown_word_is_refused() -> None:
    with pytest.raises(ValueError, match="飞了"):
        Stage("飞了")


def test_a_label_follows_the_locale() -> None:
    with use_locale("en"):
        assert VisitOutcome.CONTINUE.label == "Continue follow-up"
    with use_locale("zh_CN"):
        assert VisitOutcome.CONTINUE.label == "继续跟进"


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("word", Word.__subclasses__(), ids=lambda word: word.__name__)
def test_no_two_values_of_a_word_share_a_label(word: type[Word], locale: str) -> None:
    with use_locale(locale):
        assert len({member.label for member in word}) == len(word)


def test_a_language_nobody_translated_is_named_with_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUODI_LOCALE", "fr")
    with pytest.raises(WrongSetting, match="LUODI_LOCALE=fr cannot be used: set it to zh_CN or en"):
        current_locale()


def test_an_unknown_text_stays_as_it_is() -> None:
    assert gettext("no such text") == "no such text"
