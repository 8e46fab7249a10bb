"""What stands in the tables of this folder. Everything in them was seen in some office's ledger."""
# fmt: off
# ruff: noqa: E501 - a row of a table reads best on a line of its own

from dataclasses import dataclass
from datetime import date
from typing import Any

DAY = date(2013, 3, 1)


@dataclass
class Looks:
    """A cell with the code of its number format, and which parts of its text are struck through."""

    value: Any
    number_format: str = "General"
    struck: tuple[bool, ...] = ()  # for each part of a text in a tuple, or once for the whole cell


@dataclass
class Sheet:
    """Rows of cells, merged ranges, whether the sheet is hidden, from when its days are counted."""

    rows: list[list[Any]]
    merged: tuple[str, ...] = ()
    is_hidden: bool = False
    is_1904: bool = False


def one(*rows: list[Any], merged: tuple[str, ...] = ()) -> dict[str, Sheet]:
    """A workbook with the ledger alone."""
    return {"台账": Sheet(list(rows), merged)}


HEAD = ["项目编号", "项目名称", "责任单位", "总投资（万元）", "签约日期"]
FURNITURE = ["PY-1", "龙都家具产业园", "清丰县", 50000, DAY]
FOOD = ["PY-2", "冷链食品加工园", "南乐县", 12000, date(2013, 4, 15)]
SOLAR = ["PY-3", "光伏组件厂", "范县", 30000, date(2013, 5, 20)]
LONG_NAME = "".join(map(chr, range(0x4E00, 0x4E00 + 501)))
COUNTIES = Sheet([["名称", "类型", "别名"], ["清丰县", "县区", "清丰"], ["南乐县", "县区", ""], ["范县", "县区", ""]])
PLAIN = {
    "台账": Sheet(
        [
            [
                *("序号", "项目编号", "项目名称", "投资方", "投资方注册地", "产业大类", "责任单位", "总投资（万元）"),
                *("签约日期", "项目分包人员", "分包领导", "招商小分队", "中小企业", "招商活动", "进展情况"),
                *("存在的主要问题", "问题类别", "解决单位", "拟采取的解决办法", "时间节点", "预计开工时间"),
                *("注册时间", "佐证材料", "项目状态", "申请用地（亩）"),
            ],
            [
                *(1, "PY-1", "龙都家具产业园", "闽兴家居有限公司", "福建泉州", "家具", "清丰县", 50000),
                *(DAY, "王建国", "李卫东", "闽东南招商小分队", "否", "闽东南招商活动", "已注册，正在办理用地手续。"),
                *("用地指标未落实", "土地", "市国土资源局", "全市统筹调剂", date(2013, 6, 20), date(2013, 9, 1)),
                *(date(2013, 4, 1), "营业执照", "推进中", 120),
            ],
            [
                *(2, "PY-2", "冷链食品加工园", "津海食品有限公司", "天津", "食品", "南乐县", 12000.5),
                *(date(2013, 4, 15), "赵敏", "孙立", "", "是", "", "正在选址"),
                *("无", "", "", "", date(2013, 6, 28), ""),
                *("", "", "", 45.5),
            ],
        ]
    ),
    "单位": Sheet([*COUNTIES.rows, ["市国土资源局", "局委", "市国土局、国土局"]]),
    "人员": Sheet([["姓名", "角色", "单位"], ["李卫东", "分包领导", "清丰县"]]),
    "小分队": Sheet([["名称"], ["闽东南招商小分队"]]),
}

