"""A small ledger in which no two columns hold the same value: columns that are swapped are seen."""

from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Pause, Visit
from models.escalation.escalation import Escalation
from models.ledger.facts import Facts, FoundBlocker
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
    Step,
    UnitKind,
    VisitOutcome,
)
from tasks.database import transaction
from tasks.items.blockers import open_blocker, resolve_blocker
from tasks.items.next_steps import set_next_steps
from tasks.items.open_items import open_visit
from tasks.items.opening import plan_visit
from tasks.items.visits import record_visit
from tasks.ledger.selection import Selection
from tasks.revisits.open import open_campaign
from tasks.revisits.terms import Terms

CAMPAIGN = "夏季回访"
OPENED, REVISIT_DUE = date(2013, 6, 3), date(2013, 8, 30)
REACHED = {  # what the project behind has reached; it waits for the start of construction
    MilestoneKind.REGISTERED: date(2013, 4, 22),
    MilestoneKind.FILED: date(2013, 5, 6),
    MilestoneKind.LAND_PAID: date(2013, 5, 20),
    MilestoneKind.COMPLETED: date(2013, 6, 4),
    MilestoneKind.IN_PRODUCTION: date(2013, 6, 25),
    MilestoneKind.AT_CAPACITY: date(2013, 7, 15),
}


def fill() -> None:
    """Enter projects behind, landed and exited, and a revisit campaign."""
    with transaction("测试") as session:
        units = _units(session)
        people = _people(session, units)
        project, other = _projects(session, units, people)
        _milestones_and_capital(session, project)
        _problems(session, project, other)
    open_campaign(
        Terms(CAMPAIGN, Selection(), deadline=REVISIT_DUE, squad="闽东南小分队", visits_investors=True), OPENED
    )
    with transaction("测试") as session:
        project = session.scalars(select(Project).where(Project.code == "PY-1")).one()
        _visit(session, project)
        _raise(session, project)


def _units(session: Session) -> dict[str, Unit]:
    units = {
        "清丰县": UnitKind.COUNTY,
        "南乐县": UnitKind.COUNTY,
        "市国土资源局": UnitKind.BUREAU,
        "市环保局": UnitKind.BUREAU,
        "市商务局": UnitKind.COMMERCE_BUREAU,
        "市政府督查室": UnitKind.INSPECTION_OFFICE,
    }
    made = {name: Unit(name=name, kind=kind) for name, kind in units.items()}
    made["市国土资源局"].aliases = [UnitAlias(name="国土局")]
    session.add_all(made.values())
    session.flush()
    return made


def _people(session: Session, units: dict[str, Unit]) -> dict[str, Person]:
    people = {
        "赵专员": (Role.OFFICER, "清丰县"),
        "钱县长": (Role.LEADER, "清丰县"),
        "孙专员": (Role.OFFICER, "南乐县"),
        "李县长": (Role.LEADER, "南乐县"),
        "周科长": (Role.INSPECTOR, "市政府督查室"),
    }
    made = {name: Person(name=name, role=role, unit=units[unit]) for name, (role, unit) in people.items()}
    made["钱县长"].channels = ["短信网关"]
    made["周科长"].looks_after = [units["清丰县"].id]
    session.add_all(made.values())
    session.add(Squad(name="闽东南小分队"))
    session.flush()
    return made


def _projects(session: Session, units: dict[str, Unit], people: dict[str, Person]) -> tuple[Project, Project]:
    squad = session.scalars(select(Squad)).one()
    one = Project(
        code="PY-1",
        name="家具产业园",
        investor=Investor(name="闽兴家居", registered_in="泉州"),
        sector=Sector.FURNITURE,
        is_sme=True,
        unit=units["清丰县"],
        co_units=[units["市商务局"]],
        amount=Decimal(123450000),
        signed_on=date(2013, 3, 1),
        officer=people["赵专员"],
        leader=people["钱县长"],
        squad=squad,
        origin_activity="厦门洽谈会",
        stage=Stage.FOLLOW_UP,
        extra={"申请用地": "87亩"},
    )
    two = Project(
        code="PY-2",
        name="食品城",
        investor=Investor(name="北粮集团", registered_in="天津"),
        sector=Sector.FOOD,
        unit=units["南乐县"],
        amount=Decimal(67800000),
        currency=Currency.USD,
        signed_on=date(2013, 3, 5),
        officer=people["孙专员"],
        leader=people["李县长"],
    )
    three = Project(
        code="PY-3",
        name="机械园",
        sector=Sector.MACHINERY,
        unit=units["南乐县"],
        amount=Decimal(5000000),
        signed_on=date(2013, 3, 6),
        stage=Stage.EXITED,
        exit=Exit.LOST,
        exit_reason="资金链断裂",
        ended_on=date(2013, 5, 28),
    )
    four = Project(
        code="PY-4",
        name="药业园",
        sector=Sector.BIOPHARMA,
        unit=units["南乐县"],
        amount=Decimal(7000000),
        signed_on=date(2013, 3, 7),
        stage=Stage.LANDED,
        ended_on=date(2013, 5, 29),
    )
    session.add_all([one, two, three, four])
    session.flush()
    for kind in (MilestoneKind.REGISTERED, MilestoneKind.CONSTRUCTION_STARTED):
        session.add(Milestone(project_id=four.id, kind=kind, done_on=date(2013, 5, 29), evidence="照片"))
    plan_visit(session, one, date(2013, 6, 21), date(2013, 3, 1))
    plan_visit(session, two, date(2013, 6, 24), date(2013, 3, 5))
    return one, two


