"""The office's ledger: units and people that tests share, projects that tests sign, what the ledger
says of them.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import delete, select, update

from deployments.embedded_postgres.server import EmbeddedPostgres
from models.escalation.action_item import ActionItem, Visit
from models.escalation.question import Ask, Run
from models.ledger.facts import FoundBlocker
from models.ledger.history import Change
from models.ledger.organisation import Person, Squad, Unit
from models.ledger.project import Investor, Project
from models.words import (
    OPEN_STAGES,
    BlockerCategory,
    Exit,
    ItemKind,
    ItemResult,
    Role,
    Sector,
    Stage,
    UnitKind,
    Verdict,
)
from support.office.days import days_ago, today
from support.office.installation import Installation
from tasks.database import transaction
from tasks.dialogues.update_runs import open_missing_runs
from tasks.items.blockers import open_blocker
from tasks.items.facts import end_project
from tasks.items.next_steps import set_next_steps
from tasks.items.opening import plan_visit
from tasks.ledger.locks import lock_project

COUNTY, OTHER_COUNTY, BUREAU = "清丰县", "南乐县", "市国土资源局"
OFFICER, LEADER = "清丰县招商局专员", "清丰县分包领导"
OTHER_OFFICER, OTHER_LEADER = "南乐县招商局专员", "南乐县分包领导"
INSPECTION_OFFICE, INSPECTOR = "市政府督查室", "督查专员"
SQUAD = "闽东南小分队"


class Ledger(Installation):
    """Enters what a test starts from, and reads what became of it."""

    def __init__(self, folder: Path, postgres: EmbeddedPostgres, name: str) -> None:
        super().__init__(folder, postgres, name)
        self._signed = 0

    def found(self) -> None:
        """Enter the units, people and the squad that tests share."""
        with transaction(source="test") as session:
            units = [Unit(name=COUNTY), Unit(name=OTHER_COUNTY), Unit(name=BUREAU, kind=UnitKind.BUREAU)]
            office = Unit(name=INSPECTION_OFFICE, kind=UnitKind.INSPECTION_OFFICE)
            session.add_all([*units, office, Person(name=INSPECTOR, role=Role.INSPECTOR, unit=office)])
            session.add(Squad(name=SQUAD))
            staff = {COUNTY: (OFFICER, LEADER), OTHER_COUNTY: (OTHER_OFFICER, OTHER_LEADER)}
            for unit in units[:2]:
                for name, role in zip(staff[unit.name], (Role.OFFICER, Role.LEADER), strict=True):
                    session.add(Person(name=name, role=role, unit=unit))

    def wind_up(self) -> None:
        """End what tests left open: each start of a worker looks at all of it.

        The next reconciliation cancels the runs.
        """
        with transaction(source="test") as session:
            for project in session.scalars(select(Project).where(Project.stage.in_(OPEN_STAGES))).all():
                project.exit, project.exit_reason = Exit.TERMINATED, "test"
                end_project(session, project, Stage.EXITED, today(), today())
            for item in session.scalars(select(ActionItem).where(ActionItem.closed_on.is_(None))).all():
                item.close(today(), ItemResult.WITHDRAWN)
            superseded = {"verdict": Verdict.SUPERSEDED, "judged_at": datetime.now(UTC)}
            session.execute(update(Ask).where(Ask.verdict.is_(None)).values(superseded))
            session.execute(delete(Run))

    def sign(self, count: int = 1, blockers: int = 0) -> list[int]:
        """Sign projects that owe their first visit, each with as many blockers; without runs as
        yet.
        """
        with transaction(source="test") as session:
            officer = session.scalars(select(Person).where(Person.name == OFFICER)).one()
            leader = session.scalars(select(Person).where(Person.name == LEADER)).one()
            projects = [self._new_project(officer, leader) for _each in range(count)]
            session.add_all(projects)
            session.flush()
            for project in projects:
                plan_visit(session, project, today() + timedelta(days=20), days_ago(5))
                for number in range(1, blockers + 1):
                    open_blocker(session, project, land_problem(f"{project.code} 土地指标 {number}"), days_ago(5))
            return [project.id for project in projects]

    def stall(self, due_on: date) -> tuple[int, int]:
        """A project with a blocker that is, or was, due on that day; their runs wait. Returns both
        numbers.
        """
        (project_id,) = self.sign()
        found = FoundBlocker(BlockerCategory.LAND, BUREAU, "用地指标缺口60亩", "", due_on)
        with transaction(source="test") as session:
            item = open_blocker(session, lock_project(session, project_id), found, min(due_on, today()))
            session.flush()
            item_id = item.id
        self.open_runs()
        return project_id, item_id

    def owe_investor_visit(self, due_on: date) -> tuple[int, list[int]]:
        """A visit owed to the investor of two new projects by that day; all runs wait. Returns item
        and projects.
        """
        projects = self.sign(count=2)
        with transaction(source="test") as session:
            signed = [session.get_one(Project, project_id) for project_id in projects]
            investor = Investor(name=f"闽兴家居集团{projects[0]}", registered_in="福建泉州")
            for project in signed:
                project.investor = investor
            item = ActionItem(kind=ItemKind.VISIT, investor=investor, unit=signed[0].unit, owner=signed[0].officer)
            item.leader, item.opened_on, item.due_on = signed[0].leader, min(due_on, today()), due_on
            session.add(item)
            session.flush()
            set_next_steps(session, items=[item.id])
            item_id = item.id
        self.open_runs()
        return item_id, projects

    @staticmethod
    def tell(person: str, *channels: str) -> None:
        """Let somebody be told by these channels, the first one first; none: the built-in inbox."""
        with transaction(source="test") as session:
            session.execute(update(Person).where(Person.name == person).values(channels=list(channels)))

    def _new_project(self, officer: Person, leader: Person) -> Project:
        self._signed += 1
        return Project(
            code=f"PY-2026-{self._signed:03}",
            name=f"家具产业园{self._signed}期",
            sector=Sector.FURNITURE,
            unit=officer.unit,
            amount=Decimal(1_000_000_000),
            signed_on=days_ago(200),
            officer=officer,
            leader=leader,
        )

    def new_project(self, blockers: int = 0) -> int:
        """A project whose run, and its blockers' runs, wait with their first questions."""
        (project_id,) = self.sign(blockers=blockers)
        self.open_runs()
        return project_id

    def open_runs(self) -> None:
        """Open the runs that projects and blockers lack, as an import does."""
        with self.client():
            open_missing_runs()

    def project(self, project_id: int) -> Project:
        """The project as the ledger has it now, with its milestones, people and unit."""
        with transaction() as session:
            project = session.get_one(Project, project_id)
            _loaded = project.milestones, project.officer, project.leader, project.squad, project.unit
            return project

    def items(self, project_id: int, kind: ItemKind) -> list[ActionItem]:
        """What was owed on the project, oldest first, with what is special to it."""
        with transaction() as session:
            found = session.scalars(
                select(ActionItem)
                .where(ActionItem.project_id == project_id, ActionItem.kind == kind)
                .order_by(ActionItem.id)
            ).all()
            _loaded = [(item.visit, item.blocker, item.pauses, item.owner, item.leader) for item in found]
            return list(found)

    def visits(self, project_id: int) -> list[Visit]:
        """The visits in the register, oldest first."""
        return [item.visit for item in self.items(project_id, ItemKind.VISIT) if item.visit]

    def asks(self, flow: str, subject_id: int) -> list[Ask]:
        """Every question ever put about the subject, oldest first."""
        with transaction() as session:
            asks = select(Ask).where(Ask.flow == flow, Ask.subject_id == subject_id).order_by(Ask.asked_at)
            return list(session.scalars(asks))

    def verdicts(self, flow: str, subject_id: int) -> list[Verdict | None]:
        """What became of every question about the subject, oldest first; None is the one that
        waits.
        """
        return [ask.verdict for ask in self.asks(flow, subject_id)]

    def ask(self, ask: Ask) -> Ask:
        """The question as the ledger has it now."""
        with transaction() as session:
            return session.get_one(Ask, ask.id)

    def served_by(self, flow: str, subject_id: int) -> Run:
        """Which run the ledger says serves the subject."""
        with transaction() as session:
            return session.get_one(Run, (flow, subject_id))

    def changes(self, table: str, row_id: int, column: str | None) -> list[Change]:
        """What history says of a row's column (None: how the row came to be), oldest first."""
        with transaction() as session:
            found = select(Change).where(Change.table_name == table, Change.row_id == str(row_id))
            same = Change.column_name.is_(None) if column is None else Change.column_name == column
            return list(session.scalars(found.where(same).order_by(Change.id)))


def land_problem(description: str) -> FoundBlocker:
    """A problem the land bureau must solve."""
    return FoundBlocker(BlockerCategory.LAND, BUREAU, description, "", today() + timedelta(days=30))
