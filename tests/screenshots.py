"""`make screenshots`: what an operator sees, taken from the running system with its sample ledger."""

import signal
import tempfile
from pathlib import Path

from browser import browser, open_form, open_page
from installation import REPOSITORY, Installation
from playwright.sync_api import Page, ViewportSize

IMAGES = REPOSITORY / "docs" / "images"
WIDE: ViewportSize = {"width": 1360, "height": 1000}
PHONE: ViewportSize = {"width": 430, "height": 860}
TALL: ViewportSize = {"width": 1360, "height": 1500}
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
    """The runs list, filtered by a county's tag; the forms; the reports of import and sweep; an inbox."""
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


def take_desk(installation: Installation, page: Page, folder: Path) -> None:
    """The desk's first page with what was handed in, and the page of that run, as a phone shows them."""
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
        installation = Installation(Path(folder), "zh_CN")
        up = installation.start()
        try:
            take_all(installation, open_page(opened, WIDE))
            take_desk(installation, open_page(opened, PHONE), Path(folder))
        finally:
            up.send_signal(signal.SIGINT)
            up.wait(60)
            installation.postgres.delete()


if __name__ == "__main__":
    main()
