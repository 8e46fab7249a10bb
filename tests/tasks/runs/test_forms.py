"""Forms are typed, speak the office's language, and say what is wrong with an answer."""

import json
import re
from datetime import date
from typing import Any

import pytest

from models.i18n import use_locale
from models.refusal import Refused
from models.words import VisitOutcome
from tasks.dialogues.blocker import BlockerForm
from tasks.dialogues.change_assignment import AssignmentForm
from tasks.dialogues.correction import CorrectionForm
from tasks.dialogues.escalation import LeaderForm, OfficeForm, VerifyForm
from tasks.dialogues.investor_visit import InvestorVisitForm
from tasks.dialogues.record_fact import FactForm
from tasks.dialogues.visit import VisitForm
from tasks.runs.forms import Form, schema_of

FORMS: list[type[Form]] = [
    VisitForm,
    InvestorVisitForm,
    BlockerForm,
    LeaderForm,
    OfficeForm,
    VerifyForm,
    FactForm,
    AssignmentForm,
    CorrectionForm,
]
CHOICES = {"units": ["清丰县"], "people": ["清丰县 · 专员"], "squads": ["家具小分队"], "reached": ["(无)"]}
ORDINARY = {
    "form_no": "N-1",
    "filled_in_by": "专员",
    "outcome": "continue",
    "visited_on": "2013-06-14",
    "progress": "已平整土地",
}


def schema(form: type[Form], locale: str = "zh_CN") -> dict[str, Any]:
    with use_locale(locale):
        return schema_of(form, "N-1", {}, CHOICES)


def texts(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part[key] for key in ("title", "description") if isinstance(part.get(key), str)]
        return own + part.get("enum", []) + [text for value in part.values() for text in texts(value)]
    return [text for each in part for text in texts(each)] if isinstance(part, list) else []


@pytest.mark.parametrize("form", FORMS)
def test_a_form_in_chinese_holds_no_other_language(form: type[Form]) -> None:
    foreign = [text for text in texts(schema(form)) if re.search(r"[a-zA-Z]{2,}", text) and text != "N-1"]
    assert foreign == []


@pytest.mark.parametrize("form", FORMS)
def test_a_form_in_english_holds_no_chinese_but_the_ledgers_own(form: type[Form]) -> None:
    own = {choice for choices in CHOICES.values() for choice in choices}
    foreign = [text for text in texts(schema(form, "en")) if re.search(r"[\u4e00-\u9fff]", text)]
    assert [text for text in foreign if text not in own and "10亿" not in text] == []


@pytest.mark.parametrize("form", FORMS)
def test_every_field_has_a_title_and_a_place_and_the_number_comes_last(form: type[Form]) -> None:
    properties = schema(form)["properties"]
    assert all(field.get("title") for field in properties.values())
    assert sorted(field["position"] for field in properties.values()) == list(range(len(properties)))
    assert max(properties, key=lambda name: properties[name]["position"]) == "form_no"


def test_an_ordinary_visit_needs_six_entries_or_fewer() -> None:
    sent = schema(VisitForm)
    to_fill_in = [name for name in sent["required"] if "default" not in sent["properties"][name]]
    assert set(to_fill_in) == {"filled_in_by", "visited_on", "progress", "next_visit_on", "outcome"}
    assert len(to_fill_in) <= 6


def test_the_form_number_can_only_be_the_one_that_was_sent() -> None:
    sent = schema(VisitForm)
    assert sent["properties"]["form_no"]["enum"] == ["N-1"]
    assert "form_no" in sent["required"]


def test_no_reference_is_left_dangling() -> None:
    for form in FORMS:
        sent = schema(form)
        for name in re.findall(r'"#/definitions/(\w+)"', json.dumps(sent)):
            assert name in sent["definitions"]


@pytest.mark.parametrize("label", ["继续跟进", "Continue follow-up", "continue"])
def test_an_answer_is_read_in_any_locale(label: str) -> None:
    answer = VisitForm.read({**ORDINARY, "outcome": label, "next_visit_on": "2013-07-01"})
    assert answer.outcome is VisitOutcome.CONTINUE
    assert answer.visited_on == date(2013, 6, 14)


