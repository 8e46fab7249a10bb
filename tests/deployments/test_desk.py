"""The desk lets in whom it should, takes what it should, and leads nowhere else."""

import asyncio
import base64
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from threading import BoundedSemaphore, Thread
from typing import Any
from urllib.parse import quote, unquote

import pytest
import uvicorn
from httpx import ASGITransport, AsyncClient, Request, Response
from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_API_AUTH_STRING, temporary_settings

from deployments import doctor, environment
from deployments.desk import downloads, entry, intake, runs, space, tokens, upload
from deployments.desk.app import create_app
from deployments.doctor import Level
from models.ledger.organisation import Unit
from models.ledger.project import Project
from models.words import Sector
from support.office import free_port, wait_for
from support.repository import REPOSITORY
from tasks.bulletin.delivery import write_files
from tasks.bulletin.issue import issue
from tasks.database import transaction
from tasks.files import Folder, folder, new_path
from tasks.imports.workbook.read import SUFFIXES

DESK = "http://127.0.0.1:4201"
COOKIE = "known-browser"
OWN_PAGE = {"Origin": DESK, "Sec-Fetch-Site": "same-origin"}
XLSX = ("六月台账.xlsx", b"PK not really")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LUODI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LUODI_DESK_URL", DESK)
    monkeypatch.delenv("LUODI_DESK_HOST", raising=False)
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):  # nobody is there
        yield


class Browser:
    """A browser that has looked at the desk before."""

    def __init__(self) -> None:
        self.desk, self.cookie = create_app(), COOKIE

    def get(self, path: str, **parts: Any) -> Response:
        return self.send(self.request("GET", path, **parts))

    def post(self, path: str, **parts: Any) -> Response:
        return self.send(self.request("POST", path, **parts))

    def request(self, method: str, path: str, **parts: Any) -> Request:
        request = Request(method, DESK + path, **parts)
        request.headers["Cookie"] = f"{tokens.COOKIE}={self.cookie}"
        return request

    def send(self, request: Request) -> Response:
        async def sent() -> Response:
            async with AsyncClient(transport=ASGITransport(self.desk, raise_app_exceptions=False)) as client:
                reply = await client.send(request)
                await reply.aread()
                return reply

        return asyncio.run(sent())


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def password() -> Iterator[str]:
    """The password that Prefect's server asks for."""
    entry.FAILURES.__init__()  # type: ignore[misc]
    with temporary_settings({PREFECT_SERVER_API_AUTH_STRING: "admin:zhaoshang-2013"}):
        yield "admin:zhaoshang-2013"


def hand_in(
    browser: Browser,
    file: tuple[str, bytes] | None = XLSX,
    headers: dict[str, str] | None = None,
    token: str = "",
    **fields: str,
) -> Response:
    fields = {"token": token or tokens.token_for(COOKIE), "form_id": "one", **fields}
    files = {"file": (*file, "application/octet-stream")} if file else {"none": (None, b"")}
    return browser.post("/imports", data=fields, files=files, headers=OWN_PAGE if headers is None else headers)


def incoming() -> list[str]:
    return sorted(path.name for path in folder(Folder.INCOMING).rglob("*"))


def basic(credentials: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(credentials.encode()).decode()}


# -- who may enter


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
    wrong = [browser.get("/nothing", headers=basic(f"admin:{each}")).status_code for each in range(entry.MOST_FAILURES)]
    assert set(wrong) == {401}
    late = browser.get("/nothing", headers=basic(password))
    assert (late.status_code, int(late.headers["retry-after"]) > 200) == (429, True)


def test_the_right_password_makes_the_wrong_ones_forgotten(browser, password):
    for _each in range(3):
        for _wrong in range(entry.MOST_FAILURES - 1):
            browser.get("/nothing", headers=basic("admin:wrong"))
        assert browser.get("/nothing", headers=basic(password)).status_code == 404


def test_asking_without_a_password_counts_as_no_wrong_one(browser, password):
    for _each in range(entry.MOST_FAILURES + 1):
        assert browser.get("/nothing").status_code == 401


