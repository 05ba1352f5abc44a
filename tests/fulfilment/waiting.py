"""What tests of backorders stand on: who may owe what, who waits, and what became of it."""

from datetime import date, timedelta

from sqlalchemy import text

from fulfilment.claims import allocations, backorder_policies, backorders, reservations
from fulfilment.inbound import purchases
from fulfilment.stock import safety
from tests.fulfilment.warehouse import (
    HOOKS,
    WEDNESDAY,
    events_of,
)

SOON = WEDNESDAY + timedelta(minutes=30)
LATER = WEDNESDAY + timedelta(hours=2)
MONDAY = date(2026, 11, 23)
TUESDAY = date(2026, 11, 24)
DECEMBER = date(2026, 12, 1)


def allow(session, units, *, location="lager", sku=HOOKS, ships_on=None):
    return backorder_policies.put(
        session, location, sku, units=units, ships_on=ships_on, actor="office:ute"
    )


def owe(session, order_ref, *wants, expires_at=SOON):
    return backorders.place(session, order_ref=order_ref, wants=list(wants), expires_at=expires_at)


def days(rows):
    return [row.promised_on for row in rows]


def state_of(session, order_ref):
    return [(row.state, row.quantity) for row in backorders.of_order(session, order_ref)]


def reserved_for(session, order_ref):
    return [
        (row.state, row.quantity, row.expires_at)
        for row in reservations.of_order(session, order_ref)
    ]


def allocated_for(session, order_ref):
    return [
        (row.state, row.quantity, row.promised_on, row.fulfilment_order_id)
        for row in allocations.of_order(session, order_ref)
    ]


def covered_events(session):
    return [facts["order_ref"] for name, facts in events_of(session) if name == "BackorderCovered"]


def owed(session, location="lager", sku=HOOKS):
    return session.scalar(
        text("SELECT backordered FROM stock_balances WHERE location = :location AND sku = :sku"),
        {"location": location, "sku": sku},
    )


def expect(session, *lines, number="PO-1", location="lager", sku=HOOKS):
    """Order units from a supplier: (quantity, day)."""
    purchases.place(
        session,
        number=number,
        supplier="Haken & Co",
        location=location,
        lines=[purchases.Wanted(sku, quantity, day) for quantity, day in lines],
        actor="office:ute",
    )


def keep_back(session, units):
    safety.put(session, {("lager", HOOKS): units}, reason="counter", actor="office:ute")
