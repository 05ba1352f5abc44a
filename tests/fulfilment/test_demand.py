"""Rates by hand: what counts as a day, what an empty shelf says, how far few sales are believed."""

import numpy as np
import pytest

from fulfilment.foresight import demand
from fulfilment.foresight.demand import Past


def past(days, *, now, sold=None, arrived=None, left=None, web=None):
    """One SKU at one place; by default nothing happened on any day."""

    def row(units):
        return np.array(units if units is not None else [0] * days, np.int64).reshape(1, 1, days)

    sold_row = row(sold)
    return Past(
        sold=sold_row,
        arrived=row(arrived),
        left=row(left) if left is not None else sold_row,
        web=row(web).reshape(1, days),
        now=np.array([[now]]),
        carried=np.array([[True]]),
    )


def test_a_full_shelf_is_a_day_and_an_empty_one_is_none():
    assert demand.exposure(past(3, now=5)).tolist() == [[[1.0, 1.0, 1.0]]]
    assert demand.exposure(past(3, now=0)).tolist() == [[[0.0, 0.0, 0.0]]]


def test_the_day_on_which_the_shelf_ran_empty_counts_half_and_those_after_it_nothing():
    one = past(4, now=0, sold=[1, 2, 0, 0])
    assert demand.exposure(one).tolist() == [[[1.0, 0.5, 0.0, 0.0]]]


def test_the_day_on_which_goods_came_counts_half_and_those_before_it_nothing():
    one = past(4, now=3, arrived=[0, 0, 3, 0])
    assert demand.exposure(one).tolist() == [[[0.0, 0.0, 0.5, 1.0]]]


def test_goods_that_came_and_were_sold_the_same_day_leave_half_a_day():
    one = past(2, now=0, sold=[0, 2], arrived=[0, 2])
    assert demand.exposure(one).tolist() == [[[0.0, 0.5]]]


def test_days_count_the_less_the_older_they_are():
    assert demand.ages(3, memory=2.0).tolist() == pytest.approx([np.exp(-1.0), np.exp(-0.5), 1.0])


def test_weekdays_are_told_apart_and_make_one_average_day():
    profile = demand.weekday_profile(np.array([80.0, 80, 80, 80, 80, 160, 0]))
    # 20 units of an average day are added to each weekday that sells at all.
    assert profile == pytest.approx(np.array([100, 100, 100, 100, 100, 180, 0]) * 7 / 680)
    assert profile.mean() == pytest.approx(1.0)
    assert demand.weekday_profile(np.zeros(7)).tolist() == [1.0] * 7


def test_shrinkage_by_hand():
    # 6 sold in 10 days where 0.2 a day were expected, which counts as much as 2 units:
    # (6 + 2) / (10 + 2 / 0.2) = 0.4, half way between 0.2 and 0.6.
    found = demand.shrunk(np.array([6.0]), np.array([10.0]), np.array([0.2]), 2.0)
    assert found.tolist() == [0.4]


def test_where_nothing_is_expected_nothing_is_forecast():
    found = demand.shrunk(np.array([0.0]), np.array([10.0]), np.array([0.0]), 2.0)
    assert found.tolist() == [0.0]


def everyday(days, sold, now):
    return past(days, now=now, sold=[sold] * days)


def rate(one, days, mean=1.0):
    return demand.counter_rates(one, np.ones(days), np.array([1.0]), mean)[0, 0]


def test_a_place_that_sells_one_a_day_is_expected_to_go_on():
    days = demand.WINDOW_DAYS
    assert rate(everyday(days, 1, now=100), days) == pytest.approx(1.0)


def test_days_without_goods_are_not_days_without_demand():
    days = 56
    half = [1] * 28 + [0] * 28
    empty = rate(past(days, now=0, sold=half), days)
    full = rate(past(days, now=100, sold=half), days)
    assert empty == pytest.approx(1.0, abs=0.05)
    assert full < 0.5


def test_what_was_sold_lately_counts_more():
    days = 56
    rising = rate(past(days, now=100, sold=[0] * 28 + [1] * 28), days)
    falling = rate(past(days, now=100, sold=[1] * 28 + [0] * 28), days)
    assert rising > 0.6
    assert falling < 0.4


def test_a_place_without_a_till_sells_nothing_and_one_that_never_had_it_neither():
    days, two = 7, np.full((1, 2, 7), 1)
    one = Past(
        two, two * 0, two, np.zeros((1, 7), np.int64), np.array([[9, 9]]), np.ones((1, 2), bool)
    )
    rates = demand.counter_rates(one, np.ones(days), np.array([1.0, 0.0]), 1.0)
    assert rates[0, 0] > 0.9
    assert rates[0, 1] == 0.0
    never = Past(two, two * 0, two, one.web, one.now, np.array([[True, False]]))
    assert demand.counter_rates(never, np.ones(days), np.ones(2), 1.0)[0, 1] == 0.0


def test_a_new_store_is_expected_to_sell_what_the_others_do():
    days = 56
    sold = np.zeros((1, 2, days), np.int64)
    sold[0, 0] = 2
    none = np.zeros((1, 2, days), np.int64)
    arrived = none.copy()
    arrived[0, 1, -1] = 5  # the second store has had it since yesterday
    one = Past(sold, arrived, sold, none[:, 0], np.array([[50, 5]]), np.ones((1, 2), bool))
    old, new = demand.counter_rates(one, np.ones(days), np.ones(2), 1.0)[0]
    assert old == pytest.approx(2.0, abs=0.05)
    # Half a day without a sale is little against the two units that 2 a day count for.
    assert new == pytest.approx((0 + 2) / (0.5 + 2 / 2.0), abs=0.05)


def test_a_strong_weekday_is_no_strong_week():
    # Sold on Saturdays only, 7 average days each: one a week is one seventh a day.
    weekday = np.array([0.0, 0, 0, 0, 0, 7, 0] * 8)
    one = past(56, now=100, sold=[0, 0, 0, 0, 0, 1, 0] * 8)
    found = demand.counter_rates(one, weekday, np.array([1.0]), 1 / 7)
    assert found[0, 0] == pytest.approx(1 / 7, rel=0.02)


def test_the_web_is_exposed_while_anybody_has_the_goods():
    none = np.zeros((1, 2, 4), np.int64)
    web = np.array([[1, 1, 0, 0]])
    anywhere = Past(none, none, none, web, np.array([[0, 3]]), np.ones((1, 2), bool))
    nowhere = Past(none, none, none, web, np.array([[0, 0]]), np.ones((1, 2), bool))
    mean = 0.5
    weights = demand.ages(4)
    sold = weights[:2].sum()
    assert demand.web_rates(anywhere, np.ones(4), mean)[0] == pytest.approx(
        (sold + 0.5) / (weights.sum() + 1.0)
    )
    # Nobody has any by the books, but units were sent: those days count half.
    assert demand.web_rates(nowhere, np.ones(4), mean)[0] == pytest.approx(
        (sold + 0.5) / (0.5 * sold + 1.0)
    )


def test_units_until_goods_come_are_those_of_the_days_until_then():
    ahead = np.array([1.0, 2.0, 0.0, 1.0])
    found = demand.until(np.array([0.5, 0.5, 0.5]), ahead, np.array([1, 3, 9]))
    assert found.tolist() == [0.5, 1.5, 2.0]
