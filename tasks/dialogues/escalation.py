"""The forms of an escalation: the leader's, the inspection office's, its verification."""

from datetime import UTC, date, datetime

from pydantic import Field
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.policy import Policy
from models.escalation.question import Ask
from models.i18n import clauses, mark, written
from models.i18n import gettext as _
from models.ledger.project import Project
from models.words import AT_OFFICE, Finding, LeaderAnswer, OfficeAnswer, Role
from tasks.dialogues.fields import PersonName, UnitName, chosen, nobody
from tasks.dialogues.subjects import ItemDialogue
from tasks.documents.markdown import entry, lines
from tasks.escalation.answers import (
    Answer,
    Charge,
    acknowledge,
    close,
    grant_extension,
    hand_over,
    instruct,
    promise,
    raised_before,
    reopen,
    verify,
)
from tasks.items.campaign_numbers import current_policy
from tasks.items.open_items import last_raised, open_verification
from tasks.items.requests import request
from tasks.items.standing import standing
from tasks.items.wording import answers, document_name, recipient_names, step_name, what
from tasks.ledger.lookups import people, person_choice, unit_named, unit_names
from tasks.ledger.office_time import office_day
from tasks.ledger.questions import ESCALATION
from tasks.ledger.workdays import calendar_around
from tasks.runs.brief import brief, investor_brief, item_label
from tasks.runs.dialogue import Question
from tasks.runs.forms import Day, Form, Optional, Required
from tasks.runs.prefect_api import Label


class LeaderForm(Form):
    kind = mark("Answer of the leader")

    outcome: LeaderAnswer = Field(title=mark("Answer"))
    text: Optional = Field(
        "", title=mark("Text"), description=mark("What will be done, or why; not needed to acknowledge")
    )
    day: Day = Field(title=mark("Promised or new date"), description=mark("Only to promise, or to grant an extension"))
    officer: PersonName = Field(
        title=mark("Assigned officer"), description=mark("Change it only to put somebody else in charge")
    )
    leader: PersonName = Field(
        title=mark("Responsible leader"), description=mark("Change it only to put somebody else in charge")
    )
    unit: UnitName = Field(
        title=mark("Responsible unit"), description=mark("Change it only to put another unit in charge")
    )


class OfficeForm(Form):
    kind = mark("Order of the inspection office")

    outcome: OfficeAnswer = Field(title=mark("Order"))
    text: Required = Field(title=mark("Text"), description=mark("The instruction, or why it is closed"))
    day: Day = Field(title=mark("New date"), description=mark("By when the instruction must be carried out"))


class VerifyForm(Form):
    kind = mark("Verification")

    outcome: Finding = Field(title=mark("Finding"))
    text: Optional = Field("", title=mark("Text"), description=mark("How it was verified, or what is missing"))
    day: Day = Field(title=mark("New date"), description=mark("Only to open it again: by when it must be done"))


