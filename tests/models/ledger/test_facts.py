"""The rules a report is held against."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from models.campaigns.campaign import Campaign
from models.i18n import use_locale
from models.ledger.facts import Facts, MilestoneReached, check_days, check_exit, landed_on, landing_definition
from models.ledger.project import Milestone, Project, in_words
from models.refusal import Refused
from models.words import Currency, MilestoneKind, VisitOutcome

SIGNED = date(2013, 3, 1)
TODAY = date(2013, 6, 9)
BOTH = [MilestoneKind.REGISTERED, MilestoneKind.CONSTRUCTION_STARTED]


def facts(**said: Any) -> Facts:
    return Facts(**{"happened_on": TODAY, "reported_by": "招商局专员", "outcome": VisitOutcome.CONTINUE, **said})


def reached(kind: MilestoneKind, day: int, evidence: str = "营业执照") -> Milestone:
    return Milestone(kind=kind, done_on=date(2013, 5, day), evidence=evidence)


def campaign(number: int, starts: date, definition: list[str], **cohort: Any) -> Campaign:
    return Campaign(id=number, starts_on=starts, landing_definition=definition, **cohort)


@pytest.mark.parametrize(
    "said",
    [
        {"happened_on": date(2013, 6, 10)},
        {"milestones": (MilestoneReached(MilestoneKind.REGISTERED, date(2013, 6, 10), "营业执照"),)},
        {"happened_on": date(2013, 2, 28)},
    ],
    ids=["a visit to come", "a milestone to come", "before it was signed"],
)
def test_nothing_is_reported_before_it_happened_or_before_the_signing(said: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=r"2013年[26]月"):
        check_days(facts(**said), Project(signed_on=SIGNED), TODAY)


def test_today_is_not_to_come() -> None:
    check_days(facts(), Project(signed_on=TODAY), TODAY)


@pytest.mark.parametrize("outcome", [VisitOutcome.TERMINATED, VisitOutcome.LOST])
def test_an_exit_needs_its_reason(outcome: VisitOutcome) -> None:
    with pytest.raises(Refused):
        check_exit(facts(outcome=outcome))
    check_exit(facts(outcome=outcome, reason="资金链断裂"))


def test_a_project_landed_on_the_day_its_last_landing_milestone_was_reached() -> None:
    milestones = [reached(BOTH[0], 3), reached(BOTH[1], 20), reached(MilestoneKind.FILED, 30)]
    assert landed_on(milestones, BOTH) == date(2013, 5, 20)


@pytest.mark.parametrize(
    "milestones",
    [[], [reached(BOTH[0], 3)], [reached(BOTH[0], 3), reached(BOTH[1], 20, evidence="  ")]],
    ids=["none", "one of two", "without evidence"],
)
def test_landing_without_proof_names_the_missing_milestone(milestones: list[Milestone]) -> None:
    with pytest.raises(Refused, match=BOTH[1].label):
        landed_on(milestones, BOTH)


def test_the_newest_running_campaign_of_the_cohort_defines_landing() -> None:
    standing = campaign(1, date(2000, 1, 1), ["registered"])
    cohort = {"signed_from": date(2013, 1, 1), "signed_until": date(2013, 6, 30)}
    hundred_days = campaign(2, date(2013, 6, 9), ["construction_started"], ends_on=date(2013, 9, 16), **cohort)
    project, older = Project(signed_on=SIGNED), Project(signed_on=date(2012, 12, 31))
    both = [standing, hundred_days]
    assert landing_definition(project, both, TODAY) == [MilestoneKind.CONSTRUCTION_STARTED]
    assert landing_definition(older, both, TODAY) == [MilestoneKind.REGISTERED]
    assert landing_definition(project, both, date(2013, 9, 17)) == [MilestoneKind.REGISTERED]


@pytest.mark.parametrize(
    ("amount", "currency", "chinese"),
    [
        ("1000000000", Currency.CNY, "10亿元"),
        ("50000000.00", Currency.CNY, "5000万元"),
        ("123456789.12", Currency.CNY, "1.2345678912亿元"),
        ("120000000", Currency.USD, "1.2亿美元"),
        ("800", Currency.CNY, "800元"),
        ("0", Currency.CNY, "0元"),
    ],
)
def test_amounts_are_written_as_offices_do_and_exactly(amount: str, currency: Currency, chinese: str) -> None:
    with use_locale("zh_CN"):
        assert in_words(Decimal(amount), currency) == chinese
