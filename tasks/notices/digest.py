"""Gathers the waiting notices into one message a person; it is frozen here, sent later."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from prefect.logging import get_logger
from prefect.settings import PREFECT_UI_URL
from sqlalchemy import select, text
from sqlalchemy.orm import Session, joinedload

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.notice import Delivery, Notice
from models.escalation.question import Run
from models.escalation.recipients import StaffOnDay
from models.i18n import clauses
from models.i18n import gettext as _
from models.ledger.organisation import Person
from models.words import RAISED, ItemKind, Occasion, Step
from tasks.database import transaction
from tasks.documents.markdown import cell
from tasks.documents.text import cut_note
from tasks.items.campaign_numbers import current_policy
from tasks.items.recipients import staff_on
from tasks.items.requests import request
from tasks.items.standing import standing
from tasks.items.telling import ORDERS
from tasks.items.wording import document_name, step_name, what, whose
from tasks.ledger.questions import ESCALATION, INVESTOR_VISIT, LIFECYCLE, RESOLUTION
from tasks.ledger.workdays import calendar_around

ACTOR = "notice-delivery"
HEARD = (Occasion.RAISED, Occasion.COPY)  # these carry what the unit requests; others, what was decided
MAX_LINES = 300  # a longer digest is cut; the rest is on the sweep's report and in the UI

# What is closed or on hold needs nobody, and a step of an earlier round was answered since. What is
# done waits for its verification, and a visit that was not verified stays closed: the next one
# takes its place.
SETTLED = """
CASE n.occasion
    WHEN 'verify' THEN NOT EXISTS (SELECT FROM action_item v WHERE v.verifies_id = i.id AND v.closed_on IS NULL)
    WHEN 'reopened' THEN i.closed_on IS NOT NULL AND i.kind NOT IN ('visit', 'milestone')
    WHEN 'handed_over' THEN i.closed_on IS NOT NULL
    WHEN 'instructed' THEN i.closed_on IS NOT NULL
    ELSE i.closed_on IS NOT NULL OR i.is_paused OR e.round < i.round
END
"""

DROP_SETTLED = f"""
UPDATE notice n SET dropped_at = now()
FROM escalation e JOIN action_item i ON i.id = e.item_id
WHERE e.id = n.escalation_id AND n.delivery_id IS NULL AND n.dropped_at IS NULL AND {SETTLED}
"""  # noqa: S608 - only words of ours


def gather(as_of: date) -> list[str]:
    """Put every waiting notice that still matters into its recipient's digest.

    Done by two at once, each notice goes into one digest. Returns whose could not be written.
    """
    with transaction(source=ACTOR) as session:
        session.execute(text(DROP_SETTLED))
        waiting = select(Notice.recipient_id).where(Notice.delivery_id.is_(None), Notice.dropped_at.is_(None))
        people = session.scalars(waiting.distinct().order_by(Notice.recipient_id)).all()
    failed = []
    for person_id in people:
        try:
            with transaction(source=ACTOR) as session:
                _gather(session, person_id, as_of)
        except Exception as fault:  # keeps only this person's notices back
            get_logger().exception("the notices of person %s could not be gathered", person_id)
            failed.append(_("Person number %(id)s: %(why)s") % {"id": person_id, "why": fault})
    return failed


def _gather(session: Session, person_id: int, as_of: date) -> None:
    mine = (Notice.recipient_id == person_id, Notice.delivery_id.is_(None), Notice.dropped_at.is_(None))
    item = joinedload(Notice.escalation).joinedload(Escalation.item)
    loaded = [
        item.joinedload(part)
        for part in (
            *(ActionItem.project, ActionItem.investor, ActionItem.unit),
            *(ActionItem.blocker, ActionItem.milestone, ActionItem.verifies),
        )
    ]
    locked = select(Notice).where(*mine).order_by(Notice.id).with_for_update(of=Notice, skip_locked=True)
    notices = session.scalars(locked.options(*loaded, joinedload(Notice.recipient))).all()
    if notices:
        delivery = _digest(session, notices, as_of)
        session.add(delivery)
        session.flush()
        for notice in notices:
            notice.delivery_id = delivery.id


def _digest(session: Session, notices: Sequence[Notice], as_of: date) -> Delivery:
    person, staff = notices[0].recipient, staff_on(session, as_of)
    newest = {(notice.escalation.item_id, notice.occasion): notice for notice in notices}  # a line each
    in_order = sorted(newest.values(), key=_urgency)
    lines = [_facts(session, notice, staff, as_of) for notice in in_order[:MAX_LINES]]
    body = _body(person, lines, len(in_order), as_of)
    return Delivery(recipient_id=person.id, channel=next(iter(person.channels), ""), body=body)


def _urgency(notice: Notice) -> tuple[bool, int, date]:
    """What somebody must act on comes first, then the higher steps, then what was due first."""
    return notice.occasion is Occasion.COPY, -notice.escalation.step.position, notice.escalation.due_on


def _body(person: Person, lines: Sequence[dict[str, Any]], count: int, as_of: date) -> dict[str, Any]:
    title = _("Luodi: %(count)s matters on %(day)s") % {"count": count, "day": as_of}
    parts = [f"### {title}", _("For %(unit)s, %(name)s") % {"unit": cell(person.unit.name), "name": cell(person.name)}]
    for occasion in Occasion:
        entries = [line["markdown"] for line in lines if line["occasion"] == occasion]
        if entries:
            parts += [f"#### {occasion.label}", "\n".join(f"- {entry}" for entry in entries)]
    parts.append(cut_note(len(lines), count))
    return body_for(person, title, "\n\n".join(filter(None, parts)), lines)


def body_for(person: Person, title: str, markdown: str, notices: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """What a person's channel is sent."""
    recipient = {"id": person.id, "name": person.name, "unit": person.unit.name}
    return message(title, markdown) | {"recipient": recipient, "notices": list(notices)}