ACCOUNTING = '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ '
# Numbers as they lie in the file, with formats by which offices scale them or name their unit.
CONVERTIBLE = [
    *((5000, '0.0"万元"'), (1.2, '0.0"亿元"'), (5000, "#,##0.00"), (50000000, '0.0,"千元"'), (50000000, '0"元"')),
    *((5000, ACCOUNTING), (5000, "[$$-409]#,##0.00"), (5000, "[$€-2] #,##0"), (5000, "[$HK$]#,##0"), (0.5, "0%")),
    *((5000, '"约"0"万元"'), (1.2, '0.0"亿美元"'), (50000, "0.0,"), (5000, '0"（万元）"'), (120, '0"亩"'), (5000, "000000")),
]
SHOWN = [
    *CONVERTIBLE,
    *((50001234.5, '0!.0,"万元"'), (50000000, '0!.0000"万元"'), (120000000, '0!.00,,"亿元"'), (5000, ";;;")),
    *((120000000, '[>=100000000]0!.00,,"亿元";[>=10000]0!.0,"万元";0"元"'), (5000, 'General"万元"'), (5000, "0万元")),
    *((12000, '0"亿"0000"万元"'), (5000, "[$¥-411]#,##0"), (5000, "[$$-C09]#,##0"), (5000, "yyyy-mm-dd")),
]
STRUCK = [
    [*HEAD, "分包领导", "存在的主要问题"],
    [*FURNITURE, "李卫东", ""],
    [*(Looks(cell, "yyyy-mm-dd" if cell is FOOD[4] else "General", (True,)) for cell in FOOD), Looks("孙立", struck=(True,)), ""],
    ["PY-3", Looks(("光伏", "组件厂"), struck=(True, True)), "范县", 30000, date(2013, 5, 20), "", ""],
    ["PY-4", "新材料产业园", "范县", 8000, DAY, Looks(("周平", "吴刚"), struck=(True, False)), Looks("用地指标未落实", struck=(True,))],
    ["PY-5", "羽绒城", "范县", Looks(800, struck=(True,)), DAY, "", ""],
    [Looks("小计", struck=(True,)), "", "", 800, "", "", ""],
]
SHARED = [
    [*HEAD[2:3], *HEAD[:2], *HEAD[3:], "到位资金（万元）", "到位时间"],
    ["清丰县", "PY-1", "龙都家具产业园", 50000, DAY, 500, DAY],
    ["", "PY-2", "冷链食品加工园", "", DAY, "", DAY],
    ["", "小计", "", 50000, "", "", ""],
    ["南乐县", "PY-3", "光伏组件厂", 8000, DAY, 300, DAY],
    ["", "", "", "", DAY, "", ""],
    ["范县", "PY-4", "新材料产业园", 9000, DAY, "/", ""],
    ["范县", "PY-5", "羽绒城", 700, DAY, "", ""],
]
SHARED_AREAS = ("A2:A4", "D2:D3", "F2:F3", "A5:A6", "B5:B6", "C5:C6", "D5:D6", "F5:F6", "G5:G6", "F7:F8")
AMOUNTS = [
    *("10亿", "5000万元", "1.2亿美元", "１０００万元", "约3亿元", "1,234.5万元", "人民币 2 亿元", "USD 12 million"),
    *("２．５ 億元", "3千万", 50000000, "500万美金", "50,000,000"),
    *("5-8亿", "3000~5000万元", "5000", "-5万元", "面议", "5亿港元", "99999亿", "10亿左右"),
]
DAYS = [
    *("2013.6.9", "2013年6月9日", "2013-06-09", "2013/6/9", "6/9/13", "6/9/2013", "20130609", 20130609, 41434, "41434"),
    *("民国102年6月9日", "民國102年6月9號", "２０１３．６．９", "2013 年 6 月 9 日", "2013-06-09 08:30:00"),
    *("2013.06.09（周日）", "2013.6.9。", "13年6月9日", date(2013, 6, 9)),
    *("2013年6月", "2013.6", "6月9日", "2013.2.30", "2103-06-09", "2013 1 2", "2013.6.9-2013.7.9", "待定", 2013.1),
]
DEADLINES = [
    *("2013年6月", "2013.6", "201306", 201306, "2013年6月底", "2013年6月中旬", "2013年第三季度", "2013年上半年"),
    *("2013年底", "2013年6月30日前", "2013年6月9日", "尽快", "年底", "2013年13月"),
]


def listed(values: list[Any], header: str, place: int) -> dict[str, Sheet]:
    """A project for each way to write one cell."""
    rows = []
    for number, value in enumerate(values, 1):
        row = [f"PY-{number}", f"项目{number}号", "清丰县", 50000, DAY, ""]
        row[place] = value
        rows.append(row)
    heads = [*HEAD, "时间节点"]
    heads[place] = header
    return one(heads, *rows)


