"""Large orders: prices bound every plan; what they leave open is listed, or halved.

1. Prices per unit bound every plan and drop the lanes that no better plan uses (prices.py).
2. Are few lanes left, all sets of them are listed, bounded closer and solved one by one.
3. Are there too many sets, the order is halved: with a weighty lane and without it. Both halves
   get prices of their own, which fit them better than those of the whole.

What is left open when the looks are used up leaves its bound behind.
"""

import heapq
import math

import numpy as np
from numpy.typing import NDArray

from fulfilment.routing.knapsacks import Floats
from fulfilment.routing.lanesets import MOST_CELLS, LaneSets, list_sets
from fulfilment.routing.prices import NEAR_MINOR, Prices
from fulfilment.routing.seen import Seen
from fulfilment.routing.tighter import tighten

ROUNDS = (15, 15, 15)
"""Looks at the prices until lanes are dropped, again and again."""
HALF_ROUNDS = (14,)
"""The same after an order was halved: its prices start near."""
NEAR = 150
"""Lanes that are looked at most; the others now and then."""
FEW_LANES = 30
"""Lanes among which good plans are looked for first."""
SHARES = (0.03, 0.1, 0.4, 100.0)
"""How much dearer than the bound good plans may be, one after the other."""
FEW_CELLS = 600_000
"""Numbers looked at in a listing before the order is halved instead."""
HURRIED = 30
"""Branches for a set when only a good plan is looked for."""
DIVES, MORE_DIVES = 3, 6
"""Sets that are looked at in a hurry before any is proved; among few lanes."""
NODES_PER_SET, NODES_PER_HALF = 40, 250
"""What solving a set, or looking at half an order, counts at least."""
TRIED = 6
"""Lanes of each goods group that a quick plan is put together from."""
SMALL_GAP, LONGER = 0.01, 4
"""Share of the cost that may stay unproved, and how much longer is looked where it is more."""
ROUNDING = 1e-3


def prove(seen: Seen) -> float:
    """Find the cheapest plan; return what plans that were not found cost at least.

    Infinity where no cheaper plan exists than the best one seen.
    """
    return _Branching(seen).run()


