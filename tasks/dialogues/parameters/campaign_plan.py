"""The form that plans a campaign and its targets, prefilled with the current one."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import ConfigDict, Field
from sqlalchemy.orm import Session

from models.campaigns.clock import last_day
from models.campaigns.plan import Plan, PlannedTarget
from models.i18n import gettext as _
from models.i18n import in_any_locale, mark
from models.ledger.project import TEN_THOUSAND
from models.refusal import Refused
from models.words import MilestoneKind, Sector, TargetMeasure
from tasks.campaigns.plan import DEPLOYMENT, plan_of
from tasks.dialogues.parameters.fields import A_DAY, SIGNED_FROM, SIGNED_UNTIL, day_under, is_left_out, word_of
from tasks.ledger.current_campaign import current_campaign
from tasks.runs.forms import Part, choice_of, one_of
from tasks.runs.parameters import FILLED_IN
from tasks.runs.prefect_api import prefill

MAX_DAYS = 3660
STARTS_ON, ENDS_ON = mark("First day"), mark("Last day")
WHOLE_CITY, EACH_COUNTY, ANY_SECTOR = mark("(whole city)"), mark("(each county and zone)"), mark("(any sector)")


class TargetForm(Part):
    model_config = ConfigDict(title=mark("Target"), validate_default=True)

    name: Annotated[str, FILLED_IN] = Field(
        "", title=mark("Name of the target"), description=mark("Must be filled in.")
    )
    measure: str = Field(
        TargetMeasure.LANDING_RATE, title=mark("What the target counts"), json_schema_extra=one_of(TargetMeasure)
    )
    goal: float = Field(
        0, title=mark("Goal"), description=mark("Per cent for a landing rate, else a number of projects")
    )
    unit: str = Field("", title=mark("Who must reach it"), json_schema_extra=choice_of("places"))
    signed_from: str = Field(
        "",
        title=SIGNED_FROM,
        description=mark("A day like 2026-06-09, or empty. For projects to be signed: the campaign's first day"),
    )
    signed_until: str = Field("", title=SIGNED_UNTIL, description=A_DAY)
    amount_from: float = Field(
        0,
        title=mark("Amount from (ten thousand yuan)"),
        description=mark("10亿元 are 100000. 0: projects of any amount"),
    )
    sector: str = Field("", title=mark("Sector"), json_schema_extra=choice_of("sectors"))
    by_leader: bool = Field(
        False, title=mark("Split over leaders"), description=mark("Also show it for each responsible leader")
    )

    def planned(self) -> PlannedTarget:
        """The target it describes; `Refused` when a word, day or number in it is unknown."""
        unit = self.unit.strip()
        return PlannedTarget(
            name=" ".join(self.name.split()),
            measure=word_of(TargetMeasure, self.measure),
            goal=_number(self.goal),
            signed_from=day_under(self.signed_from, SIGNED_FROM),
            signed_until=day_under(self.signed_until, SIGNED_UNTIL),
            amount_from=_number(self.amount_from) * TEN_THOUSAND or None,
            sector=None if is_left_out(self.sector, ANY_SECTOR) else word_of(Sector, self.sector),
            unit="" if is_left_out(unit, WHOLE_CITY, EACH_COUNTY) else unit,
            each_county=unit in in_any_locale(EACH_COUNTY),
            by_leader=self.by_leader,
        )


Name = Annotated[
    str,
    FILLED_IN,
    Field(
        title=mark("Name"),
        description=mark("What it is called; a name that is there already is changed, another one is new"),
    ),
]
StartsOn = Annotated[str, Field(title=STARTS_ON, description=mark("A day like 2026-06-09"))]
EndsOn = Annotated[
    str, Field(title=ENDS_ON, description=mark("A day like 2026-06-09, or empty and a number of days instead"))
]
Days = Annotated[
    int,
    Field(
        title=mark("Number of days"),
        description=mark("Calendar days, the first and the last counted; 0: the last day says it"),
    ),
]
Landing = Annotated[
    tuple[Annotated[str, Field(json_schema_extra=one_of(MilestoneKind))], ...],
    Field(title=mark("Counts as landed"), description=mark("All of these milestones, each with its day and evidence")),
]
Targets = Annotated[
    tuple[TargetForm, ...],
    Field(
        title=mark("Targets of the campaign"),
        description=mark("One entry for each; they take the place of those the campaign has"),
    ),
]


def plan_from(
    name: str,
    span: tuple[str, str, int],
    landing: Iterable[str],
    signed: tuple[str, str],
    targets: Iterable[TargetForm],
) -> Plan:
    """The plan the form describes; `span` is its first day, its last day and its number of days.

    `Refused` naming what is missing or no day, word or number of ours.
    """
    starts_on, ends_on, days = span
    first_on = day_under(starts_on, STARTS_ON)
    if first_on is None:
        raise Refused(_("Say when the campaign begins: fill in “%(field)s”.") % {"field": _(STARTS_ON)})
    return Plan(
        name=" ".join(name.split()),
        starts_on=first_on,
        ends_on=_end(first_on, ends_on, days),
        landing=tuple(dict.fromkeys(word_of(MilestoneKind, kind) for kind in landing)),
        targets=tuple(target.planned() for target in targets),
        signed_from=day_under(signed[0], SIGNED_FROM),
        signed_until=day_under(signed[1], SIGNED_UNTIL),
    )


def _end(starts_on: date, ends_on: str, days: int) -> date:
    """The last day; `Refused` when the span has neither a last day nor days, or they differ."""
    last_on = day_under(ends_on, ENDS_ON)
    if days < 0 or days > MAX_DAYS:
        raise Refused(_("A campaign lasts from 1 to %(most)s days.") % {"most": MAX_DAYS})
    counted = last_day(starts_on, days) if days else last_on
    if counted is None:
        raise Refused(_("Say when the campaign ends: by its last day, or by its number of days."))
    if last_on and last_on != counted:
        clash = _("%(days)s days from %(first)s end on %(counted)s, not on %(said)s: leave one of the two empty.")
        raise Refused(clash % {"days": days, "first": starts_on, "counted": counted, "said": last_on})
    return counted


def parameters(plan: Plan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "starts_on": str(plan.starts_on),
        "ends_on": str(plan.ends_on),
        "landing": [kind.label for kind in plan.landing],
        "signed_from": str(plan.signed_from or ""),
        "signed_until": str(plan.signed_until or ""),
        "targets": [entry(target) for target in plan.targets],
    }


def present_parameters(session: Session, day: date) -> dict[str, Any]:
    """The current campaign as the form shows it; only the landing of the standing one."""
    campaign = current_campaign(session, day)
    plan = plan_of(session, campaign)
    if plan is None:
        return {"landing": [MilestoneKind(kind).label for kind in campaign.landing_definition]}
    return parameters(plan)


def prefill_plan(plan: Plan) -> None:
    prefill(DEPLOYMENT, parameters(plan))


def entry(target: PlannedTarget) -> dict[str, Any]:
    amount = (target.amount_from or Decimal(0)) / TEN_THOUSAND
    return {
        "name": target.name,
        "measure": target.measure.label,
        "goal": _figure(target.goal),
        "unit": _(EACH_COUNTY) if target.each_county else target.unit or _(WHOLE_CITY),
        "signed_from": str(target.signed_from or ""),
        "signed_until": str(target.signed_until or ""),
        "amount_from": _figure(amount),
        "sector": target.sector.label if target.sector else _(ANY_SECTOR),
        "by_leader": target.by_leader,
    }


def _number(figure: float) -> Decimal:
    number = Decimal(str(figure))
    if not number.is_finite():
        raise Refused(_("“%(figure)s” is no number.") % {"figure": figure})
    return number


def _figure(number: Decimal) -> float | int:
    return int(number) if number == int(number) else float(number)
