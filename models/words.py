"""The field's words as closed sets: values are stored, people read labels."""

from enum import StrEnum
from typing import Self

from models.i18n import LOCALES, mark
from models.i18n import gettext as _


class Word(StrEnum):
    """A stored value with a label per locale: `Stage("已落地")` is `Stage("landed")`."""

    _label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        word = str.__new__(cls, value)
        word._value_ = value
        word._label = label
        return word

    @property
    def label(self) -> str:
        """What a person reads in the current locale."""
        return _(self._label)

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        text = str(value).strip()
        labels = ((word, _(word._label, locale)) for word in cls for locale in LOCALES)
        return next((word for word, label in labels if label.casefold() == text.casefold()), None)


class Stage(Word):
    SIGNED = "signed", mark("Signed")
    FOLLOW_UP = "follow_up", mark("In follow-up")
    LANDED = "landed", mark("Landed")
    EXITED = "exited", mark("Exited")


OPEN_STAGES = (Stage.SIGNED, Stage.FOLLOW_UP)


class Exit(Word):
    TERMINATED = "terminated", mark("Terminated by agreement")
    LOST = "lost", mark("Investor withdrew")


class Sector(Word):
    """The sectors the 2013 campaign ranked its projects by."""

    FINANCE = "finance", mark("Finance")
    BIOPHARMA = "biopharma", mark("Biopharmaceuticals")
    FOOD = "food", mark("Food processing")
    FURNITURE = "furniture", mark("Furniture")
    TRADE = "trade", mark("Trade city or urban complex")
    MACHINERY = "machinery", mark("Machinery")
    NEW_ENERGY = "new_energy", mark("New energy")
    NEW_MATERIALS = "new_materials", mark("New materials")
    OTHER = "other", mark("Other sector")


class Currency(Word):
    CNY = "CNY", mark("Chinese yuan")
    USD = "USD", mark("US dollar")


class MilestoneKind(Word):
    """The steps of a project that have a date and evidence. None is a stage before another."""

    REGISTERED = "registered", mark("Company registered")
    FILED = "filed", mark("Project filed")
    LAND_PAID = "land_paid", mark("Land paid for")
    CONSTRUCTION_STARTED = "construction_started", mark("Construction started")
    COMPLETED = "completed", mark("Construction completed")
    IN_PRODUCTION = "in_production", mark("In production")
    AT_CAPACITY = "at_capacity", mark("At capacity")


class CapitalKind(Word):
    INCREASE = "increase", mark("Capital increase")
    PAID_IN = "paid_in", mark("Capital paid in")


class ItemKind(Word):
    VISIT = "visit", mark("Follow-up visit")
    BLOCKER = "blocker", mark("Blocker")
    MILESTONE = "milestone", mark("Milestone")
    PROCEDURE = "procedure", mark("Procedure")
    REPORT = "report", mark("Report")
    VERIFY = "verify", mark("Verification")
    LEAD = "lead", mark("Lead")
    COMPLAINT = "complaint", mark("Complaint")


OPENED_KINDS = (ItemKind.VISIT, ItemKind.BLOCKER, ItemKind.MILESTONE, ItemKind.VERIFY)  # so far


class ItemResult(Word):
    DONE = "done", mark("Done")
    RESOLVED = "resolved", mark("Resolved")
    PROJECT_ENDED = "project_ended", mark("The project ended")
    WITHDRAWN = "withdrawn", mark("Closed by the inspection office")
    NOT_VERIFIED = "not_verified", mark("Not verified")
    CANCELLED = "cancelled", mark("The revisit campaign was cancelled")


class BlockerCategory(Word):
    """What holds a project back (India's PMG: 40 % land, 25 % right of way, 14 % environment)."""

    LAND = "land", mark("Land")
    PERMIT = "permit", mark("Permits and approvals")
    ENVIRONMENT = "environment", mark("Environmental assessment")
    DEMOLITION = "demolition", mark("Demolition and relocation")
    UTILITIES = "utilities", mark("Water, power, gas and roads")
    FINANCING = "financing", mark("Financing")
    LABOUR = "labour", mark("Labour")
    PROMISE = "promise", mark("A promise not kept")
    INVESTOR = "investor", mark("The investor's own reasons")
    OTHER = "other", mark("Other problem")


class VisitOutcome(Word):
    CONTINUE = "continue", mark("Continue follow-up")
    LANDED = "landed", mark("The project has landed")
    TERMINATED = "terminated", mark("Exit: terminated by agreement")
    LOST = "lost", mark("Exit: investor withdrew")


