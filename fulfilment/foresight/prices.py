"""Prices of the future: what a unit of stock, and a parcel of a day, is worth where it is.

1. Futures are drawn from the forecast (`futures.py`): web orders until goods come again.
2. Given a price per unit and place, every order of a future is a stranger to all others: its
   cheapest split over locations is found exactly, for all orders at once.
3. A counter sells a further unit with the chance P(N >= s): a store offers the web its s-th unit
   at the price `margin x P(N >= s)`, so its stock is a supply curve, not a number.
4. Where the orders of a future take more than is offered at the price, the price goes up, where
   they take less, down: ascent of the Lagrangian dual along subgradients. Each price has steps of
   its own, by how far it has moved (AdaGrad: Duchi, Hazan, Singer 2011), and the last prices are
   averaged (Polyak, Juditsky 1992). Prices of a day's parcels are found the same way.
5. The price of a place is the mean over all futures, and never below what its counter would lose.

Source: bid prices of network revenue management (Talluri, van Ryzin 1998), applied to fulfilment
by Jasin, Sinha (2015) and Acimovic, Graves (2015); newsvendor tail: Littlewood (1972).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fulfilment.foresight.futures import MOST_LINES, Futures
from fulfilment.foresight.supply import Supply

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

CHUNK = 4096
"""Orders that are looked at together: their arrays fit into the processor's cache."""


@dataclass(frozen=True, slots=True)
class Market:
    """What serves the futures. K SKUs, L locations, R regions, D days; money in minor units.

    `stock` (K, L) free units. `counter` (K, L) units that the counters are expected to sell.
    `parcel` (L, R) a parcel with nothing in it. `line` (K, L) what a unit adds: handling, weight.
    `margin` (K) lost with a sale over the counter, `short` (K) with a unit that the web lacks.
    `parcels` (D, L) that a location can send on a day; infinite without a limit.
    """

    stock: Ints
    counter: Floats
    parcel: Floats
    line: Floats
    margin: Floats
    short: Floats
    parcels: Floats


@dataclass(frozen=True, slots=True)
class Prices:
    """`unit` (F, K, L) and `parcel` (F, D, L) in minor units, one layer per future.

    `bound`: of each future, the most that the prices proved its cost to be at least.
    `used` (K, L): units that the futures took of each place, on average.
    """

    unit: Floats
    parcel: Floats
    bound: Floats
    used: Floats

    def mean_unit(self) -> Floats:
        """The price of a unit by SKU and location."""
        mean: Floats = self.unit.mean(axis=0)
        return mean

    def mean_parcel(self) -> Floats:
        """The price of a parcel by day and location."""
        mean: Floats = self.parcel.mean(axis=0)
        return mean


@dataclass(frozen=True, slots=True)
class Pace:
    """How the prices are looked for.

    `rounds` at most. `step` is the first step in usual parcels, about as far as prices are away.
    `memory` is the weight of the newest prices in their average.
    """

    rounds: int = 100
    step: float = 0.5
    memory: float = 0.15


def solve(market: Market, futures: Futures, pace: Pace, start: Prices | None = None) -> Prices:
    """Return prices under which the futures' orders take about what there is.

    Args:
        market: stock, costs, counters.
        futures: drawn web orders.
        pace: how long is looked.
        start: prices to begin with (those of an earlier run; as many futures).
    """
    return _Ascent(market, futures).run(pace, start)


class _Ascent:
    """The arrays of one search."""

    def __init__(self, market: Market, futures: Futures) -> None:
        self.market, self.futures = market, futures
        self.kinds, self.places = market.stock.shape
        self.supply = Supply(market.stock, market.counter, market.margin)
        self.most = np.maximum(market.margin, market.short)[:, None]
        self.limited = np.isfinite(market.parcels)
        self.groups = [
            _Group(market, futures, np.nonzero(futures.length == n)[0], n)
            for n in range(1, MOST_LINES + 1)
        ]

    def run(self, pace: Pace, start: Prices | None) -> Prices:
        futures, market = self.futures, self.market
        days = len(market.parcels)
        if start is None:
            unit = np.repeat(self.supply.floor[None], futures.count, axis=0)
            parcel = np.zeros((futures.count, days, self.places))
        else:
            unit, parcel = np.maximum(start.unit, self.supply.floor), start.parcel.copy()
        best = np.full(futures.count, -np.inf)
        mean_unit, mean_parcel, mean_used = unit, parcel, np.zeros_like(unit)
        limit = np.where(self.limited, market.parcels, 0.0)
        whole = pace.step * usual_parcel(market.parcel)
        moved, crowded = np.ones(unit.shape), np.ones(parcel.shape)
        for number in range(pace.rounds):
            cost, used, sent = self._look(unit, parcel)
            offered = self.supply.offered(unit)
            bound = cost - self.supply.rent(unit) - (parcel * limit).sum(axis=(1, 2))
            best = np.maximum(best, bound)
            over = used - offered
            moved += over * over
            unit = unit + whole * over / np.sqrt(moved)
            unit = np.clip(unit, self.supply.floor, self.most)
            late = np.where(self.limited, sent - limit, 0.0)
            crowded += late * late
            parcel = np.maximum(0.0, parcel + whole * late / np.sqrt(crowded))
            weight = max(pace.memory, 1 / (number + 1))
            mean_unit = mean_unit + weight * (unit - mean_unit)
            mean_parcel = mean_parcel + weight * (parcel - mean_parcel)
            mean_used = mean_used + weight * (used - mean_used)
        return Prices(mean_unit, mean_parcel, best, mean_used.mean(axis=0))

    def _look(self, unit: Floats, parcel: Floats) -> tuple[Floats, Floats, Floats]:
        """Let every order choose: cost by future, units taken, parcels sent."""
        futures = self.futures
        days = parcel.shape[1]
        table = (unit + self.market.line).astype(np.float32).reshape(-1, self.places)
        daily = parcel.astype(np.float32).reshape(-1, self.places)
        cost = np.zeros(futures.count)
        used = np.zeros(futures.count * self.kinds * self.places)
        sent = np.zeros(futures.count * days * self.places)
        for group in self.groups:
            group.choose(table, daily, cost, used, sent)
        shape = (futures.count, self.kinds, self.places)
        return cost, used.reshape(shape), sent.reshape(futures.count, days, self.places)


