"""From a problem's facts to the numbers that the search works on.

1. Lines of one SKU become one item: they compete for the same units.
2. A location becomes a place when it has stock, a ship day and a service in time.
3. A lane is a place and a goods group: the cheapest service for each weight step.
4. What takes a location out of the running is written down with its rule.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache

from fulfilment.routing.decision import Exclusion
from fulfilment.routing.problem import Line, Problem, Source
from fulfilment.routing.services import (
    COLLECT,
    UNLIMITED,
    Service,
    services_in_time,
    why_not,
)

NEVER = 10**8
"""Price of an unfilled unit where the order ships whole or not at all."""


@dataclass(slots=True)
class Item:
    """All lines of one SKU."""

    sku: str
    need: int
    weight: int
    group: int
    margin: int
    short: int
    refused_by: frozenset[str]
    lines: list[Line]


@dataclass(slots=True)
class Lane:
    """Step function of one place and group: up to `up_to[j]` grams it costs `cost[j]`.

    `cost` contains the price of being late and the split price of each of its `parcels[j]`.
    """

    place: int
    group: int
    up_to: list[int] = field(default_factory=list)
    cost: list[int] = field(default_factory=list)
    parcels: list[int] = field(default_factory=list)
    service: list[Service] = field(default_factory=list)

    def step(self, grams: int) -> int:
        """Index of the step for a weight; `len(up_to)` when it is too heavy."""
        return bisect_left(self.up_to, grams)


@dataclass(slots=True)
class Place:
    """A location that can ship in time: units, unit prices and lanes by group."""

    source: Source
    capacity: int
    available: list[int]
    unit: list[int]
    opportunity: list[int]
    lanes: dict[int, Lane]


@dataclass(slots=True)
class Core:
    """The numeric problem."""

    problem: Problem
    items: list[Item]
    groups: list[str]
    places: list[Place]
    exclusions: list[Exclusion]
    stock: dict[str, dict[str, int]]
    reference_on: date | None


NEGLIGIBLE = math.log(1e-12)


@lru_cache(maxsize=65536)
def poisson_tail(at_least: int, rate: float) -> float:
    """P(X >= at_least) for X ~ Poisson(rate): the chance that the counter needs them all.

    Tails below 1e-12 (Chernoff bound) are 0: no margin makes a cent of them.
    """
    if at_least <= 0:
        return 1.0
    if rate <= 0:
        return 0.0
    if at_least > rate:
        log_bound = -rate + at_least * (1 + math.log(rate) - math.log(at_least))
        if log_bound < NEGLIGIBLE:
            return 0.0
    term = total = math.exp(-rate)
    for sold in range(1, at_least):
        term *= rate / sold
        total += term
    return max(0.0, 1.0 - total)


def derive(problem: Problem) -> Core:
    """The numbers of a problem. Raises: ValueError for quantities, weights or prices below 0."""
    items, groups = _items(problem)
    candidates: list[_Candidate] = []
    core = Core(problem, items, groups, [], [], {}, None)
    for source in problem.sources:
        candidate = _candidate(core, source)
        if candidate is not None:
            candidates.append(candidate)
    core.reference_on = _reference(problem, candidates)
    for candidate in candidates:
        _add_place(core, candidate)
    return core


def _items(problem: Problem) -> tuple[list[Item], list[str]]:
    groups = sorted({line.group for line in problem.lines})
    items: dict[str, Item] = {}
    for line in problem.lines:
        if line.quantity <= 0 or line.weight_grams < 0 or line.margin_minor < 0:
            raise ValueError(f"line {line.key}: quantity, weight or margin out of range")
        short = problem.short_minor if line.short_minor is None else line.short_minor
        if problem.ship_complete:
            short = NEVER
        item = items.get(line.sku)
        if item is None:
            items[line.sku] = Item(
                line.sku,
                line.quantity,
                line.weight_grams,
                groups.index(line.group),
                line.margin_minor,
                short,
                frozenset(line.refused_by),
                [line],
            )
        else:
            item.need += line.quantity
            item.short = max(item.short, short)
            item.refused_by |= frozenset(line.refused_by)
            item.lines.append(line)
    return list(items.values()), groups


@dataclass(slots=True)
class _Candidate:
    source: Source
    available: list[int]
    services: dict[int, list[Service]]


def _keys(items: Iterable[Item]) -> tuple[str, ...]:
    return tuple(line.key for item in items for line in item.lines)


def _candidate(core: Core, source: Source) -> _Candidate | None:
    """A location with stock that it may send in time; records why not otherwise."""
    free = [max(0, source.available.get(item.sku, 0)) for item in core.items]
    core.stock[source.location] = {
        line.key: units for item, units in zip(core.items, free, strict=True) for line in item.lines
    }
    if not any(free):
        core.exclusions.append(Exclusion(source.location, "no_stock", _keys(core.items)))
        return None
    usable = [0] * len(free)
    barred: dict[str, list[Item]] = {"refused": [], "group": []}
    for number, (item, units) in enumerate(zip(core.items, free, strict=True)):
        if not units:
            continue
        if source.location in item.refused_by:
            barred["refused"].append(item)
        elif core.groups[item.group] not in source.groups:
            barred["group"].append(item)
        else:
            usable[number] = min(units, item.need)
    for rule, items in barred.items():
        if items:
            core.exclusions.append(Exclusion(source.location, rule, _keys(items)))
    services = {}
    wanted = {item.group for item, units in zip(core.items, usable, strict=True) if units}
    for group in sorted(wanted):
        in_time = services_in_time(core.problem, source, core.groups[group])
        if in_time:
            services[group] = in_time
            continue
        stocked = zip(core.items, usable, strict=True)
        keys = _keys(item for item, units in stocked if units and item.group == group)
        core.exclusions.append(why_not(core.problem, source, core.groups[group], keys))
    return _Candidate(source, usable, services) if services else None


def _reference(problem: Problem, candidates: list[_Candidate]) -> date | None:
    """The day from which a day later costs money; None when no day does."""
    if problem.promise_on is not None:
        return problem.promise_on
    if problem.need_by_on is not None:
        return None
    arrivals = [s.arrives_on for c in candidates for offers in c.services.values() for s in offers]
    return min(arrivals, default=None)


def _add_place(core: Core, candidate: _Candidate) -> None:
    source, problem = candidate.source, core.problem
    index = len(core.places)
    lanes: dict[int, Lane] = {}
    for group, offers in candidate.services.items():
        grams = sum(item.need * item.weight for item in core.items if item.group == group)
        lane = _lane(index, group, [_priced(core, offer) for offer in offers], grams, problem)
        if lane.up_to:
            lanes[group] = lane
    available = [
        units if item.group in lanes else 0
        for item, units in zip(core.items, candidate.available, strict=True)
    ]
    if not any(available):
        return
    opportunity = [
        _opportunity(source, item) if units else 0
        for item, units in zip(core.items, available, strict=True)
    ]
    unit = [source.handling_unit_minor + price for price in opportunity]
    capacity = min(s.capacity for group in lanes for s in candidate.services[group])
    core.places.append(Place(source, capacity, available, unit, opportunity, lanes))


def _opportunity(source: Source, item: Item) -> int:
    """What a store expects to lose at its counter by giving one unit away."""
    rate = source.counter_rate.get(item.sku, 0.0)
    if source.kind != "store" or rate <= 0 or item.margin == 0:
        return 0
    return round(item.margin * poisson_tail(source.available.get(item.sku, 0), rate))


def _priced(core: Core, offer: Service) -> Service:
    if core.reference_on is None or offer.arrives_on <= core.reference_on:
        return offer
    days = (offer.arrives_on - core.reference_on) // timedelta(days=1)
    return replace(offer, late=days * core.problem.late_minor)


def _table(offer: Service, split: int) -> list[tuple[int, int, int]]:
    """(grams, cost, parcels): full parcels of the top step, then one more up to each step."""
    if offer.tariff == COLLECT:
        return [(UNLIMITED, 0, 0)]
    top, full = offer.steps[-1], offer.prices[-1] + offer.late + split
    return [
        (more * top + grams, more * full + price + offer.late + split, more + 1)
        for more in range(offer.max_parcels)
        for grams, price in zip(offer.steps, offer.prices, strict=True)
    ]


def _lane(place: int, group: int, offers: list[Service], grams: int, problem: Problem) -> Lane:
    """The cheapest service for each weight up to the first step that carries everything."""
    lane = Lane(place, group)
    tables = [(_table(offer, problem.split_minor), offer) for offer in offers]
    for limit in sorted({row[0] for table, _ in tables for row in table}):
        best: tuple[int, int] | None = None
        for table, offer in tables:
            row = next((row for row in table if row[0] >= limit), None)
            if row is not None and (best is None or row[1:] < best):
                best, chosen = row[1:], offer
        if best is None:
            break
        if lane.up_to and (lane.cost[-1], lane.parcels[-1]) == best and lane.service[-1] is chosen:
            lane.up_to[-1] = limit
        else:
            lane.up_to.append(limit)
            lane.cost.append(best[0])
            lane.parcels.append(best[1])
            lane.service.append(chosen)
        if limit >= grams:
            break
    return lane
