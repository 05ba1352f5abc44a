"""What a unit is worth where it lies: at a store's counter, or for orders still to come."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fulfilment.routing.network import Flags, Ints
from fulfilment.routing.problem import Source

NEGLIGIBLE = math.log(1e-12)
_NONE: Mapping[str, float] = {}


def poisson_tails(at_least: Ints, rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(X >= at_least) for X ~ Poisson(rate), one by one: the chance that counters need them all.

    Tails below 1e-12 (Chernoff bound) are 0: no margin makes a cent of them.
    """
    asked = np.maximum(at_least, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = -rate + asked * (1 + np.log(rate) - np.log(asked))
    some = (at_least > 0) & (rate > 0) & ((asked <= rate) | (bound >= NEGLIGIBLE))
    tail = np.where(at_least <= 0, 1.0, 0.0)
    some = np.flatnonzero(some)
    # Most units first: with each round fewer have something to add.
    some = some[np.argsort(-at_least[some], kind="stable")]
    least, mean = at_least[some], rate[some]
    term = np.exp(-mean)
    total = term.copy()
    rounds = np.arange(1, int(least.max(initial=0)))
    counts = np.searchsorted(-least, -rounds, side="left")
    for sold, count in zip(rounds.tolist(), counts.tolist(), strict=True):
        term[:count] *= mean[:count] / sold
        total[:count] += term[:count]
    tail[some] = np.maximum(0.0, 1.0 - total)
    return tail


def opportunity(
    sources: Sequence[Source], skus: Sequence[str], margin: Ints, free: Ints, counted: Flags
) -> Ints:
    """Return what giving one unit away costs, in cents, by location and SKU.

    The larger of both: the shadow price, and `margin x P(Poisson(rate) >= free)` at a counter.

    Args:
        sources: the locations.
        skus: what is asked about.
        margin: what a unit of each earns.
        free: units on the books by location and SKU.
        counted: where units may be taken from.
    """
    found = np.zeros(free.shape, np.int64)
    rates = [source.counter_rate if source.kind == "store" else _NONE for source in sources]
    row, column = np.nonzero(counted & (margin > 0))
    rate = np.array(
        [
            rates[at].get(skus[sku], 0.0)
            for at, sku in zip(row.tolist(), column.tolist(), strict=True)
        ]
    )
    sold = np.flatnonzero(rate > 0)
    here = row[sold], column[sold]
    found[here] = np.rint(margin[here[1]] * poisson_tails(free[here], rate[sold]))
    for at, source in enumerate(sources):
        if source.shadow:
            worth = [source.shadow.get(sku, 0) for sku in skus]
            np.maximum(found[at], worth, out=found[at], where=counted[at])
    return found
