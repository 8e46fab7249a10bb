"""The field's words as closed sets. Values are stored; labels are what people read and choose from."""

from enum import StrEnum
from typing import Self

from models.i18n import LOCALES, gettext, mark

_ = mark


class Word(StrEnum):
    """A stored value with a label per locale; `Word("已落地")` and `Word("landed")` are the same word."""

    _label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        word = str.__new__(cls, value)
        word._value_ = value
        word._label = label
        return word

    @property
    def label(self) -> str:
        """What a person reads in the current locale."""
        return gettext(self._label)

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        text = str(value).strip()
        labels = ((word, gettext(word._label, locale)) for word in cls for locale in LOCALES)
        return next((word for word, label in labels if label.casefold() == text.casefold()), None)


class Stage(Word):
    """Where a project stands."""

    SIGNED = "signed", _("Signed")
    FOLLOW_UP = "follow_up", _("In follow-up")
    LANDED = "landed", _("Landed")
    EXITED = "exited", _("Exited")


OPEN_STAGES = (Stage.SIGNED, Stage.FOLLOW_UP)


class Exit(Word):
    """How a project ended without landing."""

    TERMINATED = "terminated", _("Terminated by agreement")
    LOST = "lost", _("Investor withdrew")


class Sector(Word):
    """The sectors the 2013 campaign ranked its projects by."""

    FINANCE = "finance", _("Finance")
    BIOPHARMA = "biopharma", _("Biopharmaceuticals")
    FOOD = "food", _("Food processing")
    FURNITURE = "furniture", _("Furniture")
    TRADE = "trade", _("Trade city or urban complex")
    MACHINERY = "machinery", _("Machinery")
    NEW_ENERGY = "new_energy", _("New energy")
    NEW_MATERIALS = "new_materials", _("New materials")
    OTHER = "other", _("Other sector")


class Currency(Word):
    """Currencies amounts are signed in."""

    CNY = "CNY", _("Chinese yuan")
    USD = "USD", _("US dollar")


class MilestoneKind(Word):
    """The steps of a project that have a date and evidence. None is a stage before another."""

    REGISTERED = "registered", _("Company registered")
    FILED = "filed", _("Project filed")
    LAND_PAID = "land_paid", _("Land paid for")
    CONSTRUCTION_STARTED = "construction_started", _("Construction started")
    COMPLETED = "completed", _("Construction completed")
    IN_PRODUCTION = "in_production", _("In production")
    AT_CAPACITY = "at_capacity", _("At capacity")


class CapitalKind(Word):
    """What happened to a project's capital."""

    INCREASE = "increase", _("Capital increase")
    PAID_IN = "paid_in", _("Capital paid in")


class ItemKind(Word):
    """What somebody can owe by a date."""

    VISIT = "visit", _("Follow-up visit")
    BLOCKER = "blocker", _("Blocker")
    MILESTONE = "milestone", _("Milestone")
    PROCEDURE = "procedure", _("Procedure")
    REPORT = "report", _("Report")
    VERIFY = "verify", _("Verification")
    LEAD = "lead", _("Lead")
    COMPLAINT = "complaint", _("Complaint")


class ItemResult(Word):
    """Why an action item was closed."""

    DONE = "done", _("Done")
    RESOLVED = "resolved", _("Resolved")
    PROJECT_ENDED = "project_ended", _("The project ended")
    WITHDRAWN = "withdrawn", _("Closed by the inspection office")
    NOT_VERIFIED = "not_verified", _("Not verified")
    CANCELLED = "cancelled", _("The revisit campaign was cancelled")


class BlockerCategory(Word):
    """What kind of thing holds a project back (India's PMG counts: 40 % land, 25 % right of way, 14 % environment)."""

    LAND = "land", _("Land")
    PERMIT = "permit", _("Permits and approvals")
    ENVIRONMENT = "environment", _("Environmental assessment")
    DEMOLITION = "demolition", _("Demolition and relocation")
    UTILITIES = "utilities", _("Water, power, gas and roads")
    FINANCING = "financing", _("Financing")
    LABOUR = "labour", _("Labour")
    PROMISE = "promise", _("A promise not kept")
    INVESTOR = "investor", _("The investor's own reasons")
    OTHER = "other", _("Other problem")


