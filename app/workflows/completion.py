"""An order is completed when nothing of it is open any more: all handed over or cancelled."""

from sqlalchemy.orm import Session

from app.events import OrderCompleted
from app.sales import orders
from app.sales.models import Order
from kit import events


def complete_if_done(session: Session, order: Order) -> bool:
    """Complete a confirmed order whose lines are all shipped or cancelled; tell whether it was."""
    if order.state != "confirmed" or orders.open_units(session, order):
        return False
    shipped = orders.shipped_minor(session, order) > 0
    orders.advance(session, order, "completed" if shipped else "cancelled")
    orders.note(session, order.ref, f"order_{order.state}", "kontor")
    if order.state == "completed":
        events.record(session, OrderCompleted(order_ref=order.ref))
    return True