def usual_parcel(parcel: Floats) -> float:
    """Return what a parcel costs mostly: the scale of all prices, minor units."""
    return max(1.0, float(np.median(parcel))) if parcel.size else 1.0


class _Group:
    """All orders of one length."""

    def __init__(self, market: Market, futures: Futures, orders: Ints, length: int) -> None:
        self.length, self.places = length, market.stock.shape[1]
        self.future = futures.future[orders]
        self.row = self.future[:, None] * len(market.stock) + futures.skus[orders, :length]
        self.day = self.future * len(market.parcels) + futures.day[orders]
        self.region = futures.region[orders]
        self.parcel = np.ascontiguousarray(market.parcel.T.astype(np.float32))
        self.short = market.short[futures.skus[orders, :length]].astype(np.float32)

    def choose(
        self, table: Singles, daily: Singles, cost: Floats, used: Floats, sent: Floats
    ) -> None:
        """Add every order's cheapest split to what is passed in."""
        for at in range(0, len(self.row), CHUNK):
            rows = slice(at, at + CHUNK)
            base = self.parcel[self.region[rows]] + daily[self.day[rows]]
            lines = [table[self.row[rows, line]] for line in range(self.length)]
            paid, chosen, opened = cheapest(base, lines, self.short[rows])
            cost += np.bincount(self.future[rows], paid, minlength=len(cost))
            for line in range(self.length):
                place = chosen[:, line]
                has = place >= 0
                index = self.row[rows, line][has] * self.places + place[has]
                np.add.at(used, index, 1.0)
            for place in opened.T:
                has = place >= 0
                np.add.at(sent, self.day[rows][has] * self.places + place[has], 1.0)


def cheapest(base: Singles, lines: list[Singles], short: Singles) -> tuple[Singles, Ints, Ints]:
    """Return the cheapest split of many orders of one length: exact, by subsets of lines.

    Args:
        base: (m, L) price of a parcel from each location.
        lines: for each line, (m, L) what it adds there.
        short: (m, n) price of leaving a line out.

    Returns:
        cost (m), location of each line (m, n; -1 left out), locations that send (m, n; -1 none).
    """
    m, n = short.shape
    size = 1 << n
    alone = np.empty((size, m), np.float32)
    where = np.empty((size, m), np.int64)
    sums: list[Singles] = [base]
    for members in range(1, size):
        low = members & -members
        total = sums[members ^ low] + lines[low.bit_length() - 1]
        sums.append(total)
        where[members] = total.argmin(axis=1)
        alone[members] = np.take_along_axis(total, where[members][:, None], axis=1)[:, 0]
        if members == low:
            price = short[:, low.bit_length() - 1]
            out = price < alone[members]
            alone[members] = np.where(out, price, alone[members])
            where[members][out] = -1
    best, first = alone.copy(), np.tile(np.arange(size)[:, None], (1, m))
    best[0] = 0.0
    for members in range(1, size):
        low = members & -members
        rest = members ^ low
        part = rest
        while part:  # every part that leaves the lowest line with fewer companions
            with_low = members ^ part
            total = alone[with_low] + best[part]
            better = total < best[members]
            best[members] = np.where(better, total, best[members])
            first[members][better] = with_low
            part = (part - 1) & rest
    return best[size - 1], *_unfold(first, where, m, n)


def _unfold(first: Ints, where: Ints, m: int, n: int) -> tuple[Ints, Ints]:
    """Follow the choices from the whole order down to its lines."""
    order = np.arange(m)
    chosen, opened = np.full((m, n), -1, np.int64), np.full((m, n), -1, np.int64)
    left = np.full(m, (1 << n) - 1)
    for number in range(n):
        going = left > 0
        if not going.any():
            break
        part = np.where(going, first[left, order], 0)
        place = np.where(going, where[part, order], -1)
        opened[:, number] = place
        for line in range(n):
            chosen[:, line] = np.where(part >> line & 1 == 1, place, chosen[:, line])
        left = left ^ part
    return chosen, opened
