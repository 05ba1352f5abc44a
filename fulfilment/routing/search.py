"""The exact search: sets of places in the order of what they cost at least.

1. For each goods group, sets of lanes come in the order of their lower bound (bounds.py).
2. A set is solved by branch and bound over its items: which units go where.
3. The search stops when the next set's bound is not below the best plan's cost: proved.
4. With many places only the most promising lanes are tried; a lane left out is proved
   useless by its bound, or the plan counts as unproved.
5. All limits are counts, not seconds: the same problem always gives the same plan.
"""

import heapq
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from fulfilment.routing.bounds import INFEASIBLE, Fills, cheapest_load, front
from fulfilment.routing.core import Core, Lane
from fulfilment.routing.descent import solve
from fulfilment.routing.inner import LaneSet, Plan

MAX_LANES = 8
"""Lanes of a goods group that are searched exhaustively; further ones by promise."""
NODES = 2_000
"""Branches of one decision; some 0.1 s at most."""
REFINED = 2
"""Bounds are drawn closer twice, only for sets that come up."""


@dataclass(slots=True)
class Outcome:
    """The best plan, what any plan costs at least, and the best plans of other places."""

    plan: Plan
    lower_bound: int
    proved: bool
    others: list[Plan] = field(default_factory=list)


class LaneSets:
    """Sets of lanes of one goods group, cheapest bound first."""

    def __init__(self, core: Core, fills: Fills, group: int) -> None:
        self.core, self.fills, self.group = core, fills, group
        self.items = [n for n, item in enumerate(core.items) if item.group == group]
        lanes = [
            place.lanes[group]
            for place in core.places
            if group in place.lanes and any(place.available[n] for n in self.items)
        ]
        self.all_lanes = lanes
        self.lanes = (
            lanes if len(lanes) <= MAX_LANES else _promising(core, fills, lanes, self.items)
        )
        kept = sum(1 << lane.place for lane in self.lanes)
        self.floor = sum(
            fills.best(n, kept)[0] if len(lanes) <= MAX_LANES else fills.floor(n)
            for n in self.items
        )
        everywhere = sum(1 << lane.place for lane in lanes)
        self.density = min(fills.short_density(n, everywhere) for n in self.items)
        self.grams = sum(fills.reach(n) * core.items[n].weight for n in self.items)
        self.found: list[tuple[float, LaneSet]] = []
        self._heap = self._opening()

    def _opening(self) -> list[tuple[float, int, int, int]]:
        """Bounds by entry prices alone: (bound, lanes, times refined, bits)."""
        most = self.core.problem.max_parcels
        heap: list[tuple[float, int, int, int]] = [(float(self.floor), 0, 0, 0)]
        entries = [(lane.cost[0], min(lane.parcels)) for lane in self.lanes]
        sets = [(0, 0, 0, 0)]
        for at, (cost, parcels) in enumerate(entries):
            sets += [
                (bits | 1 << at, size + 1, price + cost, count + parcels)
                for bits, size, price, count in sets
                if count + parcels <= most
            ]
        heap += [(self.floor + price, size, 0, bits) for bits, size, price, _ in sets[1:]]
        heapq.heapify(heap)
        return heap

    def at(self, index: int) -> tuple[float, LaneSet] | None:
        """The set with the `index`-th smallest bound, or None."""
        while len(self.found) <= index and self._heap:
            bound, size, refined, bits = heapq.heappop(self._heap)
            lanes = [lane for at, lane in enumerate(self.lanes) if bits >> at & 1]
            if refined == REFINED:
                self.found.append((bound, LaneSet(self.group, self.items, lanes)))
                continue
            closer = self._bound(lanes) if refined or not lanes else self._load(lanes)
            if closer < INFEASIBLE:
                step = refined + 1 if lanes else REFINED
                heapq.heappush(self._heap, (max(bound, closer), size, step, bits))
        return self.found[index] if index < len(self.found) else None

    def _load(self, lanes: list[Lane]) -> float:
        """A quick bound: every item at its best place, its weight on these lanes."""
        fewest = sum(min(lane.parcels) for lane in lanes)
        fronts = [front(lane, 0, self.grams, lane_limit(self.core, lane, fewest)) for lane in lanes]
        return self.floor + cheapest_load(fronts, self.grams, self.density)

    def _bound(self, lanes: list[Lane]) -> float:
        pull = self.fills.pull(self.group, self.items, lanes)
        if not lanes:
            return float(pull.base)
        fewest = sum(min(lane.parcels) for lane in lanes)
        fronts = [
            front(lane, 0, pull.grams, lane_limit(self.core, lane, fewest), curve)
            for lane, curve in zip(lanes, pull.curves, strict=True)
        ]
        return pull.base + cheapest_load(fronts, pull.grams, pull.behind)


def lane_limit(core: Core, lane: Lane, fewest: int) -> int:
    """Parcels the lane may use when all lanes of its set use at least `fewest` together."""
    others = fewest - min(lane.parcels)
    return min(core.places[lane.place].capacity, core.problem.max_parcels - others)


