"""Loads of lanes: which weights there are, and what a weight step is worth when filled best."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fulfilment.routing.core import Item
from fulfilment.routing.network import Ints

Floats = NDArray[np.float64]
MOST_GRAINS = 200_000
"""Weights that are told apart at most."""


def filled(value: Floats, grams_of: Floats, steps: Floats, cost: Floats) -> tuple[Floats, Floats]:
    """By lane and step: its cost when filled with what is worth most per gram, and that worth.

    The worth per gram is that of the item that fits in part, or 0.

    Args:
        value: what all units of an item are worth at a lane, by lane and item.
        grams_of: what they weigh.
        steps: upper ends of the weight steps by lane.
        cost: cents of the steps.
    """
    rows = np.arange(len(value))[:, None]
    density = np.full(value.shape, 1e12)
    np.divide(value, grams_of, out=density, where=grams_of > 0)
    order = np.argsort(-density, axis=1)
    # Nothing first: what is carried when not even one item fits as a whole.
    grams, worth = np.zeros((2, len(value), value.shape[1] + 1))
    np.cumsum((grams_of * (value > 0))[rows, order], axis=1, out=grams[:, 1:])
    np.cumsum(value[rows, order], axis=1, out=worth[:, 1:])
    dense = np.zeros_like(grams)
    dense[:, :-1] = density[rows, order]
    whole = (grams[:, None, 1:] <= steps[:, :, None]).sum(axis=2)
    critical = dense[rows, whole]
    return cost - worth[rows, whole] - critical * (steps - grams[rows, whole]), critical


def reachable(items: Sequence[Item]) -> Ints:
    """Every weight that some of the units have together, ascending from 0.

    A step is never fuller than the heaviest of them that it carries: two units of 23 kg do not
    share a step of 40 kg, whatever fractions of them would.
    """
    grain = math.gcd(*(item.weight for item in items)) or 1
    sums = 1
    for item in items:
        # Powers of two make every number of units with few shifts.
        left, units = item.need, 1
        while left:
            units = min(units, left)
            sums |= sums << (item.weight // grain * units)
            left, units = left - units, units * 2
            if sums.bit_length() > MOST_GRAINS:
                return np.arange(sum(one.weight * one.need for one in items) // grain + 1) * grain
    bits = np.frombuffer(sums.to_bytes(sums.bit_length() // 8 + 1, "little"), np.uint8)
    found: Ints = np.flatnonzero(np.unpackbits(bits, bitorder="little")) * grain
    return found
