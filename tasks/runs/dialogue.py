"""The protocol between runs and ledger: drain what was answered, find the next question, ask it.

A run keeps nothing of its own and reads everything anew: it may be nudged, killed, doubled or
replaced at any moment. Order is always ledger first, Prefect after.
"""

import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Generic, TypeVar

from prefect.client.orchestration import SyncPrefectClient
from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from models.escalation.question import Ask, Run
from models.i18n import gettext as _
from models.i18n import sentences
from models.ledger.project import Investor, Project, Subject
from models.refusal import Refused
from models.words import Verdict
from tasks.database import set_author, transaction
from tasks.documents.markdown import cell
from tasks.ledger.locks import lock_subject
from tasks.ledger.office_time import day_of, office_day
from tasks.runs.forms import Form, schema_of
from tasks.runs.overdue import Overdue
from tasks.runs.prefect_api import Label, read_answer
from tasks.runs.returned import give_back

F = TypeVar("F", bound=Form)
TRIES = 3  # times a fault of ours may spoil an answer before the person hears of it
UNENDED_TRIES = 5  # also of those that hung or took the worker with them; some of them may have been killed by chance


@dataclass(frozen=True)
class Question:
    """What a run asks next: the brief, what is filled in already, what can be chosen."""

    brief: str
    prefilled: dict[str, Any] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    item_id: int | None = None
    form: type[Form] | None = None  # where the flow has more than one


class Unended(RuntimeError):
    """Every try to enter the answer hung, or ended with its worker."""


class Dialogue(ABC, Generic[F]):
    """What a human-step flow must say of itself; the protocol does the rest."""

    flow: ClassVar[str]
    parameter: ClassVar[str]  # of a standing flow: it takes the subject's number
    form: type[F]  # where there are several: what they have in common
    forms: ClassVar[tuple[type[Form], ...]] = ()  # where a question chooses one of them
    is_standing: ClassVar[bool] = True  # a run serves the subject as long as it is open; else it asks one form

    def __init__(self, subject_id: int) -> None:
        self.subject_id = subject_id

    def lock(self, session: Session) -> Project | Investor:
        return lock_subject(session, self.subject(session))

    def take(self, session: Session) -> str:
        """Lock what is asked about; returns what its forms are numbered by."""
        return self.lock(session).code

    def subject(self, session: Session) -> Subject:
        """What is asked about: unless overridden, a project. `Refused` when there is none."""
        return Subject(project_id=self.subject_id)

    @abstractmethod
    def question(self, session: Session, as_of: date) -> Question | None:
        """The next question; None when nothing is left to ask."""

    @abstractmethod
    def apply(self, session: Session, ask: Ask, answer: F, as_of: date) -> list[str] | None:
        """Enter the answer to `ask` into the ledger, or raise `Refused` with the reason.

        Returns what the person should know that became of it, if anything.
        """

    @abstractmethod
    def label(self, session: Session) -> Label:
        """How its run is found in the runs list."""

    def ending(self, _session: Session, _run_id: uuid.UUID) -> str:
        """What happened, as the message of its run when nothing is left to ask."""
        return _("Nothing is left to do here.")

    def form_of(self, ask: Ask) -> type[Form]:
        """The form that was sent."""
        return next((form for form in self.forms if form.__name__ == ask.form), self.form)

    def waiting(self, run_id: uuid.UUID | None) -> Select[Ask]:
        """The questions without verdict: the subject's, or this run's."""
        asks = select(Ask).where(Ask.verdict.is_(None), Ask.flow == self.flow)
        if self.is_standing:
            return asks.where(Ask.subject_id == self.subject_id, Ask.is_standing)
        return asks.where(Ask.flow_run_id == run_id)


def claim(dialogue: Dialogue[Any], run_id: uuid.UUID) -> bool:
    """Whether this run serves the subject; one without a run takes it."""
    if not dialogue.is_standing:
        return True
    with transaction(source=dialogue.flow) as session:
        dialogue.lock(session)
        served = session.get(Run, (dialogue.flow, dialogue.subject_id))
        if served is None:
            session.add(Run(flow=dialogue.flow, subject_id=dialogue.subject_id, flow_run_id=run_id))
            return True
        served.flow_run_id = served.flow_run_id or run_id
        return served.flow_run_id == run_id


