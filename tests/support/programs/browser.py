"""An operator at the Prefect UI: the system's Chromium, driven by Playwright."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Error, Locator, Page, ViewportSize, expect, sync_playwright

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
def browser(*more: str) -> Iterator[Browser]:
    """A Chromium without a window, with `more` arguments."""
    arguments = [*QUIET, *more, "--no-sandbox"] if os.geteuid() == 0 else [*QUIET, *more]
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
    dialog = page.get_by_role("dialog", name="Resume Flow Run")  # a calendar is a dialog, too
    expect(dialog.get_by_label(last_field)).to_be_visible()
    return dialog


def choose(page: Page, dialog: Locator, title: str, choice: str) -> None:
    """Choose one of a field's choices."""
    pick(page, dialog.get_by_label(title), choice)


def pick(page: Page, field: Locator, choice: str) -> None:
    """Choose from a field's list; returns once the list is closed, which would swallow the next
    click. A list that closes before its choice is clicked is opened again.
    """
    option = page.get_by_role("option", name=choice, exact=True)
    for patience in (3_000, 3_000, 30_000):
        if not option.is_visible():
            field.click()
        try:
            option.click(timeout=patience)
            break
        except Error:
            if patience > 3_000:
                raise
    expect(option).to_be_hidden()


def open_start(page: Page, address: str, deployment: str) -> Locator:
    """The form that starts a deployment's run, found the way a person finds it."""
    page.goto(f"{address}/v2/deployments")
    page.get_by_placeholder("Search deployments").fill(deployment)
    expect(page).to_have_url(re.compile(f"flowOrDeploymentName={deployment}"))  # or the list would come back after all
    page.get_by_role("link", name=deployment, exact=True).first.click()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Custom run").click()
    expect(page.get_by_role("button", name="Submit")).to_be_visible()
    return page.locator("form")


def tick(page: Page, form: Locator, title: str, *choices: str) -> None:
    """Choose several of a field's choices."""
    form.get_by_label(title).click()
    for choice in choices:
        page.get_by_role("option", name=choice, exact=True).click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)


def submit(page: Page) -> None:
    """Start the run; returns on its page, once it has ended well."""
    page.get_by_role("button", name="Submit").click()
    expect(page).not_to_have_url(re.compile(r"/run\b"))  # the way back to the deployment would undo the way to the run
    page.get_by_role("button", name="View run").click()
    expect(page).to_have_url(re.compile("/flow-run/"))
    expect(page.get_by_text("Completed", exact=True).first).to_be_visible(timeout=60_000)


def open_artifact(page: Page, key: str) -> Locator:
    """What a run shows beside its logs, opened by its card on the run's page.

    A page that has asked for the cards before the last was made does not ask again: it is reloaded.
    """
    card = page.get_by_role("link").filter(has=page.get_by_role("heading", name=key, exact=True))
    page.get_by_role("tab", name="Artifacts").click()
    try:
        card.click(timeout=5_000)
    except Error:
        page.reload()
        card.click()
    expect(page).to_have_url(re.compile("/artifacts/artifact/"))
    return page.locator("main")


def words_of_another_language(text: str) -> set[str]:
    """The Latin words in a Chinese text."""
    return set(re.findall(r"[A-Za-z]{2,}", text))
