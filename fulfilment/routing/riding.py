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

from collections.abc import Iterator

from fulfilment.routing.decision import Decision, PlannedParcel
from fulfilment.routing.problem import Line, Problem, Source

FEW = 3
"""Losing plans that a decision names at most; fewer than that are all there are."""


def rides_along(decision: Decision, line: Line) -> bool:
    """Tell whether it is proved that a line needs no further parcel and delays nothing.

    Args:
        decision: complete, with its problem, whose sources know the line's SKU.
        line: one more line; of a SKU that the order does not hold yet.
    """
    problem = decision.problem
    if problem is None or not decision.proved or not decision.complete or problem.need_by_on:
        return False
    if problem.collect_at is not None or line.refused_by:
        return False
    least = min(_extra(decision, problem, line), default=None)
    return least is not None and least < _margin(decision, problem, line)


def _extra(decision: Decision, problem: Problem, line: Line) -> Iterator[int]:
    """Yield what it costs at most to put the line into each lane that takes it."""
    sources = {source.location: source for source in problem.sources}
    lanes: dict[tuple[str, str, str], list[PlannedParcel]] = {}
    for parcel in decision.parcels:
        lanes.setdefault((parcel.location, parcel.group, parcel.tariff), []).append(parcel)
    for (place, group, tariff), parcels in lanes.items():
        source = sources[place]
        if group != line.group or source.available.get(line.sku, 0) < line.quantity:
            continue
        step = _step(problem, tariff, group, parcels, line)
        if step is not None:
            worth = _worth(source, line) * problem.counter_percent // 100
            units = line.quantity * (source.handling_unit_minor + worth + 1)
            yield step + source.handling_line_minor + units


def _step(
    problem: Problem, tariff: str, group: str, parcels: list[PlannedParcel], line: Line
) -> int | None:
    """Return what the heavier load costs more, None where it needs another parcel or service."""
    rates = problem.tariffs[tariff].groups[group]
    if rates.longest_mm is not None and line.longest_mm > rates.longest_mm:
        return None
    if rates.heaviest_grams is not None and line.weight_grams > rates.heaviest_grams:
        return None
    before = parcels[-1].weight_grams
    after = before + line.quantity * line.weight_grams
    if after > rates.steps_grams[-1]:
        return None
    prices = dict(zip(rates.steps_grams, rates.prices_minor, strict=True))
    old, new = (min(step for step in prices if step >= grams) for grams in (before, after))
    return max(0, prices[new] - prices[old])


def _worth(source: Source, line: Line) -> int:
    """Return what a unit is worth there at most: to later orders, or to a counter that sells it."""
    counter = line.margin_minor if source.counter_rate.get(line.sku, 0.0) > 0 else 0
    return max(source.shadow.get(line.sku, 0), counter)


def _margin(decision: Decision, problem: Problem, line: Line) -> int:
    """Return by how many cents any plan with a further parcel, day or gap has lost at least."""
    own = min(
        rates.prices_minor[0]
        for tariff in problem.tariffs.values()
        for group, rates in tariff.groups.items()
        if group == line.group
    )
    lost = [own, problem.short_minor if line.short_minor is None else line.short_minor]
    others, parcels = decision.alternatives, len(decision.parcels)
    lost += [
        one.lost_by_minor
        for one in others
        if one.parcels > parcels or one.days_later > 0 or one.unfilled
    ]
    if len(others) >= FEW:
        lost.append(max(one.lost_by_minor for one in others))
    return min(lost)