def is_done(dialogue: Dialogue[Any], run_id: uuid.UUID) -> bool:
    """Whether a one-off form's answer is in the ledger, perhaps since a killed execution."""
    if dialogue.is_standing:
        return False
    with transaction() as session:
        applied = select(Ask.id).where(Ask.flow_run_id == run_id, Ask.verdict == Verdict.APPLIED)
        return session.scalars(applied.limit(1)).first() is not None


def drain(client: SyncPrefectClient, dialogue: Dialogue[Any], run_id: uuid.UUID | None, as_of: str = "") -> list[Ask]:
    """Judge every stored answer without verdict, each once; returns the questions judged now."""
    with transaction(source=dialogue.flow) as session:
        waiting = session.scalars(dialogue.waiting(run_id)).all()
    judged = [_drain(client, dialogue, ask, run_id, as_of) for ask in waiting]
    return [ask for ask in judged if ask]


def _drain(
    client: SyncPrefectClient, dialogue: Dialogue[Any], ask: Ask, run_id: uuid.UUID | None, as_of: str
) -> Ask | None:
    try:
        if not _keep(client, ask, ask.flow_run_id or run_id):
            return None
        if ask.attempts >= UNENDED_TRIES:
            raise Unended(_("Entering it never came to an end."))
        return _judge(dialogue, ask.id, as_of)
    except (Exception, Overdue) as fault:  # of ours: tried again; once it stays, the person hears of it
        with transaction(source=dialogue.flow) as session:
            spoilt = session.get_one(Ask, ask.id, with_for_update=True)
            if spoilt.attempts < TRIES or spoilt.verdict:
                raise
            reason = _("A fault in Luodi kept this answer out of the ledger; it is stored. Tell support: %(fault)s")
            spoilt.judge(Verdict.REFUSED, datetime.now(UTC), reason % {"fault": str(fault).partition("\n")[0]})
            return spoilt


def _keep(client: SyncPrefectClient, ask: Ask, run_id: uuid.UUID | None) -> bool:
    """Store the raw answer first: whatever happens next, it is not lost."""
    kept: dict[str, Any] = {}
    if ask.answer is None:
        given = read_answer(client, run_id, ask) if run_id else None
        if given is None:
            return False
        answer, answered_at = given
        kept = {"answer": answer, "answered_at": answered_at, "filled_in_by": str(answer.get("filled_in_by", ""))}
    for values in ({"attempts": Ask.attempts + 1}, kept):  # counted first: what cannot be stored must not count as new
        if values:
            with transaction() as session:
                session.execute(update(Ask).where(Ask.id == ask.id).values(values))
    return True


def _judge(dialogue: Dialogue[Any], ask_id: uuid.UUID, as_of: str) -> Ask | None:
    with transaction(source=dialogue.flow) as session:
        dialogue.take(session)
        ask = session.get_one(Ask, ask_id, with_for_update=True)
        return None if ask.verdict else _apply(session, dialogue, ask, as_of)


def _apply(session: Session, dialogue: Dialogue[Any], ask: Ask, as_of: str) -> Ask:
    answer, answered_at = ask.answer or {}, ask.answered_at or datetime.now(UTC)
    set_author(session, ask.filled_in_by or "?", f"{dialogue.flow} {ask.form_no}")
    try:
        with session.begin_nested():
            form = dialogue.form_of(ask).read(answer)
            if form.form_no != ask.form_no:
                raise Refused(_("The answer belongs to the older form %(no)s.") % {"no": form.form_no})
            remarks = dialogue.apply(session, ask, form, day_of(as_of) if as_of else office_day(answered_at))
            session.flush()
        ask.judge(Verdict.APPLIED, datetime.now(UTC), sentences(remarks or ()))
    except Refused as refusal:
        ask.judge(Verdict.REFUSED, datetime.now(UTC), str(refusal))
    return ask


