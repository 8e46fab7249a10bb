"""The desk as an operator meets it: a ledger is handed in and comes back, in Chinese, in a real
browser.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from models.ledger.project import Project
from support.office import Office
from support.office.days import days_ago
from support.office.ledger import COUNTY
from support.programs.browser import browser, chromium, open_page, words_of_another_language
from support.programs.desk import serving
from support.programs.receiver import KEY, receiving
from tasks.database import transaction
from tasks.imports.rejects import rejects_name
from tasks.notices.addresses import forget_address
from tasks.notices.blocks import hide
from tasks.notices.overview import channels

pytestmark = pytest.mark.skipif(chromium() is None, reason="needs Chromium (Debian: apt-get install chromium)")
HEADERS = ("项目编号", "项目名称", "产业大类", "责任单位", "总投资（万元）", "签约日期")
KNOWN = words_of_another_language("xlsx xlsm xls et ods csv tsv txt zip MB Prefect https JSON POST")
"""What a page in Chinese may say in Latin letters."""
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def served(running_office: Office) -> Iterator[str]:
    """The office's desk, started for the first test; returns its address."""
    with serving(running_office) as address:
        yield address


@pytest.fixture
def desk(office: Office, served: str) -> str:
    """The address of the desk of an office that is at work."""
    return served


def row(code: str, amount: object = 8000, unit: str = COUNTY) -> tuple[object, ...]:
    return (code, f"{code} 木门项目", "家具", unit, amount, str(days_ago(30)))


