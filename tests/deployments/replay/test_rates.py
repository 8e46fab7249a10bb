"""The replay recomputes a target as the table has it, not as the ledger's code understood it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from deployments.replay.checks.rates import wrong_rates
from models.campaigns.attainment import Attainment
from models.campaigns.target import Target
from models.words import TargetMeasure
from tasks.campaigns.targets import OfUnit, TargetStanding

FIRST, LAST = date(2013, 6, 9), date(2013, 9, 16)
SIGNED_ON = (date(2012, 3, 1), date(2013, 3, 1))
COUNTY, BUREAU = 1, 2


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), dtype=object)


def ledger(*, each_county: bool) -> dict[str, pd.DataFrame]:
    """A county's project of 2012, a bureau's of 2013, and a target for those of 2012."""
    target = {"id": 1, "name": "2012年签约项目", "measure": "signed", "amount_from": None, "sector": None}
    cohort = {"signed_from": date(2012, 1, 1), "signed_until": date(2012, 12, 31)}
    project = {"exit": None, "ended_on": None, "amount": Decimal(10**8), "sector": "food"}
    return {
        "campaign": table({"landing_definition": ["registered"], "starts_on": FIRST, "ends_on": LAST}),
        "target": table(target | cohort | {"unit_id": None, "each_county": each_county}),
        "unit": table({"id": COUNTY, "kind": "county"}, {"id": BUREAU, "kind": "bureau"}),
        "project": table(
            *(project | {"id": unit, "unit_id": unit, "signed_on": day} for unit, day in enumerate(SIGNED_ON, 1))
        ),
        "milestone": table(
            {"project_id": 1, "kind": "registered", "done_on": date(2012, 5, 1), "evidence": "执照"},
        ),
    }


def standing(part: int, unit_id: int | None = None) -> TargetStanding:
    """What the ledger's code says of the target, whose cohort it lost."""
    measure, goal = TargetMeasure.SIGNED, Decimal(2)
    attained = Attainment(measure, goal, part, part)
    return TargetStanding(
        Target(name="2012年签约项目", measure=measure, goal=goal), None, [OfUnit(unit_id, "", attained)], ()
    )


@pytest.mark.parametrize(("part", "faults"), [(1, 0), (2, 1)], ids=["right", "wrong"])
def test_a_target_is_counted_with_the_cohort_of_the_table(part, faults):
    told = list(wrong_rates(ledger(each_county=False), [standing(part)], LAST))
    assert len(told) == faults
    assert all("(2, 2)" in each and "(1, 1)" in each for each in told)


@pytest.mark.parametrize(("unit_id", "part", "faults"), [(COUNTY, 1, 0), (BUREAU, 0, 1)], ids=["right", "wrong"])
def test_the_lines_of_a_target_are_those_of_the_counties(unit_id, part, faults):
    assert len(list(wrong_rates(ledger(each_county=True), [standing(part, unit_id)], LAST))) == faults


def test_a_target_that_the_ledger_leaves_out_is_missed():
    with pytest.raises(ValueError, match="zip"):
        list(wrong_rates(ledger(each_county=False), [], LAST))