class BlockerOutcome(Word):
    """What the recipient of a blocker reports."""

    RESOLVED = "resolved", mark("The blocker is resolved")
    EXTENSION = "extension", mark("An extension is needed")
    COORDINATION = "coordination", mark("Needs coordination from above")


class Clock(Word):
    """What happens to a project's deadlines."""

    KEEP = "keep", mark("Leave as it is")
    HOLD = "hold", mark("Put on hold")
    RESUME = "resume", mark("Resume")


class Verdict(Word):
    APPLIED = "applied", mark("Applied")
    REFUSED = "refused", mark("Not accepted")
    SUPERSEDED = "superseded", mark("Overtaken by a newer form")


class Role(Word):
    OFFICER = "officer", mark("Assigned officer")
    LEADER = "leader", mark("Responsible leader")
    INSPECTOR = "inspector", mark("Inspector")
    OPERATOR = "operator", mark("Operator")


class UnitKind(Word):
    COUNTY = "county", mark("County or zone")
    BUREAU = "bureau", mark("Bureau")
    COMMERCE_BUREAU = "commerce_bureau", mark("Commerce bureau")
    INSPECTION_OFFICE = "inspection_office", mark("Government inspection office")


class Step(Word):
    """The steps of the ladder, lowest first."""

    REMINDER_BEFORE = "reminder_before", mark("Reminder before the due date")
    REMINDER_AFTER = "reminder_after", mark("Reminder after the due date")
    LEADER = "leader", mark("Raised to the responsible leader")
    OFFICE = "office", mark("Raised to the inspection office")
    OFFICE_REPEAT_1 = "office_repeat_1", mark("Raised to the inspection office, time 2")
    OFFICE_REPEAT_2 = "office_repeat_2", mark("Raised to the inspection office, time 3")
    OFFICE_REPEAT_3 = "office_repeat_3", mark("Raised to the inspection office, time 4")

    @property
    def position(self) -> int:
        """How high it is; words themselves compare by their letters."""
        return POSITIONS[self]

    def reaches(self, other: "Step") -> bool:
        """Whether it is that step or one above it."""
        return self.position >= other.position


POSITIONS = {step: position for position, step in enumerate(Step)}
RAISED = tuple(step for step in Step if step.reaches(Step.LEADER))  # these need somebody's answer
AT_OFFICE = tuple(step for step in Step if step.reaches(Step.OFFICE))


class FirstRung(Word):
    """Where the ladder begins for what was long overdue when a file brought it."""

    OWNER = "owner", mark("The owner's reminder")
    LEADER = "leader", mark("The responsible leader")
    OFFICE = "office", mark("The inspection office")

    @property
    def entry_step(self) -> Step | None:
        """The step as an item keeps it; None: the reminder, as ever."""
        return None if self is FirstRung.OWNER else Step(self.value)


class ClockAnswer(Word):
    """What an operator says of the day the clock shows."""

    RIGHT = "right", mark("Yes, that is today's date: fire what is due")
    WRONG = "wrong", mark("No, the clock is wrong: fire nothing")


class LeaderAnswer(Word):
    ACKNOWLEDGE = "acknowledge", mark("Acknowledge: I am looking after it")
    PROMISE = "promise", mark("Reply with a promised date")
    EXTEND = "extend", mark("Grant an extension")
    REASSIGN = "reassign", mark("Put other people or another unit in charge")


class OfficeAnswer(Word):
    """What the inspection office orders of an open item."""

    INSTRUCT = "instruct", mark("Instruct, with a new date")
    CLOSE = "close", mark("Close it without the unit's report")


class Finding(Word):
    """What the inspection office finds of an item that is reported done."""

    VERIFIED = "verified", mark("Verified: it is done")
    REOPEN = "reopen", mark("Not done: open it again")


class TargetMeasure(Word):
    LANDING_RATE = "landing_rate", mark("Landing rate")
    LANDED = "landed", mark("Projects landed")
    SIGNED = "signed", mark("Projects signed")


class RevisitEnd(Word):
    """What becomes of a revisit campaign that somebody looks at."""

    REPORT = "report", mark("Only write the report")
    CLOSE = "close", mark("Close it: open visits stay owed")
    CANCEL = "cancel", mark("Cancel it: undo what nobody has answered yet")


class Occasion(Word):
    """Why somebody gets a notice of an escalation."""

    RAISED = "raised", mark("For you to act on")
    COPY = "copy", mark("Copied to you")
    HANDED_OVER = "handed_over", mark("Handed over to you")
    INSTRUCTED = "instructed", mark("Instruction of the inspection office")
    REOPENED = "reopened", mark("Opened again by the inspection office")
    VERIFY = "verify", mark("Reported done, for you to verify")
