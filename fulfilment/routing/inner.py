"""One set of lanes, solved: which units of which item go on which lane.

Depth first over the items, dearest weight first, cheapest fill first. A branch is cut when
its bound is not below the best plan known. Units, not whole lines, are moved.
"""

from dataclasses import dataclass, field

from fulfilment.routing.bounds import (
    EMPTY,
    INFEASIBLE,
    Curve,
    Fills,
    Pull,
    cheapest_load,
    front,
)
from fulfilment.routing.core import Core, Lane

SLACK = 1e-6
"""Costs are whole cents; bounds are not, and may be off by rounding."""
LOOKS = 4_000
"""Steps in listing the ways to fill one item: hundreds of units at several places are many."""
LOOKS_PER_NODE = 10
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


class _Inner:
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
        offset = (item.need - reach) * relief - least
        behind = item.short - relief
        # Options are sorted: the first one left has the cheapest unit.
        onward = [min(option[0], behind) for option in options]
        found: list[Way] = []
        looks = before = min(LOOKS, max(0, self.budget - self.result.nodes) * LOOKS_PER_NODE)

        def extend(k: int, left: int, cost: int, used: tuple[tuple[int, int], ...]) -> None:
            nonlocal looks
            looks -= 1
            if looks < 0:
                return
            if k == len(options) or not left:
                bound = cost + left * behind + offset
                if bound < slack:
                    found.append((bound, cost + left * item.short - least, used))
                return
            if cost + left * onward[k] + offset >= slack:
                return
            unit, line, free, n = options[k]
            for units in range(min(free, left), 0, -1):
                if looks < 0:
                    return
                extend(k + 1, left - units, cost + line + units * unit, (*used, (n, units)))
            extend(k + 1, left, cost, used)

        extend(0, item.need, 0, ())
        self.result.nodes += (before - max(looks, 0)) // LOOKS_PER_NODE
        found.sort()
        if looks < 0:
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


def solve(core: Core, fills: Fills, sets: list[LaneSet], ceiling: int | None, nodes: int) -> Result:
    """Plans on these lanes cheaper than `ceiling` (None: any), the best one last.

    Also returns a quick plan of the set that is not below the ceiling, as an alternative.
    """
    inner = _Inner(core, fills, sets, nodes)
    if not inner.feasible:
        return inner.result
    return _Descent(inner, ceiling).run()


