"""One set of lanes, as a problem of its own: which units of which item go on which lane.

Units, not whole lines, are moved. Here are its bounds, the ways to fill an item, and the weight
steps that carry given loads; descent.py searches.
"""

from dataclasses import dataclass, field

from fulfilment.routing.bounds import (
    INFEASIBLE,
    Curve,
    Fills,
    Pull,
    cheapest_load,
    front,
)
from fulfilment.routing.core import Core, Lane

LOOKS = 4_000
"""Steps in listing the ways to fill one item: hundreds of units at several places are many."""
LOOKS_PER_NODE = 40
MAX_FILLS = 1_000
"""Ways to fill one item that are kept; the cheapest ones."""


@dataclass(slots=True)
class LaneSet:
    """Lanes of one group that a plan uses, and the group's items."""

    group: int
    items: list[int]
    lanes: list[Lane]


@dataclass(slots=True)
class Plan:
    """Units per item and place, the weight step of each used lane, the total in cents."""

    cost: int
    units: list[dict[int, int]]
    steps: list[tuple[Lane, int, int]]

    @property
    def places(self) -> frozenset[int]:
        """Places that send something."""
        return frozenset(place for spread in self.units for place in spread)

    @classmethod
    def empty(cls, core: Core) -> "Plan":
        """Nothing is sent."""
        return cls(sum(i.need * i.short for i in core.items), [{} for _ in core.items], [])


@dataclass(slots=True)
class Result:
    """Plans found (the last is the best), branches used, bound of what was not looked at."""

    plans: list[Plan] = field(default_factory=list)
    nodes: int = 0
    open_bound: float = INFEASIBLE


Way = tuple[float, int, tuple[tuple[int, int], ...]]
"""(bound and true cents above the item's cheapest fill, (lane, units) of those used)"""


class _Listing:
    """Lists the ways to fill one item, cheapest units first, until its looks are used up."""

    def __init__(
        self,
        options: list[tuple[int, int, int, int]],
        short: int,
        relief: float,
        least: int,
        slack: float,
        looks: int,
    ) -> None:
        self.options, self.short, self.least = options, short, least
        self.slack, self.looks = slack, looks
        self.behind = short - relief
        # Options are sorted: the first one left has the cheapest unit.
        self.onward = [min(option[0], self.behind) for option in options]
        self.offset = 0.0
        self.found: list[Way] = []

    def extend(self, k: int, left: int, cost: int, used: tuple[tuple[int, int], ...]) -> None:
        """Go on with option `k` and `left` units to place."""
        self.looks -= 1
        if self.looks < 0:
            return
        if k == len(self.options) or not left:
            bound = cost + left * self.behind + self.offset
            if bound < self.slack:
                self.found.append((bound, cost + left * self.short - self.least, used))
            return
        if cost + left * self.onward[k] + self.offset >= self.slack:
            return
        unit, line, free, n = self.options[k]
        for units in range(min(free, left), 0, -1):
            if self.looks < 0:
                return
            self.extend(k + 1, left - units, cost + line + units * unit, (*used, (n, units)))
        self.extend(k + 1, left, cost, used)


