"""A problem cell that says there is none opens no blocker; whatever else it says does."""

import pytest

from models.office_files.columns import simplified
from models.office_files.words.no_problem import is_no_problem
from support.ledgers.dirty_words import NO_PROBLEM
from support.ledgers.read_table import read_column, read_table, typed_rows

NONE = (
    *(
        "无明显问题",
        "暂未发现问题",
    ),
    *(
        "无其他问题",
        "没有问题",
        "一切正常",
        "推进顺利",
        "正常施工",
        "无困难",
        "不存在困难和问题",
        "无需协调事项",
        "none",
    ),
    *(
        "暂无需要协调解决的问题",
        "no problem",
        "N/A",
        "No problems so far.",
        "暂时没有问题。",
        "目前暂无存在问题",
        "暂无困难问题",
    ),
    *(
        "项目进展顺利，暂无问题",
        "问题：无",
        "存在问题：暂无",
        "尚无问题",
        "暂不存在困难和问题。",
        "無問題",
    ),
    *(
        "暫無存在問題",
        "目前项目推进正常，不存在需要市级协调解决的问题",
        "项目正常推进中",
        "按计划推进",
        "有序推进中",
        "无 问题",
    ),
    *(
        "无重大问题、困难",
        "未发现明显问题",
        "无需要协调解决的困难和问题",
        "问题已全部解决",
        "工程进展正常",
        "正常生产",
    ),
    *(
        "无（暂无）",
        "无。",
        "None at present",
        "On track",
        "no major issues",
        "nil",
        "进展良好，无制约因素",
        "正在有序推进",
    ),
    *(
        "没有需要协调的事项",
        "暂无诉求",
        "暂无意见建议",
        "问题：无；建议：无",
        "不需要协调",
        "暂无需协调解决的困难问题",
        "施工正常",
    ),
    *(
        "已办结",
        "已整改",
        "已整改到位",
        "已落实",
        "问题已整改完成",
        "已全部落实到位",
        "已化解",
        "否",
        "0",
        "×",
        "无意见",
    ),
    *("没有需求", "无其他意见", "无审批问题", "无用电困难", "不存在用地制约", "暂无情况"),
    *(
        "该项目正常建设中",
        "手续正在正常办理",
        "截至目前，无问题",
        "无突出困难及问题",
        "不存在任何问题",
        "未遇到困难",
        "进度正常",
    ),
)
MORE = (
    *NO_PROBLEM,  # what the property of dirty files draws from
    *(
        "1、无；",
        "一、无",
        "（1）暂无问题",
        "①无",
        "1、已解决",
        "1. /",
        "待定",
        "未定",
        "待核实",
        "TBD",
    ),
    *("1、待定", "1、待定\n2、无"),
    *("还没有发现问题", "企业反映无问题", "暂无反馈问题", "暂无问题（截至6月9日）", "不存在用地问题", "无历史遗留问题"),
    *("无遗留问题", "没有资金方面的困难"),
)
PROBLEMS = (
    *(
        "无规划意见",
        "无环评意见",
        "无审批意见",
        "没有用电需求",
        "无用地需求情况",
        "尚无审批部门意见",
        "已落实80亩",
        "已整改3项",
    ),
    *("未办结", "未整改", "不落实", "否决", "待落实", "未落实", "尚未明确", "1、待落实", "已处理的固废堆放在场地"),
    *("进展顺利，但土地未批", "无土地", "无资金", "用地指标未落实", "问题没有解决", "没有解决问题", "未解决的问题"),
    *(
        "存在问题",
        "有问题",
        "推进不顺利",
        "不正常",
        "无法推进",
        "正常推进缓慢",
        "无进展",
        "暂无进展",
        "暂无资金",
        "无人施工",
    ),
    *(
        "无问题，请求尽快供地",
        "未正常推进",
        "无土地问题无法开工",
        "不存在土地",
        "暂未开工",
        "目前停工",
        "基本解决",
        "部分已解决",
    ),
    *(
        "no land",
        "No problem but no land",
        "none of the land is paid",
        "暂无施工许可证",
        "没有问题解决方案",
        "无困难企业帮扶政策",
    ),
    *(
        "需要协调",
        "需协调解决用地问题",
        "问题未解决",
        "问题仍未全部解决",
        "无规划许可、无施工许可",
        "进展",
        "困难",
        "未按计划推进",
    ),
    *(
        "无法正常施工",
        "不能正常生产",
        "尚未正常推进",
        "问题较多",
        "无电",
        "不存在问题是假的",
        "手续正在办理",
        "正在办理手续",
    ),
)


@pytest.mark.parametrize("text", NONE)
def test_no_problem_in_whatever_words_is_no_problem(text):
    assert is_no_problem(simplified(text))


@pytest.mark.parametrize("text", PROBLEMS)
def test_a_problem_is_one_even_beside_words_that_say_there_is_none(text):
    assert not is_no_problem(text)


@pytest.mark.parametrize("text", PROBLEMS)
def test_a_cell_with_a_problem_opens_a_blocker(text):
    (row,) = typed_rows(read_column("存在的主要问题", text))
    assert [cells.description for cells in row.blockers] == [text]


@pytest.mark.parametrize("text", [*NONE, *MORE, "1.无 2.暂无问题", "1、暂无问题\n2、进展顺利", "（1）无（2）无"])
def test_a_cell_without_a_problem_opens_no_blocker(text):
    (row,) = typed_rows(read_column("存在的主要问题", text))
    assert row.blockers == ()
    assert row.extra == {}


def test_of_numbered_problems_only_the_real_ones_count_each_with_its_own_unit():
    lines = read_table(
        ["项目名称", "责任单位", "存在的主要问题", "解决单位", "拟采取的解决办法", "时间节点"],
        *[
            [
                "甲",
                "清丰县",
                "1.无 2.土地未落实",
                "1、县办\n2、市国土局",
                "1、无\n2、调剂",
                "1、2013-06-10\n2、2013-06-20",
            ]
        ],
        ["乙", "清丰县", "1、暂无问题；2、用工不足；3、进展顺利", "市人社局", "", ""],
        ["丙", "清丰县", "目前无问题", "", "", "2013-06-30"],
    )
    first, second, third = typed_rows(lines)
    assert [(cells.description, cells.recipient, cells.solution, str(cells.due_on)) for cells in first.blockers] == [
        ("土地未落实", "市国土局", "调剂", "2013-06-20")
    ]
    assert [(cells.description, cells.recipient) for cells in second.blockers] == [("用工不足", "市人社局")]
    assert (third.blockers, str(third.visit_due_on)) == ((), "2013-06-30")
