"""The assigned officers: they visit their projects sooner or later, and report what they find."""

from random import Random

from deployments.replay.checks.failures import ReplayFailed
from deployments.replay.city.world import Today, acting
from deployments.replay.output.journal import Deed
from deployments.replay.people.cast import Diligence
from deployments.replay.people.findings import fresh, learn_blockers, seen, unreported
from deployments.replay.people.matters import Matter, matters
from models.escalation.action_item import ActionItem, Visit
from models.i18n import gettext as _
from models.ledger.facts import Facts, landing_definition
from models.refusal import Refused
from models.words import ItemKind, VisitOutcome
from tasks.database import transaction
from tasks.items.facts import record_facts
from tasks.items.visits import record_investor_visit, record_visit
from tasks.ledger.locks import lock_investor, lock_project, lock_projects_of
from tasks.ledger.lookups import campaigns
from tasks.ledger.questions import INVESTOR_VISIT, LIFECYCLE

# How likely a visit is made on a working day: in the week before it is due, on the day, and when it
# is late
GOES = {
    Diligence.PROMPT: (0.25, 0.8, 0.95),
    Diligence.AVERAGE: (0.08, 0.3, 0.4),
    Diligence.SLOW: (0.02, 0.06, 0.1),
    Diligence.SILENT: (0.0, 0.0, 0.0),
}
# How much more likely it gets by the pressure from above; of that the silent ones heed only the
# highest
PRESSED = (0.0, 0.1, 0.3)
# In how many working days they plan their next visit
NEXT = {Diligence.PROMPT: (8, 12), Diligence.AVERAGE: (12, 20), Diligence.SLOW: (18, 20), Diligence.SILENT: (20, 20)}
ON_A_DAY_OFF = 0.1
TOO_EAGER = 0.03  # how often a landing is claimed that nobody could prove
# How likely a milestone that was reached is reported on a working day before the visit
UNASKED = {Diligence.PROMPT: 0.3, Diligence.AVERAGE: 0.1}


def act(today: Today) -> None:
    """Every officer does, or does not do, what is owed today."""
    dice = today.dice("officers")
    with transaction() as session:
        owed = matters(session, ItemKind.VISIT, ItemKind.MILESTONE)
    for matter in owed:
        if matter.kind is ItemKind.VISIT:
            if matter.owner_id and _goes(today, dice, matter):
                _visit_investor(today, matter) if matter.investor_id else _visit(today, dice, matter)
        elif matter.kind is ItemKind.MILESTONE and today.is_working:
            _report_milestone(today, dice, matter)


def _goes(today: Today, dice: Random, matter: Matter) -> bool:
    diligence, late = today.world.diligence(matter.owner_id), today.late(matter.day)
    before, due, after = GOES[diligence]
    odds = after if late > 0 else due if late == 0 else before if late >= -5 else 0.0
    heeds = diligence is not Diligence.SILENT or matter.pressure == len(PRESSED) - 1
    odds += PRESSED[matter.pressure] if heeds and late > -5 else 0.0
    return dice.random() < odds * (1 if today.is_working else ON_A_DAY_OFF)


def _visit(today: Today, dice: Random, matter: Matter) -> None:
    project_id = matter.project_id or 0
    course = today.world.courses.get(project_id)
    if course is None:  # it ended today
        return
    if dice.random() < TOO_EAGER:
        _claim_landing(today, matter, project_id)
    by, diligence = today.world.names[matter.owner_id or 0], today.world.diligence(matter.owner_id)
    next_on = today.after(dice.randint(*NEXT[diligence]))
    with acting(by, LIFECYCLE) as session:
        project = lock_project(session, project_id)
        item = session.get_one(ActionItem, matter.item_id)
        facts = seen(session, today, project, course, by)
        record_visit(session, item, _entry(today, item, facts.outcome, facts.progress, by), facts, next_on, today.day)
        learn_blockers(session, today, project_id, len(facts.blockers), by)
    today.note(Deed.VISITED, by, matter.item_id)
    _conclude(today, project_id, facts.outcome, by)


def _visit_investor(today: Today, matter: Matter) -> None:
    """Hear an investor, who tells of every problem of their projects that nobody has reported."""
    by, investor_id = today.world.names[matter.owner_id or 0], matter.investor_id or 0
    with acting(by, INVESTOR_VISIT) as session:
        projects = lock_projects_of(session, investor_id)  # before the investor, as everybody does
        lock_investor(session, investor_id)
        item = session.get_one(ActionItem, matter.item_id)
        heard = [
            (project, problem)
            for project in projects
            if (course := today.world.courses.get(project.id))
            for problem in unreported(course)
        ]
        entry = _entry(today, item, VisitOutcome.CONTINUE, "投资方介绍了项目进展和诉求。", by)
        record_investor_visit(session, item, entry, heard, today.day)
        for project in projects:
            learn_blockers(
                session, today, project.id, sum(project is heard_project for heard_project, _problem in heard), by
            )
    today.note(Deed.VISITED, by, matter.item_id)


def _entry(today: Today, item: ActionItem, outcome: VisitOutcome, progress: str, by: str) -> Visit:
    return Visit(item_id=item.id, visited_on=today.day, outcome=outcome, progress=progress, topics={}, filled_in_by=by)


def _conclude(today: Today, project_id: int, outcome: VisitOutcome, by: str) -> None:
    if outcome is not VisitOutcome.CONTINUE:
        del today.world.courses[project_id]
        today.note(Deed.LANDED if outcome is VisitOutcome.LANDED else Deed.LOST, by, project_id)


def _report_milestone(today: Today, dice: Random, matter: Matter) -> None:
    """Report a planned milestone that was reached, without a visit."""
    project_id = matter.project_id or 0
    course = today.world.courses.get(project_id)
    odds = UNASKED.get(today.world.diligence(matter.owner_id), 0.0)
    if course is None or dice.random() >= odds:
        return
    by = today.world.names[matter.owner_id or 0]
    with acting(by, "record-fact") as session:
        project = lock_project(session, project_id)
        if reached := fresh(project, course):
            labels = "、".join(milestone.kind.label for milestone in reached)
            facts = Facts(today.day, by, VisitOutcome.CONTINUE, f"{labels}。", "", reached)
            record_facts(session, project, facts, today.day)


def _claim_landing(today: Today, matter: Matter, project_id: int) -> None:
    """Call a project landed that has nothing to show for it: the ledger must refuse that, and change nothing."""
    by = today.world.names[matter.owner_id or 0]
    try:
        with acting(by, "record-fact") as session:
            project = lock_project(session, project_id)
            definition = landing_definition(project, campaigns(session), today.day)
            if {milestone.kind for milestone in project.milestones if milestone.is_proven}.issuperset(definition):
                return
            record_facts(session, project, Facts(today.day, by, VisitOutcome.LANDED), today.day)
    except Refused:
        today.note(Deed.REFUSED, by, project_id)
        return
    accepted = _("The ledger took a landing without evidence, of project number %(id)s.")
    raise ReplayFailed(today.day, [accepted % {"id": project_id}])
