"""The form that adds a unit says what it did, or why it did nothing."""

import pytest
from sqlalchemy import select

from deployments.desk.security import tokens
from models.ledger.organisation import Unit
from models.words import UnitKind
from support.programs.desk_visitor import COOKIE, OWN_PAGE, Browser
from tasks.database import transaction

pytestmark = pytest.mark.usefixtures("ledger")


def add(browser: Browser, **fields: str) -> tuple[int, str]:
    """Send the form; returns the page's status and text."""
    fields = {"token": tokens.token_for(COOKIE), **fields}
    parts = {name: (None, value.encode()) for name, value in fields.items()}
    reply = browser.post("/units", files=parts, headers=OWN_PAGE)
    if "location" in reply.headers:
        reply = browser.get(reply.headers["location"])
    return reply.status_code, reply.text


def kinds() -> dict[str, UnitKind]:
    with transaction() as session:
        return dict(session.execute(select(Unit.name, Unit.kind)).all())


@pytest.mark.parametrize("name", [{}, {"name": ""}, {"name": " \u3000"}], ids=["none", "empty", "blank"])
def test_a_unit_without_a_name_is_asked_for_it(browser, name):
    status, text = add(browser, kind="county", **name)
    assert (status, "请填写名称" in text, "500" in text) == (400, True, False)
    assert kinds() == {}


def test_a_unit_that_is_known_as_another_kind_stays_what_it_is_and_the_form_says_so(browser):
    status, text = add(browser, name="新设县", kind="county")
    assert (status, "“新设县”已录入" in text) == (200, True)
    assert add(browser, name="新设县", kind="county")[0] == 200
    status, text = add(browser, name="新设县", kind="bureau")
    assert (status, "县区" in text) == (400, True)
    assert kinds() == {"新设县": UnitKind.COUNTY}
