"""The ledger's own history of some SKUs, as arrays: what was sold, came and went, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.answers.availability import available
from fulfilment.foresight.demand import WINDOW_DAYS, Past
from fulfilment.foresight.shape import REGIONS, first_day, midnight
from fulfilment.inbound import incoming
from kit import clock

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_ENTRIES = text(
    """
    SELECT sku, location, day, sum(sold), sum(arrived), sum(gone), sum(web)
    FROM (
        SELECT sku, from_location AS location,
            (moved_at AT TIME ZONE 'Europe/Berlin')::date AS day,
            CASE cause WHEN 'till_sale' THEN quantity ELSE 0 END AS sold, 0 AS arrived,
            quantity AS gone, CASE cause WHEN 'shipment' THEN quantity ELSE 0 END AS web
        FROM stock_movements
        WHERE sku = ANY(:skus) AND from_account = 'shelf' AND booked_at >= :since
            AND moved_at >= :since
        UNION ALL
        SELECT sku, to_location, (moved_at AT TIME ZONE 'Europe/Berlin')::date, 0, quantity, 0, 0
        FROM stock_movements
        WHERE sku = ANY(:skus) AND to_account = 'shelf' AND booked_at >= :since
            AND moved_at >= :since
    ) AS entry
    GROUP BY sku, location, day
    """
)
_SHELVES = text(
    "SELECT sku, location, on_hand - quarantined FROM stock_balances WHERE sku = ANY(:skus)"
)
_NEXT = text(
    f"""
    SELECT sku, location, min(expected_on)
    FROM ({incoming.LINES.format(condition="sku = ANY(:skus) AND expected_on >= :today")}) AS line
    GROUP BY sku, location
    """
)
_REGIONS = text(REGIONS.format(sku="sent.sku", condition="sent.sku = ANY(:skus)"))


@dataclass(frozen=True, slots=True)
class Books:
    """What the books say of some SKUs, in the order in which SKUs, locations, regions were given.

    `free` (K, L): units that could be promised. `goods_in` (K, L): days from today until goods are
    expected, 0 where none are. `sent` (K, R): units that went to each region.
    """

    past: Past
    free: Ints
    goods_in: Ints
    sent: Floats


def read(
    session: Session,
    skus: Sequence[str],
    places: Sequence[str],
    regions: Sequence[str],
    today: date,
) -> Books:
    """Read the history of some SKUs: the whole days before today, and what is there now.

    Args:
        session: any session.
        skus: which, each once.
        places: location codes.
        regions: first two digits of postal codes.
        today: a day in Berlin.
    """
    rows = {sku: number for number, sku in enumerate(skus)}
    columns = {place: number for number, place in enumerate(places)}
    asked = {"skus": list(skus), "since": midnight(first_day(today)), "today": today}
    days = np.zeros((4, len(skus), len(places), WINDOW_DAYS + 1), np.int64)
    for sku, place, day, *units in session.execute(_ENTRIES, asked):
        at = min(WINDOW_DAYS, (day - first_day(today)).days)
        days[:, rows[sku], columns[place], at] += [int(of) for of in units]
    shelf = np.zeros((len(skus), len(places)), np.int64)
    carried = np.zeros(shelf.shape, bool)
    for sku, place, units in session.execute(_SHELVES, asked):
        shelf[rows[sku], columns[place]] = units
        carried[rows[sku], columns[place]] = True
    sold, arrived, left, web = days[..., :WINDOW_DAYS]
    since = days[1, :, :, WINDOW_DAYS] - days[2, :, :, WINDOW_DAYS]
    past = Past(sold, arrived, left, web.sum(axis=1), shelf - since, carried)
    free = np.zeros(shelf.shape, np.int64)
    for (place, sku), there in available(session, skus, clock.now()).items():
        free[rows[sku], columns[place]] = there.available
    goods_in = np.zeros(shelf.shape, np.int64)
    for sku, place, day in session.execute(_NEXT, asked):
        goods_in[rows[sku], columns[place]] = max(1, (day - today).days)
    sent = np.zeros((len(skus), len(regions)))
    known = {region: number for number, region in enumerate(regions)}
    for sku, region, units in session.execute(_REGIONS, asked):
        if region in known:
            sent[rows[sku], known[region]] = int(units)
    return Books(past, free, goods_in, sent)
