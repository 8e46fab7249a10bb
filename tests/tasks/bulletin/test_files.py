"""A bulletin as page, document and workbook: what they say, by whose template, and how they look
printed.
"""

import base64
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import docx
import pytest
from docx.document import Document
from openpyxl import load_workbook
from sqlalchemy import text

from models.bulletin.figures import Counts, Goal, Share, Sum
from models.i18n import use_locale
from models.words import Currency, TargetMeasure
from support.ledgers.campaign_week import bulletin
from support.programs.libreoffice import needs_libreoffice, pages
from tasks.bulletin.charts import charts
from tasks.bulletin.document import write_document
from tasks.bulletin.facts import facts
from tasks.bulletin.files import path_of, write_files
from tasks.bulletin.goals import goals
from tasks.bulletin.page import bar, page
from tasks.bulletin.tables import tables
from tasks.bulletin.template import template_path
from tasks.bulletin.words import week_summary
from tasks.database import transaction
from tasks.documents.charts import Chart, Series
from tasks.documents.charts_svg import svg, ticks
from tasks.documents.table import Cell, Table
from tasks.documents.text import text_of

HEADINGS = [
    "一、总体情况",
    "二、目标完成情况",
    "三、各县（区）进展情况",
    "四、县（区）排名",
    "五、落地慢项目分析",
    "六、时间进度",
    "七、下周重点工作",
    "八、周例会议题",
    "九、工作要求",
]
HOSTILE = "{{ 7*7 }} {% for x in y %} <w:p/> & \"'\x01 园"
SHOWN = HOSTILE.replace("\x01", "")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("LUODI_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LUODI_DESK_URL", raising=False)
    return tmp_path / "home"


@pytest.fixture
def issued(busy):
    return bulletin()


def written(issued, folder: Path) -> Document:
    """The document, by a template that is as it should be."""
    assert write_document(issued, folder / "b.docx") == ""
    return docx.Document(str(folder / "b.docx"))


def rows(table: Table) -> list[dict[str, Cell]]:
    """The rows of a table by the keys of its columns."""
    return [dict(zip((column.key for column in table.columns), cells, strict=True)) for cells in table.cells]


def said(document: Document) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


# -- the page


def test_the_page_has_the_sections_of_the_real_bulletin_in_their_order(issued):
    told = page(issued, [("周通报.docx", "http://desk/b.docx"), ("/srv/周通报.xlsx", "")], "印发后台账更正：无")
    assert re.findall(r"^## (.*)$", told, re.MULTILINE) == HEADINGS
    assert told.startswith("# 招商引资项目周通报（2013年6月17日至2013年6月23日）\n")
    assert "- [周通报.docx](http://desk/b.docx)\n- `/srv/周通报.xlsx`" in told
    assert "印发后台账更正：无" in told
    assert "时间进度15.0%（15/100），还剩85天，其中工作日61天" in told
    cohort = issued.figures.cohort
    assert f"项目落地率为{cohort.text}" in told


def test_every_chart_of_the_page_names_its_axes_and_values(issued):
    told = page(issued)
    drawn = [base64.b64decode(each).decode() for each in re.findall(r"\(data:image/svg\+xml;base64,([^)]*)\)", told)]
    assert len(drawn) == 4
    for chart, image in zip(charts(issued.figures), drawn_in_order(drawn, issued), strict=True):
        texts = [element.text for element in ElementTree.fromstring(image).iter() if element.text]  # noqa: S314 - ours
        assert {chart.title, chart.axis, chart.names_axis} <= set(texts)
        if not chart.is_stacked:
            bars = [(number, place) for number in range(len(chart.series)) for place in range(len(chart.names))]
            assert {chart.label(*bar) for bar in bars} <= set(texts)


def drawn_in_order(drawn, issued):
    """The images in the order of the charts: the page has them by section."""
    titles = [chart.title for chart in charts(issued.figures)]
    return [next(image for image in drawn if f">{title}<" in image) for title in titles]


def test_where_images_are_not_shown_rates_have_bars_of_text(issued):
    told = page(issued, has_images=False)
    assert "data:image" not in told
    assert "落地率图示（每格10%）" in told


@pytest.mark.parametrize(
    ("percent", "drawn"), [("0", ""), ("4.9", ""), ("5", "▌"), ("42.9", "████"), ("100", "█" * 10)]
)
def test_a_bar_has_a_block_for_ten_per_cent(percent, drawn):
    assert bar(Decimal(percent)) == drawn
    assert bar(None) == ""


@pytest.mark.parametrize(
    ("figure", "currency", "told"),
    [
        ("1250000000", Currency.CNY, "12.5亿元"),
        ("1245000000", Currency.CNY, "12.5亿元"),  # half up
        ("1244999999.99", Currency.CNY, "12.4亿元"),
        ("1000000000", Currency.CNY, "10亿元"),
        ("50000", Currency.USD, "5万美元"),
        ("0", Currency.CNY, "0元"),
        ("12.34", Currency.CNY, "12.3元"),
    ],
)
def test_amounts_are_rounded_half_up_to_one_decimal(figure, currency, told):
    assert Sum(currency, Decimal(figure)).text == told


