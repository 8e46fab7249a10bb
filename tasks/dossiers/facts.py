"""Reads everything the ledger knows of one project, in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, contains_eager, defer, joinedload, selectinload

from models.escalation.action_item import ActionItem, Blocker
from models.escalation.escalation import Escalation
from models.escalation.notice import Delivery, Notice
from models.escalation.question import Ask
from models.escalation.withdrawn import WithdrawnEscalation, WithdrawnNotice
from models.i18n import gettext as _
from models.ledger.organisation import Person
from models.ledger.project import CapitalEvent, Progress, Project, latest_progress_first
from models.refusal import Refused
from tasks.items.standing import state
from tasks.ledger.history import History, history_of
from tasks.ledger.questions import ESCALATION, INVESTOR_VISIT, LIFECYCLE, RESOLUTION

OF_PROJECT = (LIFECYCLE, "record-fact", "change-assignment", "correction")  # flows whose questions name the project
OF_ITEMS = (RESOLUTION, INVESTOR_VISIT, ESCALATION)  # … and those that name an item


@dataclass(frozen=True)
class DossierData:
    """Everything about one project; lists are oldest first."""

    project: Project
    capital: Sequence[CapitalEvent]
    progress: Sequence[Progress]
    items: Sequence[ActionItem]  # open and closed ones, the visits to its investor among them
    states: dict[int, str]  # of items that are open or wait for their verification, by number
    escalations: Sequence[Escalation]
    notices: Sequence[tuple[Notice, Delivery | None]]
    withdrawn: Sequence[WithdrawnEscalation]
    withdrawn_notices: Sequence[WithdrawnNotice]
    asks: Sequence[Ask]  # those answered, and those that still wait
    history: History
    as_of: date


def gather(session: Session, project_id: int, as_of: date) -> DossierData:
    """The project's data as of a day; raises `Refused` if there is no such project."""
    project = _project(session, project_id)
    items = _items(session, project)
    ids = [item.id for item in items]
    done = {item.verifies_id for item in items if item.closed_on is None}  # reported, and not verified yet
    return DossierData(
        project=project,
        capital=_capital(session, project_id),
        progress=_progress(session, project_id),
        items=items,
        states={item.id: state(session, item, as_of) for item in items if item.closed_on is None or item.id in done},
        escalations=_escalations(session, ids),
        notices=_notices(session, ids),
        withdrawn=_withdrawn(session, ids),
        withdrawn_notices=_withdrawn_notices(session, ids),
        asks=_asks(session, project_id, ids),
        history=history_of(session, project, items),
        as_of=as_of,
    )


def _project(session: Session, project_id: int) -> Project:
    leader = joinedload(Project.leader)
    project = session.scalars(
        select(Project)
        .where(Project.id == project_id)
        .options(
            *map(joinedload, (Project.unit, Project.investor, Project.squad)),
            joinedload(Project.officer).joinedload(Person.unit),
            leader.joinedload(Person.unit),
            leader.joinedload(Person.delegate).joinedload(Person.unit),
            selectinload(Project.milestones),
            selectinload(Project.co_units),
        )
    ).one_or_none()
    if project is None:
        raise Refused(_("There is no project number %(id)s in the ledger.") % {"id": project_id})
    return project


def _progress(session: Session, project_id: int) -> Sequence[Progress]:
    """The entries of a project, its latest at the end."""
    entries = select(Progress).where(Progress.project_id == project_id)
    return session.scalars(entries.order_by(*latest_progress_first())).all()[::-1]


def _capital(session: Session, project_id: int) -> Sequence[CapitalEvent]:
    events = select(CapitalEvent).where(CapitalEvent.project_id == project_id)
    return session.scalars(events.order_by(CapitalEvent.happened_on, CapitalEvent.id)).all()


def _items(session: Session, project: Project) -> Sequence[ActionItem]:
    options = (
        joinedload(ActionItem.unit),
        joinedload(ActionItem.owner).joinedload(Person.unit),
        joinedload(ActionItem.leader).joinedload(Person.unit),
        joinedload(ActionItem.milestone),
        joinedload(ActionItem.visit),
        joinedload(ActionItem.blocker).joinedload(Blocker.recipient_unit),
        selectinload(ActionItem.pauses),
        selectinload(ActionItem.extensions),
    )
    mine = ActionItem.project_id == project.id
    if project.investor_id is not None:
        mine = or_(mine, ActionItem.investor_id == project.investor_id)
    owed = select(ActionItem).where(mine).options(*options)
    return session.scalars(owed.order_by(ActionItem.opened_on, ActionItem.id)).all()


def _escalations(session: Session, items: Sequence[int]) -> Sequence[Escalation]:
    recipient = joinedload(Escalation.recipient).joinedload(Person.unit)
    raised = select(Escalation).where(Escalation.item_id.in_(items))
    raised = raised.options(recipient, joinedload(Escalation.on_behalf_of))
    return session.scalars(raised.order_by(Escalation.raised_on, Escalation.id)).all()


def _notices(session: Session, items: Sequence[int]) -> Sequence[tuple[Notice, Delivery | None]]:
    notices = (
        select(Notice, Delivery)
        .join(Escalation, Escalation.id == Notice.escalation_id)
        .outerjoin(Delivery, Delivery.id == Notice.delivery_id)
        .where(Escalation.item_id.in_(items))
        .options(joinedload(Notice.recipient).joinedload(Person.unit), defer(Delivery.body))
    )
    return [(notice, delivery) for notice, delivery in session.execute(notices.order_by(Notice.id))]


def _withdrawn(session: Session, items: Sequence[int]) -> Sequence[WithdrawnEscalation]:
    recipient = joinedload(WithdrawnEscalation.recipient).joinedload(Person.unit)
    raised = select(WithdrawnEscalation).where(WithdrawnEscalation.item_id.in_(items))
    raised = raised.options(recipient, joinedload(WithdrawnEscalation.on_behalf_of))
    return session.scalars(raised.order_by(WithdrawnEscalation.raised_on, WithdrawnEscalation.id)).all()


def _withdrawn_notices(session: Session, items: Sequence[int]) -> Sequence[WithdrawnNotice]:
    notices = select(WithdrawnNotice).join(WithdrawnNotice.escalation).where(WithdrawnEscalation.item_id.in_(items))
    options = (
        contains_eager(WithdrawnNotice.escalation),
        joinedload(WithdrawnNotice.recipient).joinedload(Person.unit),
        joinedload(WithdrawnNotice.delivery).defer(Delivery.body),
        joinedload(WithdrawnNotice.withdrawal).defer(Delivery.body),
    )
    return session.scalars(notices.options(*options).order_by(WithdrawnNotice.id)).all()


def _asks(session: Session, project_id: int, items: Sequence[int]) -> Sequence[Ask]:
    of_items = and_(Ask.flow.in_(OF_ITEMS), Ask.subject_id.in_(items))
    mine = or_(and_(Ask.flow.in_(OF_PROJECT), Ask.subject_id == project_id), of_items)
    useful = or_(Ask.answer.is_not(None), Ask.verdict.is_(None))
    asked = select(Ask).where(mine, useful).options(defer(Ask.brief))
    return session.scalars(asked.order_by(Ask.asked_at, Ask.form_no)).all()
