"""Carry out a refund that was promised: call the provider, then note what it said."""

import uuid

from sqlalchemy import select

from app.events import RefundIntended
from app.payments import paybacks, unclear
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
        _note_failed(refund_id, payment.order_ref, refusal.facts)
        return
    if facts.status in {"failed", "canceled"}:
        _note_failed(refund_id, payment.order_ref, {"status": facts.status})
        return
    # A pending refund is on its way; should it fail later, the provider's webhook says so.
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


def failed_later(provider_refund: str) -> None:
    """Take back the booking of a refund that the provider could not pay out after all (webhook).

    Args:
        provider_refund: the provider's id of the refund.
    """
    with reading() as session:
        refund = session.scalar(select(Refund).where(Refund.provider_refund == provider_refund))
        if refund is None:
            return
        payment = session.get_one(Payment, refund.payment_id)
    _note_failed(refund.id, payment.order_ref, {"provider_refund": provider_refund})


def _note_failed(refund_id: uuid.UUID, order_ref: str, facts: dict[str, object]) -> None:
    with transaction() as session:
        if paybacks.failed(session, refund_id):
            orders.note(session, order_ref, "refund_failed", "kontor", **facts)
            refund = session.get_one(Refund, refund_id)
            unclear.note(
                session,
                order_ref,
                unclear.REFUND_FAILED,
                {"amount_minor": refund.amount_minor, "cause": refund.cause},
                key=f"refund_failed/{refund_id}",
            )
