"""Prices of the future: against the distribution, a linear program, and a brute force."""

import itertools
import math
from datetime import datetime, time

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.stats import norm, poisson

from fulfilment.foresight import chances, futures, prices
from fulfilment.foresight.futures import MOST_LINES, Expected, Futures
from fulfilment.foresight.prices import Market, Pace
from fulfilment.foresight.supply import Supply
from fulfilment.places.calendars import BERLIN, Calendar
from fulfilment.routing import Destination, Line, Problem, Rates, Source, Tariff, Zone, decide

SLOW = Pace(rounds=800, step=0.5)


def test_tails_are_those_of_poisson():
    n, rate = np.arange(40)[:, None], np.array([0.05, 1.0, 7.5, 30.0])[None, :]
    assert chances.tail(n, rate) == pytest.approx(poisson.sf(n - 1, rate), abs=1e-12)
    assert chances.tail(np.array([0, 3]), np.array([0.0, 0.0])).tolist() == [1.0, 0.0]
    assert chances.tail(np.array([900]), np.array([800.0]))[0] == pytest.approx(
        poisson.sf(899, 800), abs=1e-9
    )


def test_quantiles_are_those_of_poisson():
    chance = np.linspace(0.001, 0.999, 97)
    for rate in (0.02, 0.7, 4.0, 55.0):
        found = chances.quantile(chance, np.full(97, rate))
        assert found.tolist() == poisson.ppf(chance, rate).tolist()
    large = chances.quantile(chance, np.full(97, 900.0))
    assert large == pytest.approx(900 + 30 * norm.ppf(chance), abs=1.0)


def expected(units, **more):
    facts = {
        "units": np.array(units, float),
        "region": np.array([[1.0]]),
        "day": np.array([1.0]),
        "lengths": np.array([1.0]),
    } | more
    return Expected(**facts)


def test_several_futures_together_ask_for_what_is_expected():
    drawn = futures.draw(expected([3.2, 0.5, 40.0]), 64, np.random.default_rng(1))
    units = np.zeros((64, 3))
    np.add.at(units, (drawn.future, drawn.skus[:, 0]), 1)
    assert units.mean(axis=0) == pytest.approx([3.2, 0.5, 40.0], abs=0.25)
    # Spread as Poisson is: the variance is the mean, and no two futures need be the same.
    assert units.var(axis=0) == pytest.approx([3.2, 0.5, 40.0], rel=0.25)


def test_every_unit_is_in_one_order_and_orders_are_as_long_as_they_are_said_to_be():
    lengths = np.array([0.5, 0.27, 0.15, 0.08])
    asked = expected(
        [300.0] * 5, lengths=lengths, region=np.array([[0.75, 0.25]]), day=np.array([1.0, 3.0])
    )
    drawn = futures.draw(asked, 2, np.random.default_rng(2))
    assert ((drawn.skus >= 0).sum(axis=1) == drawn.length).all()
    share = np.bincount(drawn.length, minlength=MOST_LINES + 1)[1:] / len(drawn.length)
    assert share == pytest.approx(lengths, abs=0.04)
    assert np.bincount(drawn.region) / len(drawn.region) == pytest.approx([0.75, 0.25], abs=0.04)
    assert np.bincount(drawn.day) / len(drawn.day) == pytest.approx([0.25, 0.75], abs=0.04)


def test_the_same_chance_draws_the_same_futures():
    one, other = (futures.draw(expected([5.0, 2.0]), 3, np.random.default_rng(9)) for _ in "ab")
    assert (one.skus == other.skus).all()
    assert (one.region == other.region).all()


def test_a_store_offers_its_last_unit_for_what_its_counter_would_lose():
    supply = Supply(np.array([[3, 3, 0]]), np.array([[1.5, 0.0, 2.0]]), np.array([1000.0]))
    losses = [1000 * poisson.sf(s - 1, 1.5) for s in (1, 2, 3)]
    assert supply.floor[0] == pytest.approx([losses[2], 0.0, 0.0])
    for price, given in ((losses[2] - 1, 0), (losses[2] + 1, 1), (losses[1] + 1, 2), (1000, 3)):
        offered = supply.offered(np.full((1, 1, 3), float(price)))
        assert offered[0, 0].tolist() == [given, 3, 0]


