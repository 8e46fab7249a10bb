from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import object_session

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.notice import Notice
from models.escalation.withdrawn import WithdrawnEscalation
from models.i18n import enumerated
from models.i18n import gettext as _
from models.ledger.organisation import Person
from models.words import AT_OFFICE, ItemKind, Occasion, Step, UnitKind
from tasks.ledger.lookups import person_choice
from tasks.ledger.office_time import office_day


def whose(item: ActionItem) -> str:
    """The name of its project or investor; empty if it has neither."""
    subject = item.project or item.investor
    return subject.title if subject else ""


def whom(item: ActionItem) -> str:
    if item.kind is ItemKind.BLOCKER:
        return item.unit.name  # the recipient; the owner only sees to it
    if item.kind is ItemKind.VERIFY:
        return name_of(item.owner) or UnitKind.INSPECTION_OFFICE.label
    return name_of(item.owner) or item.unit.name


def what(item: ActionItem) -> str:
    kind_and_subject = _("%(kind)s: %(what)s")
    if item.kind is ItemKind.BLOCKER and item.blocker:
        return kind_and_subject % {"kind": item.blocker.category.label, "what": item.blocker.description}
    if item.kind is ItemKind.MILESTONE and item.milestone:
        return kind_and_subject % {"kind": item.kind.label, "what": item.milestone.kind.label}
    if item.kind is ItemKind.VERIFY and item.verifies:
        return kind_and_subject % {"kind": item.kind.label, "what": what(item.verifies)}
    if item.kind is ItemKind.VISIT and item.investor_id is not None:
        return _("Visit to the investor")
    return item.kind.label


def owed(item: ActionItem) -> str:
    """Whose it is and what."""
    return " · ".join(filter(None, (whose(item), what(item))))


def named(item: ActionItem) -> str:
    """The item as a message names it among others: with its unit."""
    return _("%(item)s (%(unit)s)") % {"item": owed(item), "unit": item.unit.name}


def document_name(escalation: Escalation | WithdrawnEscalation | None) -> str:
    """The number of a supervision notice as offices write it; empty without one."""
    if escalation is None or escalation.document_no is None:
        return ""
    return notice_number(escalation.raised_on.year, escalation.document_no)


def notice_number(year: int, number: int) -> str:
    return _("Supervision notice No. %(no)s of %(year)s") % {"year": year, "no": number}


def recipient_names(escalation: Escalation | WithdrawnEscalation) -> str:
    """Who must act on it, and whom they act for."""
    if escalation.recipient is None:
        return _("(nobody)")
    name = person_choice(escalation.recipient)
    if escalation.on_behalf_of:
        name = _("%(delegate)s, for %(absent)s") % {"delegate": name, "absent": escalation.on_behalf_of.name}
    return enumerated([name, *map(person_choice, _other_inspectors(escalation))])


def _other_inspectors(escalation: Escalation | WithdrawnEscalation) -> Sequence[Person]:
    session = object_session(escalation)
    if session is None or escalation.step not in AT_OFFICE:
        return ()
    notified = select(Person).join(Notice, Notice.recipient_id == Person.id).order_by(Person.id)
    to_act = (Notice.escalation_id == escalation.id, Notice.occasion == Occasion.RAISED)
    return session.scalars(notified.where(*to_act, Person.id != escalation.recipient_id)).all()


def reply(escalation: Escalation) -> str:
    """What was answered, when and by whom; empty without an answer."""
    if escalation.replied_at is None:
        return ""
    answer = {"day": office_day(escalation.replied_at), "who": escalation.replied_by, "text": escalation.reply}
    return _("%(day)s %(who)s: %(text)s") % answer


def hand_over(escalation: Escalation) -> str:
    """Who put others in charge, when, and with what words; empty unless somebody did."""
    if escalation.handed_over_at is None:
        return ""
    act = {"day": office_day(escalation.handed_over_at), "who": escalation.handed_over_by}
    handed = _("%(day)s %(who)s put others in charge") % act
    words = {"act": handed, "text": escalation.handed_over_with}
    return _("%(act)s: %(text)s") % words if escalation.handed_over_with else handed


def answers(escalation: Escalation) -> list[tuple[datetime, str]]:
    """What was answered, and who put others in charge, each with its moment, the newest first."""
    both = ((escalation.replied_at, reply(escalation)), (escalation.handed_over_at, hand_over(escalation)))
    return sorted(((at, words) for at, words in both if at), reverse=True)


def step_name(escalation: Escalation | WithdrawnEscalation) -> str:
    """The step; one that a unit's request fired before its time reads as the request it is.

    How often the office heard is counted: a late sweep passes over steps below the highest due.
    """
    if isinstance(escalation, WithdrawnEscalation):
        return escalation.step.label
    if escalation.step in AT_OFFICE:
        return AT_OFFICE[_times_at_office(escalation) - 1].label
    blocker = escalation.item.blocker
    is_unswept = escalation.step is Step.LEADER and escalation.sweep_id is None
    if is_unswept and blocker and blocker.coordination_asked_on:
        return _("Coordination requested of the responsible leader")
    return escalation.step.label


def _times_at_office(escalation: Escalation) -> int:
    """How many steps its item's round has had at the office, this one included."""
    session = object_session(escalation)
    if session is None or escalation.step is Step.OFFICE:
        return AT_OFFICE.index(escalation.step) + 1
    same = (Escalation.item_id == escalation.item_id, Escalation.round == escalation.round)
    earlier = select(func.count()).where(*same, Escalation.step.in_(AT_OFFICE), Escalation.id < escalation.id)
    return (session.scalar(earlier) or 0) + 1


def name_of(person: Person | None) -> str:
    return person.name if person else ""
