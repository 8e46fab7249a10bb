"""Until when a campaign asks: it brings forward, never puts off."""

from dataclasses import replace
from datetime import date

import pytest

from models.refusal import Refused
from models.words import Sector
from support.ledgers.revisit_city import CALENDAR, EVERYBODY, LATE, SOON, TODAY, City, everything, owed
from tasks.ledger.selection import Selection
from tasks.revisits.open import open_campaign
from tasks.revisits.terms import Terms


def test_a_deadline_on_a_day_off_is_the_next_working_day(city: City) -> None:
    project = city.sign()
    assert open_campaign(replace(EVERYBODY, deadline=date(2013, 6, 29)), TODAY).due_on == date(2013, 7, 1)
    assert owed(project).due_on == date(2013, 7, 1)


def test_working_days_count_from_the_day_it_opens(city: City) -> None:
    city.sign()
    opened = open_campaign(replace(EVERYBODY, deadline=None, working_days=10), TODAY)
    assert opened.due_on == CALENDAR.add(TODAY, 10) == date(2013, 6, 26)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (replace(EVERYBODY, name=""), "名称"),
        (replace(EVERYBODY, name="回" * 61), "60"),
        (replace(EVERYBODY, working_days=5), "期限"),
        (replace(EVERYBODY, deadline=None), "期限"),
        (replace(EVERYBODY, deadline=date(2013, 6, 8)), "2013年6月8日"),
        (replace(EVERYBODY, deadline=date(2113, 6, 8)), "2113年6月8日"),
        (replace(EVERYBODY, visits_projects=False, visits_investors=False), "回访"),
        (replace(EVERYBODY, squad="东北小分队"), "东北小分队"),
        (replace(EVERYBODY, selection=Selection(units=("北京市",))), "北京市"),
        (replace(EVERYBODY, selection=Selection(sectors=(Sector.FINANCE,))), "没有"),
        (replace(EVERYBODY, selection=Selection(signed_from=LATE, signed_until=SOON)), "2013年7月22日"),
    ],
    ids=["no name", "long name", "two ends", "no end", "over", "outside", "nobody", "squad", "unit", "sector", "span"],
)
def test_terms_that_make_no_sense_are_refused_and_leave_no_trace(city: City, wrong: Terms, said: str) -> None:
    city.sign()
    before = everything()
    with pytest.raises(Refused, match=said):
        open_campaign(wrong, TODAY)
    assert everything() == before
