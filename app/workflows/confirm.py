"""Confirm an order: reservations become allocations where they stand, fulfilment orders open."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.events import OrderConfirmed
from app.sales import orders
from app.sales.models import Order, OrderLine
from fulfilment.claims import allocations, backorders, shortages
from fulfilment.claims.allocations import AllocationView, Missing
from fulfilment.claims.backorders import BackorderView
from fulfilment.events import BackorderCovered
from fulfilment.outbound import picking
from fulfilment.places.calendars import local
from fulfilment.routing import snapshot
from fulfilment.routing.decision import Decision
from fulfilment.routing.services import COLLECT
from kit import clock, events


def confirm(session: Session, order: Order) -> None:
    """Turn an order into work: it is paid, or will be when it is collected. Locked `order`.

    What expired or was lost before the money came opens a shortage: it is routed again, and only
    what nobody can send is refunded. What waits for goods goes on waiting, now without a deadline;
    what came for it before it was paid is sent by `backorders.on_covered`.
    """
    if order.state not in {"placed", "lapsed"}:
        return
    lines = orders.lines_of(session, order)
    decision = snapshot.latest(session, order.ref)
    # First what is owed: it is locked together with what is reserved, and may become that.
    waiting, lapsed = backorders.confirm(session, order.ref)
    _keep_days(order, lines, waiting)
    claimed, missing = allocations.from_reservations(
        session, order_ref=order.ref, promised=promises(order, lines)
    )
    planned = set(decision.locations)
    open_work(session, order, [row for row in claimed if row.location in planned], decision)
    if any(row.location not in planned for row in claimed):
        events.record(session, BackorderCovered(order_ref=order.ref))
    orders.advance(session, order, "confirmed")
    _open_shortages(session, order, missing, cause="reservation_lapsed")
    _open_shortages(session, order, lapsed, cause="backorder_lapsed")
    orders.note(session, order.ref, "order_confirmed", "kontor", locations=list(decision.locations))
    events.record(session, OrderConfirmed(order_ref=order.ref))


def _keep_days(order: Order, lines: Sequence[OrderLine], waiting: Sequence[BackorderView]) -> None:
    # What was owed again after it had lapsed may have got a later day; nothing gets an earlier one.
    by_id = {line.id: line for line in lines}
    for row in waiting:
        line = by_id[row.line_id]
        line.promised_on = max(line.promised_on or row.promised_on, row.promised_on)
    dates = [line.promised_on for line in lines if line.promised_on]
    if waiting:
        order.promised_on = max(dates)


def _open_shortages(
    session: Session, order: Order, missing: Sequence[Missing], *, cause: str
) -> None:
    for gap in missing:
        shortages.open_(
            session,
            order_ref=order.ref,
            line_id=gap.line_id,
            sku=gap.sku,
            location=gap.location,
            quantity=gap.quantity,
            cause=cause,
        )


def promises(order: Order, lines: Sequence[OrderLine]) -> Mapping[uuid.UUID, date]:
    """Return the promise date of each line; who was promised latest loses first."""
    last = order.promised_on or clock.today()
    return {line.id: line.promised_on or last for line in lines}


def open_work(
    session: Session, order: Order, claimed: Sequence[AllocationView], decision: Decision
) -> None:
    """Open (or extend) a fulfilment order at every location that now has something to send."""
    picking.open_orders(
        session,
        order_ref=order.ref,
        allocations=claimed,
        plans=plans_of(order, decision),
        address=order.address,
    )


def plans_of(order: Order, decision: Decision) -> dict[str, picking.Plan]:
    """Return what a decision says of each location that sends something, or hands it over."""
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
    if order.collect_at and decision.ready_at and order.collect_at not in plans:
        day = local(decision.ready_at).date()
        plans[order.collect_at] = picking.Plan(
            tariff=COLLECT,
            due_at=decision.ready_at,
            ships_on=day,
            arrives_on=day,
            kind="collect",
        )
    return plans
