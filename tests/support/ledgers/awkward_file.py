"""A ledger of everything that is awkward to write into a workbook and to read back out of it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from models.ledger.facts import FoundBlocker
from models.ledger.organisation import Person, Squad, Unit, UnitAlias
from models.ledger.project import CapitalEvent, Investor, Milestone, Progress, Project
from models.words import (
    BlockerCategory,
    CapitalKind,
    Currency,
    Exit,
    MilestoneKind,
    Role,
    Sector,
    Stage,
    UnitKind,
)
from tasks.database import transaction
from tasks.items.blockers import open_blocker
from tasks.items.opening import plan_visit
from tasks.ledger.lookups import campaigns

TODAY = date(2013, 6, 17)
"""A Monday."""
SIGNED = date(2013, 3, 1)
JOINT = "水务局、城管局联合办"
EXTRA: Sequence[dict[str, Any]] = (
    {"备注": "=1+1", "备注 2": "第二列备注", "备注 3": "第三列", "分包领导": "张三、李四", "分包领导 2": "王五"},
    {"申请用地(亩)": 0.30000000000000004, "编号(旧)": "007", "是否重点": True, "F": "没有表头"},
    {
        "是否重点": 1,
        "拟采取的解决办法": "没有问题的办法",
        "Remark 2": "second",
        "佐证材料": "另一份",
        "总投资(亿元)": "约5亿",
    },
    {"<r>": "<r>不是格式</r>", "-符号": "-5", "@": "@张三", "+": "+86 393", "_x0041_": "_x0041_"},
)


def fill() -> None:
    """Enter the whole of it into the ledger that `LUODI_DATABASE_URL` names."""
    with transaction("测试") as session:
        units = _units(session)
        people = _people(session, units)
        _projects(session, units, people)


def _units(session: Session) -> dict[str, Unit]:
    units = {
        "清丰县": Unit(name="清丰县"),
        "南乐县": Unit(name="南乐县"),
        "市审计局": Unit(name="市审计局", kind=UnitKind.BUREAU),
        "市商务局": Unit(name="市商务局", kind=UnitKind.COMMERCE_BUREAU),
        "市政府督查室": Unit(name="市政府督查室", kind=UnitKind.INSPECTION_OFFICE),
        JOINT: Unit(name=JOINT, kind=UnitKind.BUREAU),
        "“龙都”办": Unit(name="“龙都”办", kind=UnitKind.BUREAU),
        "1、号单位": Unit(name="1、号单位", kind=UnitKind.COUNTY),
    }
    units[JOINT].aliases = [UnitAlias(name="水务；城管"), UnitAlias(name="联合办")]
    session.add_all(units.values())
    session.flush()
    return units


def _people(session: Session, units: dict[str, Unit]) -> dict[str, Person]:
    """Two of one name above the counties, one in a county; one whose name looks like a unit's."""
    people = {
        "商务张三": Person(name="张三", role=Role.LEADER, unit=units["市商务局"], channels=["邮箱，甲", "webhook"]),
        "审计张三": Person(name="张三", role=Role.LEADER, unit=units["市审计局"]),
        "清丰李四": Person(name="李四", role=Role.OFFICER, unit=units["清丰县"]),
        "南乐李四": Person(name="李四", role=Role.OPERATOR, unit=units["南乐县"]),
        "阿里": Person(name="阿里·马", role=Role.OFFICER, unit=units["清丰县"]),
        "联合": Person(name="王、五", role=Role.OFFICER, unit=units[JOINT]),
        "科长": Person(name="科长", role=Role.INSPECTOR, unit=units["市政府督查室"]),
    }
    people["科长"].looks_after = sorted(units[name].id for name in ("1、号单位", JOINT, "“龙都”办"))
    session.add_all(people.values())
    session.add_all([Squad(name="家具、食品小分队"), Squad(name="没有项目的小分队")])
    session.flush()
    return people


