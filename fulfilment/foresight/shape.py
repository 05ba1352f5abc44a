"""What is learnt of the shop as a whole: what single SKUs and places are compared with.

Read once a night from all movements of the last eight weeks; runs of few SKUs use the kept one.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.foresight.demand import (
    STRENGTH_WEEKDAY,
    WINDOW_DAYS,
    shrunk,
    weekday_profile,
)
from fulfilment.foresight.futures import MOST_LINES
from fulfilment.places import geography
from kit import clock

STRENGTH_REGIONS = 20.0
"""Units by which the regions' shares are pulled towards where postal codes are."""
STRENGTH_LENGTHS = 5.0
"""Orders by which the shares of order lengths are pulled towards the usual ones."""
USUAL_LENGTHS = (0.5, 0.27, 0.15, 0.08)

_OLDEST = text("SELECT min(moved_at) FROM stock_movements WHERE booked_at >= :since")
_SOLD = text(
    """
    SELECT cause, CASE cause WHEN 'till_sale' THEN from_location END,
        extract(isodow FROM moved_at AT TIME ZONE 'Europe/Berlin')::int - 1, sum(quantity)
    FROM stock_movements
    WHERE booked_at >= :since AND moved_at >= :since AND moved_at < :until
        AND cause IN ('till_sale', 'shipment') AND to_account = 'customer'
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    """
)
_CARRIED = text("SELECT location, count(*) FROM stock_balances GROUP BY location")
_SKUS = text("SELECT count(DISTINCT sku) FROM stock_balances")
_LENGTHS = text(
    """
    SELECT least(lines, :most), count(*) FROM (
        SELECT count(DISTINCT sku) AS lines FROM stock_movements
        WHERE booked_at >= :since AND cause = 'shipment' GROUP BY document
    ) AS sent GROUP BY 1 ORDER BY 1
    """
)
REGIONS = """
    SELECT {sku}, left(job.address->>'postal_code', 2), sum(sent.quantity)
    FROM stock_movements AS sent
    CROSS JOIN LATERAL (
        SELECT address FROM fulfilment_orders WHERE order_ref = sent.document LIMIT 1
    ) AS job
    WHERE sent.booked_at >= :since AND sent.cause = 'shipment' AND {condition}
    GROUP BY 1, 2 ORDER BY 1, 2
"""
"""Units that were sent, by SKU and the first two digits of where they went."""
_REGIONS = text(REGIONS.format(sku="''", condition="true"))


@dataclass(frozen=True, slots=True)
class Shape:
    """The shop as a whole.

    `days` that were looked at. `skus`: how many there are. `counter_mean`: units of a SKU that an
    average store sells on an average day; `web_mean`: that the web asks for. `places`: how much a
    location sells of everything, an average store is 1, one without a till 0. `counter_week`,
    `web_week`: average days that each weekday is worth, Monday first. `regions`: share of the
    units by region (first two digits of the postal code). `lengths`: share of orders by lines.
    """

    days: int
    skus: int
    counter_mean: float
    web_mean: float
    places: Mapping[str, float]
    counter_week: tuple[float, ...]
    web_week: tuple[float, ...]
    regions: Mapping[str, float]
    lengths: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Shape":
        """Return what `to_json` wrote."""
        rows: dict[str, Any] = {
            name: tuple(plain[name]) for name in ("counter_week", "web_week", "lengths")
        }
        return cls(**{**plain, **rows})


def first_day(today: date) -> date:
    """Return the first day that is looked back to."""
    return today - timedelta(days=WINDOW_DAYS)


def midnight(day: date) -> datetime:
    """Return the instant at which a day begins in Berlin."""
    return datetime.combine(day, time(), clock.BERLIN)


def read(session: Session, today: date) -> Shape:
    """Learn the shop's shape from what moved on the whole days before today.

    Args:
        session: any session; reads eight weeks of the ledger.
        today: a day in Berlin.
    """
    asked = {"since": midnight(first_day(today)), "until": midnight(today)}
    oldest = session.scalar(_OLDEST, asked)
    begun = first_day(today) if oldest is None else oldest.astimezone(clock.BERLIN).date()
    days = min(WINDOW_DAYS, max(1, (today - begun).days))
    counter, web = np.zeros(7), np.zeros(7)
    sold: dict[str, float] = {}
    for cause, location, weekday, units in session.execute(_SOLD, asked):
        if cause == "shipment":
            web[weekday] += int(units)
        else:
            counter[weekday] += int(units)
            sold[location] = sold.get(location, 0.0) + int(units)
    carried = {location: int(skus) for location, skus in session.execute(_CARRIED)}
    skus = int(session.scalar(_SKUS) or 0)
    selling = sum(carried.get(location, 0) for location in sold)
    mean = counter.sum() / (selling * days) if selling else 0.0
    return Shape(
        days=days,
        skus=skus,
        counter_mean=float(mean),
        web_mean=float(web.sum() / (skus * days)) if skus else 0.0,
        places={
            location: _place(sold[location], mean * carried.get(location, 0) * days)
            for location in sorted(sold)
        },
        counter_week=tuple(weekday_profile(counter).tolist()),
        web_week=tuple(weekday_profile(web).tolist()),
        regions=_regions(session, asked),
        lengths=_lengths(session, asked),
    )


def _place(sold: float, average: float) -> float:
    """A location's factor: what it sold over what an average store would have."""
    one = np.array([1.0])
    return float(shrunk(one * sold, one * average, one, STRENGTH_WEEKDAY)[0])


def _lengths(session: Session, asked: Mapping[str, object]) -> tuple[float, ...]:
    share = np.array(USUAL_LENGTHS) * STRENGTH_LENGTHS
    for lines, orders in session.execute(_LENGTHS, {**asked, "most": MOST_LINES}):
        share[lines - 1] += orders
    return tuple((share / share.sum()).tolist())


def _regions(session: Session, asked: Mapping[str, object]) -> dict[str, float]:
    share = {region: STRENGTH_REGIONS * usual for region, (_, _, usual) in centres().items()}
    for _, region, units in session.execute(_REGIONS, asked):
        if region in share:
            share[region] += int(units)
    total = sum(share.values())
    return {region: units / total for region, units in share.items()}


@lru_cache(maxsize=1)
def centres() -> dict[str, tuple[float, float, float]]:
    """Return the regions: latitude and longitude of their middle, share of all postal codes."""
    found: dict[str, list[tuple[float, float]]] = {}
    codes = geography.all_codes()
    for code in codes:
        place = geography.locate(code)
        if place is not None:
            found.setdefault(code[:2], []).append((place.latitude, place.longitude))
    return {
        region: (
            sum(latitude for latitude, _ in places) / len(places),
            sum(longitude for _, longitude in places) / len(places),
            len(places) / len(codes),
        )
        for region, places in sorted(found.items())
    }
