"""The search: the cheapest plan, its proof or its gap, and good plans that lost.

Small orders (what is left to send has few states): all columns, a dynamic program, a descent
(exact.py). Large ones: prices, and sets of lanes (branching.py).
All limits are counts, not seconds: the same problem always gives the same plan.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from fulfilment.routing import apart
from fulfilment.routing.branching import prove
from fulfilment.routing.columns import FAR, Task, useful, whole
from fulfilment.routing.core import Core
from fulfilment.routing.exact import choose
from fulfilment.routing.plans import Plan, priced
from fulfilment.routing.seen import Seen
from fulfilment.routing.sketches import Sketches

NODES = 6_000
"""Branches of one decision."""
SMALL_STATES = 2_000
SMALL_COLUMNS = 60_000
"""Up to here the dynamic program is the quicker way."""
ROUNDING = 1e-6
SPARE = 3
"""Losing plans that are looked at beyond those that are told."""
TOLD_PLACES = 8
"""Places from which the plans that lost are made."""


@dataclass(slots=True)
class Outcome:
    """The best plan, what any plan costs at least, and the best plans of other places."""

    plan: Plan
    lower_bound: int
    proved: bool
    others: list[Plan] = field(default_factory=list)


def search(core: Core, alternatives: int = 3, nodes: int = NODES) -> Outcome:
    """Return the cheapest plan, proved where the limits allow, and plans that lost.

    Args:
        core: the numbers.
        alternatives: how many losing plans to report.
        nodes: branches to look at before the plan counts as unproved.
    """
    seen = Seen(core, nodes)
    if _is_small(whole(core)) or not apart.separable(core):
        lower = _alone(seen)
    else:
        lower = apart.solve(seen, _alone)
    # Costs are whole cents; bounds are not, and may be off by rounding.
    bound = math.ceil(min(lower, seen.best.cost) - ROUNDING)
    outcome = Outcome(seen.best, bound, bound >= seen.best.cost)
    if alternatives:
        outcome.others = _losers(seen, alternatives)
    return outcome


def _alone(seen: Seen) -> float:
    """Solve what is not to be divided any further; what plans that were not found cost at least."""
    task = whole(seen.core)
    return _small(seen, task) if _is_small(task) else prove(seen)


def _is_small(task: Task) -> bool:
    return task.states() <= SMALL_STATES and task.count() <= SMALL_COLUMNS


def _small(seen: Seen, task: Task) -> float:
    """All columns at once; what plans that were not found cost at least."""
    choice = choose(task, seen.best.cost, seen.nodes)
    units = {
        lane: {
            task.items[at]: task.amounts[at][digit - 1] for at, digit in enumerate(digits) if digit
        }
        for lane, digits in choice.picked
    }
    if units:
        seen.note(priced(seen.core, units))
    return math.inf if choice.proved else max(prove(seen), choice.bound)


def _losers(seen: Seen, count: int) -> list[Plan]:
    """Price the winner's neighbours: a place alone, one exchanged, added or left out."""
    core, best = seen.core, seen.best
    lanes_at: dict[int, list[int]] = {}
    for lane, place in enumerate(core.lane_place.tolist()):
        lanes_at.setdefault(place, []).append(lane)
    every = _told(seen)
    near: list[tuple[int, ...]] = [(place,) for place in every]
    for place in sorted(best.places):
        rest = tuple(sorted(best.places - {place}))
        near.append(rest)
        near += [(*rest, other) for other in every if other not in best.places]
    near += [(*sorted(best.places), other) for other in every if other not in best.places]
    sets = [
        tuple(lane for place in places for lane in lanes_at[place])
        for places in dict.fromkeys(tuple(sorted(places)) for places in near)
        if places and frozenset(places) not in seen.by_places
    ]
    for at in _cheapest(core, sets, count + SPARE):
        seen.quick(sets[at])
    others = [plan for places, plan in seen.by_places.items() if places != best.places]
    others.sort(key=lambda plan: (plan.cost, len(plan.places), sorted(plan.places)))
    return others[:count]


def _cheapest(core: Core, sets: list[tuple[int, ...]], count: int) -> list[int]:
    """The sets that cost least, about; all of them where limits forbid too many."""
    if len(sets) <= count:
        return list(range(len(sets)))
    lanes = sorted({lane for one in sets for lane in one})
    costs = Sketches(core, lanes).costs(sets)
    order = np.argsort(costs, kind="stable")[:count].tolist()
    return order if costs[order[-1]] < FAR else list(range(len(sets)))


def _told(seen: Seen) -> list[int]:
    """The best plan's places and those that save most by themselves."""
    core = seen.core
    count = len(core.sources)
    if count <= TOLD_PLACES:
        return list(range(count))
    lanes = np.arange(len(core.lane_place))
    place = core.lane_place
    units = useful(core, lanes)
    short = np.array([item.short for item in core.items])
    saved = (units * (short - core.unit[place])).sum(axis=1)
    saved -= (units > 0).sum(axis=1) * core.line[place]
    entry = np.array([table.cost[0] for table in core.tables])
    worth = np.zeros(count)
    np.add.at(worth, place, saved - entry[core.lane_table])
    ranked = np.argsort(-worth, kind="stable")[:TOLD_PLACES].tolist()
    return sorted({*ranked, *seen.best.places})