def workbook(path: Path, *rows: tuple[object, ...]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for each in (("清丰县招商引资项目台账",), HEADERS, *rows):
        sheet.append(each)
    book.save(path)
    return path


def hand_in(page: Page, desk: str, path: Path, *ticks: str) -> None:
    """Hand a file in; returns on the page of its run, once that is over."""
    page.goto(desk)
    page.get_by_label("文件", exact=True).set_input_files(path)
    for tick in ticks:
        page.get_by_label(tick, exact=True).check()
    page.get_by_role("button", name="报送台账").click()
    expect(page).to_have_url(re.compile("/runs/"))
    expect(page.get_by_text(re.compile("^(已完成|有待更正)$"))).to_be_visible()


def codes(*wanted: str) -> set[str]:
    with transaction() as session:
        return set(session.scalars(select(Project.code).where(Project.code.in_(wanted))))


def looks_right(page: Page) -> None:
    """All of it is in Chinese, and nothing sticks out on a phone."""
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    text = re.sub(r"[A-Z]{2}-\S+|.+\.xlsx\b", "", page.locator("body").inner_text())  # codes and names of files
    assert words_of_another_language(text) <= KNOWN
    assert page.title().endswith("落地 · 文件收发台")


def test_a_dirty_workbook_is_handed_in_and_its_run_followed(
    office: Office, desk: str, chrome: Browser, tmp_path: Path
) -> None:
    page = open_page(chrome)
    path = workbook(
        tmp_path / "清丰县台账（六月）.xlsx", row("DK-1"), row("DK-2", "5-8亿"), row("DK-3", unit="不存在的县")
    )
    hand_in(page, desk, path)
    for part in ("清丰县台账（六月）.xlsx", "有待更正", "已导入1行"):
        expect(page.locator("main")).to_contain_text(part)
    assert codes("DK-1", "DK-2", "DK-3") == {"DK-1"}
    looks_right(page)
    with page.expect_download() as download:
        page.get_by_role("link", name=rejects_name(path.name)).click()
    rejects = tmp_path / download.value.suggested_filename
    download.value.save_as(rejects)
    assert rejects.name == rejects_name(path.name)
    commented = [cell for row in load_workbook(rejects).worksheets[0] for cell in row if cell.comment]
    assert [cell.value for cell in commented] == ["5-8亿", "不存在的县"]

    page.set_viewport_size({"width": 1360, "height": 900})
    page.get_by_role("link", name="在Prefect界面中查看完整报告").click()
    page.get_by_role("tab", name="Artifacts").click()
    expect(page.get_by_text("ledger-import-problems").first).to_be_visible()
    page.go_back()

    page.goto(desk)
    expect(page.get_by_role("link", name="清丰县台账（六月）.xlsx").first).to_be_visible()
    page.get_by_role("link", name="清丰县台账（六月）.xlsx").first.click()
    expect(page.get_by_role("heading", name="清丰县台账（六月）.xlsx")).to_be_visible()


def test_a_dry_run_changes_nothing_and_says_so(office: Office, desk: str, chrome: Browser, tmp_path: Path) -> None:
    page = open_page(chrome)
    hand_in(page, desk, workbook(tmp_path / "台账.xlsx", row("DK-4")), "试运行")
    expect(page.locator("main")).to_contain_text("试运行")
    assert codes("DK-4") == set()


def test_a_column_that_was_not_recognised_is_named_at_the_desk_and_remembered(
    office: Office, desk: str, chrome: Browser, tmp_path: Path
) -> None:
    def other_headers(name: str, code: str) -> Path:
        path = workbook(tmp_path / name, row(code, 5))
        book = load_workbook(path)
        book.worksheets[0].title = "台账"
        book.worksheets[0]["B2"], book.worksheets[0]["E2"] = "工程<b>", "协议资金"
        book.save(path)
        return path

    page = open_page(chrome)
    hand_in(page, desk, other_headers("五月.xlsx", "DK-6"))
    page.get_by_role("link", name="查看或更改各列的识别").click()
    expect(page.locator("main")).to_contain_text("工程<b>")
    looks_right(page)
    expect(page.get_by_label("金额单位: 工程<b>")).to_be_hidden()  # what is no amount has no unit
    page.get_by_label("识别为: 工程<b>").select_option("项目名称")
    expect(page.get_by_label("金额单位: 工程<b>")).to_be_hidden()
    page.get_by_label("识别为: 协议资金").select_option("总投资")
    page.get_by_label("金额单位: 协议资金").select_option("亿元")
    page.get_by_role("button", name="按此重新导入").click()
    expect(page.get_by_text("已完成", exact=True)).to_be_visible()
    with transaction() as session:
        assert session.scalars(select(Project.amount).where(Project.code == "DK-6")).one() == 500_000_000
    hand_in(page, desk, other_headers("六月.xlsx", "DK-7"))
    assert codes("DK-6", "DK-7") == {"DK-6", "DK-7"}
    page.goto(f"{desk}/mappings")
    expect(page.locator("main")).to_contain_text("总投资 亿元")
    looks_right(page)
    page.get_by_role("button", name="取消这一对应关系").click()
    hand_in(page, desk, other_headers("七月.xlsx", "DK-8"))
    assert codes("DK-8") == set()
    page.close()


def test_a_unit_that_the_ledger_does_not_know_is_added_by_a_form(
    office: Office, desk: str, chrome: Browser, tmp_path: Path
) -> None:
    path = workbook(tmp_path / "新县.xlsx", row("DK-9", unit="新设的县<i>"))
    page = open_page(chrome)
    hand_in(page, desk, path)
    page.goto(f"{desk}/units/new?name=新设的县<i>")
    expect(page.get_by_label("名称", exact=True)).to_have_value("新设的县<i>")
    looks_right(page)
    page.get_by_role("button", name="录入").click()
    expect(page.get_by_role("status")).to_contain_text("新设的县<i>")
    hand_in(page, desk, path)
    assert codes("DK-9") == {"DK-9"}
    page.close()


def test_the_official_ledger_is_asked_for_and_fetched(
    office: Office, desk: str, chrome: Browser, tmp_path: Path
) -> None:
    office.sign()
    page = open_page(chrome)
    page.goto(f"{desk}/ledger")
    page.get_by_label("单位", exact=True).select_option(COUNTY)
    page.get_by_label("同时导出档案", exact=True).check()
    page.get_by_role("button", name="生成台账").click()
    expect(page.get_by_text("已完成", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"签约项目台账：{COUNTY}")
    looks_right(page)
    names = []
    for link in page.locator("main li a").all():
        with page.expect_download() as download:
            link.click()
        names.append(download.value.suggested_filename)
        download.value.save_as(tmp_path / names[-1])
    assert [Path(name).suffix for name in names] == [".xlsx", ".zip"]
    assert "签约项目台账" in names[0]
    text = {cell.value for sheet in load_workbook(tmp_path / names[0]) for row in sheet for cell in row}
    assert {"PY-2026-001", COUNTY} <= text
    page.goto(f"{desk}/ledger")
    expect(page.get_by_role("link", name=f"签约项目台账：{COUNTY}").first).to_be_visible()


def test_the_blank_template_is_one_the_import_takes(office: Office, desk: str, chrome: Browser, tmp_path: Path) -> None:
    page = open_page(chrome)
    page.goto(desk)
    with page.expect_download() as download:
        page.get_by_role("link", name="空白模板").click()
    assert download.value.suggested_filename == "台账模板.xlsx"
    download.value.save_as(tmp_path / "台账模板.xlsx")
    hand_in(page, desk, tmp_path / "台账模板.xlsx")
    expect(page.locator("main")).to_contain_text("0行")


def test_a_dossier_is_found_and_fetched(office: Office, desk: str, chrome: Browser) -> None:
    project = office.project(office.sign()[0])
    page = open_page(chrome)
    page.goto(f"{desk}/dossiers")
    page.get_by_label("项目编号或名称").fill(project.code[-7:].lower())
    page.get_by_role("button", name="查找").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=project.title).click()
    assert download.value.suggested_filename == f"{project.title}.docx"


def test_a_form_sent_twice_starts_one_import(office: Office, desk: str, tmp_path: Path) -> None:
    content = workbook(tmp_path / "台账.xlsx", row("DK-5")).read_bytes()
    with httpx.Client(base_url=desk, headers={"Origin": desk}) as sender:
        text = sender.get("/").text
        fields = {name: _value(text, name) for name in ("token", "form_id")}
        told = [
            sender.post("/imports", data=fields, files={"file": ("台账.xlsx", content)}).headers["location"]
            for _each in range(2)
        ]
        other = sender.post("/imports", data=fields, files={"file": ("台账.xlsx", content + b"\0")}).headers["location"]
    assert told[0] == told[1] != other
    office.finished(told[0].removeprefix("/runs/"))
    office.finished(other.removeprefix("/runs/"))
    kept = (office.folder / "files" / "incoming").glob("*/台账.xlsx")
    assert sum(path.read_bytes() == content for path in kept) == 1


def _value(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', text)
    assert found, text
    return found[1]


@pytest.mark.parametrize(
    "address", ["/", "/ledger", "/dossiers", "/dossiers?q=没有", "/nothing", "/runs/x", "/mappings", "/units/new"]
)
def test_every_page_is_in_chinese_and_fits_a_phone(desk: str, chrome: Browser, address: str) -> None:
    page = open_page(chrome)
    page.goto(desk + address)
    looks_right(page)
    page.close()


def test_a_channel_is_set_tried_and_deleted_and_never_shown(office: Office, desk: str, chrome: Browser) -> None:
    with office.client():
        for left_by_another_test in channels():
            hide(left_by_another_test.name)
            forget_address(left_by_another_test.name, actor="test")
    page = open_page(chrome)
    with receiving() as receiver:
        page.goto(f"{desk}/channels")
        looks_right(page)
        page.get_by_label("名称", exact=True).fill("20131")
        page.get_by_label("地址", exact=True).fill(f"{receiver.address}?token=topsecret")
        page.get_by_label("签名密钥（可选）").fill(KEY)
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("通知渠道20131")
        assert [secret in page.content() for secret in ("topsecret", KEY)] == [False, False]
        looks_right(page)
        page.get_by_role("button", name="发送测试消息").click()
        expect(page.get_by_role("status")).to_have_text("接收系统已收下测试消息。")
        (message,) = receiver.messages
        assert message.is_signed
        receiver.always = 400
        page.get_by_role("button", name="发送测试消息").click()
        expect(page.get_by_role("status")).to_contain_text("400")
    data = office.http.get("/block_types/slug/luodi-webhook/block_documents/name/20131").json()["data"]
    assert "127.0.0.1" in data["kept"]
    page.get_by_role("button", name="删除该渠道").click()
    expect(page).to_have_url(f"{desk}/channels")
    assert page.get_by_text("20131").count() == 0
    page.close()


def test_runs_that_are_no_files_are_not_shown(office: Office, desk: str) -> None:
    run_id = office.start("reconciliation")
    office.finished(run_id)
    assert httpx.get(f"{desk}/runs/{run_id}").status_code == 404


def test_of_scheduled_imports_only_those_that_failed_are_listed(office: Office, desk: str) -> None:
    scheduled = [office.start("ledger-import", path=path) for path in ("", "/nowhere/台账.xlsx")]
    for run_id in scheduled:
        office.http.patch(f"/flow_runs/{run_id}", json={"tags": ["auto-scheduled"]}).raise_for_status()
        office.finished(run_id)
    text = httpx.get(desk).text
    assert [run_id in text for run_id in scheduled] == [False, True]
