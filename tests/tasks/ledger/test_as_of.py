"""How the ledger stood on a day: by the days of its facts, and by history where they have none."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from models.ledger.organisation import Unit
from models.ledger.project import Milestone, Project
from models.words import Exit, MilestoneKind, Stage
from tasks.database import transaction
from tasks.ledger.as_of import projects_as_of

REGISTERED, STARTED = MilestoneKind.REGISTERED, MilestoneKind.CONSTRUCTION_STARTED
BOTH = (REGISTERED, STARTED)
MARCH, APRIL, MAY = date(2013, 3, 20), date(2013, 4, 20), date(2013, 5, 20)


@pytest.fixture
def landed(project: int) -> int:
    """The project, registered in April and started in May, both proven."""
    with transaction("测试") as session:
        for kind, day in ((REGISTERED, APRIL), (STARTED, MAY)):
            session.add(Milestone(project_id=project, kind=kind, done_on=day, evidence="执照"))
    return project


def row(day, definition=BOTH, known_at=None):
    """The one project as it stood, as a mapping; None before it was signed."""
    with transaction() as session:
        return session.execute(select(projects_as_of(day, definition, known_at))).mappings().one_or_none()


@pytest.mark.parametrize(("definition", "landed_on"), [((REGISTERED,), APRIL), (BOTH, MAY), ((STARTED,), MAY)])
@pytest.mark.usefixtures("landed")
def test_a_project_has_landed_since_the_last_milestone_of_the_definition(definition, landed_on):
    assert row(landed_on, definition)["landed_on"] == landed_on
    assert row(MARCH, definition)["landed_on"] is None


@pytest.mark.usefixtures("landed")
def test_a_milestone_to_come_has_not_happened():
    found = row(APRIL)
    assert (found["landed_on"], found["started_on"]) == (None, None)
    assert row(MAY)["started_on"] == MAY


def test_a_milestone_without_evidence_does_not_land(landed):
    with transaction("测试") as session:
        session.scalars(select(Milestone).where(Milestone.kind == STARTED)).one().evidence = " "
    assert row(MAY)["landed_on"] is None


@pytest.mark.usefixtures("landed")
def test_before_it_was_signed_a_project_is_not_there():
    assert row(date(2013, 2, 28)) is None


def test_an_exited_project_has_not_landed_but_had_until_then(landed):
    with transaction("测试") as session:
        project = session.get_one(Project, landed)
        project.stage, project.exit, project.exit_reason = Stage.EXITED, Exit.LOST, "撤资"
        project.ended_on = date(2013, 6, 3)
    assert (row(MAY)["landed_on"], row(MAY)["exited_on"]) == (MAY, None)
    after = row(date(2013, 6, 3))
    assert (after["landed_on"], after["exited_on"]) == (None, date(2013, 6, 3))


def test_what_was_changed_since_is_told_as_it_was_known(landed):
    before = datetime.now(UTC)
    with transaction("测试") as session:
        other = Unit(name="南乐县")
        session.add(other)
        session.flush()
        project = session.get_one(Project, landed)
        former = project.unit_id
        project.unit_id, project.leader_id, project.amount = other.id, None, 7
        session.flush()
        project.amount = 8
        moved = session.scalars(select(Milestone).where(Milestone.kind == STARTED)).one()
        moved.done_on = None
    then, now = row(MAY, known_at=before), row(MAY)
    assert (then["unit_id"], then["amount"], then["landed_on"]) == (former, 1000000000, MAY)
    assert then["leader_id"] is not None
    assert (now["unit_id"], now["amount"], now["landed_on"], now["leader_id"]) == (other.id, 8, None, None)
