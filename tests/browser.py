"""An operator at the Prefect UI: the system's Chromium, driven by Playwright."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

WINDOW: ViewportSize = {"width": 1360, "height": 900}
expect.set_options(timeout=30_000)  # a busy machine draws slowly
QUIET = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str | None:
    """The system's Chromium; None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    arguments = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else [*QUIET]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        try:
            yield opened
        finally:
            opened.close()


def open_page(opened: Browser, window: ViewportSize = WINDOW) -> Page:
    """A new page of somebody in China."""
    return opened.new_page(viewport=window, locale="zh-CN", timezone_id="Asia/Shanghai")


def open_form(page: Page, address: str, run_id: object, last_field: str) -> Locator:
    """The dialog with the form a suspended run waits with, once its last field is there."""
    page.goto(f"{address}/v2/runs/flow-run/{run_id}")
    page.locator("button[aria-haspopup=menu]").last.click()
    page.get_by_role("menuitem", name="Resume").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label(last_field)).to_be_visible()
    return dialog


def pick_today(page: Page, dialog: Locator, title: str) -> None:
    """Choose today in a date's calendar."""
    dialog.get_by_label(title, exact=True).click()
    page.locator("[role=gridcell][data-today=true] button, button[aria-label^=Today]").first.click()


def choose(page: Page, dialog: Locator, title: str, choice: str) -> None:
    """Choose one of a field's choices."""
    dialog.get_by_label(title).click()
    page.get_by_role("option", name=choice, exact=True).click()


def words_of_another_language(text: str) -> set[str]:
    """The Latin words in a Chinese text."""
    return set(re.findall(r"[A-Za-z]{2,}", text))