def _projects(session: Session, units: dict[str, Unit], people: dict[str, Person]) -> None:
    home = Investor(name="闽兴家居，有限公司", registered_in="福建；泉州")
    nowhere = Investor(name="+投资")
    squad = session.query(Squad).order_by(Squad.id).first()
    county, joint = units["清丰县"], units[JOINT]
    alike = {"sector": Sector.OTHER, "unit": county, "amount": Decimal(5000000), "signed_on": SIGNED}
    one = Project(
        code="PY-1",
        name="=家具、产业园（一期）",
        investor=home,
        sector=Sector.TRADE,
        is_sme=True,
        unit=county,
        co_units=[joint, units["“龙都”办"]],
        amount=Decimal("123456789.91"),
        signed_on=SIGNED,
        officer=people["阿里"],
        leader=people["商务张三"],
        squad=squad,
        origin_activity="-厦门、洽谈会",
        extra=EXTRA[0],
    )
    two = Project(
        **alike | {"unit": joint, "amount": Decimal("12345678.01")},
        code="@PY-2",
        name="合计",
        currency=Currency.USD,
        officer=people["联合"],
        leader=people["审计张三"],
        extra=EXTRA[1],
    )
    three = Project(**alike, code="1", name="合计", investor=nowhere, officer=people["南乐李四"], extra=EXTRA[2])
    four = Project(**alike, code="备注:", name="<r>没有</r>", investor=home, officer=people["清丰李四"], extra=EXTRA[3])
    five = Project(**alike | {"amount": Decimal("0.01")}, code="PY-5", name="小计", stage=Stage.FOLLOW_UP)
    session.add_all([one, two, three, four, five, *_ended(alike, units)])
    session.flush()
    for project, day in (
        (one, date(2013, 6, 21)),
        (two, date(2013, 7, 1)),
        (three, TODAY),
        (four, TODAY),
        (five, TODAY),
    ):
        plan_visit(session, project, day, SIGNED)
    _happened(session, one, two)
    _blockers(session, one, two, four)


def _ended(alike: dict[str, Any], units: dict[str, Unit]) -> list[Project]:
    landed = Project(
        **alike, code="PY-6", name="已落地的项目", stage=Stage.LANDED, ended_on=date(2013, 5, 2), exit_reason=""
    )
    ended = alike | {"stage": Stage.EXITED, "unit": units["1、号单位"]}
    return [
        landed,
        Project(
            **ended | {"amount": Decimal("999999999999.99")},
            code="PY-7",
            name="撤资的项目",
            exit=Exit.LOST,
            exit_reason="=资金链\n断裂",
            ended_on=date(2013, 6, 1),
        ),
        Project(**ended, code="PY-8", name="终止的项目", exit=Exit.TERMINATED, exit_reason="双方同意", ended_on=TODAY),
    ]


def _happened(session: Session, one: Project, two: Project) -> None:
    session.add_all(
        [
            Progress(project_id=one.id, happened_on=SIGNED, text="先前的进展"),
            Progress(
                project_id=one.id, happened_on=date(2013, 6, 1), text="1、已注册；\n2、正在供地", reported_by="李四"
            ),
            Progress(project_id=two.id, happened_on=date(2013, 6, 1), text="+ 已完成 50%"),
        ]
    )
    landing = session.query(Project).where(Project.code == "PY-6").one()
    every = {MilestoneKind(kind) for campaign in campaigns(session) for kind in campaign.landing_definition}
    for kind in every:
        session.add(Milestone(project_id=landing.id, kind=kind, done_on=date(2013, 5, 2), evidence="证、照"))
    session.add_all(
        [
            Milestone(project_id=one.id, kind=MilestoneKind.REGISTERED, done_on=SIGNED, evidence="=执照\n第二行"),
            Milestone(project_id=one.id, kind=MilestoneKind.AT_CAPACITY, evidence="只有佐证"),
            Milestone(project_id=two.id, kind=MilestoneKind.FILED, done_on=SIGNED),
            _capital(one, CapitalKind.PAID_IN, SIGNED, "12345.67", Currency.CNY, "1、验资；\n2、流水"),
            _capital(one, CapitalKind.PAID_IN, date(2013, 6, 1), "30000000", Currency.CNY, ""),
            _capital(one, CapitalKind.PAID_IN, date(2013, 6, 2), "5000000", Currency.USD, ""),
            _capital(one, CapitalKind.INCREASE, date(2013, 6, 2), "20000000", Currency.CNY, "=变更登记"),
            _capital(two, CapitalKind.INCREASE, SIGNED, "100000000", Currency.CNY, "无"),
            _capital(two, CapitalKind.INCREASE, date(2013, 6, 1), "200000000", Currency.CNY, "股东会决议"),
        ]
    )


def _capital(
    project: Project, kind: CapitalKind, day: date, amount: str, currency: Currency, evidence: str
) -> CapitalEvent:
    return CapitalEvent(
        project_id=project.id,
        kind=kind,
        happened_on=day,
        amount=Decimal(amount),
        currency=currency,
        evidence=evidence,
    )