def _milestones_and_capital(session: Session, project: Project) -> None:
    for kind in MilestoneKind:
        planned_on = date(2013, 9, 1 + kind_position(kind))
        evidence = f"{kind.label}的佐证" if kind in REACHED else ""
        session.add(
            Milestone(
                project_id=project.id, kind=kind, planned_on=planned_on, done_on=REACHED.get(kind), evidence=evidence
            )
        )
    for what, day, amount in (
        (CapitalKind.INCREASE, date(2013, 4, 24), 21000000),
        (CapitalKind.PAID_IN, date(2013, 4, 25), 32000000),
    ):
        event = CapitalEvent(project_id=project.id, kind=what, happened_on=day, amount=Decimal(amount))
        event.evidence = f"{what.label}的凭证"
        session.add(event)
    session.add(Progress(project_id=project.id, happened_on=date(2013, 4, 12), text="围墙已建"))


def kind_position(kind: MilestoneKind) -> int:
    return list(MilestoneKind).index(kind)


def _problems(session: Session, one: Project, other: Project) -> None:
    land = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "统筹调剂", date(2013, 6, 14))
    open_blocker(session, one, land, date(2013, 5, 13))
    air = FoundBlocker(BlockerCategory.ENVIRONMENT, "市环保局", "环评未批", "加快审批", date(2013, 7, 5))
    item = open_blocker(session, other, air, date(2013, 6, 5))
    resolve_blocker(session, item, "环评已批复", "市环保局", date(2013, 7, 2))


def _visit(session: Session, project: Project) -> None:
    item = open_visit(session, project.id)
    assert item is not None
    day = date(2013, 6, 17)
    visit = Visit(
        item_id=item.id,
        visited_on=day,
        outcome=VisitOutcome.CONTINUE,
        progress="主体在建",
        filled_in_by="吴主任",
    )
    facts = Facts(day, "吴主任", VisitOutcome.CONTINUE, "主体在建")
    record_visit(session, item, visit, facts, date(2013, 9, 20), day)


def _raise(session: Session, project: Project) -> None:
    """The problem went to the leader, who replied, then to the office; then it was on hold."""
    item = session.scalars(
        select(ActionItem).where(ActionItem.project_id == project.id, ActionItem.blocker.has())
    ).one()
    steps = (
        (Step.LEADER, date(2013, 6, 18), None, datetime(2013, 6, 21, 2, tzinfo=UTC)),
        (Step.OFFICE, date(2013, 7, 1), 41, datetime(2013, 7, 5, 2, tzinfo=UTC)),
    )
    for step, day, number, replied_at in steps:
        raised = Escalation(
            item_id=item.id, round=1, step=step, policy_id=1, raised_on=day, due_on=item.due_on, document_no=number
        )
        session.add(raised)
        raised.replied_at, raised.replied_by, raised.reply = replied_at, "钱县长", f"答复{day.month}"
    session.add(
        Pause(
            item_id=item.id,
            from_on=date(2013, 7, 22),
            until_on=date(2013, 7, 29),
            reason="停水停电",
            granted_by="钱县长",
        )
    )
    session.flush()
    last = {"fired_step": Step.OFFICE, "fired_on": date(2013, 7, 1)}
    session.execute(update(ActionItem).where(ActionItem.id == item.id).values(last))
    set_next_steps(session)
