"""Sets of lanes under prices of their own: sharper bounds for many sets at once.

The prices of `prices.py` fit all lanes together. For one set of lanes other prices bound closer:
each set gets its own copy and a few looks, all sets in the same arrays. Every lane of a set is
thought to be used, so that it pays at least its first step.
"""

import numpy as np
from numpy.typing import NDArray

from fulfilment.routing.knapsacks import Floats, filled
from fulfilment.routing.prices import FEW, Prices

LOOKS = 14
"""Looks at most."""
AT_ONCE = 150
"""Sets that are looked at in one go."""
STEP, SMALLER, MOMENTUM = 1.0, 0.7, 0.6
"""Share of Polyak's step to begin with, what is left of it after a look without gain, and the
share of the last direction that is kept."""


def tighten(prices: Prices, rows: NDArray[np.intp], bounds: Floats, ceiling: float) -> Floats:
    """Return what plans on each set cost at least: the given bounds, or better ones.

    Args:
        prices: the lanes, and prices to begin with.
        rows: sets as rows of indices into the prices' lanes (-1: none).
        bounds: what is known of each set.
        ceiling: cents; a set that costs as much is not looked at any further.
    """
    found = bounds.copy()
    for at in range(0, len(rows), AT_ONCE):
        chunk = slice(at, at + AT_ONCE)
        found[chunk] = np.maximum(found[chunk], _Sets(prices, rows[chunk]).climb(ceiling))
    return found


class _Sets:
    """Some sets and their prices."""

    def __init__(self, prices: Prices, rows: NDArray[np.intp]) -> None:
        self.prices, self.rows = prices, rows
        self.most_price = prices.most_price
        self.fixed = prices.split

    def climb(self, ceiling: float) -> Floats:
        """The best bound of each set."""
        count = len(self.rows)
        best = np.full(count, -np.inf)
        price = np.tile(self.prices.price, (count, 1))
        kept, way = price.copy(), np.zeros_like(price)
        scale = np.full(count, STEP)
        alive = np.arange(count)
        for _ in range(LOOKS):
            bound, missing = self._look(alive, price[alive])
            better = bound > best[alive]
            best[alive] = np.maximum(best[alive], bound)
            kept[alive[better]] = price[alive[better]]
            scale[alive[~better]] *= SMALLER
            going = best[alive] < ceiling
            alive, missing, bound = alive[going], missing[going], bound[going]
            if not len(alive):
                break
            here = price[alive]
            missing[(here >= self.most_price) & (missing > 0)] = 0.0
            missing[(here <= 0) & (missing < 0)] = 0.0
            way[alive] = missing + MOMENTUM * way[alive]
            norm = np.maximum((way[alive] ** 2).sum(axis=1), FEW)
            pace = scale[alive] * np.maximum(ceiling - bound, 1.0) / norm
            price[alive] = np.clip(here + pace[:, None] * way[alive], 0.0, self.most_price)
        return best

    def _look(self, which: NDArray[np.intp], price: Floats) -> tuple[Floats, Floats]:
        """(bound, units and parcels missing) of some sets under their prices."""
        prices, rows = self.prices, self.rows[which]
        there = (rows >= 0).ravel()
        lane = np.maximum(rows, 0).ravel()
        worth = np.repeat(price, rows.shape[1], axis=0)
        units, grams, steps = prices.units[lane], prices.grams[lane], prices.steps[lane]
        value = np.maximum(units * (worth[:, :-1] - prices.unit[lane]) - prices.line[lane], 0.0)
        cost = prices.cost[lane] + worth[:, -1:] * prices.counts[lane]
        by_step, critical = filled(value, grams, steps, cost)
        row, step = np.arange(len(lane)), by_step.argmin(axis=1)
        reduced = np.where(there, by_step[row, step], 0.0)
        taken = prices.taken(value, critical[row, step], steps[row, step], lane)
        taken[~there] = 0.0
        carries = steps >= (taken @ prices.weight)[:, None] - FEW
        parcels = np.where(carries, prices.counts[lane], prices.most).min(axis=1)
        parcels[~there] = 0
        shape = (len(rows), rows.shape[1])
        sent = taken.reshape(*shape, -1).sum(axis=1)
        bound = price[:, :-1] @ prices.need + reduced.reshape(shape).sum(axis=1)
        bound -= price[:, -1] * prices.most + self.fixed
        over = parcels.reshape(shape).sum(axis=1) - prices.most
        return bound, np.column_stack([prices.need - sent, over])
