"""The desk lets in whom it should, and answers to no name but its own."""

import time
from collections import deque

import pytest
from cachetools import TTLCache
from prefect.settings import PREFECT_SERVER_API_AUTH_STRING, temporary_settings

from deployments import environment
from deployments.desk.security import login
from deployments.doors import password as guesses
from deployments.doors.password import Failure
from support.programs.desk_visitor import DESK, basic, hand_in


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:4201", "a@127.0.0.1", "", "127.0.0.1:x", "[::1"]
)
def test_it_answers_to_no_name_but_its_own(browser, host):
    reply = browser.get("/health", headers={"Host": host})
    assert (reply.status_code, DESK in reply.text) == (400, True)


@pytest.mark.parametrize("host", ["127.0.0.1:4201", "localhost:9999", "[::1]:4201", "LOCALHOST", "desk.office"])
def test_it_answers_to_its_own_names_on_any_port(browser, monkeypatch, host):
    monkeypatch.setenv("LUODI_DESK_URL", "https://desk.office/")
    assert browser.get("/health", headers={"Host": host}).status_code == 200


def test_two_hosts_in_one_request_are_refused(browser):
    request = browser.request("GET", "/health", headers=[("Host", "127.0.0.1"), ("Host", "evil.example")])
    assert browser.send(request).status_code == 400


FOREIGN = {"Sec-Fetch-Site": "cross-site"}


@pytest.mark.parametrize(
    "headers",
    [
        {**FOREIGN, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {**FOREIGN, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_a_page_of_another_site_can_have_no_file_written(browser, headers):
    for method, path in (("GET", "/template"), ("HEAD", "/template"), ("GET", "/desk.css")):
        assert browser.send(browser.request(method, path, headers=headers)).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", "same-origin"])
def test_links_of_other_pages_lead_to_the_desk(browser, site):
    link = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert browser.get("/template", headers=link).status_code == 200


@pytest.mark.parametrize("path", ["/", "/dossiers", "/template", "/files/incoming/a.xlsx", "/runs/1", "/nothing"])
def test_nothing_of_the_ledger_is_shown_without_the_password(browser, password, path):
    reply = browser.get(path)
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"].startswith("Basic ")
    assert hand_in(browser).status_code == 401


def test_the_password_of_the_prefect_ui_opens_the_desk(browser, password):
    assert browser.get("/nothing", headers=basic(password)).status_code == 404
    assert browser.get("/health").status_code == 200


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", b"Bearer admin:zhaoshang-2013", "Basic YWRtaW46", "Basic 招".encode()]
)
def test_what_is_no_password_is_asked_for_again(browser, password, header):
    assert browser.get("/nothing", headers={"Authorization": header}).status_code == 401


def test_a_password_cannot_be_guessed_quickly(browser, password):
    for guess in range(guesses.MAX_FAILURES):
        assert browser.get("/nothing", headers=basic(f"admin:{guess}")).status_code == 401
    late = browser.get("/nothing", headers=basic(password))
    assert (late.status_code, int(late.headers["retry-after"]) > 200) == (429, True)


def test_one_wrong_password_counts_once_however_often_a_page_sends_it(browser, password):
    for _each in range(3):
        for _wrong in range(guesses.MAX_FAILURES):
            browser.get("/nothing", headers=basic("admin:wrong"))
        assert browser.get("/nothing", headers=basic(password)).status_code == 404


def test_somebody_elses_right_password_does_not_give_a_guesser_new_tries(browser, password):
    for guess in range(guesses.MAX_FAILURES - 1):
        browser.get("/nothing", headers=basic(f"admin:{guess}"))
    assert browser.get("/nothing", headers=basic(password)).status_code == 404
    browser.get("/nothing", headers=basic("admin:once more"))
    assert browser.get("/nothing", headers=basic(password)).status_code == 429


def test_asking_without_a_password_counts_as_no_wrong_one(browser, password):
    for _each in range(guesses.MAX_FAILURES + 1):
        assert browser.get("/nothing").status_code == 401


def failures(*moments: float) -> deque[Failure]:
    return deque(Failure(moment, b"") for moment in moments)


def test_a_wrong_password_counts_for_five_minutes(browser, password):
    now = time.monotonic()
    guesses.FAILURES["recent"] = failures(*[now - guesses.FAILURE_WINDOW + 60] * guesses.MAX_FAILURES)
    guesses.FAILURES["one is over"] = failures(now - guesses.FAILURE_WINDOW, *[now] * (guesses.MAX_FAILURES - 1))
    assert 50 < guesses.seconds_to_wait("recent") < 61
    assert guesses.seconds_to_wait("one is over") <= 0


def test_of_too_many_addresses_the_oldest_is_forgotten(browser, password, monkeypatch):
    monkeypatch.setattr(guesses, "FAILURES", TTLCache(2, guesses.FAILURE_WINDOW))
    for browser.address in ("10.0.0.1", "10.0.0.2", "10.0.0.3"):
        browser.get("/nothing", headers=basic("admin:wrong"))
    assert list(guesses.FAILURES) == ["10.0.0.2", "10.0.0.3"]


@pytest.mark.parametrize("host", [*environment.EVERYWHERE, "10.0.0.5", "desk.office"])
def test_without_a_password_it_does_not_listen_beyond_this_machine(host, password):
    login.refuse_open(host)
    with (
        temporary_settings(restore_defaults={PREFECT_SERVER_API_AUTH_STRING}),
        pytest.raises(login.OpenToAll, match="PREFECT_SERVER_API_AUTH_STRING"),
    ):
        login.refuse_open(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_needs_no_password(host):
    login.refuse_open(host)
