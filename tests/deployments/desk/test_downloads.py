"""The desk gives out what it should, and leads nowhere else."""

from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from deployments.desk.routes import downloads
from tasks.files import Folder, folder, new_path


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


@pytest.mark.parametrize("name", ["a\nb.xlsx", "a\x1b[2J.xlsx", "a\u202exslx.exe"])
def test_a_file_put_there_under_a_forged_name_is_not_given_out(browser, name):
    (folder(Folder.EXPORTS) / name).write_text("here")
    assert browser.get(f"/files/exports/{quote(name)}").status_code == 404


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
