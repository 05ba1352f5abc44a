"""How much will be asked for: rates per day, from what was sold while there was something to sell.

1. A day counts the less, the older it is (weight `exp(-age / MEMORY_DAYS)`): exponential smoothing
   of counts, as in the discounted Gamma-Poisson model of Harvey and Fernandes (1989).
2. A day on an empty shelf says nothing about demand: it is no exposure (censoring; Conrad 1976).
   A day on which the shelf ran empty, or was filled, counts half.
3. A day's exposure is that of its weekday: a Saturday of 1.8 average days counts 1.8.
4. Few sales prove little. A SKU is pulled towards the mean of all SKUs, a place towards what its
   SKU sells elsewhere times what the place sells of everything (Gamma-Poisson shrinkage, empirical
   Bayes; Gelman et al., Bayesian Data Analysis, 2.6):

       rate = (sold + strength) / (exposure + strength / expected rate)

All functions are pure. K SKUs, L locations, N days of the past, the oldest first, yesterday last.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

WINDOW_DAYS = 56
"""So many whole days are looked back; eight of each weekday."""
MEMORY_DAYS = 28.0
STRENGTH_SKU = 0.5
"""A SKU's pull towards all SKUs: a few sell nearly everything, so it is weak."""
STRENGTH_PLACE = 2.0
"""A place's pull towards the others: that of two units sold."""
STRENGTH_WEEKDAY = 20.0
"""Units by which each weekday is pulled towards an average day."""
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Past:
    """What happened on shelves, (K, L, N), units.

    `sold` over the counter. `arrived`, `left`: everything that came to or went from the shelf,
    sales among it. `web` (K, N): sent to web customers, from wherever. `now` (K, L): what is on the
    shelf at the end of the last day. `carried` (K, L): whether the place has ever held the SKU.
    """

    sold: Ints
    arrived: Ints
    left: Ints
    web: Ints
    now: Ints
    carried: NDArray[np.bool_]


def ages(days: int = WINDOW_DAYS, memory: float = MEMORY_DAYS) -> Floats:
    """Return the weights of days, the oldest first; the last one is yesterday and has 1."""
    weight: Floats = np.exp(-np.arange(days - 1, -1, -1) / memory)
    return weight


def exposure(past: Past) -> Floats:
    """Return which part of each day somebody could have bought, (K, L, N): 0, half or 1."""
    net = past.arrived - past.left
    after = past.now[:, :, None] - (np.cumsum(net[:, :, ::-1], axis=2)[:, :, ::-1] - net)
    before = after - net
    had = (before > 0) | (past.arrived > 0) | (past.sold > 0)
    whole = had & (before > 0) & (after > 0)
    share: Floats = np.where(whole, 1.0, np.where(had, HALF, 0.0))
    return share


def weekday_profile(units: Floats) -> Floats:
    """Return how many average days each weekday is worth, mean 1.

    Args:
        units: sold by weekday, Monday first, over whole weeks.
    """
    if units.sum() <= 0:
        return np.ones(7)
    shrunk = units + STRENGTH_WEEKDAY * (units > 0)
    profile: Floats = shrunk / shrunk.mean()
    return profile


def shrunk(sold: Floats, exposed: Floats, expected: Floats, strength: float) -> Floats:
    """Return rates between what was seen and what was expected; 0 where 0 was expected.

    Args:
        sold: units, weighted.
        exposed: days, weighted.
        expected: rate before anything was seen.
        strength: how many units of evidence the expectation is worth.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = (sold + strength) / (exposed + strength / expected)
    found: Floats = np.where(expected > 0, rate, 0.0)
    return found


def counter_rates(past: Past, weekday: Floats, place: Floats, mean: float) -> Floats:
    """Return what each counter sells of each SKU on an average day, (K, L) units.

    Args:
        past: what happened.
        weekday: (N) how many average days each day was worth to counters.
        place: (L) how much a location sells of everything, 1 for an average store, 0 for none.
        mean: units of a SKU that an average store sells on an average day.
    """
    weight = ages(len(weekday))
    seen = (past.sold * weight).sum(axis=2)
    exposed = (exposure(past) * (weight * weekday)).sum(axis=2) * past.carried
    of_all = shrunk(
        seen.sum(axis=1), (exposed * place).sum(axis=1), np.full(len(seen), mean), STRENGTH_SKU
    )
    expected = of_all[:, None] * place * past.carried
    return shrunk(seen, exposed, expected, STRENGTH_PLACE)


def web_rates(past: Past, weekday: Floats, mean: float) -> Floats:
    """Return what the web asks of each SKU on an average day, (K) units.

    A day counts as exposed when any location had a unit.

    Args:
        past: what happened.
        weekday: (N) how many average days each day was worth to the web.
        mean: units of a SKU that the web asks for on an average day.
    """
    weight = ages(len(weekday))
    anywhere = exposure(past).max(axis=1, initial=0.0)
    anywhere = np.maximum(anywhere, HALF * (past.web > 0))
    seen = (past.web * weight).sum(axis=1)
    exposed = (anywhere * (weight * weekday)).sum(axis=1)
    return shrunk(seen, exposed, np.full(len(seen), mean), STRENGTH_SKU)


def until(rates: Floats, ahead: Floats, days: Ints) -> Floats:
    """Return units expected from today until a day, that day excluded.

    Args:
        rates: per average day.
        ahead: how many average days each coming day is worth, from today.
        days: how many days, elementwise; at least one is counted.
    """
    total = np.concatenate([[0.0], np.cumsum(ahead)])
    units: Floats = rates * total[np.clip(days, 1, len(ahead))]
    return units
