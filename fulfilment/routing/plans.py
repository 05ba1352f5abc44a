"""Plans: which units of which item go where, on which steps of which lanes, for how much."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from fulfilment.routing.core import Core, Lane

Spread = dict[int, dict[int, int]]
"""Units by lane and item."""
Loads = Mapping[int, int]
"""Grams by lane number."""


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


def priced(core: Core, units: Mapping[int, Mapping[int, int]]) -> Plan | None:
    """Return a plan on the cheapest steps that carry it, or None where limits forbid it.

    Args:
        core: the numbers.
        units: by lane number and item number; zeros are allowed.
    """
    if core.twins:
        together = _together(core, units)
        if together is None:
            return None
        units = together
    spreads: list[dict[int, int]] = [{} for _ in core.items]
    cost = sum(item.need * item.short for item in core.items)
    grams: dict[int, int] = {}
    for number, sent in units.items():
        place = int(core.lane_place[number])
        line, unit = int(core.line[place]), core.unit[place]
        for at, count in sent.items():
            if count:
                item = core.items[at]
                spreads[at][place] = count
                cost += line + count * (int(unit[at]) - item.short)
                grams[number] = grams.get(number, 0) + count * item.weight
    steps = _settled(core, grams)
    if steps is None:
        return None
    cost += sum(lane.table.cost[step] for lane, step, _ in steps)
    if any(lane.table.parcels[step] for lane, step, _ in steps):
        cost -= core.problem.split_minor
    return Plan(cost, spreads, steps)


def _together(core: Core, units: Mapping[int, Mapping[int, int]]) -> Spread | None:
    """A place's load of a group on the one lane that takes all of it cheapest; None for too much.

    Of the lanes of one place and group, those with fewer items have more services to choose from.
    """
    loads: dict[tuple[int, int], dict[int, int]] = {}
    for lane, sent in units.items():
        load = loads.setdefault((int(core.lane_place[lane]), int(core.lane_group[lane])), {})
        for item, count in sent.items():
            if count:
                load[item] = load.get(item, 0) + count
    found: Spread = {}
    for (place, group), load in loads.items():
        if any(count > core.available[place, item] for item, count in load.items()):
            return None
        here = np.flatnonzero((core.lane_place == place) & (core.lane_group == group))
        fit = [int(lane) for lane in here if core.carries[lane, list(load)].all()]
        if load and not fit:
            return None
        if load:
            found[min(fit, key=lambda lane: int(core.carries[lane].sum()))] = load
    return found


def _settled(core: Core, grams: Loads) -> list[tuple[Lane, int, int]] | None:
    """The cheapest steps that carry the loads within capacity and the parcel limit."""
    first = []
    for number, load in grams.items():
        lane = core.lane(number)
        step = lane.table.step(load)
        if step == len(lane.table.up_to):
            return None
        first.append((lane, step, load))
    if within(core, first):
        return first
    best, least = None, 0
    choices: list[list[tuple[Lane, int, int]]] = [[]]
    for lane, step, load in first:
        steps = _fewer(lane, step)
        choices = [[*chosen, (lane, at, load)] for chosen in choices for at in steps]
    for chosen in choices:
        cost = sum(lane.table.cost[at] for lane, at, _ in chosen)
        if (best is None or cost < least) and within(core, chosen):
            best, least = chosen, cost
    return best


def _fewer(lane: Lane, step: int) -> list[int]:
    """A step and the dearer ones that need fewer parcels."""
    parcels, found = lane.table.parcels, [step]
    for at in range(step + 1, len(parcels)):
        if parcels[at] < parcels[found[-1]]:
            found.append(at)
    return found


def within(core: Core, steps: Iterable[tuple[Lane, int, int]]) -> bool:
    """Whether no location, and the order as a whole, sends more parcels than it may."""
    by_place: dict[int, int] = {}
    for lane, step, _ in steps:
        by_place[lane.place] = by_place.get(lane.place, 0) + lane.table.parcels[step]
    if sum(by_place.values()) > core.problem.max_parcels:
        return False
    return all(count <= core.capacity[place] for place, count in by_place.items())