def message(title: str, markdown: str) -> dict[str, Any]:
    """A message of the form that receivers know, to nobody in particular."""
    return {
        "title": title,
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "recipient": {"id": 0, "name": "", "unit": ""},
        "markdown": markdown,
        "notices": [],
    }


def _facts(session: Session, notice: Notice, staff: StaffOnDay, as_of: date) -> dict[str, Any]:
    """One notice as data for another system, and as a line for people."""
    escalation, item = notice.escalation, notice.escalation.item
    facts: dict[str, Any] = {
        "occasion": notice.occasion.value,
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
        "text": notice.text or (request(session, item) if notice.occasion in HEARD else ""),
        "form": _form_address(session, notice, staff),
    }
    return facts | {"markdown": _line(session, notice, facts, whose(item), as_of)}


def _line(session: Session, notice: Notice, facts: dict[str, Any], title: str, as_of: date) -> str:
    escalation, form = notice.escalation, _("Open the form")
    parts = [
        f"**{cell(title)}** · {cell(facts['what'])} · {cell(facts['unit'])}",
        step_name(escalation),
        facts["document"],
        _when(session, notice, as_of),
        _reply_by(session, notice),
        _said(notice, facts["text"]),
        f"[{form}]({facts['form']})" if facts["form"] else "",
    ]
    return clauses(parts)


def _when(session: Session, notice: Notice, as_of: date) -> str:
    """The day it was due, and how it stands; of an order, the day it sets."""
    item, day = notice.escalation.item, notice.escalation.due_on
    if notice.occasion in ORDERS:
        if item.closed_on is not None:  # a visit that was made: the next one takes its place
            return ""
        day = item.due_on
    how = standing(session, item, day, as_of)
    return _("due %(day)s, %(state)s") % {"day": day, "state": how} if how else _("due %(day)s") % {"day": day}


def _said(notice: Notice, words: str) -> str:
    """What was decided, or what is requested."""
    is_request = words and notice.occasion in HEARD
    return _("requested: %(what)s") % {"what": cell(words)} if is_request else cell(words)


def _reply_by(session: Session, notice: Notice) -> str:
    escalation = notice.escalation
    if escalation.step is not Step.LEADER or notice.occasion is not Occasion.RAISED:
        return ""
    policy = current_policy(session, escalation.item.kind, escalation.item.project_id)
    calendar = calendar_around(session, escalation.raised_on)
    return _("acknowledge by %(first)s, reply by %(last)s") % {
        "first": calendar.add(escalation.raised_on, policy.acknowledge_within),
        "last": calendar.add(escalation.raised_on, policy.reply_within),
    }


def _form_address(session: Session, notice: Notice, staff: StaffOnDay) -> str:
    item, step, occasion = notice.escalation.item, notice.escalation.step, notice.occasion
    leader = staff.responsible_leader(item)
    asks_leader = occasion is Occasion.HANDED_OVER and leader is not None and notice.recipient_id == leader.person_id
    if occasion is Occasion.VERIFY:
        subject = (ESCALATION, item.id)
    elif item.kind is ItemKind.VERIFY and step is not Step.LEADER:
        subject = (ESCALATION, item.verifies_id or 0)
    elif step in RAISED and (occasion is Occasion.RAISED or asks_leader):
        subject = (ESCALATION, item.id)
    elif item.kind is ItemKind.BLOCKER:
        subject = (RESOLUTION, item.id)
    elif item.investor_id is not None:
        subject = (INVESTOR_VISIT, item.id)
    else:
        subject = (LIFECYCLE, item.project_id or 0)
    run, ui = session.get(Run, subject), PREFECT_UI_URL.value()
    return f"{ui.rstrip('/')}/v2/runs/flow-run/{run.flow_run_id}" if ui and run and run.flow_run_id else ""
