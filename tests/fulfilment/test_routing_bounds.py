"""No bound lies above a plan that exists; what is kept warm changes nothing."""

import random
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from fulfilment.routing import decide
from fulfilment.routing.core import derive
from fulfilment.routing.lanesets import list_sets
from fulfilment.routing.network import Network
from fulfilment.routing.prices import MANY, Prices
from fulfilment.routing.quick import Quick
from fulfilment.routing.services import why_not
from fulfilment.routing.sizes import Size
from fulfilment.routing.tables import Table
from tests.fulfilment.routing_world import HOOKS, problem, random_problem, sized_problem, store


def priced(seed):
    """A random problem's numbers, its prices and its optimum."""
    given = random_problem(random.Random(seed))
    core = derive(given)
    prices = Prices(core) if core.tables else None
    if prices is None or not len(prices.lanes):
        pytest.skip("nothing useful to send")
    best = decide(given)
    assert best.proved
    return core, prices, best.cost.total


@pytest.mark.parametrize("seed", range(40))
def test_any_prices_bound_every_plan(seed, monkeypatch):
    _, prices, optimum = priced(seed)
    draw = np.random.default_rng(seed)
    for rough in (False, True):
        monkeypatch.setattr("fulfilment.routing.prices.MANY", 0 if rough else MANY)
        for _ in range(20):
            price = np.append(draw.uniform(0, prices.short), draw.choice([0.0, 300.0]))
            assert prices.look(price).bound <= max(optimum, -1) + 1e-6


@pytest.mark.parametrize("seed", range(10))
def test_a_ceiling_below_the_bound_leaves_nothing_to_look_at(seed, monkeypatch):
    monkeypatch.setattr("fulfilment.routing.prices.MANY", 0)
    _, prices, optimum = priced(seed)
    # Prices far too high: every lane pays, and the plan found meanwhile is below the bound.
    prices.price = np.append(prices.short, 0.0)
    prices.climb(optimum, 1)
    prices.drop(prices.best.bound - 500)
    assert not len(prices.lanes)


@pytest.mark.parametrize("seed", range(40))
def test_sets_that_are_not_listed_hold_no_better_plan(seed):
    core, prices, optimum = priced(seed)
    ceiling = optimum + 200
    prices.climb(ceiling, 15)
    prices.drop(ceiling)
    sets = list_sets(prices, ceiling)
    bounds = {
        frozenset(int(prices.lanes[at]) for at in row if at >= 0): bound
        for row, bound in zip(sets.rows, sets.bounds, strict=True)
    }
    quick = Quick(core)
    for lanes in _subsets(range(len(core.lane_place))):
        plan = quick.plan(lanes)
        if plan is None or plan.cost >= ceiling or not plan.places:
            continue
        used = frozenset(
            n
            for n in lanes
            if any(
                (core.lane_place[n], core.lane_group[n]) == (s[0].place, s[0].group)
                for s in plan.steps
            )
        )
        # A set that is not listed was found to hold no plan below the ceiling.
        assert used in bounds
        assert bounds[used] <= plan.cost + 1e-6


def _subsets(lanes):
    lanes = list(lanes)[:7]
    for bits in range(1, 1 << len(lanes)):
        yield [lane for at, lane in enumerate(lanes) if bits >> at & 1]


@pytest.mark.parametrize("seed", range(20))
def test_a_network_that_is_kept_changes_nothing(seed):
    given = random_problem(random.Random(seed))
    network = Network(given.sources, given.tariffs)
    warm = replace(given, network=network)
    assert decide(warm) == decide(given)
    assert decide(warm) == decide(given)
    fewer = replace(warm, sources=given.sources[:1])
    assert decide(fewer) == decide(replace(fewer, network=None))


def test_a_heavier_step_with_fewer_parcels_counts():
    table = Table([10_000, 20_000, 31_500], [400, 800, 850], [1, 2, 1], [])
    assert table.until(9_000) == 3
    assert Table([10_000, 20_000], [400, 800], [1, 2], []).until(9_000) == 1


@pytest.mark.parametrize("seed", range(150))
def test_what_is_told_of_all_locations_at_once_is_true_of_each(seed):
    draw = random.Random(seed)
    given = sized_problem(draw)
    given = replace(
        given,
        collect_at=draw.choice((None, *(s.location for s in given.sources))),
        now=given.now + timedelta(days=draw.randrange(7), hours=draw.randrange(-9, 8)),
        destination=replace(given.destination, latitude=draw.choice((50.7, 30.0))),
    )
    sizes = {line.key: Size(0, line.longest_mm, line.weight_grams) for line in given.lines}
    groups = {line.key: line.group for line in given.lines}
    sources = {source.location: source for source in given.sources}
    late = [e for e in derive(given).exclusions if e.rule not in {"no_stock", "refused", "group"}]
    for told in late:
        for key in told.keys:
            alone = why_not(given, sources[told.location], groups[key], sizes[key], told.keys)
            assert told == alone


def test_a_large_network_is_told_where_it_matters():
    empty = [store(f"e{n}", 50.7, 7.1, 16, {}) for n in range(60)]
    far = [store(f"f{n}", 53.5, 10 + n / 99, 16, {HOOKS.sku: 1}) for n in range(50)]
    shut = replace(store("shut", 53.5, 9.9, 16, {HOOKS.sku: 9}), tariffs=())
    asked = problem(*empty, *far, shut)
    decision = decide(asked)
    # The 30 nearest have nothing; all that have hooks are told, wherever they are.
    rules = [(e.location, e.rule) for e in decision.exclusions]
    assert rules == [*((f"e{n}", "no_stock") for n in range(30)), ("shut", "carrier")]
    assert set(decision.stock) == {
        *(f"e{n}" for n in range(30)),
        *(f"f{n}" for n in range(50)),
        "shut",
    }
    assert decision.stock["e3"] == {"hooks": 0, "lures": 0}
    assert (decision.stock["f3"], decision.stock["shut"]) == ({"hooks": 1}, {"hooks": 9})
    assert set(decision.locations) <= set(decision.stock)
    assert all(set(other.locations) <= set(decision.stock) for other in decision.alternatives)
