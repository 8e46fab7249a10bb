from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.notice import Notice
from models.escalation.withdrawn import WithdrawnEscalation
from models.i18n import gettext as _
from models.ledger.organisation import Person
from models.words import AT_OFFICE, ItemKind, Occasion, UnitKind
from tasks.ledger.lookups import person_choice
from tasks.ledger.office_time import office_day
from tasks.ledger.workdays import calendar_around


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
    return _(", ").join([name, *map(person_choice, _other_inspectors(escalation))])


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


def state(session: Session, item: ActionItem, as_of: date) -> str:
    if item.is_paused:
        return _("on hold")
    if item.promised_on and item.promised_on >= as_of:
        return _("promised by %(day)s") % {"day": item.promised_on}
    late = calendar_around(session, item.due_on, as_of).elapsed(item.due_on, as_of)
    return _("%(count)s working days overdue") % {"count": late} if late else _("on time")


def name_of(person: Person | None) -> str:
    return person.name if person else ""
