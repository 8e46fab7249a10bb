"""An operator's week in the Prefect UI and at the desk, in Chinese: from a revisit campaign to the
week's bulletin.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Date, literal_column, update

from deployments.embedded_postgres.server import EmbeddedPostgres
from models.escalation.calendar import Workday
from models.i18n import written
from models.ledger.project import Project
from models.tables import Base
from models.words import BlockerCategory, MilestoneKind, Sector, VisitOutcome
from support.office import Office
from support.office.days import next_sweep_day, today, working_day, working_today
from support.office.ledger import BUREAU, COUNTY, SQUAD
from support.programs.browser import (
    browser,
    choose,
    chromium,
    open_artifact,
    open_form,
    open_page,
    open_start,
    pick,
    submit,
    tick,
    words_of_another_language,
)
from support.programs.desk import serving
from tasks import database
from tasks.bulletin.issue import recent
from tasks.database import transaction
from tasks.items.next_steps import set_next_steps

pytestmark = pytest.mark.skipif(chromium() is None, reason="needs Chromium (Debian: apt-get install chromium)")
CAMPAIGN = "家具项目回访月"
OPERATOR = "市商务局 值班员"
PREFECTS_OWN = words_of_another_language(
    "Deployments Run Flow Work Pool luodi Queue default Name Parameters Parameter Optional Open menu Select Enforce "
    "Schema Start Now Later Additional Options Cancel Submit Runs Artifacts Artifact Raw Data Show Documentation Key "
    "Type Created markdown progress Progress Duration Last Updated Tags None State Message time about at AM PM st nd "
    "rd th second seconds minute minutes scheduled to start now View run Task "
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
)
"""What Prefect's own interface says; it speaks English only."""
FILE_KINDS = {"docx", "xlsx"}
SUNDAY = 6


class OfficeWithDesk(Office):
    """An office whose pages link to its desk, as those of `luodi up` do."""

    @property
    def address(self) -> str:
        """Where its Prefect UI is."""
        return self.api.removesuffix("/api")

    def environment(self) -> dict[str, str]:
        """With the desk's address."""
        return super().environment() | {"LUODI_DESK_URL": f"http://127.0.0.1:{self.port + 1}"}


@pytest.fixture
def office(
    postgres: EmbeddedPostgres, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OfficeWithDesk]:
    """An office of this test's own: whatever the bulletin counts, this operator did."""
    office = OfficeWithDesk(tmp_path, postgres, "week")
    monkeypatch.setenv("LUODI_DATABASE_URL", office.ledger_url)
    try:
        office.open(template)
        yield office
    finally:
        office.stop()
        database.engine().dispose()


@pytest.fixture
def desk(office: OfficeWithDesk) -> Iterator[str]:
    with serving(office) as address:
        yield address


@pytest.fixture
def page() -> Iterator[Page]:
    with browser() as opened:
        yield open_page(opened)


@pytest.fixture
def furniture(office: OfficeWithDesk) -> Iterator[list[int]]:
    """Three projects that are waiting to be visited; beside them one of another sector, a problem
    of which is late.
    """
    with working_today():
        yield _sign(office)


def _sign(office: OfficeWithDesk) -> list[int]:
    _late, _item = office.stall(working_day(-9))  # not within the week that the bulletin tells of
    with transaction(source="test") as session:
        session.execute(update(Project).values(sector=Sector.FOOD, amount=Decimal(10**8)))
    projects = office.sign(3)
    office.open_runs()
    office.deploy()  # its forms offer the units and squads that are in the ledger by now, as after an import
    return projects


def in_chinese(shown: Locator) -> None:
    """Nothing we wrote is in another language; Prefect's own words, names of deployments and codes
    are.
    """
    text = re.sub(r"\b[\w-]+-[\w-]+\b|PY\S+", "", shown.inner_text())
    assert words_of_another_language(text) <= PREFECTS_OWN | FILE_KINDS


def start_campaign(page: Page, address: str) -> None:
    form = open_start(page, address, "revisit-campaign")
    in_chinese(form)
    form.get_by_label("活动名称").fill(CAMPAIGN)
    form.get_by_label("工作日").fill("5")
    tick(page, form, "单位", COUNTY)
    tick(page, form, "产业大类", Sector.FURNITURE.label)
    choose(page, form, "招商小分队", SQUAD)
    form.get_by_label("填报人").fill(OPERATOR)
    form.get_by_label("试运行").uncheck()
    submit(page)


def opened_bar(page: Page) -> str:
    """The address of the campaign's bar, from the page of its run."""
    run = page.url
    shown = open_artifact(page, "revisit-campaign")
    expect(shown).to_contain_text(f"回访期限：{written(working_day(5))}")
    expect(shown.get_by_role("row", name=re.compile(COUNTY))).to_contain_text("3")
    in_chinese(shown)
    page.goto(run)
    open_artifact(page, "revisit-campaign-1")
    return page.url


def bar_shows(page: Page, bar: str, rate: str) -> None:
    page.goto(bar)
    expect(page.locator("main")).to_contain_text(f"回访活动“{CAMPAIGN}”：已回访{rate}")
    in_chinese(page.locator("main"))


def visit(page: Page, office: OfficeWithDesk, project: int, progress: str) -> Locator:
    """The form of a project's visit, with what each visit says."""
    ask = office.visit_asked(project)
    dialog = open_form(page, office.address, ask.flow_run_id, "表单编号")
    expect(dialog).to_contain_text(CAMPAIGN)
    expect(dialog).to_contain_text(SQUAD)
    dialog.get_by_label("回访日期").fill(str(today()))
    dialog.get_by_label("进展情况").fill(progress)
    dialog.get_by_label("填报人").fill(OPERATOR)
    return dialog


