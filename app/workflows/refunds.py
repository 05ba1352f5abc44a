"""Carry out a refund that was promised: call the provider, then note what it said."""

import uuid

from app.events import RefundIntended
from app.payments import paybacks
from app.payments.models import Payment, Refund
from app.payments.stripe_gateway import gateway
from app.sales import orders
from kit.database import reading, transaction
from kit.errors import Refused


def carry_out(event: RefundIntended) -> None:
    """Send the money (handler of `RefundIntended`, outside).

    An unknown outcome raises, so that the event is tried again with the same idempotency key.
    """
    refund_id = uuid.UUID(event.refund_id)
    with reading() as session:
        refund = session.get_one(Refund, refund_id)
        payment = session.get_one(Payment, refund.payment_id)
    if refund.state != "intended":
        return
    try:
        facts = gateway().refund(
            payment.provider_intent or "", refund.amount_minor, idempotency_key=refund.key
        )
    except Refused as refusal:
        with transaction() as session:
            paybacks.failed(session, refund_id)
            orders.note(
                session, payment.order_ref, "refund_failed", "kontor", **dict(refusal.facts)
            )
        return
    with transaction() as session:
        paybacks.succeeded(session, refund_id, facts.refund_id)
        orders.note(
            session,
            payment.order_ref,
            "refund_sent",
            "kontor",
            amount_minor=refund.amount_minor,
            cause=refund.cause,
        )