class VisitOutcome(Word):
    """What a visit concludes."""

    CONTINUE = "continue", _("Continue follow-up")
    LANDED = "landed", _("The project has landed")
    TERMINATED = "terminated", _("Exit: terminated by agreement")
    LOST = "lost", _("Exit: investor withdrew")


class BlockerOutcome(Word):
    """What the recipient of a blocker reports."""

    RESOLVED = "resolved", _("The blocker is resolved")
    EXTENSION = "extension", _("An extension is needed")
    COORDINATION = "coordination", _("Needs coordination from above")


class Clock(Word):
    """What happens to a project's deadlines."""

    KEEP = "keep", _("Leave as it is")
    HOLD = "hold", _("Put on hold")
    RESUME = "resume", _("Resume")


class Verdict(Word):
    """What became of an answer."""

    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Not accepted")
    SUPERSEDED = "superseded", _("Overtaken by a newer form")


class Role(Word):
    """What a person is to a project."""

    OFFICER = "officer", _("Assigned officer")
    LEADER = "leader", _("Responsible leader")
    INSPECTOR = "inspector", _("Inspector")
    OPERATOR = "operator", _("Operator")


class UnitKind(Word):
    """What kind of office a unit is."""

    COUNTY = "county", _("County or zone")
    BUREAU = "bureau", _("Bureau")
    COMMERCE_BUREAU = "commerce_bureau", _("Commerce bureau")
    INSPECTION_OFFICE = "inspection_office", _("Government inspection office")


class Step(Word):
    """The rungs of the ladder, lowest first."""

    REMINDER_BEFORE = "reminder_before", _("Reminder before the due date")
    REMINDER_AFTER = "reminder_after", _("Reminder after the due date")
    LEADER = "leader", _("Raised to the responsible leader")
    OFFICE = "office", _("Raised to the inspection office")
    OFFICE_REPEAT_1 = "office_repeat_1", _("Raised to the inspection office, level 2")
    OFFICE_REPEAT_2 = "office_repeat_2", _("Raised to the inspection office, level 3")
    OFFICE_REPEAT_3 = "office_repeat_3", _("Raised to the inspection office, level 4")

    @property
    def rung(self) -> int:
        """How high it is; words themselves compare by their letters."""
        return RUNGS[self]

    def reaches(self, other: "Step") -> bool:
        """Whether it is that rung or one above it."""
        return self.rung >= other.rung


RUNGS = {step: rung for rung, step in enumerate(Step)}
RAISED = tuple(step for step in Step if step.reaches(Step.LEADER))
"""The rungs above the owner: whatever got there needs somebody's answer."""
AT_OFFICE = tuple(step for step in Step if step.reaches(Step.OFFICE))


class LeaderAnswer(Word):
    """What a responsible leader answers to an item raised to them."""

    ACKNOWLEDGE = "acknowledge", _("Acknowledge: I am looking after it")
    PROMISE = "promise", _("Reply with a promised date")
    EXTEND = "extend", _("Grant an extension")
    REASSIGN = "reassign", _("Put other people or another unit in charge")


class OfficeAnswer(Word):
    """What the inspection office orders of an open item."""

    INSTRUCT = "instruct", _("Instruct, with a new date")
    CLOSE = "close", _("Close it without the unit's report")


class Finding(Word):
    """What the inspection office finds of an item that is reported done."""

    VERIFIED = "verified", _("Verified: it is done")
    REOPEN = "reopen", _("Not done: open it again")


class TargetMeasure(Word):
    """What a campaign's target counts."""

    LANDING_RATE = "landing_rate", _("Landing rate")
    LANDED = "landed", _("Projects landed")
    SIGNED = "signed", _("Projects signed")


class RevisitEnd(Word):
    """What becomes of a revisit campaign that somebody looks at."""

    REPORT = "report", _("Only write the report")
    CLOSE = "close", _("Close it: open visits stay owed")
    CANCEL = "cancel", _("Cancel it: undo what nobody has answered yet")


class Occasion(Word):
    """Why somebody gets a notice of an escalation."""

    RAISED = "raised", _("For you to act on")
    COPY = "copy", _("Copied to you")
    HANDED_OVER = "handed_over", _("Handed over to you")
    INSTRUCTED = "instructed", _("Instruction of the inspection office")
    REOPENED = "reopened", _("Opened again by the inspection office")
    VERIFY = "verify", _("Reported done, for you to verify")
