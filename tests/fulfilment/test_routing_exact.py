"""The router against a brute force, and against a general solver where that would take too long."""

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fulfilment.routing import Line, decide, search
from tests.fulfilment.routing_milp import least_cost
from tests.fulfilment.routing_world import (
    FRIDAY,
    brute_force,
    lager,
    problem,
    random_problem,
    sized_problem,
    store,
)


def check(problem_given):
    """A plan must keep every limit, add up, and cost what the brute force finds."""
    decision = decide(problem_given)
    cheapest = brute_force(problem_given)
    assert decision.lower_bound_minor <= cheapest
    assert decision.cost.total >= cheapest
    if decision.proved:
        assert decision.cost.total == cheapest
    for line in problem_given.lines:
        sent = sum(a.quantity for a in decision.assignments if a.key == line.key)
        assert sent + decision.unfilled.get(line.key, 0) == line.quantity
    for source in problem_given.sources:
        for line in problem_given.lines:
            sent = sum(
                a.quantity
                for a in decision.assignments
                if a.location == source.location and a.sku == line.sku
            )
            assert sent <= source.available.get(line.sku, 0)
    assert len(decision.parcels) <= problem_given.max_parcels
    if problem_given.need_by_on:
        assert all(a.arrives_on <= problem_given.need_by_on for a in decision.assignments)
    return decision


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**9))
def test_the_decision_costs_what_the_brute_force_finds(seed):
    assert check(random_problem(random.Random(seed))).proved


@pytest.fixture(params=["small", "large"])
def way(request, monkeypatch):
    """Both ways of the search, whatever the size of the order."""
    if request.param == "large":
        monkeypatch.setattr(search, "SMALL_STATES", 0)
    return request.param


@pytest.mark.parametrize("seed", range(60))
def test_both_ways_find_the_same_cost(seed, monkeypatch):
    draw = random.Random(seed + 1_000)
    given_problem = random_problem(draw)
    stores = [s.location for s in given_problem.sources if s.kind == "store"]
    if stores and draw.random() < 0.4:
        given_problem = replace(given_problem, collect_at=draw.choice(stores))
    small = decide(given_problem)
    monkeypatch.setattr(search, "SMALL_STATES", 0)
    large = decide(given_problem)
    assert (small.proved, large.proved) == (True, True)
    assert small.cost.total == large.cost.total


@pytest.mark.parametrize("seed", range(80))
def test_sizes_that_only_some_services_take(way, seed):
    given_problem = sized_problem(random.Random(seed + 5_000))
    decision = check(given_problem)
    assert decision.proved
    lines = {line.key: line for line in given_problem.lines}
    for parcel in decision.parcels:
        rates = given_problem.tariffs[parcel.tariff].groups[parcel.group]
        for part in decision.assignments:
            line = lines[part.key]
            if (part.location, line.group) == (parcel.location, parcel.group):
                assert rates.longest_mm is None or line.longest_mm <= rates.longest_mm
                assert rates.heaviest_grams is None or line.weight_grams <= rates.heaviest_grams


@pytest.mark.parametrize("seed", range(6))
def test_many_of_one_item_from_many_lanes(way, seed):
    draw = random.Random(seed)
    lines = [Line(str(n), f"S{n}", 3, draw.choice((700, 9_000))) for n in (0, 1)]
    stores = [
        store(f"s{n}", 50 + n, 7, 16, {line.sku: draw.choice((1, 2, 3)) for line in lines})
        for n in range(3)
    ]
    assert check(problem(*stores, lines=lines, max_parcels=draw.choice((2, 4)))).proved


@pytest.mark.parametrize("seed", [27, 75, 101, 130, 133, 163])
def test_a_search_without_looks_says_how_far_off_it_may_be(seed):
    hurried = random_problem(random.Random(seed))
    decision = decide(hurried, nodes=0)
    optimum = brute_force(hurried)
    assert decision.lower_bound_minor <= optimum <= decision.cost.total
    assert decision.proved == (decision.gap == 0)


def test_ship_complete_sends_all_or_nothing_both_ways(way):
    whole = [Line(str(n), f"S{n}", 2, 900) for n in range(3)]
    stores = [store(f"s{n}", 50 + n, 7, 16, {f"S{n}": 2, f"S{(n + 1) % 3}": 1}) for n in range(3)]
    both = decide(problem(*stores, lines=whole, ship_complete=True))
    assert both.complete
    assert both.proved
    short = decide(problem(*stores[:2], lines=whole, ship_complete=True))
    assert (short.assignments, short.cost.short) == ((), 600_000)


@pytest.mark.parametrize("seed", range(40))
def test_weights_on_the_steps_and_one_parcel(seed):
    draw = random.Random(seed)
    lines = [
        Line(str(n), f"S{n}", draw.choice((1, 2)), draw.choice((500, 1000, 2000, 31_500)))
        for n in range(3)
    ]
    stores = [
        store(f"s{n}", 50 + n, 7, 16, {line.sku: draw.choice((0, 1, 2)) for line in lines})
        for n in range(3)
    ]
    assert check(problem(*stores, lines=lines, max_parcels=draw.choice((1, 2, 3)))).proved


