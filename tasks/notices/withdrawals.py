"""Gathers withdrawn notices into one message a person: what was sent is taken back."""

from collections.abc import Sequence
from typing import Any

from prefect.logging import get_logger
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.escalation.action_item import ActionItem
from models.escalation.notice import Delivery
from models.escalation.withdrawn import WithdrawnEscalation, WithdrawnNotice
from models.i18n import clauses
from models.i18n import gettext as _
from models.ledger.organisation import Person
from tasks.database import transaction
from tasks.documents.markdown import cell
from tasks.documents.text import cut_note
from tasks.items.wording import document_name, what, whose
from tasks.notices.digest import ACTOR, MAX_LINES, body_for

WAITING = (WithdrawnNotice.was_sent, WithdrawnNotice.withdrawal_id.is_(None))


def gather_withdrawals() -> list[str]:
    """Put every withdrawn notice that was sent into one message to its recipient.

    Done by two at once, each goes into one message. Returns whose could not be written.
    """
    with transaction(source=ACTOR) as session:
        waiting = select(WithdrawnNotice.recipient_id).where(*WAITING).distinct()
        people = session.scalars(waiting.order_by(WithdrawnNotice.recipient_id)).all()
    failed = []
    for person_id in people:
        try:
            with transaction(source=ACTOR) as session:
                _gather(session, person_id)
        except Exception as fault:  # keeps only this person's message back
            get_logger().exception("what is withdrawn from person %s could not be gathered", person_id)
            failed.append(_("Person number %(id)s: %(why)s") % {"id": person_id, "why": fault})
    return failed


def _gather(session: Session, person_id: int) -> None:
    escalation = joinedload(WithdrawnNotice.escalation)
    item = escalation.joinedload(WithdrawnEscalation.item)
    parts = (
        *(ActionItem.project, ActionItem.investor, ActionItem.unit),
        *(ActionItem.blocker, ActionItem.milestone, ActionItem.verifies),
    )
    locked = select(WithdrawnNotice).where(*WAITING, WithdrawnNotice.recipient_id == person_id)
    locked = locked.order_by(WithdrawnNotice.id).with_for_update(of=WithdrawnNotice, skip_locked=True)
    notices = session.scalars(locked.options(*(item.joinedload(part) for part in parts))).all()
    if notices:
        person = session.get_one(Person, person_id)
        delivery = Delivery(
            recipient_id=person.id, channel=next(iter(person.channels), ""), body=_body(person, notices)
        )
        session.add(delivery)
        session.flush()
        for notice in notices:
            notice.withdrawal_id = delivery.id


def _body(person: Person, notices: Sequence[WithdrawnNotice]) -> dict[str, Any]:
    title = _("Luodi: %(count)s matters are withdrawn") % {"count": len(notices)}
    why = sorted({notice.escalation.reason for notice in notices})
    lines = [_facts(notice) for notice in notices[:MAX_LINES]]
    parts = [
        f"### {title}",
        _("For %(unit)s, %(name)s") % {"unit": cell(person.unit.name), "name": cell(person.name)},
        _("These were sent to you by mistake and are void. You need not act on them."),
        _("Reason: %(why)s") % {"why": cell(clauses(why))},
        "\n".join(f"- {line['markdown']}" for line in lines),
        cut_note(len(lines), len(notices)),
    ]
    return body_for(person, title, "\n\n".join(filter(None, parts)), lines)


def _facts(notice: WithdrawnNotice) -> dict[str, Any]:
    """One withdrawn notice as data for another system, and as a line for people."""
    escalation, item = notice.escalation, notice.escalation.item
    facts: dict[str, Any] = {
        "occasion": "withdrawn",
        "escalation_id": escalation.id,
        "item_id": item.id,
        "step": escalation.step.value,
        "project": item.project.code if item.project else "",
        "investor": item.investor.name if item.investor else "",
        "what": what(item),
        "unit": item.unit.name,
        "due_on": escalation.due_on.isoformat(),
        "raised_on": escalation.raised_on.isoformat(),
        "document": document_name(escalation),
        "text": escalation.reason,
    }
    parts = [
        f"**{cell(whose(item))}** · {cell(facts['what'])} · {cell(facts['unit'])}",
        escalation.step.label,
        facts["document"],
        _("fired on %(day)s") % {"day": escalation.raised_on},
    ]
    return facts | {"markdown": clauses(parts)}
