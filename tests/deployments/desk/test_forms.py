"""The desk takes the forms of its own pages, and no others."""

import pytest

from deployments.desk.security import tokens
from support.programs.desk_visitor import COOKIE, DESK, OWN_PAGE, hand_in, incoming


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
@pytest.mark.parametrize("path", ["/imports", "/exports", "/runs/x/columns", "/mappings/x/delete", "/units"])
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
    cookie = browser.get("/dossiers").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert ("secure" in cookie) == address.startswith("https")
