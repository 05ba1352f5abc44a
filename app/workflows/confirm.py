"""Confirm an order: reservations become allocations where they stand, fulfilment orders open."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.events import OrderConfirmed
from app.sales import orders
from app.sales.models import Order, OrderLine
from fulfilment import allocations, picking, shortages
from fulfilment.allocations import AllocationView
from fulfilment.routing import snapshot
from fulfilment.routing.decision import Decision
from kit import clock, events


def confirm(session: Session, order: Order) -> None:
    """Turn a paid order into work. `order` must be locked.

    What expired or was lost before the money came opens a shortage: it is routed again, and only
    what nobody can send is refunded.
    """
    if order.state not in {"placed", "lapsed"}:
        return
    lines = orders.lines_of(session, order)
    decision = snapshot.latest(session, order.ref)
    claimed, missing = allocations.from_reservations(
        session, order_ref=order.ref, promised=promises(order, lines)
    )
    open_work(session, order, claimed, decision)
    orders.advance(session, order, "confirmed")
    for gap in missing:
        shortages.open_(
            session,
            order_ref=order.ref,
            line_id=gap.line_id,
            sku=gap.sku,
            location=gap.location,
            quantity=gap.quantity,
            cause="reservation_lapsed",
        )
    orders.note(session, order.ref, "order_confirmed", "kontor", locations=list(decision.locations))
    events.record(session, OrderConfirmed(order_ref=order.ref))


def promises(order: Order, lines: Sequence[OrderLine]) -> Mapping[uuid.UUID, date]:
    """Return the promise date of each line; who was promised latest loses first."""
    last = order.promised_on or clock.today()
    return {line.id: line.promised_on or last for line in lines}


def open_work(
    session: Session, order: Order, claimed: Sequence[AllocationView], decision: Decision
) -> None:
    """Open (or extend) a fulfilment order at every location that now has something to send."""
    plans: dict[str, picking.Plan] = {}
    for parcel in decision.parcels:
        known = plans.get(parcel.location)
        if known is None or parcel.arrives_on > known.arrives_on:
            plans[parcel.location] = picking.Plan(
                tariff=parcel.tariff,
                due_at=parcel.cut_off_at,
                ships_on=parcel.ships_on,
                arrives_on=parcel.arrives_on,
            )
    picking.open_orders(
        session, order_ref=order.ref, allocations=claimed, plans=plans, address=order.address
    )