class _Branching:
    """One search over lanes."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    def run(self) -> float:
        """The whole order, then its halves."""
        core = self.seen.core
        if not core.tables:
            return math.inf
        prices = Prices(core)
        if not len(prices.lanes):
            return math.inf
        self._greedy(prices)
        if prices.most == 1 and prices.parcels.min() > 0:
            return self._lanes_alone(prices)
        if self.seen.best.steps:
            prices.follow(self.seen.best)
        if not self._climbed(prices, ROUNDS):
            return math.inf
        self._among_few(prices)
        return self._open(prices)

    def _limit(self) -> float:
        """Costs are whole cents: a better plan is at least one cheaper."""
        return self.seen.best.cost - 1 + ROUNDING

    def _greedy(self, prices: Prices) -> None:
        """Quick plans on the lanes that save most by themselves, or cost least under the prices."""
        cost = -prices.worth() if prices.best is None else prices.best.reduced
        tried: list[int] = []
        group = self.seen.core.lane_group[prices.lanes]
        for number in range(len(self.seen.core.groups)):
            lanes = np.flatnonzero(group == number)
            best = lanes[np.argsort(cost[lanes], kind="stable")[:TRIED]]
            tried += [int(prices.lanes[at]) for at in best]
        self.seen.greedy(tried, prices.most)

    def _climbed(self, prices: Prices, stages: tuple[int, ...]) -> bool:
        """Raise the bound and drop lanes; False when no better plan is left."""
        for rounds in stages:
            if prices.best is not None and len(prices.lanes) > NEAR:
                near = prices.nearest(NEAR)
                near.climb(self._limit(), rounds)
                prices.take(near)
            else:
                prices.climb(self._limit(), rounds)
            if prices.best is None or prices.best.bound >= self._limit():
                return False
            self._likely(prices)
            prices.drop(self._limit())
            if not len(prices.lanes):
                return False
        self._greedy(prices)
        return True

    def _likely(self, prices: Prices) -> None:
        """Solve the set of lanes that pay under the prices."""
        look = prices.best
        if look is not None and len(look.used):
            self._hurry([int(prices.lanes[at]) for at in look.used])

    def _hurry(self, lanes: list[int]) -> None:
        """Look for a good plan on a set of lanes, without a proof."""
        if self.seen.open_bound(lanes) is None:
            self.seen.solve(lanes, HURRIED)

    def _among_few(self, prices: Prices) -> None:
        """Look for good plans among the lanes that cost least under the prices."""
        bound = 0.0 if prices.best is None else prices.best.bound
        if len(prices.lanes) <= FEW_LANES and self._limit() <= (1 + SHARES[1]) * bound:
            return
        few = prices.nearest(FEW_LANES)
        for share in SHARES:
            limit = min(self._limit(), bound + share * max(bound, NEAR_MINOR))
            sets = list_sets(few, limit, FEW_CELLS)
            if sets is None:
                break
            self._dive(few, sets, MORE_DIVES)
            if limit >= self._limit():
                break
        prices.drop(self._limit())

    def _lanes_alone(self, prices: Prices) -> float:
        """Solve lane by lane: where one parcel is allowed, a plan has one lane.

        At the price of leaving it behind each unit is worth as much as it can save.
        """
        start = prices.short @ prices.need - prices.split
        look = prices.look(np.append(prices.short, 0.0), math.inf)
        order = np.argsort(look.reduced, kind="stable")
        rows = order[start + look.reduced[order] < self._limit(), None]
        return self._one_by_one(prices, rows, start + look.reduced[rows[:, 0]])

    def _open(self, whole: Prices) -> float:
        """List and solve the sets of what is open, or halve it; the lowest bound comes first."""
        bound = math.inf if whole.best is None else whole.best.bound
        heap, made, lower = [(bound, 0, whole)], 0, math.inf
        while heap:
            bound, _, prices = heapq.heappop(heap)
            if bound >= self._limit():
                break
            if self._spent(bound):
                return min(lower, bound)
            lane = self._weighty(prices)
            sets = list_sets(prices, self._limit(), FEW_CELLS if lane is not None else MOST_CELLS)
            if sets is not None:
                lower = min(lower, self._solve(prices, sets))
            elif lane is None:
                lower = min(lower, bound)
            else:
                for half in (prices.without(lane), prices.forcing(lane)):
                    self.seen.nodes -= NODES_PER_HALF
                    if self._climbed(half, HALF_ROUNDS) and half.best is not None:
                        made += 1
                        heapq.heappush(heap, (max(bound, half.best.bound), made, half))
        return lower

    def _spent(self, bound: float) -> bool:
        """Whether enough was looked at: more of it only where the gap is not small."""
        seen = self.seen
        small = seen.best.cost - bound <= SMALL_GAP * seen.best.cost
        return seen.nodes <= (0 if small else -LONGER * seen.allowed)

    def _weighty(self, prices: Prices) -> int | None:
        """The lane that could send most, of those that cost little under the prices."""
        look = prices.best
        free = np.flatnonzero(~prices.forced)
        if look is None or not len(free):
            return None
        near = free[np.argsort(look.reduced[free], kind="stable")[:FEW_LANES]]
        value = np.maximum(prices.units[near] * (prices.price[:-1] - prices.unit[near]), 0.0)
        return int(near[value.sum(axis=1).argmax()])

    def _dive(self, prices: Prices, sets: LaneSets, count: int) -> None:
        """Look for good plans on the most promising sets."""
        for row, bound in zip(sets.rows[:count], sets.bounds, strict=False):
            if bound < self._limit():
                self._hurry(_lanes(prices, row))

    def _solve(self, prices: Prices, sets: LaneSets) -> float:
        """Solve sets that may hold a better plan; return what unsolved ones cost at least."""
        self._dive(prices, sets, DIVES)
        rows = sets.rows[sets.bounds < self._limit()]
        bounds = tighten(prices, rows, sets.bounds[: len(rows)], self._limit())
        return self._one_by_one(prices, rows, bounds)

    def _one_by_one(self, prices: Prices, rows: NDArray[np.intp], bounds: Floats) -> float:
        """Solve sets, the most promising first; return what unsolved ones cost at least."""
        seen, lower = self.seen, math.inf
        for at in np.argsort(bounds, kind="stable"):
            lanes = _lanes(prices, rows[at])
            bound = float(bounds[at])
            if bound >= self._limit():
                break
            known = seen.open_bound(lanes)
            if known is None and self._spent(min(lower, bound)):
                return min(lower, bound)
            if known is None:
                seen.nodes -= NODES_PER_SET
                known = seen.solve(lanes)
            lower = min(lower, max(bound, known))
        return lower


def _lanes(prices: Prices, row: NDArray[np.intp]) -> list[int]:
    """The lane numbers of a set."""
    return [int(prices.lanes[at]) for at in row if at >= 0]
