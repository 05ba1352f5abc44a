"""Close what nobody has paid in time: the provider's page first, then the hold on everything."""

import logging

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.payments import charges
from app.payments.gateway import OutcomeUnknown
from app.payments.stripe_gateway import gateway
from app.sales import orders
from app.sales.models import Order
from app.workflows import pending
from app.workflows.checkout import settle_session
from kit import clock
from kit.database import reading, transaction
from kit.errors import KontorError

log = logging.getLogger(__name__)


def lapse_due() -> int:
    """Close what nobody has paid in time and return how many orders lapsed.

    The provider's page is closed first: an answer "already paid" settles the order instead, and an
    unknown one leaves everything as it is for the next round.
    """
    with reading() as session:
        due = session.scalars(
            select(Order.ref).where(Order.state == "placed", Order.pay_by_at < clock.now())
        ).all()
    return sum(_lapse_or_say(ref) for ref in due)


def _lapse_or_say(order_ref: str) -> int:
    # One order that cannot be closed (a page that the provider does not know, a sum that differs)
    # must not keep the stock of all the others.
    try:
        return _lapse(order_ref)
    except (KontorError, DBAPIError):
        log.exception("order %s could not be closed", order_ref)
        return 0


def _lapse(order_ref: str) -> int:
    with reading() as session:
        payment = charges.of_order(session, order_ref)
    if payment.provider_session:
        try:
            outcome = gateway().expire_checkout(payment.provider_session)
        except OutcomeUnknown:
            log.warning("order %s stays open: the provider did not answer", order_ref)
            return 0
        if outcome == "already_paid":
            settle_session(payment.provider_session)
            # Paid, or the bank was asked; unless that was long ago, nothing lapses.
            if payment.state != "pending":
                return 0
    with transaction() as session:
        order = orders.by_ref(session, order_ref, lock=True)
        if order.state != "placed" or (order.pay_by_at and order.pay_by_at >= clock.now()):
            return 0
        charges.expire(session, payment.id)
        pending.close(session, order)
    return 1
