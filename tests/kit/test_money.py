"""Money adds up: nothing is lost in a split, and every rounding is the merchant's."""

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit import money

AMOUNTS = st.integers(-10_000_000, 10_000_000)
WEIGHTS = st.lists(st.integers(0, 100_000), min_size=1, max_size=20).filter(any)


@given(AMOUNTS, WEIGHTS)
@example(100, [1, 1, 1])
@example(-1, [1, 1])
def test_parts_add_up_and_no_part_is_a_cent_off(amount, weights):
    parts = money.allocate(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1


@given(AMOUNTS, WEIGHTS)
def test_who_weighs_nothing_gets_nothing(amount, weights):
    parts = money.allocate(amount, weights)
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@given(AMOUNTS, WEIGHTS)
def test_a_credit_is_split_like_the_debit(amount, weights):
    assert money.allocate(-amount, weights) == [-part for part in money.allocate(amount, weights)]


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (1, [1, 2], [0, 1]),
        (1000, [1900, 700, 0], [731, 269, 0]),
        (0, [3, 4], [0, 0]),
    ],
)
def test_known_splits(amount, weights, parts):
    assert money.allocate(amount, weights) == parts


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1], [-1]])
def test_weights_that_say_nothing_are_an_error(weights):
    with pytest.raises(ValueError, match="weights"):
        money.allocate(100, weights)


@pytest.mark.parametrize(
    ("gross", "rate", "vat"),
    [
        (11900, 1900, 1900),
        (10700, 700, 700),
        (999, 1900, 160),  # 159.504…
        (490, 1900, 78),  # 78.235…
        (690, 1900, 110),  # 110.168…
        (321, 700, 21),  # exactly 21
        (100, 700, 7),  # 6.542…
        (1, 10_000, 1),  # exactly half a cent: away from zero
        (-1, 10_000, -1),
        (-11900, 1900, -1900),
        (500, 0, 0),
        (0, 1900, 0),
    ],
)
def test_vat_in_a_gross_amount(gross, rate, vat):
    assert money.vat_within(gross, rate) == vat


@given(AMOUNTS, st.sampled_from([0, 700, 1900]))
def test_vat_is_within_half_a_cent_of_the_exact_one(gross, rate):
    exact = Fraction(gross * rate, 10_000 + rate)
    assert abs(money.vat_within(gross, rate) - exact) <= Fraction(1, 2)
    assert money.vat_within(-gross, rate) == -money.vat_within(gross, rate)


@pytest.mark.parametrize(
    ("amount", "points", "part"),
    [(690, 500, 35), (690, 0, 0), (690, 10_000, 690), (10, 500, 1), (-10, 500, -1), (9, 500, 0)],
)
def test_a_share_is_rounded_half_up(amount, points, part):
    assert money.share(amount, points) == part