@pytest.mark.parametrize("host", [*environment.EVERYWHERE, "10.0.0.5", "desk.office"])
def test_without_a_password_it_does_not_listen_beyond_this_machine(host, password):
    entry.refuse_open(host)
    with (
        temporary_settings(restore_defaults={PREFECT_SERVER_API_AUTH_STRING}),
        pytest.raises(entry.OpenToAll, match="PREFECT_SERVER_API_AUTH_STRING"),
    ):
        entry.refuse_open(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_needs_no_password(host):
    entry.refuse_open(host)


# -- which forms are taken


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://127.0.0.1:8000"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:4201"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": DESK, "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/imports", "/exports"])
def test_a_form_of_another_page_is_refused(browser, headers, path):
    reply = browser.post(path, data={"token": tokens.token_for(COOKIE)}, headers=headers)
    assert reply.status_code == 403
    assert hand_in(browser, headers=headers).status_code == 403
    assert incoming() == []


@pytest.mark.parametrize(
    "token",
    ["x", "招", tokens.token_for("another-browser"), tokens.token_for("")],
    ids=["short", "Chinese", "another browser's", "nobody's"],
)
def test_a_form_without_its_token_is_refused(browser, token):
    assert hand_in(browser, token=token).status_code == 403
    assert browser.post("/exports", data={"token": token}, headers=OWN_PAGE).status_code == 403
    browser.cookie = ""
    assert hand_in(browser).status_code == 403
    assert incoming() == []


def test_a_token_after_the_file_comes_too_late(browser):
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\nPK\r\n'
        b'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n'
        + tokens.token_for(COOKIE).encode()
        + b"\r\n--b--\r\n"
    )
    headers = {**OWN_PAGE, "Content-Type": "multipart/form-data; boundary=b"}
    assert browser.post("/imports", content=body, headers=headers).status_code == 403
    assert incoming() == []


def test_behind_a_proxy_forms_come_from_the_address_it_is_told(browser, monkeypatch):
    monkeypatch.setenv("LUODI_DESK_URL", "https://desk.office")
    headers = {"Host": "127.0.0.1:4201", "Origin": "https://desk.office", "Sec-Fetch-Site": "same-origin"}
    assert hand_in(browser, headers=headers).status_code == 503  # taken; it is Prefect that is not there


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"a=b", "application/x-www-form-urlencoded"),
        (b"", "multipart/form-data"),
        (b"no parts", "multipart/form-data; boundary=b"),
        (b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\nhalf", "multipart/form-data; boundary=b"),
        (b"--b\r\n" + b"x" * 100_000, "multipart/form-data; boundary=b"),
        (b"", "multipart/form-data; boundary=" + "b" * 1000),
        (b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + b"x" * 9000, "multipart/form-data; boundary=b"),
    ],
    ids=["urlencoded", "no boundary", "no parts", "half a part", "endless header", "endless boundary", "endless field"],
)
def test_what_is_no_form_is_refused_in_plain_words(browser, content, kind):
    reply = browser.post("/imports", content=content, headers={**OWN_PAGE, "Content-Type": kind})
    assert (reply.status_code, "返回上一页" in reply.text) == (400, True)
    assert incoming() == []


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("address", [DESK, "https://desk.office"])
def test_its_cookie_is_for_the_desk_alone(browser, monkeypatch, address):
    monkeypatch.setenv("LUODI_DESK_URL", address)
    told = browser.get("/dossiers").headers["set-cookie"].lower()
    assert "httponly" in told
    assert "samesite=strict" in told
    assert ("secure" in told) == address.startswith("https")


# -- which files are taken


@pytest.mark.parametrize("name", ["台账.exe", "台账", "xlsx", "台账.xlsx.html", "台账.docx", "台账.XLSB", "台账.xlsx/"])
def test_only_ledgers_are_taken(browser, name):
    reply = hand_in(browser, (name, b"PK"))
    assert (reply.status_code, ".xlsx" in reply.text) == (415, True)
    assert incoming() == []


@pytest.mark.usefixtures("ledger")
def test_whatever_luodi_reads_may_be_handed_in_and_the_form_says_so(browser, monkeypatch):
    monkeypatch.setattr(runs, "recent", lambda _deployment: [])
    page = browser.get("/").text
    assert page.partition('accept="')[2].partition('"')[0].split(",") == list(SUFFIXES)
    assert " ".join(SUFFIXES) in page.partition('id="file-hint">')[2].partition("<")[0]
    for suffix in SUFFIXES:
        intake.check_name(f"台账{suffix.upper()}")