def _promising(core: Core, fills: Fills, lanes: list[Lane], items: list[int]) -> list[Lane]:
    """Lanes that fill most lines cheaply, and for each item its two cheapest holders."""

    def price(lane: Lane, number: int) -> int:
        place, item = core.places[lane.place], core.items[number]
        free = place.available[number]
        gap = (item.need - free) * (item.short - place.unit[number])
        return place.source.handling_line_minor + item.need * place.unit[number] + gap

    def whole(lane: Lane) -> tuple[int, int]:
        place = core.places[lane.place]
        cost = sum(
            price(lane, n) if place.available[n] else core.items[n].need * core.items[n].short
            for n in items
        )
        return (lane.cost[0] + cost, lane.place)

    ranked = sorted(lanes, key=whole)
    kept = ranked[: MAX_LANES // 2]
    for number in sorted(items, key=lambda n: len(fills.options[n])):
        holders = [lane for lane in lanes if core.places[lane.place].available[number]]
        holders.sort(key=lambda lane: (lane.cost[0] + price(lane, number), lane.place))
        for lane in holders[:2]:
            if lane not in kept and len(kept) < MAX_LANES:
                kept.append(lane)
    for lane in ranked:
        if lane not in kept and len(kept) < MAX_LANES:
            kept.append(lane)
    return sorted(kept, key=lambda lane: lane.place)


def search(core: Core, alternatives: int = 3, nodes: int = NODES) -> Outcome:
    """The cheapest plan, proved where the limits allow, and `alternatives` that lost."""
    fills = Fills(core)
    streams = [LaneSets(core, fills, group) for group in range(len(core.groups))]
    top = [Plan.empty(core)]
    seen: dict[frozenset[int], Plan] = {frozenset(): top[0]}
    open_bound = INFEASIBLE
    free_split = core.problem.split_minor
    for least, sets in _combinations(streams, lambda: top[0].cost + free_split):
        result = solve(core, fills, sets, top[0].cost, nodes)
        nodes -= result.nodes
        open_bound = min(open_bound, max(result.open_bound, least - free_split))
        for plan in result.plans:
            _remember(seen, plan)
            if plan.cost < top[0].cost:
                top[0] = plan
    best = top[0]
    open_bound = min([open_bound, *(_left_out(core, s, streams, fills) for s in streams)])
    lower = best.cost
    if open_bound < best.cost:
        lower = math.ceil(open_bound - 1e-6)
    outcome = Outcome(best, lower, lower >= best.cost)
    if alternatives:
        _runners_up(core, fills, streams, seen, best)
        seen.pop(best.places, None)
        outcome.others = sorted(
            seen.values(), key=lambda p: (p.cost, len(p.places), sorted(p.places))
        )[:alternatives]
    return outcome


def _remember(seen: dict[frozenset[int], Plan], plan: Plan) -> None:
    known = seen.get(plan.places)
    if known is None or plan.cost < known.cost:
        seen[plan.places] = plan


def _combinations(
    streams: list[LaneSets], ceiling: Callable[[], int]
) -> Iterator[tuple[float, list[LaneSet]]]:
    """One set per group, as long as the sum of bounds stays below the ceiling."""
    least = []
    for stream in streams:
        first = stream.at(0)
        least.append(first[0] if first else INFEASIBLE)

    def choose(
        at: int, bound: float, chosen: list[LaneSet]
    ) -> Iterator[tuple[float, list[LaneSet]]]:
        if at == len(streams):
            yield bound, chosen
            return
        later = sum(least[at + 1 :])
        index = 0
        while (entry := streams[at].at(index)) is not None:
            if bound + entry[0] + later >= ceiling():
                return
            yield from choose(at + 1, bound + entry[0], [*chosen, entry[1]])
            index += 1

    yield from choose(0, 0.0, [])


def _left_out(core: Core, stream: LaneSets, streams: list[LaneSets], fills: Fills) -> float:
    """The least that a plan using a lane outside the search costs."""
    outside = [lane for lane in stream.all_lanes if lane not in stream.lanes]
    if not outside:
        return INFEASIBLE
    floor = sum(other.floor for other in streams) - core.problem.split_minor
    entry = {lane.place: lane.cost[0] for lane in stream.all_lanes}
    needs = []
    for number in stream.items:
        places = fills.holders[number]
        item = core.items[number]
        cheapest = min(
            [cost for place, cost in entry.items() if places >> place & 1]
            + [max(0, item.need * item.short - fills.floor(number))]
        )
        needs.append((places, cheapest))
    least = INFEASIBLE
    for lane in outside:
        further = max((cost for places, cost in needs if not places >> lane.place & 1), default=0)
        least = min(least, floor + lane.cost[0] + further)
    return least


def _runners_up(
    core: Core, fills: Fills, streams: list[LaneSets], seen: dict[frozenset[int], Plan], best: Plan
) -> None:
    """Price the winner's neighbours: each place alone, one place exchanged, added or left out."""
    every = {lane.place for stream in streams for lane in stream.lanes}
    near: list[frozenset[int]] = [frozenset({place}) for place in sorted(every)]
    for place in sorted(best.places):
        rest = best.places - {place}
        near.append(rest)
        near += [rest | {other} for other in sorted(every - best.places)]
    near += [best.places | {other} for other in sorted(every - best.places)]
    for places in dict.fromkeys(near):
        if not places or places in seen:
            continue
        sets = [
            LaneSet(s.group, s.items, [lane for lane in s.lanes if lane.place in places])
            for s in streams
        ]
        for plan in solve(core, fills, sets, None, 0).plans:
            _remember(seen, plan)
