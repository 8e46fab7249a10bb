"""A target in the form that plans a campaign: what the operator writes, and what it means."""

from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from models.campaigns.plan import PlannedTarget
from models.i18n import gettext as _
from models.i18n import in_any_locale, mark
from models.ledger.project import TEN_THOUSAND
from models.refusal import Refused
from models.words import Sector, TargetMeasure
from tasks.dialogues.parameters.fields import A_DAY, SIGNED_FROM, SIGNED_UNTIL, day_under, is_left_out, word_of
from tasks.runs.forms import choice_of, one_of

WHOLE_CITY, EACH_COUNTY, ANY_SECTOR = mark("(whole city)"), mark("(each county and zone)"), mark("(any sector)")


class TargetForm(BaseModel):
    model_config = ConfigDict(title=mark("Target"))

    name: str = Field(title=mark("Name of the target"))
    measure: str = Field(
        TargetMeasure.LANDING_RATE, title=mark("What the target counts"), json_schema_extra=one_of(TargetMeasure)
    )
    goal: float = Field(title=mark("Goal"), description=mark("Per cent for a landing rate, else a number of projects"))
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