class _Descent:
    """Branch and bound over the items of an inner problem."""

    def __init__(self, inner: _Inner, ceiling: int | None) -> None:
        self.inner = inner
        self.ceiling = INFEASIBLE if ceiling is None else float(ceiling)
        self.loads = [0] * len(inner.lanes)
        self.rest: list[int] = []
        self.chosen: dict[int, tuple[tuple[int, int], ...]] = {}

    def run(self) -> Result:
        """Quick plan first, then the exact descent where the bound leaves room."""
        inner = self.inner
        if inner.budget <= 0 and self.ceiling == INFEASIBLE:
            self._quick()
            return inner.result
        inner.prepare()
        self.rest = [pull.grams for pull in inner.pulls]
        bounds = [
            inner.load_bound(at, self.loads, pull.grams, pull.curves)
            for at, pull in enumerate(inner.pulls)
        ]
        root = inner.base + sum(bounds)
        if root == INFEASIBLE:
            return inner.result
        self._quick()
        if root >= self.ceiling - SLACK or self.ceiling == INFEASIBLE:
            return inner.result
        if inner.budget <= 0:
            inner.result.open_bound = root
            return inner.result
        self._order(bounds)
        start = self.ceiling
        self._descend(0, 0, bounds)
        if inner.result.nodes >= inner.budget:
            inner.result.open_bound = root
        elif inner.cut < INFEASIBLE:
            inner.result.open_bound = max(root, start + inner.cut)
        return inner.result

    def _curves(self, at: int, without: int) -> list[Curve]:
        pull = self.inner.pulls[at]
        curves = [EMPTY] * len(self.inner.by_group[at])
        for number in self.inner.sets[at].items:
            if number != without:
                curves = pull.add(curves, number)
        return curves

    def _order(self, bounds: list[float]) -> None:
        """Items with their ways, forced ones first; for each depth what is still free."""
        inner, items = self.inner, self.inner.core.items
        ways = []
        for at, lane_set in enumerate(inner.sets):
            others = inner.base + sum(bounds) - bounds[at]
            for number in lane_set.items:
                curves = self._curves(at, number)
                free = others + inner.load_bound(at, self.loads, self.rest[at], curves)
                ways.append((number, at, inner.ways(number, at, self.ceiling - free)))
        ways.sort(key=lambda w: (len(w[2]) > 1, -items[w[0]].weight * items[w[0]].need, w[0]))
        self.ways = ways
        after = [[EMPTY] * len(lanes) for lanes in inner.by_group]
        self.after = [after[at] for _, at, _ in ways]
        for depth in range(len(ways) - 1, -1, -1):
            number, at, _ = ways[depth]
            self.after[depth] = after[at]
            after[at] = inner.pulls[at].add(after[at], number)

    def _quick(self) -> None:
        """The cheapest fill of every item; where lanes are too small, as much as fits."""
        inner = self.inner
        chosen: dict[int, tuple[tuple[int, int], ...]] = {}
        for at, lane_set in enumerate(inner.sets):
            lane_at = {inner.lanes[n].place: n for n in inner.by_group[at]}
            allowed = sum(1 << place for place in lane_at)
            for number in lane_set.items:
                fill = inner.fills.best(number, allowed)[1]
                chosen[number] = tuple((lane_at[place], units) for place, units in fill)
        if not self._try(chosen):
            self._try(self._squeezed())

    def _squeezed(self) -> dict[int, tuple[tuple[int, int], ...]]:
        inner = self.inner
        room = [
            max(
                (up for up, k in zip(lane.up_to, lane.parcels, strict=True) if k <= limit),
                default=0,
            )
            for lane, limit in zip(inner.lanes, inner.limits, strict=True)
        ]
        chosen: dict[int, tuple[tuple[int, int], ...]] = {}
        for at, lane_set in enumerate(inner.sets):
            items = inner.core.items
            order = sorted(
                lane_set.items, key=lambda n: (-items[n].short / max(items[n].weight, 1), n)
            )
            for number in order:
                item, left, used = items[number], items[number].need, []
                for n in inner.by_group[at]:
                    place = inner.core.places[inner.lanes[n].place]
                    fits = room[n] // item.weight if item.weight else left
                    units = min(place.available[number], left, fits)
                    if units > 0 and place.unit[number] < item.short:
                        used.append((n, units))
                        left -= units
                        room[n] -= units * item.weight
                chosen[number] = tuple(used)
        return chosen

    def _try(self, chosen: dict[int, tuple[tuple[int, int], ...]]) -> bool:
        """Price a complete choice; keep it as a plan when it is feasible."""
        inner = self.inner
        items = inner.core.items
        loads = [0] * len(inner.lanes)
        touched = set()
        cost = 0
        for number, used in chosen.items():
            item, left = items[number], items[number].need
            for n, units in used:
                place = inner.core.places[inner.lanes[n].place]
                cost += place.source.handling_line_minor + units * place.unit[number]
                loads[n] += units * item.weight
                left -= units
                touched.add(n)
            cost += left * item.short
        inner.touched = frozenset(touched)
        settled = inner.settle(loads)
        if settled is None:
            return False
        cost += settled[0]
        if not inner.result.plans or cost < inner.result.plans[-1].cost:
            units_of: list[dict[int, int]] = [{} for _ in items]
            for number, used in chosen.items():
                units_of[number] = {inner.lanes[n].place: units for n, units in used}
            inner.result.plans.append(Plan(cost, units_of, settled[1]))
            self.ceiling = min(self.ceiling, cost)
        return True

    def _descend(self, depth: int, excess: int, bounds: list[float]) -> None:
        inner = self.inner
        if depth == len(self.ways):
            self._try(self.chosen)
            return
        number, at, ways = self.ways[depth]
        weight, after = inner.core.items[number].weight, self.after[depth]
        others = inner.base + excess + sum(bounds) - bounds[at]
        free = others + inner.load_bound(at, self.loads, self.rest[at], after)
        grams = inner.pulls[at].reach[number] * weight
        self.rest[at] -= grams
        for bound, more, used in ways:
            if free + bound >= self.ceiling - SLACK or inner.result.nodes >= inner.budget:
                break
            inner.result.nodes += 1
            for n, units in used:
                self.loads[n] += units * weight
            loaded = inner.load_bound(at, self.loads, self.rest[at], after)
            if others + more + loaded < self.ceiling - SLACK:
                self.chosen[number] = used
                before, bounds[at] = bounds[at], loaded
                self._descend(depth + 1, excess + more, bounds)
                bounds[at] = before
            for n, units in used:
                self.loads[n] -= units * weight
        self.rest[at] += grams
