"""Chances of Poisson's distribution, for whole arrays at once.

Units that are asked for in a time are taken as Poisson distributed: many customers, each with a
small chance. Terms are reckoned by their logarithms, so that large rates do no harm.
"""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LARGE_RATE = 60.0
MEDIAN = 0.5


def _log_factorials(most: int) -> Floats:
    logs: Floats = np.cumsum(np.log(np.maximum(1, np.arange(most + 1))))
    return logs


def tail(at_least: Ints, rate: Floats) -> Floats:
    """Return P(N >= n) for N ~ Poisson(rate), elementwise; 1 for n <= 0."""
    n, mean = np.broadcast_arrays(np.asarray(at_least, np.int64), np.asarray(rate, float))
    below = np.zeros(n.shape)
    most = int(n.max(initial=0))
    logs = _log_factorials(most)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_mean = np.log(mean)
        for sold in range(most):
            log_term = -mean + (sold * log_mean if sold else 0.0) - logs[sold]
            below += np.where(sold < n, np.exp(log_term), 0.0)
    chance: Floats = np.where(n <= 0, 1.0, np.where(mean > 0, np.clip(1 - below, 0, 1), 0.0))
    return chance


def tails(unit: Ints, rate: Floats, starts: Ints, deep: Ints) -> Floats:
    """Return P(N >= s) for the units s = 1, 2, … of many places, laid end to end.

    Args:
        unit: s of each entry.
        rate: of each entry, the same within a place, above 0.
        starts: where each place begins.
        deep: how many units each place has.
    """
    if not len(unit):
        return np.zeros(0)
    before = unit - 1
    term = np.exp(-rate + before * np.log(rate) - _log_factorials(int(deep.max()))[before])
    total = np.cumsum(term)
    offset = np.repeat(total[starts] - term[starts], deep)
    chance: Floats = np.clip(1.0 - (total - offset), 0.0, 1.0)
    return chance


def quantile(chance: Floats, rate: Floats) -> Ints:
    """Return the smallest n with P(N <= n) >= chance, for N ~ Poisson(rate), elementwise.

    Above `LARGE_RATE` it is that of the normal distribution of the same mean and variance.
    """
    found = np.zeros(rate.shape, np.int64)
    small = rate <= LARGE_RATE
    mean, left = rate[small], chance[small].copy()
    term, n = np.exp(-mean), np.zeros(mean.shape, np.int64)
    left -= term
    for step in range(1, int(LARGE_RATE + 12 * np.sqrt(LARGE_RATE))):
        wanting = left > 0
        if not wanting.any():
            break
        term = term * mean / step
        n[wanting] = step
        left -= term
    found[small] = n
    large = rate[~small]
    guess = large + np.sqrt(large) * _normal_quantile(chance[~small])
    found[~small] = np.maximum(0, np.rint(guess)).astype(np.int64)
    return found


def _normal_quantile(chance: Floats) -> Floats:
    """Return the standard normal's quantile, good to 5e-4 (Abramowitz, Stegun 26.2.23)."""
    outer = np.clip(np.minimum(chance, 1 - chance), 1e-9, MEDIAN)
    t = np.sqrt(-2 * np.log(outer))
    over = 2.515517 + t * (0.802853 + t * 0.010328)
    under = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
    size = t - over / under
    found: Floats = np.where(chance < MEDIAN, -size, size)
    return found
