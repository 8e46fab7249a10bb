"""How a revisit campaign ends."""

from datetime import date

import pytest

from models.i18n import written
from models.ledger.project import Subject
from models.refusal import Refused
from models.words import Stage
from support.ledgers.revisit_city import EVERYBODY, LATER, NAME, TODAY, City, answer, campaign, owed
from tasks.database import transaction
from tasks.items.facts import end_project
from tasks.ledger.locks import lock_project
from tasks.revisits.close import cancel_campaign, close_campaign, close_if_done, finished
from tasks.revisits.open import open_campaign
from tasks.revisits.progress import progress


def test_it_is_finished_when_all_its_visits_are_closed(city: City) -> None:
    one, two = city.sign(), city.sign()
    open_campaign(EVERYBODY, TODAY)
    answer(one)
    with transaction() as session:
        assert finished(session, TODAY) == []
    assert not close_if_done(NAME, TODAY)
    with transaction("测试") as session:
        end_project(session, lock_project(session, two), Stage.LANDED, TODAY, TODAY)
    with transaction() as session:
        assert finished(session, TODAY) == [NAME]
    assert close_if_done(NAME, TODAY)
    assert (campaign().closed_on, campaign().is_cancelled) == (TODAY, False)


def test_closed_by_hand_its_open_visits_stay_owed_by_their_days(city: City) -> None:
    project = city.sign()
    open_campaign(EVERYBODY, TODAY)
    close_campaign(NAME, TODAY)
    assert owed(project).due_on == LATER
    with transaction() as session:
        assert progress(session, Subject(project)) == []


@pytest.mark.parametrize("end", [close_campaign, cancel_campaign, close_if_done])
def test_what_is_over_or_unknown_cannot_be_ended(city: City, end: object) -> None:
    assert callable(end)
    city.sign()
    with pytest.raises(Refused, match=NAME):
        end(NAME, TODAY)
    open_campaign(EVERYBODY, TODAY)
    with pytest.raises(Refused, match=written(TODAY)):
        end(NAME, date(2013, 6, 8))
    cancel_campaign(NAME, TODAY)
    with pytest.raises(Refused, match=written(TODAY)):
        end(NAME, TODAY)