def _blockers(session: Session, one: Project, two: Project, four: Project) -> None:
    found = (
        (one, BlockerCategory.LAND, JOINT, "用地指标\n未落实", "1、调剂\n2、报批", date(2013, 7, 1)),
        (one, BlockerCategory.OTHER, "市商务局", "1、一条；\n2、其实是同一条", "", date(2013, 7, 2)),
        (one, BlockerCategory.UTILITIES, "清丰县", "“水”未通", "无", date(2013, 7, 3)),
        (two, BlockerCategory.PROMISE, "1、号单位", "1、甲；2、乙", "“全部”兑现", date(2013, 8, 1)),
        (four, BlockerCategory.FINANCING, "“龙都”办", "@资金", "", date(2013, 6, 17)),
    )
    for project, category, unit, words, solution, due_on in found:
        open_blocker(session, project, FoundBlocker(category, unit, words, solution, due_on), TODAY)


PORTRAIT = """
SELECT p.code, p.name, i.name AS investor, i.registered_in, p.sector, p.is_sme, u.name AS unit,
       (SELECT array_agg(c.name ORDER BY c.name) FROM project_co_unit x JOIN unit c ON c.id = x.unit_id
        WHERE x.project_id = p.id) AS co_units,
       p.amount, p.currency, p.signed_on, o.name AS officer, ou.name AS officer_unit, l.name AS leader,
       lu.name AS leader_unit, s.name AS squad, p.origin_activity, p.stage IN ('signed', 'follow_up') AS is_open,
       p.exit, p.exit_reason, p.ended_on, p.extra,
       (SELECT g.text FROM progress g WHERE g.project_id = p.id ORDER BY g.happened_on DESC, g.id DESC LIMIT 1)
       AS progress,
       (SELECT array_agg(ROW(m.kind, m.planned_on, m.done_on, m.evidence)::text ORDER BY m.kind) FROM milestone m
        WHERE m.project_id = p.id) AS milestones,
       (SELECT array_agg(ROW(c.kind, c.happened_on, c.amount, c.currency, replace(c.evidence, '无', ''))::text
                         ORDER BY c.kind, c.happened_on) FROM capital_event c WHERE c.project_id = p.id) AS capital,
       (SELECT array_agg(ROW(b.category, r.name, b.description, replace(b.proposed_solution, '无', ''), a.due_on)::text
                         ORDER BY b.description)
        FROM action_item a JOIN blocker b ON b.item_id = a.id JOIN unit r ON r.id = b.recipient_unit_id
        WHERE a.project_id = p.id AND a.closed_on IS NULL) AS blockers,
       (SELECT a.due_on FROM action_item a WHERE a.project_id = p.id AND a.kind = 'visit' AND a.closed_on IS NULL)
       AS visit_due_on
FROM project p
JOIN unit u ON u.id = p.unit_id
LEFT JOIN investor i ON i.id = p.investor_id
LEFT JOIN person o ON o.id = p.officer_id LEFT JOIN unit ou ON ou.id = o.unit_id
LEFT JOIN person l ON l.id = p.leader_id LEFT JOIN unit lu ON lu.id = l.unit_id
LEFT JOIN squad s ON s.id = p.squad_id
ORDER BY p.code
"""
REGISTERS = """
SELECT 'unit', u.name, u.kind, array_agg(a.name ORDER BY a.name) FILTER (WHERE a.name IS NOT NULL)
FROM unit u LEFT JOIN unit_alias a ON a.unit_id = u.id GROUP BY u.id
UNION ALL
SELECT 'person', p.name, p.role, ARRAY[u.name, p.channels::text, (
    SELECT string_agg(l.name, ' ' ORDER BY l.name) FROM unit l WHERE p.looks_after @> to_jsonb(l.id))]
FROM person p JOIN unit u ON u.id = p.unit_id
UNION ALL
SELECT 'squad', name, '', NULL FROM squad
ORDER BY 1, 2, 4
"""


def portrait(engine: Engine) -> tuple[dict[str, dict[str, Any]], list[tuple[Any, ...]]]:
    """Every column of every project by code, and every unit, person and squad."""
    with Session(engine) as session:
        projects = {row.code: dict(row._mapping) for row in session.execute(text(PORTRAIT))}
        return projects, [tuple(row) for row in session.execute(text(REGISTERS))]
