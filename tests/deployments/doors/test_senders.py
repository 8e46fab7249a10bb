"""The API answers to its own names, and takes nothing from pages of others."""

import pytest
from prefect.settings import PREFECT_SERVER_CORS_ALLOWED_ORIGINS, temporary_settings

from deployments.doors.api import ApiDoor

EVERYTHING = "/api/flow_runs/bulk_delete"
PROGRAM = {"Prefect-Csrf-Token": "t", "Prefect-Csrf-Client": "c", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example:4200",
        "evil.example@127.0.0.1",
        "",
        "127.0.0.1:x",
        "[::1",
        "127.1",
        "招商",
    ],
)
def test_it_answers_to_no_name_but_its_own(visitor, host):
    for path in ("/", "/api/health", "/api/flows/count"):
        reply = visitor.send("GET", path, headers={"Host": host.encode()})
        assert (reply.status_code, "LUODI_HOSTS" in reply.json()["detail"]) == (400, True)
    assert visitor.reached == []


def test_two_names_in_one_request_are_refused(visitor):
    for hosts in ([("Host", "127.0.0.1"), ("Host", "evil.example")], [("Host", "127.0.0.1")] * 2):
        assert visitor.send("GET", "/api/health", headers=hosts).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1", "LOCALHOST:4200", "[::1]:4200", "luodi.office", "10.0.0.5", "[fd00::5]"])
def test_it_answers_to_every_name_the_office_gave_it(visitor, monkeypatch, host):
    monkeypatch.setenv("PREFECT_UI_API_URL", "https://luodi.office/api")
    monkeypatch.setenv("LUODI_HOSTS", "10.0.0.5, [fd00::5]")
    visitor.door = ApiDoor(visitor.door.app)
    assert visitor.send("GET", "/api/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:8000"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:4200, http://evil.example"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "OPTIONS"])
def test_what_a_foreign_page_sends_is_refused(visitor, method, headers):
    reply = visitor.send(method, EVERYTHING, content=b"{}", headers={**PROGRAM, **headers})
    assert (reply.status_code, visitor.reached) == (403, [])
    assert "PREFECT_UI_API_URL" in reply.json()["detail"]


def test_a_foreign_page_reads_nothing_but_its_links_lead_here(visitor):
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert visitor.send("GET", "/api/csrf-token?client=x", headers=foreign).status_code == 403
    link = {**foreign, "Sec-Fetch-Mode": "navigate"}
    assert visitor.send("GET", "/v2/runs/flow-run/1", headers=link).status_code == 200
    assert visitor.send("GET", "/v2", headers={**link, "Origin": "null"}).status_code == 403
    assert visitor.send("GET", "/v2", headers={**link, "Sec-Fetch-Dest": "document"}).status_code == 200
    assert visitor.send("GET", "/v2", headers={**link, "Sec-Fetch-Dest": "iframe"}).status_code == 403
    for path in ("/api/csrf-token?client=x", "/api//csrf-token?client=x"):  # each makes a row
        assert visitor.send("GET", path, headers=link).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://127.0.0.1:4200", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://luodi.office", "Sec-Fetch-Site": "cross-site"},
        {"Host": "luodi.office:8443", "Origin": "https://luodi.office:8443"},
        {"Origin": "https://pages.office"},
    ],
    ids=str,
)
def test_programs_own_pages_and_those_the_office_allows_are_served(visitor, monkeypatch, headers):
    monkeypatch.setenv("PREFECT_UI_API_URL", "https://luodi.office/api")
    with temporary_settings({PREFECT_SERVER_CORS_ALLOWED_ORIGINS: "http://other.office:81, https://pages.office/"}):
        visitor.door = ApiDoor(visitor.door.app)
    assert visitor.send("POST", EVERYTHING, content=b"{}", headers={**PROGRAM, **headers}).status_code == 200


def test_without_a_token_the_refusal_says_where_to_get_one(visitor):
    reply = visitor.send("POST", EVERYTHING, content=b"{}", headers={"Content-Type": "application/json"})
    assert (reply.status_code, "/api/csrf-token" in reply.json()["detail"]) == (403, True)


def test_a_token_is_asked_for_once_and_a_wrong_one_is_refused(visitor, monkeypatch):
    assert visitor.send("DELETE", EVERYTHING, headers=PROGRAM).status_code == 200
    wrongs = ({"Prefect-Csrf-Token": "x"}, {"Prefect-Csrf-Token": ""})
    for wrong in (*wrongs, *({**wrong, "Prefect-Csrf-Client": "unknown"} for wrong in wrongs)):
        reply = visitor.send("DELETE", EVERYTHING, headers={**PROGRAM, **wrong})
        assert (reply.status_code, "Invalid CSRF token" in reply.json()["detail"]) == (403, True)
    monkeypatch.delattr("deployments.doors.tokens._given")
    assert visitor.send("DELETE", EVERYTHING, headers=PROGRAM).status_code == 200


def test_a_path_that_cannot_be_stored_is_refused(visitor):
    assert visitor.send("GET", "/api/deployments/name/%00/x", headers={}).status_code == 422


def test_a_person_reads_a_refusal_as_text_in_the_offices_language(visitor):
    reply = visitor.send("GET", "/", headers={"Host": "<script>.example", "Accept": "text/html,*/*"})
    assert reply.headers["content-type"].startswith("text/plain")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "不以" in reply.text


def test_every_reply_carries_what_a_page_may_do(visitor, monkeypatch):
    monkeypatch.setenv("PREFECT_UI_API_URL", "https://api.office:8443/api")
    visitor.door = ApiDoor(visitor.door.app)
    for path in ("/", "/v2/runs", "/api/docs"):
        reply = visitor.send("GET", path, headers={})
        policy = reply.headers["content-security-policy"]
        assert "connect-src 'self' https://api.office:8443 wss://api.office:8443;" in policy
        assert "frame-ancestors 'self'" in policy