def test_names_with_markup_are_shown_as_they_are(issued):
    chart = Chart("x", "<标题> &", ["<甲>", "乙&丙"], [Series("<数>", "#000", [1, 2])], "数 <个>", "县 & 区")
    texts = [each.text for each in ElementTree.fromstring(svg(chart)).iter() if each.text]  # noqa: S314 - ours
    assert {"<标题> &", "<甲>", "乙&丙", "数 <个>", "县 & 区"} <= set(texts)


@pytest.mark.parametrize(
    ("largest", "last"), [(0, 4), (1, 4), (10, 10), (11, 12), (99, 100), (100, 100), (12345, 14000)]
)
def test_an_axis_ends_with_a_round_value_past_the_longest_bar(largest, last):
    found = ticks(Decimal(largest), None)
    assert (found[0], found[-1]) == (0, last)
    assert len(found) <= 11


# -- the document


def test_the_document_says_all_that_the_page_says(issued, tmp_path):
    document = written(issued, tmp_path)
    told = said(document)
    assert [each.text for each in document.paragraphs if each.style.name == "Heading 1"] == HEADINGS
    for table in tables(issued.figures).values():
        for row in table.texts:
            assert all(cell in told for cell in row)
    assert "2013年第1期" in told
    assert "{{" not in told
    assert "{%" not in told
    assert document.core_properties.title == issued.name


def test_its_charts_are_native_with_their_values_in_a_workbook_inside(issued, tmp_path):
    document = written(issued, tmp_path)
    parts = {str(part.partname): part for part in document.part.package.iter_parts()}
    drawn = [part for name, part in parts.items() if name.startswith("/word/charts/")]
    assert len(drawn) == len(document.element.body.xpath(".//wp:inline")) == len(charts(issued.figures)) == 4
    for part in drawn:
        assert b"externalData" in part.blob
        (inside,) = [rel.target_part for rel in part.rels.values()]
        assert inside.blob[:2] == b"PK"
    titles = [chart.title for chart in charts(issued.figures)]
    assert all(any(title.encode() in part.blob for part in drawn) for title in titles)


def test_the_office_s_own_template_is_used(issued, tmp_path):
    written(issued, tmp_path)
    template = docx.Document(str(template_path()))
    template.paragraphs[0].text = "濮阳市{{ title }}"
    for paragraph in template.paragraphs:
        if "chart_" in paragraph.text and "{{" in paragraph.text:
            paragraph.text = ""
    template.save(str(template_path()))
    document = written(issued, tmp_path)
    assert document.paragraphs[0].text == "濮阳市招商引资项目周通报"
    assert not [part for part in document.part.package.iter_parts() if "/charts/" in str(part.partname)]


