"""Undoes wrong entries. History keeps the old and the new value."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.ladder import one_step_up
from models.i18n import gettext as _
from models.ledger.project import Investor, Project
from models.office_files.names.names import clean_name
from models.refusal import Refused
from models.words import Currency, ItemKind, ItemResult, MilestoneKind, Sector, Stage
from tasks.items.campaign_numbers import current_policy
from tasks.items.moving import move_item
from tasks.items.next_steps import set_next_steps
from tasks.items.open_items import last_raised, open_visit
from tasks.items.opening import open_item, plan_visit
from tasks.items.second_key import ask_verification
from tasks.ledger.lookups import unit_named
from tasks.ledger.questions import ESCALATION, LIFECYCLE, RESOLUTION, overtake_investor, overtake_projects, renew_run
from tasks.ledger.workdays import calendar_around


@dataclass(frozen=True)
class Master:
    """A project's own columns that can be corrected; the amount in whole units of the currency."""

    name: str
    investor: str
    unit: str
    sector: Sector
    amount: Decimal
    currency: Currency
    signed_on: date


def master_of(project: Project) -> Master:
    investor = project.investor.name if project.investor else ""
    return Master(
        project.name, investor, project.unit.name, project.sector, project.amount, project.currency, project.signed_on
    )


def correct(session: Session, project: Project, master: Master, as_of: date) -> None:
    """Write other values into a project's own columns; its unit's items follow a change of unit.

    `Refused` when the unit is unknown, or the day of signing lies outside the calendar or is still
    to come.
    """
    calendar_around(session, master.signed_on).check(master.signed_on)  # days are counted from it
    if master.signed_on > as_of:
        raise Refused(_("%(day)s is still to come: a project is signed when it is.") % {"day": master.signed_on})
    project.name, project.sector, project.signed_on = clean_name(master.name), master.sector, master.signed_on
    project.amount, project.currency = master.amount, master.currency
    former_investor, project.investor = project.investor_id, _investor(session, clean_name(master.investor))
    if master.unit != project.unit.name:
        former, project.unit = project.unit_id, unit_named(session, master.unit)
        session.flush()
        owed = update(ActionItem).where(ActionItem.project_id == project.id, ActionItem.closed_on.is_(None))
        recipients = ActionItem.kind == ItemKind.BLOCKER  # a blocker stays with the unit that must solve it
        session.execute(owed.where(ActionItem.unit_id == former, ~recipients).values(unit_id=project.unit_id))
    session.flush()
    set_next_steps(session, [project.id])  # by the day of its signing it may follow another campaign
    overtake_projects(session, [project.id])
    if former_investor:
        overtake_investor(session, former_investor)  # the brief of its visit lists the projects


def _investor(session: Session, name: str) -> Investor | None:
    if not name:
        return None
    session.execute(insert(Investor).values(name=name).on_conflict_do_nothing())  # a file may enter it just now
    return session.scalars(select(Investor).where(Investor.name == name)).one()


def withdraw_milestone(session: Session, project: Project, kind: MilestoneKind, as_of: date) -> None:
    """Take back a milestone that was not reached; if it was planned, it is owed again.

    `Refused` when it is not recorded as reached, or the project counts as landed.
    """
    milestone = next((known for known in project.milestones if known.kind is kind and known.done_on), None)
    if milestone is None:
        raise Refused(_("“%(milestone)s” is not recorded as reached.") % {"milestone": kind.label})
    if project.stage is Stage.LANDED:
        raise Refused(_("The project counts as landed by its milestones: choose to reopen it as well."))
    milestone.done_on, milestone.evidence = None, ""
    if milestone.planned_on and project.is_open:
        due_on, milestone_id = milestone.planned_on, literal(milestone.id)
        open_item(session, ItemKind.MILESTONE, project, due_on, as_of, milestone_id=milestone_id)
    overtake_projects(session, [project.id], (ESCALATION,))


def reopen(session: Session, project: Project, as_of: date) -> None:
    """Open a project again that was closed by mistake, with the items its end had closed.

    `Refused` when it is open.
    """
    if project.is_open:
        raise Refused(_("The project is open already."))
    project.stage, project.ended_on, project.exit, project.exit_reason = Stage.FOLLOW_UP, None, None, ""
    session.flush()
    closed = select(ActionItem).where(ActionItem.project_id == project.id)
    for item in session.scalars(closed.where(ActionItem.result == ItemResult.PROJECT_ENDED)):
        if item.milestone and item.milestone.done_on:  # reached while the project was closed
            item.result = ItemResult.DONE
            continue
        item.closed_on, item.result = None, None
        raised = last_raised(session, item.id)
        entry = one_step_up(raised.step if raised else item.fired_step)
        move_item(session, item, max(item.due_on, as_of), as_of, entry)  # nobody was to act while it was closed
        renew_run(session, RESOLUTION, item.id)
        for subject_id in {item.id, item.verifies_id or item.id}:
            renew_run(session, ESCALATION, subject_id)
    session.flush()
    if open_visit(session, project.id) is None:
        within = current_policy(session, ItemKind.VISIT, project.id).first_visit_within
        plan_visit(session, project, calendar_around(session, as_of).add(as_of, within), as_of, counted_days=within)
    ask_verification(session, [project.id], as_of)
    renew_run(session, LIFECYCLE, project.id)