SIGNS_OF_MONEY = {
    "台账": Sheet([HEAD, *([f"PY-{number}", f"项目{number}号", "清丰县", cell, DAY] for number, cell in enumerate((
        "￥5000", "¥5,000.00", "$500", "￥80,000,000.00", "人民币5000", "一亿二千万元", "壹亿元整", "几千万", "5000余万元", "5000多", "500港币", "￥5000元",
        Looks(50000000, '0!.0,"万"'), Looks(5000, '0.0"万"'), Looks(50, '0"万"'),
    ), 1))]),
    "外资": Sheet([[*HEAD[:3], "总投资（万美元）", "签约日期"], *([f"WZ-{number}", f"外资{number}号", "清丰县", cell, DAY] for number, cell in enumerate((
        "$500", "USD 500", "￥5000", "五百万美元",
    ), 1))]),
    "元": Sheet([[*HEAD[:3], "总投资（元）", "签约日期"], *([f"Y-{number}", f"按元{number}号", "清丰县", cell, DAY] for number, cell in enumerate((
        "￥80,000,000.00", Looks(50000000, '0!.0,"万"'), Looks(5000, '0"万"'), Looks(120000000, '0.00,,"百万"'),
    ), 1))]),
    "无单位": Sheet([[*HEAD[:3], "总投资", "签约日期"], *([f"W-{number}", f"无单位{number}号", "清丰县", cell, DAY] for number, cell in enumerate((
        "￥5000", "US$5000", "￥80,000,000.00", "三点五亿元",
    ), 1))]),
}
PEOPLE_WITH_REMARKS = one(
    [*HEAD, "联络员", "责任领导"],
    [*FURNITURE, "张三等3人", "赵县长（主抓）"],
    [*FOOD, "上同", "上同"],
    [*SOLAR, "暂定李四", "无人"],
    ["PY-4", "新材料产业园", "范县", 800, DAY, "王五 13812345678 0393-4412345", "暂定"],
    ["PY-5", "羽绒城", "范县", 800, DAY, "王五 4412345", "李卫东（暂定）"],
)
TABLES: dict[str, dict[str, Sheet]] = {
    "01-plain.xlsx": PLAIN,
    "02-title-rows.xlsx": one(
        ["濮阳市2013年招商引资项目台账"],
        [],
        ["填报单位：市商务局", "", "", "截至2013年6月9日", "单位：万元"],
        [*HEAD[:3], "总投资", "签约日期"],
        FURNITURE,
        [],
        FOOD,
    ),
    "03-merged-cells.xlsx": one(
        ["招商引资项目台账", "", "", "", ""],
        HEAD,
        ["PY-1", "龙都家具产业园", "清丰县", 50000, DAY],
        ["PY-2", "冷链食品加工园", "", 12000, ""],
        ["PY-3", "光伏组件厂", "", 30000, date(2013, 5, 20)],
        ["PY-4", "新材料产业园", "范县", 8000, DAY],
        merged=("A1:E1", "C3:C5", "E3:E4"),
    ),
    "04-two-row-header.xlsx": one(
        ["招商引资项目进展台账", *[""] * 9],
        ["项目基本信息", "", "", "投资", "", "签约日期", "计划", "", "实际", ""],
        ["项目编号", "项目名称", "责任单位", "总投资（亿元）", "到位资金", "", "开工时间", "竣工时间", "开工时间", "竣工时间"],
        [*("PY-1", "龙都家具产业园", "清丰县", 5, 1.5, DAY), date(2013, 7, 1), "2014年6月", date(2013, 6, 1), ""],
        [*("PY-2", "冷链食品加工园", "南乐县", 1.2, 0, date(2013, 4, 15)), "2013.9", "", "", ""],
        merged=("A1:J1", "A2:C2", "D2:E2", "F2:F3", "G2:H2", "I2:J2"),
    ),
    "05-subtotals.xlsx": one(
        ["序号", *HEAD],
        ["一、工业项目"],
        [1, *FURNITURE],
        ["清丰县小计", "", "", "", 50000, ""],
        ["二、农业项目"],
        ["序号", *HEAD],
        [2, *FOOD],
        [3, "PY-9", "合计信息产业园", "范县", 9000, DAY],
        [4],
        [5],
        ["小 计", "", "", "", 21000, ""],
        ["合计：", "3个项目", "", "", 71000, ""],
        ["总计（3个项目）"],
        ["填表人：王建国", "", "", "联系电话：0393-1234567"],
        ["注：总投资以合同为准。"],
    ),
    "06-traditional-characters.xlsx": one(
        ["單位：萬元"],
        ["項目編號", "項目名稱", "投資方", "產業大類", "責任單位", "投資總額", "簽約時間", "中小企業", "進展情況", "項目狀態"],
        ["PY-1", "龍都傢俱產業園", "臺灣食品股份有限公司", "食品", "清豐縣", 50000, "民國102年3月1日", "是", "已註冊", "已落地"],
        ["PY-2", "冷鏈物流園", "香港商貿有限公司", "新能源", "南樂縣", "1.2億美元", "2013年4月15日", "否", "", "推進中"],
    ),
    "07-english.xlsx": one(
        ["Puyang: signed investment projects"],
        [
            *("No.", "Project code", "Project name", "Investor", "Sector", "Responsible unit"),
            *("Total investment (10k yuan)", "Signed on", "Leader", "SME", "Main problems", "Due date", "Construction started on"),
        ],
        [1, "PY-1", "Longdu Furniture Park", "Minxing  Home Ltd.", "Furniture", "清丰县", 50000, DAY, "Li Weidong", "no", "No land quota", date(2013, 6, 20), ""],
        [2, "PY-2", "Cold Chain Park", "Jinhai Food", "food", "南乐县", "US$ 1.2 million", DAY, "", "Yes", "", "", date(2013, 5, 2)],
    ),
    "08-units-in-headers.xlsx": {
        "亿元": Sheet([[*HEAD[:3], "总投资（亿元）", "签约日期"], ["PY-1", "龙都家具产业园", "清丰县", 5.5, DAY]]),
        "万元": Sheet([[*HEAD[:3], "总投资/万元", "签约日期"], ["PY-2", "冷链食品加工园", "清丰县", 1234.5, DAY]]),
        "亿美元": Sheet([[*HEAD[:3], "总投资(亿美元)", "签约日期"], ["PY-3", "光伏组件厂", "清丰县", 1.2, DAY]]),
        "元": Sheet([[*HEAD[:3], "合同金额（元）", "签约日期"], ["PY-4", "医药园", "清丰县", 999.99, DAY]]),
        "两种": Sheet(
            [
                [*HEAD[:3], "总投资（亿元/亿美元）", "签约日期"],
                ["PY-5", "建材城", "清丰县", 1.2, DAY],
                ["PY-6", "汽配城", "清丰县", "1.2亿美元", DAY],
            ]
        ),
    },
    "09-unit-above-the-table.xlsx": {
        "清丰县": Sheet([["清丰县台账"], ["", "", "", "", "单位：万元"], [*HEAD[:3], "总投资", "签约日期"], FURNITURE]),
        "南乐县": Sheet([["（金额单位：人民币亿元）"], [*HEAD[:3], "总投资", "签约日期"], [*FOOD[:3], 1.2, DAY]]),
        "范县": Sheet([["單位：萬美元"], [*HEAD[:3], "总投资", "签约日期"], [*SOLAR[:3], 800, DAY]]),
        "台前县": Sheet([["填报单位：台前县"], [*HEAD[:3], "总投资", "签约日期"], ["PY-4", "羽绒城", "台前县", 800, DAY]]),
    },
    "10-amounts.xlsx": listed(AMOUNTS, "总投资", 3),
    "11-days.xlsx": listed(DAYS, "签约日期", 4),
    "12-deadlines.xlsx": listed(DEADLINES, "时间节点", 5),
    "13-names.xlsx": one(
        [*HEAD, "投资方", "责任人", "分包领导"],
        ["ＰＹ- 1", "龙都家具\n产业园", "清丰县", 50000, DAY, " 闽兴 家居\r\n有限公司 ", "王建国、赵敏", "李 卫 东"],
        ["PY-2\n", "　冷链食品\u200b加工园　", "南乐县\u00a0", 12000, DAY, "Jinhai\nFood  Ltd.", "王建国 赵敏", "孙立，周平；吴刚"],
        ["PY-3", "\u200e光伏\u00ad组件厂", "范县", 30000, DAY, "", "清丰县 招商局专员", "孙立/周平"],
    ),
    "14-two-units-in-a-cell.xlsx": {
        "台账": Sheet(
            [
                HEAD,
                [*FURNITURE[:2], "清丰县、市国土资源局", 50000, DAY],
                [*FOOD[:2], "南乐县\n清丰县", 12000, DAY],
                [*SOLAR[:2], "范县；市国土局，南乐县", 30000, DAY],
                ["PY-4", "羽绒城", "清风县", 800, DAY],
            ]
        ),
        "单位": PLAIN["单位"],
    },
    "15-renamed-unit.xlsx": {
        "台账": Sheet(
            [
                [*HEAD, "存在的主要问题", "解决单位"],
                [*FURNITURE, "用地指标未落实", "市国土局"],
                [*FOOD, "环评未批", "国土局"],
                ["PY-3", "光伏组件厂", "清丰", 30000, DAY, "道路不通", ""],
            ]
        ),
        "单位": PLAIN["单位"],
    },
    "16-unknown-columns.xlsx": one(
        ["序号", *HEAD, "申请用地\n（亩）", "备注", "", "备注", "建设内容", "带动就业", "", "是否开发区内"],
        [1, *FURNITURE, 120, "重点项目\n 省级 ", "市长联系", "二期待定", date(2013, 6, 9), (0.85, "percent"), "", True],
        [2, *FOOD, 45.5, "无", "", "/", "年产5万吨", "=300人", "", 1],
    ),
    "17-mapping.xlsx": one(
        ["项目", "落户地", "投资额度（亿元）", "签约", "牵头人", "总投资"],
        ["龙都家具产业园", "清丰县", 5, DAY, "李卫东", "见附件"],
        ["冷链食品加工园", "南乐县", 1.2, date(2013, 4, 15), "孙立", ""],
    ),
    "18-a-county-a-sheet.xlsx": {
        "清丰县": Sheet([["清丰县招商引资项目台账"], HEAD, FURNITURE]),
        "南乐县": Sheet([HEAD, FOOD, ["合计", "", "", 12000, ""]]),
        "范县": Sheet([[], ["范县"], [], [HEAD[4], *HEAD[:4]], [SOLAR[4], *SOLAR[:4]]]),
        "台前县": Sheet([HEAD]),
    },
    "19-found-by-its-header.xlsx": {
        "填表说明": Sheet([["一、请如实填报。"], ["二、责任单位填全称，总投资以合同为准。"]]),
        "汇总": Sheet([["县区", "项目个数", "总投资（万元）"], ["清丰县", 1, 50000], ["合计", 1, 50000]]),
        "六月": Sheet([[*HEAD, "进展情况"], [*FURNITURE, "已开工"]]),
        "五月": Sheet([HEAD, [*FURNITURE[:3], 40000, DAY]]),
        "旧": Sheet([[*HEAD, "进展情况"], [*FURNITURE[:3], 30000, DAY, "未开工"]], is_hidden=True),
        "单位": COUNTIES,
    },
    "20-a-sheet-by-its-name.xlsx": {
        "六月": Sheet([HEAD, FURNITURE]),
        "五月": Sheet([HEAD, FOOD], is_hidden=True),
    },
    "30-one-project-twice.xlsx": {
        "台账": Sheet(
            [
                [*HEAD, "投资方", "进展情况", "备注"],
                [*FURNITURE, "闽兴家居有限公司", "已注册", "重点"],
                [*FOOD, "", "", ""],
                ["PY-1", "龙都家具产业园", "清丰县", 60000, DAY, "", "已开工", ""],
                [*FOOD, "", "", ""],
                ["", "光伏组件厂", "范县", 30000, DAY, "晶辉光伏", "", ""],
                ["", "光伏组件厂", "范县", 30000, DAY, "晶辉光伏", "正在选址", ""],
                ["PY-1", "羽绒城", "南乐县", 800, DAY, "", "", ""],
            ]
        ),
        "单位": COUNTIES,
    },
    "31-numbered-problems.xlsx": one(
        [*HEAD, "存在的主要问题", "拟采取的解决办法", "时间节点"],
        [*FURNITURE, "1、用地指标未落实；\n2、厂外道路不通", "1、统筹调剂。\n2、交通局修路", date(2013, 6, 20)],
        [*FOOD, "（1）环评未批（2）资金不到位", "催办", "2013年6月"],
        [*SOLAR, "①用地2.5亩未落实；②供电", "", ""],
        ["PY-4", "羽绒城", "范县", 800, DAY, "2013年已征地，1.5亩未拆迁", "加快", ""],
        ["PY-5", "建材城", "范县", 800, DAY, "暂无。", "继续跟进", date(2013, 6, 28)],
    ),
    "33-error-cells.xlsx": one(
        [*HEAD, "分包领导", "备注"],
        [*FURNITURE[:3], ("=#REF!*2", "#REF!"), DAY, "", ""],
        [*FOOD, ("=VLOOKUP(A3,人员!A:B,2,0)", "#N/A"), ("=1/0", "#DIV/0!")],
        [*SOLAR, "", "#REF!"],
        ["", ("=#NAME?", "#NAME?"), "范县", 800, DAY, "", ""],
    ),
    "41-empty-sheets.xlsx": {"Sheet1": Sheet([]), "Sheet2": Sheet([[], [" "]]), "Sheet3": Sheet([])},
    "42-numbers-as-text.xlsx": one(
        [*HEAD, "中小企业", "持股比例", "联系电话", "是否外资", "统一社会信用代码"],
        ["00012", "龙都家具产业园", "清丰县", "5,000.00", DAY, True, "51%", "0393-1234567", True, "91410900MA44ABCD1X"],
        [13, "冷链食品加工园", "南乐县", " 12000 ", DAY, False, (0.51, "percent"), 13800138000, 1, ""],
        [2013001.0, 863, "范县", "１，２３４．５", DAY, 1, 0.51, "138 0013 8000", "是", ""],
        [123456789012345678, "羽绒城", "范县", 800, DAY, 0, 1, "", False, ""],
    ),
    "43-henan-county.xlsx": {
        "台账": Sheet(
            [
                ["清丰县重点项目建设台账", *[""] * 11],
                [
                    *("序号", "项目名称", "分包领导", "工作任务", "责任单位", "责任人", "时间节点", "创建时间"),
                    *("工程进度", "批次", "完成情况", "核查情况"),
                ],
                [
                    *(1, "龙都家具产业园", "李卫东", "完成土地平整", "清丰县", "王建国", "2013年6月底", "2013.3.1"),
                    *("主体施工", "第一批", "已完成", "未核查"),
                ],
                [2, "冷链食品加工园", "孙立", "办理环评", "南乐县", "赵敏", "6月底", "2013.4.15", "", "第一批", "", ""],
            ],
            merged=("A1:L1",),
        ),
        "单位": COUNTIES,
    },
    "44-district-monthly.xlsx": {
        "台账": Sheet(
            [
                ["2013年6月重点项目进展情况月报表", *[""] * 16],
                [*[""] * 15, "单位：万元", ""],
                [
                    *("项目编号", "项目名称", "建设性质", "建设内容", "总投资", "今年计划投资", "今年累计完成投资", "本月完成投资"),
                    *("计划开工时间", "计划竣工时间", "包联领导", "责任单位", "服务单位", "项目类型", "建设阶段", "本月进展"),
                    "问题和建议",
                ],
                [
                    *("PY-1", "龙都家具产业园", "新建", "年产家具30万套", 50000, 20000, 8000, 1500),
                    *("2013.3", "2014年12月", "李卫东", "清丰县", "市商务局", "工业", "在建", "主体封顶"),
                    "用电容量不足，建议增容",
                ],
                ["合计", "", "", "", 50000, 20000, 8000, 1500],
            ],
            merged=("A1:Q1",),
        ),
        "单位": COUNTIES,
    },
    "45-signing-details.xlsx": one(
        [
            *("项目名称", "投资方", "投资方注册地", "项目类别", "总投资（亿元）", "产业大类", "签约日期", "预计开工", "预计竣工"),
            *("申请用地(亩)", "注册资本（万元）", "固定资产投资", "统一社会信用代码", "责任单位"),
        ],
        [
            *("龙都家具产业园", "闽兴家居有限公司", "福建泉州", "内资", 5, "家具", DAY, "2013年9月", "2014.12"),
            *(120, 5000, "3亿元", "91410900MA44ABCD1X", "清丰县"),
        ],
        ["光伏组件厂", "Sun Power Ltd.", "香港", "外资", "1.2亿美元", "光伏发电", DAY, "", "", 80, "", "", "", "范县"],
    ),
    "46-doubled-headers.xlsx": one(
        [*HEAD, "总投资（亿元）", "进展情况", "进展情况", "项目名称"],
        [*FURNITURE, 5, "已注册", "已开工", "家具园"],
        [*FOOD, "", "", "正在选址", ""],
    ),
    "59-divided-columns.xlsx": one(
        [*HEAD, "到位资金", "", "备注"],
        ["", "", "", "", "", "市内", "市外", ""],
        [*FURNITURE, 1000, 2000, "重点"],
        [*FOOD, "", 500, ""],
        merged=("A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:E2", "F1:G1", "H1:H2"),
    ),
    "61-units-below-the-header.xlsx": one(
        ["序号", "项目编号", "项目名称", "责任单位", "总投资", "签约日期", "到位资金"],
        ["", "", "", "", "（万元）", "（年月日）", "万元"],
        ["甲", "乙", 1, 2, 3, 4, 5],
        [1, *FURNITURE, 1000],
        [2, *FOOD, ""],
    ),
    "62-units-without-brackets.xlsx": one(
        ["项目编号【必填】", "项目\n名称", "责任单位", "总投资\n万元", "签约日期[年月日]", "是否落地（是/否）"],
        [*FURNITURE, "否"],
        [*FOOD, "是"],
    ),
    "63-a-county-a-sheet-unlike.xlsx": {
        "清丰县": Sheet([[*HEAD, "备注"], [*FURNITURE, "重点"]]),
        "南乐县": Sheet([[*HEAD, "分包领导"], [*FOOD, "孙立"]]),
        "范县": Sheet([HEAD, SOLAR]),
        "范县（五月）": Sheet([HEAD[1:], [*SOLAR[1:3], 20000, DAY]]),
    },
    "93-numbered-in-may.xlsx": one(
        ["编号", *HEAD[1:], "投资方", "存在的主要问题"],
        [1, *FURNITURE[1:], "闽兴家居有限公司", "用地指标未落实"],
        [2, *FOOD[1:], "津海食品有限公司", "道路不通"],
        [3, *SOLAR[1:], "晶辉光伏", "环评未批"],
    ),
    "94-numbered-in-june.xlsx": one(
        ["编号", *HEAD[1:], "投资方", "存在的主要问题"],
        [1, "羽绒城", "南乐县", 800, date(2013, 6, 1), "羽丰服饰", ""],
        [2, *FURNITURE[1:], "闽兴家居有限公司", "用地指标未落实"],
        [3, *FOOD[1:], "津海食品有限公司", "道路不通"],
        [4, *SOLAR[1:], "晶辉光伏", "环评未批"],
    ),
    "126-as-of-may.xlsx": one(
        ["签约项目台账（截至2013年5月31日）"],
        [*HEAD, "投资方", "责任人", "备注"],
        ["PY-1", "龙都家具产业园（一期）", "清丰县", 60000, DAY, "闽兴家居有限公司", "张三", "五月"],
        [*FOOD, "津海食品有限公司", "", ""],
        [*SOLAR[:4], DAY, "晶辉光伏", "李四", "五月"],
        ["PY-4", "羽绒城", "清丰县", 800, DAY, "羽丰服饰", "王五", "五月"],
    ),
    "127-as-of-april-struck-blank-renamed.xlsx": one(
        ["签约项目台账（截至2013年4月30日）"],
        [*HEAD, "投资方", "责任人", "备注"],
        ["PY-1", "龙都家具产业园", "清丰县", 50000, DAY, "闽兴家居有限公司", "", "四月"],
        [*FOOD, "津海食品有限公司", "赵六", "四月"],
        [*SOLAR[:4], DAY, "晶辉光伏", Looks("孙七", struck=(True,)), "五月"],
        ["PY-4", "羽绒城", "清丰县", Looks(900, struck=(True,)), DAY, "羽丰服饰", "王五", "四月"],
        ["PY-5", "新材料产业园", "清丰县", 8000, DAY, "豫新材料", "", "四月"],
    ),
    "128-stars-and-short-years.xlsx": one(
        ["项目编号", "项目名称*", "责任单位", "总投资（万元）*", "签约日期*", "备注*"],
        [*FURNITURE[:4], "2/26/13", "重点"],
        [*FOOD[:4], "12/5/7", "重点"],
    ),
    "129-signs-of-money-in-a-section.xlsx": one(
        HEAD,
        FURNITURE,
        ["市级项目（单位：亿元）"],
        [*FOOD[:3], "￥1.2", FOOD[4]],
        [*SOLAR[:3], "￥3亿元", SOLAR[4]],
    ),
    "130-names-in-june.xlsx": one(
        [*HEAD[1:], "投资方"],
        [*FURNITURE[1:], ""],
        [*FOOD[1:], "津海食品有限公司"],
    ),
    "131-names-on-other-days.xlsx": one(
        [*HEAD[1:], "投资方"],
        [*FURNITURE[1:4], date(2012, 5, 3), "百济药业集团"],
        [*FOOD[1:4], date(2013, 4, 16), "津海食品有限公司"],
    ),
    "95-reworded-problems.xlsx": one(
        [*HEAD[1:], "投资方", "存在的主要问题"],
        [*FURNITURE[1:], "闽兴家居有限公司", "用地指标没有落实"],
        [*FOOD[1:], "津海食品有限公司", "道路不通，影响施工"],
        [*SOLAR[1:], "晶辉光伏", "（1） 环评未批。"],
    ),
    "96-posts.xlsx": one(
        [*HEAD, "责任人", "分包领导"],
        [*FURNITURE, "张三（副县长）", "县长 高某"],
        [*FOOD, "王书记\n李县长", "县委书记：王五"],
        [*SOLAR, "副市长李四", "高某"],
        ["PY-4", "羽绒城", "清丰县", 800, DAY, "张叁", "县委常委、副县长 高某"],
    ),
    "64-telephones.xlsx": one(
        [*HEAD, "责任人", "分包领导"],
        [*FURNITURE, "王建国 13812345678", "李卫东（0393-8812345）"],
        [*FOOD, "王建国，138 1234 5678", "电话：13812345678"],
    ),
    "65-two-languages.xlsx": one(
        ["編號 Code", "項目名稱 Project name", "責任單位 Unit", "投資總額（萬元） Investment", "簽約日期 Signed on"],
        FURNITURE,
    ),
    "67-units-in-number-formats.xlsx": one(
        [*HEAD, "申请用地", "已到位资金（万元）", "本年计划投资"],
        *(
            [Looks(number, '"PY-"000'), f"项目{number}号", "清丰县", Looks(*cell), DAY, Looks(120, '0"亩"'), "", ""]
            for number, cell in enumerate(SHOWN, 1)
        ),
        [101, "项目101号", "清丰县", 5000, DAY, 45.5, Looks(2, '0.0"亿元"'), Looks(5000, ACCOUNTING)],
        [102, "项目102号", "清丰县", 5000, Looks(41334, '0.0"万元"'), Looks(0.5, "0.0%"), Looks(50, '0"万元"'), Looks(3, "000")],
    ),
    "68-units-in-number-formats-alone.xlsx": one(
        ["项目编号", "项目名称", "责任单位", "总投资", "签约日期"],
        *([f"PY-{number}", f"项目{number}号", "清丰县", Looks(*cell), DAY] for number, cell in enumerate(SHOWN, 1)),
    ),
    "69-days-from-1904.xlsx": {
        "台账": Sheet(
            [
                [*HEAD, "时间节点", "预计开工时间"],
                [*FURNITURE, 40009, "2013年9月"],
                [*FOOD[:4], 39917, "", date(2013, 9, 1)],
                [*SOLAR[:4], "39917", "1、40009；2、2013年9月", ""],
                ["PY-4", "羽绒城", "范县", 41434, "20130301", 20130630, ""],
            ],
            is_1904=True,
        )
    },
    "70-struck-through.xlsx": one(*STRUCK),
    "73-merged-amounts.xlsx": one(*SHARED, merged=SHARED_AREAS),
    "66-totals-with-dashes.xlsx": one(
        HEAD,
        ["合计", "2个", "—", 62000, "—"],
        FURNITURE,
        FOOD,
        ["其中：本年新签", "", "", 12000, ""],
    ),
    "99-day-in-a-title.xlsx": one(
        ["濮阳市招商引资项目台账", "", "", "", "填报日期：2013.6.3"],
        ["截至2013年5月31日"],
        HEAD,
        FURNITURE,
    ),
    "100-day-below-the-table.xlsx": one(
        ["2013年上半年签约项目进展情况表"],
        HEAD,
        FURNITURE,
        ["填报时间：2013年6月3日"],
    ),
    "60-long-names.xlsx": one(
        [*HEAD, "投资方"],
        [FURNITURE[0], LONG_NAME, *FURNITURE[2:], ""],
        [*FOOD, LONG_NAME],
    ),
    "85-a-second-table.xlsx": {
        "台账": Sheet(
            [
                ["2013年上半年签约项目", "", "", "", "", "单位：万元"],
                [*HEAD[:3], "总投资", "签约日期", "责任人", "分包领导"],
                [*FURNITURE, "王建国", "李卫东"],
                ["小计", "1个", "", 50000, "", ""],
                [],
                ["外资项目", "", "", "", "单位：亿美元", ""],
                [*HEAD[:2], "分包领导", "责任人", "总投资", "责任单位", "签约日期"],
                [*SOLAR[:2], "周平", "吴刚", 1.2, "范县", SOLAR[4]],
            ]
        ),
        "单位": COUNTIES,
    },
    "87-headers-of-offices.xlsx": one(
        [
            *("序号", "工程名称", "客商名称", "牵头单位", "项目总投资（亿元）", "签约时间", "县级分包领导", "联络员"),
            *("形象进度", "存在问题及困难", "工作措施", "完成时限"),
        ],
        [
            *(1, "龙都家具产业园", "闽兴家居有限公司", "清丰县", 5, DAY, "李卫东", "王建国"),
            *("主体封顶", "用电容量不足", "增容", "2013-06-20"),
        ],
    ),
    "88-two-columns-for-one-field.xlsx": one(
        [*HEAD, "联络员", "责任人", "联络人"],
        [*FURNITURE, "张三", "王建国", "李四"],
    ),
    "89-sheets-called-after-units.xlsx": {
        "1.清丰县（1个）": Sheet([[*HEAD[:2], *HEAD[3:]], [*FURNITURE[:2], *FURNITURE[3:]]]),
        "南乐县": Sheet([[*HEAD[:2], *HEAD[3:]], [*FOOD[:2], *FOOD[3:]]]),
        "单位": COUNTIES,
    },
    "90-units-alone.xlsx": {"单位": COUNTIES},
    "91-all-faults-of-a-row.xlsx": one(
        [*HEAD, "下次回访时间"],
        [*FURNITURE[:2], "不明县", "很多", "", "不久"],
        [*FOOD, date(2099, 1, 1)],
    ),
    "86-a-summary-below.xlsx": one(
        HEAD,
        FURNITURE,
        FOOD,
        [],
        ["分县区汇总"],
        ["县区", "项目个数", "总投资（亿元）"],
        ["清丰县", 1, 5],
        ["南乐县", 1, 1.2],
    ),
    "102-a-table-in-unknown-words.xlsx": one(
        HEAD,
        FURNITURE,
        [],
        ["二、意向项目"],
        ["序号", "名称", "地点", "金额（亿元）", "时间"],
        [1, "光伏组件厂", "范县", 12, date(2013, 5, 20)],
    ),
    "103-unit-in-the-upper-header.xlsx": one(
        ["单位：亿元"],
        [*HEAD[:3], "投资额（万元）", "", "签约日期"],
        ["", "", "", "总投资", "到位资金", ""],
        [*FURNITURE[:4], 300, DAY],
        merged=("D2:E2",),
    ),
    "104-section-in-another-unit.xlsx": one(
        HEAD,
        FURNITURE,
        ["二、市级项目", "", "", "单位：亿元", ""],
        [*FOOD[:3], 1.2, FOOD[4]],
        [*SOLAR[:3], "3亿元", SOLAR[4]],
    ),
    "105-said-beside.xlsx": one(
        [*HEAD, "存在问题", "需协调解决的问题", "项目状态", "建设阶段"],
        [*FURNITURE, "无", "土地指标未批", "推进中", "停工"],
        [*FOOD, "缺电", "缺水", "推进中", ""],
    ),
    "106-merged-over-two-units.xlsx": one(
        HEAD,
        ["", "冷链食品加工园", "南乐县", 12000, DAY],
        ["", "", "范县", "", DAY],
        merged=("B2:B3", "D2:D3"),
    ),
    "107-mapped-unit-contradicted.xlsx": one(
        [*HEAD[:3], "钱", "签约日期"],
        FURNITURE,
        [],
        ["二、市级项目", "", "", "", "单位：亿元"],
        [*HEAD[:3], "钱", "签约日期", "备注"],
        [*SOLAR[:3], 12, SOLAR[4], ""],
    ),
    "118-signs-of-money.xlsx": SIGNS_OF_MONEY,
    "119-people-with-remarks.xlsx": PEOPLE_WITH_REMARKS,
    "49-blank-signs.xlsx": one(
        [*HEAD, "投资方", "分包领导", "存在的主要问题", "时间节点", "开工时间", "备注"],
        [*FURNITURE, "/", "——", "无。", "-", "暂无", "没有"],
        [*FOOD, " ", "　", "\n", "--", "\u200b", "—"],
    ),
}

