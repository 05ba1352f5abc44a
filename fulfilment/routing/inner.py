"""One set of lanes, solved exactly: which units of which item go on which lane.

1. Each item has its ways: how its units are spread over the lanes, or left. The cheapest way of
   each item, at the lanes' first steps, is where a bound begins.
2. Choices of weight steps come cheapest first. When the cheapest ways fit the steps, that is the
   best plan of the set: dearer steps cannot help.
3. Where a lane has too much, items are moved off it: the descent branches on the one that is
   cheapest to move per gram, and is bounded by the grams that have to go.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fulfilment.routing.core import Core
from fulfilment.routing.plans import Plan, priced

MOST_WAYS = 600
"""Ways of one item that are listed; an item with more of them is not proved."""
CELLS = 400
FAR = float("inf")


@dataclass(frozen=True, slots=True)
class Way:
    """How an item is sent: cents above its cheapest way, units and grams by lane of the set."""

    excess: int
    units: tuple[int, ...]
    grams: tuple[int, ...]


class Ways:
    """Ways that an item may still take, cheapest first, and what leaving a lane costs."""

    __slots__ = ("_branches", "_rates", "first", "rows")

    def __init__(self, rows: list[Way]) -> None:
        self.rows = rows
        self.first = rows[0] if rows else None
        self._rates: dict[int, tuple[float, int] | None] = {}
        self._branches: dict[int, tuple[Ways, Ways]] = {}

    def leaving(self, lane: int) -> tuple[float, int] | None:
        """(cents per gram, grams that can go) from a lane, or from all (-1); None: nothing can."""
        if lane in self._rates:
            return self._rates[lane]
        first, found = self.rows[0], None
        grams = _grams(first, lane)
        lighter = [(way, _grams(way, lane)) for way in self.rows if _grams(way, lane) < grams]
        if lighter:
            rate = min((way.excess - first.excess) / (grams - left) for way, left in lighter)
            found = (rate, grams - min(left for _, left in lighter))
        self._rates[lane] = found
        return found

    def branches(self, lane: int) -> "tuple[Ways, Ways]":
        """Ways with less on the lane than the first one has, and all others."""
        known = self._branches.get(lane)
        if known is None:
            grams = self.rows[0].grams[lane]
            known = self._branches[lane] = (
                Ways([way for way in self.rows if way.grams[lane] < grams]),
                Ways([way for way in self.rows if way.grams[lane] >= grams]),
            )
        return known


def _grams(way: Way, lane: int) -> int:
    return sum(way.grams) if lane < 0 else way.grams[lane]


@dataclass(slots=True)
class Solved:
    """The best plan found below the ceiling, branches used, what unseen plans cost at least."""

    plan: Plan | None = None
    nodes: int = 0
    open_bound: float = FAR


def solve(core: Core, lanes: Sequence[int], ceiling: int, nodes: int) -> Solved:
    """Return the cheapest plan on a set of lanes below a ceiling.

    Args:
        core: the numbers.
        lanes: lane numbers; all of them are thought to be used.
        ceiling: cents.
        nodes: branches to look at.
    """
    return _Inner(core, lanes, ceiling, nodes).run()


class _Inner:
    """The search on one set."""

    def __init__(self, core: Core, lanes: Sequence[int], ceiling: int, nodes: int) -> None:
        self.core, self.lanes, self.budget = core, list(lanes), nodes
        self.places = [int(core.lane_place[lane]) for lane in lanes]
        self.tables = [core.lane(lane).table for lane in lanes]
        self.capacity = [int(core.capacity[place]) for place in self.places]
        self.best = ceiling
        self.found = Solved()
        self.ways: list[Ways] = []
        self.base = 0
        self.cut = False

    def run(self) -> Solved:
        """Ways, then steps, then moves."""
        first = sum(table.cost[0] for table in self.tables)
        minimal = [self._least(number) for number in range(len(self.core.items))]
        self.base = sum(minimal) - self.core.problem.split_minor
        room = self.best - self.base - first
        if room <= 0:
            return self.found
        for number, least in enumerate(minimal):
            self.ways.append(Ways(self._list(number, least, room)))
        if self.cut:
            self.found.open_bound = self.base + first
        for steps, price in self._steps(room + first):
            if self.base + price >= self.best:
                break
            if self.found.nodes >= self.budget:
                self.found.open_bound = min(self.found.open_bound, self.base + price)
                break
            self._fit(steps, price)
        return self.found

    def _offers(self, number: int) -> list[tuple[int, int, int, int]]:
        """(unit price, line price, free units, lane of the set), cheapest unit first."""
        item, rows = self.core.items[number], []
        for at, (lane, place) in enumerate(zip(self.lanes, self.places, strict=True)):
            if int(self.core.lane_group[lane]) != item.group:
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
            left, cost = item.need, min(offer[1] for offer in offers)
            lines = sorted(offer[1] for offer in offers)
            if least > lines[0] + lines[1] + item.need * offers[0][0]:
                for unit, _, free, _ in offers:
                    units = min(free, left)
                    cost += units * unit
                    left -= units
                least = min(least, cost + lines[1] + left * item.short)
        return least

    def _list(self, number: int, least: int, room: int) -> list[Way]:
        """Ways of an item that cost less than `room` above the least, cheapest first."""
        item, offers = self.core.items[number], self._offers(number)
        found: list[tuple[int, list[int]]] = []
        units_at = [0] * len(self.lanes)

        def extend(at: int, left: int, cost: int) -> None:
            if len(found) >= MOST_WAYS:
                self.cut = True
                return
            if at == len(offers) or not left:
                if cost + left * item.short - least < room:
                    found.append((cost + left * item.short - least, list(units_at)))
                return
            unit, line, free, lane = offers[at]
            if cost + left * unit - least >= room:
                return
            for units in range(min(free, left), 0, -1):
                units_at[lane] = units
                extend(at + 1, left - units, cost + line + units * unit)
            units_at[lane] = 0
            extend(at + 1, left, cost)

        extend(0, item.need, 0)
        found.sort(key=lambda way: way[0])
        weight = item.weight
        return [
            Way(excess, tuple(units), tuple(count * weight for count in units))
            for excess, units in found
        ]

    def _steps(self, room: int) -> Iterator[tuple[list[int], int]]:
        """Choices of steps that cost less than `room`, cheapest first, within the limits."""
        most = self.core.problem.max_parcels
        cheapest = [min(table.cost) for table in self.tables]
        after = [sum(cheapest[at + 1 :]) for at in range(len(self.tables))]
        loads = [
            sum(max((way.grams[at] for way in ways.rows), default=0) for ways in self.ways)
            for at in range(len(self.tables))
        ]
        found: list[tuple[int, list[int]]] = []

        def extend(at: int, price: int, steps: list[int]) -> None:
            if at == len(self.tables):
                if self._within(steps, most):
                    found.append((price, steps))
                return
            table = self.tables[at]
            for step in range(table.until(loads[at])):
                if price + table.cost[step] + after[at] < room:
                    extend(at + 1, price + table.cost[step], [*steps, step])

        extend(0, 0, [])
        for price, steps in sorted(found):
            yield steps, price

    def _within(self, steps: Sequence[int], most: int) -> bool:
        parcels = [table.parcels[step] for table, step in zip(self.tables, steps, strict=True)]
        if sum(parcels) > most:
            return False
        by_place: dict[int, int] = {}
        for place, count in zip(self.places, parcels, strict=True):
            by_place[place] = by_place.get(place, 0) + count
        return all(
            by_place[place] <= limit
            for place, limit in zip(self.places, self.capacity, strict=True)
        )

    def _fit(self, steps: Sequence[int], price: int) -> None:
        """The cheapest ways that fit the steps."""
        if not all(ways.rows for ways in self.ways):
            return
        tops = [table.up_to[step] for table, step in zip(self.tables, steps, strict=True)]
        cost = self.base + price + sum([ways.rows[0].excess for ways in self.ways])
        for lane in (*range(len(tops)), -1):
            load = sum([_grams(ways.rows[0], lane) for ways in self.ways])
            over = load - (sum(tops) if lane < 0 else tops[lane])
            if over <= 0:
                continue
            if cost + self._lightened(lane, over) >= self.best:
                return
            if cost + self._cover(lane, over, self.best - cost) >= self.best:
                return
        self._move(tops, self.base + price)

    def _cover(self, lane: int, over: int, room: int) -> float:
        """What it costs at least to take `over` grams off a lane when items move as a whole.

        A knapsack by weight; grams are counted in coarser units, which only helps the items.
        """
        unit = max(1, over // CELLS)
        goal = over // unit
        least = np.full(goal + 1, FAR)
        least[0] = 0.0
        for ways in self.ways:
            first, before = ways.rows[0], least
            grams = _grams(first, lane)
            offers: dict[int, int] = {}
            for way in ways.rows:
                gone = min(goal, -((_grams(way, lane) - grams) // unit))
                cost = way.excess - first.excess
                if gone > 0 and cost < room and cost < offers.get(gone, FAR):
                    offers[gone] = cost
            for gone, cost in offers.items():
                if least is before:
                    least = before.copy()
                np.minimum(least[gone:], before[: goal + 1 - gone] + cost, out=least[gone:])
                # More than the goal is as good as the goal.
                least[goal] = min(least[goal], before[goal - gone :].min() + cost)
        return float(least[goal])

    def _move(self, tops: Sequence[int], price: int) -> None:
        """Take the cheapest way of each item; where a lane has too much, branch on one item."""
        chosen = [ways.rows[0] for ways in self.ways]
        cost = price + sum([way.excess for way in chosen])
        if cost >= self.best:
            return
        loads = [sum(grams) for grams in zip(*[way.grams for way in chosen], strict=True)]
        over = [load - top for load, top in zip(loads, tops, strict=True)]
        lane = max(range(len(over)), key=over.__getitem__)
        if over[lane] <= 0:
            self._keep(chosen)
            return
        if self.found.nodes >= self.budget:
            self.found.open_bound = min(self.found.open_bound, cost)
            return
        self.found.nodes += 1
        if cost + self._lightened(-1, sum(over)) >= self.best:
            return
        moves = self._moves(lane)
        if cost + _least(moves, over[lane]) >= self.best:
            return
        number = moves[0][1]
        ways = self.ways[number]
        for branch in ways.branches(lane):
            self.ways[number] = branch
            self._move(tops, price)
        self.ways[number] = ways

    def _moves(self, lane: int) -> list[tuple[float, int, int]]:
        """(cents per gram, item, grams that can go) of what may leave a lane, cheapest first."""
        moves = []
        for number, ways in enumerate(self.ways):
            move = ways.leaving(lane)
            if move is not None:
                moves.append((move[0], number, move[1]))
        moves.sort()
        return moves

    def _lightened(self, lane: int, over: int) -> float:
        return _least(self._moves(lane), over) if over > 0 else 0.0

    def _keep(self, chosen: Sequence[Way]) -> None:
        units: dict[int, dict[int, int]] = {lane: {} for lane in self.lanes}
        for number, way in enumerate(chosen):
            for at, count in enumerate(way.units):
                if count:
                    units[self.lanes[at]][number] = count
        plan = priced(self.core, units)
        if plan is not None and plan.cost < self.best:
            self.best, self.found.plan = plan.cost, plan


def _least(moves: Sequence[tuple[float, int, int]], over: int) -> float:
    """What it costs at least to take `over` grams off a lane."""
    cost, left = 0.0, over
    for rate, _, grams in moves:
        if left <= grams:
            return cost + rate * left
        cost += rate * grams
        left -= grams
    return FAR
