"""How much of a target is reached: by exact fractions."""

from decimal import Decimal

import pytest

from models.campaigns.attainment import Attainment
from models.campaigns.rates import Rate
from models.words import TargetMeasure

RATE, LANDED, SIGNED = TargetMeasure.LANDING_RATE, TargetMeasure.LANDED, TargetMeasure.SIGNED


@pytest.mark.parametrize(
    ("measure", "goal", "part", "whole", "missing"),
    [
        (RATE, "80", 5, 7, 1),  # 80 % of 7 are 5.6
        (RATE, "80", 6, 7, 0),
        (RATE, "80", 79999, 100000, 1),  # printed as 80.0 %
        (RATE, "80", 0, 0, 0),
        (RATE, "33.33", 1, 3, 0),
        (LANDED, "2", 0, 9, 2),
        (LANDED, "2", 3, 9, 0),
        (SIGNED, "3", 2, 2, 1),
    ],
)
def test_what_is_missing_are_whole_projects(measure, goal, part, whole, missing):
    found = Attainment(measure, Decimal(goal), part, whole)
    assert found.missing == missing
    assert found.is_reached is (missing == 0 and whole > 0)


@pytest.mark.parametrize(
    ("measure", "goal", "part", "whole", "gone", "points"),
    [
        (RATE, "80", 2, 10, Rate(50, 100), "25.0"),  # 20 of 80 %: a quarter of the goal
        (RATE, "80", 4, 10, Rate(50, 100), "0.0"),
        (RATE, "80", 0, 0, Rate(100, 100), "0.0"),
        (SIGNED, "3", 1, 1, Rate(37, 100), "3.7"),
        (SIGNED, "3", 1, 1, Rate(1, 3), "0.0"),
        (LANDED, "2", 0, 4, Rate(1, 16), "6.3"),
        (LANDED, "2", 5, 9, Rate(100, 100), "0.0"),
        (LANDED, "2", 0, 4, None, "0.0"),
        (LANDED, "2", 0, 4, Rate(0, 100), "0.0"),
    ],
)
def test_behind_is_who_has_less_of_the_goal_than_is_gone_of_the_time(measure, goal, part, whole, gone, points):
    found = Attainment(measure, Decimal(goal), part, whole)
    assert found.points_behind(gone) == Decimal(points)
    assert found.is_behind(gone) is (Decimal(points) > 0)


def test_a_hair_behind_is_behind_though_its_points_are_printed_as_none():
    found = Attainment(SIGNED, Decimal(100000), 36999, 36999)
    assert found.is_behind(Rate(37, 100))
    assert found.points_behind(Rate(37, 100)) == Decimal("0.0")


def test_added_up_the_parts_and_the_wholes_are():
    assert Attainment(RATE, Decimal(80), 1, 2) + Attainment(RATE, Decimal(80), 2, 3) == Attainment(
        RATE, Decimal(80), 3, 5
    )
