"""The dossier as a Word file: what an office prints."""

import re
from collections import Counter

import pytest
from docx.oxml.ns import qn

from models.ledger.project import Progress, Project
from models.refusal import Refused
from support.dossier import PRINTED, SIGNED, cells, print_it
from support.programs.libreoffice import needs_libreoffice, pages
from tasks.database import snapshot, transaction
from tasks.documents.word_tables import clean
from tasks.dossiers.dossier import write_dossier

DAY = r"\d{4}年\d+月\d+日"

pytestmark = pytest.mark.usefixtures("ledger")


@pytest.mark.usefixtures("in_english")
def test_an_unknown_project_is_refused_and_no_file_is_written(tmp_path):
    with snapshot() as session, pytest.raises(Refused, match="There is no project number 4711"):
        write_dossier(session, 4711, tmp_path / "档案.docx", PRINTED)
    assert list(tmp_path.iterdir()) == []


def test_what_no_xml_may_hold_is_left_out_and_all_other_text_stays_text(project, tmp_path):
    dirty = 'a\x01b\x0bc\x1f\x7f\ufffe </w:t></w:r> <w:fldSimple w:instr="PAGE"/> &amp; ]]> =1+1 {PAGE} 𠮷\n\n第三行'
    with transaction("周敏\x02", "文件\x03.xlsx") as session:
        signed = session.get_one(Project, project)
        signed.name, signed.extra = f"龙都\x0e{dirty}", {f"备注\x05{dirty}": dirty}
        session.add(Progress(project_id=project, happened_on=SIGNED, text=dirty))
    document = print_it(project, tmp_path / "档案.docx")
    kept = 'abc\x7f </w:t></w:r> <w:fldSimple w:instr="PAGE"/> &amp; ]]> =1+1 {PAGE} 𠮷\n\n第三行'
    assert any(kept in row for row in cells(document))
    assert [each.text for each in document.paragraphs if each.style.name == "Subtitle"] == [
        f"龙都{' '.join(kept.split())}"
    ]
    fields = [each.get(qn("w:instr")) for each in document.element.iter(qn("w:fldSimple"))]
    assert fields == []
    assert clean("半个\ud842字\udfb7") == "半个字"


def test_paper_language_and_properties_are_the_offices(project, tmp_path):
    document = print_it(project, tmp_path / "档案.docx")
    page = document.sections[0]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    assert page.header.paragraphs[0].text == "PY-2013-001 龙都家具产业园\t项目档案"
    assert page.footer.paragraphs[0].text.startswith("打印日期：2013年8月1日　打印人：办公室 周敏\t第")
    fields = [each.get(qn("w:instr")) for each in page.footer._element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    about = document.core_properties
    assert (about.title, about.author, about.comments) == ("PY-2013-001 龙都家具产业园 项目档案", "Luodi", "")
    assert about.language == "zh-CN"
    fonts = {style.name: style.element.rPr.rFonts.get(qn("w:eastAsia")) for style in document.styles if style.type == 1}
    assert set(fonts.values()) == {"宋体", "黑体"}
    assert fonts["Heading 1"] == "黑体"


def test_rows_stay_whole_and_heads_stand_on_each_page(rich, tmp_path):
    document = print_it(rich, tmp_path / "档案.docx")
    rows = [row for table in document.tables for row in table._tbl.tr_lst]
    assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
    for table in document.tables[2:]:
        assert table._tbl.tr_lst[0].trPr.find(qn("w:tblHeader")) is not None


@needs_libreoffice
def test_it_becomes_a_pdf_with_numbered_pages_and_nothing_cut_off(rich, tmp_path):
    document = print_it(rich, tmp_path / "档案.docx")
    printed_pages = pages(tmp_path / "档案.docx")
    flat = [re.sub(r"\s", "", page) for page in printed_pages]
    for number, page in enumerate(flat, 1):
        assert f"第{number}页共{len(flat)}页" in page
        assert page.startswith("PY-2013-007龙都高端家具产业园（二期）项目档案")
    apart = next(number for number, page in enumerate(flat) if "十二、变更记录" in page)
    assert all("时间操作人来源对象变更内容" in page for page in flat[apart:])
    days = Counter(cell for row in cells(document) for cell in row if re.fullmatch(DAY, cell))
    printed = Counter(re.findall(DAY, re.sub(r"(?<=[\d年月]) (?=[\d年月日])", "", "\n".join(printed_pages))))
    assert days
    assert [day for day in days if printed[day] < days[day]] == []


def test_a_long_name_takes_one_line_of_a_pages_head(project, tmp_path):
    with transaction("测试") as session:
        session.get_one(Project, project).name = "很长的名称" * 40
    head = print_it(project, tmp_path / "dossier.docx").sections[0].header.paragraphs[0].text
    assert len(head) < 50
    assert "…" in head