@pytest.mark.parametrize("seed", range(20))
def test_shortages_cheap_enough_to_want(seed):
    draw = random.Random(seed)
    lines = [
        Line(str(n), f"S{n}", draw.choice((1, 3)), 9000, short_minor=draw.choice((0, 40, 400)))
        for n in range(3)
    ]
    stores = [
        store(f"s{n}", 50 + n, 7, 16, {line.sku: draw.choice((0, 1, 3)) for line in lines})
        for n in range(2)
    ]
    assert check(problem(*stores, lines=lines)).proved


@pytest.mark.parametrize("seed", range(60))
def test_groups_that_share_few_parcels(way, seed):
    """Groups are solved one by one: what ties them is the number of parcels, and a place's room."""
    draw = random.Random(seed + 9_000)
    groups = ["std", "std", "bulky", "bulky" if seed % 2 else "std"]
    lines = [
        Line(
            str(n),
            f"S{n}",
            draw.choice((1, 2)),
            draw.choice((400, 2_500, 9_000)),
            group,
            draw.choice((0, 400)),
            draw.choice((None, 0, 100, 700, 2_000)),
        )
        for n, group in enumerate(groups)
    ]
    both = frozenset({"std", "bulky"})
    stores = [
        store(
            f"s{n}",
            50 + n,
            7,
            16,
            {line.sku: draw.choice((0, 1, 2)) for line in lines},
            capacity=draw.choice(((1, 1, 1), (2, 2, 2), (8, 8, 8))),
            groups=both,
        )
        for n in range(3)
    ]
    stores = [replace(one, tariffs=("filiale", "spedition")) for one in stores]
    given_problem = problem(
        *stores,
        lines=lines,
        split_minor=draw.choice((0, 190, 900)),
        max_parcels=draw.choice((1, 2, 3, 4)),
    )
    assert check(given_problem).proved


def chain(draw, stores, count):
    """A warehouse and many stores that have some of many lines each."""
    lines = [
        Line(
            str(n),
            f"S{n}",
            draw.choice((1, 1, 1, 2, 3)),
            draw.choice((60, 400, 990, 1_500, 4_000, 9_000)),
            draw.choice(("std", "std", "std", "bulky")),
            draw.choice((0, 300, 900)),
            draw.choice((None, 900, 1_500, 4_000)),
        )
        for n in range(count)
    ]
    places = [
        store(
            f"s{n}",
            50 + draw.random() * 3,
            7 + draw.random() * 4,
            draw.choice((12, 16)),
            {line.sku: draw.choice((0, 0, 0, 1, 2)) for line in lines},
            draw.choice((70, 90, 110)),
            capacity=draw.choice(((0, 4, 20), (1, 1, 1), (8, 8, 8))),
            counter_rate={line.sku: draw.choice((0.0, 0.4, 2.0)) for line in lines},
            groups=draw.choice((frozenset({"std"}), frozenset({"std", "bulky"}))),
        )
        for n in range(stores)
    ]
    stock = {line.sku: draw.choice((0, 3, 3)) for line in lines}
    return problem(
        lager(**stock),
        *places,
        lines=lines,
        split_minor=draw.choice((0, 190, 400)),
        max_parcels=draw.choice((2, 3, 6)),
        need_by_on=draw.choice((None, None, FRIDAY)),
    )


@pytest.mark.parametrize("seed", range(10))
def test_a_general_solver_finds_nothing_cheaper_in_a_chain(way, seed):
    draw = random.Random(seed + 700)
    given_problem = chain(draw, draw.randint(12, 40), draw.randint(5, 14))
    decision = decide(given_problem)
    assert decision.proved
    assert decision.cost.total == least_cost(given_problem)


def hundreds(draw):
    """Light articles by the hundred, of which no place has all."""
    lines = [
        Line(str(n), f"S{n}", draw.choice((90, 300, 700)), draw.choice((5, 12, 30)))
        for n in range(draw.choice((1, 2, 3)))
    ]
    places = [
        store(
            f"s{n}",
            50 + draw.random() * 3,
            7 + draw.random(),
            16,
            {line.sku: draw.choice((0, 40, 150, 320)) for line in lines},
            draw.choice((70, 90)),
        )
        for n in range(draw.choice((3, 6)))
    ]
    stock = {line.sku: draw.choice((0, 60, 200)) for line in lines}
    return problem(lager(**stock), *places, lines=lines, max_parcels=draw.choice((3, 6)))


@pytest.mark.parametrize("seed", range(8))
def test_hundreds_of_units_cost_what_a_general_solver_finds(seed):
    given_problem = hundreds(random.Random(seed))
    decision, least = decide(given_problem), least_cost(given_problem)
    assert decision.lower_bound_minor <= least <= decision.cost.total
    # Where it gives up, it is within a hundredth and says so.
    assert decision.cost.total <= (least if decision.proved else least * 1.01)
