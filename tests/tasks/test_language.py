"""Whatever is shown is written in one language: its punctuation, its days, its words for repeats.

A ledger of everything is rendered, each page in both languages.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from models.campaigns.campaign import Campaign
from models.escalation.action_item import ActionItem
from models.escalation.notice import Delivery, Notice
from models.i18n import LOCALES, clauses, enumerated, gettext, use_locale, written
from models.ledger.project import Progress
from models.words import ItemKind
from support.ledgers import distinct
from support.ledgers.distinct import CAMPAIGN
from support.ledgers.spare import SpareLedgers
from tasks.bulletin.document import write_document
from tasks.bulletin.issue import issue
from tasks.bulletin.page import page as bulletin_page
from tasks.bulletin.workbook import write_book as write_bulletin
from tasks.database import snapshot, transaction
from tasks.dialogues.blocker import BlockerDialogue
from tasks.dialogues.escalation import EscalationDialogue
from tasks.dialogues.visit import VisitDialogue
from tasks.dossiers.dossier import write_dossier
from tasks.escalation.report import report as sweep_report
from tasks.escalation.sweep import sweep
from tasks.exports.official_ledger import write_ledger
from tasks.items.blockers import ask_coordination
from tasks.ledger.locks import lock_project
from tasks.ledger.selection import EVERYTHING, described
from tasks.notices.digest import gather
from tasks.revisits.page import page_of
from tasks.revisits.report import report_of
from tasks.revisits.workbook import write_book as write_revisits
from tasks.slow_landing.analysis import slow_landing
from tasks.slow_landing.page import page as slow_page
from tasks.slow_landing.workbook import write_slow_landing

AS_OF = date(2013, 8, 14)
HAN = "[\u4e00-\u9fff]"
ISO = re.compile(r"(?<![\d/-])\d{4}-\d\d-\d\d(?!\.\w)")
FOREIGN_IN_CHINESE = re.compile(f"{HAN} ?[,;] ?{HAN}|{HAN}[,;]|{HAN} ?\\([^)]*{HAN}|, {HAN}")
FOREIGN_IN_ENGLISH = re.compile("[，；：。（）、]")
Page = Callable[[Path], str]


@pytest.fixture(scope="module")
def lived_through(ledgers: SpareLedgers) -> Iterator[str]:
    with ledgers.filled(live) as (name, _nothing):
        yield name


@pytest.fixture
def ledger(ledgers: SpareLedgers, lived_through: str) -> Iterator[str]:
    with ledgers.copied(lived_through) as url:
        yield url


def live() -> None:
    """Two projects whose visits and problems climb, with requests, promises, holds and repeats."""
    distinct.fill()
    for day in (date(2013, 8, 1), date(2013, 8, 2), date(2013, 8, 5), date(2013, 8, 12)):
        sweep(day)
    with transaction("测试") as session:
        item = session.scalars(select(ActionItem).where(ActionItem.blocker.has(), ActionItem.closed_on.is_(None))).one()
        lock_project(session, item.project_id or 0)
        ask_coordination(session, item, "请市政府协调省厅", "国土局", date(2013, 8, 13))


def cells(path: Path) -> str:
    book = load_workbook(path)
    return "\n".join(
        str(cell)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if isinstance(cell, str)
    )


def words(path: Path) -> str:
    document = docx.Document(str(path))
    told = [paragraph.text for paragraph in document.paragraphs]
    return "\n".join([*told, *(cell.text for table in document.tables for row in table.rows for cell in row.cells)])


def bulletin(folder: Path) -> str:
    issued = issue(date(2013, 8, 5), date(2013, 8, 12))
    assert write_document(issued, folder / "b.docx") == ""
    write_bulletin(issued, folder / "b.xlsx")
    return "\n".join((bulletin_page(issued), words(folder / "b.docx"), cells(folder / "b.xlsx")))


def official_ledger(folder: Path) -> str:
    with snapshot() as session:
        write_ledger(session, EVERYTHING, folder / "l.xlsx", AS_OF)
        return f"{cells(folder / 'l.xlsx')}\n{described(EVERYTHING)}"


def slow(folder: Path) -> str:
    with snapshot() as session:
        analysis = slow_landing(session, session.get_one(Campaign, 1), date(2013, 10, 15))
        write_slow_landing(session, analysis, folder / "s.xlsx", enumerated(["清丰县", "南乐县"]))
    return f"{slow_page(analysis, enumerated(['清丰县', '南乐县']))}\n{cells(folder / 's.xlsx')}"


def revisits(folder: Path) -> str:
    with snapshot() as session:
        told = report_of(session, CAMPAIGN, AS_OF)
    write_revisits(told, folder / "r.xlsx")
    return f"{page_of(told, '')}\n{cells(folder / 'r.xlsx')}"


def dossier(folder: Path) -> str:
    with snapshot() as session:
        for number in (1, 2):
            write_dossier(session, number, folder / f"{number}.docx", AS_OF)
    return "\n".join(words(folder / f"{number}.docx") for number in (1, 2))


def sweeps(_folder: Path) -> str:
    with transaction() as session:
        days = (date(2013, 8, 1), date(2013, 8, 5), date(2013, 8, 12), date(2013, 8, 13))
        return "\n".join(sweep_report(session, day) for day in days)


def digests(_folder: Path) -> str:
    with transaction("测试") as session:
        session.execute(update(Notice).values(delivery_id=None, dropped_at=None))
        session.query(Delivery).delete()
    assert gather(AS_OF) == []
    with transaction() as session:
        return "\n".join(str(each.body["markdown"]) for each in session.scalars(select(Delivery)))


def forms(_folder: Path) -> str:
    with transaction() as session:
        items = session.scalars(select(ActionItem).where(ActionItem.closed_on.is_(None))).all()
        blocker = next(item for item in items if item.kind is ItemKind.BLOCKER)
        dialogues = (EscalationDialogue(blocker.id), BlockerDialogue(blocker.id), VisitDialogue(1), VisitDialogue(2))
        questions = [dialogue.question(session, AS_OF) for dialogue in dialogues]
        return "\n".join(question.brief for question in questions if question)


PAGES = (bulletin, official_ledger, slow, revisits, dossier, sweeps, digests, forms)


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_a_chinese_page_has_chinese_punctuation_and_days(page, tmp_path, monkeypatch):
    monkeypatch.setenv("LUODI_HOME", str(tmp_path))
    text = page(tmp_path)
    assert len(text) > 100
    assert [match[0] for match in FOREIGN_IN_CHINESE.finditer(text)] == []
    assert ISO.findall(text) == []
    assert not re.search("[二三四]级", text)


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_an_english_page_has_no_chinese_punctuation_and_one_way_to_write_days(page, tmp_path, monkeypatch):
    monkeypatch.setenv("LUODI_HOME", str(tmp_path))
    with use_locale("en"):
        text = page(tmp_path)
    with transaction() as session:
        entered = [*session.scalars(select(Progress.text)), "清丰县、市商务局"]  # in the office's own language
    for data in entered:
        text = text.replace(data, "")
    lines = [line for line in text.splitlines() if FOREIGN_IN_ENGLISH.search(line)]
    assert lines == []
    assert not re.search(r"\d年\d", text)


def test_names_and_clauses_are_set_apart_as_the_language_does():
    assert (enumerated(["清丰县", "南乐县"]), clauses(["甲", "", "乙"])) == ("清丰县、南乐县", "甲；乙")
    with use_locale("en"):
        assert (enumerated(["清丰县", "南乐县"]), clauses(["甲", "", "乙"])) == ("清丰县, 南乐县", "甲; 乙")


def test_a_day_in_a_text_is_written_as_the_texts_language_does_and_a_file_is_named_by_iso():
    day = date(2013, 6, 9)
    assert [written(day, locale) for locale in LOCALES] == ["2013年6月9日", "2013-06-09"]
    assert gettext("As of %(day)s") % {"day": day} == "截至2013年6月9日"
    assert gettext("As of %(day)s", "en") % {"day": day} == "As of 2013-06-09"
    assert gettext("Official ledger %(day)s.xlsx") % {"day": day.isoformat()} == "签约项目台账2013-06-09.xlsx"
