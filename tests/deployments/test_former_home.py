"""A home of the former version: `tests/data/former/` holds both its databases, each kind of form
waiting in them.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from deployments.database import prepare
from deployments.embedded_postgres.server import EmbeddedPostgres
from models.escalation.question import Ask
from models.words import BlockerOutcome, Finding, LeaderAnswer, OfficeAnswer, Verdict
from support.ledgers.dumps import restore
from support.office import Office
from support.office.days import today, working_day
from support.office.ledger import SQUAD
from support.waiting import wait_for
from tasks import database
from tasks.database import transaction

FORMER = Path(__file__).parents[1] / "data" / "former"


def answers() -> dict[tuple[str, str], dict[str, str]]:
    """What a person enters into each kind of form, by flow and by the name the ledger has stored
    for the form.
    """
    visit = {"visited_on": str(today()), "progress": "主体工程施工中"}
    instruction = {"outcome": OfficeAnswer.INSTRUCT.label, "text": "限期落实用地指标", "day": str(working_day(5))}
    return {
        ("project-lifecycle", "VisitForm"): visit,
        ("investor-visit", "InvestorVisitForm"): visit,
        ("blocker-resolution", "BlockerForm"): {"outcome": BlockerOutcome.RESOLVED.label, "result": "已取得批复"},
        ("escalation", "LeaderForm"): {"outcome": LeaderAnswer.ACKNOWLEDGE.label},
        ("escalation", "OfficeForm"): instruction,
        ("escalation", "VerifyForm"): {"outcome": Finding.VERIFIED.label, "text": "已核对批复原件"},
        ("record-fact", "FactForm"): {"happened_on": str(today()), "progress": "省厅已批复环评"},
        ("change-assignment", "AssignmentForm"): {"squad": SQUAD},
        ("correction", "CorrectionForm"): {"name": "家具产业园（更名）", "reason": "名称录错"},
    }


@pytest.fixture
def office(postgres: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """The office as the former version left it: nothing is running."""
    office = Office(tmp_path, postgres, "former")
    monkeypatch.setenv("LUODI_DATABASE_URL", office.ledger_url)
    postgres.ensure_databases(office.ledger, office.prefect)
    restore(postgres, office.ledger, FORMER / "ledger.sql.xz")
    restore(postgres, office.prefect, FORMER / "prefect.sql.xz")
    try:
        yield office
    finally:
        office.stop()
        database.engine().dispose()


def open_asks() -> list[Ask]:
    """Every question that waits."""
    with transaction() as session:
        return list(session.scalars(select(Ask).where(Ask.verdict.is_(None)).order_by(Ask.asked_at)))


def test_every_form_that_waited_in_the_former_version_can_be_answered(office: Office) -> None:
    prepare()  # what `luodi up` does, in its order
    asks = open_asks()
    office.start_server()
    office.start_worker()

    policy = office.http.get(f"/deployments/{office.deployment('ladder-policy')}").json()
    assert list(policy["parameters"]) == ["numbers"], "the former version's prefilled parameters"
    assert [ask.id for ask in open_asks()] == [ask.id for ask in asks], "asked anew"
    assert all(office.paused_on(ask.flow_run_id) and office.has_form(ask) for ask in asks)

    # The last of each kind: one that is on a project of its own.
    last = {(ask.flow, ask.form): ask for ask in asks}
    assert last.keys() == answers().keys()
    replies = {ask.id: office.answer(ask, **answers()[kind]) for kind, ask in last.items()}
    assert [reply for reply in replies.values() if not reply.is_accepted] == []
    for ask in last.values():
        wait_for(
            lambda ask=ask: office.ask(ask).verdict, lambda ask=ask: f"{ask.form} to be judged\n{office.worker_log()}"
        )
    judged = [office.ask(ask) for ask in last.values()]
    assert [(ask.form, ask.reason) for ask in judged if ask.verdict is not Verdict.APPLIED] == []
