"""Money that takes days: a direct debit was ordered on the provider's page and is on its way.

1. The page is complete and nothing is paid: the payment is pending, the customer is told, and what
   was held stays held until the bank has answered (`terms.DEBIT_WITHIN` after the order at most).
2. The bank paid: `checkout.settle`, as always. Parcels that have missed their day meanwhile are
   planned anew, and the customer hears the new one (`watch`).
3. The bank refused, or nobody has heard of it in time: the order is closed, the goods are free.
"""

from sqlalchemy.orm import Session

from app.events import DebitAsked, OrderLapsed
from app.payments import charges
from app.payments.models import Payment
from app.sales import orders, terms
from app.sales.models import Order
from app.workflows import tenders
from catalog import promotion_uses
from fulfilment.claims import backorders, reservations
from kit import events
from kit.database import transaction


def begin(payment_ref: str) -> None:
    """Wait for the bank: nothing is owed by the customer any more, and nothing is paid yet.

    Harmless when repeated, and after the payment has ended one way or the other.

    Raises:
        NotFound: ``payment``.
    """
    with transaction() as session:
        order, payment = both_locked(session, payment_ref)
        if order.state != "placed" or not charges.wait(session, payment):
            return
        until = order.placed_at + terms.DEBIT_WITHIN
        order.pay_by_at = until
        backorders.extend(session, order.ref, until + terms.HOLD_BEYOND)
        reservations.extend(session, order.ref, until + terms.HOLD_BEYOND)
        orders.note(session, order.ref, "payment_pending", "kontor")
        events.record(session, DebitAsked(order_ref=order.ref))


def refuse(payment_ref: str) -> None:
    """Close an order whose debit the bank has refused. Harmless when repeated.

    Raises:
        NotFound: ``payment``.
    """
    with transaction() as session:
        order, payment = both_locked(session, payment_ref)
        if payment.state != "pending":
            return
        charges.fail(session, payment)
        orders.note(session, order.ref, "payment_failed", "kontor")
        if order.state == "placed":
            close(session, order)


def both_locked(session: Session, payment_ref: str) -> tuple[Order, Payment]:
    """Lock an order and then its payment, and return them as they are now.

    Always the order first: who cancels, refunds or lets it lapse has locked it already, and would
    wait in a circle with whoever came the other way round.

    Raises:
        NotFound: ``payment``.
    """
    ref = charges.by_id(session, payment_ref).order_ref
    order = orders.by_ref(session, ref, lock=True)
    return order, charges.by_id(session, payment_ref, lock=True)


def close(session: Session, order: Order) -> None:
    """Give back all that a placed order holds that nobody has paid. `order` must be locked."""
    ref = order.ref
    backorders.release(session, ref)
    reservations.release(session, ref)
    promotion_uses.give_back(session, ref)
    tenders.release_cards(session, ref)
    orders.advance(session, order, "lapsed")
    orders.note(session, ref, "order_lapsed", "kontor")
    events.record(session, OrderLapsed(order_ref=ref))
