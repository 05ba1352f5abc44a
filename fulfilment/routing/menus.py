"""Which services a location may choose from for a load, and what they cost by weight.

Usually one table per location and goods group. Where a service takes only short or light units, a
load may be sent by it only when all its units fit: each set of services that fits some items gets a
table of its own, for those items. Of one location and group a plan uses one of these tables.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from fulfilment.routing.network import Flags, Network, Offers, today_of
from fulfilment.routing.problem import Problem, Rates
from fulfilment.routing.services import Service
from fulfilment.routing.sizes import Size, fits
from fulfilment.routing.tables import Table, table_of

Days = tuple[int, int, int]
"""Zone, days until it ships, days until it arrives."""


class Menus:
    """The tables of one problem."""

    def __init__(
        self,
        problem: Problem,
        network: Network,
        sizes: Sequence[Size],
        groups: Sequence[str],
        reference_on: date | None,
    ) -> None:
        self.problem, self.network, self.sizes = problem, network, sizes
        self.groups, self.reference_on = groups, reference_on
        self.today = today_of(problem)

    def tables(
        self, services: Sequence[tuple[str, Days]], group: int
    ) -> Iterator[tuple[Table, Flags]]:
        """Every table of a location for a goods group, and the items that it is for.

        Args:
            services: the tariffs that arrive in time, and their days.
            group: number of the goods group.
        """
        for names, items in self._choices([name for name, _ in services], group):
            table = self._table(tuple(one for one in services if one[0] in names), group)
            if table is not None:
                yield table, items

    def collected(self, service: Service, group: int) -> tuple[Table, Flags]:
        """The table of the store where the order is collected: any size, no parcel."""
        return table_of([service], self.problem.split_minor), self._of(group)

    def _of(self, group: int) -> Flags:
        return np.array([size.group == group for size in self.sizes], bool)

    def _choices(self, names: Sequence[str], group: int) -> Iterator[tuple[frozenset[str], Flags]]:
        """Sets of services that fit the same items, widest choice of services first."""
        rates = {
            name: found
            for name in names
            if (found := self.network.tariffs[name].groups.get(self.groups[group])) is not None
        }
        if not any(_limited(rate) for rate in rates.values()):
            if rates:
                yield frozenset(rates), self._of(group)
            return
        allowed = [
            frozenset(n for n, rate in rates.items() if size.group == group and fits(rate, size))
            for size in self.sizes
        ]
        sets = set(allowed)
        # A load of two items goes by what fits both.
        while more := {one & other for one in sets for other in sets} - sets:
            sets |= more
        for names_of in sorted(sets - {frozenset()}, key=lambda one: (-len(one), sorted(one))):
            yield names_of, np.array([names_of <= one for one in allowed], bool)

    def _table(self, services: tuple[tuple[str, Days], ...], group: int) -> Table | None:
        """The prices of some services for a group, kept from order to order."""
        problem, soft = self.problem, self.problem.need_by_late_minor
        need_by = None if soft is None else problem.need_by_on
        prices = (problem.late_minor, problem.split_minor, soft, need_by)
        key = (services, self.groups[group], self.today, self.reference_on, prices)
        if key in self.network.tables:
            return self.network.tables[key]
        offers = list(self._services(services, self.groups[group]))
        return self.network.keep(key, table_of(offers, problem.split_minor) if offers else None)

    def _services(self, services: Sequence[tuple[str, Days]], group: str) -> Iterator[Service]:
        for name, (at, ships, arrives) in services:
            tariff = self.network.tariffs[name]
            rates, surcharge = tariff.groups[group], tariff.zones[at].surcharge_minor
            arrives_on = self.today + timedelta(days=arrives)
            yield Service(
                name,
                self.today + timedelta(days=ships),
                arrives_on,
                self._late(arrives_on),
                rates.steps_grams,
                tuple(price + surcharge for price in rates.prices_minor),
                rates.max_parcels,
            )

    def _late(self, arrives_on: date) -> int:
        """What arriving on a day costs per parcel."""
        problem, soft = self.problem, self.problem.need_by_late_minor
        since = self.reference_on
        cost = 0 if since is None else max(0, (arrives_on - since).days) * problem.late_minor
        if problem.need_by_on is not None and soft is not None:
            cost += max(0, (arrives_on - problem.need_by_on).days) * soft
        return cost


def in_time(
    names: Sequence[str], offers: Mapping[str, Offers], at: int, last_day: int
) -> list[tuple[str, Days]]:
    """The services of a location that arrive in time, in its order, and their days."""
    found = []
    for name in names:
        offer = offers.get(name)
        if offer is not None and offer.zone[at] >= 0 and offer.arrives[at] <= last_day:
            days = (int(offer.zone[at]), int(offer.ships[at]), int(offer.arrives[at]))
            found.append((name, days))
    return found


def _limited(rates: Rates) -> bool:
    return rates.longest_mm is not None or rates.heaviest_grams is not None