class EscalationDialogue(ItemDialogue[Form]):
    """The leader, then the inspection office, answers until the item is closed and verified."""

    flow = ESCALATION
    form = Form
    forms = (LeaderForm, OfficeForm, VerifyForm)

    def question(self, session: Session, as_of: date) -> Question | None:
        subject, item = self.lock(session), self.item(session)
        escalation = last_raised(session, item.id)
        form = self._form(session, item, escalation)
        if escalation is None or form is None:
            return None
        policy = current_policy(session, item.kind, item.project_id)
        day = calendar_around(session, as_of).add(as_of, policy.office_repeat_every)
        if isinstance(subject, Project):
            background = brief(session, subject, as_of, item)
        else:
            background = investor_brief(session, subject, as_of, item)
        return Question(
            brief=f"{_about(session, item, escalation, policy, as_of)}\n\n{background}",
            prefilled={"day": day.isoformat()} | (_in_charge(item) if form is LeaderForm else {}),
            choices={"people": [nobody(), *people(session)], "units": unit_names(session)},
            item_id=item.id,
            form=form,
        )

    @staticmethod
    def _form(session: Session, item: ActionItem, escalation: Escalation | None) -> type[Form] | None:
        if item.closed_on is not None:
            return VerifyForm if open_verification(session, item.id) else None
        return OfficeForm if escalation and escalation.step in AT_OFFICE else LeaderForm

    def apply(self, session: Session, ask: Ask, answer: Form, as_of: date) -> None:
        item = self.item(session)
        decision = Answer(answer.filled_in_by, getattr(answer, "text", ""), ask.answered_at or datetime.now(UTC), as_of)
        match answer:
            case LeaderForm(outcome=LeaderAnswer.ACKNOWLEDGE):
                acknowledge(session, item, decision)
            case LeaderForm(outcome=LeaderAnswer.PROMISE):
                promise(session, item, decision, answer.day)
            case LeaderForm(outcome=LeaderAnswer.EXTEND):
                grant_extension(session, item, decision, answer.day)
            case LeaderForm(outcome=LeaderAnswer.REASSIGN):
                hand_over(session, item, decision, _charge(session, item, ask, answer))
            case OfficeForm(outcome=OfficeAnswer.INSTRUCT):
                instruct(session, item, decision, answer.day)
            case OfficeForm(outcome=OfficeAnswer.CLOSE):
                close(session, item, decision)
            case VerifyForm(outcome=Finding.VERIFIED):
                verify(session, item, decision)
            case VerifyForm(outcome=Finding.REOPEN):
                reopen(session, item, decision, answer.day)

    def label(self, session: Session) -> Label:
        """The item and its number; the tags add who must answer."""
        item = self.item(session)
        escalation = last_raised(session, item.id)
        of_item = item_label(item, _("supervision: %(what)s") % {"what": what(item)})
        form = self._form(session, item, escalation)
        role = Role.LEADER if form is LeaderForm else Role.INSPECTOR
        return Label(of_item.name, (*of_item.tags, role.label))


def _in_charge(item: ActionItem) -> dict[str, str]:
    return {
        "officer": person_choice(item.owner) or nobody(),
        "leader": person_choice(item.leader) or nobody(),
        "unit": item.unit.name,
    }


def _charge(session: Session, item: ActionItem, ask: Ask, answer: LeaderForm) -> Charge:
    """The people and the unit the answer changed; the rest as the ledger has it now."""
    changed = {name for name in ("officer", "leader", "unit") if getattr(answer, name) != ask.prefilled[name]}
    return Charge(
        owner=chosen(session, answer.officer) if "officer" in changed else item.owner,
        leader=chosen(session, answer.leader) if "leader" in changed else item.leader,
        unit=unit_named(session, answer.unit) if "unit" in changed else item.unit,
    )


def _about(session: Session, item: ActionItem, escalation: Escalation, policy: Policy, as_of: date) -> str:
    """Why the item was raised, what is wanted by when, and what was answered so far."""
    calendar = calendar_around(session, escalation.raised_on, as_of)
    verification = open_verification(session, item.id)
    history = raised_before(session, item.id)
    numbered = [earlier for earlier in history if earlier.document_no]
    asked = escalation.step not in AT_OFFICE and not escalation.replied_at
    facts = (
        (_("Owed"), what(item)),
        (step_name(escalation), escalation.raised_on),
        (_("What must be coordinated"), request(session, item)),
        (_("Supervision notice"), document_name(numbered[-1] if numbered else None)),
        (_("To"), recipient_names(escalation)),
        (_("Due"), item.due_on),
        (_("State"), standing(session, item, item.due_on, as_of)),
        (_("Promised by"), item.promised_on),
        (
            _("Acknowledge by"),
            asked and not escalation.acknowledged_at and calendar.add(escalation.raised_on, policy.acknowledge_within),
        ),
        (_("Reply by"), asked and calendar.add(escalation.raised_on, policy.reply_within)),
        (_("Verify by"), verification and verification.due_on),
    )
    return "\n\n".join([lines(facts), "\n".join([_("How it went so far:"), "", *map(_raised, history)])])


def _raised(escalation: Escalation) -> str:
    head = f"{written(escalation.raised_on)} · {step_name(escalation)}"
    return entry(head, [recipient_names(escalation)], _answer(escalation))


def _answer(escalation: Escalation) -> str:
    if given := answers(escalation):
        return clauses(words for _at, words in reversed(given))
    if escalation.acknowledged_at:
        taken = {"day": office_day(escalation.acknowledged_at), "who": escalation.acknowledged_by}
        return _("acknowledged on %(day)s by %(who)s") % taken
    return ""
