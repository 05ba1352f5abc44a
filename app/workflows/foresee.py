"""Look ahead: price all stock every night, and every hour what has moved since.

1. What is read is read in short transactions, a block of SKUs at a time.
2. Prices are made with no transaction open: that takes seconds.
3. A block's prices replace those it had. The router goes on with the old ones until then.
Two runs at once do no harm: each row is that of the later one. The same books give the same prices.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from catalog.models import Item
from catalog.pricing import price_at
from fulfilment import rules
from fulfilment.foresight import explanation, past, reckoning, shape, stored
from fulfilment.foresight.explanation import Explanation
from fulfilment.foresight.market import Costs, Goods, Place, by_sku
from fulfilment.foresight.reckoning import Block, Shop
from fulfilment.foresight.shape import Shape
from fulfilment.models import Location
from kit import clock
from kit.database import reading, transaction
from kit.errors import NotFound

BLOCK = 1000
"""SKUs that are priced together."""
MOST_MOVED = 20_000
"""SKUs that an hourly run prices at most; the others wait for the night."""
MARGIN_PERCENT = 30
"""Without purchase prices in the catalog, what a unit earns of its gross price."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a run came to: how many SKUs were priced, places with a price or expected sales."""

    skus: int
    places: int
    seconds: float


def price_everything() -> Foreseen:
    """Price the stock of every SKU; the nightly run."""
    with reading() as session:
        clock.refresh(session)
        skus = stored.all_skus(session)
        learnt = shape.read(session, clock.today())
    # Blocks of SKUs thrown together: each holds some that sell well and many that do not.
    mixed = np.random.default_rng(reckoning.CHANCE).permutation(len(skus))
    return _price("whole", [skus[number] for number in mixed], learnt)


def price_moved() -> Foreseen:
    """Price the SKUs whose balances have changed since the latest run; the hourly run.

    Blocks are filled up with others, which are priced anew with them: a small shop is priced whole.
    Without a run of the whole shop that is still good there is nothing to go by: all are priced.
    """
    with reading() as session:
        clock.refresh(session)
        whole, latest = stored.latest(session, "whole"), stored.latest(session)
        if whole is None or latest is None or clock.now() - whole.made_at > stored.OLDEST:
            skus = None
        else:
            skus = _with_company(session, stored.moved_since(session, latest.made_at, MOST_MOVED))
            learnt = Shape.from_json(whole.shape)
    return price_everything() if skus is None else _price("moved", skus, learnt)


def _with_company(session: Session, moved: Sequence[str]) -> list[str]:
    """Fill the last block: SKUs by themselves would share their parcels with nobody else's."""
    lacking = -len(moved) % BLOCK
    if not lacking:
        return list(moved)
    known = set(moved)
    others = [sku for sku in stored.all_skus(session) if sku not in known]
    hour = int(clock.now().timestamp()) // 3600
    company = np.random.default_rng(hour).permutation(len(others))[:lacking]
    mixed = [*moved, *(others[number] for number in company)]
    return [mixed[number] for number in np.random.default_rng(hour).permutation(len(mixed))]


def _price(what: str, skus: Sequence[str], learnt: Shape) -> Foreseen:
    started, now = time.monotonic(), clock.now()
    with reading() as session:
        shop = _shop(session, learnt)
    with transaction() as session:
        run = stored.begin(session, what, learnt, now)
    parcels = np.zeros((1, len(shop.places)))
    places, digest = 0, hashlib.sha256()
    for at in range(0, len(skus), BLOCK):
        block = _block(shop, skus[at : at + BLOCK])
        with transaction() as session:
            places += stored.put(session, run, shop, block, now)
        parcels = np.maximum(parcels, block.parcel)
        digest.update(block.digest.encode())
    seconds = time.monotonic() - started
    with transaction() as session:
        if what == "whole":
            stored.put_parcels(session, shop, parcels, now)
        stored.finish(
            session, run, digest=digest.hexdigest(), skus=len(skus), places=places, seconds=seconds
        )
    return Foreseen(len(skus), places, seconds)


def _shop(session: Session, learnt: Shape) -> Shop:
    setup = rules.read(session)
    rows = session.scalars(select(Location).order_by(Location.position, Location.code))
    places = [
        Place(row.code, row.latitude, row.longitude, setup.locations[row.code]) for row in rows
    ]
    regions = sorted(learnt.regions)
    return Shop(clock.today(), learnt, places, regions, Costs(setup, places, regions))


def _block(shop: Shop, wanted: Sequence[str]) -> Block:
    with reading() as session:
        goods = goods_of(session, wanted)
        skus = [sku for sku in wanted if sku in goods]
        books = past.read(
            session, skus, [place.code for place in shop.places], shop.regions, shop.today
        )
    return reckoning.reckon(shop, skus, books, by_sku(skus, goods))


def explain(session: Session, sku: str) -> Explanation:
    """Return what is expected of a SKU, what a unit is worth at each location, and to whom.

    Raises:
        NotFound: ``item`` with the SKU; or it has no price.
    """
    goods = goods_of(session, [sku])
    if sku not in goods:
        raise NotFound("item", sku=sku)
    return explanation.explain(session, sku, goods[sku].margin_minor, clock.now())


def goods_of(session: Session, skus: Sequence[str]) -> dict[str, Goods]:
    """Return margin, weight and group of the SKUs that the catalog knows and has a price for."""
    current, _ = price_at(clock.now())
    rows = session.execute(
        select(Item.sku, Item.weight_grams, Item.shipping_group, current.c.amount_minor)
        .select_from(Item)
        .join(current, true())
        .where(Item.sku.in_(skus))
    )
    return {
        sku: Goods(minor * MARGIN_PERCENT // 100, grams, group) for sku, grams, group, minor in rows
    }
