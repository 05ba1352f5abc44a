"""Plans seen so far in one search: the best, and the best of each set of places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fulfilment.routing.columns import FAR
from fulfilment.routing.core import Core
from fulfilment.routing.inner import solve
from fulfilment.routing.plans import Plan
from fulfilment.routing.quick import Quick
from fulfilment.routing.sketches import Sketches

PER_SET = 3_000
"""Branches for one set of lanes."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a set of lanes, and whether it was looked at in a hurry."""

    open_bound: float
    hurried: bool


class Seen:
    """What a search remembers, and what it may still spend.

    `nodes`: branches left of those allowed. `best`: the cheapest plan. `by_places`: the cheapest
    of each set.
    """

    def __init__(self, core: Core, nodes: int) -> None:
        self.core, self.nodes, self.allowed = core, nodes, nodes
        self.best = Plan.empty(core)
        self.by_places: dict[frozenset[int], Plan] = {frozenset(): self.best}
        self._quick = Quick(core)
        self._tried: dict[frozenset[int], Plan | None] = {}
        self._solved: dict[tuple[int, ...], _Known] = {}

    def note(self, plan: Plan | None) -> None:
        """Remember a plan, and whether it is the best."""
        if plan is None:
            return
        known = self.by_places.get(plan.places)
        if known is None or plan.cost < known.cost:
            self.by_places[plan.places] = plan
        if plan.cost < self.best.cost:
            self.best = plan

    def quick(self, lanes: Sequence[int]) -> Plan | None:
        """A quick plan on some lanes; None when nothing on them is feasible."""
        key = frozenset(lanes)
        if key not in self._tried:
            self._tried[key] = self._quick.plan(sorted(lanes))
            self.note(self._tried[key])
        return self._tried[key]

    def open_bound(self, lanes: Sequence[int]) -> float | None:
        """What plans on a set that were not found cost at least; None when it is to be solved."""
        known = self._solved.get(tuple(sorted(lanes)))
        if known is None or (known.hurried and known.open_bound < self.best.cost):
            return None
        return known.open_bound

    def solve(self, lanes: Sequence[int], nodes: int | None = None) -> float:
        """Solve a set of lanes; return what plans on it that were not found cost at least.

        Args:
            lanes: lane numbers; all of them are thought to be used.
            nodes: branches for this set, when it need not be proved.
        """
        key = tuple(sorted(lanes))
        most = min(self.allowed, PER_SET) if nodes is None else nodes
        found = solve(self.core, key, self.best.cost, most)
        self.nodes -= found.nodes
        self._solved[key] = _Known(found.open_bound, nodes is not None)
        self.note(found.plan)
        return found.open_bound

    def greedy(self, tried: Sequence[int], most: int) -> None:
        """Quick plans: one lane, then more while they help, then exchanges."""
        # To begin with: one lane, or the lanes that pay most together.
        sets: list[tuple[int, ...]] = [(lane,) for lane in tried]
        sets += [tuple(tried[:size]) for size in range(2, min(most, len(tried)) + 1)]
        sketches, least = Sketches(self.core, tried), None
        while sets:
            chosen, cost = self._best_of(sets, sketches)
            if cost is None or (least is not None and cost >= least):
                return
            least, sets = cost, list(_near(chosen, tried))

    def _best_of(
        self, sets: list[tuple[int, ...]], sketches: Sketches
    ) -> tuple[tuple[int, ...], int | None]:
        """The set with the cheapest plan, and its cost; None where no set has one."""
        costs = sketches.costs(sets)
        at = int(costs.argmin())
        few = [sets[at]] if costs[at] < FAR else sets
        plans = [(plan.cost, lanes) for lanes in few if (plan := self.quick(lanes)) is not None]
        if not plans:
            return (), None
        return min(plans)[1], min(plans)[0]


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
