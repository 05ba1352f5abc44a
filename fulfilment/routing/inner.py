"""One set of lanes, solved exactly: which units of which item go on which lane.

1. Each item has its ways: how its units are spread over the lanes, or left.
2. Item by item, heavy ones first, every partial choice goes on with every way. A partial choice
   is dropped when its bound is not below the best plan: what it costs so far, the steps that its
   loads need, and the next step where the grams still to come do not fit.
3. There are few such choices at a time. Where there are too many, those with the lowest bounds
   go on, and the lowest bound that was dropped is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fulfilment.routing.columns import FAR
from fulfilment.routing.core import Core
from fulfilment.routing.network import Ints
from fulfilment.routing.plans import Plan, priced

FEWEST_WAYS, MOST_WAYS = 60, 600
"""Ways of one item that are listed; an item with more of them is not proved."""
CHOICES_PER_NODE = 4
WAYS_PER_NODE = 20
MOST_ROWS = 60_000
"""Partial choices with one more item's ways that are looked at in one go."""
TRIES = 50
"""Complete choices that are tried when tables allow fewer parcels at heavier steps."""

Floats = NDArray[np.float64]


@dataclass(slots=True)
class Solved:
    """The best plan found below the ceiling, branches used, what unseen plans cost at least."""

    plan: Plan | None = None
    nodes: int = 0
    open_bound: float = float("inf")


@dataclass(slots=True)
class Ways:
    """How an item can be sent: cents above its least cost, units and grams by lane of the set."""

    number: int
    excess: Ints
    units: Ints
    grams: Ints


@dataclass(slots=True)
class _Partial:
    """Partial choices: cents above the least, grams by lane, and the ways chosen so far."""

    excess: Ints
    loads: Ints
    chosen: NDArray[np.int16]


def solve(core: Core, lanes: Sequence[int], ceiling: int, nodes: int) -> Solved:
    """Return the cheapest plan on a set of lanes below a ceiling.

    Args:
        core: the numbers.
        lanes: lane numbers; all of them are thought to be used.
        ceiling: cents.
        nodes: effort: partial choices kept at a time, in units of CHOICES_PER_NODE.
    """
    return _Inner(core, lanes, ceiling, nodes).run()


