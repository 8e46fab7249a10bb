"""`weekly-bulletin` as a run: issued, shown again as it was, sent once; a broken template does not
end green.
"""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models.bulletin.bulletin import Bulletin
from models.escalation.notice import Delivery
from models.ledger.organisation import Person
from support.office import Office
from support.office.days import today
from support.office.ledger import INSPECTOR, LEADER
from support.programs.receiver import Receiver
from support.waiting import wait_for
from tasks.bulletin.issue import known_at, recent
from tasks.database import transaction

DEPLOYMENT = "weekly-bulletin"
EARLIER = (today() - timedelta(days=today().weekday() + 60)).isoformat()
"""A day in a past week."""
OWN = (today() - timedelta(days=today().weekday() + 30)).isoformat()
"""A day in a week that only one test asks for."""


def settled(office: Office) -> bool:
    """Whether every message is on its way no more."""
    with transaction() as session:
        waiting = select(Delivery.id).where(
            Delivery.delivered_at.is_(None), Delivery.refused_at.is_(None), Delivery.dropped_at.is_(None)
        )
        return session.scalars(waiting).first() is None and not office.runs("notice-delivery", live=True)


def sent_to(name: str, title: str) -> list[Delivery]:
    with transaction() as session:
        asked = select(Delivery).join(Person, Person.id == Delivery.recipient_id).where(Person.name == name)
        return [each for each in session.scalars(asked) if each.body["title"] == title]


def test_a_weeks_bulletin_is_issued_shown_again_and_sent_once(office: Office, receiver: Receiver) -> None:
    office.sign(2)
    first = office.done(DEPLOYMENT, week=OWN)
    assert first["state_type"] == "COMPLETED", first["state"]["message"]
    assert "已印发招商引资项目周通报" in first["state"]["message"]
    page, title = office.artifact(DEPLOYMENT), recent(1)[0].name
    again = office.done(DEPLOYMENT, week=OWN)
    assert again["state"]["message"] == f"{title}此前已印发，现按原数据重新展示。本次发送0人。"
    assert office.artifact(DEPLOYMENT) == page
    assert page.count("data:image/svg+xml") >= 2
    wait_for(lambda: settled(office), lambda: f"the bulletin's messages\n{office.worker_log()}")
    ours = [each for each in receiver.messages if each.body["title"] == title]
    assert len(ours) == 2  # the leader's and the inspector's channel
    assert all(each.is_signed and each.body["markdown"].startswith("# 招商引资项目周通报") for each in ours)
    assert len(sent_to(LEADER, title)) == len(sent_to(INSPECTOR, title)) == 1


def test_the_worker_leaves_the_files_where_the_desk_finds_them(office: Office) -> None:
    run = office.done(DEPLOYMENT, send=False)
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    (newest,) = recent(1)
    names = {path.name for path in (office.folder / "files" / "exports").glob("*周通报*")}
    assert {f"{newest.name}.docx", f"{newest.name}.xlsx"} <= names


def test_a_past_week_is_issued_with_the_day_it_is_asked_for(office: Office) -> None:
    day = date.fromisoformat(EARLIER)
    run = office.done(DEPLOYMENT, week=EARLIER, as_of=str(day + timedelta(7)), send=False)
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    with transaction() as session:
        issued = session.scalars(select(Bulletin).where(Bulletin.week_from == day - timedelta(day.weekday()))).one()
    assert (issued.issued_on, issued.year) == (day + timedelta(7), (day + timedelta(7)).year)


@pytest.mark.parametrize("week", ["2999-01-01", "上周"])
def test_a_week_that_cannot_be_is_refused_in_words(office: Office, week: str) -> None:
    run = office.done(DEPLOYMENT, week=week)
    assert run["state_type"] == "FAILED"
    assert "2026-06-09" in run["state"]["message"] or "尚未结束" in run["state"]["message"]


def test_none_is_issued_on_a_day_that_has_not_come(office: Office) -> None:
    run = office.done(DEPLOYMENT, week=str(today()), as_of=str(today() + timedelta(7)), send=False)
    assert run["state_type"] == "FAILED"
    assert "尚未到来" in run["state"]["message"]


def test_a_broken_template_does_not_end_green(office: Office) -> None:
    template = Path(office.folder) / "templates" / "weekly-bulletin.docx"
    office.done(DEPLOYMENT, send=False)
    kept = template.read_bytes()
    try:
        template.write_bytes(b"no document")
        run = office.done(DEPLOYMENT, send=False)
    finally:
        template.write_bytes(kept)
    assert run["state_type"] == "FAILED"
    assert str(template) in run["state"]["message"]


def test_of_a_past_day_what_was_entered_later_is_not_known() -> None:
    moment = known_at(date(2013, 6, 24))
    assert moment is not None
    assert moment.isoformat() == "2013-06-25T00:00:00+08:00"
    assert known_at(today()) is None