@pytest.mark.parametrize("file", [("", b""), ("台账.xlsx", b""), None], ids=["none chosen", "empty", "no field"])
def test_a_form_without_a_file_is_told_so(browser, file):
    reply = hand_in(browser, file)
    assert (reply.status_code, "请返回上一页" in reply.text) == (400, True)
    assert incoming() == []


def test_a_file_that_is_too_large_is_stopped_and_leaves_nothing(browser, monkeypatch):
    monkeypatch.setattr(intake, "LARGEST_FILE", 1000)
    reply = hand_in(browser, ("台账.xlsx", b"x" * 1001))
    assert (reply.status_code, "MB" in reply.text) == (413, True)
    assert incoming() == []


def test_no_more_files_are_taken_at_once_than_there_is_room_for(browser, monkeypatch):
    monkeypatch.setattr(upload.SLOTS, "taken", upload.AT_ONCE)
    reply = hand_in(browser)
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "60")
    assert upload.SLOTS.taken == upload.AT_ONCE


def test_no_more_is_kept_than_the_disk_may_hold(browser, monkeypatch):
    new_path(Folder.INCOMING, "old.xlsx").write_bytes(b"x")
    monkeypatch.setattr(space, "MOST_KEPT", space.LARGEST_FILE)
    reply = hand_in(browser)
    assert (reply.status_code, "LUODI_HOME/files/incoming" in reply.text, "删除" in reply.text) == (507, True, True)
    assert incoming()[1:] == ["old.xlsx"]


def test_a_full_disk_is_told_apart_from_too_many_files(browser, monkeypatch):
    monkeypatch.setattr(space, "SPARE", 2**62)
    reply = hand_in(browser)
    assert (reply.status_code, "磁盘空间不足" in reply.text) == (507, True)
    assert incoming() == []


def test_the_doctor_says_in_time_that_the_files_handed_in_fill_their_room(monkeypatch):
    new_path(Folder.INCOMING, "old.xlsx").write_bytes(b"x" * 10_000)
    assert list(doctor.room()) == []
    monkeypatch.setattr(space, "MOST_KEPT", 12_000)
    (finding,) = doctor.room()
    assert (finding.level, "LUODI_HOME/files/incoming" in finding.remedy) == (Level.NOTICE, True)


def test_what_a_killed_desk_left_half_taken_in_is_deleted_at_its_next_start():
    old, new = (folder(Folder.INCOMING) / f"{space.UNFINISHED}{each}" for each in ("old", "new"))
    for path in (old, new):
        path.write_text("half")
    os.utime(old, (0, 0))
    create_app()
    assert incoming() == [new.name]


def test_a_file_whose_import_cannot_be_started_does_not_stay(browser):
    reply = hand_in(browser)
    assert (reply.status_code, "Prefect" in reply.text) == (503, True)
    assert incoming() == []
    assert upload.SLOTS.taken == 0


# -- which files are given out


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """What lies beside the folders and is nobody's business."""
    path = tmp_path / "home" / "secret.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("secret")
    (folder(Folder.EXPORTS) / "link.xlsx").symlink_to(path)
    (folder(Folder.EXPORTS) / ".hidden.xlsx").write_text("secret")
    for kind in (Folder.INCOMING, Folder.INBOX):
        (folder(kind) / "secret.xlsx").write_text("secret")
    return path


