"""Receipts of a shop that does not exist, with the tail of one that does.

Items belong to themes (what one does on a day at the water); a receipt is about one or two of them,
and one item in eight is from anywhere. Within a theme, and between themes, items sell by Zipf's
law. Most receipts hold one to five items, one in a thousand a hundred: the online retailer's
quantiles, scaled down to a shop with tills.
"""

import numpy as np
from numpy.typing import NDArray

from catalog.crosssell.learning import Receipts

THEME = 40
_ANYWHERE = 0.125
_LARGEST = 150


def make(receipts: int, items: int, seed: int) -> Receipts:
    """Return so many receipts over so many items; a year of them, the same for the same seed."""
    chance = np.random.default_rng(seed)
    sizes = np.minimum(1 + chance.lognormal(0.9, 0.95, receipts), _LARGEST).astype(np.int64)
    total = int(sizes.sum())
    receipt = np.repeat(np.arange(receipts, dtype=np.int32), sizes)
    themes = -(-items // THEME)
    own = _zipf(chance, themes, receipts, 0.8), _zipf(chance, themes, receipts, 0.8)
    second = chance.random(total, dtype=np.float32) < 0.3  # noqa: PLR2004 - three of ten
    theme = np.where(second, own[1][receipt], own[0][receipt])
    item = theme * THEME + _zipf(chance, THEME, total, 0.7)
    anywhere = chance.random(total, dtype=np.float32) < _ANYWHERE
    item[anywhere] = _zipf(chance, items, int(anywhere.sum()), 1.0)
    # Popular themes lie all over the numbers, as they do in a catalog.
    item = chance.permutation(themes * THEME)[item] % items
    keys = np.unique(receipt.astype(np.int64) * items + item)
    counts = np.bincount(keys // items, minlength=receipts)
    starts = np.concatenate(([0], np.cumsum(counts)))
    ages = np.linspace(365, 0, receipts, dtype=np.float32)
    return Receipts(starts, (keys % items).astype(np.int32), ages, items)


def _zipf(chance: np.random.Generator, kinds: int, count: int, power: float) -> NDArray[np.int64]:
    """Draw numbers below `kinds`, number n with a chance of 1 / (n + 1) ** power."""
    heights = np.cumsum(1 / np.arange(1, kinds + 1) ** power)
    drawn: NDArray[np.int64] = np.searchsorted(heights, chance.random(count) * heights[-1])
    return drawn
