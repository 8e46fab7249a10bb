"""A ledger of two counties to revisit, and what became of the visits."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select, text

from models.campaigns.revisit import RevisitCampaign, RevisitVisit
from models.escalation.action_item import ActionItem, Visit
from models.escalation.calendar import official_calendar
from models.escalation.question import Ask
from models.ledger.facts import Facts
from models.ledger.project import Investor, Project
from models.words import ItemKind, Sector, VisitOutcome
from tasks.database import transaction
from tasks.items.open_items import open_visit
from tasks.items.opening import plan_visit
from tasks.items.visits import record_visit
from tasks.ledger.locks import lock_project
from tasks.ledger.questions import LIFECYCLE
from tasks.ledger.selection import Selection
from tasks.revisits.open import OpenedCampaign
from tasks.revisits.terms import Terms

TODAY = date(2013, 6, 9)  # a Sunday that was worked
SOON, LATER, LATE = date(2013, 6, 20), date(2013, 7, 1), date(2013, 7, 22)
NAME = "2013年项目回访"
CALENDAR = official_calendar(2012, 2015)
EVERYBODY = Terms(NAME, Selection(), deadline=LATER)


@dataclass
class City:
    """A ledger of two counties; everything by number."""

    units: dict[str, int]
    people: dict[str, int]

    def investor(self, name: str) -> int:
        with transaction("测试") as session:
            found = Investor(name=name)
            session.add(found)
            session.flush()
            return found.id

    def sign(
        self, unit: str = "清丰县", due_on: date | None = LATE, investor: int | None = None, **said: object
    ) -> int:
        """A project that owes a visit by that day; None: it owes none."""
        with transaction("测试") as session:
            number = session.scalar(select(func.count()).select_from(Project)) or 0
            project = Project(
                code=f"PY-2013-{number + 1:04}",
                name=f"项目{number + 1}",
                unit_id=self.units[unit],
                investor_id=investor,
                officer_id=self.people[f"{unit}专员"],
                leader_id=self.people[f"{unit}领导"],
                **{"sector": Sector.FOOD, "amount": Decimal(10**8), "signed_on": date(2013, 3, 1)} | said,
            )
            session.add(project)
            session.flush()
            if due_on:
                plan_visit(session, project, due_on, date(2013, 5, 2))
            return project.id


def visits(project: int | None = None, investor: int | None = None) -> list[ActionItem]:
    """All visits to one subject, oldest first."""
    subject = ActionItem.project_id == project if project else ActionItem.investor_id == investor
    with transaction() as session:
        found = select(ActionItem).where(ActionItem.kind == ItemKind.VISIT, subject).order_by(ActionItem.id)
        return list(session.scalars(found))


def owed(project: int | None = None, investor: int | None = None) -> ActionItem:
    """The one open visit to a subject."""
    (item,) = [each for each in visits(project, investor) if each.closed_on is None]
    return item


def links(name: str = NAME) -> dict[int, RevisitVisit]:
    with transaction() as session:
        found = select(RevisitVisit).join(RevisitCampaign).where(RevisitCampaign.name == name)
        return {each.item_id: each for each in session.scalars(found)}


def campaign(name: str = NAME) -> RevisitCampaign:
    with transaction() as session:
        return session.scalars(select(RevisitCampaign).where(RevisitCampaign.name == name)).one()


def answer(project: int, on: date = TODAY, next_on: date = LATE) -> None:
    """The officer reports the visit that is owed."""
    with transaction("测试") as session:
        lock_project(session, project)
        item = open_visit(session, project)
        assert item is not None
        visit = Visit(
            item_id=item.id, visited_on=on, outcome=VisitOutcome.CONTINUE, progress="主体施工", filled_in_by="专员"
        )
        facts = Facts(on, "专员", VisitOutcome.CONTINUE, "主体施工")
        record_visit(session, item, visit, facts, next_on, on)


def counts(opened: OpenedCampaign) -> tuple[int, ...]:
    return opened.total.counts


def terms(name: str, due_on: date, **said: object) -> Terms:
    return replace(EVERYBODY, name=name, deadline=due_on, **said)  # type: ignore[arg-type]


def ask(project: int) -> None:
    with transaction("测试") as session:
        item = open_visit(session, project)
        assert item is not None
        session.add(
            Ask(
                form_no=f"F-{project}",
                flow=LIFECYCLE,
                subject_id=project,
                is_standing=True,
                item_id=item.id,
                schema_sent={"properties": {}},
                brief="",
            )
        )


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row a campaign could touch."""
    tables = ("action_item", "pause", "revisit_campaign", "revisit_visit", "change", "ask")
    with transaction() as session:
        return {name: [tuple(row) for row in session.execute(text(f"TABLE {name} ORDER BY 1, 2"))] for name in tables}
