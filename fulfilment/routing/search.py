"""The search: the cheapest plan, its proof or its gap, and good plans that lost.

Small orders (what is left to send has few states): all columns, a dynamic program, a descent
(exact.py). Large ones: prices per unit bound every plan (prices.py), the few sets of lanes that
remain are bounded closer (lanesets.py) and solved one by one (inner.py).
All limits are counts, not seconds: the same problem always gives the same plan.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from fulfilment.routing.columns import Task, useful, whole
from fulfilment.routing.core import Core
from fulfilment.routing.exact import choose
from fulfilment.routing.inner import solve
from fulfilment.routing.lanesets import list_sets
from fulfilment.routing.plans import Plan, priced
from fulfilment.routing.prices import Prices
from fulfilment.routing.quick import Quick

NODES = 3_000
"""Branches of one decision."""
SMALL_STATES = 2_000
SMALL_COLUMNS = 60_000
"""Up to here the dynamic program is the quicker way."""
ROUNDS = (15, 15, 15, 15)
NEAR = 250
SHARES = (0.3, 0.65, 1.0)
"""Looks at the prices until lanes are dropped, again and again."""
ROUNDING = 1e-6
NODES_PER_SET = 40
"""What solving a set of lanes counts at least."""
LIKELY_NODES = 100
TRIED, MORE_TRIED = 6, 10
"""Lanes of each goods group that a quick plan is put together from."""
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
    found = _Search(core, nodes)
    task = whole(core)
    if task.states() <= SMALL_STATES and task.count() <= SMALL_COLUMNS:
        found.small(task)
    else:
        found.large()
    # Costs are whole cents; bounds are not, and may be off by rounding.
    lower = math.ceil(min(found.lower, found.best.cost) - ROUNDING)
    outcome = Outcome(found.best, lower, lower >= found.best.cost)
    if alternatives:
        outcome.others = found.losers(alternatives)
    return outcome


class _Search:
    """Plans seen so far, by their places."""

    def __init__(self, core: Core, nodes: int) -> None:
        self.core, self.nodes = core, nodes
        self.quick = Quick(core)
        self.best = Plan.empty(core)
        self.lower = float(self.best.cost)
        self.seen: dict[frozenset[int], Plan] = {frozenset(): self.best}
        self.tried: dict[frozenset[int], Plan | None] = {}

    def note(self, plan: Plan | None) -> None:
        """Remember a plan, and whether it is the best."""
        if plan is None:
            return
        known = self.seen.get(plan.places)
        if known is None or plan.cost < known.cost:
            self.seen[plan.places] = plan
        if plan.cost < self.best.cost:
            self.best = plan

    def small(self, task: Task) -> None:
        """All columns at once."""
        choice = choose(task, self.best.cost, self.nodes)
        units = {
            lane: {
                task.items[at]: task.amounts[at][digit - 1]
                for at, digit in enumerate(digits)
                if digit
            }
            for lane, digits in choice.picked
        }
        if units:
            self.note(priced(self.core, units))
        if choice.proved:
            self.lower = self.best.cost
            return
        self.large()
        self.lower = max(self.lower, choice.bound)

    def large(self) -> None:
        """Prices, sets of lanes, each set by itself."""
        if not self.core.tables:
            return
        prices = Prices(self.core)
        if not len(prices.lanes):
            return
        self._greedy(prices)
        if self.best.steps:
            prices.follow(self.best)
        if not self._climbed(prices):
            self.lower = self.best.cost
            return
        self._sets(prices)

    def _climbed(self, prices: Prices) -> bool:
        """Raise the bound and drop lanes; False when none is left."""
        for stage, rounds in enumerate(ROUNDS):
            if stage and len(prices.lanes) > NEAR:
                near = prices.nearest(NEAR)
                near.climb(self.best.cost, rounds)
                prices.take(near)
            else:
                prices.climb(self.best.cost, rounds)
            self._likely(prices)
            prices.drop(self.best.cost)
            if not len(prices.lanes):
                return False
        return True

    def _sets(self, prices: Prices) -> None:
        """List sets of lanes below a limit that rises to the best plan's cost; solve them."""
        done: set[tuple[int, ...]] = set()
        for share in SHARES:
            bound = prices.best.bound if prices.best else 0.0
            limit = bound + share * (self.best.cost - bound)
            sets = list_sets(prices, limit)
            self.lower = min(sets.others, limit)
            for row, bound in zip(sets.rows, sets.bounds, strict=True):
                if bound >= self.best.cost - ROUNDING:
                    break
                lanes = tuple(sorted(int(prices.lanes[at]) for at in row if at >= 0))
                if lanes in done:
                    continue
                if self.nodes <= 0:
                    self.lower = min(self.lower, float(bound))
                    return
                done.add(lanes)
                solved = solve(self.core, lanes, self.best.cost, self.nodes)
                self.nodes -= NODES_PER_SET + solved.nodes
                self.lower = min(self.lower, max(float(bound), solved.open_bound))
                self.note(solved.plan)
            if limit >= self.best.cost:
                return
            prices.drop(self.best.cost)
            if not len(prices.lanes):
                return

    def _greedy(self, prices: Prices) -> None:
        """Quick plans: one lane, then more while they help, then exchanges."""
        cost = -prices.worth() if prices.best is None else prices.best.reduced
        tried: list[int] = []
        group = self.core.lane_group[prices.lanes]
        for number in range(len(self.core.groups)):
            lanes = np.flatnonzero(group == number)
            best = lanes[np.argsort(cost[lanes], kind="stable")[:TRIED]]
            tried += [int(prices.lanes[at]) for at in best]
        # To begin with: one lane, or the lanes that pay most together.
        sets: list[tuple[int, ...]] = [(lane,) for lane in tried]
        sets += [tuple(tried[:size]) for size in range(2, min(prices.most, len(tried)) + 1)]
        chosen: tuple[int, ...] = ()
        least = math.inf
        while True:
            plans = [
                (plan.cost, lanes) for lanes in sets if (plan := self._quick(lanes)) is not None
            ]
            if not plans or min(plans)[0] >= least:
                return
            least, chosen = min(plans)
            sets = list(_near(chosen, tried))

    def _likely(self, prices: Prices) -> None:
        """Solve the set of lanes that pay under the prices."""
        look = prices.best
        if look is not None and len(look.used):
            lanes = sorted(int(prices.lanes[at]) for at in look.used)
            solved = solve(self.core, lanes, self.best.cost, LIKELY_NODES)
            self.note(solved.plan)

    def _quick(self, lanes: Sequence[int]) -> Plan | None:
        key = frozenset(lanes)
        if key not in self.tried:
            self.tried[key] = self.quick.plan(sorted(lanes))
            self.note(self.tried[key])
        return self.tried[key]

    def losers(self, count: int) -> list[Plan]:
        """Price the winner's neighbours: a place alone, one exchanged, added or left out."""
        core, best = self.core, self.best
        lanes_at: dict[int, list[int]] = {}
        for lane, place in enumerate(core.lane_place.tolist()):
            lanes_at.setdefault(place, []).append(lane)
        every = self._told()
        near: list[tuple[int, ...]] = [(place,) for place in every]
        for place in sorted(best.places):
            rest = tuple(sorted(best.places - {place}))
            near.append(rest)
            near += [(*rest, other) for other in every if other not in best.places]
        near += [(*sorted(best.places), other) for other in every if other not in best.places]
        for places in dict.fromkeys(tuple(sorted(places)) for places in near):
            if places and frozenset(places) not in self.seen:
                self._quick([lane for place in places for lane in lanes_at[place]])
        others = [plan for places, plan in self.seen.items() if places != best.places]
        others.sort(key=lambda plan: (plan.cost, len(plan.places), sorted(plan.places)))
        return others[:count]

    def _told(self) -> list[int]:
        """The best plan's places and those that save most by themselves."""
        core = self.core
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
        return sorted({*ranked, *self.best.places})


def _near(chosen: tuple[int, ...], tried: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """A set with one lane more, less or other."""
    for lane in tried:
        if lane not in chosen:
            yield (*chosen, lane)
    for gone in chosen:
        rest = tuple(lane for lane in chosen if lane != gone)
        if rest:
            yield rest
        for lane in tried:
            if lane not in chosen:
                yield (*rest, lane)
