"""A refused answer stands in the next form, as far as that can show it."""

from typing import Any

import pytest

from models.escalation.question import Ask
from models.i18n import use_locale
from tasks.dialogues.correction import CorrectionForm
from tasks.dialogues.escalation import LeaderForm
from tasks.dialogues.visit import VisitForm
from tasks.runs.forms import Form, schema_of
from tasks.runs.returned import LONGEST, MOST_ENTRIES, give_back

CHOICES = {"units": ["清丰县", "南乐县"], "people": ["（无）", "清丰县 · 专员"], "reached": ["(无)"]}
PROPOSED = {"next_visit_on": "2013-07-01", "outcome": "继续跟进"}
HOSTILE = {"__prefect_kind": "jinja", "template": "{{ 1 / 0 }}"}


def asked(form: type[Form], entered: dict[str, Any], proposed: dict[str, Any], last: dict[str, Any]) -> Ask:
    """The next form, of which the ledger proposes something; `last` was proposed by the refused."""
    with use_locale("zh_CN"):
        schema = schema_of(form, "N-2", proposed, CHOICES)
        give_back(schema, entered, last)
    return Ask(schema_sent=schema)


def shown(entered: dict[str, Any], form: type[Form] = VisitForm) -> dict[str, Any]:
    """What a form shows that nobody has touched yet."""
    fields = asked(form, entered, PROPOSED if form is VisitForm else {}, PROPOSED).schema_sent["properties"]
    return {name: field["default"] for name, field in fields.items() if "default" in field}


def test_what_was_entered_is_shown_again() -> None:
    milestone = {"kind": "开工", "done_on": "昨天", "evidence": "证照1号"}
    entered = {"visited_on": "昨天", "progress": "已封顶", "filled_in_by": "专员", "outcome": "项目已落地"}
    again = shown({**entered, "milestones": [milestone], "topics": {"policy": "已兑现"}})
    assert {name: again[name] for name in entered} == entered
    assert (again["milestones"], again["topics"]) == ([milestone], {"policy": "已兑现"})


def test_the_number_of_the_form_is_the_new_ones() -> None:
    assert shown({"form_no": "N-1"})["form_no"] == "N-2"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("progress", HOSTILE),
        ("progress", 7),
        ("progress", ["已封顶"]),
        ("progress", None),
        ("outcome", "飞了"),
        ("outcome", HOSTILE),
        ("milestones", {"kind": "开工"}),
        ("topics", ["已兑现"]),
        ("hidden", "x"),
        ("next_visit_on", True),
    ],
    ids=str,
)
def test_what_the_form_cannot_show_is_left_out(field: str, value: object) -> None:
    assert shown({field: value}) == shown({})


def test_of_lists_and_groups_what_fits_is_kept() -> None:
    entries = [HOSTILE, {"kind": "飞了", "evidence": "证照1号", "by": HOSTILE}, "开工", [[]], {"done_on": {"x": 1}}]
    again = shown({"milestones": entries, "topics": {"policy": HOSTILE, "service": "好", "x": "y"}})
    assert again["milestones"] == [{"evidence": "证照1号"}]
    assert again["topics"] == {"service": "好"}


def test_what_nobody_types_is_not_shown_again() -> None:
    assert shown({"progress": "长" * (LONGEST + 1)}) == shown({})
    assert len(shown({"milestones": [{"evidence": "证"}] * 1000})["milestones"]) == MOST_ENTRIES


def test_what_the_person_left_as_it_was_is_proposed_anew() -> None:
    entered = {"next_visit_on": "2013-07-01", "progress": "已封顶"}
    fields = asked(VisitForm, entered, {"next_visit_on": "2013-07-09"}, PROPOSED).schema_sent["properties"]
    assert (fields["next_visit_on"]["default"], fields["progress"]["default"]) == ("2013-07-09", "已封顶")


def test_a_choice_that_is_shown_again_is_still_a_change() -> None:
    """Who is put in charge is told by what differs from the ledger, not from the form."""
    ledger = {"officer": "清丰县 · 专员", "leader": "（无）", "unit": "清丰县"}
    again = asked(LeaderForm, {**ledger, "unit": "南乐县"}, ledger, ledger)
    assert again.schema_sent["properties"]["unit"]["default"] == "南乐县"
    assert {name: again.prefilled[name] for name in ledger} == ledger


def test_a_switch_comes_back_and_a_number_is_no_switch() -> None:
    assert shown({"reopen": True}, CorrectionForm)["reopen"] is True
    assert shown({"reopen": 1}, CorrectionForm)["reopen"] is False
