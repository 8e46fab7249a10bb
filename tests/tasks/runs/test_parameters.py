"""What runs are started with: read as the flow means it, or refused in the office's words."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext

from flows.campaign_plan import campaign_plan
from flows.change_assignment import change_assignment
from flows.escalation import escalation
from flows.escalation_sweep import escalation_sweep
from flows.ladder_policy import ladder_policy
from flows.revisit_campaign import revisit_campaign
from flows.undo_sweep import undo_sweep
from models.i18n import use_locale
from models.refusal import Refused
from tasks.dialogues.parameters.fields import SIGNED_FROM, day_under
from tasks.ledger.office_time import day_of
from tasks.runs.parameters import is_trial, read_parameters


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterator[None]:
    with use_locale("zh_CN"):
        yield


def refusal(flow: Any, **given: object) -> str:
    with pytest.raises(Refused) as refused:
        read_parameters(flow.fn.__wrapped__, given)
    return str(refused.value)


@pytest.mark.parametrize(
    ("flow", "given", "told"),
    [
        (change_assignment, {"project": " "}, ["项目编号 必须填写"]),
        (change_assignment, {"project": None}, ["项目编号 必须填写"]),
        (undo_sweep, {}, ["督办扫描 必须填写", "原因 必须填写", "填报人 必须填写"]),
        (ladder_policy, {"filled_in_by": "专员"}, ["天数 › 回访间隔（工作日） 必须填写"]),
        (ladder_policy, {"numbers": {"leader_after": "两天"}}, ["逾期后第几个工作日 “两天” 须为整数"]),
        (ladder_policy, {"numbers": {"visit_every": 900}}, ["回访间隔（工作日） “900” 不得大于250"]),
        (campaign_plan, {"targets": [{"goal": "多"}]}, ["考核目标 › 1 › 目标名称 必须填写", "目标值 “多” 须为数字"]),
        (
            revisit_campaign,
            {"name": "回访", "working_days": -1, "dry_run": "也许"},
            ["工作日 “-1” 不得小于0", "试运行"],
        ),
        (escalation, {}, ["由Luodi自动启动，无需人工启动"]),
        (escalation, {"item_id": -3}, ["由Luodi自动启动，无需人工启动"]),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_all_that_is_missing_or_wrong_is_named_at_once(flow: Any, given: dict[str, object], told: list[str]) -> None:
    message = refusal(flow, **given)
    assert message.startswith("未执行：")
    assert [part for part in told if part not in message] == []


@pytest.mark.parametrize("text", ["2026-12-05", "2026.12.5", "2026年12月5日", " ２０２６．１２．５ "])
def test_a_day_is_taken_as_people_write_it(text: str) -> None:
    assert str(day_of(text)) == str(day_under(text, SIGNED_FROM)) == "2026-12-05"


@pytest.mark.parametrize(
    ("text", "why"),
    [("3/4/2026", "可能指不同的日期"), ("45000", "不是日期"), ("12月5日", "不是日期"), ("后天", "不是日期")],
)
def test_a_text_that_names_no_one_day_is_refused(text: str, why: str) -> None:
    for read in (day_of, lambda day: day_under(day, SIGNED_FROM)):
        with pytest.raises(Refused, match=why) as refused:
            read(text)
        assert text in str(refused.value)


@pytest.mark.parametrize(("is_scheduled", "tries"), [(False, True), (True, False)])
def test_what_a_schedule_starts_is_no_trial(is_scheduled: bool, tries: bool) -> None:
    run = FlowRun(flow_id=uuid4(), auto_scheduled=is_scheduled)
    with FlowRunContext.model_construct(flow_run=run):
        assert read_parameters(escalation_sweep.fn.__wrapped__, {"dry_run": True})["dry_run"] is tries
        assert is_trial(True) is tries
    assert not is_trial(False)


def test_a_dry_run_that_is_left_out_is_none() -> None:
    assert read_parameters(escalation_sweep.fn.__wrapped__, {})["dry_run"] is False
