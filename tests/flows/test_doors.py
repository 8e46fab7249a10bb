"""The API's door: pages of other sites stay outside, and the UI's pages speak to nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from support.office import Office
from support.programs.browser import browser, chromium, open_form, open_page, open_start
from tasks.dialogues.parameters.offers import offer_choices

pytestmark = pytest.mark.skipif(chromium() is None, reason="needs Chromium (Debian: apt-get install chromium)")
EVIL = "evil.example"

# Most of them can read nothing, but on an open door they work all the same
ATTACKS = {
    "a text that needs no leave": """api => fetch(`${api}/flow_runs/bulk_delete`, {
        method: 'POST', mode: 'no-cors', headers: {'Content-Type': 'text/plain'}, body: '{}'})""",
    "a file without a type": """api => fetch(`${api}/flow_runs/bulk_delete`, {
        method: 'POST', mode: 'no-cors', body: new Blob(['{}'])})""",
    "no body": "api => fetch(`${api}/deployments/bulk_delete`, {method: 'POST', mode: 'no-cors'})",
    "JSON": """api => fetch(`${api}/flows/bulk_delete`, {
        method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'}).catch(() => null)""",
    "a beacon": "api => navigator.sendBeacon(`${api}/flow_runs/bulk_delete`, '{}')",
    "a form": """api => new Promise(done => {
        const frame = Object.assign(document.createElement('iframe'), {name: 'f', onload: done})
        const form = Object.assign(document.createElement('form'), {
            action: `${api}/flow_runs/bulk_delete`, method: 'POST', enctype: 'text/plain', target: 'f'})
        form.append(Object.assign(document.createElement('input'), {name: '{"a', value: '":1}'}))
        document.body.append(frame, form)
        form.submit()
        setTimeout(done, 2000)})""",
    "a form of a hidden origin": """api => new Promise(done => {
        const frame = document.createElement('iframe')
        frame.sandbox = 'allow-forms allow-scripts'
        frame.srcdoc = `<form method=post enctype=text/plain action="${api}/flow_runs/bulk_delete"></form>` +
            '<script>document.forms[0].submit()</script>'
        document.body.append(frame)
        setTimeout(done, 2000)})""",
}


class HostilePage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><body>hello</body>")

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """A server of others on a port of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """A browser for which any name of the attacker's leads to this machine."""
    with browser("--host-resolver-rules=MAP *.example 127.0.0.1") as opened:
        yield opened


def everything(office: Office) -> dict[str, int]:
    """How many of each kind of thing the server has."""
    kinds = ("flow_runs", "flows", "deployments")
    return {kind: office.http.post(f"/{kind}/count", json={}).raise_for_status().json() for kind in kinds}


@pytest.mark.parametrize("host", ["127.0.0.1", EVIL])
def test_a_page_of_another_site_deletes_nothing(office: Office, chrome: Browser, host: str) -> None:
    office.new_project()
    before = everything(office)
    with served(HostilePage) as port:
        page = chrome.new_page()
        page.goto(f"http://{host}:{port}/")
        for attack in ATTACKS.values():
            page.evaluate(f"({attack})('{office.api}')")
        heard = page.evaluate(LISTEN, f"{office.api.replace('http', 'ws')}/events/out")
        page.close()
    assert (everything(office), heard) == (before, "refused")


def test_prefects_tokens_are_checked_though_its_own_check_is_not_used(office: Office) -> None:
    office.new_project()
    before = everything(office)
    known = office.http.get("/csrf-token?client=known").json()["token"]
    for headers in (
        {},
        {"Prefect-Csrf-Token": known},
        {"Prefect-Csrf-Token": known, "Prefect-Csrf-Client": "another"},
        {"Prefect-Csrf-Token": "x", "Prefect-Csrf-Client": "known"},
        {"Prefect-Csrf-Token": "", "Prefect-Csrf-Client": "unknown"},
    ):
        assert httpx.post(f"{office.api}/flow_runs/bulk_delete", json={}, headers=headers).status_code == 403
    right = {"Prefect-Csrf-Token": known, "Prefect-Csrf-Client": "known"}
    assert httpx.post(f"{office.api}/flows/count", json={}, headers=right).is_success
    assert everything(office) == before


LISTEN = """address => new Promise(done => {
    const socket = new WebSocket(address, 'prefect')
    socket.onopen = () => done('open')
    socket.onerror = () => done('refused')})"""


def test_a_name_that_is_made_to_lead_here_deletes_nothing(office: Office, chrome: Browser) -> None:
    office.new_project()
    before = everything(office)
    page = chrome.new_page()
    page.goto(f"http://{EVIL}:{office.port}/")  # to the browser, page and API are one site
    heard = page.evaluate(
        """async () => {
            const token = await (await fetch('/api/csrf-token?client=x')).json()
            const headers = {'Content-Type': 'application/json', 'Prefect-Csrf-Client': 'x'}
            if (token.token) headers['Prefect-Csrf-Token'] = token.token
            const reply = await fetch('/api/flow_runs/bulk_delete', {method: 'POST', headers, body: '{}'})
            return reply.status}"""
    )
    assert (everything(office), heard) == (before, 400)
    assert "PREFECT_UI_API_URL" in page.inner_text("body")
    page.close()


class Witness:
    """Notes what a page asks others for, and what goes wrong in it."""

    def __init__(self, page: Page, address: str) -> None:
        self.address = address
        self.asked: set[str] = set()  # of others
        self.kept_in: set[str] = set()  # of that, what the page's policy kept from leaving
        self.faults: list[str] = []
        page.on("request", self._note_request)
        page.on("requestfailed", lambda request: self.kept_in.add(request.url) if request.failure == "csp" else None)
        page.on("console", self._note_message)
        page.on("pageerror", lambda fault: self.faults.append(str(fault)))

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.asked.add(request.url)

    def _note_message(self, message: ConsoleMessage) -> None:
        is_policy = "Content Security Policy" in message.text
        if is_policy and "https://" not in message.text:  # it breaks something of the page's own
            self.faults.append(message.text)


def test_the_uis_pages_speak_to_their_own_server_only(office: Office, chrome: Browser) -> None:
    ask = office.visit_asked(office.new_project())
    office.done("reconciliation")
    with office.client():
        offer_choices()
    address, run = office.api.removesuffix("/api"), f"runs/flow-run/{ask.flow_run_id}"
    page = open_page(chrome)
    witness = Witness(page, address)
    for path, text in [
        ("v2/dashboard", "luodi"),
        ("v2/runs", "project-lifecycle"),
        ("v2/deployments", "ladder-policy"),
        ("v2/artifacts", "Artifacts"),
        ("v2/blocks/catalog", "Luodi webhook"),
        ("dashboard", "luodi"),
        ("runs", "project-lifecycle"),
        (run, "project-lifecycle"),
        ("deployments", "ladder-policy"),
        ("artifacts", "Artifacts"),
        ("blocks/catalog", "Luodi webhook"),
    ]:
        page.goto(f"{address}/{path}")
        expect(page.locator("body")).to_contain_text(text)
    open_form(page, address, ask.flow_run_id, "表单编号")
    expect(page.locator("canvas").first).to_be_visible()  # the run's graph
    open_start(page, address, "ladder-policy")
    assert (witness.asked - witness.kept_in, witness.faults) == (set(), [])
    page.close()