CONVERTED = {
    "21-excel-97.xls": PLAIN | {"旧": Sheet([HEAD, SOLAR], is_hidden=True)},
    "22-libreoffice.ods": PLAIN,
    "50-excel-97-merged.xls": TABLES["03-merged-cells.xlsx"],
    "51-excel-97-errors.xls": TABLES["33-error-cells.xlsx"],
    "52-libreoffice-errors.ods": TABLES["33-error-cells.xlsx"],
    "71-libreoffice-looks.ods": {
        "台账": Sheet([HEAD, *([f"PY-{number}", f"项目{number}号", "清丰县", Looks(*cell), DAY] for number, cell in enumerate(CONVERTIBLE, 1))]),
        "台账（二）": Sheet(STRUCK),
    },
    "72-excel-97-looks.xls": {
        "台账": Sheet([HEAD, *([f"PY-{number}", f"项目{number}号", "清丰县", Looks(*cell), DAY] for number, cell in enumerate(CONVERTIBLE, 1))]),
        "台账（二）": Sheet(STRUCK),
    },
    "74-libreoffice-merged.ods": {
        "台账": Sheet(SHARED, SHARED_AREAS),
        "台账（二）": TABLES["03-merged-cells.xlsx"]["台账"],
        "台账（三）": TABLES["04-two-row-header.xlsx"]["台账"],
    },
}

