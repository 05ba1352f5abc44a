"""What promotions take off: exact figures, the best price, and whole cents that add up."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.promotion_sums import Goods, Rule, reduce
from kit.money import share

LURE = Goods("LURE", 3, 690, frozenset({"lures", "tackle"}), "Rhein")
HOOK = Goods("HOOK", 2, 490, frozenset({"hooks", "tackle"}), "Mosel")
PAN = Goods("PAN", 1, 8900, frozenset({"pans"}), "Rhein")
BASKET = (LURE, HOOK, PAN)


def percent(ref, basis_points, **more):
    return Rule(ref, "percent", basis_points=basis_points, **more)


def amount(ref, amount_minor, **more):
    return Rule(ref, "amount", amount_minor=amount_minor, **more)


def buy_get(ref, buy, get, basis_points=10_000, **more):
    return Rule(ref, "buy_get", basis_points=basis_points, buy_units=buy, get_units=get, **more)


def taken(goods, *rules):
    """Return per line what each promotion takes off."""
    return [{one.ref: one.amount_minor for one in line} for line in reduce(goods, rules)]


def test_a_percentage_is_taken_off_each_unit_rounded_half_up():
    assert taken(BASKET, percent("A", 500)) == [{"A": 3 * 35}, {"A": 2 * 25}, {"A": 445}]


@pytest.mark.parametrize(
    ("facts", "lines"),
    [
        ({"skus": frozenset({"HOOK"})}, {1}),
        ({"categories": frozenset({"tackle"})}, {0, 1}),
        ({"brands": frozenset({"Rhein"})}, {0, 2}),
        ({"brands": frozenset({"Rhein"}), "categories": frozenset({"tackle"})}, {0}),
        ({"skus": frozenset({"ELSE"})}, set()),
    ],
)
def test_a_promotion_is_for_the_goods_that_it_names(facts, lines):
    assert {
        place for place, line in enumerate(taken(BASKET, percent("A", 1000, **facts))) if line
    } == lines


def test_an_amount_is_divided_in_whole_cents_by_largest_remainder():
    # 1000 over 2070 : 980 : 8900, to the cent 173.22 : 82.01 : 744.77
    assert taken(BASKET, amount("A", 1000)) == [{"A": 173}, {"A": 82}, {"A": 745}]


def test_an_amount_never_takes_more_than_the_goods_cost():
    assert taken([HOOK], amount("A", 5000)) == [{"A": 980}]


@pytest.mark.parametrize(("least", "off"), [(3050, 300), (3051, 0)])
def test_a_threshold_counts_the_goods_that_the_promotion_is_for(least, off):
    rule = amount("A", 300, min_minor=least, categories=frozenset({"tackle"}))
    assert sum(sum(line.values()) for line in taken(BASKET, rule)) == off


def test_three_for_two_gives_the_cheapest_of_each_set_and_every_unit_bears_its_share():
    assert taken([LURE], buy_get("A", 2, 1)) == [{"A": 690}]
    # One set of 690, 690, 690; two hooks are none. What is given is borne by the whole set.
    assert taken([LURE, HOOK], buy_get("A", 2, 1)) == [{"A": 690}, {}]
    # 8900, 690 | 690, 690 | 490, 490: half off 690, 690 and 490.
    halves = taken(BASKET, buy_get("A", 1, 1, 5000))
    assert sum(sum(line.values()) for line in halves) == 345 + 345 + 245


def test_what_shares_adds_up_and_what_does_not_is_alone_on_its_lines():
    ten, five = percent("A", 1000, stackable=True), percent("B", 500, stackable=True)
    assert taken([HOOK], ten, five) == [{"A": 98, "B": 44}]
    assert taken([HOOK], percent("A", 1000), five) == [{"A": 98}]
    assert taken([HOOK], percent("A", 1000), amount("B", 99)) == [{"B": 99}]
    assert taken([HOOK], percent("A", 1000), amount("B", 97)) == [{"A": 98}]
    # On different lines, both.
    for_pans = percent("B", 2000, skus=frozenset({"PAN"}))
    assert taken(BASKET, percent("A", 1000), for_pans) == [{"A": 207}, {"A": 98}, {"B": 1780}]


def test_a_tie_is_won_by_the_simpler_answer():
    assert taken([HOOK], percent("B", 1000), amount("A", 98)) == [{"B": 98}]


goods = st.lists(
    st.builds(
        Goods,
        sku=st.sampled_from(["A1", "B2", "C3"]),
        quantity=st.integers(1, 7),
        unit_minor=st.integers(1, 9999),
        categories=st.sets(st.sampled_from(["x", "y"])).map(frozenset),
        brand=st.sampled_from(["r", "m"]),
    ),
    min_size=1,
    max_size=4,
)
rules = st.lists(
    st.builds(
        Rule,
        ref=st.just(""),
        kind=st.sampled_from(["percent", "amount", "buy_get"]),
        basis_points=st.sampled_from([1, 333, 500, 1337, 5000, 10_000]),
        amount_minor=st.integers(1, 20_000),
        buy_units=st.integers(1, 3),
        get_units=st.integers(1, 2),
        min_minor=st.sampled_from([0, 0, 5000, 20_000]),
        stackable=st.booleans(),
        skus=st.sets(st.sampled_from(["A1", "B2"]), max_size=1).map(frozenset),
        brands=st.sets(st.sampled_from(["r"]), max_size=1).map(frozenset),
    ),
    max_size=4,
).map(lambda found: [Rule(**{**vars(one), "ref": f"P{n}"}) for n, one in enumerate(found)])


def total_off(lines):
    return sum(one.amount_minor for line in lines for one in line)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, derandomize=True)
@given(goods=goods, rules=rules)
def test_nothing_costs_less_than_nothing_and_nobody_pays_more_with_a_promotion_more(goods, rules):
    reduced = reduce(goods, rules)
    for line, applied in zip(goods, reduced, strict=True):
        assert all(one.amount_minor > 0 for one in applied)
        assert sum(one.amount_minor for one in applied) <= line.quantity * line.unit_minor
        exclusive = [one for one in applied if not rules[int(one.ref[1:])].stackable]
        assert not exclusive or len(applied) == 1
    # No choice of fewer promotions would have been cheaper: the best price is the best.
    for size in range(len(rules)):
        for fewer in combinations(rules, size):
            assert total_off(reduce(goods, fewer)) <= total_off(reduced)
    # The order in which they were entered changes nothing.
    assert reduce(goods, rules[::-1]) == reduced


@settings(max_examples=200, deadline=None, derandomize=True)
@given(line=goods.map(lambda found: found[0]), rates=st.lists(st.integers(1, 9999), max_size=4))
def test_of_exclusive_percentages_each_unit_gets_the_best(line, rates):
    rules = [percent(f"P{place}", rate) for place, rate in enumerate(rates)]
    best = max((share(line.unit_minor, rate) for rate in rates), default=0)
    assert total_off(reduce([line], rules)) == best * line.quantity
