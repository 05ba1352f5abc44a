"""Loads of lanes: which weights there are, and what a weight step is worth when filled best."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fulfilment.routing.items import Item
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
    count, items = value.shape
    density = np.full(value.shape, 1e12)
    np.divide(value, grams_of, out=density, where=grams_of > 0)
    order = np.argsort(-density, axis=1, kind="stable")
    order += np.arange(0, count * items, items)[:, None]
    # Nothing first: what is carried when not even one item fits as a whole.
    grams, worth, dense = np.zeros((3, count, items + 1))
    np.cumsum((grams_of * (value > 0)).take(order), axis=1, out=grams[:, 1:])
    np.cumsum(value.take(order), axis=1, out=worth[:, 1:])
    dense[:, :-1] = density.take(order)
    # Lanes one behind the other, far apart: one search finds the items that fit into every step.
    far = 1 + max(grams[:, -1].max(initial=0), steps.max(initial=0))
    apart = np.arange(count)[:, None] * far
    whole = np.searchsorted((grams + apart).ravel(), steps + apart, side="right") - 1
    critical = dense.take(whole)
    return cost - worth.take(whole) - critical * (steps - grams.take(whole)), critical


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