COMMA = """项目编号,项目名称,责任单位,总投资（万元）,签约日期,进展情况
PY-1,龙都家具产业园,清丰县,"50,000",2013.3.1,"已注册,
正在办理用地手续"
PY-2,冷链食品加工园,南乐县,12000,20130415,
,,,,,
合计,,,62000,,
"""
RARE = COMMA.replace("龙都家具产业园", "濮𠮷堃家具产业园").replace("冷链", "㙍镕")
LISTED = "项目编号;项目名称;责任单位;总投资（亿元）;签约日期;分包领导\nPY-1;龙都家具产业园;清丰县;0,5亿;2013-03-01;李卫东,孙立,周平\n"
LISTED += "PY-2;冷链食品加工园;南乐县;1.2;2013-04-15;赵敏,王建国,吴刚,郑涛,钱进,冯敏\n"
TABBED = "sep=\t\r\n项目编号\t项目名称\t责任单位\t总投资（万元）\t签约日期\t进展情况\r\nPY-1\t龙都家具产业园\t清丰县\t50000\t2013/3/1\t"
TABBED += '"已注册, 已供地, 已备案; 正在\r\n办理"\r\nPY-2\t冷链食品加工园\t南乐县\t12000\t4/15/13\t选址中,待定,待定,待定\r\n'
EXPORTED = '项目编号,项目名称,责任单位,总投资（万元）,签约日期,备注\n="00012",龙都家具产业园,清丰县,50000,2013-03-01,#N/A\n'
EXPORTED += "PY-2,冷链\x00食品加工园,南乐县,#REF!,2013-04-15,\x07重点\n"
TEXTS = {
    "23-utf-8.csv": COMMA.encode(),
    "24-utf-8-with-mark.csv": COMMA.replace("\n", "\r\n").encode("utf-8-sig"),
    "25-gbk.csv": COMMA.encode("gbk"),
    "26-gb18030.csv": RARE.encode("gb18030"),
    "27-utf-16.csv": COMMA.encode("utf-16"),
    "28-semicolons.csv": LISTED.encode(),
    "29-tabs.txt": TABBED.encode("gbk"),
    "53-exported-by-a-system.csv": EXPORTED.encode(),
    "101-台账20130531.csv": COMMA.encode(),
    "54-latin.csv": "Project name;Unit;Amount\nCafé;Qingfeng;5\n".encode("latin-1") * 20,
}
