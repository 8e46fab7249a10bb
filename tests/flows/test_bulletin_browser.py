"""The weekly bulletin as people meet it: its charts drawn in the Prefect UI, its files fetched at
the desk.
"""

from collections.abc import Iterator

import docx
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, expect

from support.office import Office
from support.programs.browser import browser, chromium, open_page
from support.programs.desk import serving
from support.waiting import wait_for
from tasks.bulletin.issue import recent

pytestmark = pytest.mark.skipif(chromium() is None, reason="needs Chromium (Debian: apt-get install chromium)")
DEPLOYMENT = "weekly-bulletin"


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def desk(office: Office) -> Iterator[str]:
    """The office's desk; its address."""
    with serving(office) as address:
        yield address


def test_the_charts_are_drawn_in_the_page_of_the_run(office: Office, chrome: Browser) -> None:
    office.sign(3)
    office.done(DEPLOYMENT, send=False)
    only = {"artifacts": {"key": {"any_": [DEPLOYMENT]}}, "sort": "CREATED_DESC", "limit": 1}
    (artifact,) = office.http.post("/artifacts/filter", json=only).raise_for_status().json()
    page = open_page(chrome)
    page.goto(f"{office.api.removesuffix('/api')}/v2/artifacts/artifact/{artifact['id']}")
    for heading in ("一、总体情况", "四、县（区）排名", "八、周例会议题"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    charts = page.locator("img[src^='data:image/svg+xml']")
    expect(charts.first).to_be_visible()

    def drawn() -> list[bool]:
        found: list[bool] = charts.evaluate_all("all => all.map(each => each.complete && each.naturalWidth > 500)")
        return found

    wait_for(lambda: len(drawn()) >= 2 and all(drawn()), lambda: f"the charts: {drawn()}")


def test_the_newest_bulletin_is_fetched_from_the_first_page_of_the_desk(
    office: Office, desk: str, chrome: Browser
) -> None:
    office.done(DEPLOYMENT, send=False)
    (newest,) = recent(1)
    page = open_page(chrome)
    page.goto(desk)
    expect(page.get_by_text(newest.name)).to_be_visible()
    fetched = {}
    for suffix in (".docx", ".xlsx"):
        with page.expect_download() as download:
            page.get_by_label(f"{newest.name}{suffix}").click()
        assert download.value.suggested_filename == f"{newest.name}{suffix}"
        fetched[suffix] = download.value.path()
    assert newest.name in docx.Document(str(fetched[".docx"])).core_properties.title
    with fetched[".xlsx"].open("rb") as file:
        assert load_workbook(file).sheetnames[0] == "周通报"
