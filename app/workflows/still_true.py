"""Is my date still true? Asked anew from the books of this moment, not from what was promised.

1. What has arrived has arrived. What is on its way comes when its carrier's days say.
2. What is still here has to make its cut-off: missed, it leaves later, whatever was said before.
3. What nobody has found yet has no day at all, and the answer says so.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.sales import exceptions, orders
from app.sales.models import Order
from fulfilment.claims import backorders, shortages
from fulfilment.outbound import fulfilment_orders, shipments
from fulfilment.outbound.shipments import ParcelView
from kit import clock

# Less than this before its cut-off, a parcel that nobody has begun may miss it.
CLOSE_SECONDS = 60 * 60


@dataclass(frozen=True)
class Answer:
    """`verdict` is arrived, yes, close, later, open or none (nothing is promised).

    `promised_on` is the one day that the customer was told, `expected_on` the one of now; `next_at`
    the next hour that decides about it: by then the parcel at `place` has to be ready.
    """

    verdict: str
    promised_on: date | None
    expected_on: date | None
    next_at: datetime | None
    place: str | None
    asked_at: datetime


def ask(session: Session, order: Order) -> Answer:
    """Return whether an order's one promise date is kept, as the books stand now."""
    now = clock.now()
    promised = order.promised_on
    parcels = shipments.for_order(session, order.ref)
    if order.state not in {"confirmed", "completed"} or promised is None:
        return Answer("none", promised, None, None, None, now)
    # What lies ready in the store has arrived where it was wanted.
    if parcels and all(view.state == "delivered" or _laid_out(view) for view in parcels):
        return Answer("arrived", promised, _last(parcels), None, None, now)
    if _unplanned(session, order) or not parcels:
        return Answer("open", promised, None, None, None, now)
    due = {job.id: job.due_at for job in fulfilment_orders.of_order(session, order.ref)}
    here = [view for view in parcels if view.handed_over_at is None and not _laid_out(view)]
    deciding = min(here, key=lambda view: due[view.fulfilment_order_id], default=None)
    next_at = due[deciding.fulfilment_order_id] if deciding else None
    place = deciding.location if deciding else None
    expected = _last(parcels)
    missed = next_at is not None and next_at <= now
    broken = exceptions.open_for(session, order.ref)
    if broken is not None or expected > promised or missed:
        # What was told first counts, not what the order says since somebody moved it.
        told = broken.promised_on if broken is not None else promised
        return Answer("later", told, None if missed else expected, next_at, place, now)
    unbegun = deciding is not None and deciding.state == "open"
    close = next_at is not None and (next_at - now).total_seconds() < CLOSE_SECONDS
    return Answer("close" if unbegun and close else "yes", promised, expected, next_at, place, now)


def _laid_out(view: ParcelView) -> bool:
    return view.kind == "collect" and view.state == "packed"


def _last(parcels: list[ParcelView]) -> date:
    return max(
        clock.berlin(view.delivered_at).date() if view.delivered_at else view.arrives_on
        for view in parcels
    )


def _unplanned(session: Session, order: Order) -> bool:
    """Whether units are being looked for, or have no parcel yet."""
    if shortages.open_for(session, order.ref):
        return True
    waits = any(row.state == "waiting" for row in backorders.of_order(session, order.ref))
    planned = sum(
        part.quantity for view in shipments.for_order(session, order.ref) for part in view.lines
    )
    wanted = sum(line.quantity - line.cancelled for line in orders.lines_of(session, order))
    return not waits and planned < wanted