def send(dialog: Locator) -> None:
    dialog.get_by_role("button", name="Resume", exact=True).click()
    expect(dialog).to_be_hidden()


def report_problem(page: Page, dialog: Locator) -> None:
    dialog.get_by_role("button", name="Add item").last.click()
    choose(page, dialog, "问题类别", BlockerCategory.LAND.label)
    choose(page, dialog, "解决单位", BUREAU)
    dialog.get_by_label("问题描述").fill("二期用地指标缺口60亩")
    dialog.get_by_label("解决时限").fill(str(today()))


def report_landing(page: Page, dialog: Locator) -> None:
    choose(page, dialog, "办理结果", VisitOutcome.LANDED.label)
    for number, kind in enumerate((MilestoneKind.REGISTERED, MilestoneKind.CONSTRUCTION_STARTED)):
        dialog.get_by_role("button", name="Add item").first.click()
        pick(page, dialog.get_by_label("进度节点").nth(number), kind.label)
        dialog.get_by_label("完成日期").nth(number).fill(str(today()))
        dialog.get_by_label("佐证材料").nth(number).fill(f"证照{number + 1}号，存县招商局")


def fill_in_three_visits(page: Page, office: OfficeWithDesk, projects: list[int], bar: str) -> None:
    held, landed, ordinary = projects
    dialog = visit(page, office, held, "厂房主体完工，二期待供地")
    report_problem(page, dialog)
    send(dialog)
    office.visit_asked(held)
    bar_shows(page, bar, "33.3%（1/3）")
    dialog = visit(page, office, landed, "已取得执照并开工")
    report_landing(page, dialog)
    send(dialog)
    bar_shows(page, bar, "66.7%（2/3）")
    send(visit(page, office, ordinary, "设备进场调试"))
    bar_shows(page, bar, "100.0%（3/3）")


def sweep(page: Page, address: str) -> None:
    """First as a trial, as the form stands. Then what is late goes up; the campaign, all of whose
    visits are made, ends with its report.
    """
    day = next_sweep_day()
    form = open_start(page, address, "escalation-sweep")
    form.get_by_label("基准日期").fill(f"{day:%Y.%-m.%-d}")
    submit(page)
    expect(open_artifact(page, "escalation-sweep-trial")).to_contain_text("用地指标缺口60亩")
    form = open_start(page, address, "escalation-sweep")
    form.get_by_label("基准日期").fill(f"{day:%Y年%-m月%-d日}")
    form.get_by_label("试运行").uncheck()
    submit(page)
    run = page.url
    shown = open_artifact(page, "escalation-sweep")
    expect(shown).to_contain_text("用地指标缺口60亩")
    in_chinese(shown)
    page.goto(run)
    shown = open_artifact(page, "revisit-campaign-report")
    for told in (CAMPAIGN, "100.0%（3/3）", "二期用地指标缺口60亩", "设备进场调试"):
        expect(shown).to_contain_text(told)
    in_chinese(shown)


def a_week_goes_by() -> None:
    """All of it was a week ago: a bulletin tells of weeks that are over.

    On a Sunday a day more: what is due on a week's last day is not late in it.
    """
    ago = literal_column("8" if today().weekday() == SUNDAY else "7")
    with transaction(source="test") as session:
        for table in Base.metadata.sorted_tables:
            days = {column: column - ago for column in table.columns if isinstance(column.type, Date)}
            if days and table.name != Workday.__tablename__:
                session.execute(update(table).values(days))
        set_next_steps(session)


def issue_bulletin(page: Page, address: str) -> None:
    """The bulletin of last week."""
    form = open_start(page, address, "weekly-bulletin")
    in_chinese(form)
    form.get_by_label("试运行").uncheck()
    submit(page)
    shown = open_artifact(page, "weekly-bulletin")
    for told in ("开展回访3次，新增制约问题1个", "一、总体情况", "八、周例会议题", "二期用地指标缺口60亩"):
        expect(shown).to_contain_text(told)
    in_chinese(shown)


def fetched(page: Page, desk: str, folder: Path) -> dict[str, Path]:
    """The bulletin's files by suffix, from the desk's first page."""
    (newest,) = recent(1)
    found = {}
    for suffix in (".docx", ".xlsx"):
        page.goto(desk)
        with page.expect_download() as download:
            page.get_by_label(f"{newest.name}{suffix}").click()
        found[suffix] = folder / download.value.suggested_filename
        download.value.save_as(found[suffix])
    return found


def of_the_document(path: Path) -> dict[str, str]:
    """This week's figures by indicator, as the document prints them."""
    table = next(table for table in docx.Document(str(path)).tables if table.cell(0, 0).text == "指标")
    return {row.cells[0].text: row.cells[1].text for row in table.rows}


def of_the_workbook(path: Path) -> dict[str, str]:
    rows = load_workbook(path)["周通报"].iter_rows(values_only=True)
    return {str(row[0]): f"{row[1]:g}" for row in rows if isinstance(row[1], (int, float))}


def test_an_operators_week(office: OfficeWithDesk, furniture: list[int], desk: str, page: Page, tmp_path: Path) -> None:
    start_campaign(page, office.address)
    bar = opened_bar(page)
    bar_shows(page, bar, "0.0%（0/3）")
    fill_in_three_visits(page, office, furniture, bar)
    sweep(page, office.address)
    a_week_goes_by()
    issue_bulletin(page, office.address)
    files = fetched(page, desk, tmp_path)
    week = {
        "签约项目数": "0",
        "回访次数": "3",
        "新增制约问题": "1",
        "解决制约问题": "0",
        "新开工项目": "1",
        "落地项目数": "1",
    }
    for figures in (of_the_document(files[".docx"]), of_the_workbook(files[".xlsx"])):
        assert {name: figures.get(name) for name in week} == week