class _Inner:
    """The search on one set."""

    def __init__(self, core: Core, lanes: Sequence[int], ceiling: int, nodes: int) -> None:
        self.core, self.lanes = core, list(lanes)
        self.most = max(1, nodes) * CHOICES_PER_NODE
        # Fewer looks, fewer ways: an order by the hundred must not take its time item by item.
        self.most_ways = min(MOST_WAYS, max(FEWEST_WAYS, nodes // 5))
        self.places = [int(core.lane_place[lane]) for lane in lanes]
        tables = [core.lane(lane).table for lane in lanes]
        self.monotone = all(table.parcels == sorted(table.parcels) for table in tables)
        self.up_to = [np.array([*table.up_to, FAR]) for table in tables]
        self.cost = [np.array([*table.cost, FAR, FAR]) for table in tables]
        self.parcels = [np.array([*table.parcels, FAR]) for table in tables]
        groups = core.lane_group[self.lanes]
        self.groups = [np.flatnonzero(groups == group) for group in np.unique(groups)]
        self.slopes = [
            min(_slope(tables[at].up_to, tables[at].cost) for at in members)
            for members in self.groups
        ]
        self.best = ceiling
        self.found = Solved()

    def run(self) -> Solved:
        """Ways of every item, then item by item."""
        core = self.core
        first = sum(int(cost[0]) for cost in self.cost)
        minimal = [self._least(number) for number in range(len(core.items))]
        base = sum(minimal) - core.problem.split_minor
        room = self.best - base - first
        if room <= 0:
            return self.found
        ways = []
        for number, least in enumerate(minimal):
            one = self._list(number, least, room)
            if one is None:
                return self.found
            if len(one.excess) > self.most_ways:
                self.found.open_bound = base + first
            ways.append(one)
            self.found.nodes += len(one.excess) // WAYS_PER_NODE
        heavy = [core.items[one.number].weight * core.items[one.number].need for one in ways]
        order = sorted(range(len(ways)), key=lambda at: (len(ways[at].excess) > 1, -heavy[at]))
        self._choose([ways[at] for at in order], base)
        return self.found

    def _offers(self, number: int) -> list[tuple[int, int, int, int]]:
        """(unit price, line price, free units, lane of the set), cheapest unit first."""
        item, rows = self.core.items[number], []
        for at, (lane, place) in enumerate(zip(self.lanes, self.places, strict=True)):
            if not self.core.carries[lane, number]:
                continue
            free, unit = int(self.core.available[place, number]), int(self.core.unit[place, number])
            if free and unit < item.short:
                rows.append((unit, int(self.core.line[place]), free, at))
        return sorted(rows)

    def _least(self, number: int) -> int:
        """The cheapest way of an item, or less where it is spread over several lanes."""
        item, offers = self.core.items[number], self._offers(number)
        least = item.need * item.short
        for unit, line, free, _ in offers:
            units = min(free, item.need)
            least = min(least, line + units * unit + (item.need - units) * item.short)
        if len(offers) > 1 and item.need > 1:
            left, cost = item.need, sum(sorted(offer[1] for offer in offers)[:2])
            for unit, _, free, _ in offers:
                units = min(free, left)
                cost += units * unit
                left -= units
            least = min(least, cost + left * item.short)
        return least

    def _list(self, number: int, least: int, room: int) -> Ways | None:
        """Ways of an item that cost less than `room` above the least, cheapest first."""
        item, offers = self.core.items[number], self._offers(number)
        found: list[tuple[int, list[int]]] = []
        units_at = [0] * len(self.lanes)
        limit = least + room

        def extend(at: int, left: int, cost: int) -> bool:
            """Add the ways that go on from here; False when none of them can be cheap enough."""
            if len(found) > self.most_ways:
                return False
            total = cost + _rest(offers, at, left, item.short)
            if total >= limit:
                return False
            if at == len(offers) or not left:
                found.append((total - least, list(units_at)))
                return True
            unit, line, free, lane = offers[at]
            for units in range(min(free, left), 0, -1):
                units_at[lane] = units
                # A unit less from here is a dearer unit from elsewhere.
                if not extend(at + 1, left - units, cost + line + units * unit):
                    break
            units_at[lane] = 0
            extend(at + 1, left, cost)
            return True

        extend(0, item.need, 0)
        if not found:
            return None
        found.sort(key=lambda way: way[0])
        units = np.array([row for _, row in found], np.int64)
        excess = np.array([cost for cost, _ in found], np.int64)
        return Ways(number, excess, units, units * item.weight)

    def _choose(self, ways: Sequence[Ways], base: int) -> None:
        """Item by item; complete choices become plans."""
        count = len(self.lanes)
        partial = _Partial(
            np.zeros(1, np.int64), np.zeros((1, count), np.int64), np.zeros((1, 0), np.int16)
        )
        coming = self._coming(ways)
        at = 0
        while at < len(ways) and len(ways[at].excess) == 1:
            partial.excess = partial.excess + ways[at].excess
            partial.loads = partial.loads + ways[at].grams
            at += 1
        partial.chosen = np.zeros((1, at), np.int16)
        bound = base + partial.excess
        for number in range(at, len(ways)):
            partial = self._fewer(partial, bound, MOST_ROWS // len(ways[number].excess))
            partial, bound = self._extend(partial, ways[number], coming[number + 1], base)
            if not len(partial.excess):
                return
        if at == len(ways):
            bound = base + partial.excess + self._priced(partial.loads, coming[at])[0]
        self._complete(ways, partial, bound)

    def _coming(self, ways: Sequence[Ways]) -> list[Ints]:
        """Grams that at least come after each item, by group of lanes."""
        coming = [np.zeros(len(self.groups), np.int64)]
        for one in reversed(ways):
            least = [int(one.grams[:, members].sum(axis=1).min()) for members in self.groups]
            coming.append(coming[-1] + np.array(least, np.int64))
        return coming[::-1]

    def _extend(
        self, partial: _Partial, ways: Ways, coming: Ints, base: int
    ) -> tuple[_Partial, Ints]:
        """Go on with every way of one item, as long as the bound is below the best plan."""
        excess = (partial.excess[:, None] + ways.excess).ravel()
        loads = (partial.loads[:, None, :] + ways.grams).reshape(-1, partial.loads.shape[1])
        lanes, parcels = self._priced(loads, coming)
        bound = base + excess + lanes
        open_to = bound < self.best
        if self.monotone:
            open_to &= parcels <= self.core.problem.max_parcels
        kept = np.flatnonzero(open_to)
        self.found.nodes += len(kept) // (CHOICES_PER_NODE * 100)
        kept = kept[self._lowest(bound[kept], self.most)]
        parent, way = np.divmod(kept, len(ways.excess))
        chosen = np.column_stack([partial.chosen[parent], way.astype(np.int16)])
        return _Partial(excess[kept], loads[kept], chosen), bound[kept]

    def _fewer(self, partial: _Partial, bound: Ints, most: int) -> _Partial:
        """Those with the lowest bounds."""
        if len(partial.excess) <= most:
            return partial
        kept = self._lowest(bound, most)
        return _Partial(partial.excess[kept], partial.loads[kept], partial.chosen[kept])

    def _lowest(self, bound: Ints, most: int) -> NDArray[np.intp]:
        """The places of the lowest bounds; the lowest of the others is what was left open."""
        if len(bound) <= most:
            return np.arange(len(bound))
        order = np.argsort(bound, kind="stable")
        self.found.open_bound = min(self.found.open_bound, float(bound[order[most]]))
        return order[:most]

    def _priced(self, loads: Ints, coming: Ints) -> tuple[Ints, Ints]:
        """What lanes cost at least with these loads and the grams to come; their parcels."""
        total, parcels = np.zeros(len(loads), np.int64), np.zeros(len(loads), np.int64)
        for members, slope, grams in zip(self.groups, self.slopes, coming, strict=True):
            slack = np.zeros(len(loads), np.int64)
            dearer = np.full(len(loads), FAR)
            for lane in members:
                step = np.searchsorted(self.up_to[lane], loads[:, lane])
                price = self.cost[lane][step]
                total += price
                parcels += self.parcels[lane][step]
                slack += self.up_to[lane][step] - loads[:, lane]
                dearer = np.minimum(dearer, self.cost[lane][step + 1] - price)
            over = grams - slack
            gradual = np.minimum(np.maximum(over, 0) * slope, FAR).astype(np.int64)
            needed = np.maximum(dearer, gradual)
            total += np.where(over > 0, needed, 0)
        return total, parcels

    def _complete(self, ways: Sequence[Ways], partial: _Partial, bound: Ints) -> None:
        """The cheapest complete choice that the limits on parcels allow."""
        order = np.argsort(bound, kind="stable")
        for tried, row in enumerate(order):
            if bound[row] >= self.best:
                return
            if tried >= TRIES:
                self.found.open_bound = min(self.found.open_bound, float(bound[row]))
                return
            units: dict[int, dict[int, int]] = {lane: {} for lane in self.lanes}
            for one, way in zip(ways, partial.chosen[row], strict=True):
                for at, count in enumerate(one.units[way].tolist()):
                    if count:
                        units[self.lanes[at]][one.number] = count
            plan = priced(self.core, units)
            if plan is not None and plan.cost < self.best:
                self.best, self.found.plan = plan.cost, plan


def _rest(offers: Sequence[tuple[int, int, int, int]], at: int, left: int, short: int) -> int:
    """What the units left cost at least from the offers from `at` on, cheapest first."""
    cost = 0
    for unit, _, free, _ in offers[at:]:
        if not left:
            break
        units = min(free, left)
        cost += units * unit
        left -= units
    return cost + left * short


def _slope(up_to: Sequence[int], cost: Sequence[int]) -> float:
    """The least price per gram of room between any two steps of a table."""
    rises = [
        (cost[after] - cost[before]) / (up_to[after] - up_to[before])
        for before in range(len(cost))
        for after in range(before + 1, len(cost))
    ]
    return max(0.0, min(rises, default=float(FAR)))
