"""Webhooks: what Stripe tells us, believed only with its signature, booked once."""

from flask import Blueprint, current_app, request
from sqlalchemy.dialects.postgresql import insert

from app.payments.models import WebhookReceipt
from app.payments.stripe_gateway import gateway
from app.web.session import csrf
from app.workflows import checkout, refunds
from kit import clock
from kit.database import transaction
from kit.errors import NotFound

blueprint = Blueprint("webhooks", __name__)
csrf.exempt(blueprint)

_PAID = {"checkout.session.completed", "checkout.session.async_payment_succeeded"}


@blueprint.post("/stripe")
def stripe() -> tuple[str, int]:
    """Act on a signed event. Settling comes first and is idempotent: a repeat does no harm.

    The event's id is noted afterwards; a process that dies in between hears of it again.
    """
    event = gateway().verify_webhook(
        request.get_data(), request.headers.get("Stripe-Signature", "")
    )
    if event.type in _PAID and event.payment_status == "paid":
        try:
            checkout.settle(
                event.payment_ref or "", event.amount_minor or 0, event.payment_intent or ""
            )
        except NotFound:
            # Another shop on the same Stripe account: not ours, and not an error.
            current_app.logger.warning("event %s belongs to no payment of ours", event.id)
    if event.type == "refund.failed" and event.refund_id:
        refunds.failed_later(event.refund_id)
    with transaction() as session:
        session.execute(
            insert(WebhookReceipt)
            .values(
                event_id=event.id,
                kind=event.type,
                payload=request.get_json(silent=True) or {},
                received_at=clock.now(),
            )
            .on_conflict_do_nothing()
        )
    return "", 204
