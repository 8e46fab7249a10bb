"""`make screenshots`: what an operator sees, taken from the running system with its sample
ledger.
"""

import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, ViewportSize

from support.office.days import today
from support.programs.browser import browser, open_artifact, open_form, open_page, open_start, submit, tick
from support.programs.libreoffice import convert
from support.programs.luodi import Installation
from support.repository import REPOSITORY

IMAGES = REPOSITORY / "docs" / "images"
WIDE: ViewportSize = {"width": 1360, "height": 1000}
PHONE: ViewportSize = {"width": 430, "height": 860}
TALL: ViewportSize = {"width": 1360, "height": 1500}
PAGE: ViewportSize = {"width": 1360, "height": 1240}
LONG: ViewportSize = {"width": 1360, "height": 1700}
COUNTY = "清丰县"
CAMPAIGN, OPERATOR = "清丰县项目回访", "市商务局 值班员"
LAST_FIELD, LEADER, TO_ACT_ON = "表单编号", "分包领导", "请您办理"
ARTIFACTS = {
    "ledger-import-report": "import",
    "escalation-sweep": "sweep",
}
"""The pictures of artifacts that are always there; of the inboxes, a leader's is taken."""


def take(page: Page, name: str) -> None:
    """Store what the page shows."""
    page.wait_for_timeout(1500)  # charts and dialogs move for a while
    page.screenshot(path=IMAGES / f"{name}.zh_CN.png")
    print(f"{name}.zh_CN.png")


def take_all(installation: Installation, page: Page) -> None:
    """The runs list, filtered by a county's tag; the forms; the reports of import and sweep; an
    inbox.
    """
    address = installation.address
    suspended = installation.ask_for("flow_runs", {"flow_runs": {"state": {"type": {"any_": ["PAUSED"]}}}})
    county = next(tag for run in suspended for tag in run["tags"] if tag.endswith("县"))
    page.goto(f"{address}/v2/runs")
    page.get_by_placeholder("All tags").fill(county)
    page.keyboard.press("Enter")
    take(page, "runs")
    forms = (("form", "project_id", county), ("blocker", "blocker_id", county), ("escalation", "item_id", LEADER))
    for name, subject, tag in forms:
        run = next(run for run in suspended if subject in run["parameters"] and tag in run["tags"])
        page.set_viewport_size(TALL)
        open_form(page, address, run["id"], LAST_FIELD)
        take(page, name)
    latest = {each["key"]: each for each in installation.ask_for("artifacts/latest", {})}
    inbox = next(key for key, each in latest.items() if LEADER in each["description"] and TO_ACT_ON in each["data"])
    for key, name in (*ARTIFACTS.items(), (inbox, "inbox")):
        page.goto(f"{address}/v2/artifacts/artifact/{latest[key]['latest_id']}")
        take(page, name)


def take_campaign(installation: Installation, page: Page) -> None:
    """A revisit campaign: the form that starts it, and its report after two of its visits."""
    page.set_viewport_size(LONG)
    form = open_start(page, installation.address, "revisit-campaign")
    form.get_by_label("活动名称").fill(CAMPAIGN)
    form.get_by_label("工作日").fill("5")
    tick(page, form, "单位", COUNTY)
    form.get_by_label("填报人").fill(OPERATOR)
    take(page, "campaign")
    form.get_by_label("试运行").uncheck()
    submit(page)
    for run in _visits(installation)[:2]:
        _answer(installation, page, run)
    form = open_start(page, installation.address, "close-revisit-campaign")
    form.get_by_label("回访活动").click()
    page.get_by_role("option", name=CAMPAIGN, exact=True).click()
    submit(page)
    _take_artifact(page, "revisit-campaign-report", "campaign-report")


def _take_artifact(page: Page, key: str, name: str) -> None:
    """What the run on the page left under that key, without Prefect's message that the run was
    started.
    """
    open_artifact(page, key)
    page.set_viewport_size(PAGE)
    page.reload()
    take(page, name)


def _visits(installation: Installation) -> list[dict[str, Any]]:
    """The runs that wait with the county's visits."""
    body = {"flow_runs": {"state": {"type": {"any_": ["PAUSED"]}}, "tags": {"all_": [COUNTY]}}}
    return [run for run in installation.ask_for("flow_runs", body) if "project_id" in run["parameters"]]


def _answer(installation: Installation, page: Page, run: dict[str, Any]) -> None:
    dialog = open_form(page, installation.address, run["id"], LAST_FIELD)
    dialog.get_by_label("回访日期").fill(str(today()))
    dialog.get_by_label("进展情况").fill("厂房主体完工，设备进场")
    dialog.get_by_label("填报人").fill(OPERATOR)
    dialog.get_by_role("button", name="Resume", exact=True).click()
    dialog.wait_for(state="hidden")


def take_bulletin(installation: Installation, page: Page, folder: Path) -> None:
    """Last week's bulletin as a page of the UI, and the first page of its document as it is
    printed.
    """
    open_start(page, installation.address, "weekly-bulletin").get_by_label("试运行").uncheck()
    submit(page)
    _take_artifact(page, "weekly-bulletin", "bulletin")
    page.goto(installation.desk)
    with page.expect_download() as download:
        page.get_by_label(".docx").first.click()
    path = folder / "bulletin.docx"
    download.value.save_as(path)
    name = IMAGES / "bulletin-document.zh_CN"
    printed = ("pdftoppm", "-png", "-r", "75", "-f", "1", "-singlefile", str(convert(path, "pdf")), str(name))
    subprocess.run(printed, check=True)
    print(f"{name.name}.png")


def take_desk(installation: Installation, page: Page, folder: Path) -> None:
    """The desk's first page with what was handed in, and the page of that run, as a phone shows
    them.
    """
    page.set_viewport_size(PHONE)
    page.goto(installation.desk)
    page.get_by_label("文件", exact=True).set_input_files(folder / "sample" / "ledger.xlsx")
    page.get_by_label("试运行", exact=True).check()
    page.get_by_role("button", name="报送台账").click()
    page.get_by_text("有待更正").wait_for()
    take(page, "desk-run")
    page.goto(installation.desk)
    take(page, "desk-home")


def main() -> None:
    """Run an installation of its own for the pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="luodi-screenshots-") as folder, browser() as opened:
        installation = Installation(Path(folder) / "home", "zh_CN")
        up = installation.start()
        try:
            take_all(installation, open_page(opened, WIDE))
            take_campaign(installation, page := open_page(opened, WIDE))
            take_bulletin(installation, page, Path(folder))
            take_desk(installation, open_page(opened, PHONE), Path(folder))
        finally:
            up.send_signal(signal.SIGINT)
            up.wait(60)
            installation.postgres.delete()


if __name__ == "__main__":
    main()
