"""A trial of the delivery says who would be sent what, and writes nothing."""

from datetime import date

import pytest
from sqlalchemy import func, select

from models.escalation.notice import Delivery
from models.i18n import use_locale
from models.ledger.facts import FoundBlocker
from models.words import BlockerCategory
from tasks.database import transaction
from tasks.escalation.sweep import sweep
from tasks.items.blockers import open_blocker
from tasks.ledger.locks import lock_project
from tasks.notices.digest import gather
from tasks.notices.trial import try_delivery

OPENED, DUE, LEADER_HEARD = date(2013, 6, 3), date(2013, 6, 17), date(2013, 6, 19)


@pytest.fixture
def fired(city: int) -> None:
    """A blocker and the project's visit, both due that day, reached the leader."""
    with transaction("测试") as session:
        found = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "", DUE)
        open_blocker(session, lock_project(session, city), found, OPENED)
    sweep(LEADER_HEARD)


def deliveries() -> int:
    with transaction() as session:
        return session.scalars(select(func.count()).select_from(Delivery)).one()


@pytest.mark.usefixtures("fired")
def test_everybody_who_would_be_told_is_named_with_how_much() -> None:
    with use_locale("zh_CN"):
        rows = try_delivery()
    assert deliveries() == 0
    assert len(rows) >= 2
    assert {row["事项数"] for row in rows} == {2}
    assert {(row["通知渠道"], row["此前未发出的消息"]) for row in rows} == {("内置收件箱", 0)}


@pytest.mark.usefixtures("fired")
def test_what_is_written_already_and_not_yet_sent_is_counted_apart() -> None:
    assert gather(LEADER_HEARD) == []
    with use_locale("zh_CN"):
        rows = try_delivery()
    assert {(row["事项数"], row["此前未发出的消息"]) for row in rows} == {(0, 1)}
