"""Webhooks: what Stripe tells us, believed only with its signature, booked once."""

from flask import Blueprint, current_app, request

from app.payments import charges, receipts, unclear
from app.payments.gateway import WebhookEvent
from app.payments.stripe_gateway import gateway
from app.web.session import csrf
from app.workflows import checkout, pending, refunds
from kit.database import transaction
from kit.errors import NotFound, Refused
from kit.plain import Plain, close_with

blueprint = Blueprint("webhooks", __name__)
csrf.exempt(blueprint)

_COMPLETED = "checkout.session.completed"
_REFUSED = "checkout.session.async_payment_failed"
_OF_PAGES = {_COMPLETED, _REFUSED, "checkout.session.async_payment_succeeded"}


@blueprint.post("/stripe")
def stripe() -> tuple[str, int]:
    """Act on a signed event. Settling comes first and is idempotent: a repeat does no harm.

    The event's id is noted with it, or afterwards; a process that dies in between hears of it
    again.
    """
    event = gateway().verify_webhook(
        request.get_data(), request.headers.get("Stripe-Signature", "")
    )
    receipt = receipts.receipt(event, request.get_data())
    if event.type in _OF_PAGES:
        try:
            if _act(event, receipt):
                return "", 204
        except NotFound:
            # Another shop on the same Stripe account: not ours, and not an error.
            current_app.logger.warning("event %s belongs to no payment of ours", event.id)
        except Refused as error:
            _note_unclear(event.payment_ref or "", error)
            raise
    if event.type == "refund.failed" and event.refund_id:
        refunds.failed_later(event.refund_id)
    with transaction() as session:
        close_with(session, receipt)
    return "", 204


def _act(event: WebhookEvent, receipt: Plain) -> bool:
    """Do what the event of a payment page asks for; each is idempotent.

    Returns:
        Whether the event is noted, too.
    """
    payment = event.payment_ref or ""
    if event.type == _REFUSED:
        pending.refuse(payment)
    elif event.payment_status == "paid":
        return checkout.settle(
            payment, event.amount_minor or 0, event.payment_intent or "", receipt
        )
    elif event.type == _COMPLETED and event.payment_status == "unpaid":
        pending.begin(payment)
    return False


def _note_unclear(payment_ref: str, error: Refused) -> None:
    """Leave a payment of another sum than we asked for to somebody who looks at it."""
    if error.code != unclear.AMOUNT_DIFFERS:
        return
    with transaction() as session:
        payment = charges.by_id(session, payment_ref)
        key = f"{error.code}/{payment.id}/{error.facts['captured']}"
        unclear.note(session, payment.order_ref, error.code, error.facts, key=key)
