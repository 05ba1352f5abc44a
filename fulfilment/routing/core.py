"""From a problem's facts to the numbers that the search works on.

1. Lines of one SKU become one item: they compete for the same units.
2. A location becomes a place when it has stock, a ship day and a service in time.
3. A lane is a place and a goods group with its table: the cheapest service by weight.
4. What takes a location out of the running is written down with its rule (barring.py).
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from fulfilment.routing.barring import exclusions
from fulfilment.routing.decision import Exclusion
from fulfilment.routing.network import (
    NEVER_DAY,
    UNLIMITED,
    Flags,
    Ints,
    Network,
    Offers,
    capacity_of,
    today_of,
)
from fulfilment.routing.problem import Line, Problem, Source
from fulfilment.routing.services import Service, collected
from fulfilment.routing.tables import Table, table_of

NEVER = 10**8
"""Price of an unfilled unit where the order ships whole or not at all."""
NEGLIGIBLE = math.log(1e-12)


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


@dataclass(frozen=True, slots=True)
class Lane:
    """What a plan uses: a place, a goods group, and the table of its prices."""

    place: int
    group: int
    table: Table


@dataclass(slots=True)
class Core:
    """The numeric problem: arrays by place and item, lanes with the number of their table."""

    problem: Problem
    items: list[Item]
    groups: list[str]
    sources: list[Source]
    capacity: Ints
    line: Ints
    available: Ints
    unit: Ints
    opportunity: Ints
    lane_place: Ints
    lane_group: Ints
    lane_table: Ints
    tables: list[Table]
    exclusions: list[Exclusion]
    stock: dict[str, dict[str, int]]
    reference_on: date | None

    def lane(self, number: int) -> Lane:
        """The lane of that number, for a plan."""
        table = self.tables[int(self.lane_table[number])]
        return Lane(int(self.lane_place[number]), int(self.lane_group[number]), table)


def poisson_tails(at_least: Ints, rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(X >= at_least) for X ~ Poisson(rate), one by one: the chance that counters need them all.

    Tails below 1e-12 (Chernoff bound) are 0: no margin makes a cent of them.
    """
    asked = np.maximum(at_least, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = -rate + asked * (1 + np.log(rate) - np.log(asked))
    some = (at_least > 0) & (rate > 0) & ((asked <= rate) | (bound >= NEGLIGIBLE))
    tail = np.where(at_least <= 0, 1.0, 0.0)
    least, mean = at_least[some], rate[some]
    term = np.exp(-mean)
    total = term.copy()
    for sold in range(1, int(least.max(initial=0))):
        term *= mean / sold
        total += np.where(sold < least, term, 0.0)
    tail[some] = np.maximum(0.0, 1.0 - total)
    return tail


def poisson_tail(at_least: int, rate: float) -> float:
    """P(X >= at_least) for X ~ Poisson(rate)."""
    return float(poisson_tails(np.array([at_least]), np.array([rate]))[0])


def derive(problem: Problem) -> Core:
    """The numbers of a problem. Raises: ValueError for quantities, weights or prices below 0."""
    items, groups = _items(problem)
    network = problem.network
    if network is None or not network.fits(problem):
        network = Network(problem.sources, problem.tariffs)
    return _Derivation(problem, items, groups, network).core()


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


class _Derivation:
    """One pass over the network for one problem."""

    def __init__(
        self, problem: Problem, items: list[Item], groups: list[str], network: Network
    ) -> None:
        self.problem, self.items, self.groups, self.network = problem, items, groups, network
        self.today = today_of(problem)
        sources = problem.sources
        self.free = np.array(
            [[s.available.get(item.sku, 0) for item in items] for s in sources], np.int64
        ).reshape(len(sources), len(items))
        np.maximum(self.free, 0, out=self.free)
        self.usable = np.minimum(self.free, [item.need for item in items])
        for number, item in enumerate(items):
            self.usable[~network.handles(groups[item.group]), number] = 0
            if item.refused_by:
                barred = [s.location in item.refused_by for s in sources]
                self.usable[barred, number] = 0
        group_of = np.array([item.group for item in items])
        self.wanted = np.array(
            [(self.usable[:, group_of == g] > 0).any(axis=1) for g in range(len(groups))], bool
        ).T.reshape(len(sources), len(groups))
        self.offers = network.offers(problem, capacity_of(sources))
        soft = problem.need_by_late_minor is not None
        self.last_day = self._offset(None if soft else problem.need_by_on)
        self.collected = collected(problem)

    def _offset(self, day: date | None) -> int:
        return NEVER_DAY - 1 if day is None else (day - self.today).days

    def core(self) -> Core:
        """The numbers, with lanes and exclusions."""
        reference_on = self._reference()
        classes, members = self._classes()
        table_at = np.full((len(classes), len(self.groups)), -1, np.int64)
        tables: list[Table] = []
        for at, first in enumerate(classes):
            for group in np.flatnonzero(self.wanted[members == at].any(axis=0)):
                table = self._table(int(first), int(group), reference_on)
                if table is not None:
                    table_at[at, group] = len(tables)
                    tables.append(table)
        return self._assemble(reference_on, table_at[members], tables)

    def _in_time(self, offer: Offers) -> Flags:
        found: Flags = (offer.zone >= 0) & (offer.arrives <= self.last_day)
        return found

    def _carried(self, name: str) -> Flags:
        """Locations with goods that the tariff carries."""
        rates = self.network.tariffs[name].groups
        carried = [number for number, group in enumerate(self.groups) if group in rates]
        found: Flags = np.asarray(self.wanted[:, carried].any(axis=1))
        if self.collected is not None:
            found[self.collected[0]] = False
        return found

    def _reference(self) -> date | None:
        """The day from which a day later costs money; None when no day does."""
        problem = self.problem
        if problem.promise_on is not None:
            return problem.promise_on
        if problem.need_by_on is not None:
            return None
        first = NEVER_DAY
        for name, offer in self.offers.items():
            here = self._carried(name) & self._in_time(offer)
            first = min(first, int(offer.arrives.min(initial=NEVER_DAY, where=here)))
        if self.collected is not None and self.wanted[self.collected[0]].any():
            service = self.collected[1]
            if service is not None:
                first = min(first, self._offset(service.arrives_on))
        return None if first >= NEVER_DAY else self.today + timedelta(days=first)

    def _classes(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Locations with the same services, zones and days: (one of each class, class of each)."""
        code = self.network.profile
        for offer in self.offers.values():
            more = np.where(offer.zone >= 0, (offer.zone + 1) * NEVER_DAY + offer.ships, 0)
            more += code * (NEVER_DAY * NEVER_DAY)
            _, code = np.unique(more, return_inverse=True)
        if self.collected is not None:
            code = code.copy()
            code[self.collected[0]] = -1
        _, first, members = np.unique(code, return_index=True, return_inverse=True)
        return first, members

    def _table(self, first: int, group: int, reference_on: date | None) -> Table | None:
        """The prices of a class for a group; None without a service in time."""
        if self.collected is not None and self.collected[0] == first:
            service = self.collected[1]
            if service is None or self._offset(service.arrives_on) > self.last_day:
                return None
            return table_of([service], self.problem.split_minor)
        names = self.network.profiles[int(self.network.profile[first])]
        days = []
        for name in names:
            offer = self.offers.get(name)
            if offer is not None and self._in_time(offer)[first]:
                facts = (int(offer.zone[first]), int(offer.ships[first]), int(offer.arrives[first]))
                days.append((name, facts))
        key = (tuple(days), self.groups[group], self.today, reference_on, *self._prices())
        if key in self.network.tables:
            return self.network.tables[key]
        services = self._services(days, self.groups[group], reference_on)
        table = table_of(services, self.problem.split_minor) if services else None
        return self.network.keep(key, table)

    def _prices(self) -> tuple[object, ...]:
        """What tables depend on beside days and tariffs."""
        problem, soft = self.problem, self.problem.need_by_late_minor
        need_by = None if soft is None else problem.need_by_on
        return problem.late_minor, problem.split_minor, soft, need_by

    def _late(self, arrives_on: date, reference_on: date | None) -> int:
        """What arriving on a day costs per parcel."""
        problem, soft = self.problem, self.problem.need_by_late_minor
        days = 0 if reference_on is None else max(0, (arrives_on - reference_on).days)
        cost = days * problem.late_minor
        if problem.need_by_on is not None and soft is not None:
            cost += max(0, (arrives_on - problem.need_by_on).days) * soft
        return cost

    def _services(
        self,
        days: list[tuple[str, tuple[int, int, int]]],
        group: str,
        reference_on: date | None,
    ) -> list[Service]:
        found = []
        for name, (at, ships, arrives) in days:
            tariff = self.network.tariffs[name]
            rates = tariff.groups.get(group)
            if rates is None:
                continue
            arrives_on = self.today + timedelta(days=arrives)
            surcharge = tariff.zones[at].surcharge_minor
            found.append(
                Service(
                    name,
                    self.today + timedelta(days=ships),
                    arrives_on,
                    self._late(arrives_on, reference_on),
                    rates.steps_grams,
                    tuple(price + surcharge for price in rates.prices_minor),
                    rates.max_parcels,
                )
            )
        return found

    def _assemble(self, reference_on: date | None, table_at: Ints, tables: list[Table]) -> Core:
        problem, items = self.problem, self.items
        served = self.wanted & (table_at >= 0)
        kept = np.flatnonzero(served.any(axis=1))
        group_of = [item.group for item in items]
        available = np.where(served[kept][:, group_of], self.usable[kept], 0)
        opportunity = self._opportunity(kept, available)
        places, groups = np.nonzero(served[kept])
        order = np.lexsort((places, groups))
        lane_place, lane_group = places[order], groups[order]
        barred, stock = exclusions(
            problem,
            items,
            self.groups,
            free=self.free,
            usable=self.usable,
            served=served,
            nearest=np.argsort(self.network.distances(problem.destination), kind="stable").tolist(),
        )
        return Core(
            problem=problem,
            items=items,
            groups=self.groups,
            sources=[problem.sources[at] for at in kept],
            capacity=self._capacity()[kept],
            line=self.network.line_minor[kept],
            available=available,
            unit=self.network.unit_minor[kept][:, None] + opportunity,
            opportunity=opportunity,
            lane_place=lane_place,
            lane_group=lane_group,
            lane_table=table_at[kept][lane_place, lane_group],
            tables=tables,
            exclusions=barred,
            stock=stock,
            reference_on=reference_on,
        )

    def _capacity(self) -> Ints:
        """Parcels a location may send: the least of its services in time."""
        least = np.full(self.network.size, UNLIMITED, np.int64)
        for name, offer in self.offers.items():
            here = self._carried(name) & self._in_time(offer)
            least[here] = np.minimum(least[here], offer.free[here])
        return least

    def _opportunity(self, kept: NDArray[np.intp], available: Ints) -> Ints:
        """What giving one unit away costs: at a store's counter, or orders still to come."""
        found = np.zeros(available.shape, np.int64)
        margin = np.array([item.margin for item in self.items])
        skus = [item.sku for item in self.items]
        sources = [self.problem.sources[at] for at in kept]
        rate = np.zeros(available.shape)
        for row, source in enumerate(sources):
            if source.counter_rate:
                rate[row] = [source.counter_rate.get(sku, 0.0) for sku in skus]
        here = np.nonzero(
            (available > 0) & (rate > 0) & (margin > 0) & self.network.counts[kept][:, None]
        )
        tails = poisson_tails(self.free[kept][here], rate[here])
        found[here] = np.rint(margin[here[1]] * tails)
        for row, source in enumerate(sources):
            if source.shadow:
                worth = [source.shadow.get(sku, 0) for sku in skus]
                np.maximum(found[row], worth, out=found[row], where=available[row] > 0)
        weighed: Ints = np.rint(found * (self.problem.counter_percent / 100)).astype(np.int64)
        return weighed