def test_the_rent_is_what_the_units_that_are_given_away_fetch_beyond_their_loss():
    supply = Supply(np.array([[3]]), np.array([[1.5]]), np.array([1000.0]))
    losses = [1000 * poisson.sf(s - 1, 1.5) for s in (1, 2, 3)]
    for price in (100.0, 400.0, 900.0):
        fetched = sum(max(0.0, price - loss) for loss in losses)
        assert supply.rent(np.array([[[price]]]))[0] == pytest.approx(fetched)


def split_by_hand(base, lines, short):
    """Try every location, and none, for every line."""
    places = range(-1, len(base))
    best = math.inf
    for plan in itertools.product(places, repeat=len(lines)):
        cost = sum(base[place] for place in set(plan) - {-1})
        for line, place in enumerate(plan):
            cost += short[line] if place < 0 else lines[line][place]
        best = min(best, cost)
    return best


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_the_cheapest_split_is_that_of_a_brute_force(length):
    chance = np.random.default_rng(length)
    base = chance.uniform(100, 900, (60, 4)).astype(np.float32)
    lines = [chance.uniform(0, 900, (60, 4)).astype(np.float32) for _ in range(length)]
    short = chance.uniform(50, 1500, (60, length)).astype(np.float32)
    paid, chosen, opened = prices.cheapest(base, lines, short)
    for order in range(60):
        by_hand = split_by_hand(base[order], [line[order] for line in lines], short[order])
        assert paid[order] == pytest.approx(by_hand, rel=1e-5)
        sends = {place for place in opened[order] if place >= 0}
        assert sends == {place for place in chosen[order] if place >= 0}
        assert (opened[order] >= 0).sum() == len(sends)
        reckoned = sum(base[order][place] for place in sends) + sum(
            short[order][line] if place < 0 else lines[line][order][place]
            for line, place in enumerate(chosen[order])
        )
        assert reckoned == pytest.approx(paid[order], rel=1e-5)


def single_lines(skus, regions, days=None):
    """One future of orders of one line each."""
    count = len(skus)
    rows = np.full((count, MOST_LINES), -1, np.int64)
    rows[:, 0] = skus
    return Futures(
        count=1,
        future=np.zeros(count, np.int64),
        day=np.array(days if days is not None else [0] * count, np.int64),
        region=np.array(regions, np.int64),
        length=np.ones(count, np.int64),
        skus=rows,
    )


def market(stock, parcel, *, counter=None, margin=800.0, short=2000.0, room=math.inf):
    stock = np.array(stock, np.int64)
    kinds, places = stock.shape
    return Market(
        stock=stock,
        counter=np.zeros(stock.shape) if counter is None else np.array(counter, float),
        parcel=np.array(parcel, float),
        line=np.zeros((kinds, places)),
        margin=np.full(kinds, margin),
        short=np.full(kinds, short),
        parcels=np.full((1, places), room),
    )


def linear_program(asked, drawn):
    """The least that the future can cost, by HiGHS, and what one more unit would save.

    Lines of one, so that an order is a choice of one location; counters keep their s-th unit at
    the loss of margin x P(N >= s), which is convex.
    """
    kinds, places = asked.stock.shape
    orders = len(drawn.length)
    cost, rows, columns = [], [], []
    equal = [[] for _ in range(orders)]
    for order in range(orders):
        sku, region = int(drawn.skus[order, 0]), int(drawn.region[order])
        for place in range(places):
            equal[order].append(len(cost))
            rows.append(sku * places + place)
            columns.append(len(cost))
            cost.append(asked.parcel[place, region] + asked.line[sku, place])
        equal[order].append(len(cost))
        cost.append(asked.short[sku])
    for sku, place in np.ndindex(kinds, places):
        for unit in range(1, int(asked.stock[sku, place]) + 1):
            # Kept for the counter: earns what it would lose.
            rows.append(sku * places + place)
            columns.append(len(cost))
            cost.append(-asked.margin[sku] * poisson.sf(unit - 1, asked.counter[sku, place]))
    upper = np.zeros((kinds * places, len(cost)))
    upper[rows, columns] = 1.0
    exactly = np.zeros((orders, len(cost)))
    for order, of in enumerate(equal):
        exactly[order, of] = 1.0
    found = linprog(
        cost, upper, asked.stock.ravel(), exactly, np.ones(orders), bounds=(0, 1), method="highs"
    )
    loss = sum(
        asked.margin[sku] * poisson.sf(unit - 1, asked.counter[sku, place])
        for sku, place in np.ndindex(kinds, places)
        for unit in range(1, int(asked.stock[sku, place]) + 1)
    )
    return found.fun + loss, -found.ineqlin.marginals.reshape(kinds, places)


