"""Which problems are one, however they are worded."""

import pytest

from models.office_files.names.likeness import Wording, compare_wording, is_same_name, says_solved


@pytest.mark.parametrize(
    "text",
    [
        *(
            "用地指标未落实。",
            "用地指标未落实；",
            " 用地 指标\n未落实",
            "1.用地指标未落实",
            "（1）用地指标未落实",
            "①用地指标未落实",
        ),
        *("一、用地指标未落实", "1、用地指标，未落实", "“用地指标”未落实！", "用地指標未落實", "(1)用地指标未落实"),
    ],
)
def test_signs_spaces_width_and_numbering_make_no_other_problem(text: str) -> None:
    assert compare_wording(text, "用地指标未落实") is Wording.SAME


@pytest.mark.parametrize(
    ("new", "old", "wording"),
    [
        ("用地指标未落实，尚缺120亩", "用地指标未落实", Wording.LONGER),
        ("因规划调整，用地指标未落实", "用地指标未落实。", Wording.LONGER),
        ("用地指标未落实", "用地指标未落实，尚缺120亩", Wording.SHORTER),
        ("ＡＢＣ地块未拆迁", "ABC地块未拆迁", Wording.SAME),
        *(
            (f"用地指标未落实，{behind}", "用地指标未落实", Wording.LONGER)
            for behind in (
                *("不能开工", "无法施工", "至今未解决", "已报市政府协调解决", "已落实80亩", "已部分解决", "已上报省厅"),
                *("望尽快解决", "已请市局帮助解决", "已协调多次未解决", "已完成勘测定界，待报批"),
            )
        ),
        ("征地已完成，用地指标未落实", "用地指标未落实", Wording.LONGER),
        ("1、用地指标未落实", "一、用地指标未落实", Wording.SAME),
    ],
)
def test_a_text_that_contains_another_is_the_same_problem(new: str, old: str, wording: Wording) -> None:
    assert compare_wording(new, old) is wording


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("用地指标没有落实", "用地指标未落实"),
        ("用地指标已落实", "用地指标未落实"),
        ("尚有2户未拆迁", "尚有3户未拆迁"),
        ("环评没批", "环评未批"),
        ("施工许可证尚未办理", "施工许可证还未办理"),
        ("二期土地未批", "土地未批"),  # the same with more detail, or one more
        *(
            (f"用地指标未落实{behind}", "用地指标未落实")
            for behind in ("，已解决", "（已完成）", "，现已全部落实到位。", "，已协调解决", "——解决了", "，问题解决")
        ),
        ("已解决：用地指标未落实", "用地指标未落实"),
        ("未按期供地", "按期供地"),
        ("不能正常供水", "能正常供水"),
        ("已落实用地指标", "落实用地指标"),
        ("用地指标未落实", "用地指标未落实，已解决"),
        ("按期供地", "未按期供地"),
    ],
)
def test_what_is_only_worded_alike_is_for_a_person_to_decide(new: str, old: str) -> None:
    assert compare_wording(new, old) is Wording.SIMILAR


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("一期土地未批", "二期土地未批"),
        ("1号地块未拆迁", "2号地块未拆迁"),
        ("第一标段未施工", "第二标段未施工"),
        ("A区土地未批", "B区土地未批"),
        ("东侧道路不通", "西侧道路不通"),
        ("环评未批", "能评未批"),
        ("供水管网未接通", "供电管网未接通"),
        ("土地未批", "规划未批"),
        ("道路不通", "管道不通"),
        ("用工难", "用地难"),
        ("融资困难", "招工困难"),
        ("一期土地未批，道路不通", "二期土地未批，道路不通"),
        ("", "土地未批"),
        ("道路不通，1、电力不足", "道路不通，2、水源不足"),
    ],
)
def test_what_counts_or_names_something_else_is_another_problem(new: str, old: str) -> None:
    assert compare_wording(new, old) is Wording.OTHER


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("家具产业园", "家具产业园区", True),
        ("家具产业园一期", "家具产业园二期", False),
        ("家具产业园", "食品园", False),
    ],
)
def test_a_name_with_a_slip_is_the_same(one: str, other: str, is_same: bool) -> None:
    assert is_same_name(one, other) is is_same


@pytest.mark.parametrize(
    "text",
    [
        *("用地指标未落实，已解决", "环评手续没有批复（已落实）", "供电线路未通，问题已解决", "供电未通已解决。"),
        *("用地指标已落实", "环评已批复", "土地手续办理完成了", "拆迁问题现已全部解决", "環評未批，已解決"),
    ],
)
def test_a_text_may_say_that_its_problem_is_solved(text: str) -> None:
    assert says_solved(text)


@pytest.mark.parametrize(
    "text",
    [
        *("用地指标未落实", "用地指标已落实80亩", "资金不足，土地问题已解决", "土地问题已解决，资金不足"),
        *(
            "已报市政府协调解决",
            "部分已解决，仍有3户未签",
            "请尽快解决",
            "尚未解决",
            "未完成",
            "已请求上级解决",
            "",
            "，",
        ),
    ],
)
def test_a_text_that_leaves_something_open_is_a_problem(text: str) -> None:
    assert not says_solved(text)
