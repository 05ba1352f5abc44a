"""From a problem's facts to the numbers that the search works on.

1. Lines of one SKU become one item: they compete for the same units.
2. A location becomes a place when it has stock, a ship day and a service in time.
3. A lane is a place and a goods group with its table: the cheapest service by weight.
4. What takes a location out of the running is written down with its rule (barring.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from fulfilment.routing.barring import Barring
from fulfilment.routing.decision import Exclusion
from fulfilment.routing.items import Item, items_of
from fulfilment.routing.menus import Menus, in_time
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
from fulfilment.routing.problem import Problem, Source
from fulfilment.routing.services import collected
from fulfilment.routing.sizes import Size, fits
from fulfilment.routing.tables import Table
from fulfilment.routing.worth import opportunity


@dataclass(frozen=True, slots=True)
class Lane:
    """What a plan uses: a place, a goods group, and the table of its prices."""

    place: int
    group: int
    table: Table


@dataclass(slots=True)
class Core:
    """The numeric problem: arrays by place and item, lanes with the number of their table.

    `carries`: by lane and item, whether the lane's services take a unit. `twins`: some places
    have several lanes of one group (see menus.py), of which a plan uses one.
    """

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
    carries: Flags
    twins: bool
    tables: list[Table]
    exclusions: list[Exclusion]
    stock: dict[str, dict[str, int]]
    cut_offs_passed: dict[str, datetime]
    reference_on: date | None

    def lane(self, number: int) -> Lane:
        """The lane of that number, for a plan."""
        table = self.tables[int(self.lane_table[number])]
        return Lane(int(self.lane_place[number]), int(self.lane_group[number]), table)


def derive(problem: Problem) -> Core:
    """The numbers of a problem. Raises: ValueError for quantities, weights or prices below 0."""
    items, groups = items_of(problem)
    network = problem.network
    if not isinstance(network, Network) or not network.fits(problem):
        network = Network(problem.sources, problem.tariffs)
    return _Derivation(problem, items, groups, network).core()


class _Derivation:
    """One pass over the network for one problem."""

    def __init__(
        self, problem: Problem, items: list[Item], groups: list[str], network: Network
    ) -> None:
        self.problem, self.items, self.groups, self.network = problem, items, groups, network
        self.today = today_of(problem)
        self.sizes = [Size(item.group, item.longest_mm, item.weight) for item in items]
        sources = problem.sources
        skus, none = [item.sku for item in items], [0] * len(items)
        units = chain.from_iterable(map(s.available.get, skus, none) for s in sources)
        self.free = np.fromiter(units, np.int64).reshape(len(sources), len(items))
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
        menus = Menus(self.problem, self.network, self.sizes, self.groups, reference_on)
        classes, members = self._classes()
        chosen: list[tuple[int, int, int]] = []
        tables: list[Table] = []
        carries: list[Flags] = []
        for at, first in enumerate(classes):
            for group in np.flatnonzero(self.wanted[members == at].any(axis=0)):
                for variant, (table, items) in enumerate(
                    self._tables(menus, int(first), int(group))
                ):
                    chosen.append((at, int(group), variant))
                    tables.append(table)
                    carries.append(items)
        variants = 1 + max((variant for _, _, variant in chosen), default=0)
        table_at = np.full((len(classes), len(self.groups), variants), -1, np.int64)
        for number, key in enumerate(chosen):
            table_at[key] = number
        carried = np.array(carries, bool).reshape(len(tables), len(self.items))
        return self._assemble(reference_on, table_at[members], tables, carried)

    def _tables(self, menus: Menus, first: int, group: int) -> Iterable[tuple[Table, Flags]]:
        """The tables of a class of locations for a group."""
        if self.collected is not None and self.collected[0] == first:
            service = self.collected[1]
            if service is None or self._offset(service.arrives_on) > self.last_day:
                return ()
            return (menus.collected(service, group),)
        names = self.network.profiles[int(self.network.profile[first])]
        return menus.tables(in_time(names, self.offers, first, self.last_day), group)

    def _in_time(self, offer: Offers) -> Flags:
        found: Flags = (offer.zone >= 0) & (offer.arrives <= self.last_day)
        return found

    def _carried(self, name: str) -> Flags:
        """Locations with goods that the tariff carries."""
        rates = self.network.tariffs[name].groups
        carried = [
            self.groups[size.group] in rates and fits(rates[self.groups[size.group]], size)
            for size in self.sizes
        ]
        found: Flags = np.asarray((self.usable[:, carried] > 0).any(axis=1))
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

    def _assemble(
        self, reference_on: date | None, table_at: Ints, tables: list[Table], carried: Flags
    ) -> Core:
        problem, items = self.problem, self.items
        # Lanes of all locations first, by group and location; then those that send something.
        group, at, variant = np.nonzero((table_at >= 0).transpose(1, 0, 2))
        table = table_at[at, group, variant]
        served = np.zeros((len(problem.sources), len(items)), bool)
        np.logical_or.at(served, at, carried[table])
        useful = (carried[table] & (self.usable[at] > 0)).any(axis=1)
        group, at, table = group[useful], at[useful], table[useful]
        kept = np.unique(at)
        available = np.where(served[kept], self.usable[kept], 0)
        sources = [problem.sources[number] for number in kept]
        worth = opportunity(
            sources,
            [item.sku for item in items],
            np.array([item.margin for item in items]),
            self.free[kept],
            available > 0,
        )
        weighed: Ints = np.rint(worth * (problem.counter_percent / 100)).astype(np.int64)
        barring = Barring(
            problem,
            items,
            self.groups,
            self.sizes,
            network=self.network,
            offers=self.offers,
            last_day=self.last_day,
        )
        return Core(
            problem=problem,
            items=items,
            groups=self.groups,
            sources=sources,
            capacity=self._capacity()[kept],
            line=self.network.line_minor[kept],
            available=available,
            unit=self.network.unit_minor[kept][:, None] + weighed,
            opportunity=weighed,
            lane_place=np.searchsorted(kept, at),
            lane_group=group,
            lane_table=table,
            carries=carried[table],
            twins=table_at.shape[2] > 1,
            tables=tables,
            exclusions=barring.exclusions(self.free, self.usable, served),
            stock=(stock := barring.stock(self.free)),
            cut_offs_passed=barring.cut_offs(stock),
            reference_on=reference_on,
        )

    def _capacity(self) -> Ints:
        """Parcels a location may send: the least of its services in time."""
        least = np.full(self.network.size, UNLIMITED, np.int64)
        for name, offer in self.offers.items():
            here = self._carried(name) & self._in_time(offer)
            least[here] = np.minimum(least[here], offer.free[here])
        return least