def test_what_is_scarce_costs_what_its_replacement_costs_more():
    # Three orders, two units near by (300), enough far away (500): a near unit is worth 200.
    asked = market([[2, 9]], [[300.0], [500.0]])
    found = prices.solve(asked, single_lines([0, 0, 0], [0, 0, 0]), SLOW)
    assert found.mean_unit()[0] == pytest.approx([200.0, 0.0], abs=10)
    assert found.bound[0] == pytest.approx(2 * 300 + 500, rel=0.01)


def test_the_last_units_of_all_are_worth_what_an_order_loses_without_them():
    asked = market([[2]], [[300.0]], short=1500.0)
    found = prices.solve(asked, single_lines([0, 0, 0], [0, 0, 0]), SLOW)
    assert found.mean_unit()[0, 0] == pytest.approx(1200.0, rel=0.03)


def test_what_nobody_needs_is_worth_nothing():
    asked = market([[9, 9]], [[300.0], [500.0]])
    found = prices.solve(asked, single_lines([0, 0], [0, 0]), SLOW)
    assert found.mean_unit()[0].tolist() == [0.0, 0.0]


def test_without_orders_a_unit_is_worth_what_the_counter_loses():
    asked = market([[2, 3]], [[300.0], [500.0]], counter=[[1.0, 0.0]])
    found = prices.solve(asked, single_lines([], []), Pace(rounds=5))
    assert found.mean_unit()[0] == pytest.approx([800 * poisson.sf(1, 1.0), 0.0])


@pytest.mark.parametrize("seed", range(6))
def test_prices_and_bound_are_those_of_the_linear_program(seed):
    chance = np.random.default_rng(seed)
    kinds, places, regions, orders = 3, 4, 3, 40
    asked = market(
        chance.integers(0, 6, (kinds, places)),
        chance.uniform(300, 900, (places, regions)),
        counter=chance.uniform(0, 3, (kinds, places)) * (np.arange(places) > 0),
        margin=700.0,
    )
    drawn = single_lines(chance.integers(0, kinds, orders), chance.integers(0, regions, orders))
    least, dual = linear_program(asked, drawn)
    found = prices.solve(asked, drawn, SLOW)
    assert found.bound[0] <= least + 1e-3 * abs(least)
    assert found.bound[0] >= least - 0.004 * abs(least)
    # Where duals are not unique any of them will do: compare what the prices say of the whole.
    here = asked.stock > 0
    assert (found.mean_unit()[here] * asked.stock[here]).sum() == pytest.approx(
        (dual[here] * asked.stock[here]).sum(), rel=0.1, abs=150
    )


def test_full_days_give_parcels_a_price():
    # One location may send one parcel, the other is 250 dearer; three orders.
    asked = market([[9, 9]], [[300.0], [550.0]])
    asked.parcels[0, 0] = 1.0
    found = prices.solve(asked, single_lines([0, 0, 0], [0, 0, 0]), SLOW)
    assert found.mean_parcel()[0] == pytest.approx([250.0, 0.0], abs=15)
    assert found.mean_unit()[0] == pytest.approx([0.0, 0.0], abs=10)