@pytest.mark.parametrize(
    "path",
    [
        "/files/exports/../../secret.xlsx",
        "/files/exports/..%2f..%2fsecret.xlsx",
        "/files/exports/%2e%2e%2f%2e%2e%2fsecret.xlsx",
        "/files/exports/..%5c..%5csecret.xlsx",
        "/files/exports/%252e%252e%252fsecret.xlsx",
        "/files/..%2f/secret.xlsx",
        "/files/%2e%2e/secret.xlsx",
        "/files//secret.xlsx",
        "/files/exports/link.xlsx",
        "/files/exports/.hidden.xlsx",
        "/files/exports/%00.xlsx",
        "/files/exports/" + "a" * 5000,
        "/files/exports/",
        "/files/logs/server.log",
        "/files/incoming/secret.xlsx",
        "/files/inbox/secret.xlsx",
        "/desk.css/../app.py",
        "/..%2fapp.py",
    ],
    ids=lambda path: path[:40],
)
def test_no_name_leads_out_of_its_folder(browser, secret, path):
    request = browser.request("GET", "/")
    request.url = request.url.copy_with(raw_path=path.encode())
    reply = browser.send(request)
    assert (reply.status_code, "secret" in reply.text and "secret.xlsx" not in reply.text) == (404, False)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("清丰县 台账（六月）.xlsx", "清丰县 台账（六月）.xlsx"),
        ('a"; filename="evil.exe.xlsx', "a_; filename=_evil.exe.xlsx"),
        ("a\r\nSet-Cookie: x=y.xlsx", "a_Set-Cookie_ x=y.xlsx"),
        ("'; rm -rf.csv", "'; rm -rf.csv"),
        ("𠀀" * 300 + ".xlsx", "𠀀" * 45 + ".xlsx"),
    ],
)
def test_a_file_is_given_out_under_the_name_it_came_with(browser, name, kept):
    path = new_path(Folder.EXPORTS, name)
    path.write_bytes(b"content")
    reply = browser.get(f"/files/exports/{path.name}")
    assert (reply.status_code, reply.content) == (200, b"content")
    plain, _star, encoded = reply.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert unquote(encoded) == kept
    assert plain.startswith('attachment; filename="')
    assert plain.count('"') == 2
    assert "html" not in reply.headers["content-type"]
    assert "set-cookie" not in reply.headers
    assert (reply.headers["x-content-type-options"], reply.headers["cache-control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize("path", ["/health", "/desk.css", "/nothing", "/files/x/y", "/runs/x"])
def test_every_reply_says_what_browsers_may_do_with_it(browser, path):
    headers = browser.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert (headers["x-frame-options"], headers["referrer-policy"]) == ("DENY", "same-origin")


def test_a_fault_of_ours_is_told_without_its_details(browser, monkeypatch):
    monkeypatch.setattr(downloads, "find", lambda *_each: 1 / 0)
    reply = browser.get("/files/exports/a.xlsx")
    assert (reply.status_code, "ZeroDivision" in reply.text) == (500, False)
    assert "logs/desk.log" in reply.text
    assert reply.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/runs/x", 404),
        ("POST", "/", 405),
        ("GET", "/imports", 405),
        ("GET", "/", 503),
    ],
)
def test_errors_are_pages_in_the_offices_language(browser, method, path, status):
    reply = browser.send(browser.request(method, path))
    assert (reply.status_code, '<html lang="zh-CN">' in reply.text, "返回首页" in reply.text) == (status, True, True)


# -- dossiers


@pytest.fixture
def projects(ledger: str) -> None:
    """Three projects with names that mean something to SQL or HTML."""
    with transaction("测试") as session:
        county = Unit(name="清丰县")
        for code, name in (("PY-1", "100%家具园"), ("PY_2", "<b>食品</b>园"), ("濮招〔2013〕3/1号", "光伏园")):
            facts = {"sector": Sector.OTHER, "unit": county, "amount": Decimal(1), "signed_on": date(2013, 3, 1)}
            session.add(Project(code=code, name=name, **facts))


@pytest.mark.usefixtures("projects")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [("", 3), ("园", 3), ("py", 2), ("100%", 1), ("%", 1), ("_", 1), ("'; --", 0), ("\0", 3), ("光伏 ", 1)],
)
def test_projects_are_found_by_any_part_of_code_or_name(browser, wanted, found):
    reply = browser.get("/dossiers", params={"q": wanted})
    assert (reply.status_code, reply.text.count('<a href="/dossiers/')) == (200, found)


@pytest.mark.usefixtures("projects")
def test_names_are_shown_as_they_are(browser):
    text = browser.get("/dossiers", params={"q": '"><script>'}).text
    assert "<script>" not in text
    text = browser.get("/dossiers").text
    assert "&lt;b&gt;食品&lt;/b&gt;" in text
    assert "/dossiers/%E6%BF%AE%E6%8B%9B%E3%80%942013%E3%80%953%2F1%E5%8F%B7" in text


