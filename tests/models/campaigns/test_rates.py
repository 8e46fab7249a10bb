"""Rates are printed with their fraction and rounded half up."""

from decimal import Decimal

import pytest

from models.campaigns.rates import Rate, half_up


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(3, 7, "42.9"), (1, 3, "33.3"), (2, 3, "66.7"), (1, 16, "6.3"), (1, 2000, "0.1"), (0, 5, "0.0"), (5, 5, "100.0")],
)
def test_a_rate_has_one_decimal_halves_go_up(part, whole, percent):
    assert Rate(part, whole).percent == Decimal(percent)
    assert Rate(part, whole).text == f"{percent}%（{part}/{whole}）"


def test_of_nothing_there_is_no_rate():
    assert Rate(0, 0).percent is None
    assert Rate(0, 0).text == "–（0/0）"
    assert not Rate(0, 0).reaches(Decimal(0))


def test_a_goal_is_held_against_the_exact_fraction():
    assert Rate(4, 5).reaches(Decimal(80))
    assert Rate(79999, 100000).percent == Decimal("80.0")
    assert not Rate(79999, 100000).reaches(Decimal(80))


@pytest.mark.parametrize(
    ("figure", "rounded"), [("0.05", "0.1"), ("0.25", "0.3"), ("-0.04", "0.0"), ("12.345", "12.3")]
)
def test_halves_are_rounded_up(figure, rounded):
    assert half_up(Decimal(figure)) == Decimal(rounded)
