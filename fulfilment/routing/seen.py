"""Plans seen so far in one search: the best, and the best of each set of places."""

from collections.abc import Iterator, Sequence

from fulfilment.routing.core import Core
from fulfilment.routing.inner import Solved, solve
from fulfilment.routing.plans import Plan
from fulfilment.routing.quick import Quick


class Seen:
    """What a search remembers, and what it may still spend.

    `nodes`: branches left. `best`: the cheapest plan. `by_places`: the cheapest of each set.
    """

    def __init__(self, core: Core, nodes: int) -> None:
        self.core, self.nodes = core, nodes
        self.best = Plan.empty(core)
        self.by_places: dict[frozenset[int], Plan] = {frozenset(): self.best}
        self._quick = Quick(core)
        self._tried: dict[frozenset[int], Plan | None] = {}
        self._solved: dict[tuple[int, ...], float] = {}

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

    def solved(self, lanes: Sequence[int]) -> float | None:
        """What plans on a set that was solved cost at least beyond the best one; None if new."""
        return self._solved.get(tuple(sorted(lanes)))

    def solve(self, lanes: Sequence[int], bound: float, nodes: int) -> float:
        """Solve a set of lanes; return what plans on it that were not found cost at least.

        Args:
            lanes: lane numbers; all of them are thought to be used.
            bound: what is known of them already.
            nodes: branches for this set.
        """
        key = tuple(sorted(lanes))
        found: Solved = solve(self.core, key, self.best.cost, nodes)
        self.nodes -= found.nodes
        self._solved[key] = max(bound, found.open_bound)
        self.note(found.plan)
        return self._solved[key]

    def greedy(self, tried: Sequence[int], most: int) -> None:
        """Quick plans: one lane, then more while they help, then exchanges."""
        # To begin with: one lane, or the lanes that pay most together.
        sets: list[tuple[int, ...]] = [(lane,) for lane in tried]
        sets += [tuple(tried[:size]) for size in range(2, min(most, len(tried)) + 1)]
        least: float | None = None
        while True:
            plans = [
                (plan.cost, lanes) for lanes in sets if (plan := self.quick(lanes)) is not None
            ]
            if not plans or (least is not None and min(plans)[0] >= least):
                return
            least, chosen = min(plans)
            sets = list(_near(chosen, tried))


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