@pytest.mark.usefixtures("projects")
@pytest.mark.parametrize("code", ["PY-1", "濮招〔2013〕3/1号"])
def test_a_dossier_is_written_for_whoever_asks(browser, code, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    reply = browser.get(f"/dossiers/{quote(code, safe='')}")
    assert (reply.status_code, reply.content[:2]) == (200, b"PK")
    assert f"filename*=UTF-8''{quote(code, safe='')[:9]}" in reply.headers["content-disposition"]
    assert not list(tmp_path.glob("luodi-desk-*"))


@pytest.mark.usefixtures("projects")
@pytest.mark.parametrize("code", ["none", "\0", "PY-1 "])
def test_a_project_that_is_not_there_is_named(browser, code):
    reply = browser.get(f"/dossiers/{quote(code)}")
    assert (reply.status_code, "按项目名称查找" in reply.text) == (404, True)


@pytest.mark.usefixtures("projects")
@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_a_bulletins_file_is_given_out_and_written_anew_when_it_is_gone(browser, kind, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    issued = issue(date(2013, 6, 17), date(2013, 6, 24))
    address = f"/bulletins/2013-1.{kind}"
    anew = browser.get(address)
    assert (anew.status_code, anew.content[:2]) == (200, b"PK")
    assert quote(f"{issued.name}.{kind}") in anew.headers["content-disposition"]
    paths, _problem = write_files(issued)
    assert browser.get(address).content in [path.read_bytes() for path in paths]
    assert not list(tmp_path.glob("luodi-desk-*"))


@pytest.mark.usefixtures("projects")
@pytest.mark.parametrize("name", ["2013-2.docx", "2012-1.xlsx", "2013-1.pdf", "x-1.docx", "2013-1"])
def test_a_bulletin_that_was_never_issued_is_not_there(browser, name):
    issue(date(2013, 6, 17), date(2013, 6, 24))
    assert browser.get(f"/bulletins/{name}").status_code in (400, 404)


@pytest.mark.usefixtures("projects")
def test_the_first_page_lists_the_ten_bulletins_issued_last(browser, monkeypatch):
    monkeypatch.setattr(runs, "recent", lambda _flow: [])
    assert "还没有印发过周通报" in browser.get("/").text
    for number in range(12):
        issue(date(2013, 6, 17) + timedelta(7 * number), date(2013, 6, 24) + timedelta(7 * number))
    page = browser.get("/").text
    assert re.findall(r'href="(/bulletins/[^"]*)"', page) == [
        f"/bulletins/2013-{number}{suffix}" for number in range(12, 2, -1) for suffix in (".docx", ".xlsx")
    ]
    assert "招商引资项目周通报2013年第12期" in page
    assert "2013年9月2日至2013年9月8日" in page


@pytest.mark.usefixtures("projects")
def test_no_more_files_are_written_at_once_than_there_are_processors_for(browser, monkeypatch):
    monkeypatch.setattr(downloads, "WRITER_PATIENCE", 0.01)
    monkeypatch.setattr(downloads, "WRITERS", BoundedSemaphore(1))
    with downloads.WRITERS:
        assert browser.get("/dossiers/PY-1").status_code == 503
    assert browser.get("/dossiers/PY-1").status_code == 200


# -- where it listens


def test_the_last_port_has_none_after_it():
    with pytest.raises(environment.NotAPort, match="65535"):
        environment.desk_port(65535)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("", "http://127.0.0.1:4201"),
        (environment.EVERYWHERE[0], "http://127.0.0.1:4201"),
        ("10.0.0.5", "http://10.0.0.5:4201"),
        ("::1", "http://[::1]:4201"),
    ],
)
def test_this_machine_reaches_it_where_it_listens(monkeypatch, host, address):
    monkeypatch.setenv("LUODI_DESK_HOST", host)
    assert environment.desk_address(4200) == address


def test_the_doctor_says_that_it_is_down(monkeypatch):
    monkeypatch.setenv("PORT", str(free_port()))
    (finding,) = doctor.desk()
    assert (finding.level, "luodi up" in finding.remedy) == (Level.WRONG, True)