@pytest.mark.slow
def test_less_stock_is_never_cheaper():
    chance = np.random.default_rng(4)
    drawn = single_lines(chance.integers(0, 2, 60), chance.integers(0, 2, 60))
    parcel, before = chance.uniform(300, 700, (3, 2)), None
    for units in (30, 20, 12, 8, 4, 2):
        asked = market(np.full((2, 3), units), parcel, counter=np.full((2, 3), 2.0))
        now = prices.solve(asked, drawn, SLOW).mean_unit()
        if before is not None:
            assert (now >= before - 5.0).all()
            assert now.sum() > before.sum()
        before = now


def test_a_price_is_never_below_what_the_counter_would_lose():
    chance = np.random.default_rng(5)
    asked = market(
        chance.integers(0, 4, (4, 3)),
        chance.uniform(300, 700, (3, 2)),
        counter=chance.uniform(0, 4, (4, 3)),
    )
    drawn = single_lines(chance.integers(0, 4, 30), chance.integers(0, 2, 30))
    found = prices.solve(asked, drawn, Pace(rounds=40))
    there = asked.stock > 0
    floor = asked.margin[:, None] * poisson.sf(asked.stock - 1, asked.counter)
    assert (found.mean_unit()[there] >= floor[there] - 1e-9).all()


def test_goods_of_one_order_share_a_parcel_so_a_place_that_has_both_is_worth_more():
    # Every order wants both goods. Place 0 has both, place 1 and 2 one each: without a unit at
    # place 0 a second parcel (400) is paid.
    rows = np.full((4, MOST_LINES), -1, np.int64)
    rows[:, :2] = [0, 1]
    drawn = Futures(1, *(np.zeros(4, np.int64) for _ in range(3)), np.full(4, 2), rows)
    asked = market([[2, 9, 0], [2, 0, 9]], [[400.0], [400.0], [400.0]])
    found = prices.solve(asked, drawn, SLOW)
    unit = found.mean_unit()
    assert unit[0, 0] + unit[1, 0] == pytest.approx(400.0, abs=25)
    assert unit[0, 1] + unit[1, 2] == pytest.approx(0.0, abs=25)


def routed(base, lines, short, stock):
    """Ask the router for one order: prices of stock as shadow prices, one tariff per location."""
    codes = [f"p{place}" for place in range(len(base))]
    skus = [f"S{line}" for line in range(len(lines))]
    always = Calendar({day: (time(0), time(23)) for day in range(7)}, time(22), None)
    sources = tuple(
        Source(
            code,
            code,
            "store",
            50.0,
            7.0,
            always,
            (code,),
            {sku: int(units) for sku, units in zip(skus, stock[:, place], strict=True)},
            shadow={sku: int(line[place]) for sku, line in zip(skus, lines, strict=True)},
        )
        for place, code in enumerate(codes)
    )
    tariffs = {
        code: Tariff((Zone(9999, 1),), {"std": Rates((31500,), (int(price),))}, frozenset(range(7)))
        for code, price in zip(codes, base, strict=True)
    }
    wanted = tuple(
        Line(sku, sku, 1, 100, short_minor=int(price))
        for sku, price in zip(skus, short, strict=True)
    )
    problem = Problem(
        now=datetime(2026, 11, 25, 9, tzinfo=BERLIN),
        destination=Destination("53111", 50.0, 7.0),
        lines=wanted,
        sources=sources,
        tariffs=tariffs,
        max_parcels=4,
        carrier_holidays=False,
    )
    return decide(problem)


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_the_router_plans_for_the_same_cost_under_the_same_prices(length):
    # What the benchmark of streams takes for an order's plan is what the router would have planned.
    chance = np.random.default_rng(40 + length)
    for _ in range(12):
        base = chance.integers(100, 900, 6)
        stock = chance.integers(0, 2, (length, 6))
        lines = [chance.integers(1, 700, 6) for _ in range(length)]
        short = chance.integers(300, 2500, length)
        there = [np.where(stock[n] > 0, line, 1e9) for n, line in enumerate(lines)]
        paid, _, _ = prices.cheapest(
            base[None].astype(np.float32),
            [line[None].astype(np.float32) for line in there],
            short[None].astype(np.float32),
        )
        decision = routed(base, lines, short, stock)
        assert decision.proved
        assert decision.cost.total == round(float(paid[0]))