class Inner:
    """The state of one search; `best` is what a new plan has to beat."""

    def __init__(self, core: Core, fills: Fills, sets: list[LaneSet], nodes: int) -> None:
        self.core, self.fills, self.sets = core, fills, sets
        self.lanes = [lane for lane_set in sets for lane in lane_set.lanes]
        fewest = sum(min(lane.parcels) for lane in self.lanes)
        most = core.problem.max_parcels
        self.feasible = fewest <= most
        self.limits = [
            min(core.places[lane.place].capacity, most - fewest + min(lane.parcels))
            for lane in self.lanes
        ]
        self.by_group: list[list[int]] = []
        start = 0
        for lane_set in sets:
            self.by_group.append(list(range(start, start + len(lane_set.lanes))))
            start += len(lane_set.lanes)
        self.budget = nodes
        self.result = Result()
        self.best = INFEASIBLE
        self.pulls: list[Pull] = []
        self.base = 0

    def prepare(self) -> None:
        """Draw the bounds; a quick plan does without."""
        self.pulls = [self.fills.pull(s.group, s.items, s.lanes) for s in self.sets]
        self.base = sum(pull.base for pull in self.pulls) - self.core.problem.split_minor

    def load_bound(self, at: int, loads: list[int], rest: int, curves: list[Curve]) -> float:
        """The least that the lanes of set `at` cost with these loads and `rest` grams to come."""
        lanes = self.by_group[at]
        if not lanes:
            return 0.0
        fronts = [
            front(self.lanes[n], loads[n], rest, self.limits[n], curve)
            for n, curve in zip(lanes, curves, strict=True)
        ]
        return cheapest_load(fronts, rest, self.pulls[at].behind)

    def ways(self, number: int, at: int, slack: float) -> list[Way]:
        """Ways to fill an item whose bound lies less than `slack` above its cheapest, sorted.

        Units left behind relieve the lanes, by at most what a gram left behind costs: the bound of
        a way is its cost less that relief, or plans that leave much behind would be missed.
        """
        item = self.core.items[number]
        allowed = sum(1 << lane.place for lane in self.sets[at].lanes)
        least = self.fills.best(number, allowed)[0]
        options = self._options(number, at)
        if not options:
            return [(0.0, 0, ())]
        reach = min(item.need, sum(option[2] for option in options))
        relief = item.weight * 2 * self.pulls[at].behind if item.weight else 0.0
        looks = min(LOOKS, max(0, self.budget - self.result.nodes) * LOOKS_PER_NODE)
        listing = _Listing(options, item.short, relief, least, slack, looks)
        listing.offset = (item.need - reach) * relief - least
        listing.extend(0, item.need, 0, ())
        self.result.nodes += (looks - max(listing.looks, 0)) // LOOKS_PER_NODE
        found = sorted(listing.found)
        if listing.looks < 0:
            self.cut = -INFEASIBLE
        if len(found) > MAX_FILLS:
            self.cut = min(self.cut, found[MAX_FILLS][0] - slack)
            del found[MAX_FILLS:]
        return found

    def _options(self, number: int, at: int) -> list[tuple[int, int, int, int]]:
        """(unit price, line price, free units, lane), cheapest unit first."""
        options = []
        for n in self.by_group[at]:
            place = self.core.places[self.lanes[n].place]
            free = place.available[number]
            if free and place.unit[number] < self.core.items[number].short:
                options.append((place.unit[number], place.source.handling_line_minor, free, n))
        return sorted(options)

    def settle(self, loads: list[int]) -> tuple[int, list[tuple[Lane, int, int]]] | None:
        """Cheapest steps that carry the loads within capacity and the parcel limit."""
        used = [n for n, grams in enumerate(loads) if grams or n in self.touched]
        first = []
        for n in used:
            step = self.lanes[n].step(loads[n])
            if step == len(self.lanes[n].up_to):
                return None
            first.append((n, step))
        if self._within(first):
            return self._priced(first, loads)
        return self._settle_tight(first, loads)

    def _within(self, steps: list[tuple[int, int]]) -> bool:
        by_place: dict[int, int] = {}
        total = 0
        for n, step in steps:
            lane = self.lanes[n]
            total += lane.parcels[step]
            by_place[lane.place] = by_place.get(lane.place, 0) + lane.parcels[step]
        if total > self.core.problem.max_parcels:
            return False
        return all(count <= self.core.places[place].capacity for place, count in by_place.items())

    def _priced(
        self, steps: list[tuple[int, int]], loads: list[int]
    ) -> tuple[int, list[tuple[Lane, int, int]]]:
        cost = sum(self.lanes[n].cost[step] for n, step in steps)
        if any(self.lanes[n].parcels[step] for n, step in steps):
            cost -= self.core.problem.split_minor
        return cost, [(self.lanes[n], step, loads[n]) for n, step in steps]

    def _settle_tight(
        self, first: list[tuple[int, int]], loads: list[int]
    ) -> tuple[int, list[tuple[Lane, int, int]]] | None:
        """Dearer steps with fewer parcels, where the cheapest ones are too many."""
        best: tuple[int, list[tuple[Lane, int, int]]] | None = None
        choices: list[list[tuple[int, int]]] = [[]]
        for n, step in first:
            lane = self.lanes[n]
            better = [
                at
                for at in range(step, len(lane.up_to))
                if at == step or lane.parcels[at] < min(lane.parcels[step:at])
            ]
            choices = [[*chosen, (n, at)] for chosen in choices for at in better]
        for chosen in choices:
            if self._within(chosen):
                priced = self._priced(chosen, loads)
                if best is None or priced[0] < best[0]:
                    best = priced
        return best

    touched: frozenset[int] = frozenset()
    cut: float = INFEASIBLE
    """How far below the ceiling (negative) the cheapest dropped way lies."""
