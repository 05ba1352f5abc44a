"""Refunds as rows: intended with the change that causes them, carried out afterwards, once."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events import RefundIntended
from app.payments.models import Payment, Refund
from kit import clock, events
from kit.errors import Invalid, Refused
from kit.ids import new_id

# Methods whose money goes back by a call to the provider; the others are paid out on the spot.
REMOTE = {"stripe"}


def is_remote(payment: Payment) -> bool:
    """Tell whether money of a payment goes back by the provider: a reader's card payment, too."""
    return payment.method in REMOTE or (
        payment.method == "card_terminal" and payment.provider_intent is not None
    )


def intend(
    session: Session,
    payment: Payment,
    amount_minor: int,
    *,
    cause: str,
    key: str,
    here: bool = False,
) -> Refund:
    """Promise money back against a payment. The same key again returns the same refund.

    Args:
        payment: locked or freshly read; its `refunded_minor` grows here, guarded by its CHECK.
        cause: why, for the customer and the books.
        key: names the cause once, e.g. ``short/<shortage id>``.
        here: it is given at a counter, whatever had paid: in cash, or as the price of something
            else; the provider is not asked.

    Raises:
        Invalid: ``refund_amount``; nothing or less is no refund.
        Refused: ``refund_too_large`` with what is left to refund.
    """
    if amount_minor <= 0:
        raise Invalid("refund_amount", amount_minor=amount_minor)
    known = session.scalar(select(Refund).where(Refund.key == key))
    if known is not None:
        return known
    session.refresh(payment, with_for_update=True)
    left = payment.captured_minor - payment.refunded_minor
    if amount_minor > left:
        raise Refused("refund_too_large", asked=amount_minor, left=left)
    payment.refunded_minor += amount_minor
    remote = is_remote(payment) and not here
    refund = Refund(
        id=new_id(),
        payment_id=payment.id,
        amount_minor=amount_minor,
        cause=cause,
        state="intended" if remote else "succeeded",
        created_at=clock.now(),
        ended_at=None if remote else clock.now(),
        key=key,
    )
    session.add(refund)
    session.flush()
    if remote:
        events.record(session, RefundIntended(refund_id=str(refund.id)))
    return refund


def succeeded(session: Session, refund_id: uuid.UUID, provider_refund: str) -> Refund:
    """Note that the provider has sent the money."""
    refund = session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True)
    if refund.state == "intended":
        refund.state = "succeeded"
        refund.provider_refund = provider_refund
        refund.ended_at = clock.now()
        session.flush()
    return refund


def failed(session: Session, refund_id: uuid.UUID) -> bool:
    """Note that the provider refused, at once or later: the sum is free to be refunded another way.

    Returns:
        Whether this was news.
    """
    refund = session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True)
    if refund.state == "failed":
        return False
    payment = session.get_one(
        Payment, refund.payment_id, with_for_update=True, populate_existing=True
    )
    refund.state = "failed"
    refund.ended_at = clock.now()
    payment.refunded_minor -= refund.amount_minor
    session.flush()
    return True
