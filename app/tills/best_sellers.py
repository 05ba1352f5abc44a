"""What tills sell most: offered on the empty screen, for goods that have no code to scan."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.tills.models import TillReceipt, TillSession

SPAN = timedelta(days=28)
MOST_RECEIPTS = 2000
"""The newest ones tell enough, and a till that starts must not wait for a year's books."""


def of_location(session: Session, location: str, *, at: datetime, most: int) -> list[str]:
    """Return SKUs by units sold in the four weeks before `at`: this store's first.

    A store that has sold too little to fill the list goes on with what all stores sell.
    """
    here = _units(session, at, location)
    ranked = _ranked(here)
    if len(ranked) < most:
        ranked += [sku for sku in _ranked(_units(session, at, None)) if sku not in here]
    return ranked[:most]


def _ranked(units: Counter[str]) -> list[str]:
    return sorted(units, key=lambda sku: (-units[sku], sku))


def _units(session: Session, at: datetime, location: str | None) -> Counter[str]:
    drawers = select(TillSession.id).where(TillSession.opened_at > at - SPAN)
    if location is not None:
        drawers = drawers.where(TillSession.location == location)
    query = (
        select(TillReceipt.lines)
        .where(
            TillReceipt.session.in_(drawers),
            TillReceipt.kind.in_(("sale", "exchange")),
            TillReceipt.sold_at <= at,
        )
        .order_by(TillReceipt.sold_at.desc(), TillReceipt.id)
        .limit(MOST_RECEIPTS)
    )
    units: Counter[str] = Counter()
    for lines in session.scalars(query):
        for line in lines:
            if line["sku"] and not line.get("home"):
                units[line["sku"]] += line["quantity"]
    return units
