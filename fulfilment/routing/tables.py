"""Tables of prices by weight: what a location's services cost for a goods group.

A table is the lower envelope of the services that are in time: up to `up_to[j]` grams it costs
`cost[j]`. Weight above a service's top step goes on in further parcels of the same service.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

from fulfilment.routing.services import COLLECT, UNLIMITED, Service


@dataclass(slots=True)
class Table:
    """Steps by weight. `cost` contains lateness and the split price of each of `parcels[j]`."""

    up_to: list[int] = field(default_factory=list)
    cost: list[int] = field(default_factory=list)
    parcels: list[int] = field(default_factory=list)
    service: list[Service] = field(default_factory=list)

    def step(self, grams: int) -> int:
        """Index of the step for a weight; `len(up_to)` when it is too heavy."""
        return bisect_left(self.up_to, grams)

    def until(self, grams: int) -> int:
        """How many steps can matter when no load is heavier than `grams`."""
        if self.parcels != sorted(self.parcels):
            # A dearer step may need fewer parcels.
            return len(self.up_to)
        return min(len(self.up_to), self.step(grams) + 1)


def table_of(offers: list[Service], split: int) -> Table:
    """The cheapest service for each weight; fewer parcels where two cost the same."""
    table = Table()
    rows = [(_rows(offer, split), offer) for offer in offers]
    for limit in sorted({row[0] for priced, _ in rows for row in priced}):
        best: tuple[int, int] | None = None
        for priced, offer in rows:
            row = next((row for row in priced if row[0] >= limit), None)
            if row is not None and (best is None or row[1:] < best):
                best, chosen = row[1:], offer
        if best is None:
            break
        same = table.up_to and (table.cost[-1], table.parcels[-1]) == best
        if same and table.service[-1] is chosen:
            table.up_to[-1] = limit
            continue
        table.up_to.append(limit)
        table.cost.append(best[0])
        table.parcels.append(best[1])
        table.service.append(chosen)
    return table


def _rows(offer: Service, split: int) -> list[tuple[int, int, int]]:
    """(grams, cost, parcels): full parcels of the top step, then one more up to each step."""
    if offer.tariff == COLLECT:
        return [(UNLIMITED, 0, 0)]
    top, full = offer.steps[-1], offer.prices[-1] + offer.late + split
    return [
        (more * top + grams, more * full + price + offer.late + split, more + 1)
        for more in range(offer.max_parcels)
        for grams, price in zip(offer.steps, offer.prices, strict=True)
    ]