def put_question(
    session: Session, dialogue: Dialogue[Any], run_id: uuid.UUID | None, as_of: date, *, is_first: bool = False
) -> Ask | None:
    """Replace the open question by the next; None when nothing is left to ask.

    `is_first`: nothing was ever asked of this subject, so nobody looks.
    """
    code = dialogue.take(session)
    if not is_first:
        _supersede(session, dialogue, run_id)
    question = dialogue.question(session, as_of)
    if question is None:
        return None
    ask_id = uuid.uuid4()
    form_no = f"{code}-{ask_id.hex[:6].upper()}"
    form = question.form or dialogue.form
    schema = schema_of(form, form_no, question.prefilled, question.choices)
    last = None if is_first else last_judged(session, dialogue, run_id)
    if last and last.verdict is Verdict.REFUSED and last.form == form.__name__:
        give_back(schema, last.answer or {}, last.prefilled)
    ask = Ask(
        id=ask_id,
        form_no=form_no,
        flow=dialogue.flow,
        subject_id=dialogue.subject_id,
        is_standing=dialogue.is_standing,
        flow_run_id=run_id,
        page_id=_page_of(session, run_id),
        item_id=question.item_id,
        form=form.__name__,
        schema_sent=schema,
        brief=verdict_on(last) + question.brief,
    )
    session.add(ask)
    session.flush()
    return ask


def _page_of(session: Session, run_id: uuid.UUID | None) -> uuid.UUID | None:
    """The artifact that shows what the run waits for, as far as the ledger knows."""
    if run_id is None:
        return None
    shown = select(Ask.page_id).where(Ask.flow_run_id == run_id, Ask.page_id.is_not(None))
    return session.scalars(shown.order_by(Ask.asked_at.desc()).limit(1)).first()


def _supersede(session: Session, dialogue: Dialogue[Any], run_id: uuid.UUID | None) -> None:
    older = dialogue.waiting(run_id).with_only_columns(Ask.id)
    settled = update(Ask).where(Ask.id.in_(older)).values(verdict=Verdict.SUPERSEDED, judged_at=datetime.now(UTC))
    session.execute(settled)


def last_judged(session: Session, dialogue: Dialogue[Any], run_id: uuid.UUID | None) -> Ask | None:
    """The question that was answered last."""
    judged = select(Ask).where(Ask.flow == dialogue.flow, Ask.answer.is_not(None))
    mine = Ask.subject_id == dialogue.subject_id if dialogue.is_standing else Ask.flow_run_id == run_id
    return session.scalars(judged.where(mine).order_by(Ask.judged_at.desc().nulls_last()).limit(1)).one_or_none()


def verdict_on(last: Ask | None) -> str:
    """Why the last answer was not accepted, or was not entered as it stood: the head of the next
    brief; empty if all of it was entered.
    """
    if last is None or not last.reason:
        return ""
    head = _("The last answer was not accepted") if last.verdict is Verdict.REFUSED else _("Of the last answer")
    form = _("%(who)s, form %(no)s") % {"who": last.filled_in_by, "no": last.form_no}
    return f"**⚠ {head}** ({cell(form)}): {cell(last.reason)}\n\n---\n\n"


def reserve(
    session: Session, dialogue: Dialogue[Any], dead: uuid.UUID | None, as_of: date
) -> tuple[Ask, str, Label] | None:
    """Take a subject without a living run: its next question, its idempotency key, its label.

    `dead` is the run the ledger still names though it is over. None: another run has taken its
    place, or nothing is left to ask. Taken twice at once, both get the same question and key: one
    run comes of it.
    """
    dialogue.lock(session)
    served = session.get(Run, (dialogue.flow, dialogue.subject_id))
    if served is None:  # whatever was asked of it was asked by a run
        served = Run(flow=dialogue.flow, subject_id=dialogue.subject_id, run_no=1)
        session.add(served)
        ask = put_question(session, dialogue, None, as_of, is_first=True)
    elif served.flow_run_id not in (None, dead):
        return None
    else:
        if served.flow_run_id is not None:
            served.run_no, served.flow_run_id = served.run_no + 1, None
        # Out of date or not: a run that is not noted yet may be waiting with it. It is nudged
        # later.
        ask = session.scalars(dialogue.waiting(None).where(Ask.flow_run_id.is_(None))).first()
        ask = ask or put_question(session, dialogue, None, as_of)
    return (ask, served.idempotency_key, dialogue.label(session)) if ask else None
