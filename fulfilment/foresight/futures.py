"""Futures: what may be ordered until goods come again, drawn from forecast rates.

One future is a list of web orders. Several are drawn together and spread out: where a SKU is
asked for 3.2 times on average, one future has it twice and another five times, each as often as
Poisson says, but never all futures high by accident (Latin hypercube sampling: McKay, Beckman,
Conover 1979). Which lines share an order is left to chance; the share of one-line, two-line …
orders is the observed one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fulfilment.foresight.chances import quantile

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_LINES = 4
"""Lines of one order that are looked at together; a longer one is drawn as several."""


@dataclass(frozen=True, slots=True)
class Futures:
    """Orders of several futures.

    `future`, `day`, `region` and `length` have one entry per order, `skus` one row: the SKUs'
    numbers, -1 behind the last. `count` is how many futures there are.
    """

    count: int
    future: Ints
    day: Ints
    region: Ints
    length: Ints
    skus: Ints


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of the web.

    `units`: by SKU, over the whole time. `region`: by SKU and region, shares that sum up to 1, or
    one row for all SKUs. `day`: share of each day. `lengths`: share of orders with 1, 2, … lines.
    """

    units: Floats
    region: Floats
    day: Floats
    lengths: Floats


def draw(expected: Expected, count: int, rng: np.random.Generator) -> Futures:
    """Draw so many futures.

    Args:
        expected: what the web is expected to ask for.
        count: how many futures; their demand of each SKU is spread over its distribution.
        rng: where chance comes from; the same one gives the same futures.
    """
    kinds = len(expected.units)
    strata = rng.permuted(np.tile(np.arange(count), (kinds, 1)), axis=1)
    chance = (strata + rng.random((kinds, count))) / count
    rate = np.repeat(expected.units[:, None], count, axis=1)
    units = quantile(chance, rate)
    parts = [_one(expected, units[:, number], number, rng) for number in range(count)]
    return Futures(count, *(np.concatenate(column) for column in zip(*parts, strict=True)))


def _one(
    expected: Expected, units: Ints, number: int, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Deal the units of one future into orders; two units of a SKU may meet in one."""
    pool = np.repeat(np.arange(len(units)), units)
    rng.shuffle(pool)
    shares = expected.lengths[:MOST_LINES] / expected.lengths[:MOST_LINES].sum()
    length = rng.choice(len(shares), len(pool), p=shares) + 1
    ends = np.cumsum(length)
    orders = int(np.searchsorted(ends, len(pool))) + 1 if len(pool) else 0
    length, starts = length[:orders], (ends - length)[:orders]
    if orders:
        length[-1] = len(pool) - starts[-1]
    skus = np.full((orders, MOST_LINES), -1, np.int64)
    for line in range(MOST_LINES):
        has = length > line
        skus[has, line] = pool[starts[has] + line]
    day = rng.choice(len(expected.day), orders, p=expected.day / expected.day.sum())
    region = _regions(expected.region, skus[:, 0], rng)
    return np.full(orders, number), day, region, length, skus


def _regions(share: Floats, skus: Ints, rng: np.random.Generator) -> Ints:
    """Draw where orders go, by the shares of their first SKU."""
    rows = np.cumsum(share, axis=1)
    of = rows[skus] if len(rows) > 1 else rows
    chance = rng.random(len(skus))[:, None] * of[:, -1:]
    drawn: Ints = np.minimum((of < chance).sum(axis=1), share.shape[1] - 1)
    return drawn