# -- as a server of its own


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a desk that is served as `luodi desk` serves it."""
    found = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(), port=found, log_level="error"))
    thread = Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started, "the desk")
    yield found
    server.should_exit = True
    thread.join(20)


HEAD = (
    b'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n%s\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
)


def sending(port: int, *length: tuple[str, str]) -> http.client.HTTPConnection:
    """A browser that has begun to send a file."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest("POST", "/imports")
    own = {"Origin": f"http://127.0.0.1:{port}", "Cookie": f"{tokens.COOKIE}={COOKIE}"}
    for name, value in (*own.items(), ("Content-Type", "multipart/form-data; boundary=b"), *length):
        connection.putheader(name, value)
    connection.endheaders()
    return connection


def chunk(piece: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece)


def test_a_file_of_untold_length_is_stopped_at_the_limit(port, monkeypatch):
    monkeypatch.setattr(intake, "LARGEST_FILE", 2**20)
    connection = sending(port, ("Transfer-Encoding", "chunked"))
    connection.send(chunk(HEAD % tokens.token_for(COOKIE).encode()))
    for _each in range(20):
        connection.send(chunk(b"x" * 2**17))
    connection.send(b"0\r\n\r\n")
    reply = connection.getresponse()  # it is told, not cut off, though it went on sending
    assert (reply.status, "MB" in reply.read().decode()) == (413, True)
    assert incoming() == []
    connection.close()


def test_many_fields_are_as_limited_as_a_file(port, monkeypatch):
    monkeypatch.setattr(intake, "LARGEST_REQUEST", 2**20)
    connection = sending(port, ("Transfer-Encoding", "chunked"))
    for _each in range(2000):
        connection.send(chunk(b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + b"x" * 1000 + b"\r\n"))
    connection.send(b"0\r\n\r\n")
    assert connection.getresponse().status == 413
    connection.close()


def test_a_length_over_the_limit_is_refused_before_anything_is_kept(port, monkeypatch):
    monkeypatch.setattr(upload, "POLITE", 0.2)
    connection = sending(port, ("Content-Length", str(10**12)))
    connection.send(HEAD % tokens.token_for(COOKIE).encode())
    assert connection.getresponse().status == 413
    connection.close()


def test_a_browser_that_goes_away_leaves_nothing(port):
    connection = sending(port, ("Content-Length", "100000"))
    connection.send(HEAD % tokens.token_for(COOKIE).encode() + b"x" * 5000)
    wait_for(lambda: [name for name in incoming() if name.startswith(space.UNFINISHED)], "the file's beginning")
    connection.close()
    wait_for(lambda: incoming() == [] and upload.SLOTS.taken == 0, "its end")


def test_a_browser_that_falls_silent_is_not_waited_for(port, monkeypatch):
    monkeypatch.setattr(upload, "SILENCE", 0.3)
    connection = sending(port, ("Content-Length", "100000"))
    connection.send(HEAD % tokens.token_for(COOKIE).encode() + b"x" * 5000)
    assert connection.getresponse().status == 408
    assert (incoming(), upload.SLOTS.taken) == ([], 0)
    connection.close()


def test_a_chinese_name_written_raw_into_a_header_is_no_fault(port):
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall("GET /nothing HTTP/1.1\r\nHost: 招商.office\r\nCookie: luodi-desk=招商\r\n\r\n".encode())
        assert raw.recv(100).split()[1] == b"400"


def test_luodi_refuses_to_show_it_to_other_machines_without_a_password(tmp_path):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "LUODI_"))}
    ours = {
        "LUODI_HOME": str(tmp_path),
        "PORT": str(free_port()),
        "LUODI_DESK_HOST": environment.EVERYWHERE[0],
        "LUODI_LOCALE": "en",
    }
    for command in ("desk", "up"):
        told = subprocess.run(
            [sys.executable, "-m", "deployments.cli", command],
            env={**kept, **ours, "PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert told.returncode == 1
        assert "set PREFECT_SERVER_API_AUTH_STRING=user:password, or remove LUODI_DESK_HOST" in told.stderr
