"""What the operator reads of an import."""

from dataclasses import replace

import pytest

from models.i18n import use_locale
from models.office_files.rows import Effect, Problem
from tasks.imports.entering.import_file import ImportResult
from tasks.imports.report import outcome, problem_table, report

ROW_OUT = Problem("台账", 7, "总投资", "5-8亿", "not a range", Effect.ROW_LEFT_OUT)
CELL_OUT = Problem("台账", 8, "时间节点", "年底", "not a date", Effect.CELL_LEFT_OUT)
NOTE = Problem("台账", 9, "", "小计", "a subtotal", Effect.NOTE)


def result_with(*problems: Problem, is_dry_run: bool = False) -> ImportResult:
    return ImportResult("六月.xlsx", "台账", 60, 58, 1, 0, problems, is_dry_run)


@pytest.mark.parametrize(
    ("problems", "line"),
    [
        ((), "六月.xlsx: 60 of 60 rows are in."),
        ((NOTE,), "六月.xlsx: 60 of 60 rows are in."),
        ((ROW_OUT, NOTE), "六月.xlsx: 59 of 60 rows are in. 1 rows were left out: see the report."),
        ((CELL_OUT,), "六月.xlsx: 60 of 60 rows are in. 1 single cells were left out: see the report."),
    ],
    ids=["all", "note", "row", "cell"],
)
@pytest.mark.usefixtures("in_english")
def test_the_last_line_counts_what_is_in_and_what_is_not(problems, line):
    assert outcome(result_with(*problems)) == line


def test_chinese_sentences_have_no_space_between():
    with use_locale("zh_CN"):
        assert outcome(result_with(ROW_OUT)) == "六月.xlsx：共60行，已导入59行。1行未导入，详见导入报告。"


@pytest.mark.usefixtures("in_english")
def test_sheets_that_were_not_read_are_named_in_the_last_line_and_among_the_next_steps():
    result = replace(result_with(), unread=("南乐县", "范县"))
    assert outcome(result) == "六月.xlsx: 60 of 60 rows are in. Not read: sheets 南乐县, 范县."
    assert "- Sheets that were not read: 南乐县, 范县. If there are projects" in report(result)
    assert "ot read" not in report(result_with())


@pytest.mark.usefixtures("in_english")
def test_a_dry_run_says_that_nothing_was_changed():
    assert "nothing was changed" in outcome(result_with(is_dry_run=True))
    assert "dry run" in report(result_with(is_dry_run=True))


@pytest.mark.usefixtures("in_english")
def test_the_rejects_of_a_dry_run_are_not_taken_for_all_that_is_left_to_hand_in():
    for rejects in ("", "http://desk/x.xlsx"):
        tried = report(result_with(ROW_OUT, is_dry_run=True), rejects)
        assert rejects in tried
        assert "nothing of it is in yet" in tried
        assert "what is in already stays" not in tried
        assert "what is in already stays" in report(result_with(ROW_OUT), rejects)


@pytest.mark.usefixtures("in_english")
def test_the_table_shows_row_column_value_and_reason():
    assert problem_table(result_with(ROW_OUT)) == [
        {
            "Sheet": "台账",
            "Row": 7,
            "Column": "总投资",
            "Value": "5-8亿",
            "Reason": "not a range",
            "Suggestion": "",
            "Effect": "The row was left out",
        }
    ]


def test_the_report_speaks_the_offices_language():
    with use_locale("zh_CN"):
        assert "新增项目 | 58" in report(result_with())


@pytest.mark.usefixtures("in_english")
def test_the_page_tells_what_was_not_taken_what_must_be_corrected_first():
    page = report(result_with(NOTE, replace(ROW_OUT, suggestion="500000000")))
    left_out, note = page.index("## The row was left out (1)"), page.index("## For your information (1)")
    line = "- **台账, row 7, 总投资** “5-8亿”: not a range Suggestion: 500000000"
    assert left_out < page.index(line) < note < page.index("- **台账, row 9** “小计”: a subtotal")
    assert "left out (" not in report(result_with())


@pytest.mark.usefixtures("in_english")
def test_a_page_with_many_problems_is_cut_and_says_so():
    page = report(result_with(*(replace(CELL_OUT, row=row, value=str(row)) for row in range(1, 61))))
    assert ("row 50, " in page, "row 51, " in page) == (True, False)
    assert "## The cell was left out (60)" in page
    assert "The first 50 of 60." in page
