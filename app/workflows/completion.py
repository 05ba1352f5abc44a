"""An order is completed when nothing of it is open any more: all handed over or cancelled."""

from sqlalchemy.orm import Session

from app.events import OrderCompleted
from app.sales import orders
from app.sales.models import Order
from kit import events


def complete_if_done(session: Session, order: Order) -> bool:
    """Complete a confirmed order whose lines are all shipped or cancelled; tell whether it was."""
    lines = orders.lines_of(session, order)
    if order.state != "confirmed" or any(
        line.shipped + line.cancelled < line.quantity for line in lines
    ):
        return False
    orders.advance(
        session, order, "completed" if any(line.shipped for line in lines) else "cancelled"
    )
    orders.note(session, order.ref, f"order_{order.state}", "kontor")
    if order.state == "completed":
        events.record(session, OrderCompleted(order_ref=order.ref))
    return True