@pytest.mark.parametrize(
    "written", ["2013-06-14", "2013.6.14", "2013年6月14日", " ２０１３－６－１４ ", "2013-06-14T00:00:00", "20130614"]
)
def test_a_day_is_read_as_people_write_it(written: str) -> None:
    answer = VisitForm.read({**ORDINARY, "visited_on": written, "next_visit_on": "2013-07-01"})
    assert answer.visited_on == date(2013, 6, 14)


@pytest.mark.parametrize("form", FORMS)
def test_no_form_has_a_date_picker_and_each_day_shows_how_it_is_written(form: type[Form]) -> None:
    """A day that is typed into a picker of Prefect's V2 page becomes today in silence."""
    sent = schema(form)
    assert '"format"' not in json.dumps(sent)
    parts = [sent, *sent["definitions"].values()]
    fields = {name: field for part in parts for name, field in part["properties"].items()}
    days = [name for name in fields if name == "day" or name.endswith(("_on", "_from", "_until"))]
    assert days
    assert all("2026年12月5日" in fields[name]["description"] for name in days)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"visited_on": "2013-13-45"}, ["回访日期", "2013-13-45"]),
        ({"visited_on": "2013年6月31日"}, ["回访日期", "2013年6月31日", "2013-06-09"]),
        ({"visited_on": "6/9/13"}, ["回访日期", "6/9/13", "2006-09-13 / 2013-06-09 / 2013-09-06"]),
        ({"visited_on": "13/6/9"}, ["回访日期", "13/6/9", "2009-06-13 / 2013-06-09"]),
        ({"visited_on": "2013年6月"}, ["回访日期", "2013年6月"]),
        ({"visited_on": " "}, ["回访日期", "必须填写"]),
        ({"visited_on": 20130609}, ["回访日期", "20130609"]),
        ({"visited_on": None}, ["回访日期"]),
        ({"visited_on": "2013-06-09" * 100_000}, ["回访日期"]),
        ({"visited_on": {"__prefect_kind": "none"}}, ["回访日期"]),
        ({"progress": "   "}, ["进展"]),
        ({"outcome": "飞了"}, ["飞了"]),
        ({"hidden": "x"}, ["hidden"]),
        ({"milestones": [{"kind": "registered", "done_on": "昨天", "evidence": "证"}]}, ["1", "昨天"]),
        (
            {"milestones": [{"kind": "registered", "done_on": "2013-06-01", "evidence": "证", "by": "张"}]},
            ["已完成的进度节点", "by", "张", "不是本表单"],
        ),
        ({"topics": {"policy": "已兑现", "polcy": "未兑现"}}, ["六项", "polcy", "未兑现"]),
    ],
    ids=str,
)
def test_a_fault_names_the_field_and_the_value(wrong: dict[str, Any], said: list[str]) -> None:
    with use_locale("zh_CN"), pytest.raises(Refused) as refusal:
        VisitForm.read({**ORDINARY, "next_visit_on": "2013-07-01", **wrong})
    assert all(part in str(refusal.value) for part in said)
    assert "pydantic" not in str(refusal.value)


def test_every_fault_of_an_answer_is_named_at_once() -> None:
    with use_locale("en"), pytest.raises(Refused, match=r"Visited on.*; .*Progress must be filled in"):
        VisitForm.read({**ORDINARY, "visited_on": "?", "progress": "", "next_visit_on": "2013-07-01"})


def test_a_refusal_is_short_however_long_the_answer() -> None:
    strangers = {f"{number}" * 1000: "很长" * 10_000 for number in range(1000)}
    with use_locale("en"), pytest.raises(Refused) as refusal:
        VisitForm.read({**ORDINARY, "next_visit_on": "2013-07-01", "topics": strangers})
    assert len(str(refusal.value)) < 10_000


def test_an_answer_is_entered_as_a_file_would_give_it() -> None:
    answer = {**ORDINARY, "progress": " 已平整  土地 \n\n 待供地", "next_visit_on": "2013-07-01"}
    assert VisitForm.read(answer).progress == "已平整 土地\n待供地"
