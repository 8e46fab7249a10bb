"""As of which day a file speaks: what its titles and its name say, and what they do not."""

from datetime import date

import pytest

from models.office_files.days.file_day import FileDay, chosen_day, day_in_name, days_in_rows

pytestmark = pytest.mark.usefixtures("in_english")

MAY, JUNE, TODAY = date(2013, 5, 31), date(2013, 6, 30), date(2013, 7, 15)


@pytest.mark.parametrize(
    "row",
    [
        ["截至2013年6月30日"],
        ["招商引资台账（截至2013年6月30日）"],
        ["填报日期：2013.6.30"],
        ["单位：万元", "", "填报时间：", "2013-06-30"],
        ["填报时间", date(2013, 6, 30)],
        ["（2013年6月）"],
        ["统计截止2013年6月底"],
        ["濮阳市2013年6月招商引资项目进展情况表"],
        ["2013年1—6月招商引资情况统计表"],
        ["注：以上数据截至2013年6月30日。"],
        ["As of 2013-06-30 · all projects"],
    ],
    ids=str,
)
def test_titles_and_remarks_say_the_day_of_the_file(row):
    assert [day.day for day in days_in_rows("台账", [2], [row])][:1] == [JUNE]


@pytest.mark.parametrize(
    "text",
    [
        *("截至6月30日", "2013年上半年签约项目台账", "2013年6月签约项目", "2013年度招商引资台账", "单位：万元"),
        *("2013年3月以来签约项目进展情况表", "2012年项目台账", "截至2013年13月", "联系电话：13800138000"),
    ],
)
def test_a_title_that_tells_which_projects_are_meant_is_no_day(text):
    assert days_in_rows("台账", [1], [[text]]) == []


@pytest.mark.parametrize(
    ("name", "day"),
    [
        *((name, JUNE) for name in ("台账20130630", "2013-06-30台账", "2013.6.30 台账（定稿）", "201306台账")),
        *((name, JUNE) for name in ("2013年6月30日台账", "2013年6月台账", "招商台账 2013-6")),
        *((name, None) for name in ("6月台账", "2013年6月签约项目", "台账2013", "PY-2013-001", "13800138000", "台账")),
    ],
)
def test_a_name_with_a_year_says_the_day_of_the_file(name, day):
    assert [found.day for found in day_in_name(name, "its name")] == ([day] if day else [])


def test_what_is_stated_comes_before_when_it_was_written_down():
    rows = [["填报日期：2013年7月3日", "截至2013年6月30日"]]
    assert [day.day for day in days_in_rows("台账", [1], rows)] == [JUNE, date(2013, 7, 3)]


def test_no_day_that_is_still_to_come_is_taken():
    chosen = chosen_day([FileDay(date(2031, 6, 30), "title"), FileDay(MAY, "its name")], TODAY)
    assert (chosen.day, chosen.source, [day.source for day in chosen.refused]) == (MAY, "its name", ["title"])


def test_a_file_that_says_no_day_counts_as_of_the_day_it_came_in():
    assert chosen_day([], TODAY) == (TODAY, "", [])


def test_a_month_that_still_runs_counts_until_today_and_the_day_it_was_saved_tells_the_day():
    month = FileDay(date(2013, 7, 31), "title", is_month=True)
    assert chosen_day([month], TODAY).day == TODAY
    assert chosen_day([month, FileDay(date(2013, 7, 10), "saved", is_saved=True)], TODAY).day == date(2013, 7, 10)
    assert chosen_day([month, FileDay(date(2013, 6, 10), "saved", is_saved=True)], TODAY).day == TODAY


def test_a_file_was_not_saved_before_what_it_tells_of_was_signed():
    template = FileDay(date(2006, 9, 16), "saved", is_saved=True)
    assert chosen_day([template], TODAY, date(2013, 3, 1)).day == TODAY
    assert chosen_day([template._replace(day=MAY)], TODAY, date(2013, 3, 1)).day == MAY
