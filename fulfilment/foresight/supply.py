"""What stores offer the web: their counters' expected sales as a curve of prices.

The s-th unit of a store is sold over the counter with the chance P(N >= s), N ~ Poisson(rate)
until goods come again. Taking it away costs `margin x P(N >= s)` (Littlewood's rule, 1972). So
the last unit is dear, the first of many is cheap, and a warehouse offers all it has for nothing.
"""

import numpy as np
from numpy.typing import NDArray

from fulfilment.foresight.chances import tails

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DEEP = 5.0
"""Units so many standard deviations above what a counter expects are free."""


class Supply:
    """The curves of all places, as one list of the prices of units that somebody might want.

    Args:
        stock: (K, L) free units.
        counter: (K, L) units that the counter is expected to sell.
        margin: (K) what a unit earns over the counter, minor units.
    """

    def __init__(self, stock: Ints, counter: Floats, margin: Floats) -> None:
        self.stock = stock
        flat, rate = stock.ravel(), counter.ravel()
        earns = np.repeat(margin, stock.shape[1])
        deep = np.minimum(flat, np.ceil(rate + DEEP * np.sqrt(rate) + 3).astype(np.int64))
        self.places = np.nonzero((deep > 0) & (rate > 0))[0]
        deep = deep[self.places]
        self.owner = np.repeat(self.places, deep)
        self.starts = np.cumsum(deep) - deep
        unit = np.arange(len(self.owner)) - np.repeat(self.starts, deep) + 1
        self.price = tails(unit, rate[self.owner], self.starts, deep) * earns[self.owner]
        floor = np.zeros(len(flat))
        last = self.starts + deep - 1
        whole = deep == flat[self.places]
        floor[self.places[whole]] = self.price[last[whole]]
        self.floor = floor.reshape(stock.shape)

    def offered(self, prices: Floats) -> Floats:
        """Return the units that places give away at these prices, (F, K, L)."""
        kept = np.zeros((len(prices), self.stock.size))
        if len(self.owner):
            wanted = self.price > prices.reshape(len(prices), -1)[:, self.owner]
            kept[:, self.places] = np.add.reduceat(wanted, self.starts, axis=1, dtype=np.float64)
        left: Floats = self.stock - kept.reshape(prices.shape)
        return left

    def rent(self, prices: Floats) -> Floats:
        """Return what the stock earns at these prices beyond what its counters would lose, (F)."""
        flat = prices.reshape(len(prices), -1)
        earned: Floats = flat @ self.stock.ravel().astype(float)
        if len(self.owner):
            earned = earned + np.maximum(0.0, self.price - flat[:, self.owner]).sum(axis=1)
            earned = earned - self.price.sum()
        return earned
