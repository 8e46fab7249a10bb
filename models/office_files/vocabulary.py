"""How offices' ledgers name the field's words. Data, not translated; hints are found inside longer cells."""

from models.words import BlockerCategory, MilestoneKind, Role, Sector, UnitKind, VisitOutcome

SECTORS = {
    "金融": Sector.FINANCE,
    "生物医药": Sector.BIOPHARMA,
    "食品": Sector.FOOD,
    "食品加工": Sector.FOOD,
    "家具": Sector.FURNITURE,
    "商贸城": Sector.TRADE,
    "城市综合体": Sector.TRADE,
    "机械制造": Sector.MACHINERY,
    "装备制造": Sector.MACHINERY,
    "新能源": Sector.NEW_ENERGY,
    "新材料": Sector.NEW_MATERIALS,
    "其他": Sector.OTHER,
}
SECTOR_HINTS = SECTORS | {
    "银行": Sector.FINANCE,
    "医药": Sector.BIOPHARMA,
    "生物": Sector.BIOPHARMA,
    "家居": Sector.FURNITURE,
    "商贸": Sector.TRADE,
    "综合体": Sector.TRADE,
    "机械": Sector.MACHINERY,
    "装备": Sector.MACHINERY,
    "光伏": Sector.NEW_ENERGY,
    "风电": Sector.NEW_ENERGY,
}
CATEGORIES = {
    "土地": BlockerCategory.LAND,
    "审批手续": BlockerCategory.PERMIT,
    "环评": BlockerCategory.ENVIRONMENT,
    "拆迁": BlockerCategory.DEMOLITION,
    "水电气路": BlockerCategory.UTILITIES,
    "资金": BlockerCategory.FINANCING,
    "用工": BlockerCategory.LABOUR,
    "承诺未兑现": BlockerCategory.PROMISE,
    "投资方原因": BlockerCategory.INVESTOR,
    "其他": BlockerCategory.OTHER,
}
CATEGORY_HINTS = {
    "环": BlockerCategory.ENVIRONMENT,
    "拆": BlockerCategory.DEMOLITION,
    "征迁": BlockerCategory.DEMOLITION,
    "承诺": BlockerCategory.PROMISE,
    "兑现": BlockerCategory.PROMISE,
    "地": BlockerCategory.LAND,
    "手续": BlockerCategory.PERMIT,
    "审批": BlockerCategory.PERMIT,
    "电": BlockerCategory.UTILITIES,
    "水": BlockerCategory.UTILITIES,
    "路": BlockerCategory.UTILITIES,
    "配套": BlockerCategory.UTILITIES,
    "融资": BlockerCategory.FINANCING,
    "资金": BlockerCategory.FINANCING,
    "用工": BlockerCategory.LABOUR,
    "投资方": BlockerCategory.INVESTOR,
}
CLAIMS: dict[str, VisitOutcome | None] = {
    "落地": VisitOutcome.LANDED,
    "已落地": VisitOutcome.LANDED,
    "终止": VisitOutcome.TERMINATED,
    "已终止": VisitOutcome.TERMINATED,
    "解约": VisitOutcome.TERMINATED,
    "撤资": VisitOutcome.LOST,
    "流失": VisitOutcome.LOST,
    "是": VisitOutcome.LANDED,
    "否": None,
    "未落地": None,
    "已签约": None,
    "签约": None,
    "推进中": None,
    "跟进中": None,
}
UNIT_KINDS = {
    "县区": UnitKind.COUNTY,
    "县": UnitKind.COUNTY,
    "区": UnitKind.COUNTY,
    "局委": UnitKind.BUREAU,
    "市直部门": UnitKind.BUREAU,
    "商务局": UnitKind.COMMERCE_BUREAU,
    "商务主管部门": UnitKind.COMMERCE_BUREAU,
    "督查室": UnitKind.INSPECTION_OFFICE,
}
UNIT_KIND_HINTS = {
    "督查": UnitKind.INSPECTION_OFFICE,
    "商务": UnitKind.COMMERCE_BUREAU,
    "局": UnitKind.BUREAU,
    "委": UnitKind.BUREAU,
    "部门": UnitKind.BUREAU,
    "办": UnitKind.BUREAU,
    "公司": UnitKind.BUREAU,
}
ROLES = {
    "分包人员": Role.OFFICER,
    "专员": Role.OFFICER,
    "责任人": Role.OFFICER,
    "分包领导": Role.LEADER,
    "领导": Role.LEADER,
    "督查": Role.INSPECTOR,
    "督查人员": Role.INSPECTOR,
    "操作员": Role.OPERATOR,
}
ROLE_HINTS = {"领导": Role.LEADER, "督查": Role.INSPECTOR, "管理": Role.OPERATOR}

MILESTONES = {
    MilestoneKind.REGISTERED: ("注册", "公司注册"),
    MilestoneKind.FILED: ("备案", "项目备案"),
    MilestoneKind.LAND_PAID: ("供地", "土地款缴纳", "缴纳土地款"),
    MilestoneKind.CONSTRUCTION_STARTED: ("开工", "开工建设"),
    MilestoneKind.COMPLETED: ("竣工",),
    MilestoneKind.IN_PRODUCTION: ("投产",),
    MilestoneKind.AT_CAPACITY: ("达产",),
}
