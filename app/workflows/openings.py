"""What a payment page is opened for: of an order placed just now, or of one that still waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.payments import charges
from app.payments.gateway import Line, line_of
from app.sales import orders, terms
from app.sales.models import Order, OrderLine
from app.workflows.placing import PlacedOrder
from fulfilment.claims import backorders, reservations
from kit import clock
from kit.database import transaction
from kit.errors import NotFound, Refused

_A_MOMENT = timedelta(seconds=10)


@dataclass(frozen=True)
class Opening:
    """What the provider is asked for: a page for this much, with these lines."""

    payment_id: UUID
    amount_minor: int
    order_ref: str
    lines: Sequence[Line]
    shipping_minor: int
    currency: str
    email: str
    language: str


def of(placed: PlacedOrder) -> Opening | None:
    """Return what the provider is asked for a placed order; None where nothing is left to pay."""
    order, payment = placed.order, placed.payment
    return payment and Opening(
        payment_id=payment.id,
        amount_minor=payment.amount_minor,
        order_ref=order.ref,
        lines=to_pay(order, placed.lines, payment.amount_minor),
        shipping_minor=order.shipping_minor if payment.amount_minor == order.total_minor else 0,
        currency=order.currency,
        email=order.email or "",
        language=order.language,
    )


def asked_again(order_ref: str) -> Opening | str:
    """Return what is to be paid of an order, or the page that is open for it already.

    Raises:
        Refused: ``order_state`` when there is nothing left to pay; ``payment_pending`` when the
            bank was asked already.
    """
    with transaction() as session:
        order = orders.by_ref(session, order_ref, lock=True)
        if order.state != "placed":
            raise Refused("order_state", state=order.state, wanted="placed")
        payment = charges.of_order(session, order_ref)
        if payment.state == "pending":
            raise Refused("payment_pending")
        if payment.page_url:
            return payment.page_url
        # The page is open longer than it takes to write a card number: start the clock here,
        # unless the order was placed a moment ago.
        until = clock.now() + terms.PAY_WITHIN
        if order.pay_by_at is None or until - order.pay_by_at > _A_MOMENT:
            order.pay_by_at = until
            backorders.extend(session, order_ref, until + terms.HOLD_BEYOND)
            reservations.extend(session, order_ref, until + terms.HOLD_BEYOND)
        found = of(PlacedOrder(order, orders.lines_of(session, order), payment))
    if found is None:
        raise NotFound("payment", order_ref=order_ref)
    return found


def to_pay(order: Order, lines: Sequence[OrderLine], rest_minor: int) -> list[Line]:
    """Return what stands on the payment page; it knows no deductions, so a rest is one line."""
    if rest_minor == order.total_minor:
        return [line_of(line.title, line.line_minor, line.quantity) for line in lines]
    words = {"de": "Bestellung {ref}, Rest nach Gutschein", "en": "Order {ref}, after gift card"}
    return [(words.get(order.language, words["en"]).format(ref=order.ref), rest_minor, 1)]
