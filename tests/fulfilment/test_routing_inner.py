"""One set of lanes: no plan on it is cheaper than the one found, or what was left out is told."""

import itertools
import random
from dataclasses import replace

import pytest

from fulfilment.routing import inner
from fulfilment.routing.core import Core, derive
from fulfilment.routing.plans import priced
from tests.fulfilment.routing_world import random_problem

CEILING = 10**9
MOST_TRIED = 4_000


def sets_of(core):
    lanes = range(len(core.lane_place))
    return [chosen for size in (1, 2, 3) for chosen in itertools.combinations(lanes, size)]


def drawn(seed: int) -> Core:
    """A random problem with more units than the others have, so that ways are many."""
    draw = random.Random(seed)
    given = random_problem(draw)
    lines = tuple(replace(line, quantity=draw.randint(1, 5)) for line in given.lines)
    core = derive(replace(given, lines=lines))
    if core.twins or not len(core.lane_place):
        pytest.skip("no lanes, or lanes that stand for one another")
    return core


def plans(core, lanes):
    """Return what every way to spread the units over the lanes costs; each lane is used."""
    each = []
    for number, item in enumerate(core.items):
        most = [
            int(min(core.available[core.lane_place[lane], number], item.need))
            if core.carries[lane, number]
            else 0
            for lane in lanes
        ]
        ways = itertools.product(*(range(count + 1) for count in most))
        each.append([way for way in ways if sum(way) <= item.need])
    tried = 1
    for ways in each:
        tried *= len(ways)
    if tried > MOST_TRIED:
        return
    for chosen in itertools.product(*each):
        units = {
            lane: {number: way[at] for number, way in enumerate(chosen) if way[at]}
            for at, lane in enumerate(lanes)
        }
        if all(units.values()):
            plan = priced(core, units)
            if plan is not None:
                yield plan.cost


@pytest.mark.parametrize("seed", range(120))
def test_no_plan_that_uses_the_whole_set_is_cheaper_than_the_one_that_is_found(seed):
    core = drawn(seed)
    for lanes in sets_of(core):
        best = min(plans(core, lanes), default=None)
        if best is None:
            continue
        # A ceiling just above leaves no room for a bound that is too high.
        for ceiling in (CEILING, best + 1):
            found = inner.solve(core, lanes, ceiling, 100_000)
            assert found.plan is not None
            assert found.plan.cost <= best
            assert found.open_bound > best


@pytest.mark.parametrize("seed", range(120))
def test_what_a_search_in_a_hurry_leaves_out_is_told_as_open(seed, monkeypatch):
    core = drawn(seed)
    cheapest = {lanes: min(plans(core, lanes), default=None) for lanes in sets_of(core)}
    for hurry in ("MOST_ROWS", "TRIES", "CHOICES_PER_NODE"):
        with monkeypatch.context() as hurried:
            hurried.setattr(inner, hurry, 1)
            for lanes, best in cheapest.items():
                found = inner.solve(core, lanes, CEILING, 1)
                if best is not None and (found.plan is None or found.plan.cost > best):
                    assert found.open_bound <= best
