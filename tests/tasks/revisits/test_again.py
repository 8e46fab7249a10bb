"""Whoever was asked is not asked again; a visit that was made may be."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from models.i18n import written
from models.refusal import Refused
from support.ledgers.revisit_city import EVERYBODY, LATE, LATER, NAME, TODAY, City, answer, campaign, everything, owed
from tasks.database import transaction
from tasks.ledger.selection import Selection
from tasks.revisits.close import close_campaign
from tasks.revisits.open import open_campaign


def test_the_same_again_changes_nothing_and_takes_in_who_was_signed_since(city: City) -> None:
    first = city.sign()
    open_campaign(EVERYBODY, TODAY)
    before = everything()
    again = open_campaign(EVERYBODY, TODAY)
    assert (again.is_new, again.lines) == (False, [])
    assert everything() == before

    second = city.sign("南乐县", investor=city.investor("福建龙都家具集团"))
    again = open_campaign(EVERYBODY, date(2013, 6, 14))
    assert [(line.unit, line.counts) for line in again.lines] == [("南乐县", (0, 1, 0, 0, 1, 0, 0))]
    assert {owed(first).due_on, owed(second).due_on} == {LATER}


def test_who_was_visited_is_not_asked_again_by_the_same_campaign(city: City) -> None:
    project = city.sign()
    open_campaign(EVERYBODY, TODAY)
    answer(project)
    assert open_campaign(EVERYBODY, TODAY).lines == []
    assert owed(project).due_on == LATE


def test_the_same_filters_in_other_words_are_the_same(city: City) -> None:
    city.sign()
    with transaction("测试") as session:
        session.execute(text("INSERT INTO unit_alias SELECT '清丰', id FROM unit WHERE name = '清丰县'"))
    one = Selection(units=("清丰县", "南乐县"), amount_from=Decimal("1000.0"))
    open_campaign(replace(EVERYBODY, selection=one), TODAY)
    same = Selection(units=("南乐县", "清丰"), amount_from=Decimal(1000))
    assert not open_campaign(replace(EVERYBODY, selection=same), TODAY).is_new


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"selection": Selection(units=("清丰县",))}, "单位"),
        ({"selection": Selection(signed_from=date(2012, 1, 1))}, "签约"),
        ({"deadline": LATE}, "截止日期"),
        ({"squad": "闽东南小分队"}, "小分队"),
        ({"visits_investors": False}, "投资方"),
    ],
    ids=["units", "span", "deadline", "squad", "investors"],
)
def test_the_same_name_with_other_entries_is_refused_naming_them(
    city: City, other: dict[str, object], field: str
) -> None:
    city.sign()
    open_campaign(EVERYBODY, TODAY)
    before = everything()
    with pytest.raises(Refused, match=field):
        open_campaign(replace(EVERYBODY, **other), TODAY)  # type: ignore[arg-type]
    assert everything() == before


def test_a_campaign_that_is_over_is_not_opened_again(city: City) -> None:
    city.sign()
    open_campaign(EVERYBODY, TODAY)
    close_campaign(NAME, TODAY)
    with pytest.raises(Refused, match=written(TODAY)):
        open_campaign(EVERYBODY, TODAY)


def test_after_its_day_nobody_more_is_asked_and_it_stays_open(city: City) -> None:
    city.sign()
    open_campaign(EVERYBODY, TODAY)
    after = LATER + timedelta(days=1)
    assert open_campaign(EVERYBODY, after).lines == []
    city.sign()
    with pytest.raises(Refused, match=written(LATER)):
        open_campaign(EVERYBODY, after)
    assert campaign().closed_on is None
