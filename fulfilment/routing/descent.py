"""The descent: branch and bound over the items of one set of lanes.

A quick plan first: every item where its units are cheapest. Then, where the bound leaves room,
item by item, forced ones first, heaviest next, each way to fill it in the order of its bound.
"""

from fulfilment.routing.bounds import EMPTY, INFEASIBLE, Curve, Fills
from fulfilment.routing.core import Core
from fulfilment.routing.inner import Inner, LaneSet, Plan, Result

SLACK = 1e-6
"""Costs are whole cents; bounds are not, and may be off by rounding."""


def solve(core: Core, fills: Fills, sets: list[LaneSet], ceiling: int | None, nodes: int) -> Result:
    """Plans on these lanes cheaper than `ceiling` (None: any), the best one last.

    Also returns a quick plan of the set that is not below the ceiling, as an alternative.
    """
    inner = Inner(core, fills, sets, nodes)
    if not inner.feasible:
        return inner.result
    return _Descent(inner, ceiling).run()


class _Descent:
    """Branch and bound over the items of an inner problem."""

    def __init__(self, inner: Inner, ceiling: int | None) -> None:
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
            self._try(self._squeezed(scarce_first=False))
            self._try(self._squeezed(scarce_first=True))

    def _squeezed(self, *, scarce_first: bool) -> dict[int, tuple[tuple[int, int], ...]]:
        """As much as the lanes can take, first come first served.

        With `scarce_first` the first lane, usually the warehouse's, starts with what the others
        do not have.
        """
        inner, items = self.inner, self.inner.core.items
        room = [
            max(
                (up for up, k in zip(lane.up_to, lane.parcels, strict=True) if k <= limit),
                default=0,
            )
            for lane, limit in zip(inner.lanes, inner.limits, strict=True)
        ]
        poured: dict[int, dict[int, int]] = {}
        for at, lane_set in enumerate(inner.sets):
            lanes = inner.by_group[at]
            order = sorted(
                lane_set.items, key=lambda n: (-items[n].short / max(items[n].weight, 1), n)
            )
            for number in order:
                poured[number] = {}
                if scarce_first and lanes:
                    others = self._elsewhere(number, at)
                    self._pour(number, lanes[:1], items[number].need - others, room, poured)
            for number in order:
                left = items[number].need - sum(poured[number].values())
                self._pour(number, lanes, left, room, poured)
        return {number: tuple(spread.items()) for number, spread in poured.items()}

    def _pour(
        self,
        number: int,
        lanes: list[int],
        wanted: int,
        room: list[int],
        poured: dict[int, dict[int, int]],
    ) -> None:
        item, spread = self.inner.core.items[number], poured[number]
        for n in lanes:
            place = self.inner.core.places[self.inner.lanes[n].place]
            fits = room[n] // item.weight if item.weight else wanted
            units = min(place.available[number] - spread.get(n, 0), wanted, fits)
            if units > 0 and place.unit[number] < item.short:
                spread[n] = spread.get(n, 0) + units
                wanted -= units
                room[n] -= units * item.weight

    def _elsewhere(self, number: int, at: int) -> int:
        """Units of an item on all lanes of set `at` but its first."""
        places = [self.inner.lanes[n].place for n in self.inner.by_group[at][1:]]
        return sum(self.inner.core.places[place].available[number] for place in places)

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
