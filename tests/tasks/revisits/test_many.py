"""A campaign of many projects takes few statements."""

from sqlalchemy import func, select, text

from models.escalation.action_item import ActionItem
from support.ledgers.revisit_city import CALENDAR, EVERYBODY, LATE, LATER, NAME, TODAY, City
from tasks.database import transaction
from tasks.revisits.close import cancel_campaign
from tasks.revisits.open import open_campaign
from tasks.revisits.visits import Line


def test_two_thousand_projects_are_asked_in_a_moment_and_given_back(city: City) -> None:
    with transaction("测试") as session:
        given = {"unit": city.units["清丰县"], "officer": city.people["清丰县专员"], "due": LATE, "day": TODAY}
        session.execute(text("INSERT INTO investor (name) SELECT '投资方' || n FROM generate_series(1, 500) n"))
        session.execute(
            text(
                "INSERT INTO project (code, name, sector, unit_id, investor_id, amount, signed_on, officer_id) "
                "SELECT 'P' || n, '项目' || n, 'food', :unit, (SELECT min(id) FROM investor) + n % 500, n, "
                "'2013-03-01', :officer FROM generate_series(1, 2000) n"
            ),
            given,
        )
        session.execute(
            text(
                "INSERT INTO action_item (kind, project_id, unit_id, owner_id, opened_on, due_on, next_step, "
                "next_fires_on) SELECT 'visit', id, unit_id, officer_id, :day, :due, 'reminder_before', :fires "
                "FROM project WHERE id % 2 = 0"
            ),
            given | {"fires": CALENDAR.add(LATE, -3)},
        )
    opened = open_campaign(EVERYBODY, TODAY)
    assert opened.total == Line("", 1000, 1000, 0, 0, 500, 0, 0)
    with transaction() as session:
        due = select(ActionItem.due_on, func.count()).where(ActionItem.closed_on.is_(None)).group_by(ActionItem.due_on)
        assert dict(session.execute(due).all()) == {LATER: 2500}
    cancel_campaign(NAME, TODAY)
    with transaction() as session:
        assert dict(session.execute(due).all()) == {LATE: 1000}
