"""One block of SKUs: from what the books say to what its stock is worth. Pure.

A shop is priced in blocks of SKUs drawn together by chance, so that memory is bounded. Which SKUs
share an order is left to chance anyway; a block's orders are those of its own SKUs, and it gets its
share of the locations' parcels.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from fulfilment.foresight import futures, market, prices
from fulfilment.foresight.market import Costs, Forecast, Goods, Place
from fulfilment.foresight.past import Books
from fulfilment.foresight.prices import Pace
from fulfilment.foresight.shape import Shape
from fulfilment.foresight.supply import Supply

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FUTURES = 8
PACE = Pace()
CHANCE = 2026
"""Seed of all futures: the same books give the same prices."""
WORTH_TELLING = 0.5
"""Cents by which a price has to exceed what the counter alone would ask."""


@dataclass(frozen=True, slots=True)
class Shop:
    """What all blocks share."""

    today: date
    shape: Shape
    places: Sequence[Place]
    regions: Sequence[str]
    costs: Costs


@dataclass(frozen=True, slots=True)
class Block:
    """What came of a block: prices in minor units.

    `worth` (K, L): a unit to later web orders, 0 where the counter alone decides. `floor` (K, L):
    what the counter loses with a unit. `parcel` (D, L): one more parcel, by day. `digest`: of all
    that the prices were made from.
    """

    skus: Sequence[str]
    free: Ints
    told: Forecast
    worth: Ints
    floor: Floats
    parcel: Floats
    digest: str


def reckon(
    shop: Shop, skus: Sequence[str], books: Books, goods: Sequence[Goods], pace: Pace = PACE
) -> Block:
    """Return what the stock of some SKUs is worth until goods come again.

    Args:
        shop: places, costs, the shop's shape.
        skus: which.
        books: their history and stock, in that order.
        goods: their margins and weights, in that order.
        pace: how long prices are looked for.
    """
    told = market.forecast(books, shop.shape, [place.code for place in shop.places], shop.today)
    room = market.room(shop.places, market.share_of(told, shop.shape, len(skus)), shop.today)
    asked = market.build(books, told, goods, shop.costs, room)
    web = market.expected(books, told, shop.shape, shop.regions, shop.today)
    drawn = futures.draw(web, FUTURES, np.random.default_rng(CHANCE))
    found = prices.solve(asked, drawn, pace)
    floor = Supply(asked.stock, asked.counter, asked.margin).floor
    unit = found.mean_unit()
    worth = np.where((books.free > 0) & (unit > floor + WORTH_TELLING), np.rint(unit), 0)
    return Block(
        skus=skus,
        free=books.free,
        told=told,
        worth=worth.astype(np.int64),
        floor=floor,
        parcel=found.mean_parcel(),
        digest=_digest(asked, web),
    )


def _digest(asked: prices.Market, web: futures.Expected) -> str:
    """Return the fingerprint of what prices are made from."""
    sum_ = hashlib.sha256()
    for one in (asked, web):
        for name in one.__slots__:
            sum_.update(np.ascontiguousarray(getattr(one, name)).tobytes())
    return sum_.hexdigest()
