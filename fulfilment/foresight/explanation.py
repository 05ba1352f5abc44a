"""Why a unit is worth what it is: the forecast of a SKU, its prices, and where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fulfilment.answers.availability import available
from fulfilment.foresight import stored
from fulfilment.foresight.chances import tail
from fulfilment.models import Location, ParcelPrice


@dataclass(frozen=True, slots=True)
class PlaceWorth:
    """A unit of the SKU at a location.

    `free`: units that may be promised now. `counter_units`: expected over the counter until
    `until_on`. `needed`: the chance that the counter needs all that is free. `counter_minor`: the
    margin times that chance. `shadow_minor`: to later web orders. `worth_minor`: the dearer of the
    two: what the router adds to taking a unit from here. `because` says which: ``later_orders``,
    ``counter`` or ``nobody``.
    """

    location: str
    free: int
    counter_units: float
    until_on: date | None
    needed: float
    counter_minor: int
    shadow_minor: int
    worth_minor: int
    because: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of a SKU's future.

    `margin_minor`: what a unit earns. `made_at`: when it was priced, None for never. `valid`: not
    too old to count. `web_units`: what the web is expected to ask for until the first location gets
    goods. `parcels`: what a parcel of a location is worth on its dearest day, minor units.
    """

    sku: str
    margin_minor: int
    made_at: datetime | None
    valid: bool
    web_units: float
    places: list[PlaceWorth]
    parcels: Mapping[str, int]


def explain(session: Session, sku: str, margin_minor: int, now: datetime) -> Explanation:
    """Return the forecast and the prices of a SKU, as the router takes them now.

    Args:
        session: any session.
        sku: which.
        margin_minor: what a unit earns.
        now: prices that are too old by then count as none.
    """
    rows = {row.location: row for row in stored.price_of(session, sku)}
    made_at = max((row.made_at for row in rows.values()), default=None)
    valid = made_at is not None and now - made_at < stored.OLDEST
    free = {place: there.available for (place, _), there in available(session, [sku], now).items()}
    places = []
    for code in session.scalars(select(Location.code).order_by(Location.position, Location.code)):
        row = rows.get(code)
        if row is None and code not in free:
            continue
        rate = row.counter_units if row is not None and valid else 0.0
        shadow = row.shadow_minor if row is not None and valid else 0
        until_on = row.until_on if row is not None else None
        places.append(_place(code, free.get(code, 0), rate, shadow, margin_minor, until_on))
    web = max((row.web_units for row in rows.values()), default=0.0) if valid else 0.0
    dearest = session.execute(
        select(ParcelPrice.location, func.max(ParcelPrice.price_minor))
        .group_by(ParcelPrice.location)
        .order_by(ParcelPrice.location)
    )
    parcels = {row[0]: int(row[1]) for row in dearest}
    return Explanation(sku, margin_minor, made_at, valid, web, places, parcels)


def _place(
    code: str, free: int, rate: float, shadow: int, margin: int, until_on: date | None
) -> PlaceWorth:
    needed = float(tail(np.array([free]), np.array([rate]))[0]) if rate > 0 else 0.0
    counter = round(margin * needed) if free > 0 else 0
    shadow = shadow if free > 0 else 0
    because = "nobody"
    if max(counter, shadow) > 0:
        because = "later_orders" if shadow >= counter else "counter"
    return PlaceWorth(
        location=code,
        free=free,
        counter_units=rate,
        until_on=until_on,
        needed=needed,
        counter_minor=counter,
        shadow_minor=shadow,
        worth_minor=max(counter, shadow),
        because=because,
    )
