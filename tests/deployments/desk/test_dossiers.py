"""Dossiers and bulletins are found, listed, and written on request."""

import re
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from threading import BoundedSemaphore
from urllib.parse import quote

import pytest

from deployments.desk.routes import downloads, runs
from models.ledger.organisation import Unit
from models.ledger.project import Project
from models.words import Sector
from tasks.bulletin.files import write_files
from tasks.bulletin.issue import issue
from tasks.database import transaction


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
    ("text", "count"),
    [("", 3), ("园", 3), ("py", 2), ("100%", 1), ("%", 1), ("_", 1), ("'; --", 0), ("\0", 3), ("光伏 ", 1)],
)
def test_projects_are_found_by_any_part_of_code_or_name(browser, text, count):
    reply = browser.get("/dossiers", params={"q": text})
    assert (reply.status_code, reply.text.count('<a href="/dossiers/')) == (200, count)


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


@pytest.mark.usefixtures("ledger")
def test_a_dossiers_name_is_one_line_whatever_the_project_is_called(browser):
    with transaction("测试") as session:
        facts = {"sector": Sector.OTHER, "amount": Decimal(1), "signed_on": date(2013, 3, 1)}
        session.add(Project(code="PY-1", name="园\r\nX: y\u202e", unit=Unit(name="清丰县"), **facts))
    reply = browser.get("/dossiers/PY-1")
    assert (reply.status_code, "x" in reply.headers) == (200, False)


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
    (tmp_path / "secret").write_text("secret")
    for path in paths:
        path.unlink()
        path.symlink_to(tmp_path / "secret")
    assert browser.get(address).content[:2] == b"PK"
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
