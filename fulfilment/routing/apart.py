"""Goods groups one by one: they never share a parcel, only the number of parcels.

1. Each group is an order of its own: its items, its lanes. It is solved by itself.
2. Do the cheapest plans together need no more parcels than allowed, they are the cheapest plan.
3. If they need more, the parcels are divided: what each group costs at least with so many of them
   says which division is cheapest; its groups are solved under that limit, until the cheapest
   division is one whose plans are known.

What ties groups to one another otherwise, a location that can send few parcels more, is looked at
last: a plan that asks too much of it is none, and the order is solved as a whole.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from fulfilment.routing.core import Core
from fulfilment.routing.plans import Plan, within
from fulfilment.routing.seen import Seen

ROUNDING = 1e-6

Alone = Callable[[Seen], float]
"""Solves an order: the plans are noted; returned is what those not found cost at least."""


def separable(core: Core) -> bool:
    """Whether the groups of an order may be solved one by one."""
    groups = {item.group for item in core.items}
    return len(groups) > 1 and all(min(table.parcels) > 0 for table in core.tables)


def solve(seen: Seen, alone: Alone) -> float:
    """Solve the groups of an order; note the plans, return what others cost at least.

    Args:
        seen: the search of the whole order.
        alone: solves an order of one group.
    Returns: cents; infinity where no plan is cheaper than the best one noted.
    """
    core = seen.core
    groups = [_Group(seen, number, alone) for number in sorted({i.group for i in core.items})]
    groups.sort(key=lambda group: len(group.items))
    for group in groups:
        group.search(core.problem.max_parcels)
    while True:
        lower, division = _divided([group.least for group in groups])
        lower -= core.problem.split_minor
        plan = _together(core, groups)
        seen.note(plan)
        if lower >= seen.best.cost:
            return math.inf
        chosen = list(zip(groups, division, strict=True))
        untried = [(group, most) for group, most in chosen if most not in group.tried]
        untried = [(group, most) for group, most in untried if not group.proved(most)]
        if not untried:
            break
        group, most = untried[0]
        group.search(most)
    if plan is not None and not all(group.proved(most) for group, most in chosen):
        return lower
    # A location cannot send so much, or what sends nothing costs as much as the first parcel saves.
    return max(lower, alone(seen))


class _Group:
    """One goods group, and what is known of it under each limit on its parcels.

    `least[k]`: what it costs at least with `k` parcels at most. `best[k]`: its cheapest plan known.
    """

    def __init__(self, seen: Seen, number: int, alone: Alone) -> None:
        core = seen.core
        self.seen, self.alone = seen, alone
        self.items = [at for at, item in enumerate(core.items) if item.group == number]
        lanes = np.flatnonzero(core.lane_group == number)
        self.core = replace(
            core,
            problem=replace(core.problem, split_minor=0),
            items=[core.items[at] for at in self.items],
            available=core.available[:, self.items],
            unit=core.unit[:, self.items],
            opportunity=core.opportunity[:, self.items],
            lane_place=core.lane_place[lanes],
            lane_group=core.lane_group[lanes],
            lane_table=core.lane_table[lanes],
            carries=core.carries[lanes][:, self.items],
        )
        nothing = Plan.empty(self.core)
        count = core.problem.max_parcels
        self.least = [float(nothing.cost)] + [-math.inf] * count
        self.best = [nothing] * (count + 1)
        self.tried: set[int] = set()

    def proved(self, most: int) -> bool:
        """Whether no plan of so many parcels is cheaper than the best one known."""
        return self.least[most] >= self.best[most].cost

    def search(self, most: int) -> None:
        """Solve the group with so many parcels at most."""
        self.tried.add(most)
        problem = replace(self.core.problem, max_parcels=most)
        inner = Seen(replace(self.core, problem=problem), self.seen.nodes)
        lower = min(self.alone(inner), inner.best.cost)
        self.seen.nodes = min(self.seen.nodes, inner.nodes)
        lower = math.ceil(lower - ROUNDING)
        for count in range(1, most + 1):
            self.least[count] = max(self.least[count], lower)
        for plan in inner.by_places.values():
            for count in range(parcels_of(plan), len(self.best)):
                if plan.cost < self.best[count].cost:
                    self.best[count] = plan


def parcels_of(plan: Plan) -> int:
    """How many parcels a plan sends."""
    return sum(lane.table.parcels[step] for lane, step, _ in plan.steps)


def _divided(costs: Sequence[Sequence[float]]) -> tuple[float, tuple[int, ...]]:
    """The cheapest division of the parcels: (its cost, parcels of each group at most).

    Args:
        costs: of each group, by number of parcels.
    """
    most = len(costs[0]) - 1
    known: list[tuple[float, tuple[int, ...]]] = [(0.0, ())] * (most + 1)
    for cost in costs:
        known = [
            min(
                (
                    (known[total - count][0] + cost[count], (*known[total - count][1], count))
                    for count in range(total + 1)
                ),
                key=lambda one: one[0],
            )
            for total in range(most + 1)
        ]
    return known[most]


def _together(core: Core, groups: Sequence[_Group]) -> Plan | None:
    """The cheapest plans known of all groups as one; None where a location cannot send so much."""
    _, division = _divided([[plan.cost for plan in group.best] for group in groups])
    plans = [group.best[count] for group, count in zip(groups, division, strict=True)]
    steps = [step for plan in plans for step in plan.steps]
    if not within(core, steps):
        return None
    cost = sum(plan.cost for plan in plans) - (core.problem.split_minor if steps else 0)
    units: list[dict[int, int]] = [{} for _ in core.items]
    for group, plan in zip(groups, plans, strict=True):
        for at, spread in zip(group.items, plan.units, strict=True):
            units[at] = spread
    return Plan(cost, units, steps)
