"""Capital paid in and increased: entered by a form, counted by the bulletin, told by the
dossier.
"""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models.ledger.history import Change
from models.ledger.project import CapitalEvent, Project
from models.refusal import Refused
from models.words import CapitalKind, Currency, Exit, Stage
from tasks.database import transaction
from tasks.dialogues.record_fact import FactDialogue, FactForm
from tasks.dossiers.facts import gather
from tasks.dossiers.project import capital
from tasks.items.facts import end_project
from tasks.ledger.locks import lock_project
from tasks.runs.dialogue import put_question

DAY = date(2013, 6, 14)
SENT_BY_THE_FORMER_VERSION = {"happened_on": "2013-06-13", "progress": "厂房封顶", "outcome": "继续跟进"}


def entry(**changed: str) -> dict[str, str]:
    return {"kind": "增资", "amount": "5000万", "happened_on": "2013-06-13", "evidence": "验资报告"} | changed


def answer(project: int, *capital: dict[str, str], **entries: str) -> None:
    with transaction("测试") as session:
        ask = put_question(session, FactDialogue(project), None, DAY)
        assert ask is not None
        form = FactForm.read({**ask.prefilled, "filled_in_by": "测试", "capital": list(capital), **entries})
        FactDialogue(project).apply(session, ask, form, DAY)


def events() -> list[tuple[CapitalKind, Decimal, Currency]]:
    with transaction() as session:
        entered = session.scalars(select(CapitalEvent).order_by(CapitalEvent.id))
        return [(event.kind, event.amount, event.currency) for event in entered]


def end(project: int, stage: Stage) -> None:
    with transaction() as session:
        ended = lock_project(session, project)
        if stage is Stage.EXITED:
            ended.exit, ended.exit_reason = Exit.LOST, "撤资"
        end_project(session, ended, stage, DAY, DAY)


def test_capital_is_entered_with_history_in_the_words_offices_write(project: int) -> None:
    answer(project, entry(), entry(kind="资金到位", amount="300万美元"), entry(amount="1200000"))
    assert events() == [
        (CapitalKind.INCREASE, Decimal(50_000_000), Currency.CNY),
        (CapitalKind.PAID_IN, Decimal(3_000_000), Currency.USD),
        (CapitalKind.INCREASE, Decimal(1_200_000), Currency.CNY),
    ]
    with transaction() as session:
        entered = select(Change.actor).where(Change.table_name == "capital_event", Change.column_name.is_(None))
        assert session.scalars(entered).all() == ["测试"] * 3


def test_the_dossier_tells_of_capital_and_adds_it_up(project: int) -> None:
    answer(project, entry(), entry(amount="300万"), entry(kind="资金到位", amount="1亿"))
    with transaction() as session:
        told = str(capital(gather(session, project, DAY)))
    assert all(words in told for words in ("5000万元", "300万元", "5300万元", "1亿元", "验资报告"))


def test_a_landed_project_reports_capital_and_nothing_else(project: int) -> None:
    end(project, Stage.LANDED)
    answer(project, entry())
    assert len(events()) == 1
    with pytest.raises(Refused):
        answer(project, entry(), progress="二期开工")
    assert len(events()) == 1


def test_an_exited_project_reports_none(project: int) -> None:
    end(project, Stage.EXITED)
    with pytest.raises(Refused):
        answer(project, entry())


@pytest.mark.parametrize(
    "wrong",
    [{"amount": "若干"}, {"amount": "0"}, {"happened_on": "2013-06-15"}, {"happened_on": "1999-01-01"}],
    ids=str,
)
def test_a_sum_or_a_day_that_cannot_be_is_refused(project: int, wrong: dict[str, str]) -> None:
    with pytest.raises(Refused):
        answer(project, entry(**wrong), progress="已到账")
    assert events() == []
    with transaction() as session:
        assert session.get_one(Project, project).is_open


def test_a_form_sent_before_there_was_a_field_for_capital_is_answered_as_ever(project: int) -> None:
    form = FactForm.read({**SENT_BY_THE_FORMER_VERSION, "filled_in_by": "测试", "form_no": "PY-1-ABCDEF"})
    assert form.capital == []
