"""The parts of a dossier about escalations, notices, forms and the history."""

from collections.abc import Iterator
from typing import Any

from models.escalation.escalation import Escalation
from models.escalation.notice import Delivery, Notice
from models.escalation.question import Ask
from models.escalation.withdrawn import WithdrawnEscalation, WithdrawnNotice
from models.i18n import clauses, gettext
from models.i18n import gettext as _
from tasks.documents.sections import Row, Section, grid
from tasks.documents.text import entered, moment
from tasks.dossiers.facts import DossierData
from tasks.dossiers.history import Words
from tasks.items.wording import document_name, recipient_names, step_name, what
from tasks.ledger.lookups import person_choice
from tasks.ledger.sources import SOURCES

OWN_COLUMNS = ("form_no", "filled_in_by")  # fields every form has; they stand in columns of their own


def escalations(data: DossierData) -> Section:
    heads = (_("Fired on"), _("Owed"), _("Step"), _("To"), _("Acknowledged and replied"), _("Supervision notice"))
    fired: list[Escalation | WithdrawnEscalation] = [*data.escalations, *data.withdrawn]
    return Section(
        _("Reminders and escalations"),
        _("Nobody had to be reminded, and nothing was raised."),
        grid(heads, (30, 36, 24, 26, 30, 24), map(_escalation, fired)),
    )


def _escalation(escalation: Escalation | WithdrawnEscalation) -> Row:
    owed = "\n".join((what(escalation.item), _("due %(day)s") % {"day": escalation.due_on}))
    step = step_name(escalation)
    if escalation.round > 1:
        step += _(", round %(no)s") % {"no": escalation.round}
    return (
        escalation.raised_on,
        owed,
        step,
        recipient_names(escalation),
        "\n".join(_answers(escalation) if isinstance(escalation, Escalation) else _withdrawal(escalation)),
        document_name(escalation) if isinstance(escalation, Escalation) else void(document_name(escalation)),
    )


def _withdrawal(escalation: WithdrawnEscalation) -> Iterator[str]:
    yield _("Withdrawn: %(who)s") % {"who": escalation.withdrawn_by}
    yield moment(escalation.recorded_at)
    yield escalation.reason


def void(name: str) -> str:
    """The name of a document whose number is void; empty without one."""
    return _("%(document)s (void)") % {"document": name} if name else ""


def _answers(escalation: Escalation) -> Iterator[str]:
    if escalation.acknowledged_at:
        yield _("Acknowledged: %(who)s") % {"who": escalation.acknowledged_by}
        yield moment(escalation.acknowledged_at)
    if escalation.handed_over_at:
        yield _("Put others in charge: %(who)s") % {"who": escalation.handed_over_by}
        yield moment(escalation.handed_over_at)
        if escalation.handed_over_with:
            yield escalation.handed_over_with
    if escalation.replied_at:
        yield _("Replied: %(who)s") % {"who": escalation.replied_by}
        yield moment(escalation.replied_at)
        yield escalation.reply


def notices(data: DossierData) -> Section:
    heads = (_("Recipient"), _("Why"), _("Owed"), _("Step"), _("Channel"), _("State"))
    rows = [_notice(notice, _arrival(notice, delivery), delivery) for notice, delivery in data.notices]
    rows += [_notice(notice, _withdrawn(notice), notice.delivery) for notice in data.withdrawn_notices]
    return Section(_("Notices"), _("No notice was sent."), grid(heads, (30, 24, 40, 28, 22, 26), rows))


def _notice(notice: Notice | WithdrawnNotice, arrival: str, delivery: Delivery | None) -> Row:
    owed = what(notice.escalation.item)
    return (
        person_choice(notice.recipient),
        notice.occasion.label,
        "\n".join(filter(None, (owed, notice.text))),
        step_name(notice.escalation),
        (delivery.channel or _("built-in inbox")) if delivery else None,
        arrival,
    )


def _withdrawn(notice: WithdrawnNotice) -> str:
    """What became of it: sent and taken back, or never sent."""
    day = {"moment": moment(notice.recorded_at)}
    if not notice.was_sent:
        return _("not sent: withdrawn %(moment)s") % day
    told = notice.withdrawal and notice.withdrawal.delivered_at
    return _("withdrawn %(moment)s") % {"moment": moment(told)} if told else _("withdrawn; waits to be taken back")


def _arrival(notice: Notice, delivery: Delivery | None) -> str:
    if delivery and delivery.delivered_at:
        return _("delivered %(moment)s") % {"moment": moment(delivery.delivered_at)}
    if dropped := notice.dropped_at or (delivery and delivery.dropped_at):
        return _("not sent: settled by %(moment)s") % {"moment": moment(dropped)}
    if delivery and delivery.refused_at:
        return _("refused %(moment)s") % {"moment": moment(delivery.refused_at)}
    return _("waits to be sent")


def questions(data: DossierData) -> Section:
    heads = (_("Asked"), _("Form"), _("Filled in by"), _("What was entered"), _("What became of it"))
    rows = [_question(ask) for ask in data.asks]
    return Section(_("Forms and answers"), _("No form was sent yet."), grid(heads, (30, 36, 22, 54, 28), rows))


def _question(ask: Ask) -> Row:
    form = gettext(SOURCES[ask.flow])
    subject = what(ask.item) if ask.item else ""
    verdict = ask.verdict.label if ask.verdict else _("waits for an answer")
    return (
        moment(ask.asked_at),
        "\n".join(filter(None, (form, subject, ask.form_no))),
        "\n".join(filter(None, (ask.filled_in_by, moment(ask.answered_at) if ask.answered_at else ""))),
        "\n".join(_entered(ask.schema_sent, ask.answer or {})),
        "\n".join(filter(None, (verdict, ask.reason))),
    )


def _entered(schema: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    """What a person changed in the prefilled form, under the fields' titles."""
    lines, fields = [], schema.get("properties", {})
    order = sorted(fields, key=lambda name: fields[name].get("position", 0))
    for name in dict.fromkeys((*order, *answer)):
        field, value = fields.get(name, {}), answer.get(name)
        if name not in OWN_COLUMNS and value not in ("", None, [], {}) and value != field.get("default"):
            text = {"field": field.get("title", name), "value": _value(schema, field, value)}
            lines.append(_("%(field)s: %(value)s") % text)
    return lines


def _value(schema: dict[str, Any], field: dict[str, Any], value: Any) -> str:
    part = schema.get("definitions", {}).get(_part(field), {})
    if isinstance(value, list):
        return "\n".join(_value(schema, field.get("items", {}), line) for line in value)
    if isinstance(value, dict):
        return clauses(_entered({**schema, **part, "properties": part.get("properties", {})}, value))
    return entered(value)


def _part(field: dict[str, Any]) -> str:
    several = field.get("allOf") or field.get("anyOf") or [{}]
    return str(field.get("$ref") or several[0].get("$ref") or "").rpartition("/")[2]


def history(data: DossierData) -> Section:
    words = Words(data.history, data.project, data.items, data.capital)
    heads = (_("When"), _("Who"), _("Source"), _("Subject"), _("What changed"))
    rows = grid(heads, (30, 22, 32, 28, 58), words.rows())
    if left_out := data.history.left_out:
        rows.insert(0, _("The oldest %(count)s changes are left out.") % {"count": left_out})
    return Section(_("History"), _("No change is recorded."), rows, is_apart=True)
