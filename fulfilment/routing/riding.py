"""Whether one more unit would travel in a parcel that a plan sends anyway, without a new plan.

1. A lane of the plan takes it: same group, a free unit there, within size and weight of its
   service, and the load needs no further parcel.
2. That costs `more` cents: the next weight step, handling, and what the unit is worth there.
3. The plan is proved to be the cheapest, and whatever sends more parcels, comes later or leaves
   something out has lost by more than that: each losing plan by what it lost, those nobody named by
   the most any named one lost, a parcel of its own by the lowest price of one, a gap by its price.

Then no plan with a further parcel can be cheaper for the longer order: without the unit it would be
a plan for the shorter one, within `more` of the cheapest. Where any of it fails, nothing is said,
and the router has to be asked.
"""

from bisect import bisect_left
from dataclasses import dataclass

from fulfilment.routing.decision import Decision, PlannedParcel
from fulfilment.routing.problem import Line, Problem, Rates, Source

FEW = 3
"""Losing plans that a decision names at most; fewer than that are all there are."""


@dataclass(frozen=True, slots=True)
class _Lane:
    """A location's parcels of a service: the last one weighs `grams`, which costs `paid_minor`."""

    source: Source
    rates: Rates
    grams: int
    paid_minor: int

    def costs_at_most(self, line: Line, counter_percent: int) -> int | None:
        """Return what it costs at most to put a line in; None where the parcel does not take it."""
        source, rates = self.source, self.rates
        if source.available.get(line.sku, 0) < line.quantity:
            return None
        if rates.longest_mm is not None and line.longest_mm > rates.longest_mm:
            return None
        if rates.heaviest_grams is not None and line.weight_grams > rates.heaviest_grams:
            return None
        after = self.grams + line.quantity * line.weight_grams
        if after > rates.steps_grams[-1]:
            return None
        step = max(0, rates.prices_minor[bisect_left(rates.steps_grams, after)] - self.paid_minor)
        worth = _worth(source, line) * counter_percent // 100
        units = line.quantity * (source.handling_unit_minor + worth + 1)
        return step + source.handling_line_minor + units


class Room:
    """What still goes into the parcels of a plan. One is made for a plan, and asked for many lines.

    Args:
        decision: with its problem, whose sources know the SKUs of the lines.
    """

    def __init__(self, decision: Decision) -> None:
        """Look at the plan once."""
        self._lanes: dict[str, list[_Lane]] = {}
        self._lost: dict[str, int] = {}
        self._problem = problem = decision.problem
        if problem is None or not decision.proved or not decision.complete or problem.need_by_on:
            return
        if problem.collect_at is None:
            self._look(decision, problem)

    def takes(self, line: Line) -> bool:
        """Tell whether it is proved that a line needs no further parcel and delays nothing.

        Args:
            line: one more line; of a SKU that the order does not hold yet.
        """
        lanes = self._lanes.get(line.group, ())
        if not lanes or line.refused_by or self._problem is None:
            return False
        percent = self._problem.counter_percent
        costs = [cost for lane in lanes if (cost := lane.costs_at_most(line, percent)) is not None]
        short = self._problem.short_minor if line.short_minor is None else line.short_minor
        return bool(costs) and min(costs) < min(short, self._lost[line.group])

    def _look(self, decision: Decision, problem: Problem) -> None:
        sources = {source.location: source for source in problem.sources}
        last: dict[tuple[str, str, str], PlannedParcel] = {
            (one.location, one.group, one.tariff): one for one in decision.parcels
        }
        for (place, group, tariff), parcel in last.items():
            rates, grams = problem.tariffs[tariff].groups[group], parcel.weight_grams
            if grams > rates.steps_grams[-1]:
                continue
            paid = rates.prices_minor[bisect_left(rates.steps_grams, grams)]
            self._lanes.setdefault(group, []).append(_Lane(sources[place], rates, grams, paid))
        elsewhere = _lost(decision)
        self._lost = {
            group: min((_cheapest_parcel(problem, group), *elsewhere)) for group in self._lanes
        }


def rides_along(decision: Decision, line: Line) -> bool:
    """Tell whether a plan's parcels take one more line: `Room.takes` for a single question."""
    return Room(decision).takes(line)


def _worth(source: Source, line: Line) -> int:
    """Return what a unit is worth there at most: to later orders, or to a counter that sells it."""
    counter = line.margin_minor if source.counter_rate.get(line.sku, 0.0) > 0 else 0
    return max(source.shadow.get(line.sku, 0), counter)


def _cheapest_parcel(problem: Problem, group: str) -> int:
    """Return the lowest price of a parcel of a group."""
    tariffs = problem.tariffs.values()
    return min(one.groups[group].prices_minor[0] for one in tariffs if group in one.groups)


def _lost(decision: Decision) -> list[int]:
    """Return by how many cents plans with a further parcel, day or gap have lost."""
    others, parcels = decision.alternatives, len(decision.parcels)
    lost = [
        one.lost_by_minor
        for one in others
        if one.parcels > parcels or one.days_later > 0 or one.unfilled
    ]
    if len(others) >= FEW:
        lost.append(max(one.lost_by_minor for one in others))
    return lost