def broken_zip(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 not a document")


def unknown_name(path: Path) -> None:
    template = docx.Document(str(path))
    template.paragraphs[0].text = "{{ 主任 }}"
    template.save(str(path))


def open_loop(path: Path) -> None:
    template = docx.Document(str(path))
    template.paragraphs[0].text = "{% for row in work %}"
    template.save(str(path))


def reaching_out(path: Path) -> None:
    template = docx.Document(str(path))
    template.paragraphs[0].text = "{{ title.__class__.__mro__ }}"
    template.save(str(path))


@pytest.mark.parametrize("spoil", [broken_zip, unknown_name, open_loop, reaching_out])
def test_a_broken_template_is_named_and_the_built_in_one_used(issued, tmp_path, spoil):
    written(issued, tmp_path)
    spoil(template_path())
    spoilt = template_path().read_bytes()
    problem = write_document(issued, tmp_path / "c.docx")
    assert str(template_path()) in problem
    assert "改用内置模板" in problem
    assert "一、总体情况" in said(docx.Document(str(tmp_path / "c.docx")))
    assert template_path().read_bytes() == spoilt  # it is the office's


def test_text_of_the_ledger_is_never_taken_for_a_template_or_for_xml(busy, tmp_path):
    with transaction("测试") as session:
        session.execute(text("UPDATE project SET name = :name"), {"name": HOSTILE.replace("\x01", "\x0b")})
        session.execute(text("UPDATE blocker SET description = :name"), {"name": HOSTILE})
        session.execute(text("UPDATE unit SET name = name || :name"), {"name": SHOWN})
    told = said(written(bulletin(), tmp_path))
    assert told.count(SHOWN) > 20


def test_a_bulletin_of_nothing_is_printed_too(ledger, tmp_path):
    told = said(written(bulletin(), tmp_path))
    assert "未设定活动截止日期" in told
    assert told.count("无") > 3


def test_in_english_it_is_english(issued, tmp_path):
    with use_locale("en"):
        told = page(issued)
    assert "Key work of the next week" in told
    assert "Landing rate by county" in told


# -- the workbook, and both files together


def test_the_workbook_has_a_sheet_a_table_and_native_charts(issued):
    (_document, path), problem = write_files(issued)
    book = load_workbook(path)
    assert problem == ""
    assert book.sheetnames[:7] == [
        "周通报",
        "目标完成情况",
        "县（区）排名",
        "各县（区）进展情况",
        "落地慢项目分析",
        "下周重点工作",
        "周例会议题",
    ]
    assert len(book["图表"]._charts) == 4
    rate = next(row for row in book["图表数据"].iter_rows() if row[0].value == "签约项目落地率")[1]
    assert rate.number_format == "0.0"
    for name, table in zip(
        book.sheetnames, ("facts", "targets", "ranking", "units", "slow", "work", "agenda"), strict=False
    ):
        rows = [[text_of(as_whole(cell)) for cell in row] for row in book[name].iter_rows(values_only=True)]
        for texts in tables(issued.figures)[table].texts:
            assert list(texts) in [row[: len(texts)] for row in rows]


def as_whole(cell):
    """A number as the bulletin says it; the workbook's reader knows no whole ones."""
    return int(cell) if isinstance(cell, float) else cell


def test_files_written_again_take_the_place_of_the_former_ones(issued):
    first, _problem = write_files(issued)
    again, _problem = write_files(issued)
    assert again == first == [path_of(issued, suffix) for suffix in (".docx", ".xlsx")]
    assert sorted(path.name for path in first[0].parent.iterdir()) == sorted(path.name for path in first)


@needs_libreoffice
def test_printed_nothing_is_cut_off(issued):
    (document, workbook), _problem = write_files(issued)
    told = " ".join("".join(pages(document)).split())
    for heading in HEADINGS:
        assert heading in told
    assert "各县（区）项目落地率" in told.replace(" ", "")
    printed = "".join(pages(workbook))
    assert "###" not in printed
    assert "各县（区）项目落地率" in printed.replace(" ", "")


def test_a_target_of_counties_tells_who_is_behind_and_what_each_has(issued):
    goal = next(goal for goal in issued.figures.targets if len(goal.lines) > 1)
    row = next(row for row in rows(goals(issued.figures)) if row["name"] == goal.name)
    gone = issued.figures.drive.clock.time_gone
    behind = [line for line in goal.lines if goal.attained(line).is_behind(gone)]
    assert row["detail"].split("、") == [f"{line.name}{line.part}个" for line in behind]
    reached = sum(line.part >= goal.goal for line in goal.lines)
    assert row["reached"] == f"{len(goal.lines)}个县（区）中{reached}个达标"


@pytest.mark.parametrize(
    ("measure", "counties", "leaders"),
    [
        (TargetMeasure.LANDING_RATE, "清丰县 1/9", "市商务局 张三 1/3"),
        (TargetMeasure.LANDED, "清丰县1个", "市商务局 张三 1/3"),
        (TargetMeasure.SIGNED, "清丰县1个", "市商务局 张三1个"),
    ],
    ids=["rate", "landed", "signed"],
)
def test_the_whole_stands_beside_what_one_has_where_nobody_takes_it_for_the_goal(issued, measure, counties, leaders):
    lines = (Share("清丰县", 1, 9), Share("南乐县", 90, 90))
    goal = Goal("目标", measure, Decimal(90), lines, (Share("市商务局 张三", 1, 3),))
    (row,) = rows(goals(replace(issued.figures, targets=(goal,))))
    assert row["detail"] == f"{counties}\n{leaders}"


def test_a_target_of_counties_has_nothing_to_tell_where_there_are_none(issued):
    (row,) = rows(goals(replace(issued.figures, targets=(Goal("目标", TargetMeasure.LANDED, Decimal(2), (), ()),))))
    assert (row["reached"], row["done"], row["state"], row["detail"]) == ("0个县（区）中0个达标", "0.0%", "—", "")


def test_what_nothing_came_in_by_has_no_row_and_no_increase_is_no_word(issued):
    yuan = Counts(signed=1, contracted=(Sum(Currency.CNY, Decimal(10**9)),))
    dollars = replace(yuan, increases=2, increased=(Sum(Currency.USD, Decimal(10**8)),))
    quiet = replace(issued.figures, week=yuan, before=yuan, year=yuan, campaign=yuan)
    assert [row["what"] for row in rows(facts(quiet)) if "美元" in row["what"]] == []
    assert "增资" not in week_summary(quiet)
    busy = replace(quiet, week=dollars)
    assert [row["what"] for row in rows(facts(busy)) if "美元" in row["what"]] == ["增资额（美元）"]
    assert "（含增资2次）" in week_summary(busy)
