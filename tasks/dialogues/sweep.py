"""The form of a sweep that does not trust the clock: is that today's date?"""

import uuid
from datetime import UTC, date, datetime
from typing import NamedTuple

from prefect.settings import PREFECT_UI_URL
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.escalation.question import Ask
from models.i18n import gettext as _
from models.i18n import mark
from models.ledger.history import SweepLog
from models.ledger.project import Subject
from models.refusal import Refused
from models.words import ClockAnswer, Verdict
from tasks.database import transaction
from tasks.documents.markdown import table
from tasks.escalation.clock import Leap, leap_to, open_question
from tasks.escalation.sweep import ACTOR, sweep_in, would_fire
from tasks.ledger.locks import one_at_a_time
from tasks.ledger.office_time import office_day
from tasks.ledger.workdays import calendar_around
from tasks.runs.dialogue import Dialogue, Question
from tasks.runs.forms import Form, Required, choice_of
from tasks.runs.prefect_api import Label


class ClockForm(Form):
    kind = mark("Check of the date")
    FIRST = ("day", "outcome")

    day: Required = Field(title=mark("The clock says that today is"), json_schema_extra=choice_of("days"))
    outcome: ClockAnswer = Field(title=mark("Is that so?"), description=mark("Look at another clock before you answer"))


class ClockConfirmed(NamedTuple):
    """The accepted answer: who gave it, and the day that was swept by it, if any."""

    who: str
    day: date | None
    fired: int


class ClockDialogue(Dialogue[ClockForm]):
    """Asks whether today is the day the clock shows, before a sweep fires after a leap."""

    flow = ACTOR
    form = ClockForm
    is_standing = False

    def __init__(self) -> None:
        super().__init__(0)

    def take(self, session: Session) -> str:
        one_at_a_time(session, "sweep")
        return "SWEEP"

    def subject(self, session: Session) -> Subject:
        return Subject()

    def question(self, session: Session, as_of: date) -> Question | None:
        leap = leap_to(session, as_of)
        if leap is None or open_question(session):
            return None
        day = as_of.isoformat()
        return Question(_brief(session, leap, as_of), prefilled={"day": day}, choices={"days": [day]})

    def apply(self, session: Session, ask: Ask, answer: ClockForm, as_of: date) -> None:
        if answer.outcome is ClockAnswer.WRONG:
            return
        asked, calendar = date.fromisoformat(ask.prefilled["day"]), calendar_around(session, as_of)
        if as_of < asked or calendar.elapsed(asked, as_of) > 1:
            message = _("The form asked about %(asked)s, and the clock says %(day)s by now: the form asks anew.")
            raise Refused(message % {"asked": asked, "day": as_of})
        sweep_in(session, calendar.last_before(as_of), confirmed_by=answer.filled_in_by)

    def label(self, session: Session) -> Label:
        day = office_day(datetime.now(UTC))
        return Label(_("Sweep: is today %(day)s?") % {"day": day}, ())


def must_ask(run_id: uuid.UUID, day: date) -> bool:
    """Whether this run has asked about the clock, or must: it leapt to that working day."""
    with transaction() as session:
        asked = session.scalar(select(Ask.id).where(Ask.flow_run_id == run_id).limit(1))
        return asked is not None or (
            calendar_around(session, day).is_working(day) and leap_to(session, day) is not None
        )


def answer_to(run_id: uuid.UUID) -> ClockConfirmed | None:
    """The accepted answer to this run's question; None while there is none."""
    with transaction() as session:
        asked = select(Ask).where(Ask.flow_run_id == run_id, Ask.verdict == Verdict.APPLIED)
        ask = session.scalars(asked).one_or_none()
        if ask is None or ask.answered_at is None:
            return None
        if ClockForm.read(ask.answer or {}).outcome is ClockAnswer.WRONG:
            return ClockConfirmed(ask.filled_in_by, None, 0)
        day = office_day(ask.answered_at)
        swept = select(SweepLog).where(SweepLog.as_of <= day, SweepLog.confirmed_by != "").order_by(SweepLog.id.desc())
        log = session.scalars(swept.limit(1)).first()
        return ClockConfirmed(ask.filled_in_by, log.as_of if log else day, log.fired if log else 0)


def question_of_another() -> str:
    """That another run waits for the answer; empty when none does."""
    with transaction() as session:
        ask = open_question(session)
    if ask is None:
        return ""
    ui = (PREFECT_UI_URL.value() or "").rstrip("/")
    run = f"{ui}/v2/runs/flow-run/{ask.flow_run_id}" if ui else str(ask.flow_run_id)
    message = _(
        "Nothing was fired. Since %(day)s the sweep has waited for somebody to say whether the clock is right: "
        "answer the form of the run %(run)s"
    )
    return message % {"day": office_day(ask.asked_at), "run": run}


def _brief(session: Session, leap: Leap, day: date) -> str:
    last = (
        _("The last sweep was on %(day)s.") if leap.last else _("The ladder was never swept; items wait since %(day)s.")
    )
    passed = _("The clock says that today is **%(day)s**: %(count)s working days have passed.")
    why = _(
        "Either this machine was off, or its clock is wrong. By a wrong clock everybody would be reminded and reported "
        "too early. So nothing was fired yet."
    )
    steps = [(step.label, str(count)) for step, count in would_fire(session, day).items()]
    title = _("What would fire today")
    return "\n\n".join(
        [
            f"{last % {'day': leap.since}} {passed % {'day': day, 'count': leap.working_days}}",
            why,
            f"### {title}",
            table((_("Step"), _("Number")), steps) if steps else _("Nothing."),
            _("Your answer is kept with the name you give; Luodi cannot prove that it is yours."),
        ]
    )
