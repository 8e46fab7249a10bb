"""Brings the replay's projects into the ledger as any office's file comes in."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from deployments.replay.checks.failures import ReplayFailed
from deployments.replay.city.course import Course
from deployments.replay.city.world import World
from deployments.replay.output.journal import Deed
from deployments.replay.people.cast import in_a_file
from models.escalation.action_item import ActionItem, Blocker
from models.ledger.organisation import Person
from models.ledger.project import Project
from models.office_files.rows import LedgerRow
from models.words import OPEN_STAGES
from tasks.database import transaction
from tasks.imports.entering.import_file import import_ledger


def enter(world: World, rows: Sequence[tuple[LedgerRow, Course]], day: date) -> None:
    """Import the rows as one file on a day; open projects go their course from then on.

    Raises:
        ReplayFailed: when one does not go in as it is.
    """
    file = in_a_file(world.cast, f"台账{day:%Y%m%d}.xlsx", tuple(row for row, _course in rows))
    if faults := import_ledger(file, day).faults:
        raise ReplayFailed(day, [f"{fault.value}: {fault.reason}" for fault in faults])
    courses = {course.code: course for _row, course in rows}
    with transaction() as session:
        world.names |= dict(session.execute(select(Person.id, Person.name)).all())
        entered = select(Project).where(Project.code.in_(courses)).order_by(Project.id)
        for project in session.scalars(entered).all():
            world.journal.note(day, Deed.SIGNED, "", project.id)
            if project.stage in OPEN_STAGES:
                world.courses[project.id] = courses[project.code]
        blockers = select(ActionItem.id, ActionItem.project_id, Blocker.description).join(Blocker)
        known = session.execute(blockers.order_by(ActionItem.id)).all()
    for item_id, project_id, description in known:
        name_blocker(world, project_id, item_id, description)


def name_blocker(world: World, project_id: int | None, item_id: int, description: str) -> None:
    """Let a course know the blocker that one of its problems has become."""
    course = world.courses.get(project_id or 0)
    for trouble in course.troubles if course else ():
        if trouble.description == description and trouble.item_id is None:
            trouble.item_id = item_id
