"""Money by several means for one order: gift cards beside a payment, and the way back to each."""

import uuid

from sqlalchemy.orm import Session

from app.payments import charges, paybacks
from app.payments.models import Payment
from app.sales import orders
from app.sales.models import Order
from kit.errors import Refused
from loyalty import gift_cards

CARD = "gift_card"


def card_pays(session: Session, card_id: uuid.UUID | None, total_minor: int) -> int:
    """Return what a gift card can pay of a total right now, minor units; 0 without one."""
    if card_id is None:
        return 0
    return min(gift_cards.usable_minor(gift_cards.one(session, card_id)), total_minor)


def take_from_card(
    session: Session, order: Order, card_id: uuid.UUID, amount_minor: int, *, actor: str, key: str
) -> Payment:
    """Take money off a gift card for an order; the payment waits to be captured with the rest.

    Args:
        key: names the payment once.

    Raises:
        Refused: ``gift_card_short`` or ``gift_card_expired``: nothing may be ordered then.
    """
    payment = charges.intend(session, order.ref, method=CARD, amount_minor=amount_minor)
    payment.gift_card_id = card_id
    gift_cards.redeem(session, card_id, amount_minor, document=order.ref, actor=actor, key=key)
    session.flush()
    return payment


def capture_cards(session: Session, order: Order) -> bool:
    """Capture what gift cards pay of an order; tell whether all of it was still to be had.

    Where the order had lapsed, its money is on the card again, and may have been spent.
    """
    for payment in _by_card(session, order.ref):
        if payment.state == "expired" and payment.gift_card_id is not None:
            try:
                gift_cards.redeem(
                    session,
                    payment.gift_card_id,
                    payment.amount_minor,
                    document=order.ref,
                    actor="kontor",
                    key=f"again/{payment.id}",
                )
            except Refused:
                return False
        if payment.state != "captured":
            charges.capture(session, payment, payment.amount_minor, None)
    return True


def release_cards(session: Session, order_ref: str) -> None:
    """Put back what gift cards would have paid of an order that nobody paid."""
    for payment in _by_card(session, order_ref):
        if payment.state == "intended" and payment.gift_card_id is not None:
            charges.expire(session, payment.id)
            gift_cards.put_back(
                session,
                payment.gift_card_id,
                payment.amount_minor,
                document=order_ref,
                actor="kontor",
                key=f"lapsed/{payment.id}",
            )


def give_back(session: Session, order: Order, amount_minor: int, *, cause: str, key: str) -> None:
    """Intend a refund to the means that paid: the one with most left first, until it is reached.

    Args:
        cause: of the refund, for the customer and the books.
        key: names the refund once.

    Raises:
        Refused: ``refund_too_large``; roll the transaction back then.
    """
    payments = [one for one in charges.all_of_order(session, order.ref) if one.captured_minor]
    left = amount_minor
    for payment in sorted(payments, key=lambda row: row.refunded_minor - row.captured_minor):
        part = min(left, payment.captured_minor - payment.refunded_minor)
        if part > 0:
            own = key if len(payments) == 1 else f"{key}/{payment.id}"
            pay_back(session, payment, part, cause=cause, key=own)
            left -= part
    if left > 0:
        raise Refused("refund_too_large", asked=amount_minor, left=amount_minor - left)


def pay_back(session: Session, payment: Payment, amount: int, *, cause: str, key: str) -> None:
    """Intend a refund to the means of a payment; on a gift card the money is back at once."""
    paybacks.intend(session, payment, amount, cause=cause, key=key)
    if payment.gift_card_id is not None:
        gift_cards.put_back(
            session,
            payment.gift_card_id,
            amount,
            document=payment.order_ref,
            actor="kontor",
            key=f"refund/{key}",
        )
        orders.note(session, payment.order_ref, "gift_card_refunded", "kontor", amount_minor=amount)


def _by_card(session: Session, order_ref: str) -> list[Payment]:
    return [one for one in charges.all_of_order(session, order_ref) if one.method == CARD]
