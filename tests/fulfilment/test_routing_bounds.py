"""No bound lies above a plan that exists; what is kept warm changes nothing."""

import random
from dataclasses import replace

import numpy as np
import pytest

from fulfilment.routing import decide
from fulfilment.routing.core import derive
from fulfilment.routing.lanesets import list_sets
from fulfilment.routing.network import Network
from fulfilment.routing.prices import MANY, Prices
from fulfilment.routing.quick import Quick
from fulfilment.routing.tables import Table
from tests.fulfilment.routing_world import random_problem


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
